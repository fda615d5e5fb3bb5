"""Masks and drawings against the official client 0.26.0, on random tasks and masks."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from fastlabel import formats
from fastlabel.formats.overlay import draw_folder
from fastlabel.masks import mask_of, regions_of_mask

RUNNER = Path(__file__).parent / "run_masks.py"
VERSION = "0.26.0"
WIDTH, HEIGHT = 90, 70
TASKS, MASKS = 200, 400

pytestmark = [pytest.mark.compat, pytest.mark.timeout(1200), pytest.mark.xdist_group("masks")]


@pytest.fixture(scope="module")
def tasks() -> list[dict[str, Any]]:
    source = random.Random(4)
    return [
        {
            "name": f"{number % 5}/{number}.png",
            "width": WIDTH,
            "height": HEIGHT,
            "annotations": [_annotation(source) for _ in range(source.randint(0, 6))],
        }
        for number in range(TASKS)
    ]


@pytest.fixture(scope="module")
def masks() -> list[np.ndarray]:
    return [_mask(np.random.default_rng(number)) for number in range(MASKS)]


@pytest.fixture(scope="module")
def theirs(
    official: Callable[[str], Path],
    tasks: list[dict[str, Any]],
    masks: list[np.ndarray],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder that the official client wrote to; `images` are what it drew over."""
    folder = tmp_path_factory.mktemp("masks")
    (folder / "tasks.json").write_text(json.dumps(tasks))
    np.savez(folder / "masks.npz", *masks)
    for task in tasks:
        path = folder / "images" / task["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB").save(path)
    arguments = ("tasks.json", "masks.npz", "images", ".")
    subprocess.run(
        [official(VERSION), "-I", RUNNER, *arguments],
        cwd=folder,
        env={**os.environ, "FASTLABEL_ACCESS_TOKEN": "unused"},
        check=True,
        capture_output=True,
    )
    return folder


@pytest.mark.parametrize("kind", ["instance", "semantic"])
def test_the_pixels_of_masks_are_those_of_the_official_client(
    tasks: list[dict[str, Any]], theirs: Path, tmp_path: Path, kind: str
) -> None:
    start_index = 1 if kind == "instance" else 0
    formats.write(f"{kind}-masks", tasks, tmp_path, compat="official", start_index=start_index)
    for task in tasks:
        name = Path(task["name"]).with_suffix(".png")
        with Image.open(tmp_path / name) as ours, Image.open(theirs / kind / name) as wanted:
            assert ours.mode == wanted.mode == "P"
            assert np.array_equal(np.array(ours), np.array(wanted)), task
            count = len(wanted.getpalette())
            assert ours.getpalette()[: 3 * 58] == wanted.getpalette()[: min(count, 3 * 58)]


def test_what_the_official_client_gets_right_is_the_same_by_default(
    tasks: list[dict[str, Any]], theirs: Path, tmp_path: Path
) -> None:
    """Of tasks with one annotation, a box that is not rotated has nothing it could get wrong."""
    formats.write("instance-masks", tasks, tmp_path)
    compared = 0
    for task in tasks:
        shown = [one for one in task["annotations"] if one["type"] in ("bbox", "polygon")]
        masked = [one for one in task["annotations"] if one["type"] == "segmentation"]
        if masked or any(one["type"] != "bbox" or one["rotation"] for one in shown):
            continue
        if any(not mask_of(one, (HEIGHT, WIDTH)).any() for one in shown):
            continue
        name = Path(task["name"]).with_suffix(".png")
        with Image.open(tmp_path / name) as ours, Image.open(theirs / "instance" / name) as wanted:
            assert np.array_equal(np.array(ours), np.array(wanted)), task
        compared += bool(shown)
    assert compared > 10


def test_the_regions_of_masks_are_those_of_the_official_client_and_by_default_right(
    masks: list[np.ndarray], theirs: Path
) -> None:
    wanted = json.loads((theirs / "regions.json").read_text())
    same = 0
    for mask, official in zip(masks, wanted, strict=True):
        assert regions_of_mask(mask, compat="official") == official
        if _filled(official, mask.shape) == (mask > 0).tobytes():
            assert regions_of_mask(mask) == official
            same += 1
        assert _filled(regions_of_mask(mask), mask.shape) == (mask > 0).tobytes()
    assert 0 < same < len(masks)


def test_drawings_are_those_of_the_official_client(
    tasks: list[dict[str, Any]], theirs: Path, tmp_path: Path
) -> None:
    draw_folder(tasks, theirs / "images", tmp_path, compat="official")
    compared = 0
    for task in tasks:
        path = theirs / "drawn" / task["name"]
        if path.exists():
            with Image.open(tmp_path / task["name"]) as ours, Image.open(path) as wanted:
                difference = np.array(ours, int) - np.array(wanted.convert("RGB"), int)
            segmented = any(one["type"] == "segmentation" for one in task["annotations"])
            if not segmented:
                assert not difference.any(), task
                compared += 1
    assert compared > 10


def _filled(regions: list[Any], shape_hw: tuple[int, ...]) -> bytes:
    whole = [region for region in regions if region and region[0]]
    if not whole:
        return np.zeros(shape_hw, bool).tobytes()
    return mask_of({"type": "segmentation", "points": whole}, shape_hw).tobytes()


def _annotation(source: random.Random) -> dict[str, Any]:
    kind = source.choice(["bbox", "bbox", "polygon", "segmentation", "line", "keypoint"])
    points: Any
    if kind == "bbox":
        x, y = source.uniform(-5, 60), source.uniform(-5, 50)
        points = [x, y, x + source.uniform(0, 40), y + source.uniform(0, 40)]
    elif kind == "polygon":
        points = _numbers(source, source.randint(3, 12))
    elif kind == "segmentation":
        points = [
            [_ring(source) for _ in range(source.randint(1, 3))]
            for _ in range(source.randint(1, 2))
        ]
    else:
        points = _numbers(source, 2 if kind == "line" else 1)
    return {
        "type": kind,
        "value": source.choice("abcd"),
        "color": source.choice(["#ff0000", "#00ff80"]),
        "points": points,
        "rotation": source.choice([0, 0, 30]),
    }


def _numbers(source: random.Random, count: int) -> list[float]:
    return [
        source.choice([source.randint(-5, side + 5), round(source.uniform(-5, side + 5), 2)])
        for _ in range(count)
        for side in (WIDTH, HEIGHT)
    ]


def _ring(source: random.Random) -> list[float]:
    x, y = source.randint(0, 60), source.randint(0, 50)
    right, bottom = x + source.randint(1, 30), y + source.randint(1, 20)
    upright = [x, y, right, y, right, bottom, x, bottom]
    ring = source.choice([upright, _numbers(source, source.randint(3, 8))])
    return ring + ring[:2] if source.random() < 0.8 else ring


def _mask(source: np.random.Generator) -> np.ndarray:
    if source.random() < 0.4:
        noise = source.random(source.integers(1, 16, 2)) < source.random()
        return noise.astype(np.uint8) * 255
    mask = np.zeros(source.integers(8, 60, 2), np.uint8)
    for _ in range(source.integers(1, 7)):
        center = tuple(int(side) for side in source.integers(0, mask.shape[::-1]))
        axes = tuple(int(side) for side in source.integers(1, 20, 2))
        value = 255 * int(source.random() < 0.7)
        cv2.ellipse(mask, center, axes, int(source.integers(180)), 0, 360, value, -1)
    return mask
