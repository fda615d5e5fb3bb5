"""The database's tables, one file per aggregate."""

from fastlabel_server.tables.annotation_class import AnnotationClass
from fastlabel_server.tables.appendix import Appendix
from fastlabel_server.tables.base import Base, iso_time, new_id, now_ms
from fastlabel_server.tables.blob import Blob
from fastlabel_server.tables.comment import Comment, CommentThread
from fastlabel_server.tables.content import Content
from fastlabel_server.tables.dataset import (
    ALIVE,
    ENDED,
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetObject,
    DatasetPush,
    DatasetPushEntry,
    DatasetRevision,
    DatasetState,
    DatasetVersion,
    TaskSource,
)
from fastlabel_server.tables.export import Export
from fastlabel_server.tables.imports import ImportHistory, StagedContent, StagedUpload
from fastlabel_server.tables.job import Job, Reaper, Worker
from fastlabel_server.tables.metadata_key import MetadataKey
from fastlabel_server.tables.project import Project, ProjectBucket, ProjectMember
from fastlabel_server.tables.task import (
    BLOCK_SIZE,
    Tag,
    Task,
    TaskAssignment,
    TaskBlock,
    TaskClass,
    TaskRevision,
    TaskTag,
)
from fastlabel_server.tables.user import (
    Credential,
    IdempotentAnswer,
    User,
    Workspace,
    WorkspaceMember,
)

__all__ = [
    "ALIVE",
    "BLOCK_SIZE",
    "ENDED",
    "AnnotationClass",
    "Appendix",
    "Base",
    "Blob",
    "Comment",
    "CommentThread",
    "Content",
    "Credential",
    "Dataset",
    "DatasetFile",
    "DatasetLabels",
    "DatasetObject",
    "DatasetPush",
    "DatasetPushEntry",
    "DatasetRevision",
    "DatasetState",
    "DatasetVersion",
    "Export",
    "IdempotentAnswer",
    "ImportHistory",
    "Job",
    "MetadataKey",
    "Project",
    "ProjectBucket",
    "ProjectMember",
    "Reaper",
    "StagedContent",
    "StagedUpload",
    "Tag",
    "Task",
    "TaskAssignment",
    "TaskBlock",
    "TaskClass",
    "TaskRevision",
    "TaskSource",
    "TaskTag",
    "User",
    "Worker",
    "Workspace",
    "WorkspaceMember",
    "iso_time",
    "new_id",
    "now_ms",
]
