"""Exports that the server makes."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from fastlabel.types.typed_dict import TypedDict

ExportStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "canceled"]


class ExportedClass(TypedDict):
    """What became of the annotations of one class and type.

    `written` counts all that are in the file, changed or not. `changed` and `leftOut` count
    by the reason.
    """

    value: str
    type: str
    written: int
    changed: dict[str, int]
    leftOut: dict[str, int]


class ExportReport(TypedDict):
    """What an export wrote, and what it changed or left out.

    `images` counts tasks, or frames of videos. `skipped` counts whole tasks by the reason,
    `examples` has the first place of each reason. `renamed` has files that could not be named
    as usual, by the name of the task: the first hundred of `renamedCount`.
    """

    images: int
    written: int
    changed: int
    leftOut: int
    classes: list[ExportedClass]
    skipped: dict[str, int]
    examples: dict[str, str]
    renamedCount: int
    renamed: dict[str, str]


class Export(TypedDict):
    """An export of a project.

    `done` of `total` tasks are through; `total` is None until they are counted. `report`,
    `reportText` (the same for people), `size` in bytes and `url`, a signed URL of the ZIP, are
    there when it is completed; `message` says why it failed.
    """

    id: str
    project: str
    format: str
    status: ExportStatus
    message: str | None
    filters: dict[str, Any]
    revision: str | int | None
    options: dict[str, Any]
    strict: bool
    done: int
    total: int | None
    report: ExportReport | None
    reportText: str | None
    fileName: str
    size: int | None
    url: str | None
    requestedBy: str | None
    createdAt: str
    updatedAt: str
    finishedAt: str | None
