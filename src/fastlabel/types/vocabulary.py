"""States, roles and arguments: the words that callers use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from os import PathLike
from typing import Any, Literal, TypeAlias

from fastlabel.const import Priority
from fastlabel.types.typed_dict import TypedDict

FilePath: TypeAlias = str | PathLike[str]
Compat: TypeAlias = Literal["official"] | None
"""Whose values an export writes where those of the official client are wrong; None: right ones."""
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
