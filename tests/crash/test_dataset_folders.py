"""kill -9 of a pull or a push: the next one goes on, and nothing is doubled or lost."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.conftest import caller_environment
from api.dataset_folders import change_entries, objects, read, revisions, write
from api.waiting import wait_until
from fastlabel import Client
from fastlabel_server.db import Database
from fastlabel_server.tables import Dataset, DatasetPush, DatasetPushEntry
from servers import Server, running_server

FILES = 1500
_numbers = itertools.count(1)


@pytest.fixture
def dataset() -> str:
    """A name that no dataset has."""
    return f"crashes-{next(_numbers)}"


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    database = Database(server.settings.database, pool_size=1)
    yield database
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Many pictures, some with labels."""
    folder = write(tmp_path / "mine", {f"{n % 7}/{n}.png": n for n in range(FILES)})
    change_entries(folder, {f"{n % 7}/{n}.png": {"tags": [f"t{n}"]} for n in range(0, FILES, 50)})
    return folder


def killed_when(is_time: Callable[[], bool], server: Server, *arguments: str | Path) -> None:
    """Run `fastlabel dataset` and kill it at a time."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fastlabel.cli", "dataset", *arguments, "--quiet"],
        env=caller_environment(server),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_until(lambda: process.poll() is not None or is_time(), "what is waited for")
        assert process.poll() is None, process.communicate()[0].decode()
    finally:
        process.kill()
        process.communicate()


def received(database: Database, name: str) -> int:
    """Return how many objects the pushes of a dataset hold."""
    with database.read() as session:
        return (
            session.scalar(
                select(func.count())
                .select_from(DatasetPushEntry)
                .join(DatasetPush, DatasetPush.id == DatasetPushEntry.push_id)
                .join(Dataset, Dataset.number == DatasetPush.dataset_number)
                .where(Dataset.name == name)
            )
            or 0
        )


@pytest.mark.slow
def test_a_killed_push_goes_on(
    server: Server, client: Client, database: Database, dataset: str, folder: Path
) -> None:
    for least in (1, FILES // 3, FILES * 2 // 3):
        killed_when(
            lambda least=least: received(database, dataset) >= least,  # type: ignore[misc]
            server,
            "push",
            folder,
            dataset,
            "--workers",
            "1",
        )
    arrived = received(database, dataset)
    assert FILES * 2 // 3 <= arrived < FILES
    assert objects(client, dataset) == {}

    report = client.push_dataset(folder, dataset, progress=False)

    # What was on its way when the process died may come twice.
    assert FILES - arrived <= report.sent_files <= FILES - arrived + 100
    assert report.added == FILES
    [revision] = revisions(client, dataset)
    assert (revision["id"], revision["added"]) == (report.revision_id, FILES)
    found = objects(client, dataset)
    assert set(found) == set(read(folder))
    assert found["1/50.png"]["tags"] == ["t50"]
    assert client.push_dataset(folder, dataset, progress=False).revision_id is None
    assert received(database, dataset) == 0


@pytest.mark.slow
def test_a_killed_push_takes_what_changed_meanwhile(
    server: Server, client: Client, database: Database, dataset: str, folder: Path
) -> None:
    killed_when(
        lambda: received(database, dataset) >= FILES // 3,
        server,
        "push",
        folder,
        dataset,
        "--workers",
        "1",
    )
    names = list(read(folder))
    for name in names[:5]:
        (folder / name).unlink()
    write(folder, {name: FILES + number for number, name in enumerate(names[5:10])})

    report = client.push_dataset(folder, dataset, progress=False)

    assert report.added == FILES - 5
    assert len(revisions(client, dataset)) == 1
    client.download_dataset_objects(dataset, folder.parent / "theirs", limit=None)
    assert read(folder.parent / "theirs") == read(folder)


@pytest.mark.slow
def test_a_killed_pull_goes_on(
    server: Server, client: Client, dataset: str, folder: Path, tmp_path: Path
) -> None:
    client.push_dataset(folder, dataset, progress=False)
    theirs = tmp_path / "theirs"

    def there() -> int:
        return sum(1 for _ in theirs.rglob("*.png"))

    for least in (1, FILES // 3):
        killed_when(
            lambda least=least: there() >= least,  # type: ignore[misc]
            server,
            "pull",
            dataset,
            theirs,
            "--workers",
            "1",
        )
    had = there()
    assert had < FILES

    report = client.pull_dataset(dataset, theirs, progress=False)

    assert (report.downloaded, report.unchanged) == (FILES - had, had)
    assert report.is_fine
    assert read(theirs) == read(folder)
    assert sorted(path.name for path in (theirs / ".fastlabel").iterdir()) == ["state.sqlite3"]
    assert client.push_dataset(theirs, dataset, progress=False).revision_id is None


@pytest.mark.slow
def test_a_push_that_was_killed_while_its_revision_was_made_is_done_once(
    tmp_path: Path, dataset: str
) -> None:
    folder = write(tmp_path / "mine", {f"{number}.png": number for number in range(20)})
    with (
        running_server(tmp_path / "data", with_worker=False) as server,
        server.client() as client,
    ):
        database = Database(server.settings.database, pool_size=1)

        def is_committing() -> bool:
            with database.read() as session:
                draft = select(Dataset.draft_job).where(Dataset.name == dataset)
                return session.scalar(draft) is not None

        killed_when(is_committing, server, "push", folder, dataset)
        database.close()
        write(folder, {"0.png": 100, "new.png": 101})
        server.stop()
        server.with_worker = True
        server.start()

        report = client.push_dataset(folder, dataset, progress=False)

        first, second = revisions(client, dataset)
        assert (first["added"], first["changed"]) == (20, 0)
        assert (second["added"], second["changed"]) == (1, 1)
        assert (report.revision_id, report.sent_files) == (second["id"], 2)
        client.download_dataset_objects(dataset, tmp_path / "theirs")
        assert read(tmp_path / "theirs") == read(folder)
