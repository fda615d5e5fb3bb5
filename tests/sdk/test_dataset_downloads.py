"""Objects of datasets as files: the documented layout, checked and gone on with."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastlabel import FastLabelException
from sdk.scripted_server import HangUp, Received, Reply, ScriptedServer

BOX = {"type": "bbox", "value": "猫", "points": [1, 2.5]}
LISTED = """[
    {
        "name": "a.jpg",
        "annotations": [
            {
                "type": "bbox",
                "value": "猫",
                "points": [
                    1,
                    2.5
                ]
            }
        ],
        "customMetadata": {
            "k": "v"
        },
        "tags": [
            "t"
        ],
        "object_type": "train"
    },
    {
        "name": "x/b.jpg",
        "annotations": [],
        "customMetadata": {},
        "tags": [],
        "object_type": "none"
    }
]"""
"""The form of the official client, release 0.26.0."""


class Objects:
    """A dataset with signed URLs of its files, which may fail."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.objects: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.heads: list[str] = []
        self.troubles: dict[str, list[Reply | HangUp]] = {}
        """Answered first, by name of the object."""
        self.ranges: Counter[str] = Counter()
        self.fetched: Counter[str] = Counter()
        self.signature = "1"
        self.tokens: set[str | None] = set()

    def add(self, name: str, data: bytes, **more: Any) -> None:
        self.files[name] = data
        self.objects.append(
            {
                "name": name,
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                "type": "none",
                "tags": [],
                "licenses": [],
                "annotations": [],
                "customMetadata": {},
                **more,
            }
        )

    def enlarge(self, name: str) -> bytes:
        """Give an object a file of five megabytes."""
        data = bytes(range(256)) * 20_000
        one = next(one for one in self.objects if one["name"] == name)
        one |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        self.files[name] = data
        return data

    def __call__(self, request: Received) -> Reply | HangUp:
        if request.path == "/v1/datasets-v2":
            return Reply([{"id": "d1", "name": "cats", "revisionId": "r1"}])
        if request.path == "/v1/dataset-revision-objects/signed-urls":
            return self.page(request)
        name = request.path.removeprefix("/v1/files/")
        self.tokens.add(request.headers.get("Authorization"))
        self.fetched[name] += 1
        if troubles := self.troubles.get(name):
            return troubles.pop(0)
        if request.query["signature"] != [self.signature]:
            return Reply({"message": "The URL has expired."}, 403)
        data = self.files[name]
        if wanted := request.headers.get("Range"):
            self.ranges[wanted] += 1
            return Reply(data[int(wanted[6:-1]) :], 206)
        return Reply(data)

    def page(self, request: Received) -> Reply:
        query = {key: values for key, values in request.query.items() if key not in ("limit",)}
        begin = int(query.get("cursor", query.get("offset", ["0"]))[0])
        end = begin + int(request.query["limit"][0])
        found = [
            one for one in self.objects if "types" not in query or one["type"] in query["types"]
        ]
        headers = {"Fastlabel-Next-Cursor": str(end)} if end < len(found) else {}
        return Reply(
            [
                {**one, "signedUrl": f"{self.url}files/{one['name']}?signature={self.signature}"}
                for one in found[begin:end]
            ],
            headers=headers,
        )


@pytest.fixture
def objects(script: ScriptedServer) -> Objects:
    script.answer = objects = Objects(script.url)
    return objects


@pytest.fixture
def two(objects: Objects) -> Objects:
    objects.add(
        "a.jpg", b"first", type="train", tags=["t"], annotations=[BOX], customMetadata={"k": "v"}
    )
    objects.add("x/b.jpg", b"second", licenses=["MIT"])
    return objects


def tree(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_files_lie_under_their_names_with_a_list_of_the_rest(
    script: ScriptedServer, two: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    found = call("download_dataset_objects", "cats", str(tmp_path / "new" / "er"))

    folder = tmp_path / "new" / "er"
    assert [one["name"] for one in found] == ["a.jpg", "x/b.jpg"]
    assert {one["signedUrl"][:7] for one in found} == {"http://"}
    assert tree(folder) == ["a.jpg", "annotations.json", "x/b.jpg"]
    assert (folder / "x/b.jpg").read_bytes() == b"second"
    assert (folder / "annotations.json").read_text(encoding="utf-8") == LISTED
    assert two.tokens == {None}
    (listed,) = (one for one in script.received if one.path.endswith("signed-urls"))
    assert listed.target.partition("?")[2] == "datasetName=cats&offset=0&limit=1000"


def test_each_type_has_a_folder_even_an_empty_one(
    two: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    two.add("c.jpg", b"third", type="valid")

    found = call(
        "download_dataset_objects", "cats", tmp_path, types=["valid", "test", "train"], tags=["t"]
    )

    assert [one["name"] for one in found] == ["c.jpg", "a.jpg"]
    assert tree(tmp_path) == [
        "test/annotations.json",
        "train/a.jpg",
        "train/annotations.json",
        "valid/annotations.json",
        "valid/c.jpg",
    ]
    assert json.loads((tmp_path / "test/annotations.json").read_text()) == []
    [entry] = json.loads((tmp_path / "valid/annotations.json").read_text())
    assert (entry["name"], entry["object_type"]) == ("c.jpg", "valid")


def test_every_filter_is_sent(
    script: ScriptedServer, two: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    call("download_dataset_objects", "cats", tmp_path, "v1", "", ["t"], ["MIT"], ["train"], 1, 10)

    target = next(one.target for one in script.received if one.path.endswith("signed-urls"))
    assert target.partition("?")[2] == (
        "datasetName=cats&version=v1&tags=t&licenses=MIT&types=train&offset=1&limit=10"
    )


def test_a_second_run_doubles_nothing_and_brings_nothing_again(
    two: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    own = {"name": "own.jpg", "note": "written by hand"}
    (tmp_path / "annotations.json").write_text(json.dumps([own, {"name": "a.jpg"}]))

    call("download_dataset_objects", "cats", tmp_path)
    call("download_dataset_objects", "cats", tmp_path)

    entries = json.loads((tmp_path / "annotations.json").read_text(encoding="utf-8"))
    assert entries == [own, *json.loads(LISTED)]
    assert two.fetched == {"a.jpg": 1, "x/b.jpg": 1}


def test_a_file_that_differs_is_brought_again(
    two: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"fIrst")

    call("download_dataset_objects", "cats", tmp_path)

    assert (tmp_path / "a.jpg").read_bytes() == b"first"


def test_all_pages_come_at_once_of_one_revision(
    script: ScriptedServer,
    objects: Objects,
    call: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fastlabel.dataset_folder.download.PAGE", 10)
    for number in range(25):
        objects.add(f"{number}.txt", str(number).encode())

    found = call("download_dataset_objects", "cats", tmp_path, limit=None, workers=8)

    assert [one["name"] for one in found] == [one["name"] for one in objects.objects]
    assert len(json.loads((tmp_path / "annotations.json").read_text())) == 25
    assert len(tree(tmp_path)) == 26
    pages = [one.query for one in script.received if one.path.endswith("signed-urls")]
    assert len(pages) == 3
    assert {tuple(page["revisionId"]) for page in pages} == {("r1",)}


def test_an_interrupted_file_is_gone_on_with(
    two: Objects, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastlabel.dataset_folder.bringing.FIRST_WAIT_S", 0.01)
    data = two.enlarge("a.jpg")
    two.troubles["a.jpg"] = [
        Reply(data, cut_at=2_000_000),
        HangUp(),
        Reply({"message": "wait"}, 503),
    ]

    call("download_dataset_objects", "cats", tmp_path)

    assert (tmp_path / "a.jpg").read_bytes() == data
    assert tree(tmp_path) == ["a.jpg", "annotations.json", "x/b.jpg"]
    [(asked, _)] = two.ranges.items()
    assert 0 < int(asked[6:-1]) <= 2_000_000


def test_what_an_earlier_run_left_is_not_brought_again(
    two: Objects, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastlabel.dataset_folder.bringing.ATTEMPTS", 1)
    data = two.enlarge("a.jpg")
    two.troubles["a.jpg"] = [Reply(data, cut_at=2_000_000)]
    with pytest.raises(FastLabelException, match=r"1 of 2 files could not be brought: a\.jpg"):
        call("download_dataset_objects", "cats", tmp_path)
    (part,) = tmp_path.glob(".*.part")
    had = part.stat().st_size

    call("download_dataset_objects", "cats", tmp_path)

    assert two.ranges == {f"bytes={had}-": 1}
    assert (tmp_path / "a.jpg").read_bytes() == data


def test_a_part_of_something_else_is_thrown_away(
    two: Objects, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastlabel.dataset_folder.bringing.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("fastlabel.dataset_folder.bringing.part_name", lambda *_: ".a.part")
    monkeypatch.setattr("fastlabel.dataset_folder.download.part_name", lambda *_: ".a.part")
    two.objects.pop()
    (tmp_path / ".a.part").write_bytes(b"FI")

    call("download_dataset_objects", "cats", tmp_path)

    assert two.ranges == {"bytes=2-": 1}
    assert (tmp_path / "a.jpg").read_bytes() == b"first"


def test_bytes_that_are_wrong_are_no_file(
    two: Objects, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastlabel.dataset_folder.bringing.FIRST_WAIT_S", 0.01)
    two.files["a.jpg"] = b"other"

    with pytest.raises(
        FastLabelException, match=r"1 of 2 files .* a\.jpg: what arrived has the SHA"
    ):
        call("download_dataset_objects", "cats", tmp_path)

    assert tree(tmp_path) == ["annotations.json", "x/b.jpg"]


def test_urls_that_have_expired_are_asked_for_anew(
    two: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    two.troubles["a.jpg"] = [Reply({"message": "The URL has expired."}, 403)]

    call("download_dataset_objects", "cats", tmp_path)

    assert tree(tmp_path) == ["a.jpg", "annotations.json", "x/b.jpg"]


def test_a_file_that_is_not_given_at_all_is_told_and_stops_nothing_else(
    two: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    gone = Reply({"message": "The file was deleted."}, 404)
    two.troubles["a.jpg"] = [gone, gone]

    with pytest.raises(FastLabelException, match=r"a\.jpg: the server does not give the file"):
        call("download_dataset_objects", "cats", tmp_path)

    assert tree(tmp_path) == ["annotations.json", "x/b.jpg"]


@pytest.mark.parametrize(
    "name",
    ["../out.jpg", "/etc/out.jpg", "x/../../out.jpg", "..\\out.jpg", "C:out.jpg", "a//b.jpg"],
)
def test_no_file_is_written_outside_of_the_folder(
    two: Objects, call: Callable[..., Any], tmp_path: Path, name: str
) -> None:
    two.add(name, b"evil")
    folder = tmp_path / "deep" / "folder"

    with pytest.raises(FastLabelException, match="1 of 3 files could not be brought"):
        call("download_dataset_objects", "cats", folder)

    assert tree(tmp_path) == [
        "deep/folder/a.jpg",
        "deep/folder/annotations.json",
        "deep/folder/x/b.jpg",
    ]


def test_no_link_leads_out_of_the_folder(
    two: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim.jpg").write_bytes(b"mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "x").symlink_to(outside, target_is_directory=True)
    (folder / "a.jpg").symlink_to(outside / "victim.jpg")

    with pytest.raises(FastLabelException, match=r"x: the link leads out of the folder"):
        call("download_dataset_objects", "cats", folder)

    assert tree(outside) == ["victim.jpg"]
    assert (outside / "victim.jpg").read_bytes() == b"mine"
    assert (folder / "a.jpg").read_bytes() == b"first"


def test_objects_that_cannot_both_be_files_are_told(
    objects: Objects, call: Callable[..., Any], tmp_path: Path
) -> None:
    objects.add("a.jpg", b"first")
    objects.add("a.jpg/b.jpg", b"second")

    with pytest.raises(FastLabelException, match="1 of 2 files could not be brought"):
        call("download_dataset_objects", "cats", tmp_path, workers=1)

    assert (tmp_path / "a.jpg").read_bytes() == b"first"
