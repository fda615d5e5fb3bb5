"""Episodes of robots, imported from a LeRobot dataset: a task each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastlabel.endpoint import composed
from fastlabel.exceptions import FastLabelException
from fastlabel.imports import Imports
from fastlabel.lerobot import (
    LeRobotConverter,
    build_episode_map,
    get_episode_raw_frames,
    load_info,
)
from fastlabel.lerobot.dataset import Episode, check_episodes
from fastlabel.lerobot.zips import write_zip
from fastlabel.steps import Resource, Steps, ask, attempted, blocking
from fastlabel.tasks.robotics import RoboticsTasks
from fastlabel.types import EpisodeResult, FilePath, History


class Episodes(Resource):
    @composed
    def import_lerobot(
        self,
        project: str,
        lerobot_data_path: FilePath,
        episode_indices: Sequence[int] | None = None,
        converter: type[LeRobotConverter] = LeRobotConverter,
    ) -> Steps[list[EpisodeResult]]:
        """Make a robotics task of each episode of a LeRobot dataset, version 3.

        Each gets a video of every camera, coded anew, and its telemetry. The result tells of
        each episode; one that fails does not stop the others, and is not there twice after a
        second call, as names are taken. The files are added by imports, which
        `wait_for_history` waits for. Needs `pip install 'fastlabel[robotics]'`.

        Args:
            lerobot_data_path: the folder with `meta`, `data` and `videos`.
            episode_indices: numbers of episodes; all if none are given. The converter's
                `select_episodes` chooses among them.
            converter: a subclass of LeRobotConverter takes less, or names tasks otherwise.

        Raises:
            FastLabelInvalidException: no such dataset, one of version 2, no such episode, or
                something is not installed. Nothing has been sent then.
        """
        dataset = yield from blocking(_opened, lerobot_data_path, episode_indices, converter)
        results: list[EpisodeResult] = []
        for number in dataset.selected:
            history = yield from attempted(_imported(project, dataset, number))
            failed = isinstance(history, FastLabelException)
            results.append(
                {
                    "episode_index": number,
                    "episode": dataset.converter.build_episode_name(number),
                    "success": not failed,
                    "result": {"error": str(history)}
                    if isinstance(history, FastLabelException)
                    else history,
                }
            )
        return results


@dataclass(frozen=True)
class _Dataset:
    path: Path
    converter: LeRobotConverter
    episodes: Mapping[int, Episode]
    selected: list[int]


def _opened(
    path: FilePath, wanted: Sequence[int] | None, converter: type[LeRobotConverter]
) -> _Dataset:
    made = converter(load_info(path))
    # Names that the dataset lacks are noticed here, before anything is sent.
    made.select_observation_state_names()
    made.select_action_names()
    episodes = build_episode_map(path)
    numbers = list(episodes) if wanted is None else list(wanted)
    check_episodes(episodes, numbers)
    selected = made.select_episodes({number: episodes[number]["length"] for number in numbers})
    check_episodes(episodes, selected)
    return _Dataset(Path(path), made, episodes, selected)


def _imported(project: str, dataset: _Dataset, number: int) -> Steps[History]:
    """Make the ZIP of an episode, then its task, and begin the import."""
    import tempfile  # slow, and rarely used

    with tempfile.TemporaryDirectory(prefix="fastlabel-") as folder:
        name = dataset.converter.build_episode_name(number)
        path, arguments = yield from blocking(_zipped, dataset, number, folder)
        yield from ask(RoboticsTasks.create_robotics_task, project, name, **arguments)
        return (yield from ask(Imports.import_robotics_contents_file, project, path))


def _zipped(dataset: _Dataset, number: int, folder: str) -> tuple[Path, dict[str, Any]]:
    converter, episode = dataset.converter, dataset.episodes[number]
    raw_frames = get_episode_raw_frames(dataset.path, number, episode)
    frames = [converter.build_telemetry_frame(frame) for frame in raw_frames]
    path = write_zip(dataset.path, number, folder, converter, frames, episode)
    name = converter.build_episode_name(number)
    return path, converter.build_task_kwargs(number, name, frames)
