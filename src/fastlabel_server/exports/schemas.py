"""What requests for exports carry."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from fastlabel.types import ExternalStatus, TaskStatus
from fastlabel_server.exports.moments import check_moment
from fastlabel_server.schemas import Body, Text
from fastlabel_server.tasks.schemas import TagName

MAX_REVISION = 2**53
_TIME = "ISO 8601; UTC where there is no offset"


def _revision(value: Any) -> str | int | None:
    if value is None:
        return value
    if isinstance(value, str):
        return check_moment(value)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_REVISION:
        return value
    raise ValueError("expected the number of a revision, from 1, or a time")


Moment = Annotated[Text, AfterValidator(check_moment), Field(description=_TIME)]
Revision = Annotated[
    Any,
    AfterValidator(_revision),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MAX_REVISION},
                {"type": "string"},
                {"type": "null"},
            ],
            "description": f"Labels as of a time ({_TIME}), or of each task's revision.",
        }
    ),
]


class TaskFilters(Body):
    """Which tasks of a project are exported; what is not sent does not narrow."""

    status: TaskStatus | None = None
    external_status: ExternalStatus | None = None
    tags: Annotated[list[TagName], Field(max_length=10)] | None = None
    """All of them must be on the task."""
    classes: (
        Annotated[
            list[Text],
            Field(
                max_length=1000,
                description="Values of classes: tasks that have one of them, without other labels.",
            ),
        ]
        | None
    ) = None
    created_at_from: Moment | None = None
    created_at_to: Annotated[Moment | None, Field(description=f"Exclusive. {_TIME}")] = None
    updated_at_from: Moment | None = None
    updated_at_to: Annotated[Moment | None, Field(description=f"Exclusive. {_TIME}")] = None

    def filters(self) -> dict[str, Any]:
        """Return those that narrow, under the names of the API."""
        names = set(TaskFilters.model_fields)
        given = self.model_dump(by_alias=True, include=names)
        return {name: value for name, value in given.items() if value not in (None, [])}


class NewExport(TaskFilters):
    project: Text
    format: Text
    revision: Revision = None
    options: Annotated[dict[str, Any], Field(description="Of the format, such as `compat`.")] = (
        Field(default_factory=dict)
    )
    strict: Annotated[bool, Field(description="Fail at the first loss.")] = False
