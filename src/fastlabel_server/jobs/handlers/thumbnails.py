"""`thumbnails`: small pictures of the contents that wait for one.

One job looks after all of them; the reaper starts it when there are any.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, TypedDict

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fastlabel.modalities import FileError
from fastlabel_server.blobs import StoredBlob, living_keys, new_key
from fastlabel_server.buckets import Bucket, BucketError, InvalidPath
from fastlabel_server.jobs.handler import Context, Handler, Payload, Step
from fastlabel_server.media import probe_of
from fastlabel_server.storage import ObjectMissing
from fastlabel_server.tables import Blob, Content, ProjectBucket, Task
from fastlabel_server.tables.content import PENDING

CONTENTS: Final = 16
"""Per chunk."""
CAREFUL_FROM: Final = 3
"""From this attempt on one content at a time: one of them may be what ends the process."""
HOPELESS_FROM: Final = 6
"""From this attempt on that content is not even tried."""

log = structlog.get_logger(__name__)


class Cursor(TypedDict):
    after: str
    """The last content looked at."""
    done: int
    surplus: list[str]
    """Objects that no row took over, as the same picture was there already."""


@dataclass(frozen=True)
class Made:
    """What came of a content: a thumbnail, a reason why not, or neither where it has none."""

    content_id: str
    blob: StoredBlob | None = None
    error: str | None = None


@dataclass(frozen=True)
class Prepared:
    cursor: Cursor
    made: Sequence[Made]


def prepare(context: Context, payload: Payload, cursor: Cursor | None) -> Prepared:
    """Make the next thumbnails and put them into the store."""
    cursor = cursor or Cursor(after="", done=0, surplus=[])
    if cursor["surplus"]:
        context.storage.delete(cursor["surplus"])
    with context.database.read() as session:
        waiting = session.execute(
            select(
                Content.id,
                Content.media_type,
                Content.media,
                Content.size,
                Content.bucket_path,
                Blob.key,
                ProjectBucket,
            )
            .join(Task, Task.id == Content.task_id)
            .outerjoin(Blob, Blob.sha256 == Content.blob_sha256)
            .outerjoin(
                ProjectBucket,
                (ProjectBucket.project_id == Task.project_id)
                & (ProjectBucket.kind == Content.bucket_kind),
            )
            .where(PENDING, Content.id > cursor["after"])
            .order_by(Content.id)
            .limit(1 if context.attempt >= CAREFUL_FROM else CONTENTS)
        ).all()
    return Prepared(cursor, [_make(context, content) for content in waiting])


def _make(context: Context, content: Any) -> Made:
    probe = probe_of(content.media_type)
    if probe is None or probe.thumbnail is None:
        return Made(content.id)
    if context.attempt >= HOPELESS_FROM:
        return Made(content.id, error="the worker ended each time it was tried")
    try:
        with _open(context, content) as source:
            data = probe.thumbnail(source, content.media, context.settings.max_image_pixels)
    except (FileError, ObjectMissing, BucketError, InvalidPath) as error:
        log.warning("no thumbnail", content=content.id, reason=str(error))
        return Made(content.id, error=str(error))
    sha256 = hashlib.sha256(data).hexdigest()
    blob = StoredBlob(sha256, new_key(sha256), len(data))
    context.storage.put_bytes(blob.key, data)
    return Made(content.id, blob)


def _open(context: Context, content: Any) -> BinaryIO:
    if content.key is not None:
        return context.storage.open(content.key)
    setting: ProjectBucket | None = content.ProjectBucket
    if setting is None:
        raise FileError("the project has no bucket of this kind any more")
    bucket = Bucket(setting.kind, setting.bucket, setting.region, setting.prefix)
    return bucket.open(content.bucket_path, content.size)


def apply(session: Session, payload: Payload, prepared: Prepared) -> Step:
    """Note thumbnails and failures on the contents, so that none is looked at again."""
    cursor, made = prepared.cursor, prepared.made
    if not made:
        return Step(cursor=None, done=cursor["done"])
    surplus = [key for result in made if (key := _note(session, result)) is not None]
    done = cursor["done"] + len(made)
    return Step(Cursor(after=made[-1].content_id, done=done, surplus=surplus), done)


def _note(session: Session, made: Made) -> str | None:
    """Return the key of the object when it is not needed."""
    surplus = None
    if made.blob is not None:
        if living_keys(session, [made.blob])[made.blob.sha256] != made.blob.key:
            surplus = made.blob.key
        state = "ready"
    else:
        state = "none" if made.error is None else "failed"
    session.execute(
        update(Content)
        .where(Content.id == made.content_id)
        .values(
            thumbnail_state=state,
            thumbnail_sha256=made.blob.sha256 if made.blob else None,
            thumbnail_error=made.error,
        )
        .execution_options(synchronize_session=False)
    )
    return surplus


HANDLER = Handler("cpu", prepare=prepare, apply=apply)
