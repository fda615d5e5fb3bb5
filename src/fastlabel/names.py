"""What tasks may be called: exports turn names into files, with "/" between folders."""

from __future__ import annotations

MAX_NAME = 500


def check_task_name(name: str) -> str:
    """Refuse a name that no task can have; return it as it is.

    Raises:
        ValueError: blank, too long, or a path that would leave a folder.
    """
    if not name.strip():
        raise ValueError("must not be blank")
    if len(name) > MAX_NAME:
        raise ValueError(f"a name has up to {MAX_NAME} characters, got {len(name):,}")
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or ".." in parts or any(ord(letter) < 32 for letter in name):
        raise ValueError("a name is a relative path without `..` and control characters")
    return name
