"""Who may call what: every route of the OpenAPI, walked in four roles."""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.conftest import Raw
from api.datasets import DatasetApi, ok
from fastlabel import Client
from fastlabel.modalities import TASK_KINDS
from fastlabel_server.buckets import BUCKET_KINDS
from fastlabel_server.db import Database
from fastlabel_server.tables import ImportHistory
from media_files import UPLOADED, extensions, sample
from servers import Server

FORBIDDEN_TO_MEMBERS = {
    ("POST", "/v1/projects"),
    ("POST", "/v1/workspaces-users/internal-users"),
    ("PUT", "/v1/workspaces-users/internal-users"),
    ("POST", "/v1/function-resource-permissions/{module}/internal-users"),
    ("DELETE", "/v1/function-resource-permissions"),
}
"""What concerns no project, and takes an owner of the workspace."""
OPEN = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/files/{what}/{content_id}/{name}",
    "/files/upload/{upload_id}/{name}",
}
UPLOADS = {f"/v1/tasks/{kind.path}": kind for kind in UPLOADED}
"""Where tasks are made of the files that come with the request."""
NOTHING_THERE = {
    *(f"/v1/tasks/{kind.path}/{{task_id}}" for kind in TASK_KINDS.values() if kind.name != "image"),
    *(f"/v1/tasks/integrate/{kind}s" for kind in ("image", "video", "audio")),
}
"""What asks the world for a task that it has not."""
FORBIDDEN_TO_ANNOTATORS = {
    *FORBIDDEN_TO_MEMBERS,
    ("POST", "/v1/projects/copy"),
    ("PUT", "/v1/projects/{project_id}"),
    ("DELETE", "/v1/projects/{project_id}"),
    ("PUT", "/v1/projects/{project_id}/metadata"),
    ("PUT", "/v1/projects-users"),
    ("PUT", "/v1/storages/aws-s3/{project}"),
    ("PUT", "/v1/storages/gcp/{project}"),
    ("PUT", "/v1/storages/azure/{project}"),
    ("POST", "/v1/annotations"),
    ("POST", "/v1/annotations/classification"),
    ("PUT", "/v1/annotations/{annotation_id}"),
    ("PUT", "/v1/annotations/classification/{annotation_id}"),
    ("DELETE", "/v1/annotations/{annotation_id}"),
    ("POST", "/v1/tags/delete/multi"),
    *(("POST", f"/v1/tasks/{kind.path}") for kind in TASK_KINDS.values()),
    *(("POST", f"{path}/batch") for path, kind in UPLOADS.items() if kind.intake == "file"),
    ("GET", "/v1/files"),
    ("POST", "/v1/tasks/import/histories/{history_id}/cancel"),
    ("POST", "/v1/contents/imports/robotics-contents/batch"),
    ("POST", "/v1/contents/imports/appendix/batch"),
    ("POST", "/v1/tasks/integrated-image"),
    ("POST", "/v1/tasks/integrated-image/classification"),
    ("POST", "/v1/tasks/aws-s3"),
    ("POST", "/v1/tasks/gcp"),
    ("POST", "/v1/tasks/azure"),
    ("DELETE", "/v1/tasks/{task_id}"),
    ("POST", "/v1/metadatas"),
    ("PUT", "/v1/metadatas/{metadata_id}"),
    ("DELETE", "/v1/metadatas/{metadata_id}"),
    # Of others: their own they may.
    ("PUT", "/v1/comments/threads/{thread_id}"),
    ("DELETE", "/v1/comments/threads/{thread_id}"),
    ("POST", "/v1/exports/{export_id}/cancel"),
    ("DELETE", "/v1/exports/{export_id}"),
}
"""Written out: a new route fails the walk until someone has thought about who may call it."""
OF_DATASETS = "/v1/dataset"
"""How paths begin that take the module `dataset`, whatever they do: 403 to members without."""
NO_PROJECT = {
    ("GET", "/v1/projects"),
    ("GET", "/v1/projects/map/id-slug"),
    ("GET", "/v1/workspaces-users"),
}


@dataclass
class World:
    """A project with one of everything, and the ids that routes need."""

    slug: str
    ids: dict[str, str]

    def path(self, template: str) -> str:
        return template.format(**self.ids)

    def body(self, template: str) -> dict[str, Any]:
        """Return a body that is complete for any route."""
        return {
            "project": self.slug,
            "id": self.ids["project_id"],
            "name": "new.jpg",
            "slug": f"{self.slug}-new",
            "type": self._type(template),
            "value": "new",
            "title": "New",
            "attributes": []
            if "tasks" in template
            else [{"type": "text", "name": "A", "key": "a"}],
            "tasks": [{"name": "batched.jpg"}],
            "taskIds": [self.ids["task_id"]],
            "tags": ["a"],
            "tagIds": [self.ids["tag_id"]],
            "email": "stranger@example.com",
            "role": "member" if "workspaces-users" in template else "annotator",
            "language": "en",
            "resource": "annotation",
            "key": "new",
            "taskId": self.ids["task_id"],
            "text": "Seen",
            "bucketName": "bucket",
            "bucketRegion": "eu-west-1",
            "filePath": "a.jpg",
            "storageType": "gcp",
            "fileKey": "uploads/none/a.zip",
            "format": "coco",
            **(self._of_datasets(template) if template.startswith(OF_DATASETS) else {}),
        }

    def _of_datasets(self, template: str) -> dict[str, Any]:
        return {
            "name": self.ids["object_name"] if "objects" in template else f"{self.slug}-new",
            "dataset": self.ids["dataset_name"],
            "datasetName": self.ids["dataset_name"],
            "datasetId": self.ids["dataset_id"],
            "objectName": self.ids["object_name"],
            "filePath": base64.b64encode(sample(".jpg")).decode(),
            "version": "v2",
            "type": "train",
        }

    @staticmethod
    def _type(template: str) -> str:
        types = {"annotations": "bbox", "comments": "text", "metadatas": "text"}
        return next((types[word] for word in types if word in template), "image_all")


@pytest.fixture
def world(
    server: Server, raw: Raw, client: Client, database: Database, project: str, cat_jpg: Any
) -> World:
    assert server.stranger_token, "before the walk makes a user of this address"
    task_id = client.create_image_task(project, "a.jpg", cat_jpg, tags=["seen"])
    project_id = client.get_projects(slug=project)[0]["id"]
    with database.write() as session:
        # Rows alone: an import that is begun would ask a cloud of this world.
        session.add_all(
            ImportHistory(project_id=project_id, kind="import_bucket", storage_type=storage_type)
            for storage_type in BUCKET_KINDS
        )
        session.flush()
        history_id = session.scalars(
            select(ImportHistory.id).where(ImportHistory.project_id == project_id)
        ).first()
    assert history_id is not None
    comment = client.create_task_comment(task_id, [1, 2], "Seen?")
    dataset = DatasetApi.new(raw)
    dataset.add("a.jpg")
    ok(dataset.call("POST", "/versions", json={"version": "v1"}))
    return World(
        project,
        {
            "project_id": project_id,
            "project": project,
            "annotation_id": client.get_annotations(project)[0]["id"],
            "task_id": task_id,
            "tag_id": client.get_tags(project)[0]["id"],
            "revision": "1",
            "comment_id": comment["id"],
            "thread_id": comment["threads"][0]["id"],
            "metadata_id": client.create_metadata(project, "camera"),
            "module": "annotation",
            "history_id": history_id,
            "export_id": client.create_export(project, "coco")["id"],
            "dataset_id": dataset.id,
            "dataset_name": dataset.name,
            "object_name": "a.jpg",
            "revision_id": dataset.head()["id"],
            "version": "v1",
            "push_id": dataset.start_push()["id"],
            "job_id": dataset.restore()["id"],
        },
    )


@functools.cache
def _http() -> httpx.Client:
    """One client for all requests: making one takes longer than most answers."""
    return httpx.Client(timeout=60)


def _routes(server: Server) -> list[tuple[str, str]]:
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    return [
        (verb.upper(), path) for path, verbs in paths.items() for verb in verbs if path not in OPEN
    ]


def _call(server: Server, world: World, verb: str, path: str, token: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    http = _http()
    url = server.url + world.path(path)
    if verb == "GET":
        params = {
            "project": world.slug,
            "taskId": world.ids["task_id"],
            "fileName": "a.zip",
            "prefix": "split",
            "dataset": world.ids["dataset_name"],
            "datasetName": world.ids["dataset_name"],
            "base": "latest",
        }
        return http.get(url, params=params, headers=headers)
    if verb == "DELETE" and path != "/v1/function-resource-permissions":
        return http.delete(url, headers=headers)
    body = world.body(path)
    kind = UPLOADS.get(path.removesuffix("/batch"))
    if verb == "POST" and kind is not None:
        part = "file" if kind.intake == "file" and "batch" not in path else "contents"
        extension = extensions(kind)[0]
        files = {part: (f"a{extension}", sample(extension))}
        return http.post(url, data={"request": json.dumps(body)}, files=files, headers=headers)
    return http.request(verb, url, json=body, headers=headers)


def test_nobody_gets_past_any_route_without_a_token(server: Server, world: World) -> None:
    routes = _routes(server)
    assert len(routes) > 30
    for token in (None, "fl_unknown"):
        answers = {route: _call(server, world, *route, token).status_code for route in routes}
        assert {route: code for route, code in answers.items() if code != 401} == {}


def test_a_stranger_meets_only_404_and_empty_lists(server: Server, world: World) -> None:
    wrong = {}
    for verb, path in _routes(server):
        response = _call(server, world, verb, path, server.stranger_token)
        if (verb, path) in NO_PROJECT:
            ok = response.status_code == 200 and world.slug not in response.text
        elif (verb, path) in FORBIDDEN_TO_MEMBERS or path.startswith(OF_DATASETS):
            ok = response.status_code == 403
        else:
            ok = response.status_code == 404
        if not ok:
            wrong[verb, path] = (response.status_code, response.text[:200])
    assert wrong == {}


def test_an_annotator_labels_and_nothing_else(server: Server, client: Client, world: World) -> None:
    email = f"annotator-{world.slug}@example.com"
    token = server.create_user(email, "Anna Annotator", "member")
    client.update_project_user_permission(world.slug, email, "annotator")
    wrong = {}
    for verb, path in _routes(server):
        response = _call(server, world, verb, path, token)
        expected = (verb, path) in FORBIDDEN_TO_ANNOTATORS or path.startswith(OF_DATASETS)
        # A task of this kind is asked for by the routes of other kinds too.
        missing = response.status_code == 404 and path not in NOTHING_THERE
        if (response.status_code == 403) != expected or response.status_code == 401 or missing:
            wrong[verb, path] = (response.status_code, response.text[:200])
    assert wrong == {}


def test_an_owner_of_the_workspace_may_do_everything(server: Server, world: World) -> None:
    wrong = {}
    routes = sorted(_routes(server), key=lambda route: route[0] == "DELETE")
    for verb, path in routes:
        response = _call(server, world, verb, path, server.token)
        if response.status_code in (401, 403, 500):
            wrong[verb, path] = (response.status_code, response.text[:200])
    assert wrong == {}


@pytest.mark.parametrize(
    ("role", "status", "allowed"),
    [
        ("annotator", "completed", True),
        ("annotator", "reviewed", False),
        ("annotator", "approved", False),
        ("reviewer", "reviewed", True),
        ("reviewer", "approved", False),
        ("approver", "approved", True),
        ("manager", "declined", True),
    ],
)
def test_a_role_decides_into_which_status_a_task_may_go(
    server: Server, client: Client, world: World, role: str, status: str, allowed: bool
) -> None:
    email = f"{role}-{status}-{world.slug}@example.com"
    token = server.create_user(email, "Somebody", "member")
    client.update_project_user_permission(world.slug, email, role)
    response = httpx.put(
        f"{server.api_url}tasks/image/{world.ids['task_id']}",
        json={"status": status},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == (200 if allowed else 403)
    now = client.find_image_task(world.ids["task_id"])["status"]
    assert now == (status if allowed else "registered")


def test_a_removed_member_sees_nothing_any_more(
    server: Server, client: Client, world: World
) -> None:
    email = f"leaver-{world.slug}@example.com"
    token = server.create_user(email, "Leaver", "member")
    client.update_project_user_permission(world.slug, email, "annotator")
    theirs = server.client(token)
    assert theirs.get_image_tasks(world.slug) != []
    client.update_project_user_permission(world.slug, email, "none")
    assert theirs.get_projects() == []
