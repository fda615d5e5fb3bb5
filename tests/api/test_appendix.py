"""The appendix of point clouds: pictures and calibrations, imported as a ZIP and listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.archives import import_of, saved
from fastlabel import Client
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.types import History
from media_files import sample

YAML = b"""%YAML:1.0
---
image_width: 40
K: !!opencv-matrix
   rows: 1
   cols: 3
   dt: d
   data: [ 5.3e+02, 0., 1e-5 ]
"""
KITTI = b"P2: 7.07e+02 0.0e+00 6.04e+02\ncalib_time: 09-Jan-2012 13:57:47\n"


def new_cloud(client: Client, project: str, name: str, folder: Path, **options: Any) -> str:
    path = folder / "cloud.pcd"
    path.write_bytes(sample(".pcd"))
    return client.create_pcd_task(project, name, path, **options)


@pytest.fixture
def clouds(client: Client, slug: str, tmp_path: Path) -> str:
    """The slug of a project with the point clouds `a.pcd` and `b`."""
    client.create_project("pcd_cuboid", "Clouds", slug)
    new_cloud(client, slug, "a.pcd", tmp_path, status="completed", tags=["x"])
    new_cloud(client, slug, "b", tmp_path)
    return slug


def imported(client: Client, project: str, folder: Path, files: dict[str, bytes]) -> History:
    path = saved(folder, "appendix.zip", files)
    (begun,) = client.import_appendix_file(project, path)
    history: History = import_of(client, begun)
    return history


def names(data: list[Any]) -> list[str]:
    return [one["name"] for one in data]


def test_pictures_and_calibrations_come_back(client: Client, clouds: str, tmp_path: Path) -> None:
    files = {
        "a.pcd/a.pcd/000002.png": sample(".png", 2),
        "a.pcd/a.pcd/000002.txt": KITTI,
        "a.pcd/a.pcd/000001.png": sample(".png", 1),
        "a.pcd/a.pcd/000001.yaml": YAML,
        # A task of one cloud: whatever the file was called.
        "b/lidar_0815.pcd/front.jpg": sample(".jpg"),
        "b/lidar_0815.pcd/notes.md": b"# Notes",
    }
    history = imported(client, clouds, tmp_path, files)
    assert (history["status"], history["storageType"]) == ("completed", "zip")
    assert (history["count"], history["total"], history["passedOver"]) == (3, 3, 1)

    first, second, third = client.get_appendix_data(clouds)
    assert first.pop("createdAt") == first.pop("updatedAt")
    for field in ("id", "url", "calibrationUrl"):
        assert first[field]
    assert {**first, "id": "", "url": "", "calibrationUrl": ""} == {
        "id": "",
        "name": "a.pcd/a.pcd/000001.png",
        "url": "",
        "imageFileName": "000001.png",
        "width": 41,
        "height": 30,
        "format": "yml",
        "calibration": {
            "image_width": 40,
            "K": {"rows": 1, "cols": 3, "dt": "d", "data": [530.0, 0.0, 1e-5]},
        },
        "calibrationFileName": "000001.yaml",
        "calibrationUrl": "",
    }
    assert second["format"] == "kitti"
    assert second["calibration"] == {
        "P2": [707.0, 0.0, 604.0],
        "calib_time": "09-Jan-2012 13:57:47",
    }
    assert third["name"] == "b/b/front.jpg"
    assert third["format"] is third["calibration"] is third["calibrationUrl"] is None
    picture = httpx.get(first["url"])
    assert (picture.content, picture.headers["content-type"]) == (sample(".png", 1), "image/png")
    calibration = httpx.get(str(second["calibrationUrl"]))
    assert calibration.content == KITTI
    assert calibration.headers["content-type"].startswith("text/plain")
    assert httpx.get(str(first["url"]).replace("/appendix/", "/calibration/")).status_code == 403


def test_lists_have_the_filters_of_tasks_and_pages(
    client: Client, clouds: str, tmp_path: Path
) -> None:
    pictures = [f"a.pcd/a.pcd/{n}.png" for n in (1, 2)] + ["b/b.pcd/1.png"]
    imported(client, clouds, tmp_path, {name: sample(".png") for name in pictures})
    everything = ["a.pcd/a.pcd/1.png", "a.pcd/a.pcd/2.png", "b/b/1.png"]
    assert names(client.get_appendix_data(clouds)) == everything
    assert names(list(client.iter_appendix_data(clouds))) == everything
    assert names(client.get_task_appendix_data(clouds)) == everything
    assert names(client.get_appendix_data(clouds, status="completed")) == everything[:2]
    assert names(client.get_appendix_data(clouds, tags=["x"])) == everything[:2]
    assert names(client.get_appendix_data(clouds, external_status="completed")) == []
    assert names(client.get_appendix_data(clouds, task_name="b")) == everything[2:]
    assert names(client.get_task_appendix_data(clouds, task_name="b")) == everything[2:]
    assert names(client.get_task_appendix_data(clouds, offset=1, limit=1)) == everything[1:2]
    with pytest.raises(FastLabelInvalidException, match="limit"):
        client.get_appendix_data(clouds, limit=10_001)


def test_a_picture_that_is_there_is_replaced(client: Client, clouds: str, tmp_path: Path) -> None:
    files = {"b/b.pcd/1.png": sample(".png", 1), "b/b.pcd/1.yaml": b"f: 1"}
    imported(client, clouds, tmp_path, files)
    (before,) = client.get_appendix_data(clouds)
    imported(client, clouds, tmp_path, {"b/b.pcd/1.png": sample(".png", 2)})
    (after,) = client.get_appendix_data(clouds)
    assert after["id"] == before["id"]
    assert (before["width"], after["width"]) == (41, 42)
    assert (before["calibration"], after["calibration"]) == ({"f": 1}, None)
    assert after["calibrationUrl"] is None
    assert httpx.get(after["url"]).content == sample(".png", 2)


def test_what_belongs_to_nothing_is_named_and_the_rest_is_taken(
    client: Client, clouds: str, tmp_path: Path
) -> None:
    files = {
        "b/b.pcd/1.png": sample(".png"),
        "c/c.pcd/1.png": sample(".png"),
        "1.png": sample(".png"),
        "b/b.pcd/2.png": b"no picture",
        "b/b.pcd/3.png": sample(".png"),
        "b/b.pcd/3.txt": b"P2: \xff\xfe",
        "b/b.pcd/4.yaml": b"f: 1",
    }
    history = imported(client, clouds, tmp_path, files)
    assert (history["status"], history["count"], history["failed"]) == ("completed", 1, 5)
    reasons = {error["name"]: error["message"] for error in history["errors"]}
    assert reasons["c/c.pcd/1.png"] == "c/c.pcd: no task of the project is called like this folder"
    assert "no task" in reasons["1.png"]
    assert reasons["b/b.pcd/2.png"].startswith("b/b.pcd/2.png: ")
    assert "a calibration is UTF-8 text" in reasons["b/b.pcd/3.png"]
    assert reasons["b/b.pcd/4.yaml"] == "there is no picture of this name beside the calibration"
    assert names(client.get_appendix_data(clouds)) == ["b/b/1.png"]
    history = imported(client, clouds, tmp_path, {"c/c.pcd/1.png": sample(".png")})
    assert history["status"] == "failed"
    assert "c/c.pcd: no task" in str(history["message"])
    assert history["failed"] == 1


def test_clouds_of_a_sequence_have_their_own_pictures(
    client: Client, slug: str, tmp_path: Path
) -> None:
    folder = tmp_path / "sequence"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.pcd").write_bytes(sample(".pcd", number))
    client.create_project("sequential_pcd_cuboid", "Sequences", slug)
    # Names with a "/": the folder can be read in two ways, and the one that fits counts.
    client.create_sequential_pcd_task(slug, "day/run", folder)
    client.create_sequential_pcd_task(slug, "day", folder)
    files = {f"day/run/{n}.pcd/camera.png": sample(".png", n) for n in (1, 2, 3)}
    history = imported(client, slug, tmp_path, files)
    assert history["count"] == 2
    assert [error["name"] for error in history["errors"]] == ["day/run/3.pcd/camera.png"]
    found = ["day/run/1.pcd/camera.png", "day/run/2.pcd/camera.png"]
    assert names(client.get_appendix_data(slug)) == found
    task = client.find_sequential_pcd_task_by_name(slug, "day/run")
    assert task is not None
    client.delete_task(task["id"])
    assert client.get_appendix_data(slug) == []
