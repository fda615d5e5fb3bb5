"""What of a LeRobot dataset goes into tasks: to be changed by a class of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.lerobot.dataset import ACTION, STATE, Camera, names_of


class LeRobotConverter:
    """Takes all values, all cameras and all episodes.

    A subclass takes less by naming it in the class variables, or does something else in the
    methods.

    Args:
        meta: what `meta/info.json` says, as `load_info` returns it.
    """

    OBSERVATION_STATE_NAMES: ClassVar[Sequence[str] | None] = None
    ACTION_NAMES: ClassVar[Sequence[str] | None] = None
    CAMERA_KEYS: ClassVar[Sequence[str] | None] = None
    """The last parts of their keys: `top` of `observation.images.top`."""

    def __init__(self, meta: Mapping[str, Any]) -> None:
        self.meta = meta

    def select_observation_state_names(self) -> list[str]:
        """Return which values of the state are taken."""
        return _selected(names_of(self.meta, STATE), self.OBSERVATION_STATE_NAMES)

    def select_action_names(self) -> list[str]:
        """Return which values of the action are taken."""
        return _selected(names_of(self.meta, ACTION), self.ACTION_NAMES)

    def build_observation_state(self, raw_frame: Mapping[str, Any]) -> dict[str, Any]:
        """Return the taken values of a frame's state by their names."""
        return self._values(raw_frame, STATE, self.select_observation_state_names())

    def build_action(self, raw_frame: Mapping[str, Any]) -> dict[str, Any]:
        """Return the taken values of a frame's action by their names."""
        return self._values(raw_frame, ACTION, self.select_action_names())

    def build_telemetry_frame(self, raw_frame: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is written of a frame of an episode."""
        return {
            STATE: self.build_observation_state(raw_frame),
            ACTION: self.build_action(raw_frame),
            "frame_index": raw_frame["frame_index"],
            "timestamp": raw_frame["timestamp"],
        }

    def select_cameras(self, cameras: Sequence[Camera]) -> list[Camera]:
        """Return the cameras whose videos are taken."""
        if self.CAMERA_KEYS is None:
            return list(cameras)
        return [camera for camera in cameras if camera.key.rpartition(".")[2] in self.CAMERA_KEYS]

    def select_episodes(self, episode_lengths: Mapping[int, int]) -> list[int]:
        """Return which episodes are taken, of these with their numbers of frames."""
        return list(episode_lengths)

    def build_episode_name(self, episode_index: int) -> str:
        """Return the name of an episode's task."""
        return f"episode_{episode_index:06d}"

    def build_task_kwargs(
        self, episode_index: int, episode_name: str, frames: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return further arguments for `create_robotics_task`.

        Args:
            frames: as `build_telemetry_frame` returned them.
        """
        return {}

    def _values(
        self, raw_frame: Mapping[str, Any], feature: str, taken: Sequence[str]
    ) -> dict[str, Any]:
        names = names_of(self.meta, feature)
        values = raw_frame[feature]
        values = values if isinstance(values, list) else [values]
        if len(values) != len(names):
            raise FastLabelInvalidException(
                f"frame {raw_frame['frame_index']}: {feature} has {len(names)} names, "
                f"but {len(values)} values",
                422,
            )
        found = dict(zip(names, values, strict=True))
        return {name: _finite(found[name]) for name in taken}


def _selected(names: list[str], wanted: Sequence[str] | None) -> list[str]:
    """Return the wanted names in their own order.

    Raises:
        FastLabelInvalidException: 422, one of them is not there.
    """
    if wanted is None:
        return names
    for name in wanted:
        if name not in names:
            raise FastLabelInvalidException(
                f"{name!r}: expected one of the dataset's names, {', '.join(names)}", 422
            )
    return list(wanted)


def _finite(value: Any) -> Any:
    """Return a value as JSON can say it: a sensor that gave no number has none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
