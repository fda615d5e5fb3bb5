"""An episode as the ZIP that fills a robotics task: a video of each camera, and telemetry.

What is slow to import is imported where it is used, as the package brings this module along.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.lerobot.converter import LeRobotConverter
from fastlabel.lerobot.dataset import (
    Camera,
    Episode,
    find_cameras,
    find_episode,
    frames_per_second,
    get_episode_raw_frames,
    load_info,
    numbered,
    required,
)
from fastlabel.types import FilePath

if TYPE_CHECKING:
    from fractions import Fraction

    from av import VideoFrame
    from av.container import InputContainer

CODEC = "mpeg4"
_QUALITY = {"qmin": "2", "qmax": "5"}
"""Of 31; hardly to be told from the original."""


def create_episode_zip(
    lerobot_data_path: FilePath,
    episode_index: int,
    output_dir: FilePath,
    converter: LeRobotConverter | None = None,
    episode: Episode | None = None,
) -> Path:
    """Write `EPISODE.zip` into a folder and return its path.

    In it are a `CAMERA.mp4` for each camera and `EPISODE.json`, the list of the frames. A
    camera without a video file is left out with a warning.

    Args:
        episode: its row of `build_episode_map`, where that is at hand.

    Raises:
        FastLabelInvalidException: 422, something of the episode is missing or damaged, or
            pyarrow or av are not installed.
    """
    converter = converter or LeRobotConverter(load_info(lerobot_data_path))
    raw_frames = get_episode_raw_frames(lerobot_data_path, episode_index, episode)
    frames = [converter.build_telemetry_frame(frame) for frame in raw_frames]
    return write_zip(lerobot_data_path, episode_index, output_dir, converter, frames, episode)


def write_zip(
    lerobot_data_path: FilePath,
    episode_index: int,
    output_dir: FilePath,
    converter: LeRobotConverter,
    frames: Sequence[Mapping[str, Any]],
    episode: Episode | None = None,
) -> Path:
    """Write the ZIP of an episode whose telemetry is there; see `create_episode_zip`."""
    import tempfile
    import zipfile

    root = Path(lerobot_data_path)
    episode = episode if episode is not None else find_episode(root, episode_index)
    name = converter.build_episode_name(episode_index)
    if not name or "/" in name or "\\" in name:
        raise _invalid(f"{name!r}: expected a name of an episode that a file can have")
    cameras = converter.select_cameras(find_cameras(root, converter.meta))
    rate = frames_per_second(converter.meta)
    path = Path(output_dir) / f"{name}.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        tempfile.TemporaryDirectory() as scratch,
    ):
        for camera in cameras:
            source = _video_of(camera, episode)
            if source is None:
                continue
            segment = Path(scratch) / "segment.mp4"
            _cut(source, segment, round(_start_s(camera, episode) * rate), len(frames), rate)
            # Videos do not get smaller.
            archive.write(segment, f"{camera.content_name}.mp4", zipfile.ZIP_STORED)
        archive.writestr(f"{name}.json", _telemetry(frames, name))
    return path


def _video_of(camera: Camera, episode: Episode) -> Path | None:
    """Return the video that an episode is part of, None with a warning if it is missing."""
    chunk = episode.get(f"videos/{camera.key}/chunk_index")
    file = episode.get(f"videos/{camera.key}/file_index")
    path = (
        camera.path if chunk is None or file is None else numbered(camera.path, chunk, file, "mp4")
    )
    if path.is_file():
        return path
    warnings.warn(
        f"{path}: the video of episode {episode['episode_index']} is missing; the camera "
        f"{camera.content_name} is left out",
        stacklevel=2,
    )
    return None


def _start_s(camera: Camera, episode: Episode) -> float:
    return float(episode[f"videos/{camera.key}/from_timestamp"])


def _telemetry(frames: Sequence[Mapping[str, Any]], name: str) -> str:
    try:
        return json.dumps(frames, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise _invalid(f"{name}: a frame cannot be written as JSON: {error}") from error


def _cut(source: Path, target: Path, first: int, count: int, rate: float) -> None:
    """Write `count` frames of a video from the frame number `first` on as a video.

    Raises:
        FastLabelInvalidException: 422, they are not all there, or cannot be decoded.
    """
    from fractions import Fraction

    av = required("av")
    exact_rate = Fraction(rate).limit_denominator(1001)
    written = 0
    try:
        with av.open(source) as reader, av.open(target, "w") as writer:
            stream = writer.add_stream(CODEC, rate=exact_rate, options=_QUALITY)
            source_context = reader.streams.video[0].codec_context
            size_wh = stream.width, stream.height = source_context.width, source_context.height
            stream.pix_fmt = "yuv420p"
            for frame in islice(_frames(reader, first, exact_rate), count):
                picture = frame.reformat(*size_wh, "yuv420p")
                picture.pts, picture.time_base = written, 1 / exact_rate
                writer.mux(stream.encode(picture))
                written += 1
            writer.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise _invalid(f"{source}: the video cannot be read: {error}") from error
    if written < count:
        raise _invalid(f"{source}: expected {count:,} frames from {first:,} on, got {written:,}")


def _frames(reader: InputContainer, first: int, rate: Fraction) -> Iterator[VideoFrame]:
    """Yield the frames of a video from a number on, decoded from the key frame before it."""
    stream = reader.streams.video[0]
    assert stream.time_base is not None
    ticks_per_frame = 1 / (rate * stream.time_base)
    start = stream.start_time or 0
    if first:
        reader.seek(start + round(first * ticks_per_frame), stream=stream)
    for frame in reader.decode(stream):
        if frame.pts is not None and round((frame.pts - start) / ticks_per_frame) >= first:
            yield frame


def _invalid(message: str) -> FastLabelInvalidException:
    return FastLabelInvalidException(message, 422)
