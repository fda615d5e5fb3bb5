"""Arguments that no request can be made of, and those that are passed over."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import FastLabelInvalidException
from fastlabel.client import Resources
from sdk.scripted_server import ScriptedServer

LIMITED = [
    name
    for name, method in inspect.getmembers(Resources)
    if name.startswith("get_") and "limit" in inspect.signature(method).parameters
]


@pytest.mark.parametrize("method", LIMITED)
def test_a_limit_above_the_maximum_is_refused(
    script: ScriptedServer, call: Callable[..., Any], method: str
) -> None:
    args: tuple[str, ...] = () if method == "get_project_id_slug_map" else ("cats",)
    if method in ("get_task_comments", "get_dataset_tasks"):
        args = ("cats", "t1")
    most = getattr(Resources, method).endpoint.max_limit

    with pytest.raises(
        FastLabelInvalidException, match=f"limit: expected up to {most:,}"
    ) as caught:
        call(method, *args, limit=most + 1)

    assert caught.value.code == 422
    assert script.received == []


@pytest.mark.parametrize("project_id", ["", None])
def test_an_empty_id_does_not_address_the_list(
    script: ScriptedServer, call: Callable[..., Any], project_id: Any
) -> None:
    with pytest.raises(FastLabelInvalidException, match="project_id: expected an id"):
        call("delete_project", project_id)

    assert script.received == []


def test_unknown_keywords_are_ignored_with_a_hint(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    with pytest.warns(UserWarning, match="ignores the unknown argument asignee; .* assignee") as w:
        call("update_task", "t1", status="completed", asignee="ann")

    assert script.received[0].json == {"status": "completed"}
    assert Path(w[0].filename).name in (Path(__file__).name, "conftest.py")


def test_known_keywords_give_no_warning(script: ScriptedServer, call: Callable[..., Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        call("update_task", "t1", reviewer=None)

    assert script.received[0].json == {"reviewer": None}


def test_a_missing_argument_is_a_type_error(call: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="slug"):
        call("create_project", "image_bbox", "Cats")
