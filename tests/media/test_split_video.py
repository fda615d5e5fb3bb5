"""Videos in parts: no frame is lost or doubled, none is shown at another time."""

from __future__ import annotations

import io
import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastlabel.modalities import FileError
from fastlabel_server.media import SPLITTERS, cuts
from fastlabel_server.media import video as probe
from ffprobe import converted
from media import recordings
from media.recordings import B_FRAMES, IRREGULAR
from media.splitting import Part, measured, places, split

MANY_KEYS = {"x264-params": "keyint=6:min-keyint=6:scenecut=0:bframes=2:b-adapt=0"}
OPEN_GOPS = {"x264-params": "open-gop=1:keyint=12:bframes=3:b-adapt=0:scenecut=0"}
PIECES = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
LONG = [*IRREGULAR, *(time + 700 for time in IRREGULAR), *(time + 1401 for time in IRREGULAR)]


def with_sound(frames: int = 90, sound_s: float = 3.0) -> bytes:
    output = io.BytesIO()
    files = (
        recordings.video(frames=frames, options=MANY_KEYS),
        recordings.m4a(duration_s=sound_s, channels=2),
    )
    with av.open(output, "w", format="mp4") as target:
        sources = [av.open(io.BytesIO(data)) for data in files]
        streams = [target.add_stream_from_template(one.streams[0]) for one in sources]
        for source, stream in zip(sources, streams, strict=True):
            for packet in source.demux(source.streams[0]):
                if packet.size:
                    packet.stream = stream
                    target.mux(packet)
            source.close()
    return output.getvalue()


def cut_by_ffmpeg(start: str) -> bytes:
    """Return a video that holds pictures before its start, which an edit list hides."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "whole.mp4")
        source.write_bytes(recordings.video(options=MANY_KEYS, frames=60))
        target = Path(folder, "cut.mp4")
        return converted(source, target, "-c", "copy", before=("-ss", start)).read_bytes()


FILES = {
    "constant rate": lambda: recordings.video(options={"g": "6", "bf": "0"}, frames=40),
    "29.97 frames a second": lambda: recordings.video(
        rate=Fraction(30000, 1001), options=MANY_KEYS, frames=40
    ),
    "B-frames": lambda: recordings.video(options=MANY_KEYS, frames=41),
    "variable rate": lambda: recordings.video(times=LONG, options={"g": "5", "bf": "0"}),
    "variable rate, B-frames": lambda: recordings.video(times=LONG, options=B_FRAMES),
    "begins late": lambda: recordings.video(times=[time + 300 for time in LONG], options=B_FRAMES),
    "a field in a sample": lambda: recordings.fields(20),
    "in pieces": lambda: recordings.video(options=MANY_KEYS, frames=40, muxer_options=PIECES),
    "sound": with_sound,
    "hides its beginning": lambda: cut_by_ffmpeg("0.45"),
}


@cache
def sample(name: str) -> bytes:
    return FILES[name]()


def frames_of(data: bytes) -> list[NDArray[np.uint8]]:
    with av.open(io.BytesIO(data)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


def times_of(parts: list[Part]) -> list[float]:
    """Return when frames are shown where parts are played one after the other."""
    return [
        part.place["start"] + time
        for part in parts
        for time in probe.frame_times(io.BytesIO(part.data))
    ]


def times_from_the_first(data: bytes) -> list[float]:
    times = probe.frame_times(io.BytesIO(data))
    return [time - times[0] for time in times]


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("method", ["exact", "keyframes"])
@pytest.mark.parametrize("name", FILES)
def test_parts_have_all_frames_at_their_times(
    name: str, method: str, count: int, tmp_path: Path
) -> None:
    data = sample(name)
    whole = measured("video", data, "a.mp4")
    parts = split("video", data, "a.mp4", tmp_path / "spool", parts=count, method=method)
    assert len(parts) == count
    counts = [part.media["frameCount"] for part in parts]
    assert sum(counts) == whole["frameCount"]
    assert [part.place["frame"] for part in parts] == [
        sum(counts[:number]) for number in range(count)
    ]
    # What an edit list hides may end within a frame, so that the first is shown for less.
    tolerance = 0.02 if name == "hides its beginning" else 1e-4
    assert times_of(parts) == pytest.approx(times_from_the_first(data), abs=tolerance)
    lasted = sum(part.media["duration"] for part in parts)
    assert lasted == pytest.approx(whole["duration"], abs=tolerance)
    expected = frames_of(data)
    found = [frame for part in parts for frame in frames_of(part.data)]
    assert len(found) == len(expected)
    lost = max(map(difference, found, expected))
    assert lost == 0 if method == "keyframes" else lost < 1


@pytest.mark.parametrize("method", ["exact", "keyframes"])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_video_is_shown_as_it_was(quarters: int, method: str, tmp_path: Path) -> None:
    data = recordings.video(options=MANY_KEYS, rotation_deg=90 * quarters)
    parts = split("video", data, "a.mp4", tmp_path / "spool", parts=2, method=method)
    whole = measured("video", data, "a.mp4")
    for part in parts:
        assert (part.media["width"], part.media["height"]) == (whole["width"], whole["height"])
    found = [frame for part in parts for frame in frames_of(part.data)]
    for frame, original in zip(found, frames_of(data), strict=True):
        expected = original if method == "keyframes" else np.rot90(original, quarters)
        assert difference(frame, expected) < 1


def test_parts_can_be_cut_from_any_on(tmp_path: Path) -> None:
    for method in ("exact", "keyframes"):
        whole = split("video", sample("B-frames"), "a.mp4", tmp_path / "s", parts=4, method=method)
        later = split(
            "video", sample("B-frames"), "a.mp4", tmp_path / "s", 3, parts=4, method=method
        )
        assert [part.place for part in later] == [part.place for part in whole[2:]]
        assert [part.media for part in later] == [part.media for part in whole[2:]]


def test_exact_parts_are_equally_long(tmp_path: Path) -> None:
    data = recordings.video(frames=100, options={"g": "100"})
    parts = split("video", data, "a.mp4", tmp_path / "spool", parts=7, method="exact")
    counts = [part.media["frameCount"] for part in parts]
    assert sum(counts) == 100
    assert set(counts) == {14, 15}


def test_parts_of_a_variable_rate_are_equally_long_in_time(tmp_path: Path) -> None:
    """Half of the time has a tenth of the frames."""
    times = [*range(0, 600, 60), *range(600, 1200, 6)]
    data = recordings.video(times=times, options={"bf": "0"})
    parts = split("video", data, "a.mp4", tmp_path / "spool", parts=2, method="exact")
    durations = [part.media["duration"] for part in parts]
    assert durations[0] == pytest.approx(durations[1], abs=0.03)
    assert parts[0].media["frameCount"] < 12 < 98 < parts[1].media["frameCount"]


def sound_of(data: bytes) -> NDArray[np.float32]:
    with av.open(io.BytesIO(data)) as file:
        return np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], axis=1)


@pytest.mark.parametrize("method", ["exact", "keyframes"])
def test_the_sound_goes_with_the_pictures(method: str, tmp_path: Path) -> None:
    data = with_sound()
    parts = split("video", data, "a.mp4", tmp_path / "spool", parts=3, method=method)
    whole = sound_of(data)
    packet = 1024
    for part in parts:
        sound = sound_of(part.data)
        begin = round(part.place["start"] * recordings.RATE)
        assert sound.shape[1] == pytest.approx(
            part.media["duration"] * recordings.RATE, abs=2 * packet
        )
        # Where it is like the whole, packet by packet; its first one sounds without its past.
        middle = sound[:, 4 * packet : 12 * packet]
        offsets = range(begin + 2 * packet, begin + 6 * packet)
        best = min(
            float(np.abs(whole[:, at : at + middle.shape[1]] - middle).mean()) for at in offsets
        )
        assert best < 1e-3


def test_sound_that_mp4_cannot_hold_is_left_out(tmp_path: Path) -> None:
    """QuickTime's own samples came into an MP4 by cameras that wrote the wrong brand."""
    output = io.BytesIO()
    files = (
        recordings.video(options=MANY_KEYS),
        recordings.recording("pcm_mulaw", "wav", duration_s=0.8),
    )
    with av.open(output, "w", format="mov") as target:
        sources = [av.open(io.BytesIO(data)) for data in files]
        streams = [target.add_stream_from_template(one.streams[0]) for one in sources]
        for source, stream in zip(sources, streams, strict=True):
            for packet in source.demux(source.streams[0]):
                if packet.size:
                    packet.stream = stream
                    target.mux(packet)
            source.close()
    data = output.getvalue().replace(b"ftypqt  ", b"ftypisom", 1)
    for method in ("exact", "keyframes"):
        parts = split("video", data, "a.mp4", tmp_path / "spool", parts=2, method=method)
        assert [part.media["frameCount"] for part in parts] == [12, 12]
        with av.open(io.BytesIO(parts[0].data)) as file:
            assert not file.streams.audio


def test_the_index_is_at_the_front(tmp_path: Path) -> None:
    for method in ("exact", "keyframes"):
        for part in split(
            "video", sample("sound"), "a.mp4", tmp_path / "spool", parts=2, method=method
        ):
            assert part.data.index(b"moov") < part.data.index(b"mdat")


def test_fewer_frames_or_key_frames_than_parts_are_refused(tmp_path: Path) -> None:
    data = recordings.video(frames=12, options={"g": "6", "bf": "0"})
    with pytest.raises(FileError, match=r"a\.mp4: 12 frames cannot be split into 13 parts"):
        split("video", data, "a.mp4", tmp_path / "spool", parts=13, method="exact")
    message = "key frames allow up to 2 parts, not 3; the method `exact` needs none"
    with pytest.raises(FileError, match=message):
        split("video", data, "a.mp4", tmp_path / "spool", parts=3, method="keyframes")


def test_key_frames_that_later_frames_reach_over_are_no_places_to_cut(tmp_path: Path) -> None:
    """In open groups of pictures frames are stored behind a key frame that come before it."""
    data = recordings.video(options=OPEN_GOPS, frames=60)
    with av.open(io.BytesIO(data)) as file:
        assert sum(packet.is_keyframe for packet in file.demux(video=0) if packet.size) >= 1
    with pytest.raises(FileError, match="key frames allow up to 1 parts"):
        split("video", data, "a.mp4", tmp_path / "spool", parts=2, method="keyframes")
    parts = split("video", data, "a.mp4", tmp_path / "spool", parts=4, method="exact")
    assert [part.media["frameCount"] for part in parts] == [15] * 4


def test_a_part_with_other_frames_than_planned_is_refused() -> None:
    splitter = SPLITTERS["video"]
    plan = splitter.plan(io.BytesIO(sample("B-frames")), "a.mp4", {"parts": 2, "method": "exact"})
    with pytest.raises(FileError, match="part 2 has 3 frames instead of 2"):
        splitter.check(plan, 2, {"frameCount": 3})


def test_a_video_that_is_damaged_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    data = bytearray(recordings.video(options={"bf": "0", "g": "6"}, frames=40))
    splitter = SPLITTERS["video"]
    plan = splitter.plan(io.BytesIO(bytes(data)), "a.mp4", {"parts": 2, "method": "exact"})
    cut = bytes(data[: data.index(b"mdat") + 1500])
    folder = tmp_path / "spool"
    with pytest.raises(FileError):
        list(splitter.write(io.BytesIO(cut), "a.mp4", plan, 1, places(folder)))
    assert list(folder.iterdir()) == []


@given(
    st.lists(st.integers(1, 10_000), min_size=1, max_size=60, unique=True).map(sorted),
    st.data(),
)
def test_cuts_are_the_nearest_that_leave_enough_for_the_others(
    candidates: list[int], data: st.DataObject
) -> None:
    count = data.draw(st.integers(2, len(candidates) + 1))
    span = Fraction(max(candidates) + data.draw(st.integers(1, 500)))
    found = cuts.nearest(candidates, count, 0, span)
    assert len(found) == count - 1
    assert found == sorted(set(found))
    assert set(found) <= set(candidates)
    if len(candidates) >= 2 * count:
        # Where there is room on both sides, no other candidate is nearer.
        for number, cut in enumerate(found, start=1):
            wanted = span * number / count
            index = candidates.index(cut)
            before = found[number - 2] if number > 1 else -1
            free = [one for one in candidates[: len(candidates) - (count - 1 - number)]
                    if one > before]  # fmt: skip
            assert abs(cut - wanted) == min(abs(one - wanted) for one in free), index
