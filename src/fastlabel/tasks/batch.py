"""Many new tasks in one request, each described by the arguments of the call that makes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.exchange import Request
from fastlabel.steps import Call, prepared
from fastlabel.types import BatchedTask, JsonObjects

MAX_TASKS = 100
REQUIRED = ("name", "file_path")
OF_THE_BATCH = ("project", "idempotency_key")


def batch_to_send(
    create: Callable[..., object], project: str, tasks: JsonObjects
) -> Call[list[BatchedTask]]:
    """Check the tasks of a batch as `create`, the method for one of them, would.

    Raises:
        FastLabelInvalidException: 422, too many tasks or none, or one that `create` refuses.
        FileNotFoundError: a task's file is missing; a note names the task.
    """
    if not 1 <= len(tasks) <= MAX_TASKS:
        raise FastLabelInvalidException(
            f"tasks: expected 1 to {MAX_TASKS} in a batch, got {len(tasks):,}", 422
        )
    files: list[tuple[str, Path]] = []
    bodies: list[dict[str, Any]] = []
    for index, task in enumerate(tasks):
        request = _request(create, project, task, f"tasks[{index}]")
        files += [("contents", path) for _, path in request.files]
        bodies.append({name: value for name, value in request.body.items() if name != "project"})
    return Call(files=files, tasks=bodies)


def _request(
    create: Callable[..., object], project: str, task: Mapping[str, Any], where: str
) -> Request:
    """Return the request that would create one of the tasks alone."""
    if not isinstance(task, Mapping):
        raise FastLabelInvalidException(f"{where}: expected a dict, got {task!r}", 422)
    for name in REQUIRED:
        if name not in task:
            raise FastLabelInvalidException(f"{where}.{name}: missing", 422)
    for name in OF_THE_BATCH:
        if name in task:
            raise FastLabelInvalidException(
                f"{where}.{name}: is an argument of the batch, not of a task", 422
            )
    named = f"{where} {task['name']!r}"
    try:
        return prepared(create, project, **task).request
    except FastLabelInvalidException as error:
        raise FastLabelInvalidException(f"{named}: {error.message}", error.code) from error
    except OSError as error:
        error.add_note(named)
        raise
