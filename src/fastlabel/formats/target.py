"""Where an export's files go: a folder, or a ZIP that is written from front to back."""

from __future__ import annotations

import io
import re
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

BUFFER_BYTES = 1 << 20

# 1980, the earliest that ZIPs know: the same content gives the same bytes.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_SPECIAL = re.compile(r"[/\\:\x00-\x1f\x7f]")
_PART = r"(?!\.+(?:/|$))[^/\\:\x00-\x1f\x7f]+"
_PLAIN = re.compile(rf"{_PART}(?:/{_PART})*")


class Target(ABC):
    """Takes files by their path below it, with "/" between folders; a path is written once."""

    @abstractmethod
    def write(self, path: str, data: bytes | str) -> None:
        """Write a small file; text is encoded as UTF-8."""

    @abstractmethod
    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Give a file to write to, which is there once the block has ended without an error.

        Only one may be open at a time.
        """

    @contextmanager
    def open_text(self, path: str) -> Iterator[TextIO]:
        """Give a UTF-8 text file to write to, otherwise as `open`; line breaks stay "\\n"."""
        with self.open(path) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
            yield text
            text.flush()
            text.detach()


class Folder(Target):
    """A folder, which is made when the first file is written."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._root = str(self.root)
        self._folders: set[str] = set()

    def write(self, path: str, data: bytes | str) -> None:
        self._make_folder(path)
        # Not through Path, nor with a buffer: a file of a few lines takes half as long so.
        with open(f"{self._root}/{path}", "wb", buffering=0) as file:  # noqa: PTH123
            rest = memoryview(data.encode() if isinstance(data, str) else data)
            while rest:  # a system takes up to 2 GB at a time
                rest = rest[file.write(rest) :]

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        self._make_folder(path)
        final = self.root / path
        # Written beside it first: a reader never sees half a file, nor does a failure leave one.
        part = final.with_name(f"{final.name}.part")
        try:
            with part.open("wb", buffering=BUFFER_BYTES) as file:
                yield file
            part.replace(final)
        finally:
            part.unlink(missing_ok=True)

    def _make_folder(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)


class Zip(Target):
    """A ZIP; `output` need not be seekable. `close` writes its directory."""

    def __init__(self, output: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, allowZip64=True)

    def write(self, path: str, data: bytes | str) -> None:
        self._zip.writestr(self._info(path), data, compresslevel=1)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        with self._zip.open(self._info(path), "w", force_zip64=True) as file:
            yield file  # type: ignore[misc]

    def close(self) -> None:
        self._zip.close()

    @staticmethod
    def _info(path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, _ZIP_DATE)
        # Pictures do not get smaller.
        packed = path.lower().endswith((".jpg", ".jpeg", ".png", ".mp4", ".mp3", ".parquet"))
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info


class FileNames:
    """Names the files of tasks: safe paths below the target, never the same one twice.

    The usual name of a task's file is the task's name with another extension. Where two
    tasks would share it (`a.jpg` and `a.png`), the second keeps its own extension in the name
    (`a.png.txt`), and a third gets a number.
    """

    def __init__(self, renamed: dict[str, str]) -> None:
        self._taken: set[str] = set()
        self._renamed = renamed

    def place(self, task_name: str, extension: str | None, folder: str = "") -> str:
        """Return the path of a task's file and keep it from others.

        Args:
            extension: such as `.txt`; None keeps the task's own.
            folder: prefix below the target, such as `annotations/`.
        """
        safe = safe_path(task_name)
        stem = safe if extension is None else _stem(safe)
        usual = f"{folder}{stem}{extension or ''}"
        path = usual
        if path in self._taken and extension is not None:
            path = f"{folder}{safe}{extension}"
        number = 2
        while path in self._taken:
            path = f"{folder}{_stem(safe)}_{number}{extension or _suffix(safe)}"
            number += 1
        self._taken.add(path)
        if path != usual or safe != task_name:
            self._renamed[task_name] = path
        return path


def safe_path(name: str) -> str:
    """Return a task's name as a relative path that stays in its folder on every system.

    Names of tasks on a server are such paths already. In others, parts that lead out and
    characters that file systems give a meaning become "_".
    """
    if _PLAIN.fullmatch(name):
        return name
    parts = []
    for part in name.replace("\\", "/").split("/"):
        if part == "":
            continue
        part = _SPECIAL.sub("_", part)
        parts.append("_" * len(part) if part.strip(".") == "" else part)
    return "/".join(parts) or "_"


def _stem(path: str) -> str:
    """Return a path without its last extension; `.hidden` has none."""
    folder, slash, base = path.rpartition("/")
    stem, dot, _ = base.rpartition(".")
    return f"{folder}{slash}{stem}" if dot and stem else path


def _suffix(path: str) -> str:
    return path[len(_stem(path)) :]
