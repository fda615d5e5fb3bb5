"""FFmpeg's own programs, as an independent opinion of what is in a file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any


def find_program(name: str) -> str:
    """Return the path of ffmpeg or ffprobe.

    Raises:
        FileNotFoundError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"no {name} found: install the package `ffmpeg`")
    return path


def probed(path: Path) -> dict[str, Any]:
    """Return what ffprobe finds in the first video of a file, with all its frames decoded."""
    fields = "stream=width,height,duration,nb_read_frames:frame=pts_time"
    answer = _output("ffprobe", "-select_streams", "v:0", "-count_frames",
                     "-show_entries", fields, "-of", "json", str(path))  # fmt: skip
    found = json.loads(answer)
    return {
        **found["streams"][0],
        "times": [float(frame["pts_time"]) for frame in found["frames"]],
    }


def decoded(path: Path, *options: str) -> bytes:
    """Return what ffmpeg decodes of a file, as bare numbers."""
    return _output("ffmpeg", "-i", str(path), *options, "-")


def converted(source: Path, target: Path, *options: str, before: tuple[str, ...] = ()) -> Path:
    """Have ffmpeg write a file anew; return it."""
    _output("ffmpeg", "-y", *before, "-i", str(source), *options, str(target))
    return target


def _output(program: str, *arguments: str) -> bytes:
    done = subprocess.run(
        [find_program(program), "-v", "error", *arguments], capture_output=True, check=True
    )
    return done.stdout
