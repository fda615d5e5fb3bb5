"""The official clients, each in an environment of its own, and what their scenarios found."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from venvs import official_python

RUNNER = Path(__file__).parent / "run_scenarios.py"
GIVE_UP_S = 300

Tracebacks = dict[str, str | None]


@pytest.fixture(scope="session")
def official() -> Callable[[str], Path]:
    """Give the interpreter that has a release of the official client."""
    return official_python


@pytest.fixture(scope="session")
def ran() -> dict[tuple[str, ...], Tracebacks]:
    """Keep what each process found, so that one process serves all tests of a module."""
    return {}


@pytest.fixture
def scenarios(
    environment: dict[str, str],
    official: Callable[[str], Path],
    ran: dict[tuple[str, ...], Tracebacks],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, str], Tracebacks]:
    """Run the scenarios of a module with a release: their names and tracebacks."""

    def run(version: str, module: str) -> Tracebacks:
        key = (environment["FASTLABEL_API_URL"], version, module)
        if key not in ran:
            folder = tmp_path_factory.mktemp(f"{module}-{version}")
            ran[key] = _run(official(version), version, module, environment, folder)
        return ran[key]

    return run


def _run(
    python: Path, version: str, module: str, environment: dict[str, str], folder: Path
) -> Tracebacks:
    done = subprocess.run(
        [python, "-I", RUNNER, module],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=GIVE_UP_S,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{module} with {version} stopped:\n{done.stderr[-4000:]}", pytrace=False)
    report = json.loads(done.stdout)
    assert report["release"] == version
    return {result["name"]: result["traceback"] for result in report["results"]}
