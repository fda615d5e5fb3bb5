"""Datasets: named collections of files with annotations, of which every state stays readable.

A revision is a number that counts up within its dataset. Each state of an object holds from one
revision (`born`) until another (`died`), so a revision is the states that are alive at its
number: one change writes one row, however large the dataset is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from fastlabel_server.tables.base import ID_LENGTH, Base, Dated, Identified, Json, new_id, now_ms
from fastlabel_server.tables.blob import Blob
from fastlabel_server.tables.task import Task
from fastlabel_server.tables.user import User, Workspace

ALIVE = 2**53
"""`died` of a state that still holds."""
# SQLite counts up only in columns of the type INTEGER.
_Key = BigInteger().with_variant(Integer, "sqlite")
ENDED = text(f"died < {ALIVE}")
"""States that no longer hold. SQLite uses their index only where a statement says this."""


class Dataset(Dated, Base):
    """A dataset.

    Deleting one sets `deleted_at` and frees its name at once (the column then holds what no
    name can be); the job `purge_dataset` removes its objects and, last, its row.
    """

    __tablename__ = "dataset"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        Index("ix_dataset_listing", "workspace_id", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(_Key, primary_key=True)
    """What its many rows refer to it by, in a fifth of the space of its id; never used again."""
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey(Workspace.id, ondelete="CASCADE"))
    name: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    visibility: Mapped[str] = mapped_column(default="workspace")
    license: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    head: Mapped[int] = mapped_column(default=0)
    """The newest revision. States born later belong to a draft and are not seen."""
    last_seq: Mapped[int] = mapped_column(default=0)
    content_hash: Mapped[bytes]
    """Of the head, in the form that changes can be added to; see `datasets.set_hash`."""
    draft_job: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """The job that is building revision `head + 1`; meanwhile nobody else changes the dataset."""
    draft: Mapped[dict[str, Any] | None] = mapped_column(Json, nullable=True)
    """What the draft has come to so far, and what was there before it: `{counts, before}`."""
    draft_hash: Mapped[bytes | None]
    deleted_at: Mapped[int | None]


class DatasetRevision(Base):
    """One state of a dataset: who made it, when, and what changed with it."""

    __tablename__ = "dataset_revision"
    __table_args__ = (UniqueConstraint("dataset_number", "id"),)

    dataset_number: Mapped[int] = mapped_column(
        ForeignKey(Dataset.number, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1-based; the first one is empty."""
    id: Mapped[str] = mapped_column(String(40))
    """Hexadecimal: hash over the revision before, the content, author, time and message."""
    content_sha256: Mapped[str] = mapped_column(String(64))
    """The same for the same objects, whatever the way to them was."""
    author_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    via: Mapped[str]
    """`create`, `update`, `delete`, `push`, `split`, `restore`, ..."""
    message: Mapped[str]
    added: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    object_count: Mapped[int]
    size: Mapped[int]
    """Bytes of all objects together."""
    created_at: Mapped[int] = mapped_column(default=now_ms)
    job_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    """The job that built it; None: a request did."""


class DatasetVersion(Base):
    """A name for a revision. `latest` is not among them: it is always the head."""

    __tablename__ = "dataset_version"

    dataset_number: Mapped[int] = mapped_column(
        ForeignKey(Dataset.number, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    author_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    created_at: Mapped[int] = mapped_column(default=now_ms)


class DatasetFile(Base):
    """A file of a dataset and what was measured of it, once for all states that have it."""

    __tablename__ = "dataset_file"
    __table_args__ = (
        UniqueConstraint("dataset_number", "blob_sha256", "kind"),
        {"sqlite_autoincrement": True},
    )

    key: Mapped[int] = mapped_column(_Key, primary_key=True)
    """Part of signed URLs, hence never used again."""
    dataset_number: Mapped[int] = mapped_column(ForeignKey(Dataset.number, ondelete="CASCADE"))
    blob_sha256: Mapped[str] = mapped_column(ForeignKey(Blob.sha256), index=True)
    kind: Mapped[str]
    """`image`, `video`, ...: the probe that read it."""
    media_type: Mapped[str]
    size: Mapped[int]
    media: Mapped[dict[str, Any]] = mapped_column(Json)


class DatasetLabels(Base):
    """Annotations and custom metadata, once for all states that have the same."""

    __tablename__ = "dataset_labels"
    __table_args__ = (UniqueConstraint("dataset_number", "digest"),)

    key: Mapped[int] = mapped_column(_Key, primary_key=True)
    dataset_number: Mapped[int] = mapped_column(ForeignKey(Dataset.number, ondelete="CASCADE"))
    digest: Mapped[bytes]
    """SHA-256 of the document before it was packed."""
    document: Mapped[bytes]
    """zlib of the JSON `{annotations, customMetadata}`."""


class DatasetObject(Base):
    """A name in a dataset, with the place and the id that it keeps for good."""

    __tablename__ = "dataset_object"
    __table_args__ = (
        UniqueConstraint("dataset_number", "name"),
        UniqueConstraint("id"),
    )

    dataset_number: Mapped[int] = mapped_column(
        ForeignKey(Dataset.number, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Place in lists: in the order in which the names first came."""
    id: Mapped[str] = mapped_column(String(ID_LENGTH))
    name: Mapped[str]


class DatasetState(Base):
    """What an object is from revision `born` until before revision `died`."""

    __tablename__ = "dataset_state"
    __table_args__ = (
        # A large offset skips rows by this index alone.
        PrimaryKeyConstraint("dataset_number", "seq", "born", postgresql_include=["died"]),
        ForeignKeyConstraint(
            ["dataset_number", "seq"],
            ["dataset_object.dataset_number", "dataset_object.seq"],
            ondelete="CASCADE",
            name="fk_dataset_state_object",
        ),
        Index("ix_dataset_state_born", "dataset_number", "born", "died"),
        Index(
            "ix_dataset_state_died",
            "dataset_number",
            "died",
            sqlite_where=ENDED,
            postgresql_where=ENDED,
        ),
        # And on SQLite the rows themselves lie in its order.
        {"sqlite_with_rowid": False},
    )

    dataset_number: Mapped[int]
    seq: Mapped[int]
    born: Mapped[int]
    died: Mapped[int] = mapped_column(default=ALIVE)
    file_key: Mapped[int]
    """Of a `DatasetFile`. These and labels go with their dataset alone, hence no foreign keys,
    whose indexes would be half as large as the table."""
    labels_key: Mapped[int | None]
    """Of `DatasetLabels`; None: neither annotations nor custom metadata."""
    type: Mapped[str] = mapped_column(default="none")
    """`none`, `train`, `valid` or `test`."""
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    licenses: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[int]
    """When the object came into the dataset, not this state of it."""
    updated_at: Mapped[int]


class TaskSource(Base):
    """Which object of a dataset a task was registered from."""

    __tablename__ = "task_source"
    __table_args__ = (Index("ix_task_source_object", "dataset_number", "seq"),)

    task_id: Mapped[str] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"), primary_key=True)
    dataset_number: Mapped[int]
    """Kept until `purge_dataset` is done, hence no foreign key."""
    seq: Mapped[int]
    revision: Mapped[int]
    """The one whose file the task shows."""


class DatasetPush(Identified, Dated, Base):
    """Changes that are brought piece by piece and become one revision together, or none.

    It is there until its revision is.
    """

    __tablename__ = "dataset_push"
    __table_args__ = (UniqueConstraint("dataset_number", "author_id", "key"),)

    dataset_number: Mapped[int] = mapped_column(ForeignKey(Dataset.number, ondelete="CASCADE"))
    author_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    """What the sender calls it: one that broke off is gone on with under the same name."""
    message: Mapped[str] = mapped_column(default="")
    """Of the revision."""


class DatasetPushEntry(Base):
    """One changed object of a push."""

    __tablename__ = "dataset_push_entry"

    push_id: Mapped[str] = mapped_column(
        ForeignKey(DatasetPush.id, ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    removed: Mapped[bool] = mapped_column(default=False)
    blob_sha256: Mapped[str | None] = mapped_column(ForeignKey(Blob.sha256), index=True)
    """None: the object keeps its file."""
    file: Mapped[dict[str, Any] | None] = mapped_column(Json, nullable=True)
    """`{kind, mediaType, size, media}` of the blob."""
    fields: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What else is given, under the names of the API."""
