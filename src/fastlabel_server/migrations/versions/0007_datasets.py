"""Datasets: objects, their states by revision, versions, pushes; what jobs report.

Revision: 0007, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# SQLite counts up only in columns of the type INTEGER.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dataset",
        sa.Column("number", KEY, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("license", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("draft_job", sa.String(length=36), nullable=True),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("draft_hash", sa.LargeBinary(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["user_account.id"],
            name=op.f("fk_dataset_created_by"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_dataset_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_dataset")),
        sa.UniqueConstraint("id", name=op.f("uq_dataset_id")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_dataset_workspace_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dataset_listing", "dataset", ["workspace_id", "created_at", "id"])
    op.create_table(
        "dataset_file",
        sa.Column("key", KEY, nullable=False),
        sa.Column("dataset_number", KEY, nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob_sha256"], ["blob.sha256"], name=op.f("fk_dataset_file_blob_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["dataset_number"],
            ["dataset.number"],
            name=op.f("fk_dataset_file_dataset_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dataset_file")),
        sa.UniqueConstraint(
            "dataset_number",
            "blob_sha256",
            "kind",
            name=op.f("uq_dataset_file_dataset_number_blob_sha256_kind"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_dataset_file_blob_sha256"), "dataset_file", ["blob_sha256"])
    op.create_table(
        "dataset_labels",
        sa.Column("key", KEY, nullable=False),
        sa.Column("dataset_number", KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_number"],
            ["dataset.number"],
            name=op.f("fk_dataset_labels_dataset_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dataset_labels")),
        sa.UniqueConstraint(
            "dataset_number", "digest", name=op.f("uq_dataset_labels_dataset_number_digest")
        ),
    )
    op.create_table(
        "dataset_object",
        sa.Column("dataset_number", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_number"],
            ["dataset.number"],
            name=op.f("fk_dataset_object_dataset_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dataset_number", "seq", name=op.f("pk_dataset_object")),
        sa.UniqueConstraint(
            "dataset_number", "name", name=op.f("uq_dataset_object_dataset_number_name")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_dataset_object_id")),
    )
    op.create_table(
        "dataset_push",
        sa.Column("dataset_number", KEY, nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_dataset_push_author_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["dataset_number"],
            ["dataset.number"],
            name=op.f("fk_dataset_push_dataset_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_push")),
        sa.UniqueConstraint(
            "dataset_number",
            "author_id",
            "key",
            name=op.f("uq_dataset_push_dataset_number_author_id_key"),
        ),
    )
    op.create_table(
        "dataset_revision",
        sa.Column("dataset_number", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("object_count", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_dataset_revision_author_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["dataset_number"],
            ["dataset.number"],
            name=op.f("fk_dataset_revision_dataset_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dataset_number", "number", name=op.f("pk_dataset_revision")),
        sa.UniqueConstraint(
            "dataset_number", "id", name=op.f("uq_dataset_revision_dataset_number_id")
        ),
    )
    op.create_index(op.f("ix_dataset_revision_job_id"), "dataset_revision", ["job_id"])
    op.create_table(
        "dataset_version",
        sa.Column("dataset_number", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_dataset_version_author_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["dataset_number"],
            ["dataset.number"],
            name=op.f("fk_dataset_version_dataset_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dataset_number", "name", name=op.f("pk_dataset_version")),
    )
    op.create_table(
        "dataset_push_entry",
        sa.Column("push_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob_sha256"], ["blob.sha256"], name=op.f("fk_dataset_push_entry_blob_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["push_id"],
            ["dataset_push.id"],
            name=op.f("fk_dataset_push_entry_push_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("push_id", "name", name=op.f("pk_dataset_push_entry")),
    )
    op.create_index(
        op.f("ix_dataset_push_entry_blob_sha256"), "dataset_push_entry", ["blob_sha256"]
    )
    op.create_table(
        "dataset_state",
        sa.Column("dataset_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("born", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("died", sa.BigInteger(), nullable=False),
        sa.Column("file_key", sa.BigInteger(), nullable=False),
        sa.Column("labels_key", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("licenses", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_number", "seq"],
            ["dataset_object.dataset_number", "dataset_object.seq"],
            name="fk_dataset_state_object",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "dataset_number",
            "seq",
            "born",
            name=op.f("pk_dataset_state"),
            postgresql_include=["died"],
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_dataset_state_born", "dataset_state", ["dataset_number", "born", "died"])
    op.create_index(
        "ix_dataset_state_died",
        "dataset_state",
        ["dataset_number", "died"],
        sqlite_where=sa.text("died < 9007199254740992"),
        postgresql_where=sa.text("died < 9007199254740992"),
    )
    op.create_table(
        "task_source",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("dataset_number", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_task_source_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_source")),
    )
    op.create_index("ix_task_source_object", "task_source", ["dataset_number", "seq"])
    op.add_column("job", sa.Column("report", sa.Text(), nullable=True))
