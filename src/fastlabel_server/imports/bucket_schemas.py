"""What requests for imports from buckets carry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fastlabel.types import TaskStatus
from fastlabel_server.schemas import Body, Text
from fastlabel_server.tasks.schemas import Priority, TagName, TaskFields


class BucketImport(Body):
    """What every task of the import will have."""

    project: Text
    status: TaskStatus = "registered"
    tags: Annotated[list[TagName], Field(default_factory=list, max_length=100)]
    priority: Priority = 0

    def fields(self) -> TaskFields:
        """Return them as the fields of a new task."""
        return TaskFields.model_validate(self.model_dump(exclude={"project"}))
