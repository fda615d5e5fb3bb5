"""The official client from PyPI, run unmodified in an environment of its own.

The scripts are run in isolated mode, so that nothing of this project is found by their imports.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.compat.venvs import official_python

from benchmarks.server import Server

OFFICIAL = "0.26.0"
SCRIPTS = Path(__file__).parent / "scripts"


def start_script(
    name: str, server: Server, *arguments: str | Path, python: Path | None = None
) -> subprocess.Popen[str]:
    """Start a script with the official client, or with what `python` has."""
    return subprocess.Popen(
        [python or official_python(OFFICIAL), "-I", SCRIPTS / f"{name}.py", *arguments],
        env=server.client_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run_script(
    name: str,
    server: Server,
    *arguments: str | Path,
    stdin: str = "",
    python: Path | None = None,
) -> str:
    """Run a script with the official client, or with what `python` has; return what it prints.

    Raises:
        RuntimeError: it failed.
    """
    return result_of(start_script(name, server, *arguments, python=python), stdin)


def result_of(script: subprocess.Popen[str], stdin: str = "") -> str:
    """Wait for a script and return what it prints.

    Raises:
        RuntimeError: it failed.
    """
    answer, _ = script.communicate(stdin)
    if script.returncode:
        raise RuntimeError(f"{script.args!r} exited with {script.returncode}")
    return answer
