"""The appendix of point clouds of 0.26.0: imported from a ZIP, listed in two ways."""

from __future__ import annotations

import tempfile
from pathlib import Path

from scenarios.archives import finished, zip_of
from scenarios.pictures import png
from scenarios.support import ID, client, fetch, later, new_project, refused, same

CLOUD = b"""VERSION 0.7
FIELDS x y z
SIZE 4 4 4
TYPE F F F
COUNT 1 1 1
WIDTH 2
HEIGHT 1
VIEWPOINT 0 0 0 1 0 0 0
POINTS 2
DATA ascii
0 0 0
1 2 3
"""
YAML = (
    b"%YAML:1.0\n---\nK: !!opencv-matrix\n   rows: 1\n   cols: 2\n   dt: d\n   data: [ 1., 2. ]\n"
)


def _project() -> str:
    """Create a project with the point clouds `first.pcd` and `second.pcd`."""
    project = new_project("pcd_cuboid")
    path = Path(tempfile.mkdtemp(dir="."), "cloud.pcd")
    path.write_bytes(CLOUD)
    for name, status in (("first.pcd", "completed"), ("second.pcd", "registered")):
        client.create_pcd_task(project=project, name=name, file_path=str(path), status=status)
    return project


def _imported(project: str) -> dict:
    files = {
        "first.pcd/first.pcd/000001.png": png(),
        "first.pcd/first.pcd/000001.yaml": YAML,
        "first.pcd/first.pcd/000002.png": png((20, 10)),
        "second.pcd/second.pcd/000001.png": png(),
        "second.pcd/second.pcd/000001.txt": b"P2: 7.0e+02 0\n",
    }
    path = zip_of(files, "appendix.zip")
    (begun,) = client.import_appendix_file(project=project, file_path=path)
    history = finished(begun)
    assert (history["status"], history["storageType"]) == ("completed", "zip"), history
    return history


@later
def pictures_and_calibrations_come_back() -> None:
    project = _project()
    _imported(project)
    first, second, third = client.get_appendix_data(project=project)
    assert ID.fullmatch(first["id"]), first
    assert fetch(first["url"])[2] == png()
    shown = {key: first[key] for key in ("name", "format", "calibration", "imageFileName")}
    same(
        shown,
        {
            "name": "first.pcd/first.pcd/000001.png",
            "format": "yml",
            "calibration": {"K": {"rows": 1, "cols": 2, "dt": "d", "data": [1.0, 2.0]}},
            "imageFileName": "000001.png",
        },
    )
    assert first["calibrationFileName"] == "000001.yaml"
    assert (second["format"], second["calibration"]) == (None, None), second
    assert second["calibrationFileName"] is None
    same([third["format"], third["calibration"]], ["kitti", {"P2": [700.0, 0.0]}])


@later
def the_lists_have_their_filters() -> None:
    project = _project()
    _imported(project)

    def found(data: list[dict]) -> list[str]:
        return [one["name"].partition("/")[0] + "/" + one["imageFileName"] for one in data]

    everything = ["first.pcd/000001.png", "first.pcd/000002.png", "second.pcd/000001.png"]
    assert found(client.get_appendix_data(project=project)) == everything
    assert found(client.get_task_appendix_data(project=project)) == everything
    completed = client.get_appendix_data(project=project, status="completed")
    assert found(completed) == everything[:2]
    by_name = client.get_task_appendix_data(project=project, task_name="second.pcd")
    assert found(by_name) == everything[2:]
    assert found(client.get_appendix_data(project=project, offset=1, limit=1)) == everything[1:2]


@later
def projects_of_other_kinds_have_no_appendix() -> None:
    project = new_project("image_bbox")
    with refused(422):
        client.import_appendix_file(project=project, file_path=zip_of({"a.png": png()}))
    assert client.get_appendix_data(project=project) == []
