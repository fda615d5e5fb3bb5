"""Comments with their threads, and the metadata keys of projects.

Revision: 0003, after 0002
"""

from __future__ import annotations

import json
import time
from typing import Any

import sqlalchemy as sa
import uuid_utils
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _create_comments()
    _create_metadata_keys()
    _define_keys_in_use()


def _create_comments() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("content_id", sa.String(), nullable=True),
        sa.Column("author_id", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("is_resolved", sa.Boolean(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("frame", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("annotation_id", sa.String(length=36), nullable=True),
        sa.Column("color", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_comment_task_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["content_id"], ["content.id"], name=op.f("fk_comment_content_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_comment_author_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index("ix_comment_listing", "comment", ["task_id", "created_at", "id"])
    op.create_index(op.f("ix_comment_content_id"), "comment", ["content_id"])
    op.create_table(
        "comment_thread",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("comment_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comment.id"],
            name=op.f("fk_comment_thread_comment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_comment_thread_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_comment_thread_author_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_thread")),
    )
    op.create_index(
        "ix_comment_thread_listing", "comment_thread", ["comment_id", "created_at", "id"]
    )
    op.create_index(
        "ix_comment_thread_project", "comment_thread", ["project_id", "created_at", "id"]
    )


def _create_metadata_keys() -> None:
    op.create_table(
        "metadata_key",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("default_value", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_metadata_key_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metadata_key")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_metadata_key_project_id_key")),
    )


def _define_keys_in_use() -> None:
    """Define the keys that tasks already have: until now any key could be given."""
    connection = op.get_bind()
    found: dict[str, dict[str, set[type]]] = {}
    rows = connection.execute(
        sa.text("SELECT project_id, metadatas FROM task WHERE metadatas <> '[]' ORDER BY seq")
    )
    for project_id, metadatas in rows:
        keys = found.setdefault(project_id, {})
        for entry in json.loads(metadatas):
            keys.setdefault(entry["key"], set()).add(type(entry["value"]))
    now = time.time_ns() // 1_000_000
    defined: list[dict[str, Any]] = [
        {
            "id": str(uuid_utils.uuid7()),
            "project_id": project_id,
            "key": key,
            "type": _type_for(types - {type(None)}),
            "options": "[]",
            "default_value": '""',
            "position": position,
            "is_admin": False,
            "is_required": False,
            "created_at": now,
            "updated_at": now,
        }
        for project_id, keys in found.items()
        for position, (key, types) in enumerate(keys.items(), start=1)
    ]
    if defined:
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in defined[0]]
        connection.execute(sa.insert(sa.table("metadata_key", *columns)), defined)


def _type_for(types: set[type]) -> str:
    if types and types <= {int, float}:
        return "number"
    return "switch" if types == {bool} else "text"
