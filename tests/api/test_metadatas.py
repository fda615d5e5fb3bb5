"""Metadata keys, and the values that tasks have for them."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from api.conftest import Raw
from fastlabel import Client
from fastlabel.exceptions import (
    FastLabelConflictException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from fastlabel_server import schema
from fastlabel_server.db import Database
from fastlabel_server.settings import Settings
from servers import Server

NOWHERE = "00000000-0000-7000-8000-000000000000"
SITES = [{"title": "大阪", "value": "osaka"}, {"title": "Kyoto", "value": "kyoto"}]


def test_a_key_shows_what_it_was_created_with(client: Client, project: str) -> None:
    plain = client.create_metadata(project, "camera")
    chosen = client.create_metadata(
        project, "site", "select", SITES, "kyoto", order=7, is_admin=True, is_required=True
    )
    later = client.create_metadata(project, "count", "number", default_value=0)
    first, third, second = client.get_metadatas(project)
    assert list(client.iter_metadatas(project)) == [first, third, second]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(first.pop("createdAt")))  # type: ignore[misc]
    assert first.pop("updatedAt")  # type: ignore[misc]
    assert first == {
        "id": plain,
        "project": project,
        "key": "camera",
        "type": "text",
        "options": [],
        "defaultValue": "",
        "order": 1,
        "isAdmin": False,
        "isRequired": False,
    }
    assert (third["id"], third["order"], third["defaultValue"]) == (chosen, 7, "kyoto")
    assert (third["options"], third["isAdmin"], third["isRequired"]) == (SITES, True, True)
    assert (second["id"], second["order"], second["defaultValue"]) == (later, 8, 0)


def test_keys_are_listed_page_by_page_for_one_project_or_all_that_are_seen(
    server: Server, client: Client, project: str
) -> None:
    for number in range(3):
        client.create_metadata(project, f"key {number}")
    other = f"{project}-other"
    client.create_project("text_ner", "Other", other)
    client.create_metadata(other, "key 0")
    keys = [key["key"] for key in client.get_metadatas(project)]
    assert keys == ["key 0", "key 1", "key 2"]
    assert [key["key"] for key in client.get_metadatas(project, offset=1, limit=1)] == ["key 1"]
    everything = [(key["project"], key["key"]) for key in client.iter_metadatas()]
    assert everything[-4:] == [*((project, key) for key in keys), (other, "key 0")]
    with pytest.raises(FastLabelNotFoundException, match="no-such-project"):
        client.get_metadatas("no-such-project")

    email = f"reader@{project}.example"
    theirs = server.client(server.create_user(email, "Rea Reader", "member"))
    assert theirs.get_metadatas() == []
    client.update_project_user_permission(project, email, "annotator")
    assert [key["project"] for key in theirs.get_metadatas()] == [project] * 3


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"key": " "}, "key: must not be blank"),
        ({"type": "poem"}, "type: "),
        ({"type": "select"}, "options: a select key needs at least one option"),
        ({"options": SITES}, "options: a text key has no options"),
        ({"type": "select", "options": [SITES[0]] * 2}, r"options\[1\].value: .* given twice"),
        ({"type": "number", "defaultValue": "x"}, "defaultValue: not a value of a number key: 'x'"),
        (
            {"type": "select", "options": SITES, "defaultValue": "nara"},
            "defaultValue: not a value of a select key: 'nara'",
        ),
        ({"order": 0}, "order: "),
        ({"isRequired": "yes"}, "isRequired: "),
    ],
)  # fmt: skip
def test_a_key_of_nonsense_is_refused(
    sqlite_raw: Raw, sqlite_project: str, fields: dict[str, Any], message: str
) -> None:
    body = {"project": sqlite_project, "key": "site", "type": "text", **fields}
    response = sqlite_raw("POST", "metadatas", json=body)
    assert response.status_code == 422
    assert re.match(message, response.json()["message"]), response.text
    assert sqlite_raw("GET", f"metadatas?project={sqlite_project}").json() == []


def test_a_project_has_a_key_once(sqlite_client: Client, sqlite_project: str) -> None:
    sqlite_client.create_metadata(sqlite_project, "site")
    with pytest.raises(FastLabelConflictException, match=f"key: .*'{sqlite_project}'.*'site'"):
        sqlite_client.create_metadata(sqlite_project, "site", "number")
    sqlite_client.create_metadata(sqlite_project, "Site")


def test_an_update_changes_what_is_given_and_leaves_the_rest(
    sqlite_client: Client, sqlite_project: str
) -> None:
    key_id = sqlite_client.create_metadata(
        sqlite_project, "site", "select", SITES, "osaka", is_admin=True
    )
    assert sqlite_client.update_metadata(key_id, is_required=True) == key_id
    [key] = sqlite_client.get_metadatas(sqlite_project)
    assert (key["isAdmin"], key["isRequired"], key["defaultValue"]) == (True, True, "osaka")
    sqlite_client.update_metadata(
        key_id, [SITES[1]], default_value="", order=3, is_admin=False, is_required=False
    )
    [key] = sqlite_client.get_metadatas(sqlite_project)
    assert (key["options"], key["defaultValue"], key["order"]) == ([SITES[1]], "", 3)
    assert (key["isAdmin"], key["isRequired"]) == (False, False)
    with pytest.raises(FastLabelInvalidException, match=r"defaultValue: .*'osaka'"):
        sqlite_client.update_metadata(key_id, default_value="osaka")
    with pytest.raises(FastLabelNotFoundException, match=NOWHERE):
        sqlite_client.update_metadata(NOWHERE, order=1)
    with pytest.raises(FastLabelNotFoundException, match=NOWHERE):
        sqlite_client.delete_metadata(NOWHERE)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            [{"key": "site", "value": "osaka"}, {"key": "camera", "value": "left"}],
            r"metadatas\[1\].key: project '\S+' has no metadata key 'camera'; "
            r"there are 'site', 'count' or 'open'",
        ),
        (
            [{"key": "count", "value": 1}, {"key": "count", "value": 2}],
            r"metadatas\[1\].key: 'count' is given twice",
        ),
        ([{"key": "count", "value": "3"}], r"metadatas\[0\].value: .*number.*'3'"),
        ([{"key": "site", "value": "nara"}], r"metadatas\[0\].value: expected 'osaka' or 'kyoto'"),
        ([{"key": "open", "value": "perhaps"}], r"metadatas\[0\].value: .*true or false"),
    ],
)  # fmt: skip
def test_metadata_that_no_key_takes_is_refused_and_changes_nothing(
    sqlite_client: Client,
    sqlite_project: str,
    cat_jpg: Path,
    entries: list[dict[str, Any]],
    message: str,
) -> None:
    sqlite_client.create_metadata(sqlite_project, "site", "select", SITES)
    sqlite_client.create_metadata(sqlite_project, "count", "number")
    sqlite_client.create_metadata(sqlite_project, "open", "switch")
    kept = [{"key": "site", "value": "osaka"}]
    task_id = sqlite_client.create_image_task(sqlite_project, "a", cat_jpg, metadatas=kept)

    for request in (
        lambda: sqlite_client.create_image_task(sqlite_project, "b", cat_jpg, metadatas=entries),
        lambda: sqlite_client.update_image_task(task_id, status="completed", metadatas=entries),
        lambda: sqlite_client.update_task(task_id, status="completed", metadatas=entries),
    ):
        with pytest.raises(FastLabelInvalidException, match=message) as refused:
            request()
        assert refused.value.code == 422
    one = sqlite_client.create_image_tasks(
        sqlite_project, [{"name": "b", "file_path": cat_jpg, "metadatas": entries}]
    )[0]
    assert one["error"]["statusCode"] == 422
    assert re.match(message, one["error"]["message"])
    [task] = sqlite_client.get_image_tasks(sqlite_project)
    assert (task["status"], task["metadatas"]) == ("registered", kept)


def test_a_project_without_keys_takes_no_metadata(
    sqlite_client: Client, sqlite_project: str, cat_jpg: Path
) -> None:
    with pytest.raises(FastLabelInvalidException, match="'site'; it has none at all"):
        sqlite_client.create_image_task(
            sqlite_project, "a", cat_jpg, metadatas=[{"key": "site", "value": "x"}]
        )


def test_values_of_a_deleted_key_are_out_of_sight_until_it_is_made_again(
    client: Client, project: str, cat_jpg: Path
) -> None:
    entries = [{"key": "b", "value": "1"}, {"key": "a", "value": "2"}]
    ids = {key: client.create_metadata(project, key) for key in ("a", "b")}
    task_id = client.create_image_task(project, "a", cat_jpg, metadatas=entries)
    client.delete_metadata(ids["b"])
    assert client.find_image_task(task_id)["metadatas"] == [entries[1]]
    assert client.get_image_tasks(project)[0]["metadatas"] == [entries[1]]
    client.create_metadata(project, "b")
    assert client.find_image_task(task_id)["metadatas"] == entries


def test_migrating_defines_the_keys_that_tasks_have(tmp_path: Path) -> None:
    """Before there were keys, tasks could have any metadata; those stay valid."""
    settings = Settings(data_dir=tmp_path)
    database = Database(settings.database, pool_size=1)
    config = Config()
    config.set_main_option("script_location", str(schema.VERSIONS.parent))
    with database.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    stored = (
        '[{"key":"site","value":"大阪"},{"key":"count","value":3}]',
        "[]",
        '[{"key":"open","value":true},{"key":"count","value":2.5},{"key":"site","value":7},'
        '{"key":"lost","value":null}]',
    )
    with sqlite3.connect(settings.data_dir / "fastlabel.sqlite3") as connection:
        connection.execute("INSERT INTO workspace VALUES ('w', 'w', 'W', 1, 1)")
        connection.execute(
            "INSERT INTO project (id, workspace_id, slug, name, type, workflow, external_workflow,"
            " is_pixel, job_size, status, metadata_id, last_seq, class_stamp, created_at,"
            " updated_at) VALUES ('p', 'w', 'cats', 'Cats', 'image_all', 'two_step', 'two_step',"
            " 0, 10, 'active', 'm', 3, 0, 1, 1)"
        )
        for seq, metadatas in enumerate(stored):
            connection.execute(
                "INSERT INTO task (id, project_id, seq, kind, name, status, external_status,"
                " priority, revision, metadatas, relations, annotations, created_at, updated_at)"
                " VALUES (?, 'p', ?, 'image', ?, 'registered', 'registered', 0, 1, ?, '[]', '[]',"
                " 1, 1)",
                (f"t{seq}", seq, f"{seq}.jpg", metadatas),
            )
    database.close()

    schema.migrate(settings)

    with sqlite3.connect(settings.data_dir / "fastlabel.sqlite3") as connection:
        keys = connection.execute(
            "SELECT project_id, key, type, position FROM metadata_key ORDER BY position"
        ).fetchall()
    assert keys == [
        ("p", "site", "text", 1),
        ("p", "count", "number", 2),
        ("p", "open", "switch", 3),
        ("p", "lost", "text", 4),
    ]
