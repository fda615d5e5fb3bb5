"""Listing image tasks: order, pages, and every filter."""

from __future__ import annotations

from scenarios.pictures import png, saved
from scenarios.support import (
    bbox,
    client,
    names,
    new_class,
    new_project,
    new_task,
    refused,
    same,
)


def _varied_project() -> str:
    project = new_project(workflow="three_step", external_workflow="three_step")
    for name, status, external, tags in (
        ("a.png", "registered", "registered", []),
        ("b.png", "completed", "registered", ["day"]),
        ("c.png", "completed", "approved", ["day", "rain"]),
        ("d.png", "approved", "approved", ["rain", "day", "東京 tower"]),
    ):
        new_task(project, name, status=status, external_status=external, tags=tags)
    return project


def tasks_come_in_order_of_creation_page_by_page() -> None:
    project = new_project()
    created = [f"{name}.png" for name in "qwertyuiop"]
    for name in created:
        new_task(project, name)
    assert names(client.get_image_tasks(project=project)) == created
    assert names(client.get_image_tasks(project, limit=3)) == created[:3]
    assert names(client.get_image_tasks(project, offset=3, limit=4)) == created[3:7]
    assert names(client.get_image_tasks(project, offset=8, limit=1000)) == created[8:]
    assert client.get_image_tasks(project, offset=10) == []


def a_page_holds_a_hundred_unless_told() -> None:
    project = new_project()
    path = saved(png((2, 2)), "any.png")
    for number in range(102):
        client.create_image_task(project, f"{number}.png", path)
    assert len(client.get_image_tasks(project)) == 100
    assert len(client.get_image_tasks(project, limit=1000)) == 102
    assert len(client.api.get_request("tasks/image", params={"project": project})) == 100


def each_filter_narrows_the_list() -> None:
    project = _varied_project()

    def found(**filters: object) -> list[str]:
        return names(client.get_image_tasks(project=project, **filters))

    assert found(status="completed") == ["b.png", "c.png"]
    assert found(external_status="approved") == ["c.png", "d.png"]
    assert found(status="completed", external_status="approved") == ["c.png"]
    assert found(task_name="c.png") == ["c.png"]
    assert found(task_name="c") == []
    assert found(tags=["day"]) == ["b.png", "c.png", "d.png"]
    assert found(tags=["day", "rain"]) == ["c.png", "d.png"]
    assert found(tags=["東京 tower", "day"]) == ["d.png"]
    assert found(tags=["never used"]) == []
    assert found(tags=["day"], status="completed", offset=1, limit=1) == ["c.png"]
    assert found(status="declined") == []


def a_list_shows_what_find_shows() -> None:
    project = new_project()
    new_class(project)
    task = new_task(project, annotations=[bbox()], tags=["day"], priority=20)
    one = client.find_image_task(task)
    [listed] = client.get_image_tasks(project)
    by_name = client.find_image_task_by_name(project, "cat.png")
    for other in (listed, by_name):
        other["url"] = one["url"]
        same(other, one)


def pages_hold_at_most_a_thousand() -> None:
    project = new_project()
    with refused(422):
        client.get_image_tasks(project, limit=1001)
    for wrong in ({"limit": 1001}, {"limit": -1}, {"offset": -1}, {"limit": "ten"}):
        with refused(422):
            client.api.get_request("tasks/image", params={"project": project, **wrong})


def a_filter_takes_up_to_ten_tags() -> None:
    project = new_project()
    new_task(project, tags=[f"tag-{number}" for number in range(10)])
    found = client.get_image_tasks(project, tags=[f"tag-{number}" for number in range(10)])
    assert names(found) == ["cat.png"]
    with refused(422, "tags"):
        client.get_image_tasks(project, tags=[f"tag-{number}" for number in range(11)])


def an_unknown_project_answers_404() -> None:
    with refused(404, "no-such-project"):
        client.get_image_tasks("no-such-project")
    with refused(404, "no-such-project"):
        client.find_image_task_by_name("no-such-project", "cat.png")
    with refused(422, "project"):
        client.api.get_request("tasks/image", params={})


def an_unknown_status_is_refused() -> None:
    project = new_project()
    with refused(422, "status"):
        client.get_image_tasks(project, status="done")
    with refused(422, "externalStatus"):
        client.get_image_tasks(project, external_status="done")
