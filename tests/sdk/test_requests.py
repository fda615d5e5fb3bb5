"""What every method sends, row by row as the protocol says, on both clients."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel.client import Resources
from sdk.request_rows import READING, WRITING
from sdk.request_rows.base import ATTRIBUTES, FETCHED, SENT_STATE, STATE
from sdk.request_rows.kinds import KINDS, Kind
from sdk.request_rows.tasks import CREATING_FROM_A_FILE
from sdk.scripted_server import Received, Reply, ScriptedServer


@pytest.mark.parametrize(("method", "args", "kwargs", "target"), READING)
def test_reading(
    script: ScriptedServer,
    call: Callable[..., Any],
    method: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    target: str,
) -> None:
    script.answer = lambda _request: Reply([])

    call(method, *args, **kwargs)

    (request,) = script.received
    assert request.verb == "GET"
    assert request.target.replace("+", "%20") == f"/v1/{target}"


@pytest.mark.parametrize(("method", "args", "kwargs", "target", "body"), WRITING)
def test_writing(
    script: ScriptedServer,
    call: Callable[..., Any],
    method: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    target: str,
    body: Any,
) -> None:
    assert call(method, *args, **kwargs) == "an-id"

    (request,) = script.received
    assert f"{request.verb} {request.target}" == target.replace(" ", " /v1/")
    assert request.json == body


@pytest.mark.parametrize(("method", "args", "kwargs", "path", "body"), CREATING_FROM_A_FILE)
def test_creating_from_files(
    script: ScriptedServer,
    call: Callable[..., Any],
    tmp_path: Path,
    method: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    path: str,
    body: Any,
) -> None:
    names = ("b.jpg",) if "FILE" in args else ("a.GIF", "b.jpg", "c.png")
    for name in reversed((*names, ".hidden")):
        (tmp_path / name).write_text(name)
    places = {"FILE": tmp_path / "b.jpg", "FOLDER": str(tmp_path)}
    args = tuple(places.get(a, a) if isinstance(a, str) else a for a in args)

    assert call(method, *args, **kwargs) == "an-id"

    (request,) = script.received
    assert f"{request.verb} {request.target}" == f"POST /v1/{path}"
    (first, *files) = request.parts
    assert first[0] == "request"
    assert Received("", "", {}, first[2], 0).json == body
    part = "file" if len(names) == 1 else "contents"
    assert files == [(part, name, name.encode()) for name in names]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.noun)
def test_creating_tasks_of_every_kind(
    script: ScriptedServer, call: Callable[..., Any], tmp_path: Path, kind: Kind
) -> None:
    names = [f"{name}{kind.extension}" for name in ("c", "a", "b")]
    for name in (*names, ".hidden"):
        (tmp_path / name).write_text(name)
    source = tmp_path if kind.several else tmp_path / names[0]
    state = (*STATE, [FETCHED], ["t"])
    fields: dict[str, Any] = {"annotations": [kind.sent_label("dir/t")]}
    if kind.is_classification:
        state = (*STATE, ATTRIBUTES, ["t"])
        fields = {"attributes": ATTRIBUTES}

    method = f"create_{kind.noun}_task"
    assert call(method, "cats", "dir/t", source, *state, assignee="ann") == "an-id"

    (request,) = script.received
    assert f"{request.verb} {request.target}" == f"POST /v1/tasks/{kind.path}"
    (first, *files) = request.parts
    sent = {"project": "cats", "name": "dir/t", **SENT_STATE}
    assert Received("", "", {}, first[2], 0).json == {**sent, **fields, "assignee": "ann"}
    part = "contents" if kind.several else "file"
    expected = sorted(names) if kind.several else names[:1]
    assert files == [(part, name, name.encode()) for name in expected]


def test_every_method_has_a_row() -> None:
    rows = {row[0] for row in (*READING, *WRITING, *CREATING_FROM_A_FILE)}
    rows |= {f"create_{kind.noun}_task" for kind in KINDS}
    with_endpoint = {n for n, m in inspect.getmembers(Resources) if getattr(m, "endpoint", None)}

    # Those have tests of their own.
    assert with_endpoint - rows == {
        "add_task_tags",
        "remove_task_tags",
        *(name for name in with_endpoint - rows if re.fullmatch(r"create_\w+_tasks", name)),
        "create_dataset_object",
        "create_dicom_task",
        "import_appendix_file",
        "import_robotics_contents_file",
        "iter_dataset_diff",
        "delete_workspace_user",
        "create_workspace_user_module_permissions",
        "delete_workspace_user_module_permissions",
    }


@pytest.mark.parametrize("method", ["find_project_by_slug", "find_image_task_by_name"])
def test_finding_gives_the_first_or_none(
    script: ScriptedServer, call: Callable[..., Any], method: str
) -> None:
    args = ("cats",) if "slug" in method else ("cats", "a.jpg")
    script.replies = [Reply([{"id": "first"}, {"id": "second"}]), Reply([])]

    assert call(method, *args) == {"id": "first"}
    assert call(method, *args) is None
