"""The examples of the documentation are run, and their commands looked up."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pycocotools.coco import COCO

from docs.markdown import DOCUMENTS, ROOT, blocks, prose
from fastlabel import Client
from fastlabel.cli import build_app

WITH_PYTHON = [
    str(path.relative_to(ROOT))
    for path in DOCUMENTS
    if any(block.language == "python" for block in blocks(path))
]
GUIDES = [
    "README.md",
    "docs/annotations.md",
    "docs/coco.md",
    "docs/datasets-and-tasks.md",
    "docs/datasets.md",
    "docs/exports.md",
    "docs/formats.md",
    "docs/imports.md",
    "docs/integration.md",
    "docs/modalities.md",
    "docs/operating.md",
    "docs/sdk.md",
    "docs/training-data.md",
]
NEEDED = {"docs/training-data.md": ("torch", "datasets")}
"""Packages that the examples of a guide import, which developers do not need otherwise."""
PIXEL_TOLERANCE = 0.02

RunDocument = Callable[[str], dict[str, Any]]


def test_every_guide_has_examples() -> None:
    assert sorted(WITH_PYTHON) == GUIDES


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_PYTHON)
def test_every_example_runs_and_prints_what_is_written(
    name: str, run_document: RunDocument
) -> None:
    for package in NEEDED.get(name, ()):
        pytest.importorskip(package)
    assert run_document(name)


def test_the_readme_keeps_its_promise(run_document: RunDocument) -> None:
    """Annotations come back as they were sent, and the COCO file has their areas."""
    variables = run_document("README.md")
    sent = _literal_argument("create_image_task", "annotations")
    read = variables["client"].find_image_task(variables["task_id"])["annotations"]
    fields = ("type", "value", "points", "rotation")
    assert [[one.get(field, 0) for field in fields] for one in sent] == [
        [one[field] for field in fields] for one in read
    ]
    assert [
        {attribute["key"]: attribute["value"] for attribute in one["attributes"]} for one in read
    ] == [{"kind": "Scottish fold"}, {}]

    coco = COCO("output/coco/annotations.json")
    by_name = {
        coco.loadCats(one["category_id"])[0]["name"]: one for one in coco.loadAnns(coco.getAnnIds())
    }
    # 200 x 160, and the same less a hollow of 40 x 30.
    assert {name: one["area"] for name, one in by_name.items()} == {"cat": 32000, "fur": 30800}
    # The box's corners are turned out of the picture, so only the other one is all in the mask.
    assert coco.annToMask(by_name["fur"]).sum() == pytest.approx(30800, rel=PIXEL_TOLERANCE)


def _literal_argument(method: str, name: str) -> Any:
    """Return what the README passes to a method, read from its source."""
    source = next(block.text for block in blocks(ROOT / "README.md") if block.language == "python")
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    (call,) = (
        call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == method
    )
    return next(ast.literal_eval(one.value) for one in call.keywords if one.arg == name)


def _shell_lines() -> Iterator[tuple[str, str]]:
    for path in DOCUMENTS:
        for block in blocks(path):
            if block.language == "sh":
                for line in block.text.replace("\\\n", " ").splitlines():
                    yield str(path.relative_to(ROOT)), line


COMMANDS = [
    (name, words)
    for name, line in _shell_lines()
    for words in re.findall(r"(?:^|\| |\$\()(?:\S+/)?fastlabel ([^|&;)#]+)", line)
]


@pytest.mark.parametrize(("name", "words"), COMMANDS)
def test_every_command_exists_with_its_options(name: str, words: str) -> None:
    _parse(typer.main.get_command(build_app()), shlex.split(words))


def _parse(command: Any, words: list[str]) -> None:
    """Read a command line without running it; what does not fit raises a UsageError."""
    context = command.make_context(command.name, words)
    if hasattr(command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        _, found, words = command.resolve_command(context, rest)
        _parse(found, words)


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = [found for _, line in _shell_lines() for found in re.findall(r"^make (\w+)", line)]
    assert named
    assert set(named) <= set(re.findall(r"^(\w+):", makefile, flags=re.M))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_prose_names_methods_that_exist(path: Path) -> None:
    for method in re.findall(r"`client\.(\w+)", prose(path)):
        assert hasattr(Client("a-token"), method), method
