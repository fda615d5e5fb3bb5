"""Point clouds: every way of writing points, headers that lie, and damage."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image
from pypcd4 import Encoding, PointCloud

from fastlabel.modalities import FileError
from fastlabel.modalities.pcd import CLOUD
from fastlabel_server.media import pcd
from media.mutations import mutated

ENCODINGS = (Encoding.ASCII, Encoding.BINARY, Encoding.BINARY_COMPRESSED)
HEADER = """# .PCD v0.7
VERSION 0.7
FIELDS x y z intensity
SIZE 4 4 4 4
TYPE F F F F
COUNT 1 1 1 1
WIDTH 2
HEIGHT 1
VIEWPOINT 0 0 0 1 0 0 0
POINTS 2
DATA ascii
"""


def cloud(points, encoding):
    """Return a file of points (N, 4): x, y, z, intensity, written by an independent library."""
    output = io.BytesIO()
    PointCloud.from_xyzi_points(np.asarray(points, np.float32)).save(output, encoding)
    return output.getvalue()


def measured(data):
    return pcd.measure(io.BytesIO(data), "a.pcd", CLOUD, 0).media


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=15)
@given(
    points=npst.arrays(
        np.float32,
        st.tuples(st.integers(1, 40), st.just(4)),
        elements=st.floats(-1000, 1000, width=32),
    )
)
def test_bounds_and_counts_are_those_of_the_points(encoding, points):
    media = measured(cloud(points, encoding))
    assert media["points"] == len(points)
    assert media["fields"] == ["x", "y", "z", "intensity"]
    # What compression would make larger is written as it is.
    assert media["encoding"] in (encoding.value, "binary")
    expected = [*points[:, :3].min(axis=0), *points[:, :3].max(axis=0)]
    assert media["bounds"] == pytest.approx(list(map(float, expected)), rel=1e-6, abs=1e-6)


def test_compressed_points_are_unpacked_field_by_field():
    points = np.repeat([[1, 2, 3, 4], [5, 6, -7, 8]], 500, axis=0)
    media = measured(cloud(points, Encoding.BINARY_COMPRESSED))
    assert (media["encoding"], media["points"]) == ("binary_compressed", 1000)
    assert media["bounds"] == [1, 2, -7, 5, 6, 3]


def test_points_that_are_nowhere_do_not_count():
    assert measured((HEADER + "1 2 3 0\nnan nan nan 0\n").encode())["bounds"] == [1, 2, 3, 1, 2, 3]
    assert measured((HEADER + "nan 2 3 0\nnan 1 1 0\n").encode())["bounds"] is None


def test_rows_of_mixed_numbers_and_padding_are_read():
    header = (
        HEADER.replace("x y z intensity", "_ x y z label _")
        .replace("SIZE 4 4 4 4", "SIZE 1 8 8 8 2 1")
        .replace("TYPE F F F F", "TYPE U F F F U U")
        .replace("COUNT 1 1 1 1", "COUNT 3 1 1 1 1 5")
        .replace("DATA ascii", "DATA binary")
    )
    row = np.dtype([("a", "u1", 3), ("xyz", "<f8", 3), ("label", "<u2"), ("b", "u1", 5)])
    rows = np.zeros(2, row)
    rows["xyz"] = [[1.5, 2, 3], [-4, 5, 1e6]]
    assert measured(header.encode() + rows.tobytes())["bounds"] == [-4, 2, 3, 1.5, 5, 1e6]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("x y z", "x y w", "FIELDS: expected x, y and z"),
        ("SIZE 4 4 4 4", "SIZE 4 4 4", "differ in length"),
        ("TYPE F F F F", "TYPE F F F Q", "there is no number 'Q4'"),
        ("WIDTH 2", "WIDTH -2", "WIDTH: expected a whole number, got '-2'"),
        ("WIDTH 2", "WIDTH 1000000000000", "POINTS: expected WIDTH x HEIGHT"),
        ("POINTS 2", "POINTS 3", "POINTS: expected WIDTH x HEIGHT = 2, got 3"),
        ("DATA ascii", "DATA zip", "DATA: expected ascii, binary, binary_compressed"),
        ("COUNT 1 1 1 1", "COUNT 1 1 2 1", "COUNT: z is one number a point"),
        ("COUNT 1 1 1 1", "COUNT 1 1 1 999999", "clouds have up to 100,000,000 points"),
        ("# .PCD v0.7\nVERSION", "ply\nVERSION", "not a point cloud in the PCD format"),
    ],
)
def test_a_header_that_cannot_be_is_refused_with_its_line(old, new, message):
    assert old in HEADER
    with pytest.raises(FileError) as refused:
        measured((HEADER.replace(old, new) + "1 2 3 4\n5 6 7 8\n").encode())
    assert str(refused.value).startswith("a.pcd: ")
    assert message in str(refused.value)


def test_a_header_that_promises_more_points_than_there_are_is_refused():
    big = HEADER.replace("WIDTH 2", "WIDTH 90000000").replace("POINTS 2", "POINTS 90000000")
    for encoding in ("ascii", "binary", "binary_compressed"):
        data = big.replace("DATA ascii", f"DATA {encoding}").encode() + b"1 2 3 4\n5 6 7 8\n"
        with pytest.raises(FileError, match=r"^a\.pcd: "):
            measured(data)
    with pytest.raises(FileError, match="expected 2 points, got 1"):
        measured((HEADER + "1 2 3 4\n").encode())


def test_the_cloud_is_seen_from_above_with_y_up():
    low = np.random.default_rng(1).uniform((-10, -10, 0, 0), (0, 0, 0.1, 0), (5000, 4))
    high = np.random.default_rng(2).uniform((0, 0, 5, 0), (10, 10, 5.1, 0), (5000, 4))
    # Far from the origin, where 32-bit screens of others lose precision.
    points = np.vstack([low, high]) + np.array([100_000, -50_000, 0, 0])
    data = cloud(points, Encoding.BINARY)
    picture = np.asarray(Image.open(io.BytesIO(pcd.thumbnail(io.BytesIO(data), {}, 0))))
    upper_right, lower_left = picture[60:140, 180:260], picture[180:260, 60:140]
    upper_left = picture[60:140, 60:140]
    assert upper_right[..., 0].mean() > 120, "high points are yellow"
    assert lower_left[..., 2].mean() > lower_left[..., 0].mean() + 30, "low points are blue"
    assert upper_left.mean() < 40, "where there is nothing it is dark"


def test_what_the_picture_shows_is_known_with_the_cloud():
    ground = np.random.default_rng(4).uniform((-20, -20, 0, 0), (20, 20, 0.1, 0), (20_000, 4))
    ground = np.vstack([ground, [[5000, 5000, 0, 0]]])
    post = np.random.default_rng(5).uniform((9.5, -12.5, 6, 0), (10.5, -11.5, 7, 0), (3000, 4))
    data = cloud(np.vstack([ground, post]), Encoding.BINARY)

    media = measured(data)
    plan = pcd.Plan.of(media["seen"])

    assert media["seen"] == pytest.approx([-20, -20, 20, 20], abs=1), "the stray one lies outside"
    picture = np.asarray(Image.open(io.BytesIO(pcd.thumbnail(io.BytesIO(data), media, 0))))
    rows, columns = np.nonzero(picture[..., 0] > 200)
    middle = (10 - plan.left) * plan.scale, (plan.top + 12) * plan.scale
    assert [columns.mean(), rows.mean()] == pytest.approx(middle, abs=1.5)


def test_damaged_clouds_are_read_or_refused():
    points = np.random.default_rng(3).uniform(-9, 9, (60, 4))
    files = [cloud(points, encoding) for encoding in ENCODINGS]
    results = {True: 0, False: 0}
    for data in mutated(files, 1200):
        try:
            measured(data)
            pcd.thumbnail(io.BytesIO(data), {}, 0)
        except FileError:
            results[False] += 1
        else:
            results[True] += 1
    assert min(results.values()) > 100
