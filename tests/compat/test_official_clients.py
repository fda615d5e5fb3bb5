"""The unmodified official clients of PyPI do everything they document, against a live server.

Each function of `scenarios/` is one test per release. They run inside the release's own
environment, one process per module; this file reads their names and reports the outcome.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from compat.venvs import REQUIREMENTS

SCENARIOS = Path(__file__).parent / "scenarios"
SHARED = ("__init__", "support", "pictures", "archives", "dataset_calls")
NEEDS_A_BUCKET = ("aws_s3", "integrated_images")
MODULES = sorted(path.stem for path in SCENARIOS.glob("*.py") if path.stem not in SHARED)
LATEST = "0.26.0"

RunScenarios = Callable[[Mapping[str, str], str, str], dict[str, str | None]]

pytestmark = [
    pytest.mark.compat,
    # The first test of a release waits for its environment to be made.
    pytest.mark.timeout(1200),
]


def _scenarios(module: str) -> list[object]:
    source = (SCENARIOS / f"{module}.py").read_text(encoding="utf-8")
    return [
        pytest.param(
            version,
            module,
            function.name,
            id=f"{version}-{module}-{function.name}",
            marks=pytest.mark.xdist_group(f"{version}-{module}"),
        )
        for function in ast.parse(source).body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        for version in _releases(function)
    ]


def _releases(function: ast.FunctionDef) -> tuple[str, ...]:
    later = any(ast.unparse(mark) == "later" for mark in function.decorator_list)
    return (LATEST,) if later else tuple(REQUIREMENTS)


@pytest.mark.parametrize(
    ("version", "module", "scenario"),
    [each for module in MODULES if module not in NEEDS_A_BUCKET for each in _scenarios(module)],
)
def test_official_client(
    version: str,
    module: str,
    scenario: str,
    environment: Mapping[str, str],
    run_scenarios: RunScenarios,
) -> None:
    _report(run_scenarios(environment, version, module), scenario)


@pytest.mark.parametrize(
    ("version", "module", "scenario"),
    [each for module in NEEDS_A_BUCKET for each in _scenarios(module)],
)
def test_official_client_with_a_bucket(
    version: str,
    module: str,
    scenario: str,
    bucket_environment: Mapping[str, str],
    run_scenarios: RunScenarios,
) -> None:
    _report(run_scenarios(bucket_environment, version, module), scenario)


def _report(found: dict[str, str | None], scenario: str) -> None:
    assert scenario in found, f"{scenario} did not run; {sorted(found)} did"
    if found[scenario] is not None:
        pytest.fail(found[scenario], pytrace=False)
