"""What is done to files and labels before they are sent. Nothing of the caller's changes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.modalities import FileError, TaskKind
from fastlabel.types import FilePath, JsonObjects

# What the server derives from the class. A task as it was fetched can be sent back.
_OF_THE_CLASS = ("id", "title", "color")
_OF_THE_CLASS_KEYPOINT = ("edges", "name")
_OF_THE_CLASS_ATTRIBUTE = ("title", "name", "type")


def annotations_to_send(
    annotations: JsonObjects | None, content: str | None = None
) -> list[dict[str, Any]] | None:
    """Return annotations without what their classes know.

    Args:
        content: name of the file they belong to, "" for the task's only one; None leaves
            what each annotation says.

    Raises:
        FastLabelInvalidException: something in the list is no dict.
    """
    if not annotations:
        return None
    sent = []
    for index, annotation in enumerate(annotations):
        where = f"annotations[{index}]"
        one = _without(annotation, _OF_THE_CLASS, where)
        if one.get("keypoints"):
            one["keypoints"] = [
                _without(keypoint, _OF_THE_CLASS_KEYPOINT, f"{where}.keypoints[{i}]")
                for i, keypoint in enumerate(one["keypoints"])
            ]
        one["attributes"] = attributes_to_send(one.get("attributes"), f"{where}.attributes") or []
        if content is not None:
            one["content"] = content
        sent.append(one)
    return sent


def attributes_to_send(
    attributes: JsonObjects | None, where: str = "attributes"
) -> list[dict[str, Any]] | None:
    """Return attributes without what their class knows.

    Raises:
        FastLabelInvalidException: something in the list is no dict.
    """
    if not attributes:
        return None
    return [
        _without(attribute, _OF_THE_CLASS_ATTRIBUTE, f"{where}[{i}]")
        for i, attribute in enumerate(attributes)
    ]


def file_to_send(file_path: FilePath, kind: TaskKind) -> list[tuple[str, Path]]:
    """Check the file of a task by its name and size.

    Raises:
        FastLabelInvalidException: 422, the extension or the size is not one `kind` takes.
        FileNotFoundError: there is no such file.
    """
    return [("file", _checked(Path(file_path), kind))]


def folder_to_send(folder_path: FilePath, kind: TaskKind) -> list[tuple[str, Path]]:
    """Check the files of a folder, in the order of their names; hidden ones are left out.

    Raises:
        FastLabelInvalidException: 422, no folder, an empty one, too many files, or one of
            them is not what `kind` takes.
    """
    folder = Path(folder_path)
    if not folder.is_dir():
        raise FastLabelInvalidException(f"{folder}: expected a folder", 422)
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if not paths:
        raise FastLabelInvalidException(f"{folder}: the folder is empty", 422)
    files = []
    total_bytes = 0
    for count, path in enumerate(paths, start=1):
        files.append(("contents", _checked(path, kind)))
        if count > kind.max_files:
            raise FastLabelInvalidException(
                f"{folder}: {kind.title} take up to {kind.max_files} files, got {len(paths)}", 422
            )
        total_bytes += path.stat().st_size
        if kind.max_files_bytes is not None and total_bytes > kind.max_files_bytes:
            raise FastLabelInvalidException(
                f"{folder}: {kind.title} take files of up to {kind.max_files_bytes:,} bytes "
                "in total, got more",
                422,
            )
    return files


def check_remote_path(file_path: str, kind: TaskKind) -> None:
    """Refuse the path of a stored object that `kind` does not take, by its extension.

    Raises:
        FastLabelInvalidException: 422.
    """
    try:
        kind.rule_of(os.fspath(file_path))
    except FileError as error:
        raise FastLabelInvalidException(str(error), 422) from error


def _checked(path: Path, kind: TaskKind) -> Path:
    check_remote_path(str(path), kind)
    try:
        kind.check_file(str(path), path.stat().st_size)
    except FileError as error:
        raise FastLabelInvalidException(str(error), 422) from error
    return path


def _without(value: Any, keys: tuple[str, ...], where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise FastLabelInvalidException(f"{where}: expected a dict, got {value!r}", 422)
    return {key: item for key, item in value.items() if key not in keys}
