"""Virtual environments that hold one official client of PyPI each, unmodified."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "compat"

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    # The OpenCV build that 0.14.13 pins does not import beside numpy 2.
    "0.14.13": ("fastlabel==0.14.13", "numpy<2"),
    "0.26.0": ("fastlabel==0.26.0",),
}


def official_python(version: str, cache: Path = CACHE) -> Path:
    """Return the interpreter of an environment with that release, made at the first call.

    The stamp is written last and holds what was installed: an environment whose creation was
    interrupted, or whose requirements changed since, is made anew. Processes that ask at the
    same time wait for the first one.

    Raises:
        RuntimeError: installation or import failed; says what the tool said.
    """
    return environment_python(version, REQUIREMENTS[version], "fastlabel", cache)


def environment_python(
    name: str, requirements: tuple[str, ...], module: str | None = None, cache: Path = CACHE
) -> Path:
    """Return the interpreter of an environment with packages of PyPI, otherwise as above.

    Args:
        module: is imported to see whether the environment works; by default `name`.
    """
    home = cache / name
    stamp = home / "installed.txt"
    wanted = "\n".join((*requirements, sys.version))
    with _locked(cache / f"{name}.lock"):
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            _make(home, requirements, module or name)
            stamp.write_text(wanted, encoding="utf-8")
    return _python(home)


def _python(home: Path) -> Path:
    return home / "bin" / "python"


def _make(home: Path, requirements: tuple[str, ...], module: str) -> None:
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    _run(
        _python(home), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        *requirements,
        hint="the packages come from PyPI",
    )  # fmt: skip
    _run(
        _python(home), "-I", "-c", f"import {module}",
        hint="OpenCV needs the system packages libgl1 and libglib2.0-0",
    )  # fmt: skip


def _run(*command: str | Path, hint: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout)[-2000:]
        raise RuntimeError(f"{' '.join(map(str, command))} failed ({hint}):\n{said}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
