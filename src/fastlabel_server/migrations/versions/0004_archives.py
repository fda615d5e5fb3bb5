"""Archives: what imports read, what they have found in them, the appendix of point clouds.

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "staged_content",
        sa.Column("history_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["history_id"],
            ["import_history.id"],
            name=op.f("fk_staged_content_history_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["blob_sha256"], ["blob.sha256"], name=op.f("fk_staged_content_blob_sha256")
        ),
        sa.PrimaryKeyConstraint("history_id", "position", name=op.f("pk_staged_content")),
    )
    op.create_index(op.f("ix_staged_content_blob_sha256"), "staged_content", ["blob_sha256"])
    op.create_table(
        "appendix",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("content_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("format", sa.String(), nullable=True),
        sa.Column("calibration_name", sa.String(), nullable=True),
        sa.Column("calibration_sha256", sa.String(length=64), nullable=True),
        sa.Column("calibration", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"],
            ["content.id"],
            name=op.f("fk_appendix_content_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["blob_sha256"], ["blob.sha256"], name=op.f("fk_appendix_blob_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["calibration_sha256"], ["blob.sha256"], name=op.f("fk_appendix_calibration_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appendix")),
        sa.UniqueConstraint("content_id", "name", name=op.f("uq_appendix_content_id_name")),
    )
    for column in ("blob_sha256", "calibration_sha256"):
        op.create_index(op.f(f"ix_appendix_{column}"), "appendix", [column])
