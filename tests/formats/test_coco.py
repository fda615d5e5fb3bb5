"""COCO as the specification and the older client have it, written out by hand."""

import json

import pytest

from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation, task, write_coco

HAND_WRITTEN = """{
    "images": [
        {
            "file_name": "猫/cat.jpg",
            "height": 80,
            "width": 100,
            "id": 1
        }
    ],
    "categories": [
        {
            "skeleton": [],
            "keypoints": [],
            "keypoint_colors": [],
            "color": "#b36d18",
            "supercategory": "cat",
            "id": 1,
            "name": "cat"
        }
    ],
    "annotations": [
        {
            "num_keypoints": 0,
            "keypoints": [],
            "segmentation": [
                [
                    10,
                    20.5,
                    30,
                    20.5,
                    30,
                    40,
                    10,
                    40,
                    10,
                    20.5
                ]
            ],
            "iscrowd": 0,
            "area": 390,
            "image_id": 1,
            "bbox": [
                10,
                20.5,
                20,
                19.5
            ],
            "rotation": 0,
            "category_id": 1,
            "id": 1,
            "attributes": {
                "kind": "Scottish \\"fold\\"",
                "toys": [
                    "ball",
                    "mouse"
                ]
            }
        }
    ]
}"""


@pytest.fixture
def export(tmp_path):
    """Export tasks; return the file as JSON."""

    def export(*tasks, classes=(), **options):
        path = tmp_path / "new" / "annotations.json"
        write_coco(tasks, classes, path, project_type="image_all", **options)
        return json.loads(path.read_text(encoding="utf-8"))

    return export


def report_of(tmp_path, *annotations, **options):
    path = tmp_path / "a.json"
    classes = options.pop("classes", ())
    return write_coco([task(*annotations)], classes, path, project_type="image_all", **options)


def test_the_file_is_laid_out_as_the_official_client_does(tmp_path):
    path = tmp_path / "annotations.JSON"
    box = annotation(
        "bbox",
        [10, 20.5, 30, 40],
        attributes=[
            {"key": "kind", "name": "Kind", "type": "text", "value": 'Scottish "fold"'},
            {"key": "toys", "name": "Toys", "type": "checkbox", "value": ["ball", "mouse"]},
        ],
    )
    write_coco([task(box, name="猫/cat.jpg")], [], path, project_type="image_bbox")
    assert path.read_text(encoding="utf-8") == HAND_WRITTEN


def test_nothing_to_export_gives_empty_lists(tmp_path):
    path = tmp_path / "a.json"
    write_coco([], [], path, project_type="image_bbox")
    assert (
        path.read_text() == '{\n    "images": [],\n    "categories": [],\n    "annotations": []\n}'
    )


def test_any_iterable_of_tasks_will_do(tmp_path):
    path = tmp_path / "a.json"
    tasks = (task(annotation("bbox", [1, 1, 5, 5]), name=f"{n}.jpg") for n in range(3))
    assert write_coco(tasks, [], path, project_type="image_bbox").written == 3


# Geometry


def test_a_rotated_box_is_written_as_its_outline_in_an_enclosing_bbox(export):
    [written] = export(task(annotation("bbox", [10, 20, 30, 24], rotation=90)))["annotations"]
    assert written["segmentation"] == [[22, 12, 22, 32, 18, 32, 18, 12, 22, 12]]
    assert written["bbox"] == [18, 12, 4, 20]
    assert written["area"] == 80
    assert written["rotation"] == 90


@pytest.mark.parametrize(("compat", "area"), [(None, 100), ("official", -100)])
def test_a_box_with_one_pair_of_corners_swapped(export, compat, area):
    [written] = export(task(annotation("bbox", [20, 5, 10, 15])), compat=compat)["annotations"]
    assert written["area"] == area
    assert written["bbox"] == [10, 5, 10, 10]
    assert written["segmentation"] == [[20, 5, 10, 5, 10, 15, 20, 15, 20, 5]]


def test_official_numbers_ignore_rotation(export):
    box = annotation("bbox", [10, 20, 30, 24], rotation=90)
    [written] = export(task(box), compat="official")["annotations"]
    assert written["segmentation"] == [[10, 20, 30, 20, 30, 24, 10, 24, 10, 20]]
    assert written["bbox"] == [10, 20, 20, 4]
    assert written["rotation"] == 90


OUTLINE = [10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
HOLLOW = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
ISLAND = [60, 60, 70, 60, 70, 70, 60, 60]


def test_hollows_are_cut_out_of_the_ring_and_of_the_area(export):
    shape = annotation("segmentation", [[OUTLINE, HOLLOW], [ISLAND]])
    [written] = export(task(shape))["annotations"]
    assert written["area"] == 1600 - 100 + 50
    assert written["bbox"] == [10, 10, 60, 60]
    assert written["segmentation"] == [
        [10, 10, *HOLLOW, 10, 10, 50, 10, 50, 50, 10, 50, 10, 10],
        ISLAND,
    ]


def test_official_numbers_keep_the_outlines_and_ignore_hollows(export):
    shape = annotation("segmentation", [[OUTLINE, HOLLOW], [ISLAND]])
    [written] = export(task(shape), compat="official")["annotations"]
    assert written["area"] == 1600 + 50
    assert written["segmentation"] == [OUTLINE, ISLAND]


@pytest.mark.parametrize("compat", [None, "official"])
def test_a_polygon_is_written_as_it_is(export, compat):
    points = [0, 0, 4.0, 0, 4, 3.25]
    [written] = export(task(annotation("polygon", points)), compat=compat)["annotations"]
    assert written["segmentation"] == [points]
    assert written["area"] == 6.5
    assert written["bbox"] == [0, 0, 4, 3.25]


def test_bbox_coordinates_have_six_decimals(export):
    [written] = export(task(annotation("polygon", [0.12345678, 0, 5, 0, 5, 5])))["annotations"]
    assert written["bbox"][0] == 0.123457
    assert written["segmentation"][0][0] == 0.12345678


def test_a_pose_has_no_outline(export):
    pose = annotation("pose_estimation", [], keypoints=[{"key": "nose", "value": [1, 2, 1]}])
    [written] = export(task(pose))["annotations"]
    assert (written["segmentation"], written["area"], written["bbox"]) == ([], 0, [])


@pytest.mark.parametrize(
    ("compat", "points", "ring", "area"),
    [
        (None, [20, 5, 10, 15], [20, 5, 10, 5, 10, 15, 20, 15, 20, 5], 100),
        ("official", [20, 5, 10, 15], [20, 5, 10, 15], -100),
        (None, [0, 0, 4, 0, 4, 3], [0, 0, 4, 0, 4, 3], 6),
    ],
)
def test_a_pose_with_points_is_drawn_as_box_or_polygon(export, compat, points, ring, area):
    pose = annotation("pose_estimation", points, keypoints=[])
    [written] = export(task(pose), compat=compat)["annotations"]
    assert written["segmentation"] == [ring]
    assert written["area"] == area


# Images, categories, order


def test_images_are_numbered_in_task_order_even_without_a_size(export):
    images = export(task(name="b.jpg"), task(name="a.jpg", size_wh=(0, 0)))["images"]
    assert images == [
        {"file_name": "b.jpg", "height": 80, "width": 100, "id": 1},
        {"file_name": "a.jpg", "height": 0, "width": 0, "id": 2},
    ]


def test_annotations_are_ordered_by_category_then_area_within_an_image(export):
    small, large, other = [1, 1, 3, 3], [1, 1, 9, 9], [1, 1, 5, 5]
    file = export(
        task(annotation("bbox", large, "b"), annotation("bbox", small, "b", rotation=360)),
        task(annotation("bbox", other, "b"), annotation("bbox", large, "a")),
    )
    written = [(a["id"], a["image_id"], a["category_id"], a["area"]) for a in file["annotations"]]
    assert written == [(1, 1, 2, 4), (2, 1, 2, 64), (3, 2, 1, 64), (4, 2, 2, 16)]


def test_without_classes_the_values_in_use_are_sorted_in_the_colour_of_their_annotations(export):
    file = export(
        task(
            annotation("bbox", [1, 1, 3, 3], "dog", color="#dddddd"),
            annotation("polygon", [1, 1, 3, 3, 1, 3], "cat", color="#cccccc"),
            annotation("bbox", [1, 1, 4, 4], "dog", color="#eeeeee"),
            annotation("line", [1, 1, 3, 3], "road", color="#000000"),
        )
    )
    assert [(c["id"], c["name"], c["supercategory"], c["color"]) for c in file["categories"]] == [
        (1, "cat", "cat", "#cccccc"),
        (2, "dog", "dog", "#dddddd"),
    ]


def test_official_categories_all_have_the_colour_of_the_last_annotation(export):
    file = export(
        task(annotation("bbox", [1, 1, 3, 3], "dog"), annotation("bbox", [1, 1, 3, 3], "cat")),
        task(annotation("line", [1, 1, 3, 3], "road", color="#000000")),
        task(),
        compat="official",
    )
    assert [category["color"] for category in file["categories"]] == ["#000000", "#000000"]


def class_of(value, kind="bbox", keypoints=(), color="#123456"):
    return {"value": value, "type": kind, "color": color, "keypoints": list(keypoints)}


def keypoint_of(key, edges=()):
    return {"id": f"id-{key}", "key": key, "color": f"#{key}", "edges": [f"id-{e}" for e in edges]}


def test_given_classes_keep_their_order_and_unused_ones_are_left_out(export):
    file = export(
        task(annotation("bbox", [1, 1, 3, 3], "cat"), annotation("bbox", [1, 1, 3, 3], "dog")),
        classes=[class_of("dog"), class_of("cow"), class_of("cat", color="#00ff00")],
    )
    assert [(c["id"], c["name"], c["color"]) for c in file["categories"]] == [
        (1, "dog", "#123456"),
        (2, "cat", "#00ff00"),
    ]


def test_of_two_classes_with_one_value_the_first_gets_the_annotations(export):
    file = export(
        task(annotation("bbox", [1, 1, 3, 3])),
        classes=[class_of("cat"), class_of("cat", "polygon")],
    )
    assert [category["id"] for category in file["categories"]] == [1, 2]
    assert [written["category_id"] for written in file["annotations"]] == [1]


@pytest.mark.parametrize("kind", ["pose_estimation", "bbox"])
def test_keypoints_follow_their_class(export, kind):
    points = [keypoint_of("a", "b"), keypoint_of("b", "ac"), keypoint_of("c", "b")]
    placed = [
        {"key": "c", "value": [5, 6.5, 0]},
        {"key": "a", "value": [1, 2, 1]},
        {"key": "b", "value": []},
    ]
    box = [] if kind == "pose_estimation" else [1, 1, 9, 9]
    file = export(
        task(annotation(kind, box, keypoints=placed)), classes=[class_of("cat", kind, points)]
    )
    [category], [written] = file["categories"], file["annotations"]
    assert category["keypoints"] == ["a", "b", "c"]
    assert category["keypoint_colors"] == ["#a", "#b", "#c"]
    assert category["skeleton"] == [[1, 2], [2, 3]]
    assert written["keypoints"] == [1, 2, 2, 0, 0, 0, 5, 6.5, 1]
    assert written["num_keypoints"] == 2


def test_an_edge_that_only_the_later_keypoint_names_is_lost(export):
    points = [keypoint_of("a", "c"), keypoint_of("b"), keypoint_of("c", "ab")]
    file = export(
        task(annotation("pose_estimation", [], keypoints=[])),
        classes=[class_of("cat", "pose_estimation", points)],
    )
    # c to a is the edge of a; c to b stays, because b has no edge of its own.
    assert file["categories"][0]["skeleton"] == [[1, 3], [3, 2]]


# What is left out and what is told


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        (annotation("line", [1, 1, 3, 3]), "COCO has no form for this type"),
        (annotation("polygon", []), "no points"),
        (annotation("bbox", [10.2, 1, 10.9, 30]), "the box lies within one pixel column or row"),
        (annotation("bbox", [1, 1, 3, 3], "dog"), "its class is not among those given"),
        (annotation("bbox", [1, 1, 3]), "malformed geometry"),
        (annotation("bbox", {"1": {"value": [1, 1, 3, 3]}}), "malformed geometry"),
        (annotation("polygon", [1, 1, 3, 3, 5, 1], rotation="x"), "malformed geometry"),
        (annotation("pose_estimation", [1, 2], keypoints=[]), "malformed geometry"),
    ],
)
@pytest.mark.parametrize("compat", [None, "official"])
def test_what_cannot_be_written_is_left_out_and_counted(tmp_path, left_out, reason, compat):
    good = annotation("bbox", [1, 1, 5, 5])
    report = report_of(tmp_path, good, left_out, classes=[class_of("cat")], compat=compat)
    file = json.loads((tmp_path / "a.json").read_text())
    assert [written["bbox"] for written in file["annotations"]] == [[1, 1, 4, 4]]
    assert (report.written, report.left_out) == (1, 1)
    entry = report.classes[left_out["value"], left_out["type"]]
    assert entry.left_out == {reason: 1}
    assert "a.jpg: annotations[1]" in report.examples[reason]


def test_the_report_says_what_happened_for_each_class_and_type(tmp_path):
    report = report_of(
        tmp_path,
        annotation("bbox", [1, 1, 5, 5]),
        annotation("bbox", [1, 1, 5, 5], rotation=30),
        annotation("bbox", [1, 1, 5]),
        annotation("segmentation", [[OUTLINE, HOLLOW]]),
        annotation("pose_estimation", [], keypoints=[{"key": "nose", "value": [1, 2, 1]}]),
    )
    assert (report.images, report.written, report.changed, report.left_out) == (1, 4, 3, 1)
    assert str(report).splitlines() == [
        f"{tmp_path / 'a.json'}: 1 image, 4 annotations, 1 left out",
        "  cat (bbox): 2 written",
        "    1 changed: rotated box written as its rotated outline, bbox encloses it "
        "(first: a.jpg: annotations[1])",
        "    1 left out: malformed geometry (first: a.jpg: annotations[2].points: "
        "a bbox has 4 numbers, got 3; right is [x1, y1, x2, y2])",
        "  cat (pose_estimation): 1 written",
        "    1 changed: keypoints left out that its category does not have; "
        "give the classes for them (first: a.jpg: annotations[4])",
        "  cat (segmentation): 1 written",
        "    1 changed: hollows joined to the outline by cuts without width "
        "(first: a.jpg: annotations[3])",
    ]


@pytest.mark.parametrize(
    "project_type",
    ["image_classification", "sequential_image_bbox", "audio_segmentation", "nonsense"],
)
def test_projects_without_annotations_of_single_images_are_refused(tmp_path, project_type):
    with pytest.raises(FastLabelInvalidException, match=project_type) as caught:
        write_coco([], [], tmp_path / "a.json", project_type=project_type)
    assert caught.value.code == 422


@pytest.mark.parametrize("name", ["annotations.txt", "json"])
def test_another_extension_is_refused_before_anything_is_read(tmp_path, name):
    with pytest.raises(FastLabelInvalidException, match=r"ends in \.json, got"):
        write_coco(None, None, tmp_path / name, project_type="nonsense")


def test_a_failure_leaves_an_older_file_as_it_was(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("older")
    with pytest.raises(FastLabelInvalidException, match=r"tasks\[1\]\.height: missing"):
        write_coco([task(), {"name": "clip"}], [], path, project_type="image_bbox")
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]
