"""Which tasks a prefix stands for, and which rules put them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from fastlabel.modalities import PROJECT_TYPES, TASK_KINDS, TaskKind
from fastlabel.types import IntegratedTask
from fastlabel_server.access import find_project
from fastlabel_server.calls import Call
from fastlabel_server.errors import Invalid
from fastlabel_server.tables import Content, Task
from fastlabel_server.tasks.integration import audio, image, video
from fastlabel_server.tasks.integration.parts import Grid, Part, Parts, numbered
from fastlabel_server.tasks.render import COLUMNS, TaskRenderer

MERGES: Mapping[str, Callable[[Parts], list[dict[str, Any]]]] = {
    "images": image.merged,
    "videos": video.merged,
    "audios": audio.merged,
}
"""By `TaskKind.integration`."""
assert MERGES.keys() == {kind.integration for kind in TASK_KINDS.values() if kind.integration}

SPLIT = "split"
"""Where a split notes `{columns, rows}` in what only a task of its kind has (`Task.extra`)."""


def find(call: Call, integration: str, slug: str, prefix: str) -> IntegratedTask:
    """Return the labels of the parts of one file, put together.

    Raises:
        NotFound: no such project, or it has no parts of this prefix.
        Invalid: a part is missing, or the project holds another kind of task.
    """
    project = find_project(call.session, call.caller, slug=slug).project
    kind = PROJECT_TYPES[project.type].kind
    if kind.integration != integration:
        raise Invalid(
            f"project: {slug!r} is of type {project.type}; its tasks are not parts of {integration}"
        )
    prefix = prefix.strip("/")
    columns = (*COLUMNS, Content.media)
    rows = {
        row.name: row
        for row in call.session.execute(
            select(*columns)
            .join(Content, (Content.task_id == Task.id) & (Content.position == 0))
            .where(
                Task.project_id == project.id,
                Task.name.startswith(f"{prefix}/", autoescape=True),
            )
        )
    }
    names, extension = numbered(prefix, list(rows))
    parts = _parts(call, project.id, kind, [rows[name] for name in names])
    whole = Parts(f"{prefix}{extension}", parts, _grid_of(rows[names[0]]))
    return {"name": whole.name, "annotations": MERGES[integration](whole)}


def _parts(call: Call, project_id: str, kind: TaskKind, rows: list[Any]) -> list[Part]:
    renderer = TaskRenderer(call.session, project_id, kind, call.urls)
    tasks = renderer.tasks(rows, parsed=True)
    return [Part(task["annotations"], row.media) for task, row in zip(tasks, rows, strict=True)]


def _grid_of(row: Any) -> Grid | None:
    split = row.extra.get(SPLIT)
    return Grid(split["columns"], split["rows"]) if split else None
