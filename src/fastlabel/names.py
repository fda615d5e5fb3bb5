"""What tasks and objects may be called: names become files, with "/" between folders."""

from __future__ import annotations

import re

MAX_NAME = 500
_DRIVE = re.compile(r"[A-Za-z]:")


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


def check_object_name(name: str) -> str:
    """Refuse a name that no object of a dataset can have; return it as it is.

    Each name is the one path of its file in a folder that the dataset is downloaded to.

    Raises:
        ValueError: as for tasks; or another name would lie at the same place.
    """
    check_task_name(name)
    parts = name.replace("\\", "/").split("/")
    if "" in parts or "." in parts or _DRIVE.match(name):
        raise ValueError("a name is a path without empty folders, `.` and a drive")
    return name
