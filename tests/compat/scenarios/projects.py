"""Projects: every type, find, update, delete, copy, map; metadata and members in 0.26.0."""

from __future__ import annotations

import json

from scenarios.support import (
    ID,
    NOWHERE,
    STRANGER_EMAIL,
    TIMESTAMP,
    client,
    later,
    names,
    new_class,
    new_project,
    new_task,
    project_id,
    refused,
    same,
    stranger,
    unique,
)

IMAGE_TYPES = (
    "image_bbox", "image_polygon", "image_keypoint", "image_line", "image_segmentation",
    "image_pose_estimation", "image_classification", "image_all", "multi_image_classification",
)  # fmt: skip


def every_image_type_can_be_created_and_found() -> None:
    for project_type in IMAGE_TYPES:
        slug = unique()
        created = client.create_project(type=project_type, name="Cats 猫", slug=slug)
        project = client.find_project(project_id=created)
        assert ID.fullmatch(created), created
        assert TIMESTAMP.fullmatch(project["createdAt"]), project
        assert TIMESTAMP.fullmatch(project["updatedAt"]), project
        documented = {
            "id": created,
            "type": project_type,
            "slug": slug,
            "name": "Cats 猫",
            "isPixel": False,
            "jobSize": 10,
            "status": "active",
            "workflow": "two_step",
            "externalWorkflow": "two_step",
        }
        same({key: project.get(key) for key in documented}, documented)


def options_come_back() -> None:
    slug = new_project(
        "image_segmentation",
        is_pixel=True,
        job_size=25,
        workflow="three_step",
        external_workflow="three_step",
    )
    project = client.find_project_by_slug(slug)
    got = [project[key] for key in ("isPixel", "jobSize", "workflow", "externalWorkflow")]
    same(got, [True, 25, "three_step", "three_step"])


def find_by_slug_matches_exactly() -> None:
    slug = new_project()
    assert client.find_project_by_slug(slug=slug)["slug"] == slug
    assert client.find_project_by_slug(slug=slug[:-1]) is None
    assert client.find_project_by_slug(slug=slug.upper()) is None
    assert [project["slug"] for project in client.get_projects(slug=slug)] == [slug]
    assert client.get_projects(slug="there-is-no-such-project") == []


def projects_are_listed_page_by_page_in_order_of_creation() -> None:
    slugs = [new_project() for _ in range(3)]
    everything = []
    while page := client.get_projects(offset=len(everything), limit=2):
        assert len(page) <= 2
        everything += page
    listed = [project["slug"] for project in everything]
    assert [slug for slug in listed if slug in slugs] == slugs
    assert len(set(listed)) == len(listed)


def the_map_gives_the_slug_of_every_id() -> None:
    slugs = [new_project(), new_project()]
    found = client.get_project_id_slug_map()
    for slug in slugs:
        assert found[project_id(slug)] == slug
    assert len(client.get_project_id_slug_map(offset=1, limit=1)) == 1


def an_update_changes_what_is_sent_and_leaves_the_rest() -> None:
    slug = new_project(job_size=7)
    key = project_id(slug)
    assert client.update_project(project_id=key, name="Renamed") == key
    project = client.find_project(key)
    same([project["name"], project["slug"], project["jobSize"]], ["Renamed", slug, 7])

    moved = unique()
    client.update_project(
        key, slug=moved, job_size=20, workflow="three_step", external_workflow="three_step"
    )
    project = client.find_project(key)
    got = [project[k] for k in ("name", "slug", "jobSize", "workflow", "externalWorkflow")]
    same(got, ["Renamed", moved, 20, "three_step", "three_step"])
    assert client.find_project_by_slug(slug) is None


def deleting_a_project_deletes_its_tasks_and_frees_its_slug() -> None:
    slug = new_project()
    key = project_id(slug)
    task = new_task(slug)
    assert client.delete_project(project_id=key) is None
    assert client.find_project_by_slug(slug) is None
    assert key not in client.get_project_id_slug_map()
    with refused(404):
        client.find_project(key)
    with refused(404):
        client.find_image_task(task)
    assert client.create_project("image_bbox", "Again", slug) != key
    assert client.get_image_tasks(slug) == []


def a_copy_has_the_classes_and_settings_but_no_tasks() -> None:
    slug = new_project(job_size=33, workflow="three_step")
    key = project_id(slug)
    new_class(slug, value="cat", title="Cat", color="#ff0000", attributes=[
        {"type": "radio", "name": "Kind", "key": "kind", "options": [
            {"title": "Tabby", "value": "tabby"}]},
    ])  # fmt: skip
    new_task(slug)
    copied = client.copy_project(project_id=key)
    project = client.find_project(copied)
    assert copied != key
    assert project["slug"] != slug
    same(
        [project["type"], project["jobSize"], project["workflow"]], ["image_bbox", 33, "three_step"]
    )
    assert client.get_image_tasks(project["slug"]) == []
    [original], [copy] = client.get_annotations(slug), client.get_annotations(project["slug"])
    assert copy["id"] != original["id"]
    same([copy[k] for k in ("type", "value", "title", "color", "order")],
         ["bbox", "cat", "Cat", "#ff0000", 1])  # fmt: skip
    same([(a["key"], a["type"], a["options"]) for a in copy["attributes"]],
         [["kind", "radio", [{"title": "Tabby", "value": "tabby"}]]])  # fmt: skip


def a_copy_without_a_name_is_named_after_the_original() -> None:
    slug = new_project()
    first = client.find_project(client.copy_project(project_id(slug)))
    second = client.find_project(client.copy_project(project_id(slug)))
    assert first["name"] == f"Project {slug} copy"
    assert first["slug"] == f"{slug}-copy"
    assert second["slug"].startswith(f"{slug}-copy")
    assert second["slug"] != first["slug"]


@later
def a_copy_takes_the_name_and_slug_given() -> None:
    slug, wanted = new_project(), unique()
    copied = client.copy_project(project_id(slug), project_name="Dogs", project_slug=wanted)
    project = client.find_project_by_slug(wanted)
    assert [project["id"], project["name"]] == [copied, "Dogs"]
    with refused(409):
        client.copy_project(project_id(slug), project_name="Dogs", project_slug=wanted)


def a_slug_is_taken_once() -> None:
    slug, other = new_project(), new_project()
    with refused(409, slug):
        client.create_project("image_bbox", "Same slug", slug)
    with refused(409, slug):
        client.update_project(project_id(other), slug=slug)
    assert client.find_project_by_slug(other) is not None


def an_unknown_project_answers_404() -> None:
    for action in (
        client.find_project,
        client.delete_project,
        client.copy_project,
        lambda key: client.update_project(key, name="Nobody"),
    ):
        with refused(404):
            action(NOWHERE)
        with refused(404):
            action("not-an-id")


def wrong_values_are_refused_and_create_nothing() -> None:
    slug = unique()
    for change in (
        {"type": "image_hexagon"},
        {"type": None},
        {"name": ""},
        {"name": "   "},
        {"slug": ""},
        {"workflow": "four_step"},
        {"externalWorkflow": "four_step"},
        {"jobSize": -1},
        {"jobSize": "many"},
    ):
        good = {"type": "image_bbox", "name": "Cats", "slug": slug,
                "workflow": "two_step", "externalWorkflow": "two_step"}  # fmt: skip
        with refused(422):
            client.api.post_request("projects", payload={**good, **change})
            raise AssertionError(f"accepted: {json.dumps(change)}")
    assert client.find_project_by_slug(slug) is None
    key = project_id(new_project())
    with refused(422):
        client.update_project(key, workflow="four_step")


def pages_hold_at_most_a_thousand() -> None:
    with refused(422):
        client.get_projects(limit=1001)
    with refused(422):
        client.get_project_id_slug_map(limit=1001)
    for path in ("projects", "projects/map/id-slug"):
        for wrong in ({"limit": 1001}, {"limit": -1}, {"offset": -1}, {"limit": "ten"}):
            with refused(422):
                client.api.get_request(path, params=wrong)
    assert client.get_projects(limit=1000)


@later
def project_metadata_can_be_set() -> None:
    key = project_id(new_project())
    record = client.update_project_metadata(
        project_id=key, external_code_1="A-1", external_code_2="B", external_code_3="C"
    )
    assert ID.fullmatch(record), record
    again = client.update_project_metadata(key, "A-2", None, None)
    assert again == record
    with refused(404):
        client.update_project_metadata(NOWHERE, "A", "B", "C")


@later
def a_project_is_shared_by_a_role_and_closed_by_none() -> None:
    slug = new_project()
    new_task(slug, "shared.png")
    member = stranger()
    assert member.find_project_by_slug(slug) is None
    for role in ("annotator", "reviewer", "owner", "external_annotator", "external_reviewer",
                 "external_approver", "external_sub_owner", "external_owner"):  # fmt: skip
        granted = client.update_project_user_permission(slug, STRANGER_EMAIL, role)
        assert granted is True, granted
        assert member.find_project_by_slug(slug)["slug"] == slug
        assert names(member.get_image_tasks(slug)) == ["shared.png"]
    assert client.update_project_user_permission(slug, STRANGER_EMAIL, "none") is True
    assert member.find_project_by_slug(slug) is None
    with refused(404):
        member.get_image_tasks(slug)


@later
def sharing_needs_a_known_project_user_and_role() -> None:
    slug = new_project()
    with refused(404):
        client.update_project_user_permission("no-such-project", STRANGER_EMAIL, "annotator")
    with refused((404, 422)):
        client.update_project_user_permission(slug, "nobody@example.com", "annotator")
    with refused(422):
        client.update_project_user_permission(slug, STRANGER_EMAIL, "emperor")
