"""Videos: measured as ffprobe measures them, and refused where they are something else."""

from __future__ import annotations

import io
import struct
import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from fastlabel.modalities import FileError
from fastlabel.modalities.robotics import CAMERA
from fastlabel.modalities.video import MP4
from fastlabel_server.media import mp4, video
from ffprobe import converted, probed
from media import recordings
from media.mutations import mutated
from media.recordings import B_FRAMES, IRREGULAR, box

MAX_PIXELS = 1_000_000
PIECES = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


def with_sound() -> bytes:
    """A video whose sound lies between its pictures."""
    return joined(recordings.video(options=B_FRAMES), recordings.m4a(duration_s=0.8))


def joined(*files: bytes, skip: int = 0) -> bytes:
    """Put the first track of each file into one MP4, without its first packets."""
    output = io.BytesIO()
    with av.open(output, "w", format="mp4") as target:
        sources = [av.open(io.BytesIO(data)) for data in files]
        streams = [target.add_stream_from_template(one.streams[0]) for one in sources]
        for source, stream in zip(sources, streams, strict=True):
            for number, packet in enumerate(source.demux(source.streams[0])):
                if packet.size and number >= skip:
                    packet.stream = stream
                    target.mux(packet)
            source.close()
    return output.getvalue()


def with_index_at_the_start(data: bytes) -> bytes:
    """Return the same video, written as for the web."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "a.mp4")
        source.write_bytes(data)
        target = converted(source, Path(folder, "b.mp4"), "-c", "copy", "-movflags", "faststart")
        return target.read_bytes()


FILES = {
    "constant rate": lambda: recordings.video(options={"bf": "0"}),
    "29.97 frames a second": lambda: recordings.video(rate=Fraction(30000, 1001)),
    "B-frames": lambda: recordings.video(options=B_FRAMES),
    "variable rate": lambda: recordings.video(times=IRREGULAR, options={"bf": "0"}),
    "variable rate, B-frames": lambda: recordings.video(times=IRREGULAR, options=B_FRAMES),
    "begins late": lambda: recordings.video(times=[300, 320, 360, 420]),
    "one frame": lambda: recordings.video(frames=1),
    "two fields in a sample": lambda: recordings.video(options={"flags": "+ilme+ildct"}),
    "a field in a sample": lambda: recordings.fields(10),
    "in pieces": lambda: recordings.video(options=B_FRAMES, muxer_options=PIECES),
    "index at the start": lambda: with_index_at_the_start(sample("B-frames")),
    "sound": with_sound,
    "begins with pictures that need earlier ones": lambda: joined(
        recordings.video(options=B_FRAMES, frames=40), skip=3
    ),
}


@cache
def sample(name: str) -> bytes:
    return FILES[name]()


def measured(data, rule=MP4, name="clip.mp4", max_pixels=MAX_PIXELS):
    return video.measure(io.BytesIO(data), name, rule, max_pixels)


def check_against_ffprobe(path):
    """Compare measures and times with what ffprobe finds."""
    data = path.read_bytes()
    expected = probed(path)
    found = measured(data, CAMERA)
    assert found.media_type == "video/mp4"
    media = found.media
    assert media["frameCount"] == int(expected["nb_read_frames"]) == len(expected["times"])
    assert (media["width"], media["height"]) == (expected["width"], expected["height"])
    times = expected["times"]
    span, duration = times[-1] - times[0], float(expected["duration"])
    if duration > span:
        assert media["duration"] == pytest.approx(duration, abs=2e-6)
    else:  # the head of the file contradicts its frames
        assert span < media["duration"] <= span + max(np.diff(times))
    assert media["fps"] == pytest.approx(media["frameCount"] / media["duration"])
    assert video.frame_times(io.BytesIO(data)) == pytest.approx(expected["times"], abs=2e-6)


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("begins with")])
def test_a_video_has_the_frames_that_ffprobe_counts_and_shows(name, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(sample(name))
    check_against_ffprobe(path)


def test_pictures_that_cannot_be_decoded_are_no_frames(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(sample("begins with pictures that need earlier ones"))
    expected = probed(path)
    with av.open(path) as file:
        packets = sum(packet.size > 0 for packet in file.demux())
    assert packets > len(expected["times"]) > 0
    assert video.frame_times(io.BytesIO(path.read_bytes())) == pytest.approx(
        expected["times"], abs=2e-6
    )


@pytest.mark.parametrize("start", ["0.15", "0.45"])
def test_a_video_cut_without_coding_it_anew_has_the_frames_that_are_shown(start, tmp_path):
    """Such files hold pictures before the cut, which an edit list hides."""
    source = tmp_path / "whole.mp4"
    source.write_bytes(recordings.video(options=B_FRAMES, frames=40))
    cut = converted(source, tmp_path / "cut.mp4", "-c", "copy", before=("-ss", start))
    expected = probed(cut)
    assert len(expected["times"]) < 40
    times = video.frame_times(io.BytesIO(cut.read_bytes()))
    assert times == pytest.approx(expected["times"], abs=2e-6)
    assert measured(cut.read_bytes()).media["frameCount"] == int(expected["nb_read_frames"])


def test_rates_are_exact():
    assert measured(sample("constant rate")).media == {
        "width": 64,
        "height": 48,
        "fps": 30.0,
        "frameCount": 24,
        "duration": 0.8,
    }
    assert measured(sample("29.97 frames a second")).media["fps"] == 30000 / 1001


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_a_video_on_its_side_has_the_size_it_is_shown_in(rotation_deg):
    media = measured(recordings.video(rotation_deg=rotation_deg)).media
    shown = (64, 48) if rotation_deg == 180 else (48, 64)
    assert (media["width"], media["height"]) == shown


def test_mpeg4_part_2_is_taken_of_cameras_of_robots_alone(tmp_path):
    data = recordings.video("mpeg4")
    path = tmp_path / "camera.mp4"
    path.write_bytes(data)
    check_against_ffprobe(path)
    with pytest.raises(FileError, match=r"clip\.mp4: expected H\.264 video, got mpeg4"):
        measured(data)


WRONG = {
    "H.265": (lambda: recordings.video("libx265"), "expected H.264 video, got hevc"),
    "AV1": (lambda: recordings.video("libsvtav1"), "expected H.264 video, got av1"),
    "VP9": (lambda: recordings.video("libvpx-vp9"), "expected H.264 video, got vp9"),
    "Matroska": (lambda: recordings.video(container="matroska"), "MP4 video, got Matroska"),
    "transport stream": (
        lambda: recordings.video(container="mpegts", size_wh=(320, 240)),
        "MP4 video, got an MPEG transport stream",
    ),
    "AVI": (lambda: recordings.video("mpeg4", container="avi"), "MP4 video, got AVI"),
    "QuickTime": (lambda: recordings.video(container="mov"), "got QuickTime"),
    "sound alone": (lambda: recordings.recording("aac", "mp4"), "no video stream"),
    "text": (lambda: b"#EXTM3U\nhttp://127.0.0.1/secret\n" * 9, "got something else"),
    "encrypted": (
        lambda: b"encv".join(sample("constant rate").rsplit(b"avc1", 1)),
        "expected H.264 video, got an unknown codec",
    ),
    "no index": (
        lambda: sample("constant rate")[: sample("constant rate").index(b"moov") - 4],
        "index",
    ),
    "cut off in its index": (lambda: sample("constant rate")[:-300], "cut off or damaged"),
    "cut off in its pictures": (lambda: sample("index at the start")[:-100], "cut off"),
    "cut off in a piece": (lambda: sample("in pieces")[: len(sample("in pieces")) * 2 // 3], ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_whole_mp4_with_h264_is_refused_by_name_and_reason(case):
    make, reason = WRONG[case]
    with pytest.raises(FileError) as refused:
        measured(make())
    assert str(refused.value).startswith("clip.mp4: ")
    assert reason in str(refused.value)


def test_pictures_of_too_many_pixels_are_refused():
    with pytest.raises(FileError, match="up to 3,000 pixels, got 64 x 48"):
        measured(sample("constant rate"), max_pixels=3000)
    with pytest.raises(FileError, match="up to 3,000 pixels"):
        video.thumbnail(io.BytesIO(sample("constant rate")), {}, 3000)


def test_a_picture_whose_parts_do_not_fit_into_it_is_damaged():
    data = sample("constant rate")
    pictures = data.index(b"mdat") + 4
    torn = data[:pictures] + b"\x7f" + data[pictures + 1 :]
    with pytest.raises(FileError, match=r"clip\.mp4: the video is damaged"):
        measured(torn)


def test_notes_of_a_camera_behind_the_last_box_are_passed_over():
    data = sample("constant rate")
    assert measured(data + b"\0\0\0\7SEFT what a phone writes").media == measured(data).media


# What libav would believe, and make room for.
MANY = 500_000_000
CLAIMS = {
    "samples of one size": {"stsz": struct.pack(">III", 0, 1, MANY)},
    "samples of sizes that are not there": {"stsz": struct.pack(">III", 0, 0, MANY)},
    "small samples that are not there": {"stz2": struct.pack(">III", 0, 4, MANY)},
    "times": {"stts": struct.pack(">IIII", 0, MANY, 1, 1)},
    "chunks": {"stco": struct.pack(">III", 0, MANY, 32)},
    "samples in the description": {"stsd": struct.pack(">II", 0, 0) + box("stsz", bytes(12))},
    "a packed index": {"cmov": bytes(40)},
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_small_file_that_claims_to_be_huge_is_refused_before_room_is_made(claim):
    data = recordings.bare_mp4(
        [b"\0\0\0\1\x65"], b"\1" * 8, size_wh=(16, 16), rate=30, tables=CLAIMS[claim]
    )
    with pytest.raises(FileError, match=r"clip\.mp4: the (file|description|index)"):
        mp4.check(io.BytesIO(data), "clip.mp4", "MP4")


def test_pieces_that_claim_more_samples_than_a_day_has_are_refused():
    run = box("trun", struct.pack(">II", 0, MANY))
    data = sample("in pieces") + box("moof", box("traf", run))
    with pytest.raises(FileError, match="more than 2,592,000 samples"):
        measured(data)


def test_edits_that_play_a_video_a_hundred_thousand_times_are_refused():
    edits = struct.pack(">II", 0, 100_000) + struct.pack(">IiI", 1, 0, 1 << 16) * 100_000
    data = recordings.bare_mp4(
        [b"\0\0\0\1\x65"] * 30, b"", size_wh=(16, 16), rate=30, tables={"elst": edits}
    )
    with pytest.raises(FileError, match="more than 2,592,000 samples"):
        measured(data)


@pytest.mark.parametrize("sample_bytes", [40_000, 400_000])
def test_samples_that_share_their_bytes_are_not_read_for_ever(sample_bytes):
    parts = 20_000
    with av.open(io.BytesIO(sample("one frame"))) as file:
        parameters = file.streams.video[0].codec_context.extradata
        picture = bytes(next(file.demux()))
    filler = sample_bytes - len(picture) - 5
    picture += struct.pack(">IB", filler + 1, 12) + b"\xff" * filler
    tables = {
        "stsz": struct.pack(">III", 0, 0, parts) + struct.pack(">I", sample_bytes) * parts,
        "stco": struct.pack(">II", 0, parts) + struct.pack(">I", 32) * parts,
        "stts": struct.pack(">IIII", 0, 1, parts, 1),
        "stsc": struct.pack(">IIIII", 0, 1, 1, 1, 1),
    }
    data = recordings.bare_mp4([picture], parameters, size_wh=(64, 48), rate=30, tables=tables)
    with pytest.raises(FileError, match="share their bytes"):
        measured(data)


def thumbnail(data):
    picture = video.thumbnail(io.BytesIO(data), {}, MAX_PIXELS)
    image = Image.open(io.BytesIO(picture))
    assert image.format == "WEBP"
    return image.convert("RGB")


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_a_poster_is_turned_as_players_turn_the_video(rotation_deg, tmp_path):
    data = recordings.video(rotation_deg=rotation_deg, size_wh=(640, 480))
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    still = converted(path, tmp_path / "still.png", "-frames:v", "1")
    with Image.open(still) as expected:
        image = thumbnail(data)
        assert max(image.size) == 320
        assert image.size == (expected.width // 2, expected.height // 2)
        small = expected.convert("RGB").resize(image.size)
    for x, y in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)):
        at = (int(x * image.width), int(y * image.height))
        assert image.getpixel(at) == pytest.approx(small.getpixel(at), abs=25)


def test_a_poster_is_the_first_frame_that_is_shown_and_not_enlarged():
    for name in ("B-frames", "sound", "in pieces", "a field in a sample"):
        image = thumbnail(sample(name))
        assert image.size == ((16, 32) if name == "a field in a sample" else (64, 48))
    # The white dot moves to the right with each frame.
    red, green, blue = thumbnail(sample("B-frames")).getpixel((1, 1))
    assert min(red, green, blue) > 150


def test_a_video_of_which_nothing_can_be_decoded_has_no_poster():
    data = sample("constant rate")
    pictures, index = data.index(b"mdat") + 4, data.index(b"moov") - 4
    blank = data[:pictures] + bytes(index - pictures) + data[index:]
    with pytest.raises(FileError):
        thumbnail(blank)


def test_damaged_videos_are_measured_or_refused():
    files = [sample(name) for name in ("B-frames", "in pieces", "a field in a sample", "sound")]
    outcomes = set()
    for data in mutated([*files, recordings.video("mpeg4")], 250):
        for work in (
            lambda data: measured(data, CAMERA),
            lambda data: video.thumbnail(io.BytesIO(data), {}, MAX_PIXELS),
        ):
            try:
                work(data)
                outcomes.add("taken")
            except FileError as error:
                assert str(error)
                outcomes.add("refused")
    assert outcomes == {"taken", "refused"}
