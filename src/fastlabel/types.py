"""The JSON that goes over the wire, as types: plain dicts at run time.

What callers send is typed loosely (`Mapping[str, Any]`), so that annotations read from a
file or from another task can be passed on; what they get back is typed field by field.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from os import PathLike
from typing import Any, Literal, NotRequired, TypeAlias

from fastlabel.const import Priority

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    # pydantic, which describes the API from these types, needs this one before Python 3.12.
    from typing_extensions import TypedDict

FilePath: TypeAlias = str | PathLike[str]
JsonObjects: TypeAlias = Sequence[Mapping[str, Any]]

TaskStatus: TypeAlias = Literal[
    "pending",
    "registered",
    "completed",
    "skipped",
    "reviewed",
    "sent_back",
    "approved",
    "declined",
]
ExternalStatus: TypeAlias = Literal[
    "registered",
    "completed",
    "skipped",
    "reviewed",
    "sent_back",
    "approved",
    "declined",
    "customer_declined",
]
CustomTaskStatus: TypeAlias = Literal[
    "registered",
    "pending",
    "workflow_1_completed",
    "workflow_2_completed",
    "workflow_3_completed",
    "workflow_4_completed",
    "workflow_5_completed",
    "workflow_6_completed",
    "workflow_1_declined",
    "workflow_2_declined",
    "workflow_3_declined",
    "workflow_4_declined",
    "workflow_5_declined",
    "workflow_6_declined",
]
PriorityValue: TypeAlias = Literal[0, 10, 20, 30] | Priority
Workflow: TypeAlias = Literal["two_step", "three_step", "custom"]
StorageType: TypeAlias = Literal["gcp", "aws-s3", "azure"]
ProjectRole: TypeAlias = Literal[
    "annotator",
    "reviewer",
    "approver",
    "manager",
    "owner",
    "external_annotator",
    "external_reviewer",
    "external_approver",
    "external_sub_owner",
    "external_owner",
    "none",
]

WorkspaceRole: TypeAlias = Literal["member", "owner"]
Language: TypeAlias = Literal["en", "ja"]
Module: TypeAlias = Literal["annotation", "modelDev", "dataset"]
MetadataType: TypeAlias = Literal["text", "number", "select", "switch"]


class Unset(Enum):
    """The value of an argument that was not given, where None has a meaning of its own.

    A member of an enum stays the same object when copied or pickled.
    """

    UNSET = "unset"


UNSET: Literal[Unset.UNSET] = Unset.UNSET


class Assignees(TypedDict, total=False):
    """Who works on a task: slugs of users, None to unassign; left as it is if not given."""

    assignee: str | None
    reviewer: str | None
    approver: str | None
    external_assignee: str | None
    external_reviewer: str | None
    external_approver: str | None
    workflow_1_user: str | None
    workflow_2_user: str | None
    workflow_3_user: str | None
    workflow_4_user: str | None
    workflow_5_user: str | None
    workflow_6_user: str | None


class NewTask(Assignees, total=False):
    """Further arguments of the methods that create a task."""

    idempotency_key: str


class Project(TypedDict):
    id: str
    type: str
    slug: str
    name: str
    isPixel: bool
    jobSize: int
    status: str
    workflow: Workflow
    externalWorkflow: Workflow
    externalCode1: str | None
    externalCode2: str | None
    externalCode3: str | None
    createdAt: str
    updatedAt: str


class Tag(TypedDict):
    id: str
    name: str
    order: int
    createdAt: str
    updatedAt: str


class Option(TypedDict):
    title: str
    value: Any


class ClassAttribute(TypedDict):
    """An attribute as its annotation class defines it."""

    id: str
    key: str
    name: str
    type: str
    options: list[Option]
    order: int
    value: Any


class ClassKeypoint(TypedDict):
    """A keypoint of a pose; `edges` are ids of the keypoints it is linked to."""

    id: str
    name: str
    key: str
    color: str
    edges: list[str]
    value: list[Any]


class AnnotationClass(TypedDict):
    id: str
    type: str
    value: str
    title: str
    color: str
    order: int
    vertex: int
    attributes: list[ClassAttribute]
    keypoints: list[ClassKeypoint]
    maxAreaCount: int | None
    createdAt: str
    updatedAt: str


class Attribute(TypedDict):
    """The answer to one attribute."""

    key: str
    name: str
    type: str
    value: Any


class Keypoint(TypedDict):
    """A keypoint of an annotation; `value` is [x, y, visible 0 or 1], or [] if not placed.

    `edges` are keys of the keypoints it is linked to.
    """

    key: str
    name: str
    value: list[float]
    edges: list[str]


class Annotation(TypedDict):
    id: str
    type: str
    title: str
    value: str
    color: str
    attributes: list[Attribute]
    points: list[Any]
    rotation: float
    keypoints: list[Keypoint]
    confidenceScore: float


class Metadatum(TypedDict):
    key: str
    value: Any


class Relation(TypedDict):
    startIndex: int
    endIndex: int


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


class SequenceAnnotation(Annotation):
    """An annotation of one picture of a sequence: `content` is the picture's name."""

    content: str


class SequentialImageTask(_Task):
    contents: list[ImageContent]
    annotations: list[SequenceAnnotation]
    relations: list[Relation]


class Frame(TypedDict):
    """The geometry of one frame; `autogenerated` is False in key frames."""

    value: Any
    autogenerated: bool


class FramedAnnotation(TypedDict):
    """An annotation that moves: `points` are frames by their number, from "1"."""

    id: str
    type: str
    title: str
    value: str
    color: str
    attributes: list[Attribute]
    points: dict[str, Frame]
    rotation: float
    keypoints: list[Keypoint]
    confidenceScore: float


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


class TextAnnotation(TypedDict):
    """A named entity; `start` and `end` count code points from 0, `end` exclusive."""

    id: str
    type: str
    title: str
    value: str
    color: str
    attributes: list[Attribute]
    start: int
    end: int
    text: NotRequired[str]
    rotation: float
    keypoints: list[Keypoint]
    confidenceScore: float


class TextTask(_Task):
    url: str
    annotations: list[TextAnnotation]
    relations: list[Relation]


class TextClassificationTask(_ClassifiedTask):
    url: str


class TimeAnnotation(TypedDict):
    """A span of a recording; `start` and `end` are seconds."""

    id: str
    type: str
    title: str
    value: str
    color: str
    attributes: list[Attribute]
    start: float
    end: float
    rotation: float
    keypoints: list[Keypoint]
    confidenceScore: float


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


class SliceAnnotation(Annotation):
    contentId: str


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


class AppendixData(TypedDict):
    """A picture that belongs to a point cloud.

    `name` is `TASK/CONTENT/FILE`. `format` is the calibration's, `yml` or `kitti`; it and
    `calibration` are None where the picture has none. A calibration that could not be
    parsed is there as its text. Both URLs are signed.
    """

    id: str
    name: str
    url: str
    imageFileName: str
    width: int
    height: int
    format: str | None
    calibration: Any
    calibrationFileName: str | None
    calibrationUrl: str | None
    createdAt: str
    updatedAt: str


class UploadTarget(TypedDict):
    """Where a file goes by PUT, and the key that an import asks for it by."""

    url: str
    name: str


class FailedFile(TypedDict):
    """A file that an import could not take, and why."""

    name: str
    message: str


class History(TypedDict):
    """An import: what it came to so far.

    `count` tasks were made (of a ZIP: files taken from it), `skipped` names were taken already,
    `passedOver` files are not of the project's kind, `failed` could not be taken; `errors`
    names the first of those. `total` is None until it is known.
    """

    id: str
    storageType: str
    status: str
    msgCode: str
    message: str | None
    count: int
    total: int | None
    skipped: int
    passedOver: int
    failed: int
    errors: list[FailedFile]
    createdAt: str
    updatedAt: str


class EpisodeResult(TypedDict):
    """What came of an episode: `result` is its import, or `{"error": ...}` if it failed."""

    episode_index: int
    episode: str
    success: bool
    result: History | dict[str, str]


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


class MetadataKey(TypedDict):
    """A key under which tasks of a project have metadata; `project` is the project's slug."""

    id: str
    project: str
    key: str
    type: MetadataType
    options: list[Option]
    defaultValue: Any
    order: int
    isAdmin: bool
    isRequired: bool
    createdAt: str
    updatedAt: str


class CommentThread(TypedDict):
    """One text under a comment; `userName` is who wrote it."""

    id: str
    text: str
    userName: str | None
    createdAt: str
    updatedAt: str


class CommentHead(TypedDict):
    """A comment without its threads; `frame` counts from 1, 0 for none."""

    id: str
    taskId: str
    contentId: str | None
    contentName: str | None
    type: str
    isResolved: bool
    points: list[float]
    scale: float
    frame: int
    status: str
    priority: int
    taskAnnotationId: str | None
    issueCategoryId: str | None
    color: str | None
    userName: str | None
    createdAt: str
    updatedAt: str


class Comment(CommentHead):
    """A place in a task that people talk about."""

    threads: list[CommentThread]


class ProjectComment(CommentThread):
    """A text together with the comment it stands under."""

    comment: CommentHead


class ModulePermissions(TypedDict):
    annotation: bool
    modelDev: bool
    dataset: bool


class WorkspaceUser(TypedDict):
    """A user's place in the workspace; `id` is that of the place, `userId` of the user."""

    id: str
    userId: str
    userSlug: str
    userName: str
    userEmail: str
    role: str
    isExternal: bool
    functionResourcePermissions: ModulePermissions
    createdAt: str
    updatedAt: str
