"""Recordings in parts: played one after the other, they are the whole, sample by sample."""

from __future__ import annotations

import io
import itertools
from functools import cache, partial
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from fastlabel.modalities import FileError
from fastlabel_server.media import mp3
from ffprobe import converted
from media.recordings import box, m4a, recording, wav
from media.recordings import mp3 as mp3_file
from media.splitting import measured, split

FILES = {
    "WAV": ("a.wav", wav),
    "WAV, stereo": ("a.wav", partial(wav, channels=2)),
    "WAV of 8 bits, odd": ("a.wav", partial(recording, "pcm_u8", "wav", duration_s=0.50003)),
    "WAV of 24 bits": ("a.wav", partial(recording, "pcm_s24le", "wav")),
    "WAV of floats": ("a.wav", partial(recording, "pcm_f32le", "wav", channels=2)),
    "WAV, logarithmic": ("a.wav", partial(recording, "pcm_mulaw", "wav", rate=8000)),
    "MP3": ("a.mp3", mp3_file),
    "MP3, stereo": ("a.mp3", partial(mp3_file, channels=2, duration_s=5)),
    "MP3 without a note": ("a.mp3", partial(mp3_file, with_frame_count=False)),
    "MP3 of a variable rate": ("a.mp3", partial(mp3_file, duration_s=7, options={"q": "4"})),
    "MP3 with a large reservoir": (
        "a.mp3",
        partial(mp3_file, duration_s=12, options={"b": "32000"}),
    ),
    "MP3 of MPEG 2": ("a.mp3", partial(mp3_file, rate=22_050, duration_s=5)),
    "MP3 of MPEG 2.5": ("a.mp3", partial(mp3_file, rate=8000, duration_s=5)),
    "M4A": ("a.m4a", m4a),
    "M4A, stereo": ("a.m4a", partial(m4a, channels=2, duration_s=5)),
    "M4A of 8 kHz": ("a.m4a", partial(m4a, rate=8000)),
    "M4A, lossless": ("a.m4a", partial(m4a, "alac")),
}


@cache
def sample(name: str) -> tuple[str, bytes]:
    file_name, make = FILES[name]
    return file_name, make()


def heard(data: bytes) -> NDArray[np.float64]:
    """Return the samples that a player plays, of shape (channels, samples)."""
    with av.open(io.BytesIO(data)) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
    return np.concatenate([frame.reshape(frame.shape[0], -1) for frame in frames], axis=1).astype(
        float
    )


@pytest.mark.parametrize("count", [2, 7])
@pytest.mark.parametrize("name", FILES)
def test_parts_played_one_after_the_other_are_the_whole(
    name: str, count: int, tmp_path: Path
) -> None:
    file_name, data = sample(name)
    parts = split("audio", data, file_name, tmp_path / "spool", parts=count, method="exact")
    assert len(parts) == count
    durations = [part.media["duration"] for part in parts]
    whole = measured("audio", data, file_name)
    assert sum(durations) == pytest.approx(whole["duration"], abs=1e-9)
    starts = [0, *itertools.accumulate(durations)][:-1]
    assert [part.place["start"] for part in parts] == pytest.approx(starts, abs=1e-9)
    for field in ("sampleRate", "channels"):
        assert {part.media[field] for part in parts} == {whole[field]}
    expected = heard(data)
    found = np.concatenate([heard(part.data) for part in parts], axis=1)
    assert found.shape == expected.shape
    # AAC fills gaps with noise of its decoder's own, which starts anew with each file.
    tolerance = 0.002 * np.abs(expected).max() if file_name == "a.m4a" else 0
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", ["MP3 with a large reservoir", "M4A, stereo", "WAV of 24 bits"])
def test_parts_can_be_cut_from_any_on(name: str, tmp_path: Path) -> None:
    file_name, data = sample(name)
    whole = split("audio", data, file_name, tmp_path / "spool", parts=4)
    later = split("audio", data, file_name, tmp_path / "spool", 3, parts=4)
    assert [part.media for part in later] == [part.media for part in whole[2:]]
    assert [heard(part.data).tolist() for part in later] == [
        heard(part.data).tolist() for part in whole[2:]
    ]


@pytest.mark.parametrize("name", FILES)
def test_parts_are_nearly_equal(name: str, tmp_path: Path) -> None:
    file_name, data = sample(name)
    parts = split("audio", data, file_name, tmp_path / "spool", parts=3)
    durations = [part.media["duration"] for part in parts]
    packet = 1 if file_name == "a.wav" else 4096 if "lossless" in name else 1152
    packet_s = packet / parts[0].media["sampleRate"]
    third = sum(durations) / 3
    ends = list(itertools.accumulate(durations))[:-1]
    assert ends == pytest.approx([third, 2 * third], abs=packet_s)


def test_a_wav_whose_length_nobody_wrote_is_split(tmp_path: Path) -> None:
    """Programs write it so that cannot go back in the file."""
    data = bytearray(wav(duration_s=0.5))
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xff\xff\xff\xff"
    parts = split("audio", bytes(data), "a.wav", tmp_path / "spool", parts=2)
    assert [part.media["duration"] for part in parts] == pytest.approx([0.25, 0.25], abs=1e-4)


def test_a_cover_and_titles_are_left_out(tmp_path: Path) -> None:
    _, data = sample("MP3")
    tag = b"ID3\x04\0\0\0\0\x01\0" + bytes(128)
    parts = split("audio", tag + data, "a.mp3", tmp_path / "spool", parts=2)
    assert all(not part.data.startswith(b"ID3") for part in parts)
    found = np.concatenate([heard(part.data) for part in parts], axis=1)
    np.testing.assert_array_equal(found, heard(data))


def test_an_mp3_of_another_encoder_with_checksums_is_split(tmp_path: Path) -> None:
    """A checksum of two bytes then stands between header and side information."""
    frame = bytes.fromhex("fffa9064")
    header = mp3.Header.of(frame)
    assert header is not None
    assert (header.side_at, header.data_at, header.length) == (6, 38, 417)
    assert mp3.Header.of(bytes.fromhex("fffb9064")).side_at == 4  # type: ignore[union-attr]


def test_a_note_is_read_as_ffmpeg_reads_it(tmp_path: Path) -> None:
    file_name, data = sample("MP3, stereo")
    parts = split("audio", data, file_name, tmp_path / "spool", parts=3)
    path = tmp_path / "part.mp3"
    path.write_bytes(parts[1].data)
    # The program, which need not be of the version that PyAV brings.
    decoded = converted(path, tmp_path / "part.wav")
    samples = measured("audio", decoded.read_bytes(), "part.wav")["duration"]
    assert samples == pytest.approx(parts[1].media["duration"], abs=1e-9)


def test_shorter_recordings_than_parts_are_refused(tmp_path: Path) -> None:
    data = wav(duration_s=10 / 8000, rate=8000)
    with pytest.raises(FileError, match=r"a\.wav: 10 samples cannot be split into 11 parts"):
        split("audio", data, "a.wav", tmp_path / "spool", parts=11)
    with pytest.raises(FileError, match="packets cannot be split into 50 parts"):
        split("audio", m4a(duration_s=0.3), "a.m4a", tmp_path / "spool", parts=50)


def test_a_recording_that_is_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="expected a recording"):
        split("audio", box("junk", bytes(64)), "a.wav", tmp_path / "spool", parts=2)
