"""Datasets and objects to try something on, and short ways to ask for them."""

from __future__ import annotations

import inspect
from typing import Any

from scenarios.pictures import png, saved
from scenarios.support import (
    client,
    names,
    unique,
)

TAKES_LICENSES = "licenses" in inspect.signature(client.create_dataset_object).parameters


def new_dataset(**options: Any) -> dict[str, Any]:
    return client.create_dataset(name=unique("set"), **options)


def new_object(dataset: dict[str, Any], name: str = "a.png", **options: Any) -> dict[str, Any]:
    """Put a picture of 40 x 30 pixels into a dataset."""
    path = saved(png(), "any.png")
    return client.create_dataset_object(
        dataset=dataset["name"], name=name, file_path=path, **options
    )


def newest_revision(dataset: dict[str, Any]) -> str:
    return client.find_dataset(dataset["id"])["revisionId"]


def listed(dataset: dict[str, Any], **filters: Any) -> list[str]:
    return names(client.get_dataset_objects(dataset=dataset["name"], **filters))


def set_type(dataset: dict[str, Any], name: str, kind: str) -> None:
    """Give an object a type, for which the client has no method."""
    body = {"datasetId": dataset["id"], "objectName": name, "type": kind}
    client.api.put_request("dataset-objects-v2", payload=body)
