"""Folders that are pulled from datasets and pushed to them."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Raw
from api.dataset_folders import (
    change_entries,
    entries,
    id_of,
    objects,
    picture,
    read,
    revisions,
    write,
)
from fastlabel import (
    AsyncClient,
    Client,
    FastLabelConflictException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
)
from fastlabel.dataset_folder import push
from servers import Server

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3.5, 4]}
QUIET: dict[str, Any] = {"progress": False}
_numbers = itertools.count(1)


@pytest.fixture
def cats() -> str:
    """A name that no dataset has."""
    return f"cats-{os.getpid()}-{next(_numbers)}"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder that became a dataset of three pictures, one of them with labels."""
    folder = write(tmp_path / "mine", {"a.png": 1, "x/b.png": 2, "x/y/c.png": 3})
    change_entries(
        folder,
        {
            "a.png": {
                "annotations": [BOX],
                "customMetadata": {"k": "v"},
                "tags": ["t"],
                "object_type": "train",
                "licenses": ["MIT"],
            }
        },
    )
    return folder


@pytest.fixture
def pushed(client: Client, cats: str, mine: Path) -> Path:
    client.push_dataset(mine, cats, "first", **QUIET)
    return mine


@pytest.fixture
def theirs(client: Client, cats: str, pushed: Path, tmp_path: Path) -> Path:
    """A second folder of the same dataset."""
    client.pull_dataset(cats, tmp_path / "theirs", **QUIET)
    return tmp_path / "theirs"


def test_a_folder_becomes_a_dataset_in_one_revision(client: Client, cats: str, mine: Path) -> None:
    write(mine, {"notes.md": b"no object", ".hidden/d.png": 4})

    report = client.push_dataset(mine, cats, "first", **QUIET)

    assert (report.added, report.sent_files, report.is_new_dataset) == (3, 3, True)
    assert report.passed_over == ["notes.md"]
    found = objects(client, cats)
    assert sorted(found) == ["a.png", "x/b.png", "x/y/c.png"]
    labelled = found["a.png"]
    assert (labelled["type"], labelled["tags"], labelled["licenses"]) == ("train", ["t"], ["MIT"])
    assert labelled["customMetadata"] == {"k": "v"}
    assert [one["points"] for one in labelled["annotations"]] == [BOX["points"]]
    [revision] = revisions(client, cats)
    assert (revision["via"], revision["message"], revision["id"]) == (
        "push",
        "first",
        report.revision_id,
    )


def test_a_push_of_what_is_there_makes_no_revision(client: Client, cats: str, pushed: Path) -> None:
    report = client.push_dataset(pushed, cats, **QUIET)

    assert (report.revision_id, str(report)) == (None, "nothing to do")
    assert len(revisions(client, cats)) == 1


def test_a_pull_brings_files_and_all_that_is_known_of_them(
    client: Client, cats: str, pushed: Path, tmp_path: Path
) -> None:
    report = client.pull_dataset(cats, tmp_path / "deep" / "folder", **QUIET)

    folder = tmp_path / "deep" / "folder"
    assert (report.downloaded, report.is_fine) == (3, True)
    assert read(folder) == read(pushed)
    shown = objects(client, cats)
    listed = entries(folder)
    assert list(listed) == list(shown)
    assert listed["a.png"] == {
        "name": "a.png",
        "annotations": shown["a.png"]["annotations"],
        "customMetadata": {"k": "v"},
        "tags": ["t"],
        "object_type": "train",
        "licenses": ["MIT"],
    }


def test_only_what_changed_travels(client: Client, cats: str, theirs: Path, pushed: Path) -> None:
    write(pushed, {"x/b.png": 20, "new.png": 5})
    (pushed / "a.png").rename(pushed / "renamed.png")
    (pushed / "x/y/c.png").unlink()
    change_entries(pushed, {"renamed.png": {"tags": ["moved"]}})

    report = client.push_dataset(pushed, cats, **QUIET)

    # The renamed file is in the dataset already.
    assert (report.added, report.changed, report.removed) == (2, 1, 2)
    assert (report.sent_files, report.sent_bytes) == (2, len(picture(20)) + len(picture(5)))
    found = objects(client, cats)
    assert sorted(found) == ["new.png", "renamed.png", "x/b.png"]
    assert found["renamed.png"]["tags"] == ["moved"]

    pulled = client.pull_dataset(cats, theirs, **QUIET)

    assert (pulled.downloaded, pulled.removed, pulled.unchanged) == (3, 2, 0)
    assert read(theirs) == read(pushed)
    assert not (theirs / "x/y").exists()
    assert sorted(entries(theirs)) == sorted(found)


def test_a_label_changes_without_its_file(client: Client, cats: str, theirs: Path) -> None:
    change_entries(theirs, {"x/b.png": {"annotations": [BOX], "object_type": "test"}})

    report = client.push_dataset(theirs, cats, "labels", **QUIET)

    assert (report.changed, report.sent_files) == (1, 0)
    found = objects(client, cats)["x/b.png"]
    assert (found["type"], found["annotations"][0]["value"]) == ("test", "cat")
    assert client.push_dataset(theirs, cats, **QUIET).revision_id is None
    pulled = client.pull_dataset(cats, theirs, **QUIET)
    assert (pulled.downloaded, pulled.kept, pulled.conflicts) == (0, [], [])


def test_after_a_push_the_listing_says_what_the_dataset_has(
    client: Client, cats: str, pushed: Path, theirs: Path
) -> None:
    shown = objects(client, cats)
    assert sorted(entries(pushed)) == sorted(shown)
    assert entries(pushed)["a.png"]["annotations"] == shown["a.png"]["annotations"]
    write(pushed, {"new.png": 5})
    (pushed / "x/b.png").unlink()
    change_entries(pushed, {"x/y/c.png": {"annotations": [BOX]}})

    client.push_dataset(pushed, cats, **QUIET)

    client.pull_dataset(cats, theirs, **QUIET)
    assert entries(pushed) == entries(theirs)
    assert client.push_dataset(pushed, cats, **QUIET).revision_id is None


def test_a_listing_that_was_changed_during_a_push_is_left_as_it_is(
    client: Client, cats: str, pushed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = push.pushes.commit
    write(pushed, {"new.png": 5})

    def commit(*args: Any) -> Any:
        change_entries(pushed, {"a.png": {"tags": ["meanwhile"]}})
        return committed(*args)

    monkeypatch.setattr(push.pushes, "commit", commit)
    client.push_dataset(pushed, cats, **QUIET)
    monkeypatch.undo()

    assert entries(pushed)["a.png"]["tags"] == ["meanwhile"]
    assert "new.png" not in entries(pushed)
    report = client.pull_dataset(cats, pushed, **QUIET)
    assert (report.kept, report.conflicts) == (["a.png"], [])
    assert "new.png" in entries(pushed)
    assert client.push_dataset(pushed, cats, **QUIET).changed == 1


def test_after_a_very_large_push_the_next_pull_renews_the_listing(
    client: Client, cats: str, mine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(push, "LISTED", 2)
    client.push_dataset(mine, cats, **QUIET)
    assert list(entries(mine)) == ["a.png"]
    client.pull_dataset(cats, tmp_path / "theirs", **QUIET)
    write(tmp_path / "theirs", {"x/b.png": 20})
    client.push_dataset(tmp_path / "theirs", cats, **QUIET)
    write(mine, {"a.png": 10, "x/b.png": 21})

    report = client.pull_dataset(cats, mine, **QUIET)

    assert (report.kept, report.conflicts) == (["a.png"], ["x/b.png"])
    assert sorted(entries(mine)) == ["a.png", "x/b.png", "x/y/c.png"]


def test_an_empty_list_clears_and_a_missing_entry_changes_nothing(
    client: Client, cats: str, theirs: Path
) -> None:
    listed = entries(theirs)
    listed["a.png"]["annotations"] = []
    del listed["x/b.png"]
    (theirs / "annotations.json").write_text(json.dumps(list(listed.values())))

    report = client.push_dataset(theirs, cats, **QUIET)

    assert (report.changed, report.removed) == (1, 0)
    assert objects(client, cats)["a.png"]["annotations"] == []
    assert objects(client, cats)["a.png"]["tags"] == ["t"]


def test_unchanged_files_are_not_read_again(client: Client, cats: str, theirs: Path) -> None:
    path = theirs / "a.png"
    # What was written only just before it is read is read once more.
    an_hour_ago = (path.stat().st_mtime_ns - 3600 * 10**9,) * 2
    os.utime(path, ns=an_hour_ago)
    client.push_dataset(theirs, cats, **QUIET)
    write(theirs, {"a.png": 7})
    assert len(picture(7)) == len(picture(1))
    os.utime(path, ns=an_hour_ago)

    # A file that shows the same size and time is taken for the same.
    assert client.push_dataset(theirs, cats, **QUIET).revision_id is None
    os.utime(path)
    assert client.push_dataset(theirs, cats, **QUIET).changed == 1


def test_changes_of_others_stay_where_they_are_of_other_objects(
    client: Client, cats: str, theirs: Path, pushed: Path
) -> None:
    write(theirs, {"x/b.png": 20, "theirs.png": 5})
    (theirs / "x/y/c.png").unlink()
    client.push_dataset(theirs, cats, "theirs", **QUIET)
    write(pushed, {"a.png": 10, "mine.png": 6})

    report = client.push_dataset(pushed, cats, "mine", **QUIET)

    assert (report.added, report.changed, report.removed, report.behind) == (1, 1, 0, 3)
    assert sorted(objects(client, cats)) == ["a.png", "mine.png", "theirs.png", "x/b.png"]
    again = client.push_dataset(pushed, cats, **QUIET)
    assert (again.revision_id, again.behind) == (None, 3)
    pulled = client.pull_dataset(cats, pushed, **QUIET)
    assert (pulled.downloaded, pulled.removed, pulled.is_fine) == (2, 1, True)
    client.pull_dataset(cats, theirs, **QUIET)
    assert read(pushed) == read(theirs)
    assert client.push_dataset(pushed, cats, **QUIET).behind == 0


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ends
        for ends in itertools.product(("changed", "removed", "labelled"), repeat=2)
        if ends != ("removed", "removed")
    ],
)
def test_an_object_that_both_sides_changed_is_not_overwritten(
    client: Client, cats: str, theirs: Path, pushed: Path, here: str, there: str
) -> None:
    def change(folder: Path, how: str, number: int) -> None:
        if how == "changed":
            write(folder, {"x/b.png": number})
        elif how == "removed":
            (folder / "x/b.png").unlink()
        else:
            change_entries(folder, {"x/b.png": {"tags": [f"t{number}"]}})

    change(theirs, there, 20)
    client.push_dataset(theirs, cats, **QUIET)
    change(pushed, here, 30)
    write(pushed, {"new.png": 5})
    before = objects(client, cats)

    for _ in range(2):
        with pytest.raises(FastLabelConflictException, match=r"1 object was changed .* x/b\.png;"):
            client.push_dataset(pushed, cats, **QUIET)
        assert objects(client, cats) == before

    report = client.push_dataset(pushed, cats, force=True, **QUIET)

    assert report.revision_id is not None
    after = objects(client, cats)
    assert "new.png" in after
    assert ("x/b.png" in after) == (here != "removed")
    if here == "labelled":
        assert after["x/b.png"]["tags"] == ["t30"]
    if here == "changed":
        assert read(pushed)["x/b.png"] == picture(30)
        assert after["x/b.png"]["size"] == len(picture(30))
    assert client.push_dataset(pushed, cats, **QUIET).revision_id is None


def test_a_change_that_comes_just_before_the_commit_is_seen(
    client: Client, cats: str, pushed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset_id = id_of(client, cats)
    committed = push.pushes.commit
    meanwhile: list[str] = []

    def commit(*args: Any) -> Any:
        if meanwhile:
            client.update_dataset_object(dataset_id, meanwhile.pop(), tags=["theirs"])
        return committed(*args)

    monkeypatch.setattr(push.pushes, "commit", commit)
    write(pushed, {"a.png": 10})
    meanwhile.append("x/b.png")
    report = client.push_dataset(pushed, cats, **QUIET)
    assert (report.changed, report.sent_files, report.behind) == (1, 1, 1)
    assert objects(client, cats)["x/b.png"]["tags"] == ["theirs"]

    write(pushed, {"a.png": 11})
    meanwhile.append("a.png")
    before = len(revisions(client, cats))
    with pytest.raises(FastLabelConflictException, match=r"a\.png"):
        client.push_dataset(pushed, cats, **QUIET)
    assert objects(client, cats)["a.png"]["tags"] == ["theirs"]
    assert len(revisions(client, cats)) == before + 1


def test_a_push_is_committed_only_onto_the_revision_it_knows(
    raw: Raw, client: Client, cats: str
) -> None:
    dataset = client.create_dataset(cats)
    begun = raw("POST", f"datasets-v2/{dataset['id']}/pushes", json={"key": "k"}).json()
    path = f"datasets-v2/{dataset['id']}/pushes/{begun['id']}/commit"
    client.upload_dataset_objects(cats, [], remove=["nothing.png"], progress=False)

    refused = raw("POST", path, json={"revisionId": "0" * 40})
    assert refused.status_code == 409
    assert "has moved on to" in refused.json()["message"]
    taken = raw("POST", path, json={"revisionId": dataset["revisionId"]})
    assert taken.status_code == 200
    assert client.wait_for_dataset_job(dataset["id"], taken.json()["id"])["revisionId"] is None


def test_a_dataset_is_found_by_its_whole_name(client: Client, cats: str) -> None:
    made = [client.create_dataset(name)["id"] for name in (f"{cats}-a", f"{cats}", f"a-{cats}")]

    assert id_of(client, cats) == made[1]
    assert client.find_dataset_by_name(cats[:-1] + "x") is None


def test_a_comparison_signs_files_where_that_is_asked_for(
    raw: Raw, client: Client, cats: str, pushed: Path
) -> None:
    dataset_id = id_of(client, cats)
    base = client.get_dataset_revisions(dataset_id)[-1]["id"]
    client.delete_dataset_object(dataset_id, "x/b.png")
    path = f"datasets-v2/{dataset_id}/diff"

    plain = raw("GET", path, params={"base": base}).json()["objects"]
    signed = raw("GET", path, params={"base": base, "signed": "true"}).json()["objects"]

    for change in signed:
        url = change["after"].pop("signedUrl")
        assert raw.http.get(url).content == read(pushed)[change["name"]]
    assert signed == plain
    undone = {"base": "latest", "target": base, "signed": "true"}
    assert {one["after"] for one in raw("GET", path, params=undone).json()["objects"]} == {None}


def test_a_conflict_stays_one_after_changes_of_other_objects(
    client: Client, cats: str, theirs: Path, pushed: Path
) -> None:
    write(theirs, {"x/b.png": 20})
    client.push_dataset(theirs, cats, **QUIET)
    write(pushed, {"new.png": 5})
    client.push_dataset(pushed, cats, **QUIET)
    write(pushed, {"x/b.png": 30})

    with pytest.raises(FastLabelConflictException, match=r"x/b\.png"):
        client.push_dataset(pushed, cats, **QUIET)


def test_the_same_change_on_both_sides_is_no_conflict(
    client: Client, cats: str, theirs: Path, pushed: Path
) -> None:
    for folder in (theirs, pushed):
        write(folder, {"x/b.png": 20, "new.png": 5})
        (folder / "x/y/c.png").unlink()
        change_entries(folder, {"x/b.png": {"annotations": [BOX]}, "new.png": {"tags": ["t"]}})
    assert client.push_dataset(theirs, cats, **QUIET).revision_id is not None

    report = client.push_dataset(pushed, cats, **QUIET)

    assert (report.revision_id, report.behind, report.sent_files) == (None, 0, 0)
    write(pushed, {"x/b.png": 21})
    assert client.push_dataset(pushed, cats, **QUIET).changed == 1


def test_a_folder_without_a_past_adds_and_takes_nothing_away(
    client: Client, cats: str, pushed: Path, tmp_path: Path
) -> None:
    fresh = write(tmp_path / "fresh", {"a.png": 1, "new.png": 5})

    report = client.push_dataset(fresh, cats, **QUIET)

    assert (report.added, report.changed, report.removed, report.behind) == (1, 0, 0, 2)
    assert sorted(objects(client, cats)) == ["a.png", "new.png", "x/b.png", "x/y/c.png"]
    write(fresh, {"x/b.png": 30})
    with pytest.raises(FastLabelConflictException, match=r"x/b\.png"):
        client.push_dataset(fresh, cats, **QUIET)


def test_a_download_can_be_pushed_back(
    client: Client, cats: str, pushed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "downloaded"
    client.download_dataset_objects(cats, folder)

    assert client.push_dataset(folder, cats, **QUIET).revision_id is None
    change_entries(folder, {"a.png": {"tags": ["downloaded"]}})
    report = client.push_dataset(folder, cats, **QUIET)
    assert (report.changed, report.sent_files) == (1, 0)
    found = objects(client, cats)["a.png"]
    assert (found["tags"], found["licenses"]) == (["downloaded"], ["MIT"])


def test_bad_files_and_entries_keep_the_push_back(client: Client, cats: str, pushed: Path) -> None:
    write(pushed, {"good.png": 5, "broken.png": b"no picture", "empty.png": b"", "x/b.png": b""})
    change_entries(pushed, {"a.png": {"label": "cat"}})

    report = client.push_dataset(pushed, cats, **QUIET)

    assert report.revision_id is None
    assert sorted(map(str, report.bad)) == [
        "annotations.json: a.png: label: no such field",
        "empty.png: the file is empty",
        "x/b.png: the file is empty",
    ]
    skipped = client.push_dataset(pushed, cats, skip_bad=True, **QUIET)
    assert (skipped.added, skipped.changed, skipped.removed) == (1, 0, 0)
    assert "broken.png: broken.png: not a jpeg, png or gif image" in map(str, skipped.bad)
    assert sorted(objects(client, cats)) == ["a.png", "good.png", "x/b.png", "x/y/c.png"]


def test_a_push_that_was_refused_goes_on_when_it_is_corrected(
    client: Client, cats: str, pushed: Path
) -> None:
    write(pushed, {"good.png": 5, "broken.png": b"no picture"})
    report = client.push_dataset(pushed, cats, **QUIET)
    assert (report.revision_id, len(report.bad), report.sent_files) == (None, 1, 1)
    write(pushed, {"broken.png": 6})

    report = client.push_dataset(pushed, cats, **QUIET)

    assert (report.added, report.sent_files) == (2, 1)
    assert len(revisions(client, cats)) == 2


def test_what_was_sent_and_then_changed_back_is_not_pushed(
    client: Client, cats: str, pushed: Path
) -> None:
    write(pushed, {"good.png": 5, "x/b.png": 7, "broken.png": b"no picture"})
    client.push_dataset(pushed, cats, **QUIET)
    write(pushed, {"x/b.png": 2, "broken.png": 6})
    (pushed / "good.png").unlink()

    report = client.push_dataset(pushed, cats, **QUIET)

    assert (report.added, report.changed) == (1, 0)
    assert sorted(objects(client, cats)) == ["a.png", "broken.png", "x/b.png", "x/y/c.png"]


def test_a_pull_keeps_what_was_changed_here_alone(
    client: Client, cats: str, theirs: Path, pushed: Path
) -> None:
    write(theirs, {"x/b.png": 20})
    client.push_dataset(theirs, cats, **QUIET)
    write(pushed, {"a.png": 10, "own.png": 8, "notes.md": b"mine"})
    change_entries(pushed, {"x/y/c.png": {"tags": ["mine"]}, "own.png": {"tags": ["own"]}})

    report = client.pull_dataset(cats, pushed, **QUIET)

    assert (report.downloaded, report.kept, report.conflicts) == (1, ["a.png", "x/y/c.png"], [])
    assert read(pushed)["a.png"] == picture(10)
    assert read(pushed)["x/b.png"] == picture(20)
    assert entries(pushed)["x/y/c.png"]["tags"] == ["mine"]
    assert entries(pushed)["own.png"] == {"name": "own.png", "tags": ["own"]}
    pushed_again = client.push_dataset(pushed, cats, **QUIET)
    assert (pushed_again.added, pushed_again.changed) == (1, 2)


def test_a_pull_leaves_alone_what_was_changed_here_and_there(
    client: Client, cats: str, theirs: Path, pushed: Path
) -> None:
    write(theirs, {"a.png": 10, "x/b.png": 20, "new.png": 5})
    (theirs / "x/y/c.png").unlink()
    client.push_dataset(theirs, cats, **QUIET)
    write(pushed, {"a.png": 11, "x/y/c.png": 13, "new.png": 15})

    report = client.pull_dataset(cats, pushed, **QUIET)

    assert sorted(report.conflicts) == ["a.png", "new.png", "x/y/c.png"]
    assert (report.downloaded, report.is_fine) == (1, False)
    assert read(pushed) == {
        "a.png": picture(11),
        "new.png": picture(15),
        "x/b.png": picture(20),
        "x/y/c.png": picture(13),
    }
    with pytest.raises(FastLabelConflictException, match="3 objects were changed"):
        client.push_dataset(pushed, cats, **QUIET)

    forced = client.pull_dataset(cats, pushed, force=True, **QUIET)

    assert (forced.conflicts, forced.downloaded, forced.removed) == ([], 2, 1)
    client.pull_dataset(cats, theirs, force=True, **QUIET)
    assert read(pushed) == read(theirs)
    assert entries(pushed) == entries(theirs)


def test_missing_and_torn_files_are_brought_again(client: Client, cats: str, theirs: Path) -> None:
    (theirs / "a.png").unlink()
    (theirs / "annotations.json").unlink()
    assert client.pull_dataset(cats, theirs, **QUIET).downloaded == 1
    assert sorted(entries(theirs)) == ["a.png", "x/b.png", "x/y/c.png"]
    write(theirs, {"x/b.png": b"torn"})
    assert client.pull_dataset(cats, theirs, **QUIET).kept == ["x/b.png"]
    assert client.pull_dataset(cats, theirs, force=True, **QUIET).downloaded == 1
    assert read(theirs)["x/b.png"] == picture(2)


def test_a_folder_goes_to_any_version_and_back(
    client: Client, cats: str, pushed: Path, theirs: Path
) -> None:
    client.create_dataset_version(id_of(client, cats), "v1")
    before = read(pushed)
    write(pushed, {"a.png": 10, "new.png": 5})
    (pushed / "x/b.png").unlink()
    newest = client.push_dataset(pushed, cats, **QUIET).revision_id
    assert newest is not None

    client.pull_dataset(cats, theirs, newest[:8], **QUIET)
    assert read(theirs) == read(pushed)
    client.pull_dataset(cats, theirs, "v1", **QUIET)
    assert read(theirs) == before
    assert client.push_dataset(theirs, cats, **QUIET).revision_id is None
    client.pull_dataset(cats, theirs, **QUIET)
    assert read(theirs) == read(pushed)
    with pytest.raises(FastLabelNotFoundException, match="has no version 'v2'"):
        client.pull_dataset(cats, theirs, "v2", **QUIET)


def test_files_that_are_here_already_are_adopted(
    client: Client, cats: str, pushed: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "folder", {"a.png": 1, "x/b.png": 20, "other.png": 9})

    report = client.pull_dataset(cats, folder, **QUIET)

    assert (report.unchanged, report.downloaded, report.conflicts) == (1, 1, ["x/b.png"])
    assert read(folder)["x/b.png"] == picture(20)
    assert read(folder)["other.png"] == picture(9)


def test_a_folder_belongs_to_one_dataset(client: Client, cats: str, pushed: Path) -> None:
    with pytest.raises(FastLabelInvalidException, match=f"belongs to the dataset '{cats}'"):
        client.push_dataset(pushed, f"{cats}-other", **QUIET)
    assert client.find_dataset_by_name(f"{cats}-other") is None
    other = client.create_dataset(f"{cats}-other")
    with pytest.raises(FastLabelInvalidException, match=other["id"]):
        client.push_dataset(pushed, other["name"], **QUIET)
    with pytest.raises(FastLabelInvalidException, match=other["id"]):
        client.pull_dataset(other["name"], pushed, **QUIET)


def test_a_renamed_dataset_is_the_same(client: Client, cats: str, pushed: Path) -> None:
    client.update_dataset(id_of(client, cats), f"{cats}-new")
    write(pushed, {"a.png": 10})

    assert client.push_dataset(pushed, f"{cats}-new", **QUIET).changed == 1


def test_objects_changed_by_other_calls_are_changes_of_others(
    client: Client, cats: str, pushed: Path
) -> None:
    client.update_dataset_object(id_of(client, cats), "a.png", type="valid")
    client.delete_dataset_object(id_of(client, cats), "x/b.png")
    change_entries(pushed, {"a.png": {"tags": ["mine"]}})

    with pytest.raises(FastLabelConflictException, match=r"a\.png"):
        client.push_dataset(pushed, cats, **QUIET)
    client.pull_dataset(cats, pushed, force=True, **QUIET)
    assert entries(pushed)["a.png"]["object_type"] == "valid"
    assert sorted(read(pushed)) == ["a.png", "x/y/c.png"]


def test_a_listing_that_is_damaged_is_not_thrown_away(
    client: Client, cats: str, theirs: Path
) -> None:
    path = theirs / "annotations.json"
    path.write_text(path.read_text()[:-20])
    for act in (
        lambda: client.pull_dataset(cats, theirs, **QUIET),
        lambda: client.push_dataset(theirs, cats, **QUIET),
    ):
        with pytest.raises(FastLabelInvalidException, match=r"annotations\.json: no JSON"):
            act()
    client.pull_dataset(cats, theirs, force=True, **QUIET)
    assert len(entries(theirs)) == 3


def test_no_folder_is_no_push(client: Client, cats: str, tmp_path: Path) -> None:
    with pytest.raises(FastLabelInvalidException, match="expected a folder"):
        client.push_dataset(tmp_path / "none", cats, **QUIET)
    with pytest.raises(FastLabelNotFoundException, match="there is no dataset"):
        client.pull_dataset(cats, tmp_path / "none", **QUIET)
    assert not (tmp_path / "none").exists()


def test_an_asynchronous_client_does_the_same(
    server: Server, cats: str, mine: Path, tmp_path: Path
) -> None:
    async def run() -> None:
        async with AsyncClient(server.token, api_url=server.api_url) as client:
            assert (await client.push_dataset(mine, cats, progress=False)).added == 3
            report = await client.pull_dataset(cats, tmp_path / "theirs", progress=False)
            assert report.downloaded == 3

    asyncio.run(run())
    assert read(tmp_path / "theirs") == read(mine)
