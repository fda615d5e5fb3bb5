"""DICOM: series in their order, every way of packing pixels, and damage of every kind."""

from __future__ import annotations

import io
import json
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fastlabel.modalities import FileError
from fastlabel_server.media import dicom
from fastlabel_server.media.base import OtherFile
from fastlabel_server.stores.reading import seekable
from media.mutations import mutated
from media.scans import SIZE_WH, TRANSFER_SYNTAXES, disc, packed_as, scan

MAX_PIXELS = 10_000_000


def members(files):
    """Return the names of the files whose slices come one after the other."""
    return [part.member for part in parts(files)]


def parts(files):
    headers = [(name, header(files[name], name)) for name in sorted(files)]
    return dicom.in_order(headers)


def header(data, name="a.dcm"):
    # Kept as JSON until all files are read.
    return json.loads(json.dumps(dicom.header(io.BytesIO(data), name, MAX_PIXELS)))


def thumbnail(data, media=None):
    picture = dicom.thumbnail(io.BytesIO(data), media or {}, MAX_PIXELS)
    return np.asarray(Image.open(io.BytesIO(picture)).convert("L")).astype(int)


@settings(max_examples=10)
@given(st.permutations(range(5)))
def test_slices_lie_along_their_normal_whatever_they_are_called(order):
    files = {f"{name}.dcm": scan(number) for name, number in enumerate(order)}
    expected = [f"{order.index(number)}.dcm" for number in range(5)]
    assert members(files) == expected


def test_the_normal_of_an_oblique_plane_counts_not_z():
    # A sagittal plane: its normal is x, z is the same everywhere.
    plane = [0, 1, 0, 0, 0, 1]
    files = {
        f"{name}.dcm": scan(1, ImagePositionPatient=[x, 0, 7], ImageOrientationPatient=plane)
        for name, x in (("b", 3.5), ("a", 10), ("c", -2))
    }
    assert members(files) == ["c.dcm", "b.dcm", "a.dcm"]


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (["ImagePositionPatient"], ["b", "a"]),
        (["ImagePositionPatient", "InstanceNumber"], ["a", "b"]),
    ],
)
def test_without_a_position_slices_go_by_their_number_then_by_their_names(missing, expected):
    without = dict.fromkeys(missing)
    files = {"a": scan(2, **without), "b": scan(1, **without)}
    assert members(files) == expected


def test_series_follow_one_another():
    files = {
        "1.dcm": scan(1, SeriesNumber=2, SeriesInstanceUID="1.2.9"),
        "2.dcm": scan(9, SeriesNumber=1, SeriesInstanceUID="1.2.8"),
        "3.dcm": scan(2, SeriesNumber=2, SeriesInstanceUID="1.2.9"),
    }
    assert members(files) == ["2.dcm", "1.dcm", "3.dcm"]


def test_every_frame_of_a_file_is_a_slice():
    slices = parts({"cine.dcm": scan(1, frames=3)})
    assert [one.name for one in slices] == ["cine.dcm/0001", "cine.dcm/0002", "cine.dcm/0003"]
    assert slices[2].media == {"width": SIZE_WH[0], "height": SIZE_WH[1], "frame": 2}


@pytest.mark.parametrize("frames", [1, 2])
@pytest.mark.parametrize("transfer_syntax", TRANSFER_SYNTAXES)
def test_pixels_are_read_however_they_are_packed(
    tmp_path: Path, transfer_syntax: str, frames: int
) -> None:
    data = packed_as(scan(3, frames=frames), transfer_syntax, tmp_path)
    header = dicom.read_header(io.BytesIO(data), "a.dcm", MAX_PIXELS)
    assert (header.width, header.height, header.frames) == (*SIZE_WH, frames)
    picture = thumbnail(data, {"frame": frames - 1})
    bright = disc(3 + frames - 1) > 500
    assert picture.shape == bright.shape
    assert picture[bright].mean() > 200 > 60 > picture[~bright].mean()


def test_slices_are_read_from_where_there_is_no_file(tmp_path):
    large = scan(3, Rows=400, Columns=400, PixelData=np.full((400, 400), 7, "<u2").tobytes())
    for data in (scan(3), large, packed_as(scan(3), "JPEGLSLossless", tmp_path)):
        source = seekable(len(data), lambda start, end: iter([data[start:end]]))  # noqa: B023
        told = dicom.header(source, "a.dcm", MAX_PIXELS)
        assert told["frames"] == 1
        assert dicom.thumbnail(source, {}, MAX_PIXELS) == dicom.thumbnail(
            io.BytesIO(data), {}, MAX_PIXELS
        )


def test_pixels_too_many_to_be_held_are_only_counted():
    frames, side = 60, 512
    numbers = np.repeat(np.arange(frames, dtype="<u2"), side * side)
    tags = {"NumberOfFrames": frames, "Rows": side, "Columns": side}
    data = scan(1, PixelData=numbers.tobytes(), **tags)
    thumbnail(scan(1))  # what is imported for the first of them does not count
    tracemalloc.start()
    assert header(data)["frames"] == frames
    thumbnail(data, {"frame": 13})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(data)
    with pytest.raises(FileError, match=r"^a\.dcm: expected 31,457,280 bytes of pixels, got"):
        header(data[:-1000])


def test_monochrome1_is_shown_bright_where_it_is_low():
    picture = thumbnail(scan(3, PhotometricInterpretation="MONOCHROME1"))
    assert picture[disc(3) > 500].mean() < 60


def test_the_window_of_the_file_is_used():
    windowed = thumbnail(scan(3, WindowCenter=5000, WindowWidth=100))
    assert np.ptp(windowed) < 5, "all pixels lie below the window"


def test_broken_slices_are_named_and_what_is_no_slice_is_passed_over(tmp_path):
    whole = scan(1)
    packed = packed_as(scan(4), "JPEGLSLossless", tmp_path)
    broken = {
        "cut.dcm": whole[:-600],
        "torn.dcm": packed[:-40] + bytes(40),
        "empty.dcm": scan(2, PixelData=None),
        "no-size.dcm": scan(2, Rows=0),
    }
    for name, data in broken.items():
        with pytest.raises(FileError, match=f"^{name}: ") as caught:
            header(data, name)
        assert not isinstance(caught.value, OtherFile)
    report = scan(2, PixelData=None, Rows=None, Columns=None)
    for name, data in {"notes.txt": b"nothing", "report.dcm": report}.items():
        with pytest.raises(OtherFile, match=f"^{name}: "):
            header(data, name)


def test_too_many_pixels_or_frames_are_refused_before_they_are_read():
    with pytest.raises(FileError, match="65,535 x 65,535 pixels are too many"):
        header(scan(1, Rows=65535, Columns=65535))
    with pytest.raises(FileError, match="NumberOfFrames"):
        header(scan(1, NumberOfFrames=2_000_000))


def test_a_deflated_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(dicom, "MAX_INFLATED_BYTES", 1_000_000)
    data = packed_as(scan(1), "DeflatedExplicitVRLittleEndian", tmp_path)
    end_of_meta = 144 + int.from_bytes(data[140:144], "little")
    deflating = zlib.compressobj(9, wbits=-15)
    bomb = data[:end_of_meta] + deflating.compress(bytes(5_000_000)) + deflating.flush()
    with pytest.raises(FileError, match="more than 1,000,000 bytes"):
        dicom.read_header(io.BytesIO(bomb), "a.dcm", MAX_PIXELS)


def test_damaged_files_are_read_or_refused(tmp_path):
    """The codecs end their process for some of these; ours goes on."""
    files = [packed_as(scan(3), syntax, tmp_path) for syntax in TRANSFER_SYNTAXES]
    files.append(scan(3, frames=2))
    results = {True: 0, False: 0}
    for data in mutated(files, 400):
        try:
            dicom.read_header(io.BytesIO(data), "a.dcm", MAX_PIXELS)
            dicom.thumbnail(io.BytesIO(data), {}, MAX_PIXELS)
        except FileError as error:
            assert "a.dcm" in str(error) or "slice" in str(error)
            results[False] += 1
        else:
            results[True] += 1
    assert min(results.values()) > 20
