"""Samples of every modality: their labels are exactly where the thing is, seen or heard."""

from __future__ import annotations

import io
import json

import av
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pypcd4 import PointCloud

from fastlabel_server.demo.clips import arm, drive, lighthouse, traffic
from fastlabel_server.demo.clips.traffic import Clip
from fastlabel_server.demo.clouds import streets
from fastlabel_server.demo.scans import phantom
from fastlabel_server.demo.sounds import morning
from fastlabel_server.demo.sounds.synth import RATE, Recording, tone
from fastlabel_server.demo.texts import news
from fastlabel_server.demo.texts.markup import parsed


def decoded(data):
    """Return the frames of a video."""
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_boxes_of_a_video_enclose_what_differs_from_the_empty_street():
    _, _, clip = next(traffic.clips())
    for vehicle in clip.vehicles:
        alone = Clip(clip.street, (vehicle,), clip.count)
        [label] = alone.annotations()
        for number, pixels in enumerate(alone.frames(), start=1):
            changed = np.abs(pixels.astype(int) - clip.street).max(axis=2) > 24
            frame = label["points"].get(str(number))
            if frame is None:
                assert changed[:, 8:-8].sum() == 0
                continue
            rows, columns = np.nonzero(changed)
            edges = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            # A vehicle's colours may be those of the street, and its shadow lies beneath it.
            assert frame["value"][::2] == pytest.approx(edges[::2], abs=6)
            if edges[0] > 0 and edges[2] < clip.street.shape[1]:
                assert frame["value"][1::2] == pytest.approx(edges[1::2], abs=6)


def test_a_video_has_the_frames_that_were_made():
    task = next(traffic.BOXES.tasks())
    frames = decoded(task.files[task.name])
    _, _, clip = next(traffic.clips())
    made = list(clip.frames())

    assert len(frames) == len(made)
    for number in (0, 22, 44):
        assert np.abs(frames[number].astype(int) - made[number]).mean() < 6


def test_boxes_of_a_drive_touch_their_cars_on_all_sides():
    _, _, shots = next(drive.drives())
    for shot in shots:
        for box in drive.boxes(shot, "a.jpg"):
            [name] = [one["value"] for one in box["attributes"]]
            rows, columns = np.nonzero(np.asarray(shot.cars[name]))
            edges = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert box["points"] == [int(edge) for edge in edges]
    task = next(drive.PROJECT.tasks())
    assert {label["content"] for label in task.labels} == task.files.keys()
    first = np.asarray(Image.open(io.BytesIO(task.files["001.jpg"]))).astype(int)
    red = next(label for label in task.labels if label["attributes"][0]["value"] == "red")
    x1, y1, x2, y2 = red["points"]
    inside = first[y1 + 20 : y2 - 20, x1 + 10 : x2 - 10]
    assert (inside[..., 0] > inside[..., 1] + 30).mean() > 0.4


@pytest.mark.parametrize("name", [name for name, _, _ in news.REPORTS])
def test_entities_are_the_characters_that_they_enclose(name):
    task = next(task for task in news.PROJECT.tasks() if task.name == name)
    text = task.files[name].decode()

    assert "[" not in text
    assert "|" not in text
    for entity in task.labels:
        assert text[entity["start"] : entity["end"]] == entity["text"]
        assert entity["text"] == entity["text"].strip()


def test_entities_may_lie_in_others_and_brackets_must_match():
    text, entities = parsed("👍 [[Kyoto|place] University|organisation]")

    assert text == "👍 Kyoto University"
    assert [(one["value"], one["start"], one["end"]) for one in entities] == [
        ("organisation", 2, 18), ("place", 2, 7)
    ]  # fmt: skip
    with pytest.raises(ValueError, match="not closed"):
        parsed("[Kyoto")
    with pytest.raises(ValueError, match="closes what is not open"):
        parsed("Kyoto|place]")


def test_outside_of_its_spans_a_morning_is_quiet():
    for _, _, made in morning.recordings():
        heard = np.zeros(len(made.samples), bool)
        for _, start, end in made.spans:
            heard[round(start * RATE) - 16 : round(end * RATE) + 16] = True
            inside = made.samples[round(start * RATE) : round(end * RATE)]
            assert np.sqrt((inside**2).mean()) > 0.02
        assert np.abs(made.samples[~heard]).max() < 0.02


def test_a_sound_is_labelled_for_as_long_as_it_can_be_heard():
    made = Recording(2.0)
    sound = np.concatenate([np.zeros(RATE // 4), tone(440, 0.5), np.zeros(RATE // 4)])

    made.add(0.5, sound, "beep")

    [(value, start, end)] = made.spans
    assert value == "beep"
    assert (start, end) == pytest.approx((0.75, 1.25), abs=0.002)


def test_flashes_are_when_the_picture_is_bright():
    for night in lighthouse.NIGHTS:
        bright = np.array([frame.mean() for frame in night.frames()])
        flash = np.zeros(len(bright), bool)
        for start, end in night.flashes():
            flash[round(start * lighthouse.FPS) : round(end * lighthouse.FPS)] = True
        assert 0 < flash.sum() < len(flash)
        assert bright[flash].min() > bright[~flash].max()


def test_an_episode_is_told_by_its_block_and_its_joints():
    for task, episode in zip(arm.PROJECT.tasks(), arm.EPISODES, strict=True):
        spans = {label["value"]: (label["start"], label["end"]) for label in task.labels}
        telemetry = json.loads(task.files[f"{episode.name}.json"])
        places = [episode.block(number) for number in range(len(telemetry))]
        moved = [n + 1 for n in range(1, len(places)) if places[n] != places[n - 1]]

        assert spans["reach"][0] == 1
        assert spans["return"][1] == len(telemetry) == len(decoded(task.files["front.mp4"]))
        assert moved
        assert spans["grasp"][1] < min(moved)
        assert max(moved) <= spans["place"][1] + 1
        closed = [frame["frame"] for frame in telemetry if frame["gripper"] > 0.99]
        assert min(closed) == spans["grasp"][1]
        assert max(closed) == spans["carry"][1]


def in_cuboid(points, cuboid, margin):
    """Return which points lie in a cuboid that is larger by a margin on all sides."""
    *middle, _, _, turn, length, width, height = cuboid
    cos, sin = np.cos(-turn), np.sin(-turn)
    x, y, z = (points[:, :3] - middle).T
    away = np.abs(np.stack([x * cos - y * sin, x * sin + y * cos, z], axis=1))
    return (away <= np.array([length, width, height]) / 2 + margin).all(axis=1)


def test_cuboids_hold_the_points_of_their_things_and_of_no_others():
    labelled = {body["value"] for body in streets.TRAFFIC}
    for _, _, sight in streets.single():
        points = sight.scan.points.astype(float)
        for owner, thing in sight.seen():
            if thing.value not in labelled:
                continue
            own = sight.scan.owners == owner
            assert in_cuboid(points[own], thing.cuboid(), 0.005).all(), thing
            others = points[~own & (points[:, 2] > 0.05)]
            assert not in_cuboid(others, thing.cuboid(), -0.005).any(), thing


def test_a_drive_has_its_cuboids_frame_by_frame():
    for _, _, frames, labels in streets.drives():
        for label in labels:
            for number, frame in label["points"].items():
                points = frames[int(number) - 1].scan.points.astype(float)
                assert in_cuboid(points, frame["value"], 0.005).sum() >= streets.SEEN


def test_indices_name_the_points_of_a_thing_in_the_file():
    task = next(streets.SEGMENTS.tasks())
    cloud = PointCloud.from_fileobj(io.BytesIO(task.files[task.name])).numpy(("x", "y", "z"))
    taken = set()
    for label in task.labels:
        found = cloud[label["points"]]
        largest = {"car": 4.6, "truck": 7.8, "pole": 0.4, "tree": 4.7}[label["value"]]
        assert np.ptp(found[:, 0]) <= largest
        assert not taken & set(label["points"])
        taken |= set(label["points"])


def test_boxes_of_a_scan_are_read_back_from_its_pixels():
    """A nodule is bright within the dark lung around it, and nothing of it lies outside."""
    task = list(phantom.tasks())[1]
    nodules = [label for label in task.labels if label["value"] == "nodule"]
    assert nodules
    for label in nodules:
        pixels = dcmread(io.BytesIO(task.files[label["content"]])).pixel_array
        x1, y1, x2, y2 = label["points"]
        around = pixels[y1 - 2 : y2 + 2, x1 - 2 : x2 + 2] > -400
        rows, columns = np.nonzero(around)
        assert [columns.min(), rows.min(), columns.max(), rows.max()] == [
            2, 2, x2 - x1 + 1, y2 - y1 + 1
        ]  # fmt: skip


def test_slices_lie_above_each_other_as_they_are_numbered():
    task = next(phantom.tasks())
    heights = [
        float(dcmread(io.BytesIO(data)).ImagePositionPatient[2])
        for _, data in sorted(task.files.items())
    ]

    assert heights == sorted(heights)
    assert len(set(heights)) == phantom.SLICES
