"""`fastlabel dataset` as a shell runs it."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest

from api.conftest import Command, command_of
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
from fastlabel import Client
from fastlabel.dataset_folder import state
from servers import Server

# What the commands print does not depend on the database.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("server", ["sqlite"], indirect=True),
]
_numbers = itertools.count(1)


@pytest.fixture
def run(server: Server, tmp_path: Path) -> Command:
    return command_of(server, tmp_path)


@pytest.fixture
def dogs(client: Client, tmp_path: Path) -> str:
    """A dataset of two pictures, pushed from the folder `mine`, with the version v1."""
    name = f"dogs-{next(_numbers)}"
    folder = write(tmp_path / "mine", {"a.png": 1, "x/b.png": 2})
    client.push_dataset(folder, name, "first", progress=False)
    client.create_dataset_version(id_of(client, name), "v1")
    return name


def test_a_folder_goes_there_and_comes_back(run: Command, client: Client, tmp_path: Path) -> None:
    name = f"dogs-{next(_numbers)}"
    write(tmp_path / "mine", {"a.png": 1, "x/b.png": 2, "notes.md": b"no object"})

    done = run("dataset", "push", "mine", name, "-m", "first")

    assert done.returncode == 0, done.stderr
    [revision] = revisions(client, name)
    sent = len(picture(1)) + len(picture(2))
    assert done.stdout.splitlines() == [
        f"made the dataset {name}",
        f"{name}@{revision['id'][:12]}: 2 added, 1 passed over (2 files sent, {sent} B)",
    ]
    assert revision["message"] == "first"
    assert "sending changes" in done.stderr

    done = run("dataset", "pull", name, "theirs", "--quiet")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{name}@{revision['id'][:12]}: 2 downloaded\n"
    assert read(tmp_path / "theirs") == {"a.png": picture(1), "x/b.png": picture(2)}
    assert run("dataset", "pull", name, "theirs").stdout.endswith(": 2 unchanged\n")
    assert run("dataset", "push", "theirs", name).stdout == f"{name}: nothing to do\n"


def test_a_pull_takes_a_version(run: Command, client: Client, dogs: str, tmp_path: Path) -> None:
    write(tmp_path / "mine", {"a.png": 10})
    newest = client.push_dataset(tmp_path / "mine", dogs, progress=False).revision_id
    assert newest is not None

    for version, number in (("v1", 1), (newest[:8], 10), ("latest", 10)):
        done = run("dataset", "pull", f"{dogs}@{version}", "theirs", "--quiet")
        assert done.returncode == 0, done.stderr
        assert read(tmp_path / "theirs")["a.png"] == picture(number)


def test_a_push_that_would_overwrite_others_ends_with_1(
    run: Command, client: Client, dogs: str, tmp_path: Path
) -> None:
    run("dataset", "pull", dogs, "theirs")
    write(tmp_path / "mine", {"a.png": 10})
    client.push_dataset(tmp_path / "mine", dogs, progress=False)
    write(tmp_path / "theirs", {"a.png": 11})
    before = objects(client, dogs)

    done = run("dataset", "push", "theirs", dogs, "--quiet")

    assert (done.returncode, done.stdout) == (1, "")
    assert "1 object was changed here and in dataset" in done.stderr
    assert "a.png" in done.stderr
    assert objects(client, dogs) == before
    done = run("dataset", "pull", dogs, "theirs", "--quiet")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "a.png: was changed here and in the dataset",
        "--force takes the dataset's",
    ]
    assert run("dataset", "push", "theirs", dogs, "--force", "--quiet").returncode == 0
    assert objects(client, dogs)["a.png"]["sha256"] != before["a.png"]["sha256"]


def test_bad_files_end_with_1_and_keep_the_push_back(
    run: Command, client: Client, dogs: str, tmp_path: Path
) -> None:
    write(tmp_path / "mine", {"c.png": 3, "broken.png": b"no picture"})

    done = run("dataset", "push", "mine", dogs, "--quiet")

    assert done.returncode == 1
    assert "broken.png: not a jpeg, png or gif image" in done.stderr
    assert "nothing was pushed; --skip-bad" in done.stderr
    assert len(revisions(client, dogs)) == 1
    done = run("dataset", "push", "mine", dogs, "--quiet", "--skip-bad")
    assert done.returncode == 1
    assert "1 added, 1 bad" in done.stdout
    assert sorted(objects(client, dogs)) == ["a.png", "c.png", "x/b.png"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pull", "no-such", "there"), "there is no dataset 'no-such'"),
        (("pull", "DOGS@v9", "there"), "has no version 'v9'"),
        (("push", "nowhere", "DOGS"), "nowhere: expected a folder"),
        (("push", "mine", "Wrong Name"), "belongs to the dataset"),
        (("show", "no-such"), "there is no dataset 'no-such'"),
        (("log", "no-such"), "there is no dataset 'no-such'"),
        (("diff", "DOGS", "v9"), "has no version 'v9'"),
        (("tag", "DOGS", "v1"), "already has a version 'v1'"),
        (("tag", "DOGS", "v9", "--delete"), "has no version 'v9'"),
        (("restore", "DOGS@v9"), "has no version 'v9'"),
        (("pull", "DOGS", "mine/a.png/there"), "Not a directory"),
    ],
)
def test_what_cannot_begin_is_said_in_one_line(
    run: Command, dogs: str, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run("dataset", *(each.replace("DOGS", dogs) for each in arguments))

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "there").exists()


def test_two_at_once_do_not_work_on_a_folder(run: Command, dogs: str, tmp_path: Path) -> None:
    with state.opened(tmp_path / "mine"):
        done = run("dataset", "push", "mine", dogs, "--quiet")
    assert done.returncode == 2
    assert "mine: another pull or push is at work here" in done.stderr
    assert run("dataset", "push", "mine", dogs, "--quiet").returncode == 0


def test_datasets_are_listed_and_shown(run: Command, client: Client, dogs: str) -> None:
    dataset_id = id_of(client, dogs)
    client.update_dataset(dataset_id, tags=["street"], license="MIT")
    [revision] = revisions(client, dogs)

    listed = run("dataset", "list", "--keyword", dogs, "--tag", "street")
    size = len(picture(1)) + len(picture(2))
    assert listed.stdout.split() == [dogs, "2", str(size), "B", revision["id"][:12], "street"]
    assert json.loads(run("dataset", "list", "--keyword", dogs, "--json").stdout) == [
        client.find_dataset(dataset_id)
    ]
    nothing = run("dataset", "list", "--keyword", "no such name")
    assert (nothing.stdout, nothing.stderr) == ("", "no dataset is like that\n")
    shown = dict(
        line.split(maxsplit=1) for line in run("dataset", "show", f"{dogs}@v1").stdout.splitlines()
    )
    assert shown == {
        "name": dogs,
        "id": dataset_id,
        "tags": "street",
        "licence": "MIT",
        "visibility": "workspace",
        "revision": f"{revision['id']} (2)",
        "versions": "v1, latest",
        "objects": "2",
        "size": f"{size} B",
        "content": revision["contentHash"],
        "made": f"{revision['createdAt']} by Olga Owner",
        "message": "first",
    }
    as_json = json.loads(run("dataset", "show", dogs, "--json").stdout)
    assert (as_json["id"], as_json["revision"]["id"]) == (dataset_id, revision["id"])


def test_revisions_are_listed_compared_named_and_restored(
    run: Command, client: Client, dogs: str, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    write(folder, {"a.png": 10, "c.png": 3})
    (folder / "x/b.png").unlink()
    client.push_dataset(folder, dogs, "second", progress=False)
    change_entries(
        folder,
        {
            "c.png": {
                "tags": ["t"],
                "annotations": [{"type": "bbox", "value": "dog", "points": [0]}],
            }
        },
    )
    client.push_dataset(folder, dogs, "labels", progress=False)
    first, second, third = (each["id"][:12] for each in revisions(client, dogs))

    lines = run("dataset", "log", dogs, "-n", "2").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [third, second]
    assert "push  +0 ~1 -0  Olga Owner  latest  labels" in lines[0]
    assert "push  +1 ~1 -1  Olga Owner          second" in lines[1]
    assert len(json.loads(run("dataset", "log", dogs, "--json").stdout)) == 4

    assert run("dataset", "diff", dogs, "v1", second).stdout.splitlines() == [
        "M a.png  file",
        "D x/b.png",
        "A c.png",
        "1 added, 1 changed, 1 removed",
    ]
    assert run("dataset", "diff", dogs, second).stdout.splitlines() == [
        "M c.png  tags, annotations +1 ~0 -0",
        "0 added, 1 changed, 0 removed",
    ]
    assert run("dataset", "diff", dogs, "v1", "--summary").stdout == (
        "1 added, 1 changed, 1 removed\n"
    )
    as_json = json.loads(run("dataset", "diff", dogs, "v1", second, "--json").stdout)
    assert [one["change"] for one in as_json["objects"]] == ["changed", "removed", "added"]

    assert run("dataset", "tag", f"{dogs}@{second}", "v2").stdout == f"v2 is {second}\n"
    assert run("dataset", "tag", dogs, "v3").stdout == f"v3 is {third}\n"
    named = run("dataset", "versions", dogs).stdout.splitlines()
    assert [line.split()[:2] for line in named] == [["v1", first], ["v2", second], ["v3", third]]
    assert run("dataset", "tag", dogs, "v3", "--delete").returncode == 0
    assert len(json.loads(run("dataset", "versions", dogs, "--json").stdout)) == 2

    done = run("dataset", "restore", f"{dogs}@v1", "-m", "Undo")
    newest = revisions(client, dogs)[-1]
    assert done.stdout == f"revision {newest['id'][:12]}\n"
    assert (newest["via"], newest["message"]) == ("restore", "Undo")
    assert sorted(objects(client, dogs)) == ["a.png", "x/b.png"]
    assert run("dataset", "restore", f"{dogs}@v1").stdout == "nothing to do\n"


def test_labels_travel_with_the_listing(
    run: Command, client: Client, dogs: str, tmp_path: Path
) -> None:
    run("dataset", "pull", dogs, "theirs")
    change_entries(tmp_path / "theirs", {"a.png": {"object_type": "test"}})

    done = run("dataset", "push", "theirs", dogs, "--quiet")

    assert ": 1 changed\n" in done.stdout
    assert objects(client, dogs)["a.png"]["type"] == "test"
    assert entries(tmp_path / "theirs")["a.png"]["object_type"] == "test"


def test_objects_are_divided_by_a_rule_and_by_their_names(
    run: Command, client: Client, tmp_path: Path
) -> None:
    name = f"dogs-{next(_numbers)}"
    folder = write(
        tmp_path / "clips", {f"{clip}/{n}.png": 10 * clip + n for clip in range(10) for n in (1, 2)}
    )
    client.push_dataset(folder, name, progress=False)
    divide = ("dataset", "types", name, "--train", "8", "--valid", "1", "--test", "1")

    done = run(*divide, "--group-by", "pattern:([0-9]+)/", "-m", "divide")

    newest = revisions(client, name)[-1]
    assert done.stdout == f"revision {newest['id'][:12]}: 20 changed\n", done.stderr
    assert (newest["via"], newest["message"]) == ("types", "divide")
    found = {key: one["type"] for key, one in objects(client, name).items()}
    assert Counter(found.values()) == {"train": 16, "valid": 2, "test": 2}
    assert all(found[f"{clip}/1.png"] == found[f"{clip}/2.png"] for clip in range(10))
    assert run(*divide, "--group-by", "folder", "--only", "none").stdout == "nothing to do\n"
    assert run("dataset", "types", name).returncode == 2

    done = run("dataset", "set-type", name, "none", "1/1.png", "2/1.png")
    assert done.stdout.endswith(": 2 changed\n")
    assert run(*divide, "--only", "none", "--seed", "3").returncode == 0
    done = run("dataset", "set-type", name, "none", "nowhere.png")
    assert (done.returncode, "has no object 'nowhere.png'" in done.stderr) == (2, True)


def test_objects_are_split_into_parts(
    run: Command, client: Client, dogs: str, tmp_path: Path
) -> None:
    done = run("dataset", "split", dogs, "a.png", "--columns", "2", "--rows", "2", "-m", "tiles")
    newest = revisions(client, dogs)[-1]
    assert done.stdout == f"revision {newest['id'][:12]}: 4 added\n", done.stderr
    parts = [f"{dogs}/a/{number}.png" for number in range(1, 5)]
    assert sorted(objects(client, dogs)) == sorted(["a.png", "x/b.png", *parts])

    client.create_dataset(f"{dogs}-parts")
    done = run("dataset", "split", dogs, "--all", "--columns", "2", "--into", f"{dogs}-parts")
    assert done.stdout.endswith(": 4 added\n"), done.stderr
    assert len(objects(client, f"{dogs}-parts")) == 4
    done = run("dataset", "split", dogs, "a.png", "--parts", "2")
    assert (done.returncode, "parts are for videos" in done.stderr) == (2, True)
    # Parts stay parts in a folder, whose pull and push change nothing.
    run("dataset", "pull", dogs, "there", "--quiet")
    assert run("dataset", "push", "there", dogs).stdout == f"{dogs}: nothing to do\n"


def test_objects_become_tasks_and_tasks_objects(
    run: Command, client: Client, dogs: str, slug: str, cat_jpg: Path, tmp_path: Path
) -> None:
    box = {"type": "bbox", "value": "dog", "points": [1, 1, 2, 2]}
    change_entries(tmp_path / "mine", {"a.png": {"annotations": [box], "tags": ["t"]}})
    client.push_dataset(tmp_path / "mine", dogs, progress=False)
    client.create_project("image_bbox", "Dogs", slug)

    done = run("dataset", "to-tasks", dogs, "-p", slug, "--tag", "t", "--create-classes")
    assert (done.returncode, done.stdout) == (0, "1 created\n"), done.stderr
    done = run("dataset", "to-tasks", f"{dogs}@v1", "-p", slug, "--without-annotations")
    assert done.stdout == "1 created, 1 unchanged\n"
    first, _ = client.get_image_tasks(slug)
    assert (first["name"], len(first["annotations"])) == ("a.png", 1)
    client.update_image_task(first["id"], annotations=[], status="approved")
    client.create_image_task(slug, "c.jpg", cat_jpg, status="completed")

    done = run("dataset", "from-tasks", dogs, "-p", slug, "--prefix", "new", "--type", "test")
    assert done.stdout == "1 created\n"
    assert objects(client, dogs)["new/a.png"]["type"] == "test"
    done = run("dataset", "from-tasks", dogs, "-p", slug, "--status", "completed", "-m", "two")
    assert done.stdout == "1 created\n"
    assert revisions(client, dogs)[-1]["message"] == "two"
    assert run("dataset", "from-tasks", dogs, "-p", "no-such").returncode == 2


def test_every_command_says_how_it_is_used(run: Command) -> None:
    for name in (
        "list",
        "show",
        "log",
        "diff",
        "versions",
        "tag",
        "restore",
        "pull",
        "push",
        "types",
        "set-type",
        "split",
        "to-tasks",
        "from-tasks",
    ):
        done = run("dataset", name, "--help")
        assert done.returncode == 0
        assert f"fastlabel dataset {name}" in done.stdout
    assert run("dataset", "nonsense").returncode == 2
