"""Which tasks a prefix stands for, and which rules put them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Final

from sqlalchemy import select

from fastlabel.modalities import PROJECT_TYPES, TASK_KINDS, TaskKind
from fastlabel.types import IntegratedTask
from fastlabel_server.access import find_project
from fastlabel_server.calls import Call
from fastlabel_server.errors import Invalid
from fastlabel_server.tables import Content, Task
from fastlabel_server.tasks.insert import taken_names
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
"""Where a task notes which part it is, in what only a task of its kind has (`Task.extra`):
`types.DatasetSplit`, with columns and rows where the whole is an image."""
RUN: Final = 100
"""Parts that are looked for at a time; no more than this many in a row may be missing."""


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
    names, extension = numbered(prefix, _names(call, project.id, kind, prefix))
    statement = (
        select(*COLUMNS, Content.media)
        .join(Content, (Content.task_id == Task.id) & (Content.position == 0))
        .where(Task.project_id == project.id, Task.name.in_(names))
    )
    rows = {row.name: row for row in call.session.execute(statement)}
    parts = _parts(call, project.id, kind, [rows[name] for name in names])
    whole = Parts(f"{prefix}{extension}", parts, _grid_of(rows[names[0]]))
    return {"name": whole.name, "annotations": MERGES[integration](whole)}


def _names(call: Call, project_id: str, kind: TaskKind, prefix: str) -> Iterator[str]:
    """Yield the names that parts of a prefix can have and tasks do have.

    They are looked up one by one: a pattern would read the names of all tasks of the project,
    of which a data set of split files has very many.
    """
    lower = [extension for rule in kind.files for extension in rule.extensions]
    extensions = dict.fromkeys(lower + [extension.upper() for extension in lower])
    for first in count(1, RUN):
        numbers = range(first, first + RUN)
        possible = [f"{prefix}/{number}{end}" for number in numbers for end in extensions]
        found = taken_names(call.session, project_id, possible)
        if not found:
            return
        yield from sorted(found)


def _parts(call: Call, project_id: str, kind: TaskKind, rows: list[Any]) -> list[Part]:
    renderer = TaskRenderer(call.session, project_id, kind, call.urls)
    tasks = renderer.tasks(rows, parsed=True)
    return [Part(task["annotations"], row.media) for task, row in zip(tasks, rows, strict=True)]


def _grid_of(row: Any) -> Grid | None:
    split = row.extra.get(SPLIT)
    return Grid(split["columns"], split["rows"]) if split and "columns" in split else None
