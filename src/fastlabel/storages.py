"""Buckets that a project reads, and imports of what is in them."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence

from fastlabel.endpoint import get, post, put
from fastlabel.steps import Call, Resource
from fastlabel.types import History, PriorityValue, TaskStatus


class Storages(Resource):
    @put("storages/aws-s3/{project}")
    def update_aws_s3_storage(
        self,
        project: str,
        bucket_name: str,
        bucket_region: str,
        prefix: str | None = None,
        strip_prefix: bool = False,
    ) -> Call[str]:
        """Say which S3 bucket a project reads, for integrated tasks and imports.

        The server's environment holds the credentials.

        Args:
            prefix: a folder of the bucket; without it the whole bucket is meant.
            strip_prefix: imported tasks are named by the path below the prefix, otherwise
                by the whole key.
        """

    @put("storages/gcp/{project}")
    def update_gcp_storage(
        self,
        project: str,
        bucket_name: str,
        prefix: str | None = None,
        strip_prefix: bool = False,
    ) -> Call[str]:
        """As `update_aws_s3_storage`, for a bucket of Google Cloud Storage."""

    @put("storages/azure/{project}")
    def update_azure_storage(
        self,
        project: str,
        bucket_name: str,
        prefix: str | None = None,
        strip_prefix: bool = False,
    ) -> Call[str]:
        """As `update_aws_s3_storage`, for a container of Azure Blob Storage."""

    @post("tasks/aws-s3")
    def create_task_from_aws_s3(
        self,
        project: str,
        status: TaskStatus = "registered",
        tags: Sequence[str] | None = None,
        priority: PriorityValue = 0,
        *,
        idempotency_key: str | None = None,
    ) -> Call[History]:
        """Begin to make a task of every file in the project's S3 bucket; return the import.

        The files stay in the bucket. Objects that are not of the project's kind are passed
        over, and names that it has already are skipped: a later import takes what is new.
        One file that is damaged does not stop the others. While such an import is under
        way, its history is returned and no other one begins.

        Args:
            status, tags, priority: of all tasks that are made.

        Raises:
            FastLabelInvalidException: the project has no such bucket, or holds tasks that
                are not made of one file each.
            FastLabelConflictException: an import with other arguments is under way.
        """

    @post("tasks/gcp")
    def create_task_from_gcp(
        self,
        project: str,
        status: TaskStatus = "registered",
        tags: Sequence[str] | None = None,
        priority: PriorityValue = 0,
        *,
        idempotency_key: str | None = None,
    ) -> Call[History]:
        """As `create_task_from_aws_s3`, from a bucket of Google Cloud Storage."""

    @post("tasks/azure")
    def create_task_from_azure(
        self,
        project: str,
        status: TaskStatus = "registered",
        tags: Sequence[str] | None = None,
        priority: PriorityValue = 0,
        *,
        idempotency_key: str | None = None,
    ) -> Call[History]:
        """As `create_task_from_aws_s3`, from a container of Azure Blob Storage."""

    @get("tasks/import/status/aws-s3/{project}")
    def get_aws_s3_import_status_by_project(self, project: str) -> Call[History]:
        """Return how far the newest import from the project's S3 bucket is.

        `total` is None until the whole bucket has been listed.

        Raises:
            FastLabelNotFoundException: there was no import yet.
        """

    @get("tasks/import/status/gcp/{project}")
    def get_gcp_import_status_by_project(self, project: str) -> Call[History]:
        """As `get_aws_s3_import_status_by_project`, for Google Cloud Storage."""

    @get("tasks/import/status/azure/{project}")
    def get_azure_import_status_by_project(self, project: str) -> Call[History]:
        """As `get_aws_s3_import_status_by_project`, for Azure Blob Storage."""
