"""Objects of datasets: both generations of endpoints, behind the methods of each release."""

from __future__ import annotations

import json
import tempfile
import urllib.parse
from pathlib import Path
from typing import Any

from scenarios.dataset_calls import (
    TAKES_LICENSES,
    listed,
    new_dataset,
    new_object,
    newest_revision,
    set_type,
)
from scenarios.pictures import jpeg, png, saved
from scenarios.support import (
    COLOR,
    ID,
    MEDIA,
    NOWHERE,
    TIMESTAMP,
    call,
    client,
    fetch,
    later,
    names,
    refused,
    same,
)

DOCUMENTED = {
    "type": "bbox",
    "value": "person",
    "title": "Person",
    "points": [0],
    "attributes": [{"key": "age", "name": "Age", "type": "text", "value": "7"}],
}
"""The form of the documentation's example, with a box of one number."""


def an_object_shows_what_it_is() -> None:
    dataset = new_dataset()
    created = new_object(
        dataset,
        "brushwood/dog.png",
        tags=["dog"],
        annotations=[DOCUMENTED],
        custom_metadata={"key": "value", "鍵": "値"},
    )
    assert TIMESTAMP.fullmatch(created["createdAt"]), created
    assert TIMESTAMP.fullmatch(created["updatedAt"]), created
    [annotation] = created["annotations"]
    assert ID.fullmatch(annotation["id"]), annotation
    assert COLOR.fullmatch(annotation["color"]), annotation
    documented = {
        "name": "brushwood/dog.png",
        "size": len(png()),
        "height": 30,
        "width": 40,
        "tags": ["dog"],
        "annotations": [
            {
                "id": annotation["id"],
                "type": "bbox",
                "title": "Person",
                "value": "person",
                "points": [0],
                "attributes": DOCUMENTED["attributes"],
                "keypoints": [],
                "rotation": 0,
                "color": annotation["color"],
                "confidenceScore": -1,
            }
        ],
        "customMetadata": {"key": "value", "鍵": "値"},
        "type": "none",
        "licenses": [],
    }
    same({key: created[key] for key in documented}, documented)
    assert "signedUrl" not in created
    same(client.find_dataset_object(dataset["id"], "brushwood/dog.png"), created)
    same(client.get_dataset_objects(dataset=dataset["name"]), [created])


def an_object_of_which_nothing_is_said_has_defaults() -> None:
    created = new_object(new_dataset())
    shown = ("tags", "licenses", "annotations", "customMetadata", "type")
    same([created[key] for key in shown], [[], [], [], {}, "none"])


def every_shape_comes_back_as_it_was_sent() -> None:
    dataset = new_dataset()
    hollow = [[[0, 0, 9, 0, 9, 9, 0, 9, 0, 0], [2, 2, 2, 4, 4, 4, 4, 2, 2, 2]]]
    given = [
        {"type": "bbox", "value": "a", "points": [1, 2.5, 3, 4], "rotation": 12.5},
        {"type": "polygon", "value": "b", "points": [1, 2, 3, 4, 5, 6], "color": "#00ff00"},
        {"type": "keypoint", "value": "c", "points": [1, 2]},
        {"type": "line", "value": "d", "points": [1, 2, 3, 4]},
        {"type": "circle", "value": "e", "points": [1, 2, 3]},
        {"type": "segmentation", "value": "f", "points": hollow, "confidenceScore": 0.75},
        {
            "type": "pose_estimation",
            "value": "g",
            "points": [],
            "keypoints": [{"key": "nose", "name": "Nose", "value": [1, 2, 1], "edges": []}],
        },
        {"type": "classification", "value": "h", "attributes": [{"key": "k", "value": ["x"]}]},
    ]
    created = new_object(dataset, annotations=given)
    for sent, shown in zip(given, created["annotations"]):  # noqa: B905 - Python 3.8
        same({key: shown[key] for key in sent}, sent)
        same(shown["title"], sent["value"])
    assert len({one["id"] for one in created["annotations"]}) == len(given)
    same(client.find_dataset_object(dataset["id"], "a.png"), created)


def videos_and_recordings_are_objects_too() -> None:
    dataset = new_dataset()
    for name, has_size in (("a.mp4", True), ("b.mp3", False), ("c.wav", False), ("d.m4a", False)):
        path = MEDIA / f"0{name[1:]}"
        created = client.create_dataset_object(
            dataset=dataset["name"], name=name, file_path=str(path)
        )
        same([created["name"], created["size"]], [name, path.stat().st_size])
        same([created["width"] is not None, created["height"] is not None], [has_size] * 2)
    same(listed(dataset), ["a.mp4", "b.mp3", "c.wav", "d.m4a"])


def names_are_paths_in_any_language() -> None:
    dataset = new_dataset()
    for name in ("dir/a b.png", "猫/子 猫.png", "100%.png", "a+b&c?.png", "dir/dir/a#b.png"):
        created = new_object(dataset, name)
        same(created["name"], name)
        # The earlier release puts a name into the URL as it is.
        found = client.find_dataset_object(
            dataset_id=dataset["id"],
            object_name=name if TAKES_LICENSES else urllib.parse.quote(name),
        )
        same(found, created)
    for path in ("dataset-revision-objects/datasets/{}/objects/", "datasets-v2/{}/objects/"):
        for form in ("dir%2Fa%20b.png", "dir/a%20b.png"):
            status, found = call("GET", path.format(dataset["id"]) + form)
            same([status, found["name"]], [200, "dir/a b.png"])


def what_no_object_can_be_is_refused() -> None:
    dataset = new_dataset()
    kept = new_object(dataset)
    with refused(409, "a.png"):
        new_object(dataset)
    for name in ("../a.png", "/a.png", "x/../../a.png", ""):
        with refused(422):
            new_object(dataset, name)
    with refused(422, "b.exe"):
        new_object(dataset, "b.exe")
    with refused(422, "b.mp4"):
        new_object(dataset, "b.mp4")
    text = saved(b"This is no picture.", "any.png")
    with refused(422, "b.png"):
        client.create_dataset_object(dataset=dataset["name"], name="b.png", file_path=text)
    with refused(422, "tags"):
        new_object(dataset, "b.png", tags=list("abcdef"))
    with refused(422, "annotations[0].type"):
        new_object(dataset, "b.png", annotations=[{"type": "star", "value": "a", "points": []}])
    with refused(422, "annotations[0].value"):
        new_object(dataset, "b.png", annotations=[{"type": "bbox", "points": [0]}])
    with refused(422, "annotations[0].points"):
        new_object(dataset, "b.png", annotations=[{"type": "bbox", "value": "a", "points": "0"}])
    with refused(404, "no-such"):
        new_object({"name": "no-such"}, "b.png")
    same(client.get_dataset_objects(dataset["name"]), [kept])


def objects_come_in_the_order_of_their_creation_page_by_page() -> None:
    dataset = new_dataset()
    made = [f"{letter}.png" for letter in "qwerty"]
    for name in made:
        new_object(dataset, name)
    same(listed(dataset), made)
    same(listed(dataset, limit=4), made[:4])
    same(listed(dataset, offset=4, limit=4), made[4:])
    same(listed(dataset, offset=6), [])
    with refused(422):
        client.get_dataset_objects(dataset=dataset["name"], limit=1001)


def objects_are_found_by_tags() -> None:
    dataset = new_dataset()
    for name, tags in (("a.png", []), ("b.png", ["day"]), ("c.png", ["東京 tower", "day"])):
        new_object(dataset, name, tags=tags)
    same(listed(dataset, tags=["day"]), ["b.png", "c.png"])
    same(listed(dataset, tags=["day", "東京 tower"]), ["c.png"])
    same(listed(dataset, tags=["da"]), [])


@later
def objects_are_found_by_licences_and_types() -> None:
    dataset = new_dataset()
    for name, licenses in (("a.png", []), ("b.png", ["MIT"]), ("c.png", ["my-license", "MIT"])):
        new_object(dataset, name, licenses=licenses)
    set_type(dataset, "a.png", "train")
    set_type(dataset, "b.png", "test")
    same(listed(dataset, licenses=["MIT"]), ["b.png", "c.png"])
    same(listed(dataset, licenses=["MIT", "my-license"]), ["c.png"])
    same(listed(dataset, types=["train"]), ["a.png"])
    same(listed(dataset, types=["train", "test"]), ["a.png", "b.png"])
    same(listed(dataset, types=["none"], licenses=["MIT"]), ["c.png"])
    with refused(422, "licenses"):
        new_object(dataset, "d.png", licenses=[str(number) for number in range(11)])
    try:
        listed(dataset, types=["training"])
    except ValueError as error:
        assert "training" in str(error)
    else:
        raise AssertionError("an unknown type was taken")


def every_revision_reads_as_it_was() -> None:
    dataset = new_dataset()
    empty = newest_revision(dataset)
    first = new_object(dataset, "a.png", tags=["v1"])
    one = newest_revision(dataset)
    second = new_object(dataset, "b.png")
    two = newest_revision(dataset)
    changed = client.update_dataset_object(dataset["id"], "a.png", tags=["v2"])
    client.delete_dataset_object(dataset_id=dataset["id"], object_name="b.png")
    assert len({empty, one, two, newest_revision(dataset)}) == 4

    def at(**revision: str) -> list[dict[str, Any]]:
        return client.get_dataset_objects(dataset=dataset["name"], **revision)

    same(at(revision_id=empty), [])
    same(at(revision_id=one), [first])
    same(at(revision_id=two[:8]), [first, second])
    same(at(), [changed])
    same(at(version="latest"), [changed])
    same(client.find_dataset_object(dataset["id"], "a.png", revision_id=one[:10]), first)
    same(client.find_dataset_object(dataset["id"], "a.png", version="latest"), changed)
    same(client.find_dataset_object(dataset["id"], "b.png", revision_id=two), second)
    for unknown in ("0" * 8, "f" * 40):
        with refused(404):
            at(revision_id=unknown)
    with refused(422):
        at(revision_id=one[:7])


def a_version_names_a_revision() -> None:
    dataset = new_dataset()
    first = new_object(dataset, "a.png")
    client.api.post_request(f"datasets-v2/{dataset['id']}/versions", payload={"version": "v1.0"})
    new_object(dataset, "b.png")
    same(client.get_dataset_objects(dataset=dataset["name"], version="v1.0"), [first])
    same(client.find_dataset_object(dataset["id"], "a.png", version="v1.0"), first)
    with refused(404, "v2"):
        client.get_dataset_objects(dataset=dataset["name"], version="v2")
    with refused(404):
        client.find_dataset_object(dataset["id"], "b.png", version="v1.0")


def a_version_and_a_revision_together_are_refused() -> None:
    dataset = new_dataset()
    new_object(dataset)
    revision = newest_revision(dataset)
    with refused(400):
        client.get_dataset_objects(dataset["name"], version="latest", revision_id=revision)
    with refused(400):
        client.find_dataset_object(dataset["id"], "a.png", version="latest", revision_id=revision)
    query = f"version=latest&revisionId={revision}"
    for path, field in (
        ("dataset-objects-v2", "dataset"),
        ("dataset-revision-objects", "datasetName"),
    ):
        status, answer = call("GET", f"{path}?{field}={dataset['name']}&{query}")
        same(status, 400)
        assert "only one" in answer["message"], answer


def an_object_changes_in_what_is_given() -> None:
    dataset = new_dataset()
    before = new_object(dataset, tags=["a"], annotations=[DOCUMENTED], custom_metadata={"k": "v"})
    changed = client.update_dataset_object(
        dataset_id=dataset["id"], object_name="a.png", tags=["b", "c"]
    )
    same(changed, {**before, "tags": ["b", "c"], "updatedAt": changed["updatedAt"]})
    assert changed["updatedAt"] >= before["updatedAt"]
    moved = {"type": "polygon", "value": "cat", "points": [1, 2, 3, 4, 5, 6]}
    changed = client.update_dataset_object(
        dataset["id"], "a.png", annotations=[moved], custom_metadata={"other": "x"}
    )
    same([one["value"] for one in changed["annotations"]], ["cat"])
    same([changed["tags"], changed["customMetadata"]], [["b", "c"], {"other": "x"}])
    cleared = client.update_dataset_object(
        dataset["id"], "a.png", tags=[], annotations=[], custom_metadata={}
    )
    same([cleared[key] for key in ("tags", "annotations", "customMetadata")], [[], [], {}])
    same(client.find_dataset_object(dataset["id"], "a.png"), cleared)
    with refused(404, "none.png"):
        client.update_dataset_object(dataset["id"], "none.png", tags=["a"])
    with refused(404):
        client.update_dataset_object(NOWHERE, "a.png", tags=["a"])
    with refused(422, "tags"):
        client.update_dataset_object(dataset["id"], "a.png", tags=list("abcdef"))


@later
def licences_of_an_object_change() -> None:
    dataset = new_dataset()
    same(new_object(dataset, licenses=["MIT", "my-license"])["licenses"], ["MIT", "my-license"])
    changed = client.update_dataset_object(dataset["id"], "a.png", licenses=["CC0"])
    same(changed["licenses"], ["CC0"])
    same(client.update_dataset_object(dataset["id"], "a.png", licenses=[])["licenses"], [])


def an_object_is_deleted() -> None:
    dataset = new_dataset()
    new_object(dataset, "dir/a.png")
    kept = new_object(dataset, "b.png")
    assert client.delete_dataset_object(dataset["id"], "dir/a.png") is None
    same(client.get_dataset_objects(dataset=dataset["name"]), [kept])
    with refused(404, "dir/a.png"):
        client.find_dataset_object(dataset["id"], "dir/a.png")
    with refused(404):
        client.delete_dataset_object(dataset["id"], "dir/a.png")
    same(new_object(dataset, "dir/a.png")["name"], "dir/a.png")


def _downloaded(dataset: dict[str, Any], **options: Any) -> tuple[list[dict[str, Any]], Path]:
    folder = Path(tempfile.mkdtemp(dir=".")) / "download"
    return client.download_dataset_objects(dataset["name"], str(folder), **options), folder


def _files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def _entries(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "annotations.json").read_text(encoding="utf-8"))


def objects_are_downloaded_with_their_labels() -> None:
    dataset = new_dataset()
    first = new_object(
        dataset, "dir/a.png", tags=["t"], annotations=[DOCUMENTED], custom_metadata={"鍵": "値"}
    )
    turned = jpeg((60, 40), orientation=6)
    client.create_dataset_object(dataset["name"], "b.jpg", saved(turned, "any.jpg"))
    found, folder = _downloaded(dataset)
    same(names(found), ["dir/a.png", "b.jpg"])
    same(_files(folder), ["annotations.json", "b.jpg", "dir/a.png"])
    assert (folder / "dir/a.png").read_bytes() == png()
    assert (folder / "b.jpg").read_bytes() == turned
    shown = ("name", "annotations", "customMetadata")
    same(
        [{key: entry[key] for key in shown} for entry in _entries(folder)],
        [
            {key: first[key] for key in shown},
            {"name": "b.jpg", "annotations": [], "customMetadata": {}},
        ],
    )
    url = found[0].pop("signedUrl")
    same(found[0], first)
    status, headers, data = fetch(url)
    assert (status, data) == (200, png())
    same(headers["Content-Type"], "image/png")
    status, headers, data = fetch(url, Range="bytes=8-15")
    assert (status, data) == (206, png()[8:16])


@later
def downloaded_labels_have_tags_and_types() -> None:
    dataset = new_dataset()
    new_object(dataset, tags=["t"])
    set_type(dataset, "a.png", "valid")
    _, folder = _downloaded(dataset)
    [entry] = _entries(folder)
    same(
        entry,
        {
            "name": "a.png",
            "annotations": [],
            "customMetadata": {},
            "tags": ["t"],
            "object_type": "valid",
        },
    )


def each_type_is_downloaded_into_its_folder() -> None:
    dataset = new_dataset()
    for name in ("a.png", "b.png", "c.png", "d.png"):
        new_object(dataset, name)
    for name, kind in (("a.png", "train"), ("b.png", "valid"), ("c.png", "train")):
        set_type(dataset, name, kind)
    found, folder = _downloaded(dataset, types=["train", "test"])
    same(names(found), ["a.png", "c.png"])
    same(
        _files(folder),
        ["test/annotations.json", "train/a.png", "train/annotations.json", "train/c.png"],
    )
    same(names(_entries(folder / "train")), ["a.png", "c.png"])
    same(_entries(folder / "test"), [])
    found, folder = _downloaded(dataset, types=["none"])
    same(names(found), ["d.png"])


def a_download_has_the_filters_of_the_list() -> None:
    dataset = new_dataset()
    new_object(dataset, "a.png", tags=["t"])
    client.api.post_request(f"datasets-v2/{dataset['id']}/versions", payload={"version": "v1"})
    new_object(dataset, "b.png", tags=["t"])
    new_object(dataset, "c.png")
    for options, wanted in (
        ({"version": "v1"}, ["a.png"]),
        ({"tags": ["t"]}, ["a.png", "b.png"]),
        ({"offset": 1, "limit": 1}, ["b.png"]),
    ):
        found, folder = _downloaded(dataset, **options)
        same(names(found), wanted)
        same(_files(folder), sorted(["annotations.json", *wanted]))
    with refused(404):
        _downloaded(dataset, version="v2")


@later
def a_revision_is_downloaded() -> None:
    dataset = new_dataset()
    new_object(dataset, "a.png", licenses=["MIT"])
    revision = newest_revision(dataset)
    client.delete_dataset_object(dataset["id"], "a.png")
    new_object(dataset, "b.png")
    same(names(_downloaded(dataset, revision_id=revision[:8])[0]), ["a.png"])
    same(names(_downloaded(dataset, revision_id=revision, licenses=["MIT"])[0]), ["a.png"])
    same(names(_downloaded(dataset, licenses=["MIT"])[0]), [])
    with refused(400):
        _downloaded(dataset, version="latest", revision_id=revision)


def both_generations_of_endpoints_show_the_same() -> None:
    dataset = new_dataset()
    new_object(dataset, "dir/a.png", tags=["t"], annotations=[DOCUMENTED])
    new_object(dataset, "b.png")

    def without_urls(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{k: v for k, v in one.items() if k != "signedUrl"} for one in objects]

    query = f"={dataset['name']}&offset=0&limit=1000"
    for path in ("", "/signed-urls"):
        before = client.api.get_request(f"dataset-objects-v2{path}?dataset{query}", params={})
        after = client.api.get_request(
            f"dataset-revision-objects{path}?datasetName{query}", params={}
        )
        same(without_urls(before), without_urls(after))
        same(["signedUrl" in one for one in before + after], [bool(path)] * 4)
