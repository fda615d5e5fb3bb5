"""Datumaro: as its documentation shows it, and there and back."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation, task

CATEGORIES = {
    "label": {
        "labels": [
            {"name": "cat", "parent": "", "attributes": []},
            {"name": "person", "parent": "", "attributes": []},
        ],
        "attributes": [],
    },
    "points": {
        "items": [{"label_id": 1, "labels": ["nose", "ear", "toe"], "joints": [[1, 2]]}],
    },
}


def row(kind, label=0, group=0, attributes=None, **more):
    head = {"id": 0, "type": kind, "attributes": attributes or {}, "group": group}
    return {**head, "label_id": label, "z_order": 0, **more}


def dataset(tmp_path, *rows, subset="train"):
    folder = tmp_path / "annotations"
    folder.mkdir()
    item = {
        "id": "a",
        "annotations": list(rows),
        "attr": {"frame": 0},
        "image": {"path": "a.png", "size": [8, 10]},
    }
    content = {
        "dm_format_version": "1.0",
        "media_type": 2,
        "infos": {},
        "categories": CATEGORIES,
        "items": [item],
    }
    (folder / f"{subset}.json").write_text(json.dumps(content))
    return folder / f"{subset}.json"


def test_a_dataset_as_documented_is_read(tmp_path):
    path = dataset(
        tmp_path,
        row("bbox", attributes={"rotation": 30.5, "occluded": False}, bbox=[1.5, 2, 3, 4]),
        row("polygon", points=[0, 0, 4, 0, 4, 4]),
        row("polyline", points=[0, 0, 4, 0]),
        row("points", points=[1, 2, 3, 4], visibility=[2, 2]),
        row("points", label=1, points=[1, 2, 3, 4, 0, 0], visibility=[2, 1, 0]),
        row("ellipse", points=[0, 0, 4, 4]),
        row("polygon", group=3, points=[0, 0, 4, 0, 4, 4]),
        row("polygon", group=3, points=[5, 5, 9, 5, 9, 9]),
        row("label"),
        row("caption", caption="x"),
        row("bbox", label=7, bbox=[1, 2, 3, 4]),
        row("bbox", bbox=[1, 2, 3]),
        row("points", label=1, points=[1, 2, 3, 4]),
        row("cuboid_3d", position=[1, 2, 3], rotation=0, scale=[1, 1, 1]),
    )
    media = tmp_path / "images" / "train" / "a.png"
    media.parent.mkdir(parents=True)
    media.touch()
    [one], report = formats.read("datumaro", tmp_path)
    assert one.file == media
    assert (one.task["name"], one.task["width"], one.task["height"]) == ("a.png", 10, 8)
    found = [(each["type"], each["value"], each.get("points")) for each in one.task["annotations"]]
    assert found == [
        ("bbox", "cat", [1.5, 2, 4.5, 6]),
        ("polygon", "cat", [0, 0, 4, 0, 4, 4]),
        ("line", "cat", [0, 0, 4, 0]),
        ("keypoint", "cat", [1, 2]),
        ("keypoint", "cat", [3, 4]),
        ("pose_estimation", "person", None),
        ("circle", "cat", [2, 2, 2]),
        ("segmentation", "cat", [[[0, 0, 4, 0, 4, 4, 0, 0]], [[5, 5, 9, 5, 9, 9, 5, 5]]]),
        ("classification", "cat", []),
    ]
    box, pose = one.task["annotations"][0], one.task["annotations"][5]
    assert (box["rotation"], box["attributes"]) == (30.5, [{"key": "occluded", "value": False}])
    assert pose["keypoints"] == [
        {"key": "nose", "value": [1, 2, 1]},
        {"key": "ear", "value": [3, 4, 0]},
    ]
    assert report.annotations == len(found)
    assert [str(problem).removeprefix(f"{path}: items[0].") for problem in report.bad] == [
        "annotations[9]: .type: 'caption' is not read",
        "annotations[10]: .label_id: there is no label 7",
        "annotations[11]: .bbox: expected [x, y, width, height], got [1, 2, 3]",
        "annotations[12]: .points: the label has 3 keypoints, got 2",
        "annotations[13]: .rotation: expected a list [x, y, z], got 0",
    ]


def test_a_mask_is_read_along_the_borders_of_its_pixels(tmp_path):
    # Columns of 8 pixels: two pixels at rows 2 and 3 of columns 1 and 2.
    dataset(tmp_path, row("mask", rle={"size": [8, 10], "counts": [10, 2, 6, 2, 60]}))
    [one], report = formats.read("datumaro", tmp_path)
    assert report.bad == []
    [[ring]] = one.task["annotations"][0]["points"]
    assert set(zip(ring[0::2], ring[1::2], strict=True)) == {(1, 2), (3, 2), (3, 4), (1, 4)}


@pytest.mark.parametrize("text", ["[]", '{"items": [], "categories": {}}', '{"items": 3}'])
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(FastLabelInvalidException, match=r"a\.json"):
        formats.read("datumaro", path)


@pytest.mark.parametrize("subset", ["../x", "a/b", ""])
def test_a_subset_is_a_plain_name(tmp_path, subset):
    with pytest.raises(FastLabelInvalidException, match="subset"):
        formats.write("datumaro", [], tmp_path, subset=subset)


def test_what_is_written_has_the_documented_form(tmp_path):
    classes = [
        {
            "value": "person",
            "type": "pose_estimation",
            "keypoints": [
                {"id": "1", "key": "nose", "edges": ["2"]},
                {"id": "2", "key": "ear", "edges": ["1"]},
            ],
        }
    ]
    pose = annotation(
        "pose_estimation", [], "person", keypoints=[{"key": "ear", "value": [5, 6, 0]}]
    )
    box = annotation(
        "bbox", [40, 30, 10, 10], rotation=-30, attributes=[{"key": "list", "value": ["x"]}]
    )
    tasks = [task(pose, box, name="b/a.jpg"), task(name="b/a.png")]
    report = formats.write("datumaro", tasks, tmp_path, classes=classes, subset="train")
    content = json.loads((tmp_path / "annotations" / "train.json").read_text())
    first, second = content["items"]
    assert (content["dm_format_version"], content["media_type"]) == ("1.0", 2)
    assert [one["name"] for one in content["categories"]["label"]["labels"]] == ["person", "cat"]
    assert content["categories"]["points"]["items"] == [
        {"label_id": 0, "labels": ["nose", "ear"], "joints": [[1, 2]], "positions": []}
    ]
    assert (first["id"], second["id"]) == ("b/a", "b/a.png")
    assert first["image"] == {"path": "b/a.jpg", "size": [80, 100]}
    assert first["annotations"] == [
        {
            "id": 0,
            "type": "points",
            "attributes": {},
            "group": 0,
            "label_id": 0,
            "z_order": 0,
            "points": [0, 0, 5, 6],
            "visibility": [0, 1],
        },
        {
            "id": 1,
            "type": "bbox",
            "attributes": {"list": ["x"], "rotation": 330},
            "group": 0,
            "label_id": 1,
            "z_order": 0,
            "bbox": [10, 10, 30, 20],
        },
    ]
    assert report.classes["cat", "bbox"].changed == {"rotation written as an attribute": 1}
    assert report.renamed == {"b/a.png": "b/a.png"}


whole = st.integers(-500, 500)
values = st.one_of(st.text(max_size=3), st.integers(), st.booleans(), st.lists(st.text(max_size=2)))


def flat(least, most=6):
    number = st.one_of(whole, st.floats(-1e6, 1e6))
    return st.lists(st.tuples(number, number), min_size=least, max_size=most).map(
        lambda pairs: [number for pair in pairs for number in pair]
    )


poses = st.dictionaries(
    st.sampled_from(["nose", "ear"]), st.tuples(whole, whole, st.integers(0, 1)).map(list)
).map(lambda placed: [{"key": key, "value": value} for key, value in sorted(placed.items())])
shapes = st.one_of(
    st.builds(
        lambda x, y, w, h: annotation("bbox", [x, y, x + w, y + h]),
        whole,
        whole,
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    st.builds(annotation, st.just("polygon"), flat(3)),
    st.builds(annotation, st.just("line"), flat(2)),
    st.builds(annotation, st.just("keypoint"), flat(1, 1)),
    st.builds(annotation, st.just("circle"), st.tuples(whole, whole, st.integers(0, 9)).map(list)),
    poses.map(lambda placed: {"type": "pose_estimation", "value": "person", "keypoints": placed}),
    poses.map(lambda placed: annotation("bbox", [1, 2, 3, 4], "person", keypoints=placed)),
)


@settings(max_examples=60)
@given(
    tasks=st.lists(
        st.lists(
            st.tuples(shapes, st.dictionaries(st.text(min_size=1, max_size=3), values, max_size=2))
        ),
        max_size=3,
    )
)
def test_written_then_read_is_the_same(tmp_path_factory, tasks):
    folder = tmp_path_factory.mktemp("datumaro")
    made = [
        task(
            *(
                {**shape, "attributes": [{"key": k, "value": v} for k, v in more.items()]}
                for shape, more in items
            ),
            name=f"{number}.jpg",
        )
        for number, items in enumerate(tasks)
    ]
    keypoints = [{"id": key, "key": key, "edges": []} for key in ("ear", "nose")]
    classes = [{"value": "person", "keypoints": keypoints}]
    before = copy.deepcopy(made)
    report = formats.write("datumaro", made, folder, classes=classes)
    assert made == before
    assert (report.changed, report.left_out) == (0, 0)
    read, problems = formats.read("datumaro", folder)
    assert problems.bad == []
    for one, other in zip(read, made, strict=True):
        assert one.task["name"] == other["name"]
        for found, wanted in zip(one.task["annotations"], other["annotations"], strict=True):
            wanted = {key: value for key, value in wanted.items() if key != "color"}
            if wanted["type"] == "bbox" and not wanted.get("keypoints"):
                wanted.pop("keypoints", None)
            assert found == wanted


def test_regions_with_hollows_come_back_as_they_were(tmp_path):
    outline = [10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
    hollow = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
    island = [60, 60, 70, 60, 70, 70, 60, 60]
    shape = annotation("segmentation", [[outline, hollow], [island]])
    formats.write("datumaro", [task(shape, shape)], tmp_path)
    [one], _ = formats.read("datumaro", tmp_path)
    assert len(one.task["annotations"]) == 2
    for found in one.task["annotations"]:
        assert found["type"] == "segmentation"
        assert found["points"][0][0] == outline
        assert sorted(found["points"][0][1]) == sorted(hollow)
        assert found["points"][1] == [island]


def test_cuboids_of_clouds_come_back(tmp_path):
    cuboid = annotation("cuboid", [1, 2, 3, 0.1, 0.2, -0.5, 4, 2, 1.5], "car")
    tasks = [{"name": "a.pcd", "annotations": [cuboid]}]
    formats.write("datumaro", tasks, tmp_path, project_type="pcd_cuboid")
    content = json.loads((tmp_path / "annotations" / "default.json").read_text())
    assert content["media_type"] == 6
    assert content["items"][0]["point_cloud"] == {"path": "a.pcd"}
    [one], _ = formats.read("datumaro", tmp_path)
    assert one.task["annotations"] == [
        {"type": "cuboid", "value": "car", "points": cuboid["points"], "attributes": []}
    ]
