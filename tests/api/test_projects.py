"""Projects: what they are made of, their slugs, copies, members and end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.conftest import Raw
from api.waiting import wait_until
from fastlabel import Client
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from fastlabel.modalities import PROJECT_TYPES
from fastlabel_server import tables
from fastlabel_server.db import Database
from servers import Server

NOWHERE = "00000000-0000-7000-8000-000000000000"


def without_times(record: Any) -> dict[str, Any]:
    return {key: value for key, value in record.items() if not key.endswith("At")}


@pytest.mark.parametrize("project_type", PROJECT_TYPES)
def test_a_project_of_every_type_shows_what_it_was_created_with(
    client: Client, slug: str, project_type: str
) -> None:
    project_id = client.create_project(
        project_type, "猫 & cats", slug, True, 3, "three_step", "two_step"
    )
    found = client.find_project(project_id)
    assert without_times(found) == {
        "id": project_id,
        "type": project_type,
        "slug": slug,
        "name": "猫 & cats",
        "isPixel": True,
        "jobSize": 3,
        "status": "active",
        "workflow": "three_step",
        "externalWorkflow": "two_step",
        "externalCode1": None,
        "externalCode2": None,
        "externalCode3": None,
    }
    assert client.find_project_by_slug(slug) == found


def test_a_project_has_defaults_for_what_is_not_sent(raw: Raw, slug: str) -> None:
    body = {"type": "image_bbox", "name": "Plain", "slug": slug}
    project_id = raw("POST", "projects", json=body).json()
    found = raw("GET", f"projects/{project_id}").json()
    defaults = ("isPixel", "jobSize", "workflow", "externalWorkflow")
    assert [found[key] for key in defaults] == [False, 10, "two_step", "two_step"]


def test_unknown_projects_are_none_by_slug_and_404_by_id(client: Client) -> None:
    assert client.find_project_by_slug("no-such-project") is None
    assert client.get_projects(slug="no-such-project") == []
    with pytest.raises(FastLabelNotFoundException, match=NOWHERE):
        client.find_project(NOWHERE)
    with pytest.raises(FastLabelNotFoundException, match="no-such-project"):
        client.get_image_tasks("no-such-project")


def test_projects_are_listed_oldest_first_and_page_by_page(client: Client, slug: str) -> None:
    before = len(client.get_projects(limit=1000))
    ids = [client.create_project("image_bbox", "P", f"{slug}-{n}") for n in range(5)]
    everything = client.get_projects(limit=1000)
    assert [project["id"] for project in everything[before:]] == ids
    pages = [client.get_projects(offset=before + start, limit=2) for start in (0, 2, 4, 6)]
    assert [[project["id"] for project in page] for page in pages] == [
        ids[0:2],
        ids[2:4],
        ids[4:5],
        [],
    ]
    assert list(client.iter_projects()) == everything


def test_the_map_names_slugs_by_ids_in_the_same_order(client: Client, slug: str) -> None:
    ids = [client.create_project("image_bbox", "P", f"{slug}-{n}") for n in range(3)]
    everything = client.get_project_id_slug_map()
    assert list(everything.items())[-3:] == [(ids[n], f"{slug}-{n}") for n in range(3)]
    offset = len(everything) - 2
    assert list(client.get_project_id_slug_map(offset=offset, limit=1)) == [ids[1]]


def test_an_update_changes_what_is_given_and_leaves_the_rest(client: Client, slug: str) -> None:
    project_id = client.create_project("image_bbox", "Old", slug, job_size=7)
    before = client.find_project(project_id)
    assert client.update_project(project_id, name="New") == project_id
    after = client.find_project(project_id)
    assert without_times(after) == {**without_times(before), "name": "New"}
    assert after["createdAt"] == before["createdAt"]
    client.update_project(
        project_id, slug=f"{slug}-b", job_size=9, workflow="three_step",
        external_workflow="three_step",
    )  # fmt: skip
    assert without_times(client.find_project(project_id)) == {
        **without_times(after),
        "slug": f"{slug}-b",
        "jobSize": 9,
        "workflow": "three_step",
        "externalWorkflow": "three_step",
    }
    assert client.find_project_by_slug(slug) is None


def test_a_slug_belongs_to_one_project(client: Client, project: str) -> None:
    with pytest.raises(FastLabelConflictException, match=f"slug: .*'{project}'"):
        client.create_project("image_bbox", "Twin", project)
    other = client.create_project("image_bbox", "Other", f"{project}-b")
    with pytest.raises(FastLabelConflictException, match=f"slug: .*'{project}'"):
        client.update_project(other, slug=project)
    with pytest.raises(FastLabelConflictException, match=f"slug: .*'{project}'"):
        client.copy_project(other, "Copy", project)
    assert client.update_project(other, slug=f"{project}-b") == other


@pytest.mark.parametrize(
    "bad", ["", " ", "a b", "-a", "a-", "a/b", "猫", "a\n", "a\x00b", "a" * 101, "../a", "a?b"]
)
def test_slugs_that_do_not_fit_into_a_url_are_refused(sqlite_raw: Raw, bad: str) -> None:
    body = {"type": "image_bbox", "name": "P", "slug": bad}
    response = sqlite_raw("POST", "projects", json=body)
    assert response.status_code == 422
    assert response.json()["message"].startswith("slug: ")


@pytest.mark.parametrize("good", ["a", "A.b_c-9", "a" * 100])
def test_slugs_of_letters_digits_and_some_signs_are_fine(sqlite_client: Client, good: str) -> None:
    project_id = sqlite_client.create_project("image_bbox", "P", good)
    found = sqlite_client.find_project_by_slug(good)
    assert found is not None and found["id"] == project_id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "image_banana"),
        ("type", "classification"),
        ("name", " "),
        ("name", None),
        ("name", 3),
        ("jobSize", 0),
        ("jobSize", "10"),
        ("workflow", "one_step"),
        ("isPixel", 1),
    ],
)
def test_a_project_of_nonsense_is_refused(
    sqlite_raw: Raw, slug: str, field: str, value: object
) -> None:
    body = {"type": "image_bbox", "name": "P", "slug": slug, field: value}
    response = sqlite_raw("POST", "projects", json=body)
    assert response.status_code == 422
    assert response.json()["message"].startswith(f"{field}: ")
    assert sqlite_raw("GET", "projects", params={"slug": slug}).json() == []


def test_a_copy_has_the_classes_with_ids_of_its_own_and_no_tasks(
    client: Client, slug: str, cat_jpg: Path
) -> None:
    source = client.create_project("image_pose_estimation", "Dancers", slug, job_size=4)
    client.create_annotation(
        slug, "pose_estimation", "dancer", "Dancer", color="#123456", order=5,
        attributes=[
            {"type": "select", "name": "Style", "key": "style",
             "options": [{"title": "Tango", "value": "tango"}]},
        ],
        keypoints=[
            {"key": "head", "name": "Head", "color": "#ff0000", "edges": ["neck"]},
            {"key": "neck", "name": "Neck", "color": "#00ff00", "edges": ["head"]},
        ],
    )  # fmt: skip
    client.create_metadata(
        slug, "site", "select", [{"title": "Osaka", "value": 1}], default_value=1
    )
    client.create_metadata(slug, "note", order=9, is_admin=True, is_required=True)
    client.create_image_task(slug, "a.jpg", cat_jpg, tags=["seen"])

    copy = client.find_project(client.copy_project(source))

    assert copy["slug"] == f"{slug}-copy"
    assert copy["name"] == "Dancers copy"
    assert (copy["type"], copy["jobSize"]) == ("image_pose_estimation", 4)
    assert client.get_image_tasks(copy["slug"]) == []
    assert client.get_tags(copy["slug"]) == []
    (original,), (copied,) = client.get_annotations(slug), client.get_annotations(copy["slug"])
    same = ("type", "value", "title", "color", "order", "maxAreaCount")
    assert [copied[key] for key in same] == [original[key] for key in same]
    assert copied["attributes"][0]["options"] == [{"title": "Tango", "value": "tango"}]
    head, neck = copied["keypoints"]
    assert (head["edges"], neck["edges"]) == ([neck["id"]], [head["id"]])
    for_key = ("key", "type", "options", "defaultValue", "order", "isAdmin", "isRequired")
    keys, copied_keys = client.get_metadatas(slug), client.get_metadatas(copy["slug"])
    assert [[key[name] for name in for_key] for key in copied_keys] == [
        ["site", "select", [{"title": "Osaka", "value": 1}], 1, 1, False, False],
        ["note", "text", [], "", 9, True, True],
    ]
    assert {key["id"] for key in keys}.isdisjoint(key["id"] for key in copied_keys)
    old_ids = {original["id"], *(entry["id"] for entry in original["keypoints"])}
    assert old_ids.isdisjoint({copied["id"], head["id"], neck["id"]})


def test_copies_find_a_free_slug_or_take_the_one_given(client: Client, slug: str) -> None:
    source = client.create_project("image_bbox", "P", slug)
    copies = [client.copy_project(source) for _ in range(3)]
    slugs = [client.find_project(copy)["slug"] for copy in copies]
    assert slugs == [f"{slug}-copy", f"{slug}-copy-2", f"{slug}-copy-3"]
    named = client.find_project(client.copy_project(source, "Mine", f"{slug}-mine"))
    assert (named["name"], named["slug"]) == ("Mine", f"{slug}-mine")


def test_a_deleted_project_is_out_of_sight_at_once_and_gone_in_the_end(
    client: Client, project: str, cat_jpg: Path, database: Database
) -> None:
    project_id = client.get_projects(slug=project)[0]["id"]
    class_id = client.get_annotations(project)[0]["id"]
    task_id = client.create_image_task(project, "a.jpg", cat_jpg, tags=["seen"])
    tag_id = client.get_tags(project)[0]["id"]

    client.delete_project(project_id)

    for request in (
        lambda: client.find_project(project_id),
        lambda: client.find_image_task(task_id),
        lambda: client.update_task(task_id, status="completed"),
        lambda: client.find_annotation(class_id),
        lambda: client.get_tags(project),
        lambda: client.delete_tags([tag_id]),
        lambda: client.delete_project(project_id),
    ):
        with pytest.raises(FastLabelNotFoundException):
            request()
    assert client.find_project_by_slug(project) is None
    assert project_id not in client.get_project_id_slug_map()

    # The slug is free while the job may still be at work.
    successor = client.create_project("image_bbox", "Again", project)
    assert client.get_image_tasks(project) == []
    assert client.get_projects(slug=project)[0]["id"] == successor

    def is_purged() -> bool:
        owned = (tables.Project, tables.AnnotationClass, tables.Task, tables.Tag, tables.TaskBlock)
        with database.read() as session:
            return not any(
                session.scalar(
                    select(func.count())
                    .select_from(table)
                    .where(
                        (table.id if table is tables.Project else table.project_id) == project_id
                    )
                )
                for table in owned
            )

    wait_until(is_purged, "the purge of the project")
    assert client.get_projects(slug=project)[0]["id"] == successor


def test_external_codes_are_set_and_cleared_under_a_lasting_id(
    raw: Raw, client: Client, slug: str
) -> None:
    project_id = client.create_project("image_bbox", "P", slug)

    def codes() -> list[str | None]:
        found = client.find_project(project_id)
        return [found["externalCode1"], found["externalCode2"], found["externalCode3"]]

    record = client.update_project_metadata(project_id, "A-1", None, "猫")
    assert codes() == ["A-1", None, "猫"]
    assert client.update_project_metadata(project_id, None, "B", None) == record != project_id
    assert codes() == [None, "B", None]
    assert (
        raw("PUT", f"projects/{project_id}/metadata", json={"externalCode3": "C"}).json() == record
    )
    assert codes() == [None, "B", "C"]


def test_a_role_lets_a_user_see_the_project_until_it_is_taken_away(
    server: Server, client: Client, project: str
) -> None:
    email = f"member-{project}@example.com"
    theirs = server.client(server.create_user(email, "Mia Member", "member"))
    assert theirs.get_projects() == []
    assert client.update_project_user_permission(project, email.upper(), "annotator") is True
    assert [found["slug"] for found in theirs.get_projects()] == [project]
    assert client.update_project_user_permission(project, email, "manager") is True
    theirs.create_annotation(project, "line", "rope", "Rope")
    for _ in range(2):
        assert client.update_project_user_permission(project, email, "none") is True
        assert theirs.get_projects() == []


def test_members_need_a_known_role_and_an_account(client: Client, project: str) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"role: .*'king'") as refused:
        client.update_project_user_permission(project, "owner@example.com", "king")  # type: ignore[arg-type]
    assert refused.value.code == 422
    with pytest.raises(FastLabelNotFoundException, match=r"nobody@example\.com"):
        client.update_project_user_permission(project, "nobody@example.com", "annotator")


def test_only_owners_of_the_workspace_create_projects(server: Server, slug: str) -> None:
    stranger = server.client(server.stranger_token)
    with pytest.raises(FastLabelInvalidException, match="owner") as refused:
        stranger.create_project("image_bbox", "P", slug)
    assert refused.value.code == 403
