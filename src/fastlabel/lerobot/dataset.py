"""The files of a LeRobot dataset: what it says of itself, its episodes, frames and cameras."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.types import FilePath

STATE, ACTION = "observation.state", "action"
_NOT_IN_TABLES = ("image", "video")
"""Types of features that are no values of frames."""

Episode = Mapping[str, Any]
"""A row of `meta/episodes`: `episode_index`, `length`, where its frames and videos are."""


class Camera(NamedTuple):
    """A camera of a dataset."""

    path: Path
    """The folder of its videos."""
    key: str
    """`observation.images.top`"""
    content_name: str
    """What its file is called in a task, without `.mp4`: `images_top`."""


def load_info(lerobot_data_path: FilePath) -> dict[str, Any]:
    """Return what `meta/info.json` says of a dataset.

    Raises:
        FastLabelInvalidException: 422, no dataset, one of version 2, or one that does not
            name the values of its states and actions.
    """
    root = Path(lerobot_data_path)
    path = root / "meta" / "info.json"
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _invalid(f"{root}: expected a LeRobot dataset, but meta/info.json is missing") from (
            error
        )
    except ValueError as error:
        raise _invalid(f"{path}: no JSON: {error}") from error
    if not isinstance(info, dict) or not isinstance(info.get("features"), dict):
        raise _invalid(f"{path}: expected an object with features")
    version = str(info.get("codebase_version", ""))
    if version.startswith(("v1", "v2")) or any(root.glob("data/chunk-*/episode_*.parquet")):
        raise _invalid(
            f"{root}: expected a LeRobot dataset of version 3, got {version or 'version 2'}; "
            "LeRobot converts older ones: https://huggingface.co/docs/lerobot/lerobot-dataset-v3"
        )
    for feature in (STATE, ACTION):
        names_of(info, feature)
    frames_per_second(info)
    return info


def names_of(info: Mapping[str, Any], feature: str) -> list[str]:
    """Return the names of the values of a feature, in the order of the values.

    Raises:
        FastLabelInvalidException: 422, there are none.
    """
    described = info["features"].get(feature)
    names = described.get("names") if isinstance(described, dict) else None
    if isinstance(names, dict):  # by group, as {"motors": [...]}
        names = [name for group in names.values() for name in group]
    if not names or not all(isinstance(name, str) for name in names):
        raise _invalid(f'meta/info.json: expected names of the values in features["{feature}"]')
    return list(names)


def frames_per_second(info: Mapping[str, Any]) -> float:
    """Return the rate of a dataset.

    Raises:
        FastLabelInvalidException: 422, it has none.
    """
    rate = info.get("fps")
    if not isinstance(rate, int | float) or isinstance(rate, bool) or not 0 < rate < 10_000:
        raise _invalid(f"meta/info.json: expected fps above 0, got {rate!r}")
    return float(rate)


def build_episode_map(lerobot_data_path: FilePath) -> dict[int, Episode]:
    """Return the rows of `meta/episodes` by the number of their episode, in its order.

    Raises:
        FastLabelInvalidException: 422, there are none, or pyarrow is not installed.
    """
    root = Path(lerobot_data_path)
    paths = sorted(root.glob("meta/episodes/chunk-*/file-*.parquet"))
    if not paths:
        raise _invalid(f"{root}: expected meta/episodes/chunk-*/file-*.parquet, found none")
    rows = [row for path in paths for row in _table(path, _without_statistics)]
    return {row["episode_index"]: row for row in sorted(rows, key=lambda row: row["episode_index"])}


def get_episode_indices(lerobot_data_path: FilePath) -> list[int]:
    """Return the numbers of all episodes, in their order."""
    return list(build_episode_map(lerobot_data_path))


def get_episode_raw_frames(
    lerobot_data_path: FilePath, episode_index: int, episode: Episode | None = None
) -> list[dict[str, Any]]:
    """Return the frames of an episode as its table has them, in their order.

    Args:
        episode: its row of `build_episode_map`, where that is at hand.

    Raises:
        FastLabelInvalidException: 422, there is no such episode, or its frames are not all
            there.
    """
    root = Path(lerobot_data_path)
    info = load_info(root)
    episode = episode if episode is not None else find_episode(root, episode_index)
    path = numbered(
        root / "data", episode["data/chunk_index"], episode["data/file_index"], "parquet"
    )
    if not path.is_file():
        raise _invalid(f"{path}: the frames of episode {episode_index} are missing")

    def is_wanted(column: str) -> bool:
        return info["features"].get(column, {}).get("dtype") not in _NOT_IN_TABLES

    frames = _table(path, is_wanted, [("episode_index", "=", episode_index)])
    if len(frames) != episode["length"]:
        raise _invalid(
            f"{path}: expected {episode['length']:,} frames of episode {episode_index}, "
            f"got {len(frames):,}"
        )
    return sorted(frames, key=lambda frame: frame["frame_index"])


def find_episode(lerobot_data_path: FilePath, episode_index: int) -> Episode:
    """Return the row of an episode.

    Raises:
        FastLabelInvalidException: 422, there is no such episode.
    """
    episodes = build_episode_map(lerobot_data_path)
    check_episodes(episodes, [episode_index])
    return episodes[episode_index]


def check_episodes(episodes: Mapping[int, Episode], wanted: list[int]) -> None:
    """Refuse numbers of episodes that a dataset has not.

    Raises:
        FastLabelInvalidException: 422.
    """
    unknown = [number for number in wanted if number not in episodes]
    if unknown:
        raise _invalid(
            f"episode_indices: the dataset has {len(episodes):,} episodes, and none with the "
            f"number {unknown[0]}"
        )


def find_cameras(lerobot_data_path: FilePath, info: Mapping[str, Any]) -> list[Camera]:
    """Return the cameras of a dataset, in the order of its features."""
    return [
        Camera(
            Path(lerobot_data_path) / "videos" / key,
            key,
            key.removeprefix("observation.").replace(".", "_"),
        )
        for key, feature in info["features"].items()
        if isinstance(feature, dict) and feature.get("dtype") == "video"
    ]


def numbered(folder: Path, chunk: int, file: int, extension: str) -> Path:
    """Return the path of a file that several episodes share."""
    return folder / f"chunk-{chunk:03d}" / f"file-{file:03d}.{extension}"


def required(module: str) -> Any:
    """Import what only the extra `robotics` installs.

    Raises:
        FastLabelInvalidException: 422, it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise _invalid(
            f"LeRobot datasets need {module.partition('.')[0]}: "
            "pip install 'fastlabel[robotics]' installs it"
        ) from error


def _without_statistics(column: str) -> bool:
    return not column.startswith("stats/")


def _table(
    path: Path, is_wanted: Any, filters: list[tuple[str, str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Read the wanted columns of a table, and the rows that pass the filters."""
    parquet = required("pyarrow.parquet")
    pyarrow = required("pyarrow")
    try:
        columns = [name for name in parquet.read_schema(path).names if is_wanted(name)]
        rows: list[dict[str, Any]] = parquet.read_table(
            path, columns=columns, filters=filters
        ).to_pylist()
    except pyarrow.ArrowException as error:
        raise _invalid(f"{path}: no table that can be read: {error}") from error
    return rows


def _invalid(message: str) -> FastLabelInvalidException:
    return FastLabelInvalidException(message, 422)
