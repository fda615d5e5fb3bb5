"""Comments on tasks and the texts under them; 0.14.13 has none."""

from __future__ import annotations

from scenarios.pictures import folder, png
from scenarios.support import (
    ID,
    NOWHERE,
    OWNER_NAME,
    STRANGER_EMAIL,
    TIMESTAMP,
    bbox,
    client,
    later,
    new_class,
    new_project,
    new_task,
    refused,
    same,
    stranger,
    unique,
)


def _texts(comment: dict) -> list[str]:
    return [thread["text"] for thread in comment["threads"]]


@later
def a_comment_comes_back_with_all_that_was_given() -> None:
    project = new_project()
    new_class(project)
    task = new_task(project, annotations=[bbox()])
    annotation = client.find_image_task(task)["annotations"][0]["id"]
    comment = client.create_task_comment(
        task_id=task,
        points=[10, 20.5],
        text="左の耳",
        content_name="cat.png",
        scale=1.5,
        frame=0,
        status="doing",
        priority=2,
        is_resolved=True,
        task_annotation_id=annotation,
        color="#ff0000",
    )
    documented = {
        "taskId": task,
        "contentName": "cat.png",
        "type": "text",
        "isResolved": True,
        "points": [10, 20.5],
        "scale": 1.5,
        "frame": 0,
        "status": "doing",
        "priority": 2,
        "taskAnnotationId": annotation,
        "issueCategoryId": None,
        "color": "#ff0000",
    }
    same({key: comment[key] for key in documented}, documented)
    [thread] = comment["threads"]
    assert thread["text"] == "左の耳"
    for record in (comment, thread):
        assert ID.fullmatch(record["id"]), record
        assert TIMESTAMP.fullmatch(record["createdAt"]), record
        assert TIMESTAMP.fullmatch(record["updatedAt"]), record
    assert ID.fullmatch(comment["contentId"]), comment
    same(client.get_task_comments(project=project, task_id=task), [comment])
    again = client.create_task_comment(
        task_id=task, points=[1, 2], text="By id", content_id=comment["contentId"]
    )
    same([again["contentName"], again["status"], again["color"]], ["cat.png", "todo", None])


@later
def a_comment_is_answered_changed_and_deleted_text_by_text() -> None:
    project = new_project()
    task = new_task(project)
    comment = client.create_task_comment(task_id=task, points=[1, 2], text="A cat?")
    answered = client.create_task_comment(comment_id=comment["id"], text="A fox.")
    same([answered["id"], _texts(answered)], [comment["id"], ["A cat?", "A fox."]])
    first, second = answered["threads"]
    changed = client.update_task_comment(thread_id=second["id"], text="A dog.")
    same(_texts(changed), ["A cat?", "A dog."])
    assert client.delete_task_comment(thread_id=first["id"]) is None
    same([_texts(one) for one in client.get_task_comments(project, task)], [["A dog."]])
    client.delete_task_comment(second["id"])
    same(client.get_task_comments(project, task), [])
    with refused(404):
        client.delete_task_comment(second["id"])
    with refused(404):
        client.create_task_comment(comment_id=comment["id"], text="Too late")


@later
def a_project_lists_texts_by_the_state_of_their_tasks() -> None:
    project = new_project()
    first = new_task(project, "1.png", status="completed", tags=["a", "b"])
    second = new_task(project, "2.png", external_status="approved", tags=["b"])
    for task, text in ((first, "one"), (second, "two"), (first, "three")):
        client.create_task_comment(task_id=task, points=[1, 2], text=text)

    def found(**filters: object) -> list[str]:
        return [one["text"] for one in client.get_project_comments(project, **filters)]

    same(found(), ["one", "two", "three"])
    same(found(status="completed"), ["one", "three"])
    same(found(external_status="approved"), ["two"])
    same(found(tags=["b"]), ["one", "two", "three"])
    same(found(tags=["a", "b"]), ["one", "three"])
    same(found(offset=1, limit=1), ["two"])
    same(found(issue_category_id=NOWHERE), [])
    head = client.get_project_comments(project)[1]
    same([head["comment"]["taskId"], "threads" in head["comment"]], [second, False])


@later
def a_task_of_several_contents_has_them_named() -> None:
    project = new_project("multi_image_classification")
    views = folder({"left.png": png(), "right.png": png()})
    task = client.create_multi_image_classification_task(
        project=project, name="view", folder_path=views
    )
    comment = client.create_task_comment(
        task_id=task, points=[1, 2], text="Dark", content_name="right.png", frame=2
    )
    same([comment["contentName"], comment["frame"]], ["right.png", 2])
    with refused(422, "contentName"):
        client.create_task_comment(task_id=task, points=[1, 2], text="Which?")
    with refused(422, "top.png"):
        client.create_task_comment(
            task_id=task, points=[1, 2], text="Which?", content_name="top.png"
        )
    with refused(422):
        client.create_task_comment(
            task_id=task, points=[1], text="Both", content_name="left.png", content_id=NOWHERE
        )


@later
def wrong_comments_are_refused() -> None:
    project = new_project()
    task = new_task(project)
    for wrong in (
        {"text": None},
        {"text": ""},
        {"points": ["a"]},
        {"color": "red"},
        {"frame": -1},
        {"task_annotation_id": NOWHERE},
        {"content_name": "dog.png"},
    ):
        with refused(422):
            client.create_task_comment(**{"task_id": task, "points": [1], "text": "A", **wrong})
            raise AssertionError(f"accepted: {wrong}")
    with refused(404):
        client.create_task_comment(task_id=NOWHERE, points=[1], text="A")
    same(client.get_task_comments(project, task), [])
    with refused(404):
        client.get_task_comments(unique(), task)
    for offset, limit in ((-1, 1), (0, 0), (0, 1001)):
        with refused(422):
            client.get_task_comments(project, task, offset=offset, limit=limit)


@later
def comments_are_for_those_who_see_the_task() -> None:
    project = new_project()
    task = new_task(project)
    theirs = client.create_task_comment(task_id=task, points=[1], text="Ours")["threads"][0]["id"]
    member = stranger()
    with refused(404):
        member.get_task_comments(project, task)
    with refused(404):
        member.create_task_comment(task_id=task, points=[1], text="Mine")
    client.update_project_user_permission(project, STRANGER_EMAIL, "annotator")
    mine = member.create_task_comment(task_id=task, points=[1], text="Mine")["threads"][0]["id"]
    member.update_task_comment(mine, "Mine!")
    with refused(403):
        member.update_task_comment(theirs, "Mine too")
    with refused(403):
        member.delete_task_comment(theirs)
    client.update_task_comment(mine, f"Mine! ({OWNER_NAME})")
