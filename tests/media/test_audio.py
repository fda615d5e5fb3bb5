"""Recordings: how long they play, to the sample; what they are, whatever they are called."""

from __future__ import annotations

import io
import struct
import wave

import av
import numpy as np
import pytest
from PIL import Image

from fastlabel.modalities import FileError
from fastlabel.modalities.audio import RECORDING
from fastlabel_server.media import audio, waveform
from ffprobe import decoded
from media.mutations import mutated
from media.recordings import RATE, m4a, mp3, recording, tone, video, wav

VARIABLE = {"q": "4"}
"""LAME's variable bit rate."""


def measured(data, name="voice"):
    return audio.measure(io.BytesIO(data), name, RECORDING, 0)


FILES = {
    "mp3": (lambda: mp3(), "mp3", "audio/mpeg"),
    "mp3 of variable bit rate": (lambda: mp3(options=VARIABLE, channels=2), "mp3", "audio/mpeg"),
    "mp3 at 16 kHz": (lambda: mp3(rate=16_000), "mp3", "audio/mpeg"),
    "mp3 without a count": (lambda: mp3(with_frame_count=False), "mp3", "audio/mpeg"),
    "mp3 of variable bit rate without a count": (
        lambda: mp3(with_frame_count=False, options=VARIABLE),
        "mp3",
        "audio/mpeg",
    ),
    "wav": (lambda: wav(channels=2), "wav", "audio/wav"),
    "wav of floats": (lambda: recording("pcm_f32le", "wav"), "wav", "audio/wav"),
    "wav of a telephone": (
        lambda: recording("pcm_mulaw", "wav", rate=8000),
        "wav",
        "audio/wav",
    ),
    "m4a without loss": (lambda: m4a("alac", channels=2), "m4a", "audio/mp4"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_recording_is_as_long_as_what_ffmpeg_decodes(case, tmp_path):
    make, extension, media_type = FILES[case]
    data = make()
    path = tmp_path / f"voice.{extension}"
    path.write_bytes(data)
    found = measured(data, path.name)
    assert found.media_type == media_type
    media = found.media
    samples = len(decoded(path, "-f", "s16le")) // 2 // media["channels"]
    assert media["duration"] == samples / media["sampleRate"]
    with av.open(path) as file:
        context = file.streams.audio[0].codec_context
        assert (media["sampleRate"], media["channels"]) == (context.sample_rate, context.channels)


@pytest.mark.parametrize("make", [wav, m4a, mp3, lambda **options: m4a("alac", **options)])
@pytest.mark.parametrize("duration_s", [0.7, 2.0])
def test_silence_that_encoders_add_does_not_count(make, duration_s):
    media = measured(make(duration_s=duration_s)).media
    assert media == {"duration": duration_s, "sampleRate": RATE, "channels": 1}


def test_an_mp3_with_a_picture_and_one_cut_out_of_another_are_mp3():
    tag = b"ID3\x04\0\0" + bytes((0, 1, 0x7F, 0x7F)) + bytes(0x7FFF)
    assert measured(tag + mp3(with_frame_count=False)).media["duration"] == pytest.approx(
        2, abs=0.06
    )
    middle = mp3(with_frame_count=False)[1234:]
    assert measured(middle, "middle.mp3").media["duration"] == pytest.approx(1.9, abs=0.1)


def test_a_wav_of_a_program_that_could_not_go_back_is_taken():
    data = wav(duration_s=0.5)
    for size in (0, 0xFFFFFFFF):
        at = data.index(b"data") + 4
        streamed = data[:at] + struct.pack("<I", size) + data[at + 4 :]
        assert measured(streamed).media["duration"] == 0.5


def test_a_name_without_an_extension_says_nothing():
    for name in ("voice", "voice.1", "voice.flac"):
        assert measured(wav(), name).media["duration"] == 2.0


WRONG = {
    "a wav called mp3": (wav, "a.mp3", "expected MP3, got WAV"),
    "an mp3 called wav": (mp3, "a.WAV", "expected WAV, got MP3"),
    "an m4a called mp3": (m4a, "a.mp3", "expected MP3, got M4A"),
    "mp2": (lambda: recording("mp2", "mp2"), "a.mp3", "expected MP3 with MP3, got mp2"),
    "aac": (lambda: recording("aac", "adts"), "a.m4a", "MP3, WAV or M4A, got bare AAC"),
    "ogg": (lambda: recording("libopus", "ogg", rate=48_000), "a.mp3", "M4A, got Ogg"),
    "flac": (lambda: recording("flac", "flac"), "a", "M4A, got FLAC"),
    "flac in mp4": (lambda: recording("flac", "mp4"), "a", "M4A with AAC or ALAC, got flac"),
    "adpcm": (lambda: recording("adpcm_ima_wav", "wav"), "a", "WAV with PCM, got adpcm_ima_wav"),
    "aiff": (lambda: recording("pcm_s16be", "aiff"), "a", "got AIFF"),
    "a video": (video, "a.m4a", "expected a recording, got a video"),
    "text": (lambda: b"hello " * 99, "a.mp3", "MP3, WAV or M4A, got something else"),
    "noise": (
        lambda: np.random.default_rng(1).bytes(50_000),
        "a.mp3",
        "MP3, WAV or M4A, got something else",
    ),
    "a wav cut off": (lambda: wav()[:-500], "a.wav", "cut off at byte"),
    "a wav without samples": (lambda: wav()[:40], "a.wav", "no samples"),
    "an empty wav": (lambda: wav(duration_s=0.1)[:44].replace(b"data", b"note"), "a", "damaged"),
    "an mp3 cut off": (lambda: mp3()[:-9000], "a.mp3", "cut off"),
    "an m4a cut off": (lambda: m4a()[:-200], "a.m4a", "cut off or damaged"),
    "an m4a without its sound": (
        lambda: m4a()[: m4a().index(b"moov") - 4],
        "a.m4a",
        "its index",
    ),
    "no frames in mp3": (lambda: b"ID3\x04\0\0\0\0\0\x7f" + bytes(99_000), "a.mp3", "damaged"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_whole_recording_is_refused_by_name_and_reason(case):
    make, name, reason = WRONG[case]
    with pytest.raises(FileError) as refused:
        measured(make(), name)
    assert str(refused.value).startswith(f"{name}: ")
    assert reason in str(refused.value)


def test_a_wav_of_endless_chunks_is_not_read_for_ever():
    data = b"RIFF\xff\xff\xff\xffWAVE" + b"note\0\0\0\0" * 20_000
    with pytest.raises(FileError, match="no samples"):
        measured(data)


def thumbnail(data):
    media = measured(data).media
    picture = Image.open(io.BytesIO(audio.thumbnail(io.BytesIO(data), media, 0)))
    assert (picture.format, picture.size) == ("WEBP", (320, 160))
    return np.asarray(picture.convert("RGBA"))


@pytest.mark.parametrize(
    "make", [wav, mp3, m4a, lambda: wav(channels=2), lambda: recording("pcm_f64le", "wav")]
)
def test_a_waveform_is_high_where_the_recording_is_loud(make):
    alpha = thumbnail(make())[:, :, 3]
    heights = (alpha > 60).sum(axis=0).astype(float)
    bars = heights.reshape(waveform.BARS, -1).max(axis=1)
    parts = np.array_split(np.abs(tone(2.0).astype(float)), waveform.BARS)
    loudness = np.array([part.max() for part in parts])
    assert np.corrcoef(bars, np.log(loudness + 300))[0, 1] > 0.85
    assert bars.max() > 150
    assert alpha[0, 0] == 0, "the ground is clear"


def test_silence_is_a_line_of_dots():
    output = io.BytesIO()
    with wave.open(output, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    alpha = thumbnail(output.getvalue())[:, :, 3]
    assert 0 < (alpha > 60).any(axis=1).sum() < 8


def test_a_recording_of_three_samples_has_a_waveform():
    assert thumbnail(wav(duration_s=3 / RATE)).shape == (160, 320, 4)


def test_a_recording_that_is_longer_than_it_was_measured_is_drawn():
    assert drawn(wav())


def drawn(data):
    return audio.thumbnail(io.BytesIO(data), {"duration": 0.3}, 0)


def test_damaged_recordings_are_measured_or_refused():
    outcomes = set()
    makers = (mp3, lambda **options: mp3(with_frame_count=False, **options), wav, m4a)
    files = [make(duration_s=0.3) for make in makers]
    for number, data in enumerate(mutated(files, 240)):
        for work in (measured, drawn) if number % 4 == 0 else (measured,):
            try:
                work(data)
                outcomes.add("taken")
            except FileError as error:
                assert str(error)
                outcomes.add("refused")
    assert outcomes == {"taken", "refused"}
