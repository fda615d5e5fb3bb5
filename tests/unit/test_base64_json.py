"""The parser of JSON bodies with files in them, fed in chunks of every size."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastlabel_server.errors import BadRequest, Invalid, TooLarge
from fastlabel_server.uploads.base64_json import MARK, Base64JsonParser
from fastlabel_server.uploads.spool import IN_MEMORY, ReceivedFile

SPOOL = Path("unused")


def parse(text: bytes, chunk_size: int, spool: Path = SPOOL) -> tuple[dict, list[ReceivedFile]]:
    parser = Base64JsonParser(lambda: ReceivedFile(spool), max_fields=1_000_000)
    for start in range(0, len(text), chunk_size):
        parser.feed(text[start : start + chunk_size])
    return parser.close(), parser.files


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8).filter(lambda key: key != "file"), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(
    before=st.dictionaries(st.text(max_size=8).filter(lambda k: k != "file"), values, max_size=4),
    content=st.binary(max_size=300),
    after=st.dictionaries(st.text(max_size=8).filter(lambda k: k != "file"), values, max_size=4),
    chunk_size=st.integers(1, 200),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_fields_and_file_come_out_as_they_went_in(
    before: dict, content: bytes, after: dict, chunk_size: int, ascii_only: bool, indent: int | None
) -> None:
    document = {**before, "file": base64.b64encode(content).decode(), **after}
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode(
        "utf-8", "surrogatepass"
    )
    fields, (file,) = parse(text, chunk_size)
    assert file.read() == content
    assert fields == {**document, "file": f"{MARK}0"}


@pytest.mark.parametrize("chunk_size", [1, 3, 7, 1000])
def test_several_files_keep_their_order(chunk_size: int) -> None:
    contents = [{"name": f"{n}.jpg", "file": base64.b64encode(b"x" * n).decode()} for n in range(5)]
    fields, files = parse(json.dumps({"contents": contents}).encode(), chunk_size)
    assert [file.read() for file in files] == [b"x" * n for n in range(5)]
    assert [entry["file"] for entry in fields["contents"]] == [f"{MARK}{n}" for n in range(5)]


@pytest.mark.parametrize("chunk_size", [1, 2, 5, 1000])
def test_a_slash_may_be_escaped_as_other_languages_do(chunk_size: int) -> None:
    content = bytes(range(256)) * 3
    text = base64.b64encode(content).decode().replace("/", "\\/")
    _, (file,) = parse(f'{{"file": "{text}"}}'.encode(), chunk_size)
    assert file.read() == content


def test_a_key_quoted_inside_a_text_is_no_file() -> None:
    document = {"name": '"file": "aGVsbG8="', "file": "aGVsbG8="}
    fields, (file,) = parse(json.dumps(document).encode(), 9)
    assert fields["name"] == document["name"]
    assert file.read() == b"hello"


@pytest.mark.parametrize("chunk_size", [1, 2, 7, 64, 65, 1000])
def test_a_key_elsewhere_in_the_document_is_the_users_own(chunk_size: int) -> None:
    """The value of every key of that name was decoded as base64."""
    own = {"file": 'not base64: {["\\', "list": [{"file": ""}, '"file": "x"', {"file": None}]}
    document = {
        "metadata": own,
        "texts": ['{"file": "', "[[[{", "\\"],
        "contents": [{"name": "a", "own": own, "file": "aGVsbG8="}, {"file": "aGk="}],
        "more": {"own": [own]},
        "file": "aGV5",
        "last": own,
    }
    fields, files = parse(json.dumps(document).encode(), chunk_size)
    assert [file.read() for file in files] == [b"hello", b"hi", b"hey"]
    contents: list[Any] = document["contents"]
    contents[0]["file"], contents[1]["file"] = f"{MARK}0", f"{MARK}1"
    assert fields == {**document, "file": f"{MARK}2"}


def test_a_file_may_stand_in_the_document_alone() -> None:
    parser = Base64JsonParser(lambda: ReceivedFile(SPOOL), 1000, "filePath", (1,))
    parser.feed(b'{"a": [{"filePath": "/data/1.jpg"}], "filePath": "aGk=", "file": "x"}')
    fields = parser.close()
    assert fields == {"a": [{"filePath": "/data/1.jpg"}], "filePath": f"{MARK}0", "file": "x"}
    assert [file.read() for file in parser.files] == [b"hi"]


def test_a_large_file_goes_to_the_spool_and_is_removed_when_discarded(tmp_path: Path) -> None:
    content = bytes(IN_MEMORY + 1000)
    _, (file,) = parse(
        json.dumps({"file": base64.b64encode(content).decode()}).encode(), 65_536, tmp_path
    )
    assert file.path is not None and file.path.parent == tmp_path
    assert file.read() == content
    file.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (b'{"file": "aGVsbG8"}', Invalid, "multiple of four"),
        (b'{"file": "aGVs*G8="}', Invalid, "not base64"),
        (b'{"file": "aGU=aGU="}', Invalid, "not base64"),
        (b'{"file": "aGVsbG8=', BadRequest, "ends inside a file"),
        (b'{"file": "aGVsbG8="', BadRequest, "not JSON"),
        (b"[1]", Invalid, "expected a JSON object"),
        (b"", BadRequest, "not JSON"),
    ],
)
def test_what_is_malformed_is_refused(text: bytes, error: type[Exception], message: str) -> None:
    for chunk_size in (1, 4, 1000):
        with pytest.raises(error, match=message):
            parse(text, chunk_size)


def test_fields_have_a_limit_of_their_own() -> None:
    parser = Base64JsonParser(lambda: ReceivedFile(SPOOL), max_fields=1000)
    with pytest.raises(TooLarge, match="1,000 bytes"):
        for _ in range(100):
            parser.feed(b'{"name": "' + b"x" * 100)
