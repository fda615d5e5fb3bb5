"""Tags of a project and of its tasks."""

from __future__ import annotations

from typing import Any

from scenarios.support import (
    ID,
    NOWHERE,
    TIMESTAMP,
    client,
    later,
    names,
    new_project,
    new_task,
    refused,
    same,
)


def _tag_names(project: str, **filters: Any) -> list[str]:
    return names(client.get_tags(project=project, **filters))


def a_tag_exists_once_it_is_given_to_a_task() -> None:
    project = new_project()
    assert client.get_tags(project) == []
    new_task(project, "a.png", tags=["day", "東京"])
    new_task(project, "b.png", tags=["rain", "day"])
    tags = client.get_tags(project)
    same([(tag["name"], tag["order"]) for tag in tags], [["day", 1], ["東京", 2], ["rain", 3]])
    for tag in tags:
        assert ID.fullmatch(tag["id"]), tag
        assert TIMESTAMP.fullmatch(tag["createdAt"]), tag
        assert TIMESTAMP.fullmatch(tag["updatedAt"]), tag


def tags_are_found_by_keyword_and_listed_by_page() -> None:
    project = new_project()
    new_task(project, tags=["Sunny day", "rainy DAY", "night", "50%_off"])
    assert _tag_names(project, keyword="day") == ["Sunny day", "rainy DAY"]
    assert _tag_names(project, keyword="%") == ["50%_off"]
    assert _tag_names(project, keyword="never") == []
    assert _tag_names(project, offset=1, limit=2) == ["rainy DAY", "night"]


def deleting_tags_takes_them_off_the_tasks() -> None:
    project = new_project()
    first = new_task(project, "a.png", tags=["day", "rain", "night"])
    second = new_task(project, "b.png", tags=["day"])
    gone = [tag["id"] for tag in client.get_tags(project) if tag["name"] != "rain"]
    assert client.delete_tags(tag_ids=gone) is None
    assert _tag_names(project) == ["rain"]
    same(client.find_image_task(first)["tags"], ["rain"])
    same(client.find_image_task(second)["tags"], [])
    assert client.get_image_tasks(project, tags=["day"]) == []
    assert client.count_tasks(project, tags=["day"]) == 0


def a_tag_is_given_to_a_task_once() -> None:
    project = new_project()
    task = new_task(project, tags=["day", "day"])
    same(client.find_image_task(task)["tags"], ["day"])
    assert _tag_names(project) == ["day"]


def unknown_tags_and_projects_answer_404() -> None:
    project = new_project()
    new_task(project, tags=["day"])
    [tag] = client.get_tags(project)
    with refused(404):
        client.delete_tags([NOWHERE])
    with refused(404):
        client.delete_tags([tag["id"], NOWHERE])
    assert _tag_names(project) == ["day"]
    with refused(404, "no-such-project"):
        client.get_tags("no-such-project")


def pages_hold_at_most_a_thousand() -> None:
    project = new_project()
    with refused(422):
        client.get_tags(project, limit=1001)
    with refused(422):
        client.api.get_request("tags", params={"project": project, "limit": 1001})


@later
def tags_are_added_to_many_tasks() -> None:
    project = new_project()
    first = new_task(project, "a.png", tags=["day"])
    second = new_task(project, "b.png")
    third = new_task(project, "c.png", tags=["rain", "day"])
    changed = client.add_task_tags(
        project=project, task_ids=[first, second, third, first], tags=["day", "rain"]
    )
    same(changed, 2)
    for task in (first, second, third):
        assert sorted(client.find_image_task(task)["tags"]) == ["day", "rain"]
    same(client.add_task_tags(project, [first], ["new"]), 1)
    same(client.add_task_tags(project, [first], ["new"]), 0)
    assert _tag_names(project) == ["day", "rain", "new"]


@later
def tags_are_removed_from_many_tasks() -> None:
    project = new_project()
    first = new_task(project, "a.png", tags=["day", "rain"])
    second = new_task(project, "b.png", tags=["rain"])
    third = new_task(project, "c.png", tags=["night"])
    changed = client.remove_task_tags(
        project=project, task_ids=[first, second, third], tags=["rain", "never used"]
    )
    same(changed, 2)
    same([client.find_image_task(t)["tags"] for t in (first, second, third)],
         [["day"], [], ["night"]])  # fmt: skip
    assert _tag_names(project) == ["day", "rain", "night"]


@later
def wrong_tag_requests_change_nothing() -> None:
    project, elsewhere = new_project(), new_project()
    task, foreign = new_task(project), new_task(elsewhere)
    for action in (client.add_task_tags, client.remove_task_tags):
        with refused(422):
            action(project, [task], [])
        with refused(422):
            action(project, [], ["day"])
        with refused(422):
            action(project, [task], [f"tag-{number}" for number in range(21)])
        with refused(422):
            action(project, [task], ["x" * 141])
        with refused(404):
            action("no-such-project", [task], ["day"])
        with refused((404, 422)):
            action(project, [task, NOWHERE], ["day"])
        with refused((404, 422)):
            action(project, [task, foreign], ["day"])
    for path in ("tasks/tags/add", "tasks/tags/remove"):
        payload = {"project": project, "taskIds": [task] * 5001, "tags": ["day"]}
        with refused(422):
            client.api.post_request(path, payload=payload)
    same(client.find_image_task(task)["tags"], [])
    client.add_task_tags(project, [task], ["x" * 140, *(f"tag-{n}" for n in range(19))])
    assert len(client.find_image_task(task)["tags"]) == 20
