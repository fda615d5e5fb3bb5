"""What training reads: one revision of a dataset, from a server or from a folder."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

from fastlabel import Client, FastLabelException, FastLabelInvalidException
from fastlabel.training import options
from fastlabel.training.options import Where, selection_of
from fastlabel.training.pulled import pulled
from fastlabel.training.served import ServedFiles, ServedListing
from fastlabel.training.sources import Example, Selection, Source
from fastlabel.training.survey import Opened, Wish
from fastlabel.training.targets import TargetName, target_of
from sdk import training_objects
from sdk.training_objects import SAMPLES, Sample, bbox, png

NAMES = [each.name for each in SAMPLES]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(params=["server", "folder"])
def where(request: pytest.FixtureRequest, client: Client, tmp_path: Path) -> Where:
    """The sample dataset, in either place."""
    if request.param == "folder":
        return Where(None, training_objects.pull(tmp_path / "pulled"), None, None, None)
    return Where(training_objects.create(client), None, client, None, None)


def of_server(client: Client, dataset: str, cache: Path | None, **revision: str) -> Source:
    named = {"version": None, "revision_id": None, **revision}
    return Where(dataset, None, client, **named).source(Selection(), cache)


def opened(where: Where, cache: Path, target: TargetName = "detection", **wanted: Any) -> Opened:
    learnt = target_of(target, masks=False, with_keypoints=False, attribute=None)
    selection = selection_of(wanted.pop("types", None), wanted.pop("tags", None), None)
    wish = Wish(learnt, selection, wanted.pop("kind", "image"), keypoints=(), **wanted)
    return options.opened(where, wish, False, cache, False, True, paths_leave=False)


def names(examples: Any) -> list[str]:
    return [example.found["name"] for example in examples]


def test_all_objects_are_listed_with_what_training_needs(where: Where, cache: Path) -> None:
    listing = where.source(Selection(), cache).listing

    assert names(listing) == names(listing.page(0)) == NAMES
    assert (listing.page_count, listing.page(1)) == (1, [])
    first = next(iter(listing)).found
    assert (first["kind"], first["type"], first["tags"]) == ("image", "train", ["day"])
    assert first["customMetadata"] == {"camera": "front"}
    assert first["annotations"][0]["points"] == [10, 12, 40, 30]


def test_files_have_the_bytes_of_their_objects(where: Where, cache: Path) -> None:
    source = where.source(Selection(), cache)
    # As it travels to the process of a loader.
    files = pickle.loads(pickle.dumps(source.files))

    for example, given in zip(source.listing, SAMPLES, strict=True):
        with files.opened(files.described(example)) as path:
            assert path.read_bytes() == given.data
            assert path.suffix == Path(given.name).suffix


def test_classes_are_those_of_the_whole_revision(where: Where, cache: Path) -> None:
    train = opened(where, cache, types=["train"])
    valid = opened(where, cache, types=["valid"])

    assert (
        train.labels.numbers == valid.labels.numbers == {"ball": 1, "cat": 2, "dog": 3, "leash": 4}
    )
    assert (len(train.records or ()), len(valid.records or ())) == (2, 1)


def test_given_classes_keep_their_order_and_leave_out_others(where: Where, cache: Path) -> None:
    found = opened(where, cache, classes=["leash", "cat"], first_label=0)

    assert found.labels.numbers == {"leash": 0, "cat": 1}
    assert [[each["value"] for each in one["used"]] for one in found.records or ()] == [
        ["cat"], ["leash"], [],
    ]  # fmt: skip
    assert found.report.classes["dog", "polygon"].left_out == {"not among the classes": 1}


def test_objects_are_selected_by_type_and_tags(where: Where, cache: Path) -> None:
    # With classes the server selects, without them the SDK does.
    for classes in (None, ["cat"]):
        rainy = opened(where, cache, tags=["day", "rain"], classes=classes)
        by_day = opened(where, cache, tags=["day"], types=["train"], classes=classes)
        assert [len(each.records or ()) for each in (rainy, by_day)] == [1, 1]


def test_other_kinds_are_left_out_and_counted(where: Where, cache: Path) -> None:
    found = opened(where, cache, "classification", kind="text")

    assert found.labels.classes == ["letter"]
    assert found.report.skipped == {
        "of the kind image, not text": 3,
        "of the kind audio, not text": 1,
    }


def test_a_kind_that_no_object_is_of_is_refused(where: Where, cache: Path) -> None:
    with pytest.raises(FastLabelInvalidException, match="give kind='audio', 'image' or 'text'"):
        opened(where, cache, "raw", kind="video")


def test_a_revision_is_read_to_its_end_whatever_comes(client: Client, cache: Path) -> None:
    dataset = training_objects.create(client, SAMPLES[:2])
    source = of_server(client, dataset, cache)

    training_objects.add(client, dataset, SAMPLES[2])

    assert names(source.listing) == NAMES[:2]
    assert names(of_server(client, dataset, cache).listing) == NAMES[:3]
    assert source.revision_id is not None
    again = of_server(client, dataset, cache, revision_id=source.revision_id[:8])
    assert (names(again.listing), again.revision_id) == (NAMES[:2], source.revision_id)


def test_a_version_is_found_by_its_name(client: Client, cache: Path) -> None:
    dataset = training_objects.create(client, SAMPLES[:1])
    (found,) = client.api.get_request("datasets-v2", {"keyword": dataset})
    client.api.post_request(f"datasets-v2/{found['id']}/versions", {"version": "v1"})
    training_objects.add(client, dataset, SAMPLES[1])

    assert names(of_server(client, dataset, cache, version="v1").listing) == NAMES[:1]
    assert names(of_server(client, dataset, cache, version="latest").listing) == NAMES[:2]
    for revision in ({"version": "v2"}, {"revision_id": "0" * 8}):
        with pytest.raises(FastLabelException, match="404"):
            of_server(client, dataset, cache, **revision)
    with pytest.raises(FastLabelException, match="there is no dataset 'no-such'"):
        of_server(client, "no-such", cache)


def test_a_file_is_fetched_once(client: Client, cache: Path) -> None:
    dataset = training_objects.create(client, (SAMPLES[0], Sample("copy.png", SAMPLES[0].data, {})))
    source = of_server(client, dataset, cache)
    first, second = (source.files.described(example) for example in source.listing)

    with source.files.opened(first) as path:
        pass
    # Nothing answers at this address.
    with source.files.opened({**second, "url": "http://127.0.0.1:9/"}) as same:
        assert same == path
    assert path.name == f"{hashlib.sha256(SAMPLES[0].data).hexdigest()}.png"
    assert [each for each in cache.rglob("*") if each.is_file()] == [path]


def test_without_a_cache_nothing_stays(client: Client) -> None:
    dataset = training_objects.create(client, SAMPLES[:1])
    source = of_server(client, dataset, None)
    (example,) = source.listing

    with source.files.opened(source.files.described(example)) as path:
        assert path.read_bytes() == SAMPLES[0].data
    assert not path.exists()
    assert not source.files.stay


def test_an_expired_url_is_asked_for_anew(client: Client, cache: Path) -> None:
    dataset = training_objects.create(client, SAMPLES[:3])
    source = of_server(client, dataset, cache)
    described = source.files.described(list(source.listing)[1])
    url = re.sub(r"expires=\d+", "expires=1", described["url"])

    with source.files.opened({**described, "url": url}) as path:
        assert path.read_bytes() == SAMPLES[1].data


def test_other_bytes_than_those_of_the_hash_are_refused(
    client: Client, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastlabel.dataset_folder.bringing.FIRST_WAIT_S", 0.01)
    dataset = training_objects.create(client, SAMPLES[:2])
    source = of_server(client, dataset, cache)
    first, second = (source.files.described(example) for example in source.listing)

    with (
        pytest.raises(FastLabelException, match="what arrived has the SHA-256"),
        source.files.opened({**first, "url": second["url"]}),
    ):
        pass
    assert [each for each in cache.rglob("*") if each.is_file()] == []


def test_pages_are_shared_by_their_numbers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastlabel.training.served.PAGE", 2)
    dataset = training_objects.create(client)
    listing = of_server(client, dataset, None).listing

    pages = [names(listing.page(number)) for number in range(listing.page_count)]

    assert pages == [NAMES[0:2], NAMES[2:4], NAMES[4:5]]
    assert names(listing) == NAMES
    assert [example.position for example in listing] == [0, 1, 2, 3, 4]
    assert isinstance(listing, ServedListing)
    assert listing.one(3)["name"] == NAMES[3]


def test_the_token_does_not_show_in_messages(client: Client, cache: Path) -> None:
    dataset = training_objects.create(client, SAMPLES[:1])
    source = of_server(client, dataset, cache)

    assert isinstance(source.files, ServedFiles)
    assert client.api.access_token not in repr(source)


def test_what_was_pulled_is_what_the_server_has(client: Client, tmp_path: Path) -> None:
    dataset = training_objects.create(client)
    client.pull_dataset(dataset, tmp_path / "pulled", progress=False)
    client.download_dataset_objects(dataset, tmp_path / "types", types=["train", "valid"])
    of_the_server = list(of_server(client, dataset, None).listing)

    pulled_all = list(pulled(tmp_path / "pulled").listing)
    by_type = list(pulled(tmp_path / "types").listing)

    fields = ("kind", "type", "tags", "licenses", "annotations", "customMetadata")
    expected = {each.found["name"]: [each.found[key] for key in fields] for each in of_the_server}
    found = {each.found["name"]: [each.found[key] for key in fields] for each in pulled_all}
    assert found == expected
    assert sorted(names(by_type)) == sorted(NAMES[:3])


def test_folders_by_type_are_read_together(tmp_path: Path) -> None:
    folder = tmp_path / "cats"
    for object_type, given in (("train", SAMPLES[0]), ("valid", SAMPLES[1])):
        path = folder / object_type / given.name
        path.parent.mkdir(parents=True)
        path.write_bytes(given.data)
        # As the client 0.14.13 writes it: it does not say tags and types.
        entry = {"name": given.name, "annotations": [], "customMetadata": {}}
        (folder / object_type / "annotations.json").write_text(json.dumps([entry]))

    source = pulled(folder)

    found = [(each.found["name"], each.found["type"]) for each in source.listing]
    assert found == [("garden/1.png", "train"), ("garden/2.png", "valid")]
    with source.files.opened(source.files.described(next(iter(source.listing)))) as path:
        assert path == folder / "train" / "garden/1.png"


def test_of_an_object_that_was_downloaded_twice_the_last_entry_holds(tmp_path: Path) -> None:
    folder = training_objects.pull(tmp_path / "cats", SAMPLES[:1])
    entries = json.loads((folder / "annotations.json").read_text())
    newer = {**entries[0], "annotations": [bbox("dog", [1, 2, 3, 4])]}
    (folder / "annotations.json").write_text(json.dumps([*entries, newer]))

    (example,) = pulled(folder).listing

    assert example.found["annotations"] == newer["annotations"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"annotations\.json: no JSON"),
        ("{}", r"annotations\.json: expected a list of entries"),
        ('["a.png"]', r"\[0\]: expected an object with a name"),
        ('[{"name": "../a.png"}]', r"\[0\]\.name: \.\./a\.png: a name is a relative path"),
        ('[{"name": "a.exe"}]', r"\[0\].name: a.exe: datasets take .* files"),
        ('[{"name": "a.png", "tags": "day"}]', r"\[0\].tags: expected a list, got 'day'"),
    ],
)
def test_a_list_that_says_something_else_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "annotations.json").write_text(text)

    with pytest.raises(FastLabelInvalidException, match=message):
        pulled(tmp_path)


def test_a_folder_without_a_list_or_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FastLabelInvalidException, match=r"no annotations\.json"):
        pulled(tmp_path)

    folder = training_objects.pull(tmp_path / "cats", SAMPLES[:1])
    (folder / SAMPLES[0].name).unlink()
    source = pulled(folder)
    (example,) = source.listing
    assert isinstance(example, Example)
    with (
        pytest.raises(FileNotFoundError, match=r"garden/1\.png: annotations\.json names it"),
        source.files.opened(source.files.described(example)),
    ):
        pass


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((None, None, None, None, None), "dataset, folder: expected"),
        (("cats", "cats", None, None, None), "dataset, folder: expected"),
        ((None, "cats", None, "v1", None), "folder: it holds one revision"),
        (("cats", None, None, "v1", "0123abcd"), "only one of them can be given"),
    ],
)
def test_a_dataset_is_named_in_one_way(given: Any, message: str) -> None:
    with pytest.raises(FastLabelInvalidException, match=message):
        Where(*given)


def test_losses_are_told_unless_it_is_quiet(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = Sample("a.png", png((8, 8)), {"annotations": [bbox("cat", [0])]})
    where = Where(None, training_objects.pull(tmp_path / "cats", (torn,)), None, None, None)
    learnt = target_of("detection", masks=False, with_keypoints=False, attribute=None)
    wish = Wish(learnt, Selection(), "image", keypoints=())

    options.opened(where, wish, False, cache, False, True, paths_leave=False)
    assert capsys.readouterr().err == ""
    options.opened(where, wish, False, cache, False, False, paths_leave=False)
    assert "1 left out: malformed geometry (first: a.png: annotations[0].points: a bbox has" in (
        capsys.readouterr().err
    )
    with pytest.raises(FastLabelInvalidException, match=r"a\.png: annotations"):
        options.opened(where, wish, False, cache, True, True, paths_leave=False)
