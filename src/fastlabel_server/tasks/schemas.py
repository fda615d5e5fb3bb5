"""What task requests carry."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, create_model

from fastlabel.modalities import TaskKind
from fastlabel.names import check_task_name
from fastlabel.types import CustomTaskStatus, ExternalStatus, TaskStatus
from fastlabel_server.errors import Invalid, describe
from fastlabel_server.schemas import Body, Name, Text

Priority = Literal[0, 10, 20, 30]
TagName = Annotated[Name, Field(max_length=140)]
Annotations = Annotated[
    list[Any] | None,
    Field(description="`[{type, value, points, ...}]`; not for classification tasks."),
]
Attributes = Annotated[
    list[Any] | None,
    Field(description="`[{key, value}]`, the answer of a classification task."),
]


def check_path(name: str, where: str) -> None:
    """Refuse the name of a file that comes outside the fields of a request.

    Raises:
        Invalid: names `where` and the value.
    """
    try:
        _FILE_NAME.validate_python(name)
    except ValidationError as error:
        raise Invalid(describe({**error.errors()[0], "loc": (where,)})) from error


TaskName = Annotated[Name, AfterValidator(check_task_name)]
_FILE_NAME: TypeAdapter[str] = TypeAdapter(TaskName)


class Metadata(Body):
    key: Name
    value: Text | int | float | bool | None


class Relation(Body):
    start_index: Annotated[int, Field(ge=0)]
    end_index: Annotated[int, Field(ge=0)]


class Assignments(Body):
    """Slugs of users; null takes the user off, a field that is not sent changes nothing."""

    assignee: Text | None = None
    reviewer: Text | None = None
    approver: Text | None = None
    external_assignee: Text | None = None
    external_reviewer: Text | None = None
    external_approver: Text | None = None
    workflow_1_user: Text | None = Field(default=None, alias="workflow1User")
    workflow_2_user: Text | None = Field(default=None, alias="workflow2User")
    workflow_3_user: Text | None = Field(default=None, alias="workflow3User")
    workflow_4_user: Text | None = Field(default=None, alias="workflow4User")
    workflow_5_user: Text | None = Field(default=None, alias="workflow5User")
    workflow_6_user: Text | None = Field(default=None, alias="workflow6User")

    def assigned(self) -> dict[str, str | None]:
        """Return the roles that the request carries, as the API names them, with their slugs."""
        return {
            field.alias or name: getattr(self, name)
            for name, field in Assignments.model_fields.items()
            if self.given(name)
        }


ROLES: tuple[str, ...] = tuple(
    field.alias or name for name, field in Assignments.model_fields.items()
)
"""Parts that a user can have in a task, as the API names them."""


class TaskState(Assignments):
    """What every task has beside its labels; what is not sent keeps its value."""

    status: TaskStatus | None = None
    external_status: ExternalStatus | None = None
    custom_task_status: CustomTaskStatus | None = None
    priority: Priority | None = None
    tags: Annotated[list[TagName], Field(max_length=100)] | None = None
    metadatas: Annotated[list[Metadata], Field(max_length=100)] | None = None

    def extra_of(self, kind: TaskKind) -> dict[str, Any]:
        """Return the given fields that only tasks of a kind have, as the API shows them."""
        return {
            shown: getattr(self, name) for name, shown in kind.extra.items() if self.given(name)
        }


class TaskFields(TaskState):
    """What a new task has beside its name and file."""

    is_delete_exif: bool = False
    annotations: Annotations = None
    attributes: Attributes = None


class NewTask(TaskFields):
    project: Text


class NamedTask(NewTask):
    name: TaskName


class BatchTask(TaskFields):
    name: TaskName


class TaskBatch(Body):
    """Tasks of one file each; the files come in the same order."""

    project: Text
    tasks: Annotated[list[BatchTask], Field(min_length=1, max_length=100)]


class IntegratedTask(NewTask):
    """A task whose file stays in the project's bucket; it is named like the file."""

    file_path: TaskName
    storage_type: Literal["aws-s3", "gcp", "azure"]


class TaskChange(TaskState):
    annotations: Annotations = None
    attributes: Attributes = None
    relations: Annotated[list[Relation], Field(max_length=10_000)] | None = None


def body_of(kind: TaskKind, model: type[Body]) -> Any:
    """Return the model of a request with the fields that only tasks of a kind have."""
    if not kind.extra:
        return model
    fields: dict[str, Any] = dict.fromkeys(kind.extra, (Text | None, None))
    return create_model(f"{kind.name}_{model.__name__}", __base__=model, **fields)


class TagChange(Body):
    project: Text
    task_ids: Annotated[list[Text], Field(min_length=1, max_length=5000)]
    tags: Annotated[list[TagName], Field(min_length=1, max_length=20)]
