"""The pages: what they show, to whom, and that nobody's words become markup."""

from __future__ import annotations

import re
import time
from html import unescape
from xml.etree import ElementTree

import pytest
from sqlalchemy import select, update

from conftest import jpeg_bytes
from fastlabel_server.db import Database
from fastlabel_server.tables import Content

BOX = {"type": "bbox", "value": "cat", "points": [4, 6, 20, 16], "attributes": []}
SVG = "{http://www.w3.org/2000/svg}"


def wait_for(look, what, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {timeout_s} s")


def overlay_of(page):
    """Return the drawing on a task's page, which therefore is well-formed."""
    found = re.search(r'<svg class="overlay".*?</svg>', page, re.DOTALL)
    return ElementTree.fromstring(found.group().replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


@pytest.fixture
def task(client, project, cat_jpg):
    """The path of the page of a task with one box."""
    task_id = client.create_image_task(project, "cat.jpg", cat_jpg, annotations=[BOX])
    return f"/projects/{project}/tasks/{task_id}"


def test_the_start_page_lists_projects_with_their_tasks_by_status(owner, client, project, cat_jpg):
    for name, status in (("a.jpg", "completed"), ("b.jpg", "completed"), ("c.jpg", "sent_back")):
        client.create_image_task(project, name, cat_jpg, status=status)

    page = owner.get("/").text

    card = page[page.index(f'href="/projects/{project}"') :]
    card = card[: card.index("</li>")]
    assert "Image · All" in card
    assert "3 tasks" in card
    assert 'aria-label="2 completed, 1 sent back"' in card


def test_a_project_is_filtered_by_status(owner, client, project, cat_jpg):
    client.create_image_task(project, "done.jpg", cat_jpg, status="completed")
    client.create_image_task(project, "new.jpg", cat_jpg)

    page = owner.get(f"/projects/{project}", params={"status": "completed"}).text

    assert "done.jpg" in page
    assert "new.jpg" not in page


def test_a_project_shows_sixty_tasks_a_page(owner, client, project, cat_jpg):
    for number in range(61):
        client.create_image_task(project, f"{number:02}.jpg", cat_jpg)

    first = owner.get(f"/projects/{project}").text
    second = owner.get(f"/projects/{project}?page=2").text

    assert re.findall(r'class="task-name">(.*?)<', first) == [f"{n:02}.jpg" for n in range(60)]
    assert re.findall(r'class="task-name">(.*?)<', second) == ["60.jpg"]
    assert f'href="/projects/{project}?page=2"' in first
    assert "Page 2 of 2" in second


def test_an_empty_project_says_how_to_send_the_first_task(owner, server, project):
    page = unescape(owner.get(f"/projects/{project}").text)

    assert f'client.create_image_task("{project}", "first.jpg", "first.jpg")' in page
    assert server.api_url in page


def test_a_member_without_projects_is_told_to_wait(stranger):
    page = stranger.get("/").text

    assert "No projects yet" in page
    assert "stranger@example.com" in page


def test_a_thumbnail_appears_once_a_worker_has_made_it(owner, client, project, cat_jpg):
    client.create_image_task(project, "cat.jpg", cat_jpg)

    def thumbnail():
        page = owner.get(f"/projects/{project}").text
        assert ("Preview is being made" in page) != ("/files/thumbnail/" in page)
        found = re.search(r'src="(/files/thumbnail/[^"]*)"', page)
        return found and found.group(1).replace("&amp;", "&")

    picture = owner.get(wait_for(thumbnail, "the thumbnail"))

    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert "/files/thumbnail/" in owner.get("/").text


def test_a_picture_without_a_thumbnail_says_why(owner, server, client, project, cat_jpg):
    task_id = client.create_image_task(project, "cat.jpg", cat_jpg)
    wait_for(lambda: "/files/thumbnail/" in owner.get(f"/projects/{project}").text, "thumbnail")
    database = Database(server.settings.database, pool_size=1)
    with database.write() as session:
        content_id = session.scalars(select(Content.id).where(Content.task_id == task_id)).one()
        session.execute(
            update(Content)
            .where(Content.id == content_id)
            .values(thumbnail_state="failed", thumbnail_error='cat.jpg: "torn"')
        )
    database.close()

    page = owner.get(f"/projects/{project}").text

    assert "No preview: the file cannot be read" in page
    assert 'title="cat.jpg: &#34;torn&#34;"' in page


def test_a_task_shows_its_picture_with_the_annotations_drawn_on_it(owner, task):
    page = owner.get(task).text

    [box] = overlay_of(page).iter(f"{SVG}rect")
    assert {name: box.get(name) for name in ("x", "y", "width", "height")} == {
        "x": "4",
        "y": "6",
        "width": "16",
        "height": "10",
    }
    assert overlay_of(page).get("viewBox") == "0 0 64 48"
    url = re.search(r'src="(/files/file/[^"]*)"', page).group(1).replace("&amp;", "&")
    assert owner.get(url).headers["content-type"] == "image/jpeg"


def test_an_older_revision_is_drawn_as_it_was(owner, client, task):
    moved = {**BOX, "points": [30, 6, 40, 16]}
    client.update_image_task(task.rpartition("/")[2], annotations=[moved])

    xs = [
        overlay_of(owner.get(task + query).text).find(f".//{SVG}rect").get("x")
        for query in ("", "?revision=1", "?revision=2")
    ]

    assert xs == ["30", "4", "30"]
    assert "This is how revision 1 was" in owner.get(f"{task}?revision=1").text
    assert owner.get(f"{task}?revision=3").status_code == 404


def test_a_task_leads_to_its_neighbours(owner, client, project, cat_jpg):
    ids = [client.create_image_task(project, f"{name}.jpg", cat_jpg) for name in "abc"]
    pages = [owner.get(f"/projects/{project}/tasks/{task_id}").text for task_id in ids]

    def neighbours(page):
        return re.findall(r'rel="(prev|next)" href="[^"]*/tasks/([^"]*)"', page)

    assert [neighbours(page) for page in pages] == [
        [("next", ids[1])],
        [("prev", ids[0]), ("next", ids[2])],
        [("prev", ids[1])],
    ]


def test_answers_of_a_classification_are_shown(owner, client, slug, cat_jpg):
    client.create_project("image_classification", "Weather", slug)
    question = {
        "type": "checkbox",
        "name": "Hazards",
        "key": "hazards",
        "options": [{"title": "Ice", "value": "ice"}, {"title": "Fog", "value": "fog"}],
    }
    client.create_classification_annotation(slug, [question])
    task_id = client.create_image_classification_task(
        slug, "a.jpg", cat_jpg, attributes=[{"key": "hazards", "value": ["ice", "fog"]}]
    )

    page = owner.get(f"/projects/{slug}/tasks/{task_id}").text

    assert "<dt>Hazards</dt><dd>ice, fog</dd>" in page


def test_every_file_of_a_task_is_shown(owner, client, slug, tmp_path):
    client.create_project("multi_image_classification", "Pairs", slug)
    for name in ("left.jpg", "right.jpg"):
        (tmp_path / name).write_bytes(jpeg_bytes())
    task_id = client.create_multi_image_classification_task(slug, "pair", tmp_path)

    page = owner.get(f"/projects/{slug}/tasks/{task_id}").text

    assert re.findall(r'src="/files/file/[^"]*" alt="(.*?)"', page) == ["left.jpg", "right.jpg"]


@pytest.mark.parametrize("what", ["project", "task"])
def test_what_is_not_shared_is_not_there(stranger, task, what):
    path = task if what == "task" else task.rpartition("/tasks")[0]

    answer = stranger.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "cat.jpg" not in answer.text
    assert task.split("/")[2] not in stranger.get("/").text


def test_a_task_is_found_below_its_own_project_alone(owner, client, task, slug):
    client.create_project("image_all", "Others", f"{slug}-other")

    assert owner.get(task.replace(slug, f"{slug}-other")).status_code == 404


@pytest.mark.parametrize("path", ["/projects/no-such", "/projects/{slug}/tasks/no-such"])
def test_what_does_not_exist_is_answered_as_a_page(owner, project, path):
    answer = owner.get(path.format(slug=project))

    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_a_filter_that_is_none_is_answered_as_a_page(owner, project):
    answer = owner.get(f"/projects/{project}?status=perfect")

    assert answer.status_code == 422
    assert "status: " in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/projects/a%00b", "/projects/{slug}/tasks/a%00b"])
def test_what_a_database_cannot_look_for_is_answered_as_a_page(owner, project, path):
    answer = owner.get(path.format(slug=project))

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_errors_of_the_api_stay_json(owner):
    assert owner.get("/v1/projects/no-such").json()["statusCode"] == 404


def test_names_never_become_markup(owner, client, slug, cat_jpg):
    hostile = '"><script>alert(1)</script>'
    client.create_project("image_all", hostile, slug)
    client.create_annotation(
        slug,
        "bbox",
        "cat",
        hostile,
        attributes=[{"type": "text", "name": hostile, "key": "note"}],
    )
    client.create_metadata(slug, hostile)
    task_id = client.create_image_task(
        slug,
        f"{hostile.replace('/', '')}.jpg",
        cat_jpg,
        annotations=[{**BOX, "attributes": [{"key": "note", "value": hostile}]}],
        tags=[hostile],
        metadatas=[{"key": hostile, "value": hostile}],
    )

    pages = [
        owner.get(path) for path in ("/", f"/projects/{slug}", f"/projects/{slug}/tasks/{task_id}")
    ]

    for page in pages:
        assert "<script" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text
        assert "script-src" not in page.headers["content-security-policy"]
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
    [title] = overlay_of(pages[2].text).iter(f"{SVG}title")
    assert title.text == f"1 {hostile}"


@pytest.mark.parametrize("path", ["/", "/projects/no-such"])
def test_pages_are_neither_framed_nor_kept_by_caches(owner, path):
    headers = owner.get(path).headers

    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_the_style_sheet_is_served_to_everyone(visitor):
    page = visitor.get("/login").text
    href = re.search(r'rel="stylesheet" href="(.*?)"', page).group(1)

    answer = visitor.get(href)

    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert visitor.get("/static/routes.py").status_code == 404
