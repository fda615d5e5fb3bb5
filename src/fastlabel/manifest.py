"""Manifests: one task a line as JSON, checked before anything is sent.

    {"name": "garden/tama.jpg", "file": "photos/tama.jpg", "tags": ["garden"],
     "annotations": [{"type": "bbox", "value": "cat", "points": [10, 20, 110, 80]}]}

A row names its `file`, or `files`, or the `folder` that holds them; paths are relative to the
manifest. Without a `name` the path is the name. The other fields are those of the API. Blank
lines and a byte order mark are fine; fields that no task has are not, as they are slips of the
pen more often than anything else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from fastlabel.endpoint import camel_case
from fastlabel.labels import CLASSIFICATION, ClassSpec, check_annotations, check_attributes
from fastlabel.modalities import FileError, TaskKind, listed
from fastlabel.names import check_task_name
from fastlabel.sending import NewTask
from fastlabel.shapes.base import shown
from fastlabel.types import Assignees, CustomTaskStatus, ExternalStatus, TaskStatus

PRIORITIES = (0, 10, 20, 30)
MAX_TEXT = 500
MAX_TAGS = 100
MAX_TAG = 140
MAX_METADATAS = 100
SOURCES = ("file", "files", "folder")


@dataclass(frozen=True)
class Row:
    """A row as it is read; paths in it are relative to `folder`."""

    where: str
    folder: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None
    """Why the line is no row."""


@dataclass(frozen=True)
class Target:
    """The project that rows are for, as far as they can be checked against it."""

    kind: TaskKind
    classes: Mapping[str, ClassSpec]
    workflow: str = "two_step"

    @cached_property
    def fields(self) -> dict[str, Callable[[object], str | None]]:
        """What a row may say, each with what checks it."""
        extra = {camel_case(name): _text for name in self.kind.extra}
        return {**_FIELDS, **extra}


def read_manifest(path: Path) -> Iterator[Row]:
    """Yield the rows of a manifest; a line that is no JSON object is a row with a problem."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if text.strip():
                yield _row(text, f"{path.name}:{number}", path.parent)


def _row(line: bytes, where: str, folder: Path) -> Row:
    try:
        values = json.loads(line.rstrip().decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        return Row(where, folder, problem=f"not UTF-8: {error.reason} at byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return Row(where, folder, problem=f"not JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:
        return Row(where, folder, problem=f"not JSON: {error}")
    if not isinstance(values, dict):
        return Row(where, folder, problem=f"expected an object, got {shown(values)}")
    return Row(where, folder, values)


def read_folder(folder: Path, kind: TaskKind, passed_over: list[str]) -> Iterator[Row]:
    """Yield a row for each file of the kind below a folder, in the order of their names.

    Where tasks of the kind have several files, each folder with such files in it is a task.
    Hidden files are left out; others that the kind does not take go to `passed_over`.
    """
    folders: dict[str, list[str]] = {}
    for relative in files_below(folder):
        name = relative.as_posix()
        parent = relative.parent.as_posix()
        if kind.intake == "file" and kind.takes(name):
            yield Row(name, folder, {"file": name})
        elif kind.takes(name) and parent != ".":
            folders.setdefault(parent, []).append(name)
        else:
            passed_over.append(name)
    for parent, names in folders.items():
        yield Row(parent, folder, {"name": parent, "files": names})


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the paths of files relative to a folder, in their order; hidden ones are left out."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        relative = path.relative_to(folder)
        if not any(part.startswith(".") for part in relative.parts):
            yield relative


def check(row: Row, target: Target, defaults: Mapping[str, Any]) -> NewTask | list[str]:
    """Return the task of a row, or everything that is wrong with it.

    Args:
        defaults: fields of the rows that do not say otherwise.
    """
    if row.problem:
        return [row.problem]
    given = {name: value for name, value in row.values.items() if value is not None}
    problems = list(_field_problems(given, target))
    if problems:
        # What is not even of the right type is no use to the checks below.
        return problems
    files: tuple[Path, ...] = ()
    name = given.get("name") or given.get("file") or given.get("folder")
    if name is None:
        problems.append("name: missing")
    else:
        try:
            check_task_name(name)
        except ValueError as error:
            problems.append(f"name: {error}, got {shown(name)}")
    try:
        files = _files(given, row.folder, target.kind)
    except (ValueError, OSError) as error:
        problems.append(str(error))
    try:
        _check_labels(given, target, [path.name for path in files] or [name or ""])
    except ValueError as error:
        problems.append(str(error))
    if problems or name is None:
        return problems
    fields = {
        field: value
        for field, value in {**defaults, **given}.items()
        if field not in ("name", *SOURCES)
    }
    return NewTask(name, files, fields, row.where)


def check_defaults(defaults: Mapping[str, Any]) -> None:
    """Refuse values that no row may have.

    Raises:
        ValueError: names the field and the value.
    """
    for name, value in defaults.items():
        if problem := _FIELDS[name](value):
            raise ValueError(f"{name}: {problem}, got {shown(value)}")


def _field_problems(given: Mapping[str, Any], target: Target) -> Iterator[str]:
    for name, value in given.items():
        check_field = target.fields.get(name)
        if check_field is None:
            from difflib import get_close_matches  # slow to import

            near = get_close_matches(name, target.fields, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{name[:80]}: no such field{hint}"
        elif problem := check_field(value):
            yield f"{name}: {problem}, got {shown(value)}"
    if "customTaskStatus" in given and target.workflow != "custom":
        yield (
            f"customTaskStatus: the project's workflow is {target.workflow}; "
            "only custom workflows have such statuses"
        )


def _files(given: Mapping[str, Any], folder: Path, kind: TaskKind) -> tuple[Path, ...]:
    """Return the files of a task, each of them looked at.

    Raises:
        ValueError, OSError: what is wrong with them.
    """
    sources = [name for name in SOURCES if name in given]
    if kind.intake == "none":
        if sources:
            raise ValueError(f"{sources[0]}: the files of {kind.title} follow the task")
        return ()
    wanted = ("file",) if kind.intake == "file" else ("files", "folder")
    if not sources:
        raise ValueError(f"{listed(wanted)}: missing")
    if len(sources) > 1 or sources[0] not in wanted:
        raise ValueError(f"{sources[-1]}: {kind.title} have one {listed(wanted)} instead")
    if "folder" in given:
        paths = _files_in(folder / given["folder"])
    else:
        paths = [folder / path for path in given.get("files") or [given["file"]]]
    if len(paths) > kind.max_files:
        raise ValueError(
            f"{sources[0]}: {kind.title} take up to {kind.max_files} files, got {len(paths):,}"
        )
    total_bytes = 0
    seen: set[str] = set()
    for path in paths:
        total_bytes += _checked_size(path, kind)
        if path.name in seen:
            raise ValueError(f"{sources[0]}: two files are called {path.name!r}")
        seen.add(path.name)
    if kind.max_files_bytes is not None and total_bytes > kind.max_files_bytes:
        raise ValueError(
            f"{sources[0]}: {kind.title} take files of up to {kind.max_files_bytes:,} bytes "
            f"in total, got {total_bytes:,}"
        )
    return tuple(paths)


def _files_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ValueError(f"folder: there is no folder {folder}")
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if not paths:
        raise ValueError(f"folder: {folder} is empty")
    return paths


def _checked_size(path: Path, kind: TaskKind) -> int:
    if not path.is_file():
        raise FileError(f"{path}: there is no such file")
    size_bytes = path.stat().st_size
    kind.check_file(str(path), size_bytes)
    if not size_bytes:
        raise FileError(f"{path}: the file is empty")
    return size_bytes


def _check_labels(given: Mapping[str, Any], target: Target, contents: Sequence[str]) -> None:
    kind = target.kind
    other = "attributes" if kind.labels == "annotations" else "annotations"
    if given.get(other):
        raise ValueError(f"{other}: {kind.title} carry {kind.labels}")
    labels = given.get(kind.labels)
    if labels is None:
        return
    if kind.labels == "annotations":
        check_annotations(labels, kind, target.classes, lambda: "", contents)
    else:
        check_attributes(labels, target.classes.get(CLASSIFICATION))


def _text(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= MAX_TEXT and "\x00" not in value:
        return None
    return f"expected a text of up to {MAX_TEXT} characters"


def _path(value: object) -> str | None:
    if isinstance(value, str) and value and "\x00" not in value:
        return None
    return "expected a path"


def _paths(value: object) -> str | None:
    if isinstance(value, list) and value and not any(map(_path, value)):
        return None
    return "expected a list of paths"


def _labels(value: object) -> str | None:
    return None if isinstance(value, list) else "expected a list"


def _tags(value: object) -> str | None:
    if not isinstance(value, list) or len(value) > MAX_TAGS:
        return f"expected a list of up to {MAX_TAGS} tags"
    for tag in value:
        if _text(tag) or not tag.strip() or len(tag) > MAX_TAG:
            return f"expected tags of 1 to {MAX_TAG} characters"
    return None


def _metadatas(value: object) -> str | None:
    if (
        isinstance(value, list)
        and len(value) <= MAX_METADATAS
        and all(isinstance(entry, dict) and {"key", "value"} <= entry.keys() for entry in value)
    ):
        return None
    return f"expected a list of up to {MAX_METADATAS} {{key, value}}"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "expected true or false"


def _one_of(choices: Sequence[Any]) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        # The type too, as True equals 1 and 10.0 equals 10.
        if any(value == choice and type(value) is type(choice) for choice in choices):
            return None
        return f"expected {listed(map(str, choices))}"

    return check


_FIELDS: dict[str, Callable[[object], str | None]] = {
    "name": lambda value: None if isinstance(value, str) else "expected a text",
    "file": _path,
    "files": _paths,
    "folder": _path,
    "annotations": _labels,
    "attributes": _labels,
    "tags": _tags,
    "status": _one_of(get_args(TaskStatus)),
    "externalStatus": _one_of(get_args(ExternalStatus)),
    "customTaskStatus": _one_of(get_args(CustomTaskStatus)),
    "priority": _one_of(PRIORITIES),
    "metadatas": _metadatas,
    "isDeleteExif": _flag,
    **{camel_case(role): _text for role in Assignees.__annotations__},
}


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
