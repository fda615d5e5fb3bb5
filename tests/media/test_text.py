"""Texts: their encoding is found, positions count characters, binaries are refused."""

from __future__ import annotations

import codecs
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fastlabel.modalities import FileError
from fastlabel.modalities.text import TXT
from fastlabel_server.media import text
from media.mutations import mutated

JAPANESE = "東京は日本の首都です。\r\nｶﾀｶﾅと①も。"


def measured(data):
    return text.measure(io.BytesIO(data), "a.txt", TXT, 0)


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        (b"plain", "utf-8", "plain"),
        ("naïve 😀".encode(), "utf-8", "naïve 😀"),
        (codecs.BOM_UTF8 + "日本".encode(), "utf-8", "日本"),
        (JAPANESE.encode("cp932"), "shift_jis", JAPANESE),
        (codecs.BOM_UTF16_LE + JAPANESE.encode("utf-16-le"), "utf-16-le", JAPANESE),
        (codecs.BOM_UTF16_BE + "a😀".encode("utf-16-be"), "utf-16-be", "a😀"),
    ],
)
def test_the_encoding_is_found_and_characters_are_counted(data, charset, expected):
    found = measured(data)
    assert text.decoded(data)[0] == expected
    assert found.media == {"encoding": charset, "characters": len(expected)}
    assert found.media_type == f"text/plain; charset={charset}"


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
def test_what_was_written_in_utf_8_is_read(written):
    assert text.decoded(written.encode("utf-8-sig"))[0] == written


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\x00b", "a.txt: not a text: control character '\\x00' at character 1"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "at byte 0; nor is it Shift_JIS"),
        (b"caf\xe9 \xff", "a.txt: not a text in UTF-8: invalid continuation byte at byte 3"),
        (codecs.BOM_UTF16_LE + b"a", "a.txt: not a text in UTF-16-LE: truncated data at byte 0"),
    ],
)
def test_what_is_no_text_is_refused_with_the_place(data, message):
    with pytest.raises(FileError) as refused:
        measured(data)
    assert message in str(refused.value)


def test_the_thumbnail_shows_the_first_lines():
    blank = _picture(b"\n")
    written = _picture(b"one\ntwo\n\nthree " + b"word " * 100)
    assert written.min() < 120 < blank[30:-30, 30:-30].min()
    assert _picture(JAPANESE.encode("cp932")).shape == written.shape
    assert _picture(b"x" * 5000).min() < 120, "a line without spaces is broken too"


def _picture(data):
    return np.asarray(Image.open(io.BytesIO(text.thumbnail(io.BytesIO(data), {}, 0))).convert("L"))


def test_damaged_texts_are_read_or_refused():
    outcomes = set()
    for data in mutated(["日本語 text\n".encode() * 5, JAPANESE.encode("cp932")], 300):
        try:
            outcomes.add(measured(data).media["encoding"])
        except FileError:
            outcomes.add(None)
    assert {None, "utf-8", "shift_jis"} <= outcomes
