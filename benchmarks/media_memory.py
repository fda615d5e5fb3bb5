"""The largest file of each modality, and the memory of the server while it comes in.

Each is sent twice: by the official client, as base64 in JSON, and by ours, as it is. The
server receives it, reads all of it to measure it, and stores it.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PIL import Image
from tests.compat.venvs import official_python

from benchmarks import table
from benchmarks.memory import watched
from benchmarks.official import OFFICIAL, run_script
from benchmarks.server import Server, running_server
from benchmarks.table import Row, Table
from benchmarks.workbench import Workbench
from fastlabel.modalities.video import MP4

NOISE_PICTURES = 8
SIZE_WH = (640, 360)
PICTURES = 250
"""As many as a sequence takes; of 1.6 MB each, so that they fit as base64 as well."""


@dataclass(frozen=True)
class Load:
    """A file of a modality, and the method of either client that makes a task of it."""

    work: str
    project_type: str
    method: str
    file_name: str
    write: Callable[[Path], None]
    takes_name: bool = True
    """Otherwise the task is named like the file."""
    argument: str = "file_path"
    """What the methods call the file, or the folder of the files."""


def write_video(path: Path) -> None:
    """Write noise as H.264, just as large as a video task takes."""
    width, height = SIZE_WH
    dice = np.random.default_rng(1)
    shape = (height * 3 // 2, width)
    pictures = [dice.integers(0, 256, shape, np.uint8) for _ in range(NOISE_PICTURES)]
    size = number = 0
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=30, options={"preset": "ultrafast", "qp": "20"})
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv420p"
        while size < 0.98 * MP4.max_bytes:
            picture = pictures[number % NOISE_PICTURES]
            packets = stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p"))
            size += sum(packet.size for packet in packets)
            number += 1
            file.mux(packets)
        file.mux(stream.encode(None))


def write_sequence(path: Path) -> None:
    """Write as many pictures of noise as a sequence takes, together as large as it may be."""
    path.mkdir()
    dice = np.random.default_rng(1)
    pixels = dice.integers(0, 256, (660, 800, 3), np.uint8)
    picture = path / "000.png"
    Image.fromarray(pixels).save(picture, compress_level=0)
    for number in range(1, PICTURES):
        # A byte of its own for each, or the store would keep one of them.
        pixels[0, 0] = (number, 0, 0)
        Image.fromarray(pixels).save(path / f"{number:03}.png", compress_level=0)


LOADS = (
    Load("250 MB video", "video_bbox", "create_video_task", "clip.mp4", write_video),
    Load(
        f"sequence of {PICTURES} pictures of 1.6 MB",
        "sequential_image_bbox",
        "create_sequential_image_task",
        "sequence",
        write_sequence,
        argument="folder_path",
    ),
)


def run(bench: Workbench) -> Table:
    folder = bench.folder("media-memory")
    folder.mkdir()
    official_python(OFFICIAL)  # its installation does not count
    found = Table(f"The largest files, by the official client {OFFICIAL} and by ours")
    with running_server(bench.folder("media-memory-server")) as server:
        for load in LOADS:
            path = folder / load.file_name
            load.write(path)
            project = server.create_project(load.project_type.replace("_", "-"), load.project_type)
            found.rows += _measure(server, load, project, path)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    return found


def _measure(server: Server, load: Load, project: str, path: Path) -> list[Row]:
    def arguments(name: str) -> dict[str, str]:
        named = {"name": name} if load.takes_name else {}
        return {"project": project, load.argument: str(path), **named}

    rows: list[Row] = []
    with _rows(server, f"{load.work}, base64 in JSON", rows):
        run_script("create_task", server, load.method, json.dumps(arguments("official")))
    with server.client() as client, _rows(server, f"{load.work}, multipart", rows):
        getattr(client, load.method)(**arguments("ours"))
    return rows


@contextmanager
def _rows(server: Server, work: str, rows: list[Row]) -> Iterator[None]:
    """Add rows of what the block took."""
    begin = time.perf_counter()
    with watched(server.pid) as peaks:
        yield
    took = time.perf_counter() - begin
    rows += [
        table.alone(f"{work}: peak of `fastlabel serve`", peaks.resident_mb, "MB", under=1000),
        table.alone(f"{work}: of that not mapped files", peaks.private_mb, "MB"),
        table.alone(f"{work}: time", took, "s"),
    ]
