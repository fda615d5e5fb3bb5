"""Datasets and what is in them, as the API returns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired

from fastlabel.types.typed_dict import TypedDict

DatasetType = Literal["none", "train", "valid", "test"]
"""Which part of the training an object is for."""

JobStatus = Literal["pending", "running", "completed", "failed", "canceled"]

Visibility = Literal["workspace", "public", "organization"]


class Dataset(TypedDict):
    id: str
    name: str
    tags: list[str]
    visibility: Visibility
    license: str
    revisionId: str
    """Of the newest revision."""
    objectCount: int
    size: int
    """Bytes of all objects."""
    createdAt: str
    updatedAt: str


class DatasetAnnotation(TypedDict):
    id: str
    type: str
    title: str
    value: str
    points: Any
    """As it was given: numbers in lists, or the frames of a video."""
    attributes: list[dict[str, Any]]
    keypoints: list[dict[str, Any]]
    rotation: float
    color: str
    confidenceScore: float
    """-1 where none is known."""
    start: NotRequired[float]
    end: NotRequired[float]
    text: NotRequired[str]
    """What a span of a text encloses."""


class DatasetSplit(TypedDict):
    """Which part of another object an object is."""

    datasetId: str
    """Of the whole."""
    objectId: str
    object: str
    """Its name."""
    revisionId: str
    """In which it was cut."""
    sha256: str
    """Of its file."""
    part: int
    """Counts from 1: images row by row from the top left, others along time."""
    parts: int
    columns: NotRequired[int]
    """Of an image."""
    rows: NotRequired[int]
    x: NotRequired[int]
    """Of the left edge in the whole, in pixels."""
    y: NotRequired[int]
    """Of the top edge."""
    method: NotRequired[Literal["exact", "keyframes"]]
    """Of a video."""
    frame: NotRequired[int]
    """Frames of a video before it."""
    start: NotRequired[float]
    """Seconds of a video or recording before it."""


class DatasetObject(TypedDict):
    id: str
    name: str
    kind: str
    """`image`, `video`, `audio`, `text`, `pcd` or `dicom`."""
    size: int
    """Bytes."""
    sha256: str
    """Of the file, hexadecimal."""
    width: int | None
    height: int | None
    duration: NotRequired[float]
    """Seconds."""
    fps: NotRequired[float]
    frameCount: NotRequired[int]
    type: DatasetType
    tags: list[str]
    licenses: list[str]
    annotations: list[DatasetAnnotation]
    customMetadata: dict[str, Any]
    split: NotRequired[DatasetSplit]
    """Of an object that is a part of another."""
    signedUrl: NotRequired[str]
    createdAt: str
    updatedAt: str


class ObjectFilter(TypedDict, total=False):
    """Which objects are meant; what is not given does not narrow."""

    tags: Sequence[str]
    """All of them."""
    licenses: Sequence[str]
    """All of them."""
    types: Sequence[DatasetType]
    """One of them."""


class DatasetRevision(TypedDict):
    id: str
    number: int
    """Counts up from 1, which is empty."""
    contentHash: str
    """The same for the same objects, in every dataset."""
    versions: list[str]
    """Names of this revision."""
    via: str
    message: str
    added: int
    changed: int
    removed: int
    objectCount: int
    size: int
    userName: str
    userSlug: str
    createdAt: str


class DatasetVersion(TypedDict):
    version: str
    revisionId: str
    userName: str
    createdAt: str


class AnnotationChanges(TypedDict):
    added: list[DatasetAnnotation]
    removed: list[DatasetAnnotation]
    changed: list[dict[str, DatasetAnnotation]]
    """`{before, after}` of annotations with the same id."""


class ObjectChange(TypedDict):
    name: str
    change: Literal["added", "removed", "changed"]
    fields: list[str]
    """What differs, of a changed object: `file`, `type`, `tags`, `licenses`, `annotations`,
    `customMetadata`, `split`."""
    before: DatasetObject | None
    after: DatasetObject | None
    annotations: AnnotationChanges


class DatasetDiff(TypedDict):
    base: DatasetRevision
    target: DatasetRevision
    added: int
    """Objects, on all pages."""
    removed: int
    changed: int
    objects: list[ObjectChange]


class DatasetPush(TypedDict):
    id: str
    dataset: str
    """Its name."""
    message: str
    received: list[str]
    """Names of the objects that are in it."""


class DatasetExample(TypedDict):
    name: str
    """Of the object."""
    message: str


class DatasetJobReport(TypedDict):
    """What became of the objects that a job between a dataset and a project looked at.

    Each is counted once, as `created`, `changed`, `unchanged`, `taken`, `passedOver` or
    `failed`. Objects become tasks, or the other way round.
    """

    created: int
    changed: int
    """Objects that have another file or other labels than before."""
    unchanged: int
    """Those that were there already: as objects, or as tasks registered from the same object."""
    outdated: int
    """Of `unchanged`: tasks that show another file than the object has now; they stay."""
    taken: int
    """Their name belongs to something else."""
    passedOver: int
    """Of another kind than the project's tasks."""
    failed: int
    annotations: int
    """That came along with what was created or changed."""
    leftOut: dict[str, int]
    """Annotations, answers, relations and metadata that did not, by the reason."""
    classes: list[str]
    """Values of the annotation classes that were made."""
    examples: list[DatasetExample]
    """What was taken, failed or left out: the first hundred."""


class DatasetTask(TypedDict):
    """A task that was registered from an object."""

    taskId: str
    taskName: str
    status: str
    objectName: str
    revisionId: str
    """Of the revision whose file the task shows."""


class DatasetJob(TypedDict):
    id: str
    operation: str
    """`push`, `restore`, `split`, `types`, `tasks` (tasks became objects), `register` (objects
    became tasks)."""
    status: JobStatus
    message: str
    """Why it failed."""
    done: int
    total: int | None
    """None while it is not known."""
    revisionId: str | None
    """Of the revision it made; None too where there was nothing to change."""
    report: DatasetJobReport | None
    """Of `tasks` and `register`, as far as they are."""
