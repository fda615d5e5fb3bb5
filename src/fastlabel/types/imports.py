"""Imports, and what they bring beside tasks."""

from __future__ import annotations

from typing import Any

from fastlabel.types.typed_dict import TypedDict


class AppendixData(TypedDict):
    """A picture that belongs to a point cloud.

    `name` is `TASK/CONTENT/FILE`. `format` is the calibration's, `yml` or `kitti`; it and
    `calibration` are None where the picture has none. A calibration that could not be
    parsed is there as its text. Both URLs are signed.
    """

    id: str
    name: str
    url: str
    imageFileName: str
    width: int
    height: int
    format: str | None
    calibration: Any
    calibrationFileName: str | None
    calibrationUrl: str | None
    createdAt: str
    updatedAt: str


class UploadTarget(TypedDict):
    """Where a file goes by PUT, and the key that an import asks for it by."""

    url: str
    name: str


class FailedFile(TypedDict):
    """A file that an import could not take, and why."""

    name: str
    message: str


class History(TypedDict):
    """An import: what it came to so far.

    `count` tasks were made (of a ZIP: files taken from it), `skipped` names were taken already,
    `passedOver` files are not of the project's kind, `failed` could not be taken; `errors`
    names the first of those. `total` is None until it is known.
    """

    id: str
    storageType: str
    status: str
    msgCode: str
    message: str | None
    count: int
    total: int | None
    skipped: int
    passedOver: int
    failed: int
    errors: list[FailedFile]
    createdAt: str
    updatedAt: str


class EpisodeResult(TypedDict):
    """What came of an episode: `result` is its import, or `{"error": ...}` if it failed."""

    episode_index: int
    episode: str
    success: bool
    result: History | dict[str, str]
