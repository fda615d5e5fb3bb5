"""Facts that stand both in the code and in the documentation."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path

import pytest

from docs.markdown import DOCUMENTS, ROOT, anchors, links, table
from fastlabel import AsyncClient, Client
from fastlabel.modalities import PROJECT_TYPES
from fastlabel_server.access import PROJECT_ROLES, STATUS_RIGHTS, Right
from fastlabel_server.settings import PREFIX, Settings

OPERATING = ROOT / "docs" / "operating.md"
ANNOTATIONS = ROOT / "docs" / "annotations.md"
YES = "yes"


def test_the_settings_are_those_of_the_code() -> None:
    header, *rows = table(OPERATING, "Setting")
    assert header == ["Setting", "Default", "What it does"]
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows}
    assert documented == {PREFIX + one.name.upper(): str(one.default) for one in fields(Settings)}
    assert all(row[2] for row in rows)


def test_the_roles_have_the_rights_of_the_code() -> None:
    header, *rows = table(OPERATING, "Role")
    rights = list(Right)
    assert len(header) == len(rights) + 1
    documented = {}
    for names, *cells in rows:
        for name in names.split(", "):
            documented[name.strip("`")] = {
                right for right, cell in zip(rights, cells, strict=True) if cell == YES
            }
    assert documented == PROJECT_ROLES


def test_the_statuses_need_the_rights_of_the_code() -> None:
    _, *rows = table(ANNOTATIONS, "Status")
    documented = {row[0].strip("`"): row[-1] for row in rows}
    assert documented == {status: right.name.lower() for status, right in STATUS_RIGHTS.items()}


def test_the_project_types_take_the_classes_of_the_code() -> None:
    _, *rows = table(ANNOTATIONS, "Project type")
    documented = {row[0].strip("`"): tuple(row[1].replace("`", "").split(", ")) for row in rows}
    assert documented == {one.name: one.class_types for one in PROJECT_TYPES.values()}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_every_public_method_has_a_docstring(client: type) -> None:
    methods = {
        name: method
        for name, method in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_")
    }
    assert "create_image_task" in methods
    assert [name for name, method in methods.items() if not (method.__doc__ or "").strip()] == []
