"""Run every scenario of one module against a live server, inside an official client's environment.

    python -I run_scenarios.py MODULE

Prints one JSON object: the release in use and, for each scenario, its name and its traceback
(null when it passed). Whatever else is printed goes to standard error.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

HERE = str(Path(__file__).parent)
STUCK_S = 280

# `-I` keeps PYTHONPATH out of the environment, and with it the folder of this file.
sys.path.insert(0, HERE)


def main(module_name: str) -> None:
    release = version("fastlabel")
    # The official client sets no timeouts: say where it hangs instead of hanging with it.
    faulthandler.dump_traceback_later(STUCK_S, exit=True)
    with redirect_stdout(sys.stderr):
        module = importlib.import_module(f"scenarios.{module_name}")
        results = [
            {"name": scenario.__name__, "traceback": _run(scenario)}
            for scenario in _scenarios(module, release)
        ]
    print(json.dumps({"release": release, "results": results}))


def _scenarios(module: ModuleType, release: str) -> list[Callable[[], None]]:
    return [
        value
        for name, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", None) == module.__name__
        and not name.startswith("_")
        and getattr(value, "since", release) == release
    ]


def _run(scenario: Callable[[], None]) -> str | None:
    try:
        scenario()
    except Exception as error:
        return _told(error)
    return None


def _told(error: BaseException) -> str:
    """Return the traceback through our own files, without those of the official client."""
    trace = traceback.TracebackException.from_exception(error)
    inside: traceback.TracebackException | None = trace
    while inside is not None:
        ours = [frame for frame in inside.stack if frame.filename.startswith(HERE)]
        inside.stack = traceback.StackSummary.from_list(ours)
        inside = inside.__cause__ or inside.__context__
    return "".join(trace.format())


if __name__ == "__main__":
    main(sys.argv[1])
