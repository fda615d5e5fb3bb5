"""Whole lists: iterating page by page, and exporting them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import Client, FastLabelInvalidException
from sdk.scripted_server import Reply, ScriptedServer


def test_iterating_follows_the_cursor(script: ScriptedServer, call: Callable[..., Any]) -> None:
    script.replies = [
        Reply([{"id": "1"}, {"id": "2"}], headers={"Fastlabel-Next-Cursor": "c=/1"}),
        Reply([{"id": "3"}], headers={"Fastlabel-Next-Cursor": "c2"}),
        Reply([]),
    ]

    tasks = call("iter_image_tasks", "cats", status="approved")

    assert [task["id"] for task in tasks] == ["1", "2", "3"]
    common = {"project": ["cats"], "status": ["approved"], "limit": ["1000"]}
    assert [request.query for request in script.received] == [
        common,
        {**common, "cursor": ["c=/1"]},
        {**common, "cursor": ["c2"]},
    ]


def test_without_cursors_iterating_goes_by_offset(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    script.replies = [Reply([{"id": str(n)} for n in range(1000)]), Reply([{"id": "1000"}])]

    assert len(call("iter_tags", "cats")) == 1001
    assert [request.query.get("offset") for request in script.received] == [None, ["1000"]]


def test_a_page_is_fetched_when_it_is_wanted(script: ScriptedServer, dry_client: Client) -> None:
    script.answer = lambda _request: Reply([{"id": "1"}], headers={"Fastlabel-Next-Cursor": "more"})

    tasks = dry_client.iter_image_tasks("cats")
    assert script.received == []
    next(tasks)

    assert len(script.received) == 1


def test_an_export_asks_for_the_type_of_the_project(
    script: ScriptedServer, call: Callable[..., Any], tmp_path: Path
) -> None:
    script.replies = [Reply([{"type": "image_bbox"}])]
    task = {"name": "a.jpg", "width": 10, "height": 8, "annotations": []}

    report = call("export_coco", "cats", [task], output_dir=tmp_path / "new")

    assert script.received[0].query == {"slug": ["cats"]}
    written = json.loads((tmp_path / "new" / "annotations.json").read_text())
    assert written["images"] == [{"file_name": "a.jpg", "height": 8, "width": 10, "id": 1}]
    assert report.path == tmp_path / "new" / "annotations.json"


def test_an_export_checks_the_file_name_first(
    script: ScriptedServer, call: Callable[..., Any]
) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"in \.json, got 'a\.txt'") as caught:
        call("export_coco", "cats", [], output_file_name="a.txt")
    assert caught.value.code == 422
    assert script.received == []


def test_an_export_of_an_unknown_project_is_refused(
    script: ScriptedServer, call: Callable[..., Any], tmp_path: Path
) -> None:
    script.replies = [Reply([])]

    with pytest.raises(FastLabelInvalidException, match="project 'cats'") as caught:
        call("export_coco", "cats", [], output_dir=tmp_path)
    assert caught.value.code == 422
    assert list(tmp_path.iterdir()) == []


def test_masks_need_no_server(
    script: ScriptedServer, call: Callable[..., Any], tmp_path: Path
) -> None:
    box = {"type": "bbox", "value": "cat", "points": [1, 1, 4, 3]}
    task = {"name": "a.jpg", "width": 6, "height": 5, "annotations": [box]}
    expected = [[[4, 1, 4, 3, 1, 3, 1, 1, 4, 1]]]

    call("export_instance_segmentation", [task], tmp_path / "instance", [0, 0, 0, 9, 9, 9], 1)
    call("export_semantic_segmentation", [task], tmp_path / "semantic", classes=["dog", "cat"])

    for kind in ("instance", "semantic"):
        mask = tmp_path / kind / "a.png"
        assert call("mask_to_fastlabel_segmentation_points", mask_image=mask) == expected
    assert script.received == []
