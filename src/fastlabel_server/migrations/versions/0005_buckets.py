"""Buckets: tasks named without the bucket's prefix.

Revision: 0005, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "project_bucket",
        sa.Column("strip_prefix", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
