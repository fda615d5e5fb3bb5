"""COCO for any tasks, and as pycocotools reads it."""

import copy
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

from formats.samples import annotation, task, write_coco

whole = st.integers(0, 60)
side = st.integers(1, 30)
boxes = st.builds(lambda x, y, w, h: [x, y, x + w, y + h], whole, whole, side, side)
annotations = st.one_of(
    st.builds(annotation, st.just("bbox"), boxes, st.sampled_from("ab")),
    st.builds(
        annotation,
        st.just("bbox"),
        st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4),
        st.sampled_from("ab"),
        rotation=st.floats(-400, 400),
    ),
    st.builds(
        annotation,
        st.just("polygon"),
        st.lists(st.tuples(whole, whole), min_size=3, max_size=6).map(lambda p: list(sum(p, ()))),
        st.sampled_from("ab"),
    ),
)
tasks = st.lists(st.lists(annotations, max_size=5), max_size=4).map(
    lambda lists: [task(*items, name=f"{n}.jpg") for n, items in enumerate(lists)]
)


def without_exponents(text):
    """Return a text with its very small and large numbers written alike: 1e-9 and 1e-09."""
    return re.sub(r"\d[.\d]*e[-+]?\d+|0\.0000\d+", lambda number: str(float(number[0])), text)


@settings(max_examples=50)
@given(tasks=tasks, compat=st.sampled_from([None, "official"]))
def test_the_file_is_json_with_indent_4_and_the_tasks_are_not_changed(
    tmp_path_factory, tasks, compat
):
    path = tmp_path_factory.mktemp("coco") / "a.json"
    before = copy.deepcopy(tasks)
    report = write_coco(tasks, [], path, project_type="image_all", compat=compat)
    text = path.read_text(encoding="utf-8")
    file = json.loads(text)
    assert tasks == before
    assert without_exponents(text) == without_exponents(
        json.dumps(file, indent=4, ensure_ascii=False)
    )
    assert [a["id"] for a in file["annotations"]] == list(range(1, report.written + 1))
    assert report.written + report.left_out == sum(len(t["annotations"]) for t in tasks)
    for first, second in zip(file["annotations"], file["annotations"][1:], strict=False):
        if first["image_id"] == second["image_id"]:
            keys = [(a["category_id"], a["area"]) for a in (first, second)]
            assert keys == sorted(keys)
    if not compat:
        assert all(written["area"] >= 0 for written in file["annotations"])


def mask_areas(path):
    """Return (area as written, pixels that pycocotools fills) for each annotation by id."""
    loaded = COCO(str(path))
    return [
        (written["area"], int(loaded.annToMask(written).sum()))
        for _, written in sorted(loaded.anns.items())
    ]


@settings(max_examples=50)
@given(box=boxes, rotation=st.sampled_from([0, 180, -360]))
def test_pycocotools_fills_exactly_the_area_of_a_box_of_whole_pixels(
    tmp_path_factory, box, rotation
):
    path = tmp_path_factory.mktemp("coco") / "a.json"
    shape = task(annotation("bbox", box, rotation=rotation), size_wh=(100, 100))
    write_coco([shape], [], path, project_type="image_bbox")
    [(area, pixels)] = mask_areas(path)
    assert pixels == area == (box[2] - box[0]) * (box[3] - box[1])


@settings(max_examples=50)
@given(
    outer=st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(40, 70)),
    hole=st.tuples(st.integers(21, 25), st.integers(21, 25), st.integers(1, 6)),
    second_hole=st.tuples(st.integers(33, 35), st.integers(33, 35), st.integers(1, 4)),
    reverse=st.booleans(),
)
def test_pycocotools_fills_exactly_the_area_less_the_hollows(
    tmp_path_factory, outer, hole, second_hole, reverse
):
    def square(x, y, size):
        ring = [x, y, x + size, y, x + size, y + size, x, y + size, x, y]
        return ring if not reverse else np.reshape(ring, (-1, 2))[::-1].ravel().tolist()

    path = tmp_path_factory.mktemp("coco") / "a.json"
    region = [square(*outer), square(*hole), square(*second_hole)]
    shape = task(annotation("segmentation", [region]), size_wh=(100, 100))
    write_coco([shape], [], path, project_type="image_segmentation")
    [(area, pixels)] = mask_areas(path)
    assert pixels == area == outer[2] ** 2 - hole[2] ** 2 - second_hole[2] ** 2


@pytest.mark.parametrize("rotation", [30, 45, 90, 200, -15.5])
def test_pycocotools_fills_about_the_area_of_a_rotated_box(tmp_path, rotation):
    box = annotation("bbox", [300, 400, 700, 600], rotation=rotation)
    path = tmp_path / "a.json"
    write_coco([task(box, size_wh=(1000, 1000))], [], path, project_type="image_bbox")
    [(area, pixels)] = mask_areas(path)
    assert area == 80_000
    # A raster errs by at most about half the outline's length.
    assert abs(pixels - area) <= 600
    loaded = COCO(str(path))
    mask = loaded.annToMask(loaded.anns[1])
    rows, columns = np.nonzero(mask)
    x, y, width, height = loaded.anns[1]["bbox"]
    drawn = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert drawn == pytest.approx((x, y, x + width, y + height), abs=1)
