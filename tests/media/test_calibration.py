"""Calibrations: what OpenCV and KITTI write, and what anyone may put in their place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel.modalities import FileError
from fastlabel_server.media.calibration import MAX_BYTES, is_calibration, read
from media.mutations import mutated

OPENCV = b"""%YAML:1.0
---
calibration_time: "Tue 06 Jun 2023 10:00:00"
image_width: 1280
flags: 0
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 1.0337e+03, 0., 6.3950e+02, 0., 1.0337e+03, 3.5950e+02, 0., 0., 1. ]
avg_reprojection_error: 2.1e-01
"""


def yaml(text: str) -> object:
    return read("a.yaml", text.encode()).value


def test_what_opencv_writes_is_read() -> None:
    calibration = read("000001.yaml", OPENCV)
    assert calibration.format == "yml"
    assert calibration.value == {
        "calibration_time": "Tue 06 Jun 2023 10:00:00",
        "image_width": 1280,
        "flags": 0,
        "camera_matrix": {
            "rows": 3,
            "cols": 3,
            "dt": "d",
            "data": [1033.7, 0.0, 639.5, 0.0, 1033.7, 359.5, 0.0, 0.0, 1.0],
        },
        "avg_reprojection_error": 0.21,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("f: 1e-5", {"f": 1e-5}),
        ("f: -.5E+3", {"f": -500.0}),
        ("f: 007", {"f": 7}),
        ("f: no", {"f": "no"}),
        ("f: 1:30", {"f": "1:30"}),
        ("f: 2021-01-01", {"f": "2021-01-01"}),
        ("f: true\ng: ~\nh:", {"f": True, "g": None, "h": None}),
        ("1: a\n2.5: b", {"1": "a", "2.5": "b"}),
        ("\ufefff: 1", {"f": 1}),
        ("!!mine {f: !yours [1]}", {"f": [1]}),
        ("!!python/object/apply:os.system [exit]", ["exit"]),
        ("", None),
    ],
)
def test_yaml_means_what_its_core_schema_says(text: str, value: object) -> None:
    assert yaml(text) == value
    assert json.dumps(yaml(text)) == json.dumps(value), "1 is not 1.0 and not true"


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1, 2]\nb: *x",
        "a: [1",
        "? [1]\n: 2",
        "a: 123456789012345678901",
        "[" * 5000,
        "[" * 300 + "]" * 300,
        "--- 1\n--- 2",
        "9" * 5000,
    ],
)
def test_yaml_that_is_no_json_is_kept_as_text(text: str) -> None:
    assert yaml(text) == text


def test_what_kitti_writes_is_read() -> None:
    text = b"calib_time: 09-Jan-2012 13:57:47\nP_rect_00: 7.2e+02 0 -1.5\n\nR:\n"
    calibration = read("000001.txt", text)
    assert calibration.format == "kitti"
    assert calibration.value == {
        "calib_time": "09-Jan-2012 13:57:47",
        "P_rect_00": [720.0, 0.0, -1.5],
        "R": [],
    }


@pytest.mark.parametrize("text", ["a: 1\na: 2", "no colon", ": 1", "a: 1\n b"])
def test_other_texts_are_kept_as_they_are(text: str) -> None:
    assert read("a.txt", text.encode()).value == text


def test_what_is_no_text_or_too_long_is_refused() -> None:
    with pytest.raises(FileError, match=r"^a\.txt: a calibration is UTF-8 text"):
        read("a.txt", b"P: \xff")
    with pytest.raises(FileError, match=r"^a\.yml: a calibration has up to 262,144 bytes"):
        read("a.yml", bytes(MAX_BYTES + 1))


def test_extensions_tell_what_a_calibration_is() -> None:
    names = ["a.yaml", "b/a.YML", "a.txt", "a.png", "yaml"]
    assert [name for name in names if is_calibration(name)] == names[:3]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text("abc 1é\n", max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1, max_size=3), children, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(_JSON)
def test_json_is_yaml(value: object) -> None:
    assert yaml(json.dumps(value)) == value


def test_damaged_calibrations_are_read_or_refused() -> None:
    for data in mutated([OPENCV], 300):
        try:
            value = read("a.yaml", data).value
        except FileError:
            continue
        json.dumps(value)
