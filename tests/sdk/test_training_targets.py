"""Annotations as arrays, without a server and without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from fastlabel import FastLabelException, FastLabelInvalidException
from fastlabel.formats.report import Report
from fastlabel.training.inputs import opened_image
from fastlabel.training.packed import Packed
from fastlabel.training.targets import (
    AMBIGUOUS,
    FLAT,
    NO_AREA,
    UNLABELLED,
    Labels,
    TargetName,
    Used,
    target_of,
)
from sdk.training_objects import bbox, classification, png


def report() -> Report:
    return Report(Path("cats"), noun="object")


def found(*annotations: dict[str, Any]) -> dict[str, Any]:
    return {"name": "a.png", "kind": "image", "annotations": list(annotations)}


def target(name: TargetName, **options: Any) -> Any:
    defaults = {"masks": False, "with_keypoints": False, "attribute": None}
    return target_of(name, **{**defaults, **options})


def used_of(learnt: Any, *annotations: dict[str, Any]) -> Used:
    used = learnt.used(found(*annotations), report())
    assert used is not None
    return used  # type: ignore[no-any-return]


def test_boxes_are_upright_corners_and_labels_count_from_one() -> None:
    learnt = target("detection")
    used = used_of(learnt, bbox("dog", [30, 40, 10, 20]), bbox("cat", [0, 0, 20, 10], rotation=90))

    arrays = learnt.arrays(used, Labels(["cat", "dog"], learnt.first_label), (50, 50))

    # Turned about (10, 5) by a right angle, 20 x 10 becomes 10 x 20.
    assert_array_equal(arrays["boxes"], [[10, 20, 30, 40], [5, -5, 15, 15]])
    assert_array_equal(arrays["labels"], [2, 1])
    assert_array_equal(arrays["area"], [400, 200])
    assert arrays["boxes"].dtype == np.float32
    assert arrays["labels"].dtype == np.int64


def test_an_image_without_annotations_has_no_boxes_but_their_shape() -> None:
    learnt = target("detection", masks=True, with_keypoints=True)

    arrays = learnt.arrays(used_of(learnt), Labels(["cat"], 1, ["nose"]), (20, 30))

    assert {key: value.shape for key, value in arrays.items()} == {
        "boxes": (0, 4),
        "labels": (0,),
        "area": (0,),
        "iscrowd": (0,),
        "masks": (0, 20, 30),
        "keypoints": (0, 1, 3),
    }


def test_what_no_model_takes_is_left_out_and_counted() -> None:
    noted = report()
    target("detection").used(
        found(
            bbox("cat", [5, 5, 5, 30]),
            {"type": "keypoint", "value": "nose", "points": [3, 4]},
            bbox("cat", [0]),
            classification("outside"),
        ),
        noted,
    )

    reasons = {key: dict(entry.left_out) for key, entry in noted.classes.items()}
    assert reasons == {
        ("cat", "bbox"): {FLAT: 1, "malformed geometry": 1},
        ("nose", "keypoint"): {FLAT: 1},
    }


def test_masks_have_the_pixels_and_leave_out_what_has_none() -> None:
    learnt, noted = target("detection", masks=True), report()
    hollow = [[[2, 2, 8, 2, 8, 8, 2, 8], [4, 4, 6, 4, 6, 6, 4, 6]]]
    used = learnt.used(
        found(
            {"type": "segmentation", "value": "cat", "points": hollow},
            {"type": "line", "value": "leash", "points": [1, 1, 9, 9]},
        ),
        noted,
    )

    (mask,) = learnt.arrays(used, Labels(["cat", "leash"], 1), (10, 10))["masks"]

    expected = np.zeros((10, 10), np.uint8)
    expected[2:8, 2:8] = 1
    expected[4:6, 4:6] = 0
    assert_array_equal(mask, expected)
    assert noted.classes["leash", "line"].left_out == {NO_AREA: 1}


def test_keypoints_have_their_place_and_say_whether_they_are_seen() -> None:
    learnt = target("detection", with_keypoints=True)
    keypoints = [{"key": "tail", "value": [3, 4, 0]}, {"key": "nose", "value": [1, 2, 1]}]
    used = used_of(learnt, bbox("cat", [0, 0, 9, 9], keypoints=keypoints))

    arrays = learnt.arrays(used, Labels(["cat"], 1, ["ear", "nose", "tail"]), (10, 10))

    assert_array_equal(arrays["keypoints"], [[[0, 0, 0], [1, 2, 2], [3, 4, 1]]])
    assert sorted(learnt.keypoints(used)) == ["nose", "tail"]


def test_later_annotations_lie_over_earlier_ones() -> None:
    learnt = target("segmentation")
    used = used_of(learnt, bbox("dog", [0, 0, 4, 4]), bbox("cat", [2, 0, 6, 4]))

    pixels = learnt.arrays(used, Labels(["cat", "dog"], learnt.first_label), (4, 8))

    assert_array_equal(pixels, [[2, 2, 1, 1, 1, 1, 0, 0]] * 4)
    assert pixels.dtype == np.int64


def test_an_object_has_one_class_or_is_left_out() -> None:
    learnt, noted = target("classification"), report()
    labels = Labels(["cat", "dog"])

    assert learnt.arrays(used_of(learnt, classification("dog")), labels, None) == 1
    assert learnt.used(found(classification("dog"), classification("cat")), noted) is None
    assert learnt.used(found(bbox("cat", [0, 0, 9, 9])), noted) is None
    assert noted.skipped == {AMBIGUOUS: 1, UNLABELLED: 1}


def test_an_object_may_have_several_classes() -> None:
    learnt = target("multi-label")
    used = used_of(learnt, classification("dog"), classification("cat"))

    labels = learnt.arrays(used, Labels(["bird", "cat", "dog"], 5), None)

    assert_array_equal(labels, [0, 1, 1])


def test_the_class_may_be_the_answer_of_an_attribute() -> None:
    answer = classification("scene", attributes=[{"key": "light", "value": ["sun", "lamp"]}])

    several = target("multi-label", attribute="light")
    assert sorted(several.values(used_of(several, answer))) == ["lamp", "sun"]

    noted = report()
    other = target("classification", attribute="weather")
    assert other.used(found(answer), noted) is None
    assert noted.classes["scene", "classification"].left_out == {"no attribute 'weather'": 1}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("boxes", {}, "target: expected detection, segmentation, .* or raw, got 'boxes'"),
        ("segmentation", {"masks": True}, "masks, keypoints: the target detection has them"),
        ("detection", {"attribute": "light"}, "attribute: the targets classification and"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    name: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(FastLabelInvalidException, match=message):
        target(name, **options)


def test_packed_objects_are_those_that_were_put_in() -> None:
    given = [{"name": "猫.png", "used": [[1, 2.5], None]}, {}, {"a": True}]

    packed = Packed(given)

    assert list(packed) == given
    assert (packed[-1], packed[1:], len(packed)) == (given[-1], given[1:], 3)
    with pytest.raises(IndexError):
        packed[3]


def test_a_picture_is_turned_as_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    path.write_bytes(png((64, 48), turned=6))

    picture = opened_image(path)

    assert (picture.size, picture.mode) == ((48, 64), "RGB")


def test_pictures_of_16_bits_keep_their_shades(tmp_path: Path) -> None:
    """Pillow's conversion to RGB makes all values above 255 white."""
    path = tmp_path / "deep.png"
    shades = np.array([[0, 256, 32768, 65535]], np.uint16)
    Image.fromarray(shades).save(path)

    assert np.array(opened_image(path))[0, :, 0].tolist() == [0, 1, 128, 255]


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "torn.png"
    path.write_bytes(png((64, 48))[:60])

    with pytest.raises(FastLabelException, match=r"torn\.png: the image cannot be read"):
        opened_image(path)
