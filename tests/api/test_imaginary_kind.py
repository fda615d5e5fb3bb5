"""A kind of task that nobody has written: its description alone makes it work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_description_and_a_probe_make_a_kind_of_task(tmp_path: Path) -> None:
    script = Path(__file__).with_name("imaginary_kind.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    task = found["task"]
    assert found["created"] is True
    assert [(one["name"], one["strength"]) for one in task["contents"]] == [
        ("a.nose", 4),
        ("b.nose", 6),
    ]
    assert (task["noseName"], task["priority"]) == ("Cyrano", 10)
    [rose] = task["annotations"]
    assert (rose["content"], rose["start"], rose["end"], rose["title"]) == (
        "a.nose",
        1,
        2.5,
        "Rose",
    )
    assert found["listed"] == ["garden"]
    assert found["beyond"] == 422
    wrong_file, wrong_name, no_content, backwards = found["refusals"]
    assert wrong_file == "a.nose: nothing to smell"
    assert wrong_name == "a.png: smell tasks take .nose files"
    assert no_content.startswith("annotations[0].content: the task has no file 'c.nose'")
    assert backwards.startswith("annotations[0].end: expected no less than start 1")
