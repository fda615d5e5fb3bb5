"""Creating image tasks: every field and every shape comes back as it was sent."""

from __future__ import annotations

from typing import Any

from scenarios.pictures import gif, jpeg, png, saved
from scenarios.support import (
    EXTERNAL_STATUSES,
    ID,
    NOWHERE,
    OWNER_NAME,
    OWNER_SLUG,
    STATUSES,
    TIMESTAMP,
    bbox,
    client,
    later,
    names,
    new_class,
    new_project,
    new_task,
    refused,
    same,
    unique,
)

RING = [10, 10, 30, 10, 30, 25, 10, 25, 10, 10]
HOLLOW = [15, 12, 15, 20, 20, 20, 20, 12, 15, 12]
ISLAND = [1, 1, 5, 1, 5, 5, 1, 5, 1, 1]

GEOMETRIES: dict[str, list[dict[str, Any]]] = {
    "bbox": [
        {"points": [1, 2, 21, 12], "rotation": 0},
        {"points": [1.5, 2.25, 21.125, 12.1], "rotation": 33.5},
        {"points": [21, 12, 1, 2], "rotation": 270},
        {"points": [-5, -7.5, 4000, 3000], "rotation": 0},
    ],
    "polygon": [{"points": [1, 1, 20, 1.5, 10, 0.1]}, {"points": [9, 9, 1, 9, 5, 1, 9, 9]}],
    "keypoint": [{"points": [3, 4]}, {"points": [0.1, 0.2]}],
    "line": [{"points": [1, 1, 20, 20]}, {"points": [1, 1, 2.5, 3, 4, 4]}],
    "circle": [{"points": [10, 11.5, 4]}],
    "segmentation": [
        {"points": [[RING]]},
        {"points": [[RING, HOLLOW]]},
        {"points": [[RING, HOLLOW], [ISLAND]]},
    ],
}


def the_smallest_call_gives_every_documented_field() -> None:
    project = new_project()
    created = client.create_image_task(
        project=project, name="cat.jpg", file_path=saved(jpeg((40, 30)), "cat.jpg")
    )
    task = client.find_image_task(task_id=created)
    assert ID.fullmatch(created), created
    assert TIMESTAMP.fullmatch(task["createdAt"]), task
    assert TIMESTAMP.fullmatch(task["updatedAt"]), task
    assert task["url"].startswith("http"), task
    documented = {
        "id": created,
        "name": "cat.jpg",
        "width": 40,
        "height": 30,
        "status": "registered",
        "externalStatus": "registered",
        "priority": 0,
        "tags": [],
        "assignee": None,
        "reviewer": None,
        "approver": None,
        "externalAssignee": None,
        "externalReviewer": None,
        "externalApprover": None,
        "annotations": [],
    }
    same({key: task.get(key, "missing") for key in documented}, documented)


def everything_that_is_given_comes_back() -> None:
    project = new_project(workflow="three_step")
    created = new_task(
        project,
        "folder/猫 1.png",
        status="approved",
        external_status="reviewed",
        priority=20,
        tags=["night", "雨 rain"],
        assignee=OWNER_SLUG,
        reviewer=OWNER_SLUG,
        approver=OWNER_SLUG,
        external_assignee=OWNER_SLUG,
        external_reviewer=OWNER_SLUG,
        external_approver=OWNER_SLUG,
    )
    task = client.find_image_task(created)
    wanted = {
        "name": "folder/猫 1.png",
        "status": "approved",
        "externalStatus": "reviewed",
        "priority": 20,
        "tags": ["night", "雨 rain"],
        "assignee": OWNER_NAME,
        "reviewer": OWNER_NAME,
        "approver": OWNER_NAME,
        "externalAssignee": OWNER_NAME,
        "externalReviewer": OWNER_NAME,
        "externalApprover": OWNER_NAME,
    }
    same({key: task[key] for key in wanted}, wanted)


def every_status_and_priority_can_be_set_at_creation() -> None:
    project = new_project(workflow="three_step", external_workflow="three_step")
    for status in STATUSES:
        task = new_task(project, f"{status}.png", status=status)
        same(client.find_image_task(task)["status"], status)
    for status in EXTERNAL_STATUSES:
        task = new_task(project, f"external-{status}.png", external_status=status)
        same(client.find_image_task(task)["externalStatus"], status)
    for priority in (0, 10, 20, 30):
        task = new_task(project, f"{priority}.png", priority=priority)
        same(client.find_image_task(task)["priority"], priority)


def every_shape_comes_back_as_it_was_sent() -> None:
    project = new_project("image_all")
    for shape in GEOMETRIES:
        new_class(project, shape, f"a-{shape}", title=shape.title(), color="#123456")
    sent = [(shape, geometry) for shape, many in GEOMETRIES.items() for geometry in many]
    task = new_task(project, annotations=[
        {"type": shape, "value": f"a-{shape}", **geometry} for shape, geometry in sent
    ])  # fmt: skip
    got = client.find_image_task(task)["annotations"]
    assert all(ID.fullmatch(annotation.pop("id")) for annotation in got)
    same(got, [
        {
            "type": shape, "value": f"a-{shape}", "title": shape.title(), "color": "#123456",
            "attributes": [], "rotation": 0, "keypoints": [], "confidenceScore": -1, **geometry,
        }
        for shape, geometry in sent
    ])  # fmt: skip


def a_project_of_one_shape_takes_that_shape() -> None:
    for shape in ("bbox", "polygon", "keypoint", "line", "segmentation"):
        project = new_project(f"image_{shape}")
        new_class(project, shape)
        task = new_task(
            project, annotations=[{"type": shape, "value": "cat", **GEOMETRIES[shape][0]}]
        )
        [annotation] = client.find_image_task(task)["annotations"]
        same([annotation["type"], annotation["points"]], [shape, GEOMETRIES[shape][0]["points"]])


def a_pose_comes_back_with_names_and_edges() -> None:
    project = new_project("image_pose_estimation")
    client.api.post_request("annotations", payload={
        "project": project, "type": "pose_estimation", "value": "person", "title": "Person",
        "color": "#123456", "keypoints": [
            {"key": "head", "name": "Head", "color": "#ff0000", "edges": ["neck"]},
            {"key": "neck", "name": "Neck", "color": "#00ff00", "edges": ["head"]},
            {"key": "hip", "name": "Hip", "color": "#0000ff", "edges": []},
        ],
    })  # fmt: skip
    task = new_task(project, annotations=[{"type": "pose_estimation", "value": "person",
        "keypoints": [{"key": "head", "value": [10, 5.5, 1]}, {"key": "neck", "value": [11, 9, 0]}],
    }])  # fmt: skip
    [annotation] = client.find_image_task(task)["annotations"]
    same([annotation["type"], annotation["points"]], ["pose_estimation", []])
    placed = [point for point in annotation["keypoints"] if point["value"]]
    same(placed, [
        {"name": "Head", "key": "head", "value": [10, 5.5, 1], "edges": ["neck"]},
        {"name": "Neck", "key": "neck", "value": [11, 9, 0], "edges": ["head"]},
    ])  # fmt: skip
    # A task that was read can be sent back: the client strips what the server joined in.
    client.update_image_task(task, annotations=client.find_image_task(task)["annotations"])
    same(client.find_image_task(task)["annotations"][0]["keypoints"], annotation["keypoints"])


def attributes_and_confidence_come_back() -> None:
    project = new_project()
    choice = [{"title": "Tabby", "value": "tabby"}, {"title": "Manx", "value": "manx"}]
    new_class(project, attributes=[
        {"type": "text", "name": "Note", "key": "note"},
        {"type": "select", "name": "Kind", "key": "kind", "options": choice},
        {"type": "radio", "name": "Twin", "key": "twin", "options": choice},
        {"type": "checkbox", "name": "Also", "key": "also", "options": choice},
        {"type": "switch", "name": "Indoor", "key": "indoor"},
        {"type": "number", "name": "Weight", "key": "weight"},
    ])  # fmt: skip
    answers: dict[str, Any] = {
        "note": "眠い\n\"quoted\"", "kind": "tabby", "twin": "manx", "also": ["tabby", "manx"],
        "indoor": True, "weight": 4.5,
    }  # fmt: skip
    task = new_task(project, annotations=[
        bbox(confidenceScore=0.875,
             attributes=[{"key": key, "value": value} for key, value in answers.items()]),
        bbox(confidenceScore=1),
    ])  # fmt: skip
    first, second = client.find_image_task(task)["annotations"]
    forms = {"note": "text", "kind": "select", "twin": "radio", "also": "checkbox",
             "indoor": "switch", "weight": "number"}  # fmt: skip
    same(first["attributes"], [
        {"key": key, "name": key.title(), "type": forms[key], "value": value}
        for key, value in answers.items()
    ])  # fmt: skip
    same([first["confidenceScore"], second["confidenceScore"]], [0.875, 1])
    same(second["attributes"], [])


def a_name_is_taken_once_in_a_project() -> None:
    project = new_project()
    first = new_task(project, "cat.png")
    with refused(409, "cat.png"):
        new_task(project, "cat.png")
    same([task["id"] for task in client.get_image_tasks(project)], [first])
    new_task(new_project(), "cat.png")
    client.delete_task(first)
    assert new_task(project, "cat.png") != first


def tasks_are_found_by_their_exact_name() -> None:
    project = new_project()
    for name in ("cat.png", "cat.png.png", "100% & + 猫?.png"):
        new_task(project, name)
        found = client.find_image_task_by_name(project=project, task_name=name)
        assert found["name"] == name
    assert client.find_image_task_by_name(project, "cat") is None
    assert client.find_image_task_by_name(project, "CAT.png") is None


def names_that_would_leave_a_folder_are_refused() -> None:
    project = new_project()
    for name in ("", "   ", "../cat.png", "a/../../cat.png", "/cat.png"):
        with refused(422):
            new_task(project, name)
            raise AssertionError(f"accepted: {name!r}")
    new_task(project, "a/b..c/cat.png")
    assert names(client.get_image_tasks(project)) == ["a/b..c/cat.png"]


def files_of_other_kinds_are_refused() -> None:
    project = new_project()
    files = {
        "text.jpg": b"This is not an image.",
        "empty.jpg": b"",
        "gif.jpg": gif(),
        "cut.jpg": jpeg((400, 300))[:2000],
        "cut.png": png((400, 300))[:200],
        "head.png": png()[:20],
        "zeros.jpg": bytes(5000),
    }
    for name, data in files.items():
        with refused(422):
            client.create_image_task(project, name, saved(data, name))
            raise AssertionError(f"accepted: {name}")
    with refused(422):
        client.create_image_task(project, "cat.gif", saved(gif(), "cat.gif"))
    assert client.get_image_tasks(project) == []


def extensions_may_be_in_capitals() -> None:
    project = new_project()
    for name, data in {"A.JPG": jpeg(), "B.JPEG": jpeg(), "C.PNG": png()}.items():
        client.create_image_task(project, name, saved(data, name))
    assert names(client.get_image_tasks(project)) == ["A.JPG", "B.JPEG", "C.PNG"]


def an_unknown_project_or_task_answers_404() -> None:
    with refused(404, "no-such-project"):
        new_task("no-such-project")
    with refused(404):
        client.find_image_task(NOWHERE)
    with refused(404):
        client.find_image_task(unique())


@later
def workflow_users_come_back_as_names() -> None:
    created = new_task(new_project(), workflow_1_user=OWNER_SLUG, workflow_6_user=OWNER_SLUG)
    task = client.find_image_task(created)
    same([task["workflow1User"], task["workflow2User"], task["workflow6User"]],
         [OWNER_NAME, None, OWNER_NAME])  # fmt: skip


@later
def a_custom_status_needs_a_custom_workflow() -> None:
    project = new_project()
    with refused(422, "customTaskStatus"):
        new_task(project, custom_task_status="workflow_1_completed")
    assert client.get_image_tasks(project) == []


@later
def metadata_comes_back() -> None:
    given = [{"key": "camera", "value": "front"}, {"key": "place", "value": "東京"}]
    project = new_project()
    for key in ("camera", "place"):
        # The official client has no method for it.
        client.api.post_request("metadatas", {"project": project, "key": key, "type": "text"})
    task = new_task(project, metadatas=given)
    shown = client.find_image_task(task)["metadatas"]
    same([{"key": entry["key"], "value": entry["value"]} for entry in shown], given)
    client.update_image_task(task, metadatas=[{"key": "camera", "value": "rear"}])
    same([entry["value"] for entry in client.find_image_task(task)["metadatas"]], ["rear"])
    client.update_image_task(task, status="completed")
    same([entry["value"] for entry in client.find_image_task(task)["metadatas"]], ["rear"])
