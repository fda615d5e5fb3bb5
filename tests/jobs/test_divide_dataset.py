"""Parts and types come to be once, as one revision, whatever happens to the worker."""

from __future__ import annotations

import hashlib
import io
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from fastlabel_server import jobs
from fastlabel_server.datasets import labels, set_hash
from fastlabel_server.datasets.changes import State
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.objects import measured
from fastlabel_server.datasets.operations import split
from fastlabel_server.db import Database
from fastlabel_server.jobs import Context, JobError
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    ALIVE,
    Blob,
    Dataset,
    DatasetFile,
    DatasetObject,
    DatasetRevision,
    DatasetState,
    Workspace,
    new_id,
    now_ms,
)
from fastlabel_server.uploads.spool import ReceivedFile
from jobs.chunks import run_to_end
from jobs.rows import Rows
from jobs.workers import WorkerProcess, find_job, wait_for, wait_for_end
from media import recordings
from media.recordings import wav

HANDLER = HANDLERS["revise_dataset"]
StartWorker = Callable[..., WorkerProcess]
GRID = {"columns": 2, "rows": 2}


@dataclass(frozen=True)
class Place:
    """A database with a store, and datasets in it."""

    settings: Settings
    database: Database
    storage: Storage

    def dataset(self, files: Mapping[str, bytes], name: str = "image") -> int:
        """Make a dataset with objects; return its number."""
        with self.database.write() as session:
            workspace = Workspace(id=new_id(), slug=new_id(), name="Workspace")
            session.add(workspace)
            session.flush()
            dataset = Dataset(
                workspace_id=workspace.id, name=name, head=0, content_hash=set_hash.EMPTY
            )
            session.add(dataset)
            session.flush()
            draft = Draft.of_request(dataset)
            wanted = {}
            for object_name, data in files.items():
                received = ReceivedFile(self.settings.spool_dir)
                received.write(data)
                file = measured(object_name, received, 10**9)
                received.discard()
                if session.get(Blob, file.sha256) is None:
                    Rows(session).blob(self.storage, data)
                wanted[object_name] = State(file, labels.document_of([], {"of": object_name}))
            draft.stage(session, wanted)
            draft.publish(session, None, "create")
            return dataset.number

    def begin(self, number: int, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Begin a draft; return the payload of the job that it is for."""
        job_id = new_id()
        with self.database.write() as session:
            dataset = session.get_one(Dataset, number)
            Draft.of_job(session, dataset, job_id)
        return {
            "dataset": number,
            "job": job_id,
            "operation": operation,
            "arguments": arguments,
            "author": None,
            "message": "",
        }

    def splitting(self, source: int, how: Mapping[str, Any], **values: Any) -> dict[str, Any]:
        return {
            "source": source,
            "revision": 1,
            "seqs": None,
            "filter": {"tags": [], "licenses": [], "types": []},
            "kinds": ["image"] if "columns" in how else ["video", "audio"],
            "how": dict(how),
            "annotations": True,
            "replace": False,
            **values,
        }

    def enqueue(self, payload: Mapping[str, Any]) -> str:
        with self.database.write() as session:
            return jobs.enqueue(session, "revise_dataset", payload, job_id=payload["job"])

    def names(self, number: int) -> list[str]:
        with self.database.read() as session:
            return list(
                session.scalars(
                    select(DatasetObject.name)
                    .join(DatasetState, DatasetState.seq == DatasetObject.seq)
                    .where(
                        DatasetObject.dataset_number == number,
                        DatasetState.dataset_number == number,
                        DatasetState.died == ALIVE,
                    )
                    .order_by(DatasetObject.seq)
                )
            )

    def files(self, number: int) -> dict[str, tuple[DatasetFile, bytes]]:
        """Return the newest files of a dataset by the names of their objects."""
        with self.database.read() as session:
            rows = session.execute(
                select(DatasetObject.name, DatasetFile, Blob.key)
                .join(
                    DatasetState,
                    (DatasetState.dataset_number == DatasetObject.dataset_number)
                    & (DatasetState.seq == DatasetObject.seq),
                )
                .join(DatasetFile, DatasetFile.key == DatasetState.file_key)
                .join(Blob, Blob.sha256 == DatasetFile.blob_sha256)
                .where(DatasetObject.dataset_number == number, DatasetState.died == ALIVE)
            ).all()
        return {row.name: (row.DatasetFile, self.storage.read(row.key)) for row in rows}

    def revisions(self, number: int) -> list[DatasetRevision]:
        with self.database.read() as session:
            return list(
                session.scalars(
                    select(DatasetRevision)
                    .where(DatasetRevision.dataset_number == number)
                    .order_by(DatasetRevision.number)
                )
            )


@pytest.fixture
def place(settings: Settings, database: Database) -> Place:
    return Place(settings, database, Storage.from_url(settings.storage))


def png(number: int) -> bytes:
    output = io.BytesIO()
    image = Image.effect_noise((40, 30), 20 + number)
    image.putpixel((0, 0), number)
    image.save(output, "PNG")
    return output.getvalue()


def kill_often(
    place: Place, start_worker: StartWorker, job_id: str, moments: random.Random
) -> None:
    """Kill workers at work on a job, then have one end it."""
    worker = start_worker()
    for _ in range(4):
        before = find_job(place.database, job_id).done
        wait_for(
            lambda: find_job(place.database, job_id).done > before,  # noqa: B023
            "progress",
        )
        time.sleep(moments.uniform(0, 0.05))
        worker.kill()
        assert find_job(place.database, job_id).status == "running", "killed too late"
        worker = start_worker()
    job = wait_for_end(place.database, job_id)
    assert (job.status, job.message) == ("completed", None)


@pytest.mark.slow
def test_kills_of_the_worker_at_any_moment_cost_no_part(
    place: Place, start_worker: StartWorker
) -> None:
    files = {f"{number:02}.png": png(number) for number in range(40)}
    killed, other = place.dataset(files), place.dataset(files)
    payload = place.begin(killed, "split", place.splitting(killed, GRID))
    job_id = place.enqueue(payload)
    kill_often(place, start_worker, job_id, random.Random(5))
    expected = [f"image/{number:02}/{part}.png" for number in range(40) for part in (1, 2, 3, 4)]
    assert place.names(killed) == [*files, *expected]
    [_, revision] = place.revisions(killed)
    assert (revision.via, revision.added, revision.object_count) == ("split", 160, 200)
    assert revision.job_id == job_id
    stored = place.files(killed)
    for name in expected:
        row, data = stored[name]
        assert hashlib.sha256(data).hexdigest() == row.blob_sha256
        with Image.open(io.BytesIO(data)) as tile:
            assert tile.size == (20, 15)
    # As without kills: the same files, by the same names.
    run = place.begin(other, "split", place.splitting(other, GRID))
    run_to_end(HANDLER, place.settings, place.database, run)
    assert {name: row.blob_sha256 for name, (row, _) in place.files(other).items()} == {
        name: row.blob_sha256 for name, (row, _) in stored.items()
    }
    with place.database.read() as session:
        dataset = session.get_one(Dataset, killed)
        assert (dataset.draft_job, dataset.head, dataset.last_seq) == (None, 2, 200)
        assert session.scalar(select(func.count()).select_from(DatasetObject)) == 400


@pytest.mark.slow
def test_kills_in_the_middle_of_a_video_cost_no_frame(
    place: Place, start_worker: StartWorker
) -> None:
    files = {
        "v.mp4": recordings.video(frames=200, size_wh=(320, 240), options=recordings.B_FRAMES),
        "w.wav": wav(duration_s=2),
    }
    number = place.dataset(files)
    how = {"parts": 40, "method": "exact"}
    job_id = place.enqueue(place.begin(number, "split", place.splitting(number, how)))
    kill_often(place, start_worker, job_id, random.Random(11))
    stored = place.files(number)
    assert len(stored) == 2 + 80
    counts = [stored[f"image/v/{part}.mp4"][0].media["frameCount"] for part in range(1, 41)]
    assert counts == [5] * 40
    durations = [stored[f"image/w/{part}.wav"][0].media["duration"] for part in range(1, 41)]
    assert sum(durations) == pytest.approx(2, abs=1e-9)


@pytest.mark.slow
def test_kills_of_the_worker_cost_no_type(place: Place, start_worker: StartWorker) -> None:
    data = png(0)
    files = {f"{number:03}.png": data for number in range(600)}
    killed, other = place.dataset(files), place.dataset(files)
    arguments = {
        "ratios": {"train": 2, "valid": 1, "test": 1},
        "seed": 1,
        "stratify": None,
        "groupBy": None,
        "filter": {"tags": [], "licenses": [], "types": []},
    }
    job_id = place.enqueue(place.begin(killed, "types", arguments))
    kill_often(place, start_worker, job_id, random.Random(7))
    run_to_end(HANDLER, place.settings, place.database, place.begin(other, "types", arguments))
    one, same = place.revisions(killed)[1:], place.revisions(other)[1:]
    assert [(each.via, each.changed) for each in one] == [("types", 600)]
    assert [each.content_sha256 for each in one] == [each.content_sha256 for each in same]


def test_the_files_of_parts_are_stored_once(place: Place) -> None:
    """Tiles of one colour are all the same."""
    output = io.BytesIO()
    Image.new("RGB", (40, 40)).save(output, "PNG")
    number = place.dataset({"a.png": output.getvalue(), "b.png": output.getvalue()})
    payload = place.begin(number, "split", place.splitting(number, GRID))
    run_to_end(HANDLER, place.settings, place.database, payload)
    assert len(place.names(number)) == 2 + 8
    assert len({row.blob_sha256 for row, _ in place.files(number).values()}) == 2
    stored = {one.key for page in place.storage.list("blobs") for one in page}
    with place.database.read() as session:
        keys = set(session.scalars(select(Blob.key)))
    # Those of the last chunk that turned out to be surplus are left to the sweep.
    assert keys <= stored
    assert len(keys) == 2


def test_cutting_leaves_no_file_behind(place: Place) -> None:
    number = place.dataset({"v.mp4": recordings.video(frames=8), "w.wav": wav(duration_s=1)})
    how = {"parts": 3, "method": "exact"}
    payload = place.begin(number, "split", place.splitting(number, how))
    run_to_end(HANDLER, place.settings, place.database, payload)
    assert list(place.settings.spool_dir.glob("*")) == []


def test_from_the_third_attempt_on_a_chunk_is_one_part(place: Place) -> None:
    number = place.dataset({"a.png": png(1)})
    payload = place.begin(number, "split", place.splitting(number, GRID))
    steps = run_to_end(HANDLER, place.settings, place.database, payload, attempt=split.CAREFUL_FROM)
    assert [step.done for step in steps] == [1, 2, 3, 4, 4]


def test_a_job_that_fails_leaves_the_dataset_as_it_was(place: Place) -> None:
    number = place.dataset({"a.png": png(1), "image/b/1.png": png(2), "b.png": png(3)})
    payload = place.begin(number, "split", place.splitting(number, GRID))
    with pytest.raises(JobError, match=r"has an object 'image/b/1.png' that is no part"):
        run_to_end(HANDLER, place.settings, place.database, payload, attempt=3)
    with place.database.write() as session:
        HANDLER.on_end(session, payload, "failed", "")
    assert place.names(number) == ["a.png", "image/b/1.png", "b.png"]
    assert len(place.revisions(number)) == 1


def test_the_same_file_under_two_extensions_is_not_mixed_up(place: Place) -> None:
    number = place.dataset({"a.wav": wav(duration_s=1), "a.mp4": recordings.video(frames=4)})
    how = {"parts": 2, "method": "exact"}
    payload = place.begin(number, "split", place.splitting(number, how))
    run_to_end(HANDLER, place.settings, place.database, payload)
    assert place.names(number)[2:] == [
        "image/a/1.wav", "image/a/2.wav", "image/a/1.mp4", "image/a/2.mp4",
    ]  # fmt: skip
    images = place.dataset({"a.png": png(1), "a.jpg": _jpeg()})
    payload = place.begin(images, "split", place.splitting(images, GRID))
    message = "a.jpg: its parts would have the names of those of 'a.png'"
    with pytest.raises(JobError, match=message):
        run_to_end(HANDLER, place.settings, place.database, payload)
    with place.database.write() as session:
        HANDLER.on_end(session, payload, "failed", "")
    payload = place.begin(images, "split", place.splitting(images, GRID))
    message = "a.jpg: dataset 'image' has 'image/a/1.png', a part of another split of 'a.png'"
    with pytest.raises(JobError, match=message):
        run_to_end(HANDLER, place.settings, place.database, payload, attempt=3)


def _jpeg() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (40, 30)).save(output, "JPEG")
    return output.getvalue()


def test_a_dataset_of_the_objects_that_is_deleted_ends_the_job(place: Place) -> None:
    source, target = place.dataset({"a.png": png(1)}), place.dataset({}, "parts")
    payload = place.begin(target, "split", place.splitting(source, GRID))
    with place.database.write() as session:
        session.get_one(Dataset, source).deleted_at = now_ms()
    with pytest.raises(JobError, match="the dataset of the objects was deleted"):
        run_to_end(HANDLER, place.settings, place.database, payload)


def test_a_name_that_would_be_too_long_fails_the_job(place: Place) -> None:
    number = place.dataset({f"{'a' * 490}.png": png(1)})
    payload = place.begin(number, "split", place.splitting(number, GRID))
    with pytest.raises(JobError, match="a name has up to 500 characters, got 502"):
        run_to_end(HANDLER, place.settings, place.database, payload)


def test_a_file_that_is_gone_fails_the_job(place: Place) -> None:
    number = place.dataset({"a.png": png(1)})
    with place.database.read() as session:
        place.storage.delete(session.scalars(select(Blob.key)))
    payload = place.begin(number, "split", place.splitting(number, GRID))
    context = Context(place.settings, place.database, place.storage)
    with pytest.raises(JobError, match=r"a\.png: its file is no longer there"):
        HANDLER.prepare(context, payload, None)
