"""Which bytes a signed URL stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fastlabel_server.buckets import Bucket
from fastlabel_server.errors import NotFound
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    Appendix,
    Blob,
    Content,
    Dataset,
    DatasetFile,
    Export,
    Project,
    ProjectBucket,
    Task,
)
from fastlabel_server.urls import APPENDIX, CALIBRATION, DATASET_FILE, EXPORT, THUMBNAIL

THUMBNAIL_TYPE = "image/webp"
EXPORT_TYPE = "application/zip"
CALIBRATION_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class ServedFile:
    """Bytes to serve: `etag` changes with them, `stream` gives a part, end exclusive."""

    size: int
    media_type: str
    etag: str
    source: Storage | Bucket
    key: str

    def stream(self, start: int, end: int) -> Iterator[bytes]:
        return self.source.stream(self.key, start, end)


def find(session: Session, storage: Storage, what: str, content_id: str) -> ServedFile:
    """Return a content's file or its thumbnail; of an appendix, its picture or calibration.

    The file of an export goes by the id of the export, that of a dataset by its key.

    Raises:
        NotFound: the content is gone, or has no thumbnail (yet).
    """
    if what in (APPENDIX, CALIBRATION):
        return _of_appendix(session, storage, what, content_id)
    if what == EXPORT:
        return _of_export(session, storage, content_id)
    if what == DATASET_FILE:
        return _of_dataset(session, storage, content_id)
    small = aliased(Blob)
    row = session.execute(
        select(Content, Blob, small, Task.project_id)
        .join(Task, Task.id == Content.task_id)
        .outerjoin(Blob, Blob.sha256 == Content.blob_sha256)
        .outerjoin(small, small.sha256 == Content.thumbnail_sha256)
        .where(Content.id == content_id)
    ).first()
    if row is None:
        raise NotFound("The file was deleted together with its task.")
    content, blob, thumbnail, project_id = row
    if what == THUMBNAIL:
        if thumbnail is None:
            raise NotFound("The file has no thumbnail yet.")
        return ServedFile(thumbnail.size, THUMBNAIL_TYPE, thumbnail.sha256, storage, thumbnail.key)
    if blob is not None:
        return ServedFile(blob.size, content.media_type, blob.sha256, storage, blob.key)
    return _in_bucket(session, content, project_id)


def _of_appendix(session: Session, storage: Storage, what: str, appendix_id: str) -> ServedFile:
    column = {APPENDIX: Appendix.blob_sha256, CALIBRATION: Appendix.calibration_sha256}[what]
    row = session.execute(
        select(Blob, Appendix.media_type)
        .join(Appendix, column == Blob.sha256)
        .where(Appendix.id == appendix_id)
    ).first()
    if row is None:
        raise NotFound("The file was deleted together with its point cloud, or replaced.")
    blob, media_type = row
    if what == CALIBRATION:
        media_type = CALIBRATION_TYPE
    return ServedFile(blob.size, media_type, blob.sha256, storage, blob.key)


def _of_export(session: Session, storage: Storage, export_id: str) -> ServedFile:
    blob = session.scalar(
        select(Blob)
        .join(Export, Export.blob_sha256 == Blob.sha256)
        .join(Project, Project.id == Export.project_id)
        .where(Export.id == export_id, Project.deleted_at.is_(None))
    )
    if blob is None:
        raise NotFound("The export was deleted.")
    return ServedFile(blob.size, EXPORT_TYPE, blob.sha256, storage, blob.key)


def _of_dataset(session: Session, storage: Storage, key: str) -> ServedFile:
    row = session.execute(
        select(Blob, DatasetFile.media_type)
        .join(DatasetFile, DatasetFile.blob_sha256 == Blob.sha256)
        .join(Dataset, Dataset.number == DatasetFile.dataset_number)
        .where(DatasetFile.key == int(key), Dataset.deleted_at.is_(None))
    ).first()
    if row is None:
        raise NotFound("The file was deleted together with its dataset.")
    blob, media_type = row
    return ServedFile(blob.size, media_type, blob.sha256, storage, blob.key)


def _in_bucket(session: Session, content: Content, project_id: str) -> ServedFile:
    setting = session.scalar(
        select(ProjectBucket).where(
            ProjectBucket.project_id == project_id, ProjectBucket.kind == content.bucket_kind
        )
    )
    if setting is None or content.bucket_path is None:
        raise NotFound(f"The project has no {content.bucket_kind} bucket any more.")
    bucket = Bucket(setting.kind, setting.bucket, setting.region, setting.prefix)
    head = bucket.head(content.bucket_path)
    etag = head.etag or f"{head.size}-{head.last_modified}"
    return ServedFile(head.size, content.media_type, etag, bucket, content.bucket_path)
