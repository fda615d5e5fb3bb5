"""Histories of imports, listed and found."""

from __future__ import annotations

from scenarios.archives import dicom, finished, zip_of
from scenarios.support import (
    ID,
    NOWHERE,
    TIMESTAMP,
    client,
    new_project,
    refused,
    same,
    stranger,
    unique,
)


def _import(project: str, name: str) -> dict:
    path = zip_of({"a.dcm": dicom(0)}, name)
    return client.create_dicom_task(project=project, file_path=path)


def a_history_has_every_documented_field() -> None:
    history = finished(_import(new_project("dicom_bbox"), "a.zip"))
    assert ID.fullmatch(history["id"]), history
    assert TIMESTAMP.fullmatch(history["createdAt"]), history
    assert TIMESTAMP.fullmatch(history["updatedAt"]), history
    assert (history["storageType"], history["status"]) == ("zip", "completed"), history


def histories_of_a_project_are_listed_oldest_first() -> None:
    project = new_project("dicom_bbox")
    assert client.get_histories(project=project) == []
    begun = [_import(project, f"{number}.zip")["id"] for number in range(3)]
    for history_id in begun:
        finished(client.find_history(history_id))
    found = client.get_histories(project=project)
    assert [one["id"] for one in found] == begun
    same(client.find_history(history_id=begun[1]), found[1])
    same(client.get_histories(project=project, offset=1, limit=1), found[1:2])
    assert client.get_histories(project=project, offset=3) == []


def unknown_histories_and_projects_are_not_found() -> None:
    with refused(404):
        client.find_history(history_id=NOWHERE)
    with refused(404):
        client.get_histories(project=unique())
    with refused(422):
        client.get_histories(project=unique(), limit=1001)


def a_stranger_sees_no_history() -> None:
    project = new_project("dicom_bbox")
    history_id = _import(project, "a.zip")["id"]
    with refused((403, 404)):
        stranger().find_history(history_id)
    with refused((403, 404)):
        stranger().get_histories(project=project)
