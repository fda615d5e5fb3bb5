"""File bytes between the object store and the database: each content is kept once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fastlabel_server.tables import Blob, new_id

if TYPE_CHECKING:
    # Workers use this module too, and need not load the web framework for it.
    from fastlabel_server.calls import Call
    from fastlabel_server.db import Database
    from fastlabel_server.storage import Storage
    from fastlabel_server.uploads import ReceivedFile


WRITERS = 8
"""Files of a batch that are stored at the same time."""


@dataclass(frozen=True)
class StoredBlob:
    """Bytes that are in the object store, and not yet claimed by a row."""

    sha256: str
    key: str
    size: int


def new_key(sha256: str) -> str:
    """Return a key for bytes that was never used and never will be again."""
    return f"blobs/{sha256[:2]}/{sha256}-{new_id()}"


def store(call: Call, files: Sequence[ReceivedFile]) -> list[StoredBlob]:
    """Put received files into the object store, unless their bytes are there already.

    Comes before the transaction, which would hold the database's write lock meanwhile. If the
    request fails afterwards, the objects are deleted; if the process dies, the sweep does it.
    """
    by_sha256 = {file.sha256: file for file in files}
    with call.reading() as session:
        live = session.execute(
            select(Blob.sha256, Blob.key, Blob.size).where(
                Blob.sha256.in_(by_sha256), Blob.doomed_at.is_(None)
            )
        ).all()
    found = {row.sha256: StoredBlob(row.sha256, row.key, row.size) for row in live}
    new = [file for sha256, file in by_sha256.items() if sha256 not in found]
    if len(new) > 1:
        # Each waits for its disk or its cloud; together they wait hardly longer than one.
        with ThreadPoolExecutor(WRITERS) as pool:
            stored = list(pool.map(lambda file: _put(call, file), new))
    else:
        stored = [_put(call, file) for file in new]
    found |= {blob.sha256: blob for blob in stored}
    return [found[file.sha256] for file in files]


def _put(call: Call, file: ReceivedFile) -> StoredBlob:
    blob = StoredBlob(file.sha256, new_key(file.sha256), file.size)
    storage = call.services.storage
    # Before the bytes: a part of a batch may be stored when another part fails.
    call.after_failure(lambda: storage.delete([blob.key]))
    _move(storage, blob, file)
    return blob


def _move(storage: Storage, blob: StoredBlob, file: ReceivedFile) -> None:
    if file.path is not None:
        storage.put_file(blob.key, file.path)
    else:
        storage.put_bytes(blob.key, file.read())


def put(storage: Storage, database: Database, file: ReceivedFile) -> StoredBlob:
    """Put the file of a job into the object store, unless its bytes are there already.

    Where the job does not come to claim it, the sweep deletes the object.
    """
    with database.read() as session:
        live = session.execute(
            select(Blob.key, Blob.size).where(Blob.sha256 == file.sha256, Blob.doomed_at.is_(None))
        ).one_or_none()
    if live is not None:
        return StoredBlob(file.sha256, live.key, live.size)
    blob = StoredBlob(file.sha256, new_key(file.sha256), file.size)
    _move(storage, blob, file)
    return blob


def claim(call: Call, blobs: Iterable[StoredBlob]) -> None:
    """Make the blobs' rows in the request's transaction, or take over those that are there.

    Where another upload of the same bytes was quicker, its object stays and ours goes; where
    the sweep has doomed the row, ours takes its place and the row is saved.
    """
    claimed = list(blobs)
    living = living_keys(call.session, claimed)
    surplus = [blob.key for blob in claimed if living[blob.sha256] != blob.key]
    if surplus:
        call.after_commit(lambda: call.services.storage.delete(surplus))


def living_keys(session: Session, blobs: Sequence[StoredBlob]) -> dict[str, str]:
    """Make sure of a living row for each blob; return the keys of their objects by SHA-256."""
    rows = {
        blob.sha256: {"sha256": blob.sha256, "key": blob.key, "size": blob.size} for blob in blobs
    }
    if not rows:
        return {}
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Blob)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Blob.sha256],
            set_={"key": statement.excluded.key, "doomed_at": None},
            where=Blob.doomed_at.is_not(None),
        ),
        # In one order everywhere: two batches with the same files do not wait for each other.
        [rows[sha256] for sha256 in sorted(rows)],
    )
    living = session.execute(select(Blob.sha256, Blob.key).where(Blob.sha256.in_(rows)))
    return {row.sha256: row.key for row in living}
