"""Label files of other tools, by the door of the client."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fastlabel.exceptions import FastLabelInvalidException
from sdk.scripted_server import Reply, ScriptedServer


def test_coco_boxes(call: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    ring = [1, 2, 5, 2, 5, 8, 1, 8, 1, 2]
    rows = [
        {"image_id": 1, "category_id": 1, "segmentation": [ring], "attributes": {"old": "yes"}},
        {"image_id": 1, "category_id": 1, "segmentation": [[0, 0, 4, 0, 4, 3]]},
    ]
    content = {
        "images": [{"id": 2, "file_name": "empty.jpg"}, {"id": 1, "file_name": "a.jpg"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": rows,
    }
    path.write_text(json.dumps(content))

    found = call("convert_coco_to_fastlabel", str(path))

    assert list(found) == ["empty.jpg", "a.jpg"]
    assert found["empty.jpg"] == []
    assert found["a.jpg"] == [
        {
            "value": "cat",
            "points": [1, 2, 5, 8],
            "type": "bbox",
            "attributes": [{"key": "old", "value": "yes"}],
        },
        {"value": "cat", "points": [0, 0, 4, 0, 4, 3], "type": "polygon", "attributes": []},
    ]
    with pytest.raises(FastLabelInvalidException, match="annotation_type"):
        call("convert_coco_to_fastlabel", str(path), "line")


@pytest.fixture
def yolo(tmp_path: Path) -> tuple[str, str]:
    """A list of classes, and a folder with labels of one image that has some."""
    folder = tmp_path / "dataset"
    (folder / "sub").mkdir(parents=True)
    for name in ("unlabelled.png", "sub/a.png", "empty.jpeg"):
        Image.new("RGB", (20, 10)).save(folder / name)
    (folder / "sub" / "a.txt").write_text("1 0.5 0.5 0.3 0.2\n0 0.1 0.25 0.9 0.25 0.9 0.96\n")
    (folder / "empty.txt").write_text("")
    (tmp_path / "classes.txt").write_text("cat\ndog \n")
    return str(tmp_path / "classes.txt"), str(folder)


def test_yolo_boxes(call: Callable[..., Any], yolo: tuple[str, str]) -> None:
    with pytest.warns(UserWarning, match=r"1 bad row was .*a\.txt:2: expected class, cx"):
        found = call("convert_yolo_to_fastlabel", *yolo)

    assert found == {
        "empty.jpeg": [],
        "sub/a.png": [{"value": "dog", "points": [7, 4, 13, 6], "type": "bbox"}],
    }


def test_yolo_outlines(call: Callable[..., Any], yolo: tuple[str, str]) -> None:
    with pytest.warns(UserWarning, match=r"a\.txt:1"):
        found = call("convert_yolo_to_fastlabel", *yolo, project_type="segmentation")

    assert found["sub/a.png"] == [
        {"value": "cat", "points": [[[2, 2, 18, 2, 18, 10]]], "type": "segmentation"}
    ]
    with pytest.raises(FastLabelInvalidException, match=r"a\.txt:1"):
        call("convert_yolo_to_fastlabel", *yolo, "segmentation", strict=True)


def test_pascal_voc(call: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.xml").write_text(
        "<annotation><filename>other/b.png</filename><object><name>cat</name><difficult>1"
        "</difficult><bndbox><ymin>2</ymin><xmin>1.2</xmin><xmax>5.7</xmax><ymax>8</ymax>"
        "</bndbox></object></annotation>"
    )

    assert call("convert_pascalvoc_to_fastlabel", folder_path=str(tmp_path)) == {
        "sub/a.png": [{"value": "cat", "points": [1, 2, 6, 8], "type": "bbox"}]
    }


def test_labelme(call: Callable[..., Any], tmp_path: Path) -> None:
    shapes = [
        {"label": "cat", "shape_type": "rectangle", "points": [[1, 2], [5, 8.5]]},
        {"label": "cat", "shape_type": "polygon", "points": [[0, 0], [4, 0], [4, 4], [0, 0]]},
        {"label": "eye", "shape_type": "point", "points": [[3, 4]]},
        {"label": "eye", "shape_type": "mask", "points": [[3, 4]]},
    ]
    (tmp_path / "a.json").write_text(json.dumps({"imagePath": "x.jpg", "shapes": shapes}))

    with pytest.warns(UserWarning, match="1 bad row"):
        found = call("convert_labelme_to_fastlabel", str(tmp_path))

    assert found == {
        "a.jpg": [
            {"value": "cat", "points": [1, 2, 5, 8.5], "type": "bbox"},
            {"value": "cat", "points": [0, 0, 4, 0, 4, 4, 0, 0], "type": "polygon"},
            {"value": "eye", "points": [3, 4], "type": "keypoint"},
        ]
    }


def test_exports_write_where_the_official_client_does(
    script: ScriptedServer,
    call: Callable[..., Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    box = {"type": "bbox", "value": "cat", "points": [1, 1, 5, 5], "color": "#000000"}
    task = {"name": "sub/a.jpg", "width": 10, "height": 8, "annotations": [box]}
    script.answer = lambda _request: Reply([{"type": "image_bbox"}])

    call("export_yolo", "cats", [task], ["dog", "cat"], tmp_path / "yolo")
    call("export_pascalvoc", "cats", [task], tmp_path / "voc", quiet=True)
    call("export_labelme", [task], tmp_path / "labelme", quiet=True)

    written = [one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*.*")]
    assert sorted(written) == [
        "labelme/sub/a.json",
        "voc/annotations/sub/a.xml",
        "yolo/annotations/sub/a.txt",
        "yolo/classes.txt",
    ]
    assert (tmp_path / "yolo" / "classes.txt").read_text() == "dog\ncat\n"
    assert [request.query for request in script.received] == [{"slug": ["cats"]}] * 2
    assert capsys.readouterr().err.count("1 image, 1 annotation") == 1
