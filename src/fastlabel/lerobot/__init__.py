"""LeRobot datasets: read from a folder, and made into what robotics tasks are filled with.

    class Gripper(fastlabel.lerobot.LeRobotConverter):
        ACTION_NAMES = ("gripper.pos",)
        CAMERA_KEYS = ("top",)

    client.import_lerobot("robots", "datasets/pick", converter=Gripper)

Format: https://huggingface.co/docs/lerobot/lerobot-dataset-v3. Episodes share files: a table
holds the frames of many, and so does a video of each camera. Frames count from 0.

What is lost on the way: columns that the converter does not take, pictures stored in tables,
and quality, as each video is cut by coding it anew.
"""

from __future__ import annotations

from fastlabel.lerobot.converter import LeRobotConverter
from fastlabel.lerobot.dataset import (
    Camera,
    build_episode_map,
    find_cameras,
    get_episode_indices,
    get_episode_raw_frames,
    load_info,
)
from fastlabel.lerobot.zips import create_episode_zip

__all__ = [
    "Camera",
    "LeRobotConverter",
    "build_episode_map",
    "create_episode_zip",
    "find_cameras",
    "get_episode_indices",
    "get_episode_raw_frames",
    "load_info",
]
