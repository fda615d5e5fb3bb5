"""COCO with run-length encoded masks, and COCO panoptic."""

import copy
import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools.coco import COCO

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.masks import mask_of
from formats.samples import annotation, task

OUTLINE = [10, 10, 60, 10, 60, 60, 10, 60, 10, 10]
HOLLOW = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
ISLAND = [22, 22, 26, 22, 26, 25, 22, 25, 22, 22]
LAKE = annotation("segmentation", [[OUTLINE, HOLLOW], [ISLAND]], "lake")

whole = st.integers(0, 60)
side = st.integers(1, 30)
boxes = st.builds(lambda x, y, w, h: [x, y, x + w, y + h], whole, whole, side, side)


def rectangle(box):
    x1, y1, x2, y2 = box
    return [x1, y1, x2, y1, x2, y2, x1, y2, x1, y1]


segmentations = st.builds(
    lambda box, value: annotation("segmentation", [[rectangle(box)]], value),
    boxes,
    st.sampled_from("ab"),
)


def pixels_of(annotations, size_wh=(100, 80)):
    """Return class and pixels of each annotation, in any order."""
    width, height = size_wh
    return sorted((one["value"], mask_of(one, (height, width)).tobytes()) for one in annotations)


def test_pycocotools_decodes_the_masks_hollows_left_out(tmp_path):
    box = annotation("bbox", [1, 2, 4, 8])
    report = formats.write("coco-rle", [task(LAKE, box)], tmp_path)
    loaded = COCO(str(tmp_path / "annotations.json"))
    cat, lake = loaded.anns.values()
    assert cat["segmentation"] == [[1, 2, 4, 2, 4, 8, 1, 8, 1, 2]]
    expected = np.zeros((80, 100), np.uint8)
    expected[10:60, 10:60] = 1
    expected[20:30, 20:30] = 0
    expected[22:25, 22:26] = 1
    assert np.array_equal(loaded.annToMask(lake), expected)
    assert (lake["area"], lake["bbox"], lake["iscrowd"]) == (2412, [10, 10, 50, 50], 0)
    assert (report.written, report.changed) == (2, 0)


def test_a_rounded_outline_is_reported_and_one_without_pixels_stays_a_polygon(tmp_path):
    slanting = annotation("segmentation", [[[5, 5, 40, 9, 20, 30, 5, 5]]])
    thin = annotation("segmentation", [[[5, 5, 5.5, 5, 5.5, 9, 5, 9, 5, 5]]])
    report = formats.write("coco-rle", [task(slanting, thin)], tmp_path)
    written = json.loads((tmp_path / "annotations.json").read_text())["annotations"]
    assert [type(one["segmentation"]) for one in written] == [list, dict]
    assert report.examples == {
        "outline rounded to whole pixels of the image": "a.jpg: annotations[0]",
        "written as a polygon, as it covers no whole pixel of the image": "a.jpg: annotations[1]",
    }


@settings(max_examples=30)
@given(shapes=st.lists(segmentations, max_size=5))
def test_masks_come_back_pixel_by_pixel(tmp_path_factory, shapes):
    folder = tmp_path_factory.mktemp("rle")
    tasks = [task(*shapes)]
    before = copy.deepcopy(tasks)
    formats.write("coco-rle", tasks, folder)
    assert tasks == before
    inside = [one for one in shapes if mask_of(one, (80, 100)).any()]
    [read], report = formats.read("coco-rle", folder / "annotations.json")
    found = [one for one in read.task["annotations"] if mask_of(one, (80, 100)).any()]
    assert pixels_of(found) == pixels_of(inside)
    assert report.bad == []


def panoptic(tmp_path, *tasks, **options):
    report = formats.write("coco-panoptic", tasks, tmp_path, **options)
    return report, json.loads((tmp_path / "panoptic.json").read_text(encoding="utf-8"))


def test_a_panoptic_file_has_images_segments_and_categories(tmp_path):
    shapes = [annotation("bbox", [0, 0, 10, 6], "猫"), annotation("bbox", [4, 3, 12, 8], "dog")]
    _, content = panoptic(tmp_path, task(*shapes, name="sub/a.jpg"), task(name="b.jpg"))
    assert content == {
        "images": [
            {"id": 1, "file_name": "sub/a.jpg", "width": 100, "height": 80},
            {"id": 2, "file_name": "b.jpg", "width": 100, "height": 80},
        ],
        "annotations": [
            {
                "image_id": 1,
                "file_name": "sub/a.png",
                "segments_info": [
                    {"id": 1, "category_id": 2, "area": 42, "bbox": [0, 0, 10, 6], "iscrowd": 0},
                    {"id": 2, "category_id": 1, "area": 40, "bbox": [4, 3, 8, 5], "iscrowd": 0},
                ],
            },
            {"image_id": 2, "file_name": "b.png", "segments_info": []},
        ],
        "categories": [
            {
                "id": 1, "name": "dog", "supercategory": "dog", "color": [179, 109, 24],
                "isthing": 1,
            },
            {
                "id": 2, "name": "猫", "supercategory": "猫", "color": [179, 109, 24],
                "isthing": 1,
            },
        ],
    }  # fmt: skip


def test_the_colours_of_a_panoptic_png_are_the_numbers_of_the_segments(tmp_path):
    many = [annotation("bbox", [n % 100, n // 100, n % 100 + 1, n // 100 + 1]) for n in range(300)]
    panoptic(tmp_path, task(*many))
    with Image.open(tmp_path / "panoptic" / "a.png") as image:
        colors = np.array(image).astype(int)
    numbers = colors @ [1, 256, 65536]
    assert numbers[:3].ravel().tolist() == list(range(1, 301))
    assert not numbers[3:].any()


def test_what_is_hidden_in_a_panoptic_png_is_reported(tmp_path):
    report, content = panoptic(
        tmp_path,
        task(
            annotation("bbox", [1, 1, 5, 5]),
            annotation("bbox", [0, 0, 20, 20]),
            annotation("bbox", [10, 10, 30, 30]),
            annotation("bbox", [200, 200, 210, 210]),
            annotation("line", [0, 0, 5, 5]),
            annotation("bbox", [1, 2, 3]),
        ),
        {"name": "b.jpg", "annotations": []},
    )
    assert [one["id"] for one in content["annotations"][0]["segments_info"]] == [2, 3]
    assert report.examples == {
        "hidden beneath later annotations": "a.jpg: annotations[0]",
        "partly hidden beneath later annotations": "a.jpg: annotations[1]",
        "it covers no pixel of the image": "a.jpg: annotations[3]",
        "masks have no form for this type": "a.jpg: annotations[4]",
        "malformed geometry": "a.jpg: annotations[5].points: a bbox has 4 numbers, got 3; "
        "right is [x1, y1, x2, y2]",
        "no width and height of the image": "b.jpg",
    }
    assert (report.images, report.written, report.left_out) == (1, 2, 4)


@settings(max_examples=30)
@given(lists=st.lists(st.lists(segmentations, max_size=5), max_size=3))
def test_what_is_seen_comes_back_pixel_by_pixel(tmp_path_factory, lists):
    folder = tmp_path_factory.mktemp("panoptic")
    tasks = [task(*shapes, name=f"{n}.jpg") for n, shapes in enumerate(lists)]
    before = copy.deepcopy(tasks)
    formats.write("coco-panoptic", tasks, folder)
    assert tasks == before
    read, report = formats.read("coco-panoptic", folder / "panoptic.json")
    assert report.bad == []
    assert [one.task["name"] for one in read] == [one["name"] for one in tasks]
    for one, given_task in zip(read, tasks, strict=True):
        seen = []
        masks = [mask_of(shape, (80, 100)) for shape in given_task["annotations"]]
        for index, (shape, mask) in enumerate(zip(given_task["annotations"], masks, strict=True)):
            visible = mask & ~np.any([np.zeros_like(mask), *masks[index + 1 :]], axis=0)
            if visible.any():
                seen.append((shape["value"], visible.tobytes()))
        assert pixels_of(one.task["annotations"]) == sorted(seen)


def test_bad_rows_of_a_panoptic_file_are_named_and_passed_over(tmp_path):
    folder = tmp_path / "val"
    folder.mkdir()
    pixels = np.zeros((8, 12, 3), np.uint8)
    pixels[1:3, 2:5, 1] = 1  # green is worth 256
    cv2.imwrite(str(folder / "a.png"), pixels)
    (folder / "text.png").write_text("no image")
    (tmp_path / "secret.png").write_bytes((folder / "a.png").read_bytes())
    good = {"id": 256, "category_id": 7, "iscrowd": 1}
    rows = [
        ("a.png", [good, {"id": 3, "category_id": 7}, {"id": 256, "category_id": 8}, "x"]),
        ("gone.png", [good]),
        ("text.png", [good]),
        ("../secret.png", [good]),
        ("a.png", None),
    ]
    content = {
        "images": [{"id": n, "file_name": f"{n}.jpg"} for n in range(len(rows))],
        "annotations": [
            {"image_id": n, "file_name": name, "segments_info": segments}
            for n, (name, segments) in enumerate(rows)
        ]
        + [{"image_id": 0}, {"image_id": 99}],
        "categories": [{"id": 7, "name": "cat"}],
    }
    source = tmp_path / "val.json"
    source.write_text(json.dumps(content))
    read, report = formats.read("coco-panoptic", source)
    assert read[0].task["annotations"] == [
        {
            "type": "segmentation",
            "value": "cat",
            "points": [[[5, 1, 5, 3, 2, 3, 2, 1, 5, 1]]],
            "attributes": [],
        }
    ]
    assert [one.task["annotations"] for one in read[1:]] == [[], [], [], []]
    assert (report.images, report.annotations) == (5, 1)
    places = sorted(problem.where.removeprefix(f"{source}: ") for problem in report.bad)
    assert places == [
        "annotations[0].segments_info[1].id",
        "annotations[0].segments_info[2].category_id",
        "annotations[0].segments_info[3].category_id",
        "annotations[1].file_name",
        "annotations[2].file_name",
        "annotations[3].file_name",
        "annotations[4].segments_info",
        "annotations[5].image_id",
        "annotations[6].image_id",
    ]
    with pytest.raises(FastLabelInvalidException, match="annotations"):
        formats.read("coco-panoptic", source, strict=True)
