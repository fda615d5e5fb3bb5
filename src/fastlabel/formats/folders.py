"""Files of datasets, where readers look for them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.target import safe_path
from fastlabel.modalities.audio import RECORDING

IMAGE_SUFFIXES = frozenset(
    (".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
)


def names_below(folder: Path, suffixes: Collection[str]) -> list[str]:
    """Return the paths below a folder of the files with an extension, in the order of names.

    They have "/" between folders. For readers of many small files: texts take a tenth of the
    time that `Path` does.

    Args:
        suffixes: lower case; files have them in any case.

    Raises:
        FastLabelInvalidException: there is no such folder.
    """
    if not folder.is_dir():
        raise FastLabelInvalidException(f"{folder}: there is no such folder", 422)
    found = []
    # Not `rglob`, which asks the file system once more for each file.
    for root, _, names in os.walk(folder):
        below = Path(root).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        found += [f"{prefix}{name}" for name in names if suffix_of(name).lower() in suffixes]
    # Folder by folder, as paths are ordered: `a/b` comes before `a-b`.
    return sorted(found, key=lambda name: name.split("/"))


def suffix_of(name: str) -> str:
    """Return the extension of a path with its dot, "" where it has none, as `Path.suffix`."""
    base = name.rpartition("/")[2]
    stem, dot, extension = base.rpartition(".")
    return f".{extension}" if stem and dot and extension else ""


def without_suffix(name: str) -> str:
    """Return a path without its extension."""
    return name[: len(name) - len(suffix_of(name))]


def labels_folder(source: Path, suffix: str, names: Iterable[str]) -> Path:
    """Return the folder in which a dataset has its label files: one of `names`, or itself.

    Raises:
        FastLabelInvalidException: there is no such folder, or no label file in it.
    """
    if not names_below(source, (suffix,)):
        raise FastLabelInvalidException(f"{source}: there is no {suffix} file in it", 422)
    known = {name.lower() for name in names}
    inner = [path for path in sorted(source.iterdir()) if path.name.lower() in known]
    return next((path for path in inner if path.is_dir()), source)


def image_of(labels: Path, name: str, folders: Iterable[str] = ("images",)) -> Path | None:
    """Return the image of a label file: beside it, or in a folder beside that of the labels.

    Args:
        labels: the folder in which all label files lie.
        name: path of the image below its folder.
    """
    for folder in (labels, *(labels.parent / other for other in folders)):
        if (folder / name).is_file():
            return folder / name
    return None


def media_beside(source: Path, name: str) -> Path | None:
    """Return the media file of a task, looked for beside its labels and in `images/`.

    Names come from strangers: one that leads out of these folders has no file.
    """
    if safe_path(name) != name:
        return None
    for folder in (source.parent, source.parent / "images"):
        if (folder / name).is_file():
            return folder / name
    return None


def recording_beside(labels: Path, source: Path) -> tuple[str, Path | None]:
    """Return the name of the recording that a file of labels belongs to, and its file.

    Without a recording of the same name beside it, the name is that of the labels, without
    their extension, and there is no file.

    Args:
        source: the folder that names begin in, or the file of labels itself.
    """
    base = labels.relative_to(source) if source.is_dir() else Path(labels.name)
    for extension in RECORDING.extensions:
        file = labels.with_suffix(extension)
        if file.is_file():
            return base.with_suffix(extension).as_posix(), file
    return base.with_suffix("").as_posix(), None
