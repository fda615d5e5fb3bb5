"""What requests for imports carry."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from fastlabel_server.schemas import Body, Text
from fastlabel_server.tasks.schemas import TaskState

MAX_FILE_NAME = 255
"""What file systems take."""


def _base_name(name: str) -> str:
    if not name.strip(". ") or "/" in name or "\\" in name or any(ord(c) < 32 for c in name):
        raise ValueError("expected the name of a file without its folder")
    return name


FileName = Annotated[Text, Field(max_length=MAX_FILE_NAME), AfterValidator(_base_name)]


class ArchiveImport(Body):
    """A ZIP that was uploaded to a signed URL of `files`, by the `name` given with the URL."""

    project: Text
    file_key: Text


class ArchivedTask(TaskState):
    """A task whose files an import takes from a ZIP; it is named like the ZIP."""

    project: Text
    file_key: Text
