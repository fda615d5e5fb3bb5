"""What every format that writes keeps to, whichever it is: the registry is walked."""

from __future__ import annotations

import copy
import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats import FORMATS
from fastlabel.formats.base import Dataset
from fastlabel.formats.report import Report
from fastlabel.formats.target import Folder, Zip
from formats.samples import annotation, task

RING = [10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
HOLLOW = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
ATTRIBUTES = [
    {"key": "kind", "name": "Kind", "type": "text", "value": "striped & <small>"},
    {"key": "size", "name": "Size", "type": "number", "value": 3},
]
IMAGE = [
    annotation("bbox", [10, 10, 40, 30], attributes=ATTRIBUTES),
    annotation("bbox", [40, 30, 10, 10], rotation=30),
    annotation("polygon", [1, 1, 30.5, 1, 30, 30]),
    annotation("segmentation", [[RING, HOLLOW], [[60, 60, 70, 60, 70, 70, 60, 60]]]),
    annotation("keypoint", [5, 6.25], "dog"),
    annotation("bbox", [1, 1, 3, 3], ["cat"]),
    annotation("bbox", [1, 1, 3, 3], None),
    annotation("bbox", [1, 1, 3, 3], ""),
    annotation("line", [1, 1, 9, 9, 20, 9]),
    annotation("circle", [40, 40, 12]),
    annotation(
        "pose_estimation",
        [],
        "person",
        keypoints=[
            {"key": "nose", "value": [5, 6, 1]},
            {"key": "ear", "value": [7, 8, 0]},
            {"key": "toe", "value": []},
        ],
    ),
]
MALFORMED_IMAGE = [
    annotation("bbox", [10, 10, 40]),
    annotation("bbox", [10, 10, 40, float("nan")]),
    annotation("polygon", []),
    annotation("polygon", None),
    annotation("segmentation", [[[1, 2, 3]]]),
    annotation("circle", [1, 2, -3]),
    annotation("pose_estimation", [], keypoints=[{"key": "nose", "value": [1]}]),
    annotation("bbox", {"1": {"value": [1, 1, 3, 3]}}),
    annotation("no_such_type", [1, 2]),
    annotation(["bbox"], [1, 1, 3, 3]),
]
TEXT = "Ada Lovelace met Charles Babbage\nin London."
NER = [
    {
        "type": "ner",
        "value": "person",
        "color": "#ff0000",
        "start": 0,
        "end": 12,
        "text": TEXT[:12],
    },
    {"type": "ner", "value": "person", "color": "#ff0000", "start": 17, "end": 32, "text": ""},
    {"type": "ner", "value": "city hall", "color": "#0000ff", "start": 36, "end": 42},
    {"type": "ner", "value": "person", "color": "#ff0000", "start": 19, "end": 30},
    {"type": "ner", "value": "person", "start": 36, "end": 42, "attributes": ATTRIBUTES},
    {"type": "ner", "value": "person", "start": 10, "end": 10_000},
    {"type": "ner", "value": "person", "start": 3, "end": 3},
    {"type": "ner", "value": ["person"], "start": 0, "end": 3},
]
MALFORMED_NER = [
    {"type": "ner", "value": "person", "start": 5},
    {"type": "ner", "value": "person", "start": 5, "end": 2},
    {"type": "ner", "value": "person", "start": "0", "end": 3},
    {"type": "bbox", "value": "person", "points": [1, 1, 3, 3]},
]
AUDIO = [
    {"type": "segmentation", "value": "speech", "start": 0.25, "end": 1.5},
    {"type": "segmentation", "value": ["speech"], "start": 0.25, "end": 1.5},
    {"type": "segmentation", "value": "speech", "start": 1.0, "end": 2},
    {"type": "segmentation", "value": "door\tbell", "start": 0, "end": 3, "attributes": ATTRIBUTES},
    {"type": "segmentation", "value": "click", "start": 2, "end": 2},
]
MALFORMED_AUDIO = [
    {"type": "segmentation", "value": "speech", "start": -1, "end": 2},
    {"type": "segmentation", "value": "speech", "start": 1},
    {"type": "segmentation", "value": "speech", "start": 1, "end": float("inf")},
    {"type": "segmentation", "value": "speech", "points": [1, 2]},
]
PCD = [
    annotation("cuboid", [1, 2, 3, 0, 0, 0.5, 4, 2, 1.5], "car"),
    annotation("cuboid", [1, 2, 3, 0.1, 0.2, 0.5, 4, 2, 1.5], "big car", attributes=ATTRIBUTES),
    annotation("segmentation", [0, 1, 5], "road"),
    annotation("cuboid", [1, 2, 3, 0, 0, 0.5, 4, 2, 1.5], ["car"]),
]
MALFORMED_PCD = [
    annotation("cuboid", [1, 2, 3], "car"),
    annotation("cuboid", {"1": {"value": [0] * 9}}, "car"),
    annotation("segmentation", None, "car"),
    annotation(["cuboid"], [1, 2, 3, 0, 0, 0.5, 4, 2, 1.5], "car"),
]

PROJECT_TYPES = {
    "image": ("image_all", IMAGE, MALFORMED_IMAGE, ".jpg"),
    "text": ("text_ner", NER, MALFORMED_NER, ".txt"),
    "audio": ("audio_segmentation", AUDIO, MALFORMED_AUDIO, ".mp3"),
    "pcd": ("pcd_cuboid", PCD, MALFORMED_PCD, ".pcd"),
}
WRITING = sorted(name for name, each in FORMATS.items() if each.write)
CASES = [
    (name, modality)
    for name in WRITING
    for modality in FORMATS[name].modalities
    if modality in PROJECT_TYPES
]


def tasks_of(modality, *annotations, names=("a",), extension=None):
    extension = PROJECT_TYPES[modality][3] if extension is None else extension
    made = []
    for name in names:
        one = task(*annotations, name=f"{name}{extension}")
        if modality != "image":
            del one["width"], one["height"]
        made.append(one)
    return made


def media_of(modality):
    """Return what brings the file of any task: a picture, or the text."""
    if modality == "text":
        return lambda task: io.BytesIO(TEXT.encode())
    _, png = cv2.imencode(".png", np.full((80, 100, 3), 200, np.uint8))
    return lambda task: io.BytesIO(png.tobytes())


def write_to(target, name, modality, tasks, path="out", strict=False, classes=()):
    report = Report(Path(path), strict=strict)
    dataset = Dataset(tasks, PROJECT_TYPES[modality][0], classes, media_of(modality))
    FORMATS[name].write(dataset, target, report)
    return report


def files_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_modality_of_a_format_is_walked_here():
    """Videos are the frames of pictures; the formats of pictures have tests of their own."""
    named = {modality for each in FORMATS.values() for modality in each.modalities}
    assert named <= {*PROJECT_TYPES, "video"} | {"dicom", "multi_modal", "robotics"}


@pytest.mark.parametrize(("name", "modality"), CASES)
def test_the_tasks_are_not_changed(tmp_path, name, modality):
    _, good, malformed, _ = PROJECT_TYPES[modality]
    tasks = tasks_of(modality, *good, *malformed, names=("a", "b"))
    before = repr(copy.deepcopy(tasks))
    write_to(Folder(tmp_path), name, modality, tasks)
    assert repr(tasks) == before


@pytest.mark.parametrize(("name", "modality"), CASES)
def test_an_iterator_gives_the_same_files_as_a_list(tmp_path, name, modality):
    project_type, good, _, _ = PROJECT_TYPES[modality]
    tasks = tasks_of(modality, *good, names=("a", "b"))
    for folder, given in (("list", tasks), ("iterator", iter(tasks))):
        report = formats.write(
            name, given, tmp_path / folder, project_type=project_type, open_file=media_of(modality)
        )
        assert report.images == 2
    assert files_of(tmp_path / "list") == files_of(tmp_path / "iterator") != {}


@pytest.mark.parametrize(("name", "modality"), CASES)
def test_a_folder_and_a_zip_get_the_same_files(tmp_path, name, modality):
    _, good, malformed, _ = PROJECT_TYPES[modality]
    tasks = tasks_of(modality, *good, *malformed, names=("a", "a/b", "c"))
    into_folder = write_to(Folder(tmp_path), name, modality, tasks)
    output = io.BytesIO()
    packed = Zip(output)
    into_zip = write_to(packed, name, modality, tasks)
    packed.close()
    with zipfile.ZipFile(output) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == files_of(tmp_path)
    assert str(into_zip) == str(into_folder)


@pytest.mark.parametrize(("name", "modality"), CASES)
def test_every_annotation_is_written_or_left_out(tmp_path, name, modality):
    _, good, malformed, _ = PROJECT_TYPES[modality]
    tasks = tasks_of(modality, *good, *malformed, names=("a", "b", "c"))
    report = write_to(Folder(tmp_path), name, modality, tasks)
    assert report.written + report.left_out == 3 * (len(good) + len(malformed))
    assert report.written >= 3
    assert report.left_out >= 3  # at least what has no known type


@pytest.mark.parametrize(("name", "modality"), CASES)
def test_malformed_geometry_is_never_written(tmp_path, name, modality):
    for item in PROJECT_TYPES[modality][2]:
        report = write_to(Folder(tmp_path / "each"), name, modality, tasks_of(modality, item))
        assert (report.written, report.left_out) == (0, 1), item
        assert "a" in next(iter(report.examples.values()))


@pytest.mark.parametrize(("name", "modality"), CASES)
def test_names_stay_in_the_folder_and_apart(tmp_path, name, modality):
    names = ("../x.jpg", "/etc/x.jpg", "a/b.jpg", "a.png", "a.jpg", "..", "a b.jpg", "猫.jpg")
    good = PROJECT_TYPES[modality][1]
    tasks = tasks_of(modality, *good, names=names, extension="")
    inside = tmp_path / "out" / "inside"
    report = write_to(Folder(inside), name, modality, tasks)
    assert report.images == len(names)
    # All that was made lies in the folder, in either target.
    assert {path.relative_to(tmp_path).parts[:2] for path in tmp_path.rglob("*.*")} <= {
        ("out", "inside")
    }
    output = io.BytesIO()
    packed = Zip(output)
    write_to(packed, name, modality, tasks)
    packed.close()
    with zipfile.ZipFile(output) as archive:
        listed = archive.namelist()
    assert len(set(listed)) == len(listed) == len(files_of(inside))
    assert not [each for each in listed if ".." in each.split("/") or each.startswith("/")]


@pytest.mark.parametrize(("name", "modality"), CASES)
def test_strict_refuses_each_loss_and_nothing_else(tmp_path, name, modality):
    _, good, malformed, _ = PROJECT_TYPES[modality]
    for item in (*good, *malformed):
        tasks = tasks_of(modality, item)
        report = write_to(Folder(tmp_path / "loose"), name, modality, tasks)
        if report.changed or report.left_out:
            with pytest.raises(FastLabelInvalidException, match=r"annotations\[0\]|^a") as caught:
                write_to(Folder(tmp_path / "strict"), name, modality, tasks, strict=True)
            assert caught.value.code == 422
        else:
            write_to(Folder(tmp_path / "strict"), name, modality, tasks, strict=True)


@pytest.mark.parametrize(("name", "modality"), CASES)
def test_no_tasks_at_all_are_written_too(tmp_path, name, modality):
    report = write_to(Folder(tmp_path), name, modality, [])
    assert (report.images, report.written, report.left_out) == (0, 0, 0)


OTHERS = {
    "image": "image_all",
    "text": "text_ner",
    "audio": "audio_segmentation",
    "pcd": "pcd_cuboid",
}


@pytest.mark.parametrize(
    ("name", "modality"),
    [(name, each) for name in WRITING for each in OTHERS if each not in FORMATS[name].modalities],
)
def test_tasks_of_another_kind_are_refused_by_the_type_of_their_project(tmp_path, name, modality):
    project_type = OTHERS[modality]
    with pytest.raises(FastLabelInvalidException, match=project_type) as caught:
        formats.write(name, [], tmp_path, project_type=project_type, open_file=media_of(modality))
    assert caught.value.code == 422
