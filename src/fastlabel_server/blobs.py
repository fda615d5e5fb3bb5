"""File bytes between the object store and the database: each content is kept once."""

from __future__ import annotations

from collections.abc import Sequence
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
    if file.path is not None:
        storage.put_file(blob.key, file.path)
    else:
        storage.put_bytes(blob.key, file.read())
    return blob


def claim(call: Call, blob: StoredBlob) -> None:
    """Make the blob's row in the request's transaction, or take over the one that is there.

    Where another upload of the same bytes was quicker, its object stays and ours goes; where
    the sweep has doomed the row, ours takes its place and the row is saved.
    """
    key = claim_key(call.session, blob, is_sqlite=call.services.database.is_sqlite)
    if key != blob.key:
        storage = call.services.storage
        call.after_commit(lambda: storage.delete([blob.key]))


def claim_key(session: Session, blob: StoredBlob, *, is_sqlite: bool) -> str:
    """Make sure of a live row for the bytes and return the key of the object it stands for."""
    insert = sqlite.insert if is_sqlite else postgresql.insert
    statement = insert(Blob).values(sha256=blob.sha256, key=blob.key, size=blob.size)
    saved = session.execute(
        statement.on_conflict_do_update(
            index_elements=[Blob.sha256],
            set_={"key": blob.key, "doomed_at": None},
            where=Blob.doomed_at.is_not(None),
        ).returning(Blob.key)
    ).scalar()
    if saved is not None:
        return saved
    return session.execute(select(Blob.key).where(Blob.sha256 == blob.sha256)).scalar_one()
