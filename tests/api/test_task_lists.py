"""Lists of tasks: every filter alone and together, order, pages, cursors -- exactly."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from api.conftest import Raw
from fastlabel import Client
from fastlabel.exceptions import FastLabelInvalidException, FastLabelNotFoundException
from fastlabel_server import tables
from fastlabel_server.db import Database
from fastlabel_server.tables import BLOCK_SIZE, new_id, now_ms

STATUSES = ("registered", "completed", "skipped")
EXTERNAL = ("registered", "approved")
TAGS = ("day", "night", "rain")


@dataclass
class Row:
    """A task as the test knows it."""

    seq: int
    status: str = "registered"
    external_status: str = "registered"
    tags: list[str] = field(default_factory=list)
    id: str = field(default_factory=new_id)

    @property
    def name(self) -> str:
        return f"task-{self.seq:05}"


def fill(database: Database, slug: str, rows: list[Row], last_seq: int) -> None:
    """Write tasks as many requests would have, in one."""
    with database.write() as session:
        project = session.query(tables.Project).filter_by(slug=slug).one()
        project.last_seq = last_seq
        now = now_ms()
        common = {
            "project_id": project.id, "kind": "image", "created_at": now, "updated_at": now,
            "priority": 0, "revision": 1, "metadatas": [], "relations": [], "annotations": [],
        }  # fmt: skip
        tasks = [
            {
                **common, "id": row.id, "seq": row.seq, "name": row.name, "status": row.status,
                "external_status": row.external_status,
            }
            for row in rows
        ]  # fmt: skip
        session.execute(insert(tables.Task), tasks)
        blocks = Counter(row.seq // BLOCK_SIZE for row in rows)
        session.execute(
            insert(tables.TaskBlock),
            [
                {"project_id": project.id, "block": block, "count": count}
                for block, count in blocks.items()
            ],
        )
        names = sorted({tag for row in rows for tag in row.tags})
        tags = {
            name: tables.Tag(id=new_id(), project_id=project.id, name=name, position=place)
            for place, name in enumerate(names, start=1)
        }
        session.add_all(tags.values())
        session.flush()
        session.add_all(
            tables.TaskTag(task_id=row.id, tag_id=tags[name].id, position=place)
            for row in rows
            for place, name in enumerate(row.tags)
        )


def ids(tasks: Any) -> list[str]:
    return [task["id"] for task in tasks]


@pytest.fixture
def mixed(client: Client, project: str, database: Database) -> list[Row]:
    """Tasks of every mixture of statuses and tags, in no order."""
    mixtures = itertools.product(
        STATUSES, EXTERNAL, itertools.chain(*(itertools.combinations(TAGS, n) for n in range(4)))
    )
    shuffled = random.Random(3).sample(list(mixtures), 48)
    rows = [
        Row(seq, status, external, list(tags))
        for seq, (status, external, tags) in enumerate(shuffled, start=1)
    ]
    fill(database, project, rows, len(rows))
    return rows


def test_every_mixture_of_filters_gives_what_the_naive_filter_gives(
    client: Client, project: str, mixed: list[Row]
) -> None:
    for status, external, tags in itertools.product(
        (None, *STATUSES, "approved"),
        (None, *EXTERNAL),
        ([], ["day"], ["rain", "day"], list(TAGS), ["fog"], ["day", "fog"]),
    ):
        expected = [
            row.id
            for row in mixed
            if status in (None, row.status)
            and external in (None, row.external_status)
            and set(tags) <= set(row.tags)
        ]
        filters: dict[str, Any] = {"status": status, "external_status": external, "tags": tags}
        assert ids(client.get_image_tasks(project, **filters)) == expected
        assert client.count_tasks(project, **filters) == len(expected)
    assert ids(client.iter_image_tasks(project, status="skipped", tags=["day"])) == [
        row.id for row in mixed if row.status == "skipped" and "day" in row.tags
    ]


def test_a_name_is_matched_whole_and_together_with_the_other_filters(
    client: Client, project: str, mixed: list[Row]
) -> None:
    row = mixed[10]
    assert ids(client.get_image_tasks(project, task_name=row.name)) == [row.id]
    assert client.get_image_tasks(project, task_name=row.name[:-1]) == []
    assert client.get_image_tasks(project, task_name="%") == []
    other = next(status for status in STATUSES if status != row.status)
    assert client.get_image_tasks(project, task_name=row.name, status=other) == []  # type: ignore[arg-type]


def test_tasks_of_other_projects_do_not_show(
    client: Client, project: str, slug: str, mixed: list[Row], cat_jpg: Path
) -> None:
    client.create_project("image_all", "Other", f"{slug}-b")
    other = client.create_image_task(f"{slug}-b", "a", cat_jpg, tags=["day"])
    assert ids(client.get_image_tasks(f"{slug}-b", tags=["day"])) == [other]
    assert other not in ids(client.get_image_tasks(project, tags=["day"]))


def test_pages_of_a_filtered_list_make_up_the_list(
    client: Client, project: str, mixed: list[Row]
) -> None:
    whole = ids(client.get_image_tasks(project, status="completed"))
    pages = [
        ids(client.get_image_tasks(project, status="completed", offset=start, limit=3))
        for start in range(0, len(whole) + 3, 3)
    ]
    assert list(itertools.chain(*pages)) == whole
    assert pages[-1] == []


@pytest.mark.parametrize("limit", [0, -1, 1001, 10**12, "all"])
def test_limits_out_of_bounds_are_refused(sqlite_raw: Raw, sqlite_project: str, limit: Any) -> None:
    for path in ("tasks/image", "tasks/map/id-name", "annotations", "tags", "projects"):
        response = sqlite_raw("GET", path, params={"project": sqlite_project, "limit": limit})
        assert response.status_code == 422
        assert response.json()["message"].startswith("limit: ")


def test_the_sdk_says_the_same_of_a_limit_before_it_asks(client: Client, project: str) -> None:
    with pytest.raises(FastLabelInvalidException, match="1,000"):
        client.get_image_tasks(project, limit=1001)


def test_a_cursor_goes_on_where_a_full_page_ended(
    raw: Raw, client: Client, project: str, mixed: list[Row]
) -> None:
    found: list[str] = []
    cursor: str | None = None
    for _ in range(10):
        params = {"project": project, "limit": 10, "status": "completed"}
        params |= {"cursor": cursor} if cursor else {}
        response = raw("GET", "tasks/image", params=params)
        found += ids(response.json())
        cursor = response.headers.get("Fastlabel-Next-Cursor")
        assert (cursor is not None) == (len(response.json()) == 10)
        if cursor is None:
            break
        # What happens to earlier tasks does not move what is still to come.
        client.delete_task(found[-1])
    assert found == [row.id for row in mixed if row.status == "completed"]


def test_an_unknown_project_has_no_list(client: Client) -> None:
    for request in (client.get_image_tasks, client.count_tasks, client.get_task_id_name_map):
        with pytest.raises(FastLabelNotFoundException):
            request("no-such-project")  # type: ignore[operator]


def test_paging_is_exact_over_thousands_of_tasks_with_holes(
    client: Client, project: str, database: Database, cat_jpg: Path
) -> None:
    chance = random.Random(7)
    # Some blocks are full, some thin, one is empty, and the border between two is bare.
    seqs = [
        seq
        for seq in range(1, 5 * BLOCK_SIZE)
        if not 2 * BLOCK_SIZE <= seq < 3 * BLOCK_SIZE
        and abs(seq - 4 * BLOCK_SIZE) > 5
        and (seq < BLOCK_SIZE or chance.random() < 0.6)
    ]
    rows = [Row(seq) for seq in seqs]
    fill(database, project, rows, 5 * BLOCK_SIZE)
    # Deletions through the API, of single tasks and of a whole stretch.
    for index in [0, 1, 1022, 1023, 1024, len(rows) - 1, *range(1100, 1140)]:
        client.delete_task(rows[index].id)
        rows[index].id = ""
    created = [client.create_image_task(project, f"new-{n}", cat_jpg) for n in range(2)]
    expected = [row.id for row in rows if row.id] + created

    assert client.count_tasks(project) == len(expected)
    offsets = {
        0, 1, 1021, 1022, 1023, 1024, 1025, 2047, 2048, 2049,
        len(expected) - 1, len(expected), len(expected) + 1, 10**6,
        *(chance.randrange(len(expected)) for _ in range(25)),
    }  # fmt: skip
    for offset in offsets:
        limit = chance.choice([1, 2, 100])
        page = list(client.get_task_id_name_map(project, offset=offset, limit=limit))
        assert page == expected[offset : offset + limit], offset
    assert ids(client.iter_image_tasks(project)) == expected
    for offset in (1000, 1024, len(expected) - 5):
        page = ids(client.get_image_tasks(project, offset=offset, limit=1000))
        assert page == expected[offset : offset + 1000]
