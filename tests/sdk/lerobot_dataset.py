"""A small real LeRobot dataset, version 3: three episodes, two cameras, shared files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from scheduling import same_scheduling

FPS = 10
LENGTHS = (5, 7, 4)
STATE_NAMES = ["shoulder.pos", "gripper.pos"]
ACTION_NAMES = ["shoulder.pos", "elbow.pos", "gripper.pos"]
TOP, WRIST = "observation.images.top", "observation.images.wrist"
SIZE_WH = (64, 48)
CODECS = {
    TOP: ("libx264", {"x264-params": "bframes=2:b-adapt=0:keyint=4"}),
    WRIST: ("libsvtav1", {"g": "4"}),
}
"""Frames are stored in another order than shown; no episode but the first has a key frame at
its beginning. LeRobot itself writes AV1."""
CAMERA_FILES = {TOP: ((0, 1, 2),), WRIST: ((0, 1), (2,))}
"""Which episodes each file of a camera holds."""


def gray(camera: str, episode: int, frame: int) -> int:
    """Return how bright a frame of a camera is: different in each."""
    number = sum(LENGTHS[:episode]) + frame
    return 20 + 13 * number if camera == TOP else 230 - 13 * number


def state(episode: int, frame: int) -> list[float]:
    return [episode + frame / 8, -frame / 4]


def action(episode: int, frame: int) -> list[float]:
    return [episode + frame / 8, 0.5, frame / 2]


def write_dataset(root: Path, **info: Any) -> Path:
    """Write a dataset into a folder and return it; `info` changes what it says of itself."""
    features = {
        "observation.state": {"dtype": "float32", "shape": [2], "names": STATE_NAMES},
        "action": {"dtype": "float32", "shape": [3], "names": {"motors": ACTION_NAMES}},
        TOP: {"dtype": "video", "shape": [48, 64, 3], "names": ["height", "width", "channels"]},
        WRIST: {"dtype": "video", "shape": [48, 64, 3], "names": ["height", "width", "channels"]},
        "timestamp": {"dtype": "float32", "shape": [1], "names": None},
    }
    described = {"codebase_version": "v3.0", "fps": FPS, "features": features, **info}
    _text(root / "meta/info.json", json.dumps(described))
    write_frames(root / "data/chunk-000/file-000.parquet", (0, 1))
    write_frames(root / "data/chunk-000/file-001.parquet", (2,))
    _episodes(root / "meta/episodes/chunk-000/file-000.parquet")
    for camera, files in CAMERA_FILES.items():
        for number, episodes in enumerate(files):
            write_video(root / f"videos/{camera}/chunk-000/file-{number:03d}.mp4", camera, episodes)
    return root


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _table(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows), path)


def write_frames(path: Path, episodes: tuple[int, ...]) -> None:
    """Write the frames of episodes into one table."""
    rows = [
        {
            "observation.state": state(episode, frame),
            "action": action(episode, frame),
            "timestamp": frame / FPS,
            "frame_index": frame,
            "episode_index": episode,
            "task_index": 0,
        }
        for episode in episodes
        for frame in range(LENGTHS[episode])
    ]
    _table(path, rows[::-1])  # their order in the file means nothing


def _episodes(path: Path) -> None:
    rows = []
    for episode, length in enumerate(LENGTHS):
        row = {
            "episode_index": episode,
            "tasks": ["Pick the cube"],
            "length": length,
            "data/chunk_index": 0,
            "data/file_index": 1 if episode == 2 else 0,
            "stats/action/mean": [0.0, 0.0, 0.0],
        }
        for camera, files in CAMERA_FILES.items():
            number = next(n for n, held in enumerate(files) if episode in held)
            before = sum(LENGTHS[one] for one in files[number] if one < episode)
            row |= {
                f"videos/{camera}/chunk_index": 0,
                f"videos/{camera}/file_index": number,
                f"videos/{camera}/from_timestamp": before / FPS,
                f"videos/{camera}/to_timestamp": (before + length) / FPS,
            }
        rows.append(row)
    _table(path, rows)


def write_video(path: Path, camera: str, episodes: tuple[int, ...]) -> None:
    """Write what a camera saw in episodes into one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with same_scheduling(), av.open(path, "w") as file:
        codec, options = CODECS[camera]
        stream = file.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuv420p"
        for episode in episodes:
            for frame in range(LENGTHS[episode]):
                pixels = np.full((*SIZE_WH[::-1], 3), gray(camera, episode, frame), np.uint8)
                file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
