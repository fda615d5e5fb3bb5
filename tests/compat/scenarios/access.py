"""Tokens that are wrong, and a member with whom nothing was shared."""

from __future__ import annotations

import os
from typing import Any

from fastlabel import Client
from scenarios.pictures import png, saved
from scenarios.support import (
    STRANGER_EMAIL,
    bbox,
    call,
    client,
    client_with,
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


def a_wrong_token_answers_401() -> None:
    project = new_project()
    task = new_task(project)
    for token in ("wrong", "Bearer", os.environ["FASTLABEL_ACCESS_TOKEN"] + "x", "fl_" + "a" * 43):
        nobody = client_with(token)
        with refused(401):
            nobody.get_projects()
        with refused(401):
            nobody.create_project("image_bbox", "Cats", unique())
        with refused(401):
            nobody.update_task(task, status="completed")
        with refused(401):
            nobody.delete_task(task)
        with refused(401):
            nobody.find_image_task("not-an-id")
    assert names(client.get_image_tasks(project)) == ["cat.png"]


def no_token_answers_401_as_json() -> None:
    for verb, path in (
        ("GET", "projects"),
        ("GET", "tasks/image?project=x"),
        ("POST", "tasks/image"),
        ("PUT", "tasks/x"),
        ("DELETE", "projects/x"),
    ):
        status, answer = call(verb, path, b"{}" if verb in ("POST", "PUT") else None, token="")
        assert status == 401, (verb, path, status)
        assert isinstance(answer["message"], str), answer
        same(answer["statusCode"], 401)


def a_path_that_does_not_exist_answers_404_as_json() -> None:
    for verb, path in (("GET", "nothing"), ("POST", "tasks/image/x/y/z"), ("GET", "projects/")):
        status, answer = call(verb, path, b"{}" if verb == "POST" else None)
        assert status == 404, (verb, path, status)
        assert isinstance(answer["message"], str), answer


def a_missing_token_is_refused_by_the_client() -> None:
    try:
        client_with("")
    except ValueError:
        return
    raise AssertionError("a client without a token was made")


def lists_leave_out_what_was_not_shared() -> None:
    project = new_project()
    member = stranger()
    assert member.find_project_by_slug(project) is None
    assert project_id(project) not in member.get_project_id_slug_map()
    assert project not in [p["slug"] for p in member.get_projects(limit=1000)]


def everything_else_of_a_project_not_shared_answers_404() -> None:
    project = new_project()
    key = project_id(project)
    label = new_class(project)
    task = new_task(project, annotations=[bbox()], tags=["day"])
    [tag] = client.get_tags(project)
    before = client.find_image_task(task)
    member = stranger()
    for action in _everything(member, project, key, label, task, tag["id"]):
        with refused(404):
            action()
    after = client.find_image_task(task)
    after["url"] = before["url"]
    same(after, before)
    same([c["title"] for c in client.get_annotations(project)], ["Cat"])
    same(names(client.get_tags(project)), ["day"])


def _everything(
    member: Client, project: str, key: str, label: str, task: str, tag: str
) -> list[Any]:
    text = [{"type": "text", "name": "Note", "key": "note"}]
    path = saved(png(), "any.png")
    return [
        lambda: member.find_project(key),
        lambda: member.update_project(key, name="Mine"),
        lambda: member.delete_project(key),
        lambda: member.copy_project(key),
        lambda: member.get_annotations(project),
        lambda: member.find_annotation(label),
        lambda: member.find_annotation_by_value(project, "cat"),
        lambda: member.create_annotation(project, "bbox", "dog", "Dog"),
        lambda: member.create_classification_annotation(project, text),
        lambda: member.update_annotation(label, title="Mine"),
        lambda: member.update_classification_annotation(label, text),
        lambda: member.delete_annotation(label),
        lambda: member.get_image_tasks(project),
        lambda: member.find_image_task(task),
        lambda: member.find_image_task_by_name(project, "cat.png"),
        lambda: member.create_image_task(project, "x.png", path),
        lambda: member.create_integrated_image_task(project, "aws-s3", "x.png"),
        lambda: member.update_image_task(task, status="completed"),
        lambda: member.get_image_classification_tasks(project),
        lambda: member.create_image_classification_task(project, "x.png", path),
        lambda: member.update_task(task, status="completed"),
        lambda: member.delete_task(task),
        lambda: member.delete_task_annotations(task),
        lambda: member.count_tasks(project),
        lambda: member.get_task_id_name_map(project),
        lambda: member.get_tags(project),
        lambda: member.delete_tags([tag]),
    ]


@later
def the_later_calls_answer_404_too() -> None:
    project = new_project()
    key, task = project_id(project), new_task(project)
    member = stranger()
    for action in (
        lambda: member.update_project_metadata(key, "A", "B", "C"),
        lambda: member.update_project_user_permission(project, STRANGER_EMAIL, "owner"),
        lambda: member.add_task_tags(project, [task], ["day"]),
        lambda: member.remove_task_tags(project, [task], ["day"]),
        lambda: member.get_multi_image_classification_tasks(project),
    ):
        with refused(404):
            action()
    assert member.find_project_by_slug(project) is None


@later
def an_annotator_labels_but_does_not_manage() -> None:
    project = new_project()
    label = new_class(project)
    task = new_task(project)
    client.update_project_user_permission(project, STRANGER_EMAIL, "annotator")
    member = stranger()
    member.update_image_task(task, annotations=[bbox()], status="completed")
    same([a["value"] for a in client.find_image_task(task)["annotations"]], ["cat"])
    for action in (
        lambda: member.delete_project(project_id(project)),
        lambda: member.update_project(project_id(project), name="Mine"),
        lambda: member.create_annotation(project, "bbox", "dog", "Dog"),
        lambda: member.delete_annotation(label),
        lambda: member.delete_task(task),
        lambda: member.update_task(task, status="approved"),
        lambda: member.update_project_user_permission(project, STRANGER_EMAIL, "owner"),
    ):
        with refused(403):
            action()
    after = client.find_image_task(task)
    same([after["status"], client.find_project_by_slug(project)["name"]],
         ["completed", f"Project {project}"])  # fmt: skip
