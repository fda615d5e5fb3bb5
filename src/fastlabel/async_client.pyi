"""Written by tests/sdk/async_stub.py from the declared methods; do not edit it."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, Unpack

from fastlabel.bulk import FolderResult
from fastlabel.dataset_folder.reports import PullReport, PushReport
from fastlabel.dataset_revisions import OnJob
from fastlabel.datasets import LATEST, OBJECTS_PER_PAGE
from fastlabel.formats.report import Report
from fastlabel.http import AsyncHttp
from fastlabel.lerobot import LeRobotConverter
from fastlabel.local_imports import ImportReport
from fastlabel.masks import MaskImage, Regions
from fastlabel.server_exports import OnProgress
from fastlabel.types import (
    UNSET,
    AnnotationClass,
    AppendixData,
    Assignees,
    AudioClassificationTask,
    AudioTask,
    BatchedTask,
    Comment,
    Compat,
    CustomTaskStatus,
    Dataset,
    DatasetDiff,
    DatasetJob,
    DatasetObject,
    DatasetRevision,
    DatasetTask,
    DatasetType,
    DatasetVersion,
    DicomTask,
    EpisodeResult,
    Export,
    ExternalStatus,
    FilePath,
    History,
    ImageClassificationTask,
    ImageTask,
    IntegratedTask,
    JsonObjects,
    LabelledTaskRevision,
    Language,
    MetadataKey,
    MetadataType,
    Module,
    MultiImageTask,
    MultiModalVideoAudioTask,
    NewTask,
    ObjectChange,
    ObjectFilter,
    PcdTask,
    PriorityValue,
    Project,
    ProjectComment,
    ProjectRole,
    RoboticsTask,
    SequentialImageTask,
    SequentialPcdTask,
    StorageType,
    Tag,
    TaskRevision,
    TaskStatus,
    TextClassificationTask,
    TextTask,
    Unset,
    VideoClassificationTask,
    VideoTask,
    Visibility,
    Workflow,
    WorkspaceRole,
    WorkspaceUser,
)

class AsyncClient:
    api: AsyncHttp

    def __init__(
        self,
        access_token: str | None = None,
        *,
        api_url: str | None = None,
        timeout: float | None = 60.0,
        retries: int = 5,
        backoff_s: float = 0.5,
    ) -> None: ...
    async def close(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    async def add_task_tags(
        self, project: str, task_ids: Sequence[str], tags: Sequence[str]
    ) -> int: ...
    async def cancel_dataset_job(self, dataset_id: str, job_id: str) -> DatasetJob: ...
    async def cancel_export(self, export_id: str) -> Export: ...
    async def cancel_import(self, history_id: str) -> History: ...
    async def convert_coco_to_fastlabel(
        self, file_path: FilePath, annotation_type: str = "bbox", *, strict: bool = False
    ) -> dict[str, list[dict[str, Any]]]: ...
    async def convert_labelme_to_fastlabel(
        self, folder_path: FilePath, *, strict: bool = False
    ) -> dict[str, list[dict[str, Any]]]: ...
    async def convert_pascalvoc_to_fastlabel(
        self, folder_path: FilePath, *, strict: bool = False
    ) -> dict[str, list[dict[str, Any]]]: ...
    async def convert_yolo_to_fastlabel(
        self,
        classes_file_path: FilePath,
        dataset_folder_path: FilePath,
        project_type: str | None = None,
        *,
        strict: bool = False,
    ) -> dict[str, list[dict[str, Any]]]: ...
    async def copy_project(
        self,
        project_id: str,
        project_name: str | None = None,
        project_slug: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> str: ...
    async def count_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
    ) -> int: ...
    async def create_annotation(
        self,
        project: str,
        type: str,
        value: str,
        title: str,
        color: str | None = None,
        order: int | None = None,
        attributes: JsonObjects | None = None,
        max_area_count: int | Unset | None = UNSET,
        *,
        keypoints: JsonObjects | None = None,
        idempotency_key: str | None = None,
    ) -> str: ...
    async def create_audio_classification_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_audio_classification_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_audio_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_audio_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_classification_annotation(
        self, project: str, attributes: JsonObjects, *, idempotency_key: str | None = None
    ) -> str: ...
    async def create_comment_thread(
        self, comment_id: str, text: str | None, *, idempotency_key: str | None = None
    ) -> Comment: ...
    async def create_dataset(
        self,
        name: str,
        tags: Sequence[str] | None = None,
        visibility: Visibility | None = None,
        license: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Dataset: ...
    async def create_dataset_object(
        self,
        dataset: str,
        name: str,
        file_path: FilePath,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        custom_metadata: Mapping[str, Any] | None = None,
        type: DatasetType | None = None,
        message: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> DatasetObject: ...
    async def create_dataset_objects_from_tasks(
        self,
        dataset_id: str,
        project: str,
        status: TaskStatus | Unset | None = UNSET,
        tags: Sequence[str] | None = None,
        ids: Sequence[str] | Unset | None = UNSET,
        prefix: str | None = None,
        type: DatasetType | None = None,
        object_tags: Sequence[str] | Unset | None = UNSET,
        message: str | None = None,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> DatasetJob: ...
    async def create_dataset_version(
        self,
        dataset_id: str,
        version: str,
        revision_id: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> DatasetVersion: ...
    async def create_dicom_task(
        self,
        project: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> History: ...
    async def create_export(
        self,
        project: str,
        format: str,
        *,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        created_at_from: str | None = None,
        created_at_to: str | None = None,
        updated_at_from: str | None = None,
        updated_at_to: str | None = None,
        revision: str | int | None = None,
        options: Mapping[str, Any] | None = None,
        strict: bool = False,
        idempotency_key: str | None = None,
    ) -> Export: ...
    async def create_image_classification_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        is_delete_exif: bool = False,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_image_classification_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_image_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        custom_task_status: CustomTaskStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        is_delete_exif: bool = False,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_image_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_image_tasks_from_folder(
        self,
        project: str,
        folder_path: FilePath,
        annotations: Mapping[str, JsonObjects] | FilePath | None = None,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        is_delete_exif: bool = False,
        *,
        workers: int = 4,
        progress: bool = True,
        raise_failures: bool = False,
    ) -> FolderResult: ...
    async def create_integrated_image_classification_task(
        self,
        project: str,
        file_path: str,
        storage_type: StorageType,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_integrated_image_task(
        self,
        project: str,
        storage_type: StorageType,
        file_path: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_metadata(
        self,
        project: str,
        key: str,
        type: MetadataType = "text",
        options: JsonObjects | None = None,
        default_value: str | float | bool | Unset = UNSET,
        order: int | None = None,
        is_admin: bool = False,
        is_required: bool = False,
        *,
        idempotency_key: str | None = None,
    ) -> str: ...
    async def create_multi_image_classification_task(
        self,
        project: str,
        name: str,
        folder_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        is_delete_exif: bool = False,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_multi_modal_video_audio_task(
        self,
        project: str,
        name: str,
        folder_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_pcd_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_pcd_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_project(
        self,
        type: str,
        name: str,
        slug: str,
        is_pixel: bool = False,
        job_size: int = 10,
        workflow: Workflow = "two_step",
        external_workflow: Workflow = "two_step",
        *,
        idempotency_key: str | None = None,
    ) -> str: ...
    async def create_robotics_task(
        self,
        project: str,
        name: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        operator: str | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_sequential_image_task(
        self,
        project: str,
        name: str,
        folder_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        is_delete_exif: bool = False,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_sequential_pcd_task(
        self,
        project: str,
        name: str,
        folder_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_task_comment(
        self,
        task_id: str | None = None,
        points: Sequence[float] | None = None,
        text: str | None = None,
        content_name: str | None = None,
        content_id: str | None = None,
        type: str = "text",
        scale: float = 0,
        frame: int = 0,
        status: str | None = None,
        priority: int | None = None,
        is_resolved: bool = False,
        task_annotation_id: str | None = None,
        color: str | None = None,
        comment_id: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Comment: ...
    async def create_task_from_aws_s3(
        self,
        project: str,
        status: TaskStatus = "registered",
        tags: Sequence[str] | None = None,
        priority: PriorityValue = 0,
        *,
        idempotency_key: str | None = None,
    ) -> History: ...
    async def create_task_from_azure(
        self,
        project: str,
        status: TaskStatus = "registered",
        tags: Sequence[str] | None = None,
        priority: PriorityValue = 0,
        *,
        idempotency_key: str | None = None,
    ) -> History: ...
    async def create_task_from_gcp(
        self,
        project: str,
        status: TaskStatus = "registered",
        tags: Sequence[str] | None = None,
        priority: PriorityValue = 0,
        *,
        idempotency_key: str | None = None,
    ) -> History: ...
    async def create_text_classification_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_text_classification_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_text_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_text_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_video_classification_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_video_classification_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_video_task(
        self,
        project: str,
        name: str,
        file_path: FilePath,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **options: Unpack[NewTask],
    ) -> str: ...
    async def create_video_tasks(
        self, project: str, tasks: JsonObjects, *, idempotency_key: str | None = None
    ) -> list[BatchedTask]: ...
    async def create_workspace_user(
        self,
        name: str,
        email: str,
        language: Language,
        role: WorkspaceRole,
        *,
        idempotency_key: str | None = None,
    ) -> WorkspaceUser: ...
    async def create_workspace_user_module_permissions(
        self, email: str, modules: Module | Sequence[Module]
    ) -> list[WorkspaceUser]: ...
    async def delete_annotation(self, annotation_id: str) -> None: ...
    async def delete_dataset(self, dataset_id: str) -> None: ...
    async def delete_dataset_object(self, dataset_id: str, object_name: str) -> None: ...
    async def delete_dataset_version(self, dataset_id: str, version: str) -> None: ...
    async def delete_export(self, export_id: str) -> None: ...
    async def delete_metadata(self, metadata_id: str) -> None: ...
    async def delete_project(self, project_id: str) -> None: ...
    async def delete_tags(self, tag_ids: Sequence[str]) -> None: ...
    async def delete_task(self, task_id: str) -> None: ...
    async def delete_task_annotations(self, task_id: str) -> None: ...
    async def delete_task_comment(self, thread_id: str) -> None: ...
    async def delete_workspace_user(self, email: str) -> None: ...
    async def delete_workspace_user_module_permissions(
        self, email: str, modules: Module | Sequence[Module]
    ) -> None: ...
    async def diff_dataset(
        self,
        dataset_id: str,
        base: str,
        target: str = LATEST,
        offset: int | None = None,
        limit: int = 100,
    ) -> DatasetDiff: ...
    async def download_dataset_objects(
        self,
        dataset: str,
        path: FilePath,
        version: str | None = None,
        revision_id: str | None = None,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        types: Sequence[DatasetType] | None = None,
        offset: int | None = 0,
        limit: int | None = OBJECTS_PER_PAGE,
        *,
        workers: int = 4,
        progress: bool = False,
    ) -> list[DatasetObject]: ...
    async def download_export(self, export_id: str, path: FilePath = ".") -> Path: ...
    async def export_coco(
        self,
        project: str,
        tasks: Iterable[Mapping[str, Any]],
        annotations: JsonObjects | None = None,
        output_dir: FilePath = "output/coco",
        output_file_name: str = "annotations.json",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Report: ...
    async def export_image_with_annotations(
        self,
        tasks: Iterable[Mapping[str, Any]],
        image_dir: FilePath,
        output_dir: FilePath = "output/images_with_annotations",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Report: ...
    async def export_instance_segmentation(
        self,
        tasks: Iterable[Mapping[str, Any]],
        output_dir: FilePath = "output/instance_segmentation",
        pallete: Sequence[int] | None = None,
        start_index: int = 1,
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Report: ...
    async def export_labelme(
        self,
        tasks: Iterable[Mapping[str, Any]],
        output_dir: FilePath = "output/labelme",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Report: ...
    async def export_pascalvoc(
        self,
        project: str,
        tasks: Iterable[Mapping[str, Any]],
        output_dir: FilePath = "output/pascalvoc",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Report: ...
    async def export_project(
        self,
        project: str,
        format: str,
        output_dir: FilePath,
        *,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        strict: bool = False,
        compat: Compat = None,
        progress: bool = True,
        quiet: bool = False,
    ) -> Report: ...
    async def export_semantic_segmentation(
        self,
        tasks: Iterable[Mapping[str, Any]],
        output_dir: FilePath = "output/semantic_segmentation",
        pallete: Sequence[int] | None = None,
        classes: Sequence[str] | None = None,
        start_index: int = 1,
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Report: ...
    async def export_yolo(
        self,
        project: str,
        tasks: Iterable[Mapping[str, Any]],
        classes: Sequence[str] | None = None,
        output_dir: FilePath = "output/yolo",
        *,
        strict: bool = False,
        compat: Compat = None,
        quiet: bool = False,
    ) -> Report: ...
    async def find_annotation(self, annotation_id: str) -> AnnotationClass: ...
    async def find_annotation_by_value(
        self, project: str, value: str
    ) -> AnnotationClass | None: ...
    async def find_audio_classification_task(self, task_id: str) -> AudioClassificationTask: ...
    async def find_audio_classification_task_by_name(
        self, project: str, task_name: str
    ) -> AudioClassificationTask | None: ...
    async def find_audio_task(self, task_id: str) -> AudioTask: ...
    async def find_audio_task_by_name(self, project: str, task_name: str) -> AudioTask | None: ...
    async def find_dataset(self, dataset_id: str) -> Dataset: ...
    async def find_dataset_by_name(self, name: str) -> Dataset | None: ...
    async def find_dataset_job(self, dataset_id: str, job_id: str) -> DatasetJob: ...
    async def find_dataset_object(
        self,
        dataset_id: str,
        object_name: str,
        version: str | None = None,
        revision_id: str | None = None,
    ) -> DatasetObject: ...
    async def find_dataset_revision(self, dataset_id: str, revision_id: str) -> DatasetRevision: ...
    async def find_dicom_task(self, task_id: str) -> DicomTask: ...
    async def find_dicom_task_by_name(self, project: str, task_name: str) -> DicomTask | None: ...
    async def find_export(self, export_id: str) -> Export: ...
    async def find_history(self, history_id: str) -> History: ...
    async def find_image_classification_task(self, task_id: str) -> ImageClassificationTask: ...
    async def find_image_classification_task_by_name(
        self, project: str, task_name: str
    ) -> ImageClassificationTask | None: ...
    async def find_image_task(self, task_id: str) -> ImageTask: ...
    async def find_image_task_by_name(self, project: str, task_name: str) -> ImageTask | None: ...
    async def find_integrated_audio_task_by_prefix(
        self, project: str, prefix: str
    ) -> IntegratedTask: ...
    async def find_integrated_image_task_by_prefix(
        self, project: str, prefix: str
    ) -> IntegratedTask: ...
    async def find_integrated_video_task_by_prefix(
        self, project: str, prefix: str
    ) -> IntegratedTask: ...
    async def find_multi_image_classification_task(self, task_id: str) -> MultiImageTask: ...
    async def find_multi_image_classification_task_by_name(
        self, project: str, task_name: str
    ) -> MultiImageTask | None: ...
    async def find_multi_modal_video_audio_task(self, task_id: str) -> MultiModalVideoAudioTask: ...
    async def find_multi_modal_video_audio_task_by_name(
        self, project: str, task_name: str
    ) -> MultiModalVideoAudioTask | None: ...
    async def find_pcd_task(self, task_id: str) -> PcdTask: ...
    async def find_pcd_task_by_name(self, project: str, task_name: str) -> PcdTask | None: ...
    async def find_project(self, project_id: str) -> Project: ...
    async def find_project_by_slug(self, slug: str) -> Project | None: ...
    async def find_robotics_task(self, task_id: str) -> RoboticsTask: ...
    async def find_robotics_task_by_name(
        self, project: str, task_name: str
    ) -> RoboticsTask | None: ...
    async def find_sequential_image_task(self, task_id: str) -> SequentialImageTask: ...
    async def find_sequential_image_task_by_name(
        self, project: str, task_name: str
    ) -> SequentialImageTask | None: ...
    async def find_sequential_pcd_task(
        self, task_id: str | None = None, project: str | None = None, task_name: str | None = None
    ) -> SequentialPcdTask | None: ...
    async def find_sequential_pcd_task_by_name(
        self, project: str, task_name: str
    ) -> SequentialPcdTask | None: ...
    async def find_task_revision(self, task_id: str, revision: int) -> LabelledTaskRevision: ...
    async def find_text_classification_task(self, task_id: str) -> TextClassificationTask: ...
    async def find_text_classification_task_by_name(
        self, project: str, task_name: str
    ) -> TextClassificationTask | None: ...
    async def find_text_task(self, task_id: str) -> TextTask: ...
    async def find_text_task_by_name(self, project: str, task_name: str) -> TextTask | None: ...
    async def find_video_classification_task(self, task_id: str) -> VideoClassificationTask: ...
    async def find_video_classification_task_by_name(
        self, project: str, task_name: str
    ) -> VideoClassificationTask | None: ...
    async def find_video_task(self, task_id: str) -> VideoTask: ...
    async def find_video_task_by_name(self, project: str, task_name: str) -> VideoTask | None: ...
    async def get_annotations(
        self, project: str, value: str | None = None, offset: int | None = None, limit: int = 10
    ) -> list[AnnotationClass]: ...
    async def get_appendix_data(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10000,
    ) -> list[AppendixData]: ...
    async def get_audio_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[AudioClassificationTask]: ...
    async def get_audio_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[AudioTask]: ...
    async def get_aws_s3_import_status_by_project(self, project: str) -> History: ...
    async def get_azure_import_status_by_project(self, project: str) -> History: ...
    async def get_dataset_objects(
        self,
        dataset: str,
        version: str | None = None,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        revision_id: str | None = None,
        types: Sequence[DatasetType] | None = None,
        offset: int | None = 0,
        limit: int = OBJECTS_PER_PAGE,
    ) -> list[DatasetObject]: ...
    async def get_dataset_revisions(
        self, dataset_id: str, offset: int | None = None, limit: int = 100
    ) -> list[DatasetRevision]: ...
    async def get_dataset_tasks(
        self,
        dataset_id: str,
        project: str,
        offset: int | None = None,
        limit: int = OBJECTS_PER_PAGE,
    ) -> list[DatasetTask]: ...
    async def get_dataset_versions(self, dataset_id: str) -> list[DatasetVersion]: ...
    async def get_datasets(
        self,
        keyword: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        visibility: Visibility | None = None,
    ) -> list[Dataset]: ...
    async def get_dicom_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[DicomTask]: ...
    async def get_exports(
        self, project: str, offset: int | None = None, limit: int = 100
    ) -> list[Export]: ...
    async def get_gcp_import_status_by_project(self, project: str) -> History: ...
    async def get_histories(
        self, project: str, offset: int | None = None, limit: int = 100
    ) -> list[History]: ...
    async def get_image_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[ImageClassificationTask]: ...
    async def get_image_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[ImageTask]: ...
    async def get_metadatas(
        self, project: str | None = None, offset: int | None = None, limit: int = 100
    ) -> list[MetadataKey]: ...
    async def get_multi_image_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[MultiImageTask]: ...
    async def get_multi_modal_video_audio_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10,
    ) -> list[MultiModalVideoAudioTask]: ...
    async def get_pcd_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[PcdTask]: ...
    async def get_project_comments(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        issue_category_id: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[ProjectComment]: ...
    async def get_project_id_slug_map(
        self, offset: int | None = None, limit: int = 1000
    ) -> dict[str, str]: ...
    async def get_projects(
        self, slug: str | None = None, offset: int | None = None, limit: int = 100
    ) -> list[Project]: ...
    async def get_robotics_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = 0,
        limit: int = 100,
    ) -> list[RoboticsTask]: ...
    async def get_sequential_image_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10,
    ) -> list[SequentialImageTask]: ...
    async def get_sequential_pcd_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10,
    ) -> list[SequentialPcdTask]: ...
    async def get_tags(
        self, project: str, keyword: str | None = None, offset: int | None = None, limit: int = 100
    ) -> list[Tag]: ...
    async def get_task_appendix_data(
        self,
        project: str,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10000,
    ) -> list[AppendixData]: ...
    async def get_task_comments(
        self, project: str, task_id: str, offset: int | None = None, limit: int = 100
    ) -> list[Comment]: ...
    async def get_task_id_name_map(
        self, project: str, offset: int | None = None, limit: int = 1000
    ) -> dict[str, str]: ...
    async def get_task_revisions(self, task_id: str) -> list[TaskRevision]: ...
    async def get_text_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[TextClassificationTask]: ...
    async def get_text_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[TextTask]: ...
    async def get_video_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> list[VideoClassificationTask]: ...
    async def get_video_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
        offset: int | None = None,
        limit: int = 10,
    ) -> list[VideoTask]: ...
    async def get_workspace_users(
        self, keyword: str | None = None, offset: int | None = None, limit: int = 20
    ) -> list[WorkspaceUser]: ...
    async def import_appendix_file(self, project: str, file_path: FilePath) -> list[History]: ...
    async def import_dataset(
        self,
        project: str,
        format: str,
        dataset_path: FilePath,
        *,
        files_dir: FilePath | None = None,
        create_classes: bool = False,
        dry_run: bool = False,
        skip_bad: bool = False,
        status: TaskStatus | None = None,
        tags: Sequence[str] | None = None,
        priority: PriorityValue | None = None,
        workers: int = 4,
        progress: bool = True,
    ) -> ImportReport: ...
    async def import_folder(
        self,
        project: str,
        folder_path: FilePath,
        *,
        dry_run: bool = False,
        skip_bad: bool = False,
        status: TaskStatus | None = None,
        tags: Sequence[str] | None = None,
        priority: PriorityValue | None = None,
        workers: int = 4,
        progress: bool = True,
    ) -> ImportReport: ...
    async def import_lerobot(
        self,
        project: str,
        lerobot_data_path: FilePath,
        episode_indices: Sequence[int] | None = None,
        converter: type[LeRobotConverter] = LeRobotConverter,
    ) -> list[EpisodeResult]: ...
    async def import_manifest(
        self,
        project: str,
        manifest_path: FilePath,
        *,
        dry_run: bool = False,
        skip_bad: bool = False,
        status: TaskStatus | None = None,
        tags: Sequence[str] | None = None,
        priority: PriorityValue | None = None,
        workers: int = 4,
        progress: bool = True,
    ) -> ImportReport: ...
    async def import_robotics_contents_file(self, project: str, file_path: FilePath) -> History: ...
    def iter_annotations(self, project: str) -> AsyncIterator[AnnotationClass]: ...
    def iter_appendix_data(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[AppendixData]: ...
    def iter_audio_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[AudioClassificationTask]: ...
    def iter_audio_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[AudioTask]: ...
    def iter_dataset_diff(
        self, dataset_id: str, base: str, target: str = LATEST
    ) -> AsyncIterator[ObjectChange]: ...
    def iter_dataset_objects(
        self,
        dataset: str,
        version: str | None = None,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        revision_id: str | None = None,
        types: Sequence[DatasetType] | None = None,
    ) -> AsyncIterator[DatasetObject]: ...
    def iter_dataset_revisions(self, dataset_id: str) -> AsyncIterator[DatasetRevision]: ...
    def iter_dataset_tasks(self, dataset_id: str, project: str) -> AsyncIterator[DatasetTask]: ...
    def iter_datasets(
        self,
        keyword: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        visibility: Visibility | None = None,
    ) -> AsyncIterator[Dataset]: ...
    def iter_dicom_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[DicomTask]: ...
    def iter_exports(self, project: str) -> AsyncIterator[Export]: ...
    def iter_histories(self, project: str) -> AsyncIterator[History]: ...
    def iter_image_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[ImageClassificationTask]: ...
    def iter_image_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[ImageTask]: ...
    def iter_metadatas(self, project: str | None = None) -> AsyncIterator[MetadataKey]: ...
    def iter_multi_image_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[MultiImageTask]: ...
    def iter_multi_modal_video_audio_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[MultiModalVideoAudioTask]: ...
    def iter_pcd_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[PcdTask]: ...
    def iter_project_comments(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
    ) -> AsyncIterator[ProjectComment]: ...
    def iter_projects(self) -> AsyncIterator[Project]: ...
    def iter_robotics_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[RoboticsTask]: ...
    def iter_sequential_image_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[SequentialImageTask]: ...
    def iter_sequential_pcd_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[SequentialPcdTask]: ...
    def iter_signed_dataset_objects(
        self,
        dataset: str,
        version: str | None = None,
        tags: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        revision_id: str | None = None,
        types: Sequence[DatasetType] | None = None,
    ) -> AsyncIterator[DatasetObject]: ...
    def iter_tags(self, project: str, keyword: str | None = None) -> AsyncIterator[Tag]: ...
    def iter_task_comments(self, project: str, task_id: str) -> AsyncIterator[Comment]: ...
    def iter_text_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[TextClassificationTask]: ...
    def iter_text_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[TextTask]: ...
    def iter_video_classification_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[VideoClassificationTask]: ...
    def iter_video_tasks(
        self,
        project: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        task_name: str | None = None,
    ) -> AsyncIterator[VideoTask]: ...
    def iter_workspace_users(self, keyword: str | None = None) -> AsyncIterator[WorkspaceUser]: ...
    async def mask_to_fastlabel_segmentation_points(self, mask_image: MaskImage) -> Regions: ...
    async def pull_dataset(
        self,
        dataset: str,
        folder_path: FilePath,
        version: str = LATEST,
        *,
        force: bool = False,
        workers: int = 4,
        progress: bool = True,
    ) -> PullReport: ...
    async def push_dataset(
        self,
        folder_path: FilePath,
        dataset: str,
        message: str = "",
        *,
        force: bool = False,
        skip_bad: bool = False,
        workers: int = 4,
        progress: bool = True,
    ) -> PushReport: ...
    async def register_dataset_tasks(
        self,
        dataset_id: str,
        project: str,
        version: str | None = None,
        revision_id: str | None = None,
        object_names: Sequence[str] | Unset | None = UNSET,
        filter: ObjectFilter | None = None,
        status: TaskStatus | None = None,
        tags: Sequence[str] | None = None,
        with_annotations: bool | Unset = UNSET,
        create_classes: bool = False,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> DatasetJob: ...
    async def remove_task_tags(
        self, project: str, task_ids: Sequence[str], tags: Sequence[str]
    ) -> int: ...
    async def restore_dataset(
        self,
        dataset_id: str,
        version: str | None = None,
        revision_id: str | None = None,
        message: str | None = None,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> DatasetJob: ...
    async def restore_task_revision(
        self, task_id: str, revision: int, *, idempotency_key: str | None = None
    ) -> str: ...
    async def set_dataset_types(
        self,
        dataset_id: str,
        types: Mapping[str, DatasetType | Sequence[str]] | None = None,
        ratios: Mapping[str, float] | None = None,
        seed: int = 0,
        stratify: bool | str | Mapping[str, str] | None = None,
        group_by: str | Mapping[str, str] | None = None,
        filter: ObjectFilter | None = None,
        message: str | None = None,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> DatasetJob: ...
    async def split_dataset_objects(
        self,
        dataset_id: str,
        object_names: Sequence[str] | Unset | None = UNSET,
        filter: ObjectFilter | Unset | None = UNSET,
        columns: int | None = None,
        rows: int | None = None,
        parts: int | None = None,
        method: Literal["exact", "keyframes"] | None = None,
        into_dataset: str | None = None,
        annotations: bool | Unset = UNSET,
        replace: bool = False,
        message: str | None = None,
        wait: bool = True,
        timeout_s: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> DatasetJob: ...
    async def update_annotation(
        self,
        annotation_id: str,
        value: str | None = None,
        title: str | None = None,
        color: str | None = None,
        order: int | None = None,
        attributes: JsonObjects | None = None,
        max_area_count: int | Unset | None = UNSET,
        *,
        keypoints: JsonObjects | None = None,
    ) -> str: ...
    async def update_audio_classification_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_audio_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_aws_s3_storage(
        self,
        project: str,
        bucket_name: str,
        bucket_region: str,
        prefix: str | None = None,
        strip_prefix: bool = False,
    ) -> str: ...
    async def update_azure_storage(
        self, project: str, bucket_name: str, prefix: str | None = None, strip_prefix: bool = False
    ) -> str: ...
    async def update_classification_annotation(
        self,
        annotation_id: str | None = None,
        attributes: JsonObjects | None = None,
        *,
        project: str | None = None,
    ) -> str: ...
    async def update_dataset(
        self,
        dataset_id: str,
        name: str | None = None,
        tags: Sequence[str] | Unset | None = UNSET,
        visibility: Visibility | None = None,
        license: str | None = None,
    ) -> Dataset: ...
    async def update_dataset_object(
        self,
        dataset_id: str,
        object_name: str,
        tags: Sequence[str] | Unset | None = UNSET,
        licenses: Sequence[str] | Unset | None = UNSET,
        annotations: JsonObjects | Unset | None = UNSET,
        custom_metadata: Mapping[str, Any] | Unset | None = UNSET,
        type: DatasetType | None = None,
        message: str | None = None,
    ) -> DatasetObject: ...
    async def update_dicom_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        *,
        priority: PriorityValue | None = None,
        annotations: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_gcp_storage(
        self, project: str, bucket_name: str, prefix: str | None = None, strip_prefix: bool = False
    ) -> str: ...
    async def update_image_classification_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_image_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        custom_task_status: CustomTaskStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        relations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_metadata(
        self,
        metadata_id: str,
        options: JsonObjects | None = None,
        default_value: str | float | bool | Unset = UNSET,
        order: int | None = None,
        is_admin: bool | Unset = UNSET,
        is_required: bool | Unset = UNSET,
    ) -> str: ...
    async def update_multi_image_classification_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_multi_modal_video_audio_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_pcd_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_project(
        self,
        project_id: str,
        name: str | None = None,
        slug: str | None = None,
        job_size: int | None = None,
        workflow: Workflow | None = None,
        external_workflow: Workflow | None = None,
    ) -> str: ...
    async def update_project_metadata(
        self,
        project_id: str,
        external_code_1: str | None,
        external_code_2: str | None,
        external_code_3: str | None,
    ) -> str: ...
    async def update_project_user_permission(
        self, project: str, email: str, role: ProjectRole
    ) -> bool: ...
    async def update_robotics_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        operator: str | None = None,
        annotations: JsonObjects | Unset | None = UNSET,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_sequential_image_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_sequential_pcd_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_task_comment(self, thread_id: str, text: str) -> Comment: ...
    async def update_task_comment_state(
        self,
        comment_id: str,
        is_resolved: bool | Unset = UNSET,
        status: str | None = None,
        priority: int | None = None,
    ) -> Comment: ...
    async def update_text_classification_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_text_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_video_classification_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        attributes: JsonObjects | None = None,
        tags: Sequence[str] | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_video_task(
        self,
        task_id: str,
        status: TaskStatus | None = None,
        external_status: ExternalStatus | None = None,
        priority: PriorityValue | None = None,
        tags: Sequence[str] | None = None,
        annotations: JsonObjects | None = None,
        metadatas: JsonObjects | None = None,
        **assignees: Unpack[Assignees],
    ) -> str: ...
    async def update_workspace_user(self, email: str, role: WorkspaceRole) -> WorkspaceUser: ...
    async def upload_dataset_objects(
        self,
        dataset: str,
        objects: JsonObjects | Iterable[dict[str, object]],
        message: str = "",
        *,
        remove: Iterable[str] = (),
        key: str | None = None,
        skip_bad: bool = False,
        workers: int = 4,
        progress: bool = True,
    ) -> PushReport: ...
    async def wait_for_dataset_job(
        self,
        dataset_id: str,
        job_id: str,
        timeout_s: float | None = None,
        progress: OnJob | None = None,
    ) -> DatasetJob: ...
    async def wait_for_export(
        self, export_id: str, timeout_s: float | None = None, progress: OnProgress | None = None
    ) -> Export: ...
    async def wait_for_history(self, history_id: str, timeout: float | None = None) -> History: ...
