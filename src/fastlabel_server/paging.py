"""Cursors: where a list goes on, in a form that callers hand back as it is."""

from __future__ import annotations

import base64
import binascii

from fastlabel_server.errors import Invalid
from fastlabel_server.schemas import MAX_OFFSET


def cursor_behind(seq: int) -> str:
    """Return the cursor that continues behind an item."""
    return base64.urlsafe_b64encode(str(seq).encode()).decode()


def read_cursor(cursor: str) -> int:
    """Return the item that a cursor continues behind.

    Raises:
        Invalid: none that `cursor_behind` made.
    """
    refusal = Invalid(f"cursor: take it from the header Fastlabel-Next-Cursor, got {cursor!r}")
    try:
        seq = int(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error) as error:
        raise refusal from error
    if not 0 <= seq <= MAX_OFFSET:
        raise refusal
    return seq
