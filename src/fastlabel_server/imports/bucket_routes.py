"""Endpoints of imports from buckets: the same for each cloud."""

from __future__ import annotations

from fastapi import APIRouter

from fastlabel.types import History
from fastlabel_server.buckets import BUCKET_KINDS
from fastlabel_server.calls import CurrentCall, TransactionalRoute
from fastlabel_server.imports import buckets
from fastlabel_server.imports.bucket_schemas import BucketImport

router = APIRouter(prefix="/tasks", route_class=TransactionalRoute, tags=["imports"])


def _add_cloud(storage_type: str, title: str) -> None:
    name = storage_type.replace("-", "_")

    def create_task(call: CurrentCall, body: BucketImport) -> History:
        return buckets.begin(call, storage_type, body)

    def get_import_status(call: CurrentCall, project: str) -> History:
        return buckets.status(call, storage_type, project)

    router.post(
        f"/{storage_type}",
        name=f"create_task_from_{name}",
        description=f"Begin to make a task of every object in the project's {title}; the files "
        "stay there, and names that the project has already are skipped. Answers the import, "
        "which a worker does; while one like it is under way, that one.",
    )(create_task)
    router.get(
        f"/import/status/{storage_type}/{{project}}",
        name=f"get_{name}_import_status_by_project",
        description=f"The newest import from the project's {title}.",
    )(get_import_status)


for _storage_type, _title in BUCKET_KINDS.items():
    _add_cloud(_storage_type, _title)
