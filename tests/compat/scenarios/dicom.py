"""DICOM tasks: a ZIP goes to a signed URL, its slices become the contents of one task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenarios.archives import dicom, finished, zip_of
from scenarios.support import (
    ID,
    NOWHERE,
    OWNER_NAME,
    OWNER_SLUG,
    TIMESTAMP,
    bbox,
    client,
    fetch,
    later,
    names,
    new_class,
    new_project,
    refused,
    same,
    unique,
)


def _project(**options: Any) -> str:
    project = new_project("dicom_bbox", **options)
    new_class(project, "bbox", "nodule")
    return project


def _path(name: str = "scan.zip") -> str:
    return zip_of({"b.dcm": dicom(1), "a.dcm": dicom(2), "c.dcm": dicom(0)}, name)


def _task(project: str, path: str, **options: Any) -> dict:
    begun = client.create_dicom_task(project=project, file_path=path, **options)
    history = finished(begun)
    assert history["status"] == "completed", history
    return client.find_dicom_task_by_name(project=project, task_name=Path(path).name)


def a_zip_becomes_a_task_with_every_documented_field() -> None:
    project = _project()
    path = _path()
    begun = client.create_dicom_task(project=project, file_path=path)
    assert ID.fullmatch(begun["id"]), begun
    assert begun["storageType"] == "zip", begun
    assert finished(begun)["status"] == "completed"
    (task,) = client.get_dicom_tasks(project=project)
    same(client.find_dicom_task(task_id=task["id"]), task)
    assert ID.fullmatch(task["id"]), task
    assert TIMESTAMP.fullmatch(task["createdAt"]), task
    assert TIMESTAMP.fullmatch(task["updatedAt"]), task
    assert fetch(task["url"])[2] == Path(path).read_bytes()
    documented = {
        "name": "scan.zip",
        "width": 12,
        "height": 8,
        "status": "registered",
        "externalStatus": "registered",
        "priority": 0,
        "tags": [],
        "assignee": None,
        "reviewer": None,
        "externalAssignee": None,
        "externalReviewer": None,
        "annotations": [],
    }
    same({key: task.get(key, "missing") for key in documented}, documented)


def slices_come_in_the_order_in_which_they_lie() -> None:
    task = _task(_project(), _path())
    contents = task["contents"]
    assert names(contents) == ["c.dcm", "b.dcm", "a.dcm"]
    assert all(ID.fullmatch(one["id"]) for one in contents)
    assert fetch(contents[0]["url"])[2] == dicom(0)


def what_is_given_at_creation_comes_back() -> None:
    project = _project(workflow="three_step")
    task = _task(
        project,
        _path(),
        status="approved",
        external_status="declined",
        tags=["head", "夜"],
        assignee=OWNER_SLUG,
        external_reviewer=OWNER_SLUG,
    )
    wanted = {
        "status": "approved",
        "externalStatus": "declined",
        "tags": ["head", "夜"],
        "assignee": OWNER_NAME,
        "externalReviewer": OWNER_NAME,
    }
    same({key: task[key] for key in wanted}, wanted)


def a_task_is_updated() -> None:
    task = _task(_project(), _path())
    answer = client.update_dicom_task(
        task_id=task["id"], status="completed", tags=["x"], reviewer=OWNER_SLUG
    )
    assert answer == task["id"]
    updated = client.find_dicom_task(task["id"])
    assert (updated["status"], updated["tags"]) == ("completed", ["x"])
    assert updated["reviewer"] == OWNER_NAME


def annotations_have_the_id_of_their_slice() -> None:
    task = _task(_project(), _path())
    slice_id = task["contents"][1]["id"]
    # The official client has no method for it; the editor saves like this.
    client.api.put_request(
        f"tasks/dicom/{task['id']}",
        {"annotations": [bbox("nodule", (1, 2, 3, 4), contentId=slice_id)]},
    )
    (annotation,) = client.find_dicom_task(task["id"])["annotations"]
    assert annotation["contentId"] == slice_id
    assert (annotation["type"], annotation["title"]) == ("bbox", "Nodule")
    same(annotation["points"], [1, 2, 3, 4])


def tasks_are_listed_and_found_by_name() -> None:
    project = _project()
    first = _task(project, _path("a.zip"), tags=["x"])
    _task(project, _path("b.zip"))
    assert names(client.get_dicom_tasks(project=project)) == ["a.zip", "b.zip"]
    assert names(client.get_dicom_tasks(project=project, tags=["x"])) == ["a.zip"]
    assert names(client.get_dicom_tasks(project=project, offset=1, limit=1)) == ["b.zip"]
    same(client.find_dicom_task_by_name(project=project, task_name="a.zip"), first)
    assert client.find_dicom_task_by_name(project=project, task_name="c.zip") is None
    assert client.count_tasks(project=project) == 2


def a_name_that_is_taken_is_refused() -> None:
    project = _project()
    _task(project, _path())
    with refused(409, "scan.zip"):
        client.create_dicom_task(project=project, file_path=_path())


def a_zip_without_slices_fails_with_a_reason() -> None:
    project = _project()
    begun = client.create_dicom_task(project=project, file_path=zip_of({"a.txt": b"text"}))
    history = finished(begun)
    assert history["status"] == "failed", history
    assert "scan.zip" in history["message"]
    assert client.get_dicom_tasks(project=project) == []


def unknown_projects_and_tasks_are_not_found() -> None:
    with refused(404):
        client.create_dicom_task(project=unique(), file_path=_path())
    with refused(404):
        client.find_dicom_task(task_id=NOWHERE)
    with refused(422):
        client.create_dicom_task(project=new_project("image_bbox"), file_path=_path())


@later
def metadatas_of_a_task_come_back() -> None:
    given = [{"key": "hospital", "value": "Nara"}]
    project = _project()
    client.api.post_request("metadatas", {"project": project, "key": "hospital", "type": "text"})
    task = _task(project, _path(), metadatas=given)
    same(task["metadatas"], given)
