"""Points in time, as requests name them."""

from __future__ import annotations

from datetime import UTC, datetime

_EXAMPLE = "2026-05-01 or 2026-05-01T12:30:00Z"


def check_moment(text: str) -> str:
    """Return a time in ISO 8601 as it is; without an offset it counts as UTC.

    Raises:
        ValueError: it is none.
    """
    to_ms(text)
    return text


def to_ms(text: str) -> int:
    """Return a time in ISO 8601 in milliseconds since 1970, UTC.

    Raises:
        ValueError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected a time such as {_EXAMPLE}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
