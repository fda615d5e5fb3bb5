"""kill -9 of the server under load: what was acknowledged is there, the rest leaves no trace."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from conftest import DATABASES, jpeg_bytes
from fastlabel import Client
from fastlabel.exceptions import FastLabelException
from fastlabel_server.db import Database
from fastlabel_server.tables import Content
from postgres import PostgresServer
from servers import Server, running_server

KILLS = 4
LARGE = 3 * 1024 * 1024
"""Larger than what the server keeps in memory: such files pass through the spool."""
GRACE = {
    "FASTLABEL_BLOB_GRACE": "1",
    "FASTLABEL_ORPHAN_GRACE": "1",
    "FASTLABEL_SPOOL_GRACE": "1",
    "FASTLABEL_SWEEP_INTERVAL": "1",
    "FASTLABEL_HEARTBEAT_INTERVAL": "0.5",
    "FASTLABEL_LEASE_TIMEOUT": "3",
}


@pytest.fixture(params=DATABASES)
def mortal_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, with a sweep that does not wait for hours."""
    if request.param == "sqlite":
        with running_server(tmp_path / "data", **GRACE) as server:
            yield server
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    with (
        postgres.database() as url,
        running_server(tmp_path / "data", FASTLABEL_DATABASE_URL=url, **GRACE) as server,
    ):
        yield server


@dataclass
class Acknowledged:
    """What the server said it has."""

    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 by task name."""
    annotations: dict[str, set[float]] = field(default_factory=dict)
    """Of each task's one box, every x1 that may be the last: sent last, or acknowledged last."""


def _box(x1: float) -> list[dict[str, Any]]:
    return [{"type": "bbox", "value": "cat", "points": [x1, 1, 50, 40]}]


def _labour(server: Server, number: int, done: Acknowledged, stop: threading.Event) -> None:
    """Create tasks and change them until told to stop, through every crash."""
    chance = random.Random(number)
    # No retries: what the test counts is what one request was answered.
    client = Client(server.token, api_url=server.api_url, retries=0, timeout=30)
    count = 0
    while not stop.is_set():
        count += 1
        name = f"{number}/{count}.jpg"
        padding = os.urandom(LARGE if chance.random() < 0.2 else 1000)
        data = jpeg_bytes() + padding
        path = server.data_dir.parent / f"{number}.jpg"
        path.write_bytes(data)
        try:
            task_id = client.create_image_task("cats", name, path, annotations=_box(0.5))
            done.files[name] = hashlib.sha256(data).hexdigest()
            done.annotations[name] = {0.5}
            for x1 in (1.5, 2.5):
                done.annotations[name].add(x1)
                client.update_image_task(task_id, annotations=_box(x1))
                done.annotations[name] = {x1}
        except FastLabelException:
            time.sleep(0.05)
    client.close()


@pytest.mark.slow
def test_kill_loses_nothing_and_leaves_nothing_behind(mortal_server: Server) -> None:
    server = mortal_server
    client = server.client()
    client.create_project("image_bbox", "Cats", "cats")
    client.create_annotation("cats", "bbox", "cat", "Cat")
    done = Acknowledged()
    stop = threading.Event()
    workers = [
        threading.Thread(target=_labour, args=(server, number, done, stop)) for number in range(4)
    ]
    for worker in workers:
        worker.start()
    chance = random.Random(7)
    for _ in range(KILLS):
        before = len(done.files)
        while len(done.files) < before + 5:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.4))
        server.kill()
        server.start()
    stop.set()
    for worker in workers:
        worker.join()

    tasks = {task["name"]: task for task in client.iter_image_tasks("cats")}
    assert set(done.files) <= set(tasks)
    with httpx.Client() as http:
        for name, task in tasks.items():
            # Also a task whose answer was lost is whole: file, revision and labels.
            response = http.get(task["url"])
            assert response.status_code == 200
            (box,) = task["annotations"]
            assert len(client.get_task_revisions(task["id"])) >= 1
            if name in done.files:
                assert hashlib.sha256(response.content).hexdigest() == done.files[name]
                assert box["points"][0] in done.annotations[name]
    assert client.count_tasks("cats") == len(tasks)

    wanted = {hashlib.sha256(http_bytes).hexdigest() for http_bytes in _files(tasks)}
    _wait_until_swept(server, wanted)


def _files(tasks: dict[str, Any]) -> Iterator[bytes]:
    with httpx.Client() as http:
        for task in tasks.values():
            yield http.get(task["url"]).content


def _wait_until_swept(server: Server, wanted: set[str]) -> None:
    """Wait until the folder holds the tasks' files, their thumbnails, and no others."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        stored = [path.name[:64] for path in server.data_dir.glob("objects/blobs/**/*-*")]
        spooled = list(server.settings.spool_dir.glob("*"))
        thumbnails = _thumbnails(server)
        if sorted(stored) == sorted(wanted | thumbnails) and not spooled:
            return
        time.sleep(0.5)
    raise AssertionError(
        f"left over: {set(stored) - wanted - thumbnails}, {spooled}; "
        f"missing: {(wanted | thumbnails) - set(stored)}"
    )


def _thumbnails(server: Server) -> set[str]:
    database = Database(server.settings.database, pool_size=1)
    try:
        with database.read() as session:
            return {
                digest
                for digest in session.scalars(select(Content.thumbnail_sha256).distinct())
                if digest is not None
            }
    finally:
        database.close()
