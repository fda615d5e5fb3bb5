"""LeRobot datasets: read, cut into episodes, imported as tasks."""

from __future__ import annotations

import asyncio
import io
import json
import math
import sys
import zipfile
from pathlib import Path

import av
import pytest

from fastlabel import AsyncClient, Client, lerobot
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.lerobot import LeRobotConverter
from sdk import lerobot_dataset
from sdk.lerobot_dataset import FPS, LENGTHS, SIZE_WH, TOP, WRIST, gray, write_dataset
from servers import Server


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that no test changes."""
    return write_dataset(tmp_path_factory.mktemp("lerobot"))


def grays(video: bytes) -> list[float]:
    """Return how bright each frame of a video is."""
    with av.open(io.BytesIO(video)) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.codec_tag) == ("mpeg4", "mp4v")
        assert (stream.width, stream.height) == SIZE_WH
        assert stream.average_rate == FPS
        frames = list(file.decode(stream))
    assert [frame.time for frame in frames] == pytest.approx(
        [number / FPS for number in range(len(frames))]
    )
    return [float(frame.to_ndarray(format="rgb24").mean()) for frame in frames]


def opened(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("episode", range(len(LENGTHS)))
def test_an_episode_becomes_a_video_of_each_camera_and_its_telemetry(
    dataset: Path, tmp_path: Path, episode: int
) -> None:
    path = lerobot.create_episode_zip(dataset, episode, tmp_path)
    assert path == tmp_path / f"episode_00000{episode}.zip"
    files = opened(path)
    name = f"episode_00000{episode}.json"
    assert set(files) == {"images_top.mp4", "images_wrist.mp4", name}
    for camera, content in ((TOP, "images_top.mp4"), (WRIST, "images_wrist.mp4")):
        expected = [gray(camera, episode, frame) for frame in range(LENGTHS[episode])]
        # Frames of 13 shades apart: a neighbour in its place would be noticed.
        assert grays(files[content]) == pytest.approx(expected, abs=4)
    frames = json.loads(files[name])
    assert len(frames) == LENGTHS[episode]
    assert frames[3] == {
        "observation.state": {"shoulder.pos": episode + 3 / 8, "gripper.pos": -3 / 4},
        "action": {"shoulder.pos": episode + 3 / 8, "elbow.pos": 0.5, "gripper.pos": 1.5},
        "frame_index": 3,
        "timestamp": pytest.approx(0.3),
    }
    assert [frame["frame_index"] for frame in frames] == list(range(LENGTHS[episode]))


def test_a_dataset_tells_of_its_episodes_frames_and_cameras(dataset: Path) -> None:
    info = lerobot.load_info(dataset)
    assert info["fps"] == FPS
    assert lerobot.get_episode_indices(dataset) == [0, 1, 2]
    episodes = lerobot.build_episode_map(str(dataset))
    assert [episodes[number]["length"] for number in episodes] == list(LENGTHS)
    frames = lerobot.get_episode_raw_frames(dataset, 1)
    assert [frame["frame_index"] for frame in frames] == list(range(7))
    assert frames[2]["action"] == lerobot_dataset.action(1, 2)
    assert frames[2]["task_index"] == 0
    cameras = lerobot.find_cameras(dataset, info)
    assert cameras == [
        lerobot.Camera(dataset / "videos" / TOP, TOP, "images_top"),
        lerobot.Camera(dataset / "videos" / WRIST, WRIST, "images_wrist"),
    ]


class Gripper(LeRobotConverter):
    OBSERVATION_STATE_NAMES = ("gripper.pos",)
    ACTION_NAMES = ("gripper.pos", "shoulder.pos")
    CAMERA_KEYS = ("wrist",)

    def build_episode_name(self, episode_index):
        return f"掴む {episode_index}"

    def build_telemetry_frame(self, raw_frame):
        return {**super().build_telemetry_frame(raw_frame), "task": raw_frame["task_index"]}

    def select_episodes(self, episode_lengths):
        return [number for number, length in episode_lengths.items() if length > 4]

    def build_task_kwargs(self, episode_index, episode_name, frames):
        return {"operator": f"{episode_name}: {len(frames)}", "priority": 10}


def test_a_converter_takes_less_and_names_it_otherwise(dataset: Path, tmp_path: Path) -> None:
    converter = Gripper(lerobot.load_info(dataset))
    files = opened(lerobot.create_episode_zip(dataset, 2, tmp_path, converter))
    assert set(files) == {"images_wrist.mp4", "掴む 2.json"}
    [_, second, *_] = json.loads(files["掴む 2.json"])
    assert second["observation.state"] == {"gripper.pos": -0.25}
    assert list(second["action"]) == ["gripper.pos", "shoulder.pos"]
    assert second["task"] == 0


def test_a_camera_without_its_video_is_left_out_with_a_warning(tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "dataset")
    (root / f"videos/{TOP}/chunk-000/file-000.mp4").unlink()
    with pytest.warns(UserWarning, match="file-000.mp4: the video of episode 1 is missing"):
        path = lerobot.create_episode_zip(root, 1, tmp_path)
    assert set(opened(path)) == {"images_wrist.mp4", "episode_000001.json"}


def test_a_sensor_without_a_number_has_none(dataset: Path) -> None:
    converter = LeRobotConverter(lerobot.load_info(dataset))
    raw = {"observation.state": [math.nan, math.inf], "frame_index": 0}
    assert converter.build_observation_state(raw) == {"shoulder.pos": None, "gripper.pos": None}
    with pytest.raises(FastLabelInvalidException, match="frame 4: action has 3 names, but 1"):
        converter.build_action({"action": 0.5, "frame_index": 4})


def refused(*arguments, match: str) -> None:
    with pytest.raises(FastLabelInvalidException, match=match) as error:
        lerobot.load_info(*arguments)
    assert error.value.code == 422


def test_other_folders_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, match=r"meta/info\.json is missing")
    refused(write_dataset(tmp_path / "a", codebase_version="v2.1"), match="version 3, got v2.1")
    refused(write_dataset(tmp_path / "b", fps=0), match="fps")
    refused(write_dataset(tmp_path / "c", features=[]), match="expected an object with features")
    nameless = {"observation.state": {"names": ["a"]}, "action": {"names": None}}
    refused(write_dataset(tmp_path / "d", features=nameless), match=r'features\["action"\]')
    old = write_dataset(tmp_path / "e", codebase_version=None)
    (old / "data/chunk-000/episode_000000.parquet").write_bytes(b"")
    refused(old, match="version 3")
    (old / "meta/info.json").write_text("{")
    refused(old, match="no JSON")


def test_what_is_not_installed_is_named(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(FastLabelInvalidException, match=r"pip install 'fastlabel\[robotics\]'"):
        lerobot.get_episode_indices(dataset)


def test_missing_and_damaged_parts_of_an_episode_are_named(tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "dataset")
    video = root / f"videos/{WRIST}/chunk-000/file-000.mp4"
    with pytest.raises(FastLabelInvalidException, match="none with the number 9"):
        lerobot.create_episode_zip(root, 9, tmp_path)
    video.write_bytes(b"no video")
    with pytest.raises(FastLabelInvalidException, match=r"file-000\.mp4: the video cannot be read"):
        lerobot.create_episode_zip(root, 0, tmp_path)
    lerobot_dataset.write_video(video, WRIST, (2,))
    with pytest.raises(FastLabelInvalidException, match="expected 7 frames from 5 on, got 0"):
        lerobot.create_episode_zip(root, 1, tmp_path)
    lerobot_dataset.write_frames(root / "data/chunk-000/file-001.parquet", (0,))
    with pytest.raises(FastLabelInvalidException, match="expected 4 frames of episode 2, got 0"):
        lerobot.create_episode_zip(root, 2, tmp_path)
    (root / "data/chunk-000/file-001.parquet").write_bytes(b"PAR1")
    with pytest.raises(FastLabelInvalidException, match="no table that can be read"):
        lerobot.create_episode_zip(root, 2, tmp_path)
    (root / "data/chunk-000/file-001.parquet").unlink()
    with pytest.raises(FastLabelInvalidException, match="the frames of episode 2 are missing"):
        lerobot.create_episode_zip(root, 2, tmp_path)


@pytest.fixture
def project(client: Client, slug: str) -> str:
    client.create_project("robotics_task_classification", "Robots", slug)
    return slug


def test_a_dataset_becomes_tasks_with_their_cameras(
    client: Client, project: str, dataset: Path
) -> None:
    results = client.import_lerobot(project, dataset, [2, 0])
    assert [(one["episode_index"], one["episode"], one["success"]) for one in results] == [
        (2, "episode_000002", True),
        (0, "episode_000000", True),
    ]
    for result in results:
        history = client.wait_for_history(result["result"]["id"], timeout=60)
        assert (history["count"], history["failed"]) == (3, 0)
        task = client.find_robotics_task_by_name(project, result["episode"])
        assert [(one["name"], one.get("width")) for one in task["contents"]] == [
            (f"{result['episode']}.json", None),
            ("images_top.mp4", 64),
            ("images_wrist.mp4", 64),
        ]


def test_an_episode_that_fails_is_reported_and_does_not_stop_the_others(
    server: Server, client: Client, project: str, dataset: Path
) -> None:
    client.create_robotics_task(project, "掴む 0")

    async def imported():
        async with AsyncClient(server.token, api_url=server.api_url) as client:
            return await client.import_lerobot(project, str(dataset), converter=Gripper)

    failed, done = asyncio.run(imported())
    assert (failed["episode"], failed["success"]) == ("掴む 0", False)
    assert "'掴む 0'" in failed["result"]["error"]
    assert (done["episode_index"], done["success"]) == (1, True)
    client.wait_for_history(done["result"]["id"], timeout=60)
    task = client.find_robotics_task_by_name(project, "掴む 1")
    assert (task["roboticsOperator"], task["priority"]) == ("掴む 1: 7", 10)
    assert [one["name"] for one in task["contents"]] == ["images_wrist.mp4", "掴む 1.json"]


def test_nothing_is_sent_of_a_dataset_that_cannot_be_imported(
    client: Client, project: str, dataset: Path
) -> None:
    class Unknown(LeRobotConverter):
        ACTION_NAMES = ("wheel",)

    class Unnameable(LeRobotConverter):
        def build_episode_name(self, episode_index):
            return "a/b"

    with pytest.raises(FastLabelInvalidException, match="'wheel': expected one of"):
        client.import_lerobot(project, dataset, converter=Unknown)
    with pytest.raises(FastLabelInvalidException, match="none with the number 3"):
        client.import_lerobot(project, dataset, [0, 3])
    with pytest.raises(FastLabelInvalidException, match="version 3"):
        client.import_lerobot(project, write_old(dataset.parent / "old"))
    [result] = client.import_lerobot(project, dataset, [0], Unnameable)
    assert "'a/b'" in result["result"]["error"]
    assert client.get_robotics_tasks(project) == []


def write_old(root: Path) -> Path:
    return write_dataset(root, codebase_version="v2.1")
