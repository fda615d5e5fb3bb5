"""The SDK's declarations against the server's own description of its API."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from fastlabel import Client
from fastlabel_server.app import create_app
from fastlabel_server.settings import Settings

DECLARED = {
    name: method.endpoint
    for name, method in inspect.getmembers(Client, inspect.isfunction)
    if getattr(method, "endpoint", None) is not None
}

WAITING = {"wait", "timeoutS"}
RESOLVED_BY_THE_SDK = {
    "update_classification_annotation": {"project"},
    "find_sequential_pcd_task": {"project", "taskName"},
    "create_dicom_task": {"filePath"},
    "import_robotics_contents_file": {"filePath"},
    "import_appendix_file": {"filePath"},
    "create_task_comment": {"commentId"},
    "restore_dataset": WAITING,
    "set_dataset_types": WAITING,
    "split_dataset_objects": WAITING,
    "register_dataset_tasks": WAITING,
    "create_dataset_objects_from_tasks": WAITING,
}
"""Arguments that the SDK turns into others with further requests."""


@pytest.fixture(scope="module")
def openapi(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("openapi"), secret_key="secret")
    return create_app(settings).openapi()


def _anonymous(path: str) -> str:
    """Return a path without the names of its parameters, which the two sides may choose."""
    return re.sub(r"{\w+}", "{}", path)


def _operation(openapi: dict[str, Any], verb: str, path: str) -> dict[str, Any]:
    for known, operations in openapi["paths"].items():
        if _anonymous(known) == _anonymous(f"/v1/{path}"):
            return operations.get(verb.lower(), {})
    return {}


def _body_fields(openapi: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return set(schema["properties"])


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_the_server_has_every_request_of_the_sdk(name: str, openapi: dict[str, Any]) -> None:
    endpoint = DECLARED[name]
    assert _operation(openapi, endpoint.verb, endpoint.path), endpoint


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_the_server_knows_every_argument_of_the_sdk(name: str, openapi: dict[str, Any]) -> None:
    endpoint = DECLARED[name]
    operation = _operation(openapi, endpoint.verb, endpoint.path)
    sent = {
        endpoint.names.get(argument) or _camel_case(argument)
        for argument, parameter in list(endpoint.signature.parameters.items())[1:]
        if parameter.kind is not parameter.VAR_KEYWORD and argument not in endpoint.in_path
    } - {"idempotencyKey"}
    if endpoint.has_body and "requestBody" in operation:
        known = _body_fields(openapi, operation)
    else:
        known = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
    # Files go into parts of their own; what stands for them is a path on the caller's disk.
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        sent -= {"filePath", "folderPath"}
    sent -= RESOLVED_BY_THE_SDK.get(name, set())
    assert sent <= known, (endpoint, sent - known)


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
