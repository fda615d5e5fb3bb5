"""The API against its own description: nothing that is sent to it is answered as a bug."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode

from api.conftest import Raw
from api.datasets import DatasetApi, ok
from fastlabel import Client
from fastlabel.modalities import TASK_KINDS
from servers import Server

EXAMPLES = 20
EXAMPLES_OF_OTHER_KINDS = 4
"""Their routes are those of images, made from another description."""
OTHER_KINDS = tuple(
    f"/v1/tasks/{kind.path}" for kind in TASK_KINDS.values() if kind.name != "image"
)
OTHER_GENERATION = ("/v1/dataset-objects-v2", "/v1/datasets-v2/{dataset_id}/objects")
"""What the older client asks for: the same objects by other paths."""
BY_NAME = ("project", "taskId", "dataset", "datasetName", "datasetId", "objectName", "base")
"""Fields of queries and bodies that name something."""
BUCKETS = ("integrated", "/aws-s3", "/gcp", "/azure")
BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


@pytest.fixture
def known(client: Client, raw: Raw, slug: str, cat_jpg: Path) -> dict[str, str]:
    """Ids of one of everything, with which requests get further than 404."""
    project_id = client.create_project("image_all", "P", slug)
    annotation_id = client.create_annotation(slug, "bbox", "cat", "Cat")
    task_id = client.create_image_task(slug, "a", cat_jpg, tags=["x"], annotations=[BOX])
    comment = client.create_task_comment(task_id, [1, 2], "A")
    dataset = DatasetApi.new(raw)
    dataset.add("a.jpg", annotations=[BOX])
    ok(dataset.call("POST", "/versions", json={"version": "v1"}))
    return {
        "project": slug,
        "project_id": project_id,
        "annotation_id": annotation_id,
        "task_id": task_id,
        "taskId": task_id,
        "revision": "1",
        "comment_id": comment["id"],
        "thread_id": comment["threads"][0]["id"],
        "metadata_id": client.create_metadata(slug, "camera"),
        "module": "annotation",
        "export_id": client.create_export(slug, "coco")["id"],
        "dataset_id": dataset.id,
        "datasetId": dataset.id,
        "dataset": dataset.name,
        "datasetName": dataset.name,
        "object_name": "a.jpg",
        "objectName": "a.jpg",
        "revision_id": dataset.head()["id"],
        "base": dataset.revisions()[-1]["id"],
        "version": "v1",
        "push_id": dataset.start_push()["id"],
        "job_id": dataset.restore()["id"],
    }


@pytest.fixture
def session(server: Server) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.token}"
        yield session


@pytest.fixture
def operations(server: Server) -> list[APIOperation]:
    """Every verb and path of the description; what deletes comes last."""
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    return sorted(
        (result.ok() for result in schema.get_all_operations()),
        key=lambda operation: operation.method.upper() == "DELETE",
    )


def with_known(case: Case, known: dict[str, str]) -> Case:
    """Put ids of what exists into a generated request."""
    found = {name: known[name] for name in case.path_parameters or {} if name in known}
    case.path_parameters = {**(case.path_parameters or {}), **found}
    # No bucket of the fuzzer's invention is to be looked for on the network.
    fields = () if any(word in case.path for word in BUCKETS) else (case.query, case.body)
    for container in fields:
        for name in BY_NAME:
            if isinstance(container, dict) and name in container:
                container[name] = known[name]
    return case


def bug_in(operation: APIOperation, known: dict[str, str], session: requests.Session) -> str | None:
    """Send requests that fit the description, and some that do not; return a 5xx answer."""
    bugs = []
    is_alike = operation.path.startswith((*OTHER_KINDS, *OTHER_GENERATION))

    @settings(
        max_examples=EXAMPLES_OF_OTHER_KINDS if is_alike else EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE),
        of_known=st.booleans(),
    )
    def walk(case: Case, of_known: bool) -> None:
        if of_known:
            case = with_known(case, known)
        response = case.call(session=session)
        if response.status_code >= 500:
            bugs.append(f"{response.text} to {case.as_curl_command()}")

    walk()
    return bugs[0] if bugs else None


@pytest.mark.slow
def test_no_request_is_answered_as_a_bug(
    operations: list[APIOperation], known: dict[str, str], session: requests.Session
) -> None:
    assert len(operations) > 30
    answers = {operation.label: bug_in(operation, known, session) for operation in operations}
    bugs = {label: bug for label, bug in answers.items() if bug is not None}
    assert bugs == {}, json.dumps(bugs, indent=1)
