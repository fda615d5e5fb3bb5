"""The clients themselves: settings, declared methods as a whole, what importing costs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

from fastlabel import AsyncClient, Client
from fastlabel.client import Resources
from sdk import async_stub
from sdk.scripted_server import ScriptedServer

METHODS = [name for name in dir(Resources) if not name.startswith("_")]


@pytest.fixture(params=[Client, AsyncClient])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_settings_come_from_the_environment(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTLABEL_ACCESS_TOKEN", "from-env\n")
    monkeypatch.setenv("FASTLABEL_API_URL", "http://labels.example/v1")

    assert kind().api.access_token == "from-env"
    assert kind().api.base_url == "http://labels.example/v1/"
    assert kind("given", api_url="https://x/v1/").api.access_token == "given"
    assert kind("given", api_url="https://x/v1/").api.base_url == "https://x/v1/"


def test_the_default_server_is_the_local_one(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTLABEL_API_URL", "")

    assert kind("t").api.base_url == "http://127.0.0.1:8000/v1/"


@pytest.mark.parametrize("token", ["", " ", "tökén"])
def test_a_client_without_a_token_is_refused(
    kind: Any, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FASTLABEL_ACCESS_TOKEN", raising=False)

    with pytest.raises(ValueError, match="token"):
        kind(token)


def test_an_address_that_is_no_url_is_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"'labels\.example/v1/': expected http"):
        kind("t", api_url="labels.example/v1/")


def test_the_token_travels_in_the_header(script: ScriptedServer, dry_client: Client) -> None:
    dry_client.get_projects()

    assert script.received[0].headers["Authorization"] == "Bearer a-token"
    assert script.received[0].headers["User-Agent"].startswith("fastlabel-python/")


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_documented_and_knows_its_endpoint(name: str) -> None:
    method = getattr(Client, name)

    assert inspect.getdoc(method), name
    signature = inspect.signature(method)
    assert not str(signature.return_annotation).startswith(("Call", "Steps", "Pages"))
    defaults = [parameter.default for parameter in signature.parameters.values()]
    assert not [default for default in defaults if isinstance(default, list | dict)]
    if method.endpoint is not None:
        assert method.endpoint.verb in ("GET", "POST", "PUT", "DELETE")
        assert not method.endpoint.path.startswith("/")
        assert set(method.endpoint.in_path) <= set(signature.parameters)


def test_methods_without_an_endpoint_are_made_of_others() -> None:
    composed = [name for name in METHODS if getattr(Client, name).endpoint is None]

    assert composed == [
        "convert_coco_to_fastlabel",
        "convert_labelme_to_fastlabel",
        "convert_pascalvoc_to_fastlabel",
        "convert_yolo_to_fastlabel",
        "create_image_tasks_from_folder",
        "download_dataset_objects",
        "download_export",
        "export_coco",
        "export_image_with_annotations",
        "export_instance_segmentation",
        "export_labelme",
        "export_pascalvoc",
        "export_project",
        "export_semantic_segmentation",
        "export_yolo",
        "import_dataset",
        "import_folder",
        "import_lerobot",
        "import_manifest",
        "mask_to_fastlabel_segmentation_points",
        "pull_dataset",
        "push_dataset",
        "upload_dataset_objects",
        "wait_for_dataset_job",
        "wait_for_export",
        "wait_for_history",
    ]


def test_the_stub_of_the_async_client_is_up_to_date() -> None:
    assert async_stub.STUB.read_text(encoding="utf-8") == async_stub.stub(), (
        "run: python tests/sdk/async_stub.py"
    )


def test_importing_loads_nothing_heavy_and_leaves_logging_alone() -> None:
    script = """
import logging, sys
before = (logging.root.level, list(logging.root.handlers))
from fastlabel import *
heavy = {"httpx", "asyncio", "rich", "typer", "numpy", "cv2", "PIL", "pydantic", "fastlabel_server"}
print(sorted(heavy & sys.modules.keys()), (logging.root.level, logging.root.handlers) == before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[] True\n"


def test_formats_and_shapes_come_without_the_client() -> None:
    """Servers and workers use them, and start sooner so."""
    script = """
import sys
import fastlabel.formats, fastlabel.shapes
print(sorted(name for name in sys.modules if name in ("fastlabel.client", "fastlabel.bulk")))
print("Client" in dir(fastlabel), fastlabel.Client.__name__, hasattr(fastlabel, "Nothing"))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\nTrue Client False\n"
