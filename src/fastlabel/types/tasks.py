"""Tasks of every kind, their files and revisions."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from fastlabel.types.labels import (
    Annotation,
    Attribute,
    FramedAnnotation,
    Metadatum,
    Relation,
    SequenceAnnotation,
    SliceAnnotation,
    TextAnnotation,
    TimeAnnotation,
)
from fastlabel.types.typed_dict import TypedDict
from fastlabel.types.vocabulary import CustomTaskStatus, ExternalStatus, TaskStatus


class _Task(TypedDict):
    """What every task has. Assignees are names of users, None where nobody is assigned."""

    id: str
    name: str
    status: TaskStatus
    externalStatus: ExternalStatus
    customTaskStatus: CustomTaskStatus | None
    priority: Literal[0, 10, 20, 30]
    tags: list[str]
    assignee: str | None
    reviewer: str | None
    approver: str | None
    externalAssignee: str | None
    externalReviewer: str | None
    externalApprover: str | None
    metadatas: list[Metadatum]
    createdAt: str
    updatedAt: str


class ImageTask(_Task):
    width: int
    height: int
    url: str
    annotations: list[Annotation]
    relations: list[Relation]


class ImageClassificationTask(_Task):
    width: int
    height: int
    url: str
    attributes: list[Attribute]


class ImageContent(TypedDict):
    name: str
    url: str
    width: int
    height: int


class MultiImageTask(_Task):
    contents: list[ImageContent]
    attributes: list[Attribute]


class _AnnotatedTask(_Task):
    annotations: list[Annotation]
    relations: list[Relation]


class _ClassifiedTask(_Task):
    attributes: list[Attribute]


class SequentialImageTask(_Task):
    contents: list[ImageContent]
    annotations: list[SequenceAnnotation]
    relations: list[Relation]


class _Video(TypedDict):
    """`duration` is in seconds."""

    url: str
    width: int
    height: int
    fps: float
    frameCount: int
    duration: float


class VideoTask(_Task, _Video):
    annotations: list[FramedAnnotation]
    relations: list[Relation]


class VideoClassificationTask(_ClassifiedTask, _Video):
    pass


class TextTask(_Task):
    url: str
    annotations: list[TextAnnotation]
    relations: list[Relation]


class TextClassificationTask(_ClassifiedTask):
    url: str


class AudioTask(_Task):
    url: str
    duration: float
    annotations: list[TimeAnnotation]
    relations: list[Relation]


class AudioClassificationTask(_ClassifiedTask):
    url: str
    duration: float


class PcdTask(_AnnotatedTask):
    url: str


class FileContent(TypedDict):
    name: str
    url: str


class SequentialPcdTask(_Task):
    """`contents` come in the order of the frames."""

    contents: list[FileContent]
    annotations: list[FramedAnnotation]
    relations: list[Relation]


class SliceContent(ImageContent):
    """A slice of a series; annotations name it by `id`."""

    id: str


class DicomTask(_Task):
    """`url` is the ZIP that was uploaded, `contents` are its slices in their order."""

    url: str
    width: int
    height: int
    contents: list[SliceContent]
    annotations: list[SliceAnnotation]
    relations: list[Relation]


class MediaContent(TypedDict):
    """A video or a recording; what a recording has not is None."""

    name: str
    url: str
    width: int | None
    height: int | None
    fps: float | None
    frameCount: int | None
    duration: float


class MultiModalVideoAudioTask(_Task):
    contents: list[MediaContent]
    annotations: list[TimeAnnotation]
    relations: list[Relation]


class EpisodeContent(TypedDict):
    """A camera or the telemetry of an episode; telemetry has no size."""

    name: str
    url: str
    width: int | None
    height: int | None


class RoboticsTask(_AnnotatedTask):
    roboticsOperator: str | None
    contents: list[EpisodeContent]


class IntegratedTask(TypedDict):
    """A file that was split, put together from its parts; its annotations have no ids."""

    name: str
    annotations: list[dict[str, Any]]


class Refusal(TypedDict):
    message: str
    statusCode: int


class BatchedTask(TypedDict):
    """What became of one task of a batch: it has either an `id` or an `error`."""

    name: str
    id: NotRequired[str]
    error: NotRequired[Refusal]


class TagCount(TypedDict):
    updatedTaskCount: int


class TaskRevision(TypedDict):
    """What one save of a task's labels was; `revision` counts from 1."""

    revision: int
    via: str
    restoredFrom: int | None
    annotationCount: int
    author: str | None
    createdAt: str


class LabelledTaskRevision(TaskRevision, total=False):
    """A revision with its labels: `attributes` for classification, else `annotations`."""

    annotations: list[Annotation]
    attributes: list[Attribute]
    relations: list[Relation]
