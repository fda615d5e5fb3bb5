"""Telemetry: a list of objects as JSON, however long, in bounded memory."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel.modalities import FileError
from fastlabel.modalities.robotics import TELEMETRY
from fastlabel_server.media import telemetry

MB = 1024 * 1024


def measured(data):
    return telemetry.measure(io.BytesIO(data), "episode.json", TELEMETRY, 0)


def frame(number):
    return {
        "observation.state": {"joint.pos": number / 3, "gripper": -1e-9},
        "action": {"joint.pos": 1, "名前": "渋谷"},
        "frame_index": number,
        "timestamp": number / 30,
    }


def test_frames_are_counted():
    found = measured(json.dumps([frame(number) for number in range(500)], indent=2).encode())
    assert (found.media_type, found.media) == ("application/json", {"frames": 500})
    assert measured(b" [ ] \n").media == {"frames": 0}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=30)
@given(
    st.lists(st.dictionaries(st.text(max_size=9), JSON, max_size=3), max_size=4),
    st.integers(1, 9),
    st.booleans(),
)
def test_any_list_of_objects_is_read_in_pieces_of_any_size(frames, piece_bytes, ascii_only):
    data = json.dumps(frames, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telemetry, "_PIECE_BYTES", piece_bytes)
        try:
            data.decode()
        except UnicodeDecodeError:
            with pytest.raises(FileError, match=r"episode\.json"):
                measured(data)
        else:
            assert measured(data).media == {"frames": len(frames)}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "expected [, got the end"),
        (b"{}", "expected [, got {"),
        (b"[{}, 3]", "[1]: expected an object, got '3'"),
        (b"[{}", "expected , or ], got the end"),
        (b"[{},]", "Expecting value"),
        (b"[{}] []", "something follows the list"),
        (b'[{"a": NaN}]', "NaN is no JSON"),
        (b'[{"a": -Infinity}]', "-Infinity is no JSON"),
        (b'[{"a" 1}]', "Expecting ':'"),
        (b'[{"a": "\xff"}]', "invalid start byte"),
        (b"\x89PNG\r\n", "invalid start byte"),
        (b'[{"a": ' + b"[" * 100_000, "recursion"),
        (b'[{"a": ' + b"9" * 5000 + b"}]", "digits"),
    ],
)
def test_anything_else_is_refused_with_the_reason(data, reason):
    with pytest.raises(FileError) as refused:
        measured(data)
    assert str(refused.value).startswith("episode.json: expected a list of frames as JSON: ")
    assert reason in str(refused.value)


def test_one_frame_is_not_read_without_end():
    with pytest.raises(FileError, match="too long"):
        measured(b'[{"a": "' + b"x" * (6 * MB))


def test_memory_does_not_grow_with_the_number_of_frames():
    text = json.dumps([frame(number) for number in range(2000)])[1:-1].encode()
    data = b"[" + b", ".join([text] * 30) + b"]"
    assert len(data) > 8 * MB
    source = io.BytesIO(data)
    tracemalloc.start()
    try:
        found = telemetry.measure(source, "episode.json", TELEMETRY, 0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.media == {"frames": 60_000}
    assert peak < 5 * MB
