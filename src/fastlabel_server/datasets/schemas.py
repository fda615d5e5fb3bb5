"""What requests for datasets carry."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from fastlabel.names import check_object_name
from fastlabel.types import DatasetType, TaskStatus, Visibility
from fastlabel_server.datasets.patterns import checked_pattern
from fastlabel_server.datasets.revisions import LATEST
from fastlabel_server.schemas import Body, Name, Text
from fastlabel_server.tasks.schemas import TagName

NAME_FORM = "lower-case letters, digits and `-`"
MAX_TAGS = 5
MAX_LICENSES = 10
MAX_PARTS = 1000
"""Of one file."""
_NAME = re.compile(r"[a-z0-9-]+")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def _dataset_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"expected {NAME_FORM}")
    return name


def _version_name(name: str) -> str:
    if name == LATEST:
        raise ValueError(f"`{LATEST}` is always the newest revision and cannot be given")
    if not _VERSION.fullmatch(name):
        raise ValueError("expected letters, digits, `.`, `_`, `+` and `-`, no sign first")
    return name


def _folder_name(name: str) -> str:
    return check_object_name(name.strip("/"))


def _once(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))


DatasetName = Annotated[
    str, Field(max_length=100, description=NAME_FORM), AfterValidator(_dataset_name)
]
ObjectName = Annotated[Name, AfterValidator(check_object_name)]
FolderName = Annotated[Name, AfterValidator(_folder_name)]
Tags = Annotated[list[TagName], Field(max_length=MAX_TAGS), AfterValidator(_once)]
Licenses = Annotated[list[Name], Field(max_length=MAX_LICENSES), AfterValidator(_once)]
VersionName = Annotated[str, Field(max_length=100), AfterValidator(_version_name)]
Annotations = Annotated[list[Any], Field(description="`[{type, value, points, ...}]`")]
CustomMetadata = Annotated[dict[str, Any], Field(description="Texts by their keys.")]
Ratio = Annotated[float, Field(ge=0, le=1_000_000)]
Message = Annotated[Text, Field(description="What the revision is about.")]


class NewDataset(Body):
    name: DatasetName
    tags: Tags | None = None
    visibility: Visibility | None = None
    license: Text | None = None


class DatasetChange(Body):
    name: DatasetName | None = None
    tags: Tags | None = None
    visibility: Visibility | None = None
    license: Text | None = None


class ObjectFields(Body):
    """What an object has beside its name and file; what is null or not sent is not changed."""

    type: DatasetType | None = None
    tags: Tags | None = None
    licenses: Licenses | None = None
    annotations: Annotations | None = None
    custom_metadata: CustomMetadata | None = None


class NewObject(ObjectFields):
    """Of the first generation of the client."""

    dataset: Text
    name: ObjectName
    message: Message = ""


class NewRevisionObject(ObjectFields):
    """Of later clients."""

    dataset: Text = Field(alias="datasetName")
    name: ObjectName = Field(alias="objectName")
    message: Message = ""


class ObjectChange(ObjectFields):
    dataset_id: Text
    object_name: Text
    message: Message = ""


class NewVersion(Body):
    version: VersionName
    revision_id: Text | None = None
    """None: the newest revision."""


class Restore(Body):
    version: Text | None = None
    revision_id: Text | None = None
    message: Message = ""


class ObjectFilter(Body):
    """Which objects are meant; what is not given does not narrow."""

    model_config = ConfigDict(extra="forbid")

    tags: Annotated[list[TagName], Field(max_length=10, description="All of them.")] = Field(
        default_factory=list
    )
    licenses: Annotated[list[Name], Field(max_length=10, description="All of them.")] = Field(
        default_factory=list
    )
    types: Annotated[list[DatasetType], Field(description="One of them.")] = Field(
        default_factory=list
    )


class TaskRegistration(Body):
    """Which objects become tasks of which project, and how."""

    project: Text
    version: Text | None = None
    revision_id: Text | None = None
    object_names: (
        Annotated[list[Text], Field(max_length=10_000, description="The only ones.")] | None
    ) = None
    filter: Annotated[ObjectFilter, Field(description="Of the objects; all without.")] = Field(
        default_factory=ObjectFilter
    )
    status: Annotated[TaskStatus, Field(description="Of the tasks.")] = "registered"
    tags: Annotated[list[TagName], Field(max_length=100, description="Of the tasks.")] | None = None
    with_annotations: Annotated[
        bool, Field(description="Give the tasks the annotations of their objects.")
    ] = True
    create_classes: Annotated[
        bool, Field(description="Make the annotation classes that the project lacks.")
    ] = False


class ObjectsFromTasks(Body):
    """Which tasks become objects; what is not sent does not narrow."""

    project: Text
    status: Annotated[
        TaskStatus | None,
        Field(description="`approved` if neither this nor `ids` is sent; null: any."),
    ] = None
    tags: (
        Annotated[list[TagName], Field(max_length=10, description="All of them, of the tasks.")]
        | None
    ) = None
    ids: (
        Annotated[list[Text], Field(min_length=1, max_length=5000, description="Of the tasks.")]
        | None
    ) = None
    prefix: (
        Annotated[FolderName, Field(description="A folder that the names begin with.")] | None
    ) = None
    type: Annotated[DatasetType, Field(description="Of the objects.")] | None = None
    object_tags: Annotated[Tags, Field(description="Of the objects.")] | None = None
    message: Message = ""


class Ratios(Body):
    """Shares of the objects; those of 0.8, 0.1 and 0.1 are those of 8, 1 and 1."""

    model_config = ConfigDict(extra="forbid")

    train: Ratio = 0
    valid: Ratio = 0
    test: Ratio = 0

    @model_validator(mode="after")
    def _check_any(self) -> Self:
        if not (self.train or self.valid or self.test):
            raise ValueError("expected a share above 0 for train, valid or test")
        return self


class ByMetadata(Body):
    metadata: Annotated[Name, Field(description="A key of the custom metadata.")]


class ByPattern(Body):
    pattern: Annotated[
        Text,
        AfterValidator(checked_pattern),
        Field(
            description="A regular expression that a name begins with: its groups make the group, "
            "or all of the match where it has none.",
            examples=["(.*)_frame[0-9]+"],
        ),
    ]


def _kind_of_group(given: Any) -> str:
    """Return which of the forms of `groupBy` was meant, so that the others need no answer."""
    if isinstance(given, str):
        return "name"
    is_metadata = isinstance(given, ByMetadata) or (isinstance(given, dict) and "metadata" in given)
    return "metadata" if is_metadata else "pattern"


GroupBy = Annotated[
    Annotated[Literal["folder", "whole"], Tag("name")]
    | Annotated[ByMetadata, Tag("metadata")]
    | Annotated[ByPattern, Tag("pattern")],
    Discriminator(_kind_of_group),
    Field(
        description="What objects have in common that are to stay together: `folder`, `whole` "
        "(parts of a split with what they are parts of), metadata, or a pattern of names."
    ),
]
TypeOrNames = Annotated[
    Annotated[DatasetType, Tag("type")] | Annotated[list[Text], Tag("names")],
    Discriminator(lambda given: "names" if isinstance(given, list) else "type"),
]


class TypesChange(Body):
    """Types by a rule (`ratios`), or said one by one (`types`)."""

    types: Annotated[
        dict[Text, TypeOrNames] | None,
        Field(description="`{name: type}`, or `{type: [names]}`."),
    ] = None
    ratios: Ratios | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] = 0
    stratify: Annotated[
        bool | Name | ByMetadata,
        Field(
            description="What each part is to have its share of: `class` (or true) for the "
            "classes of annotations, or a key of the custom metadata."
        ),
    ] = False
    group_by: GroupBy | None = None
    filter: Annotated[
        ObjectFilter, Field(description="Objects that the rule is for; the others stay.")
    ] = Field(default_factory=ObjectFilter)
    message: Message = ""


class Split(Body):
    """How files are cut: images by columns and rows, videos and recordings by parts."""

    object_names: Annotated[list[Text], Field(min_length=1, max_length=10_000)] | None = None
    filter: Annotated[
        ObjectFilter | None,
        Field(description="Instead of names; `{}` for all. Passes over what is a part itself."),
    ] = None
    columns: Annotated[int, Field(ge=1, le=MAX_PARTS)] | None = None
    rows: Annotated[int, Field(ge=1, le=MAX_PARTS)] | None = None
    parts: Annotated[int, Field(ge=2, le=MAX_PARTS)] | None = None
    method: Annotated[
        Literal["exact", "keyframes"] | None,
        Field(
            description="Of videos: `exact` (default) codes them anew, so that all parts are "
            "equally long; `keyframes` cuts where nothing has to be coded anew."
        ),
    ] = None
    into_dataset: Annotated[
        Text | None, Field(description="Name of the dataset for the parts; by default the same.")
    ] = None
    annotations: Annotated[
        bool, Field(description="Whether the parts get what they show of the annotations.")
    ] = True
    replace: Annotated[
        bool, Field(description="Whether parts of an earlier split may be replaced.")
    ] = False
    message: Message = ""


class PushStart(Body):
    key: Annotated[Name, Field(max_length=64, description="The same goes on with the same push.")]
    message: Message = ""


class PushCommit(Body):
    revision_id: Annotated[
        Text | None,
        Field(description="The newest revision the sender knows; if there is a newer one, 409."),
    ] = None


class PushedObject(ObjectFields):
    name: ObjectName
    sha256: Annotated[
        str | None,
        Field(
            pattern="^[0-9a-f]{64}$",
            description="A file that the dataset has; without it and `hasFile`, the object's own.",
        ),
    ] = None
    has_file: Annotated[bool, Field(description="Its file is in this request.")] = False


class PushedObjects(Body):
    objects: Annotated[list[PushedObject], Field(max_length=1000)] = Field(default_factory=list)
    removed: Annotated[list[Text], Field(max_length=10_000)] = Field(default_factory=list)
