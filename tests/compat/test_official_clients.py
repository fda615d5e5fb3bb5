"""The unmodified official clients of PyPI do everything they document, against a live server.

Each function of `scenarios/` is one test per release. They run inside the release's own
environment, one process per module; this file reads their names and reports the outcome.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from venvs import REQUIREMENTS

SCENARIOS = Path(__file__).parent / "scenarios"
SHARED = ("__init__", "support", "pictures")
LATEST = "0.26.0"


def _every_scenario() -> Iterator[object]:
    for path in sorted(SCENARIOS.glob("*.py")):
        if path.stem in SHARED:
            continue
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
                continue
            later = any(ast.unparse(mark) == "later" for mark in function.decorator_list)
            for version in (LATEST,) if later else REQUIREMENTS:
                group = pytest.mark.xdist_group(f"{path.stem}-{version}")
                yield pytest.param(
                    version,
                    path.stem,
                    function.name,
                    id=f"{version}-{path.stem}-{function.name}",
                    marks=group,
                )


@pytest.mark.compat
# The first test of a release waits for its environment to be made.
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("version", "module", "scenario"), list(_every_scenario()))
def test_official_client(
    version: str,
    module: str,
    scenario: str,
    scenarios: Callable[[str, str], dict[str, str | None]],
) -> None:
    found = scenarios(version, module)
    assert scenario in found, f"{scenario} did not run; {sorted(found)} did"
    if found[scenario] is not None:
        pytest.fail(found[scenario], pytrace=False)
