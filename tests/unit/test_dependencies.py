"""What the packages import is what installing them brings: the tests' own tools hide the rest."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("fastlabel", "fastlabel_server")
OPTIONAL = {
    "fastlabel": ("robotics", "parquet", "torch", "huggingface", "ml"),
    "fastlabel_server": ("server", "ml"),
}
"""Extras whose distributions a package may import, beside those that everybody has."""
PROVIDED = {
    "anyio": "fastapi",
    "markupsafe": "jinja2",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
    "typing_extensions": "pydantic",
}
"""What a dependency brings and is imported by name."""


def imported(package: str) -> Iterator[tuple[str, Path]]:
    """Yield the first name of everything that a package imports, wherever in its files."""
    for path in sorted((ROOT / "src" / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            for name in names:
                yield name.partition(".")[0], path.relative_to(ROOT)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("package", PACKAGES)
def test_everything_that_is_imported_is_a_dependency(package):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in OPTIONAL[package]:
        wanted += project["optional-dependencies"][extra]
    declared = {normal(re.split(r"[\[<>=!~; ]", each)[0]) for each in wanted}
    distributions = packages_distributions()

    missing = {
        f"{name} in {path}"
        for name, path in imported(package)
        if name not in sys.stdlib_module_names
        and name not in PACKAGES
        and PROVIDED.get(name, "") not in declared
        and declared.isdisjoint(normal(each) for each in distributions.get(name, [name]))
    }

    assert missing == set()
