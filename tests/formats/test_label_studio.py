"""Label Studio: as its guide shows exports, and there and back."""

from __future__ import annotations

import copy
import io
import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation, task

# In the form of https://labelstud.io/guide/export: image regions in percent, spans of text.
EXPORTED = [
    {
        "id": 1,
        "data": {"image": "/data/local-files/?d=images/cats/a.jpg"},
        "annotations": [
            {"id": 9, "was_cancelled": True, "result": []},
            {
                "id": 10,
                "was_cancelled": False,
                "result": [
                    {
                        "id": "Dx_aB91ISN",
                        "from_name": "tag",
                        "to_name": "img",
                        "type": "rectanglelabels",
                        "original_width": 600,
                        "original_height": 400,
                        "image_rotation": 0,
                        "value": {
                            "x": 50,
                            "y": 25,
                            "width": 10,
                            "height": 20,
                            "rotation": 90,
                            "rectanglelabels": ["Moonwalker", "Person"],
                        },
                    },
                    {
                        "id": "Dx_aB91ISN",
                        "from_name": "mood",
                        "to_name": "img",
                        "type": "choices",
                        "value": {"x": 50, "y": 25, "choices": ["calm"]},
                    },
                    {
                        "id": "e",
                        "type": "ellipselabels",
                        "original_width": 600,
                        "original_height": 400,
                        "value": {
                            "x": 10,
                            "y": 10,
                            "radiusX": 1,
                            "radiusY": 1.5,
                            "rotation": 0,
                            "ellipselabels": ["Ball"],
                        },
                    },
                    {
                        "id": "p",
                        "type": "polygon",
                        "original_width": 600,
                        "original_height": 400,
                        "value": {"points": [[1, 1], [2, 1], [2, 2.5]], "closed": True},
                    },
                    {"id": "p", "type": "labels", "value": {"labels": ["Flag"]}},
                    {"id": "b", "type": "brushlabels",
                     "original_width": 600, "original_height": 400,
                     "value": {"format": "rle", "rle": [0], "brushlabels": ["x"], "x": 1, "y": 1}},
                    {"type": "relation", "from_id": "e", "to_id": "p"},
                    {"id": "n", "type": "rectangle", "original_width": 600, "original_height": 400,
                     "value": {"x": 1, "y": 1, "width": 1, "height": 1}},
                ],
            },
            {"id": 11, "result": []},
        ],
    },
    {
        "id": 2,
        "data": {"text": "To have faith 📉 is to trust"},
        "annotations": [
            {
                "result": [
                    {
                        "id": "a",
                        "type": "labels",
                        "value": {"start": 16, "end": 18, "text": "is", "labels": ["Verb"]},
                    }
                ]
            }
        ],
    },
    {
        "id": 3,
        "data": {"audio": "https://example.com/x/beep%20one.wav?sig=1"},
        "annotations": [
            {"result": [{"id": "a", "type": "labels", "original_length": 4.5,
                         "value": {"start": 0.5, "end": 1.25, "channel": 0, "labels": ["Beep"]}}]}
        ],
    },
    {"id": 4, "data": {}},
]  # fmt: skip


def test_an_export_as_documented_is_read(tmp_path):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(EXPORTED))
    (image, text, audio), report = formats.read("label-studio", path)
    assert image.task["name"] == "images/cats/a.jpg"
    assert (image.task["width"], image.task["height"]) == (600, 400)
    # The corner lies at (300, 100); a quarter turn puts the box of 60 x 80 to its left, below it.
    box = {
        "type": "bbox",
        "points": [230, 90, 290, 170],
        "rotation": 90,
        "attributes": [{"key": "mood", "value": "calm"}],
    }
    assert image.task["annotations"] == [
        {**box, "value": "Moonwalker"},
        {**box, "value": "Person"},
        {"type": "circle", "value": "Ball", "points": [60, 40, 6], "attributes": []},
        {"type": "polygon", "value": "Flag", "points": [6, 4, 12, 4, 12, 10], "attributes": []},
    ]
    assert text.task["annotations"] == [
        {"type": "ner", "value": "Verb", "start": 16, "end": 18, "text": "is", "attributes": []}
    ]
    assert audio.task["name"] == "beep one.wav"
    assert audio.task["annotations"] == [
        {"type": "segmentation", "value": "Beep", "start": 0.5, "end": 1.25, "attributes": []}
    ]
    assert report.annotations == 6
    assert [str(one).removeprefix(f"{path}: ") for one in report.bad] == [
        "[0].annotations[1].result[6]: relations are not read",
        "[0].annotations[1].result[5]: .type: brushlabels are not read",
        "[0].annotations[1].result[7]: .value: the region has no label",
        "[0].annotations[2]: a second annotation of the task",
        "[3].data: neither image, text nor audio, but {}",
    ]


@pytest.mark.parametrize("text", ["{}", "no json"])
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(FastLabelInvalidException, match=r"a\.json"):
        formats.read("label-studio", path)


def test_a_box_is_written_by_the_corner_that_it_turns_about(tmp_path):
    box = annotation("bbox", [230, 90, 290, 170], rotation=90)
    formats.write("label-studio", [task(box, size_wh=(600, 400))], tmp_path)
    [written] = json.loads((tmp_path / "annotations.json").read_text())
    [result] = written["annotations"][0]["result"]
    assert written["data"] == {"image": "a.jpg"}
    assert (result["original_width"], result["original_height"]) == (600, 400)
    assert result["type"] == result["from_name"] == "rectanglelabels"
    value = result["value"]
    assert value.pop("rectanglelabels") == ["cat"]
    assert value == pytest.approx({"x": 50, "y": 25, "width": 10, "height": 20, "rotation": 90})


def test_the_configuration_names_every_control_and_label(tmp_path):
    shape = annotation(
        "polygon",
        [1, 1, 5, 1, 5, 5],
        "a & b",
        attributes=[
            {"key": "note", "type": "text", "value": "x"},
            {"key": "mood", "type": "select", "value": "calm"},
            {"key": "count", "type": "number", "value": 2},
        ],
    )
    formats.write(
        "label-studio", [task(shape)], tmp_path, classes=[{"value": "a & b", "color": "#0f0"}]
    )
    view = ET.parse(tmp_path / "labeling_config.xml").getroot()
    controls = [(one.tag, one.get("name"), one.get("toName"), one.get("perRegion")) for one in view]
    assert controls == [
        ("Image", "image", None, None),
        ("PolygonLabels", "polygonlabels", "image", None),
        ("Number", "count", "image", "true"),
        ("Choices", "mood", "image", "true"),
        ("TextArea", "note", "image", "true"),
    ]
    assert view.find("PolygonLabels/Label").attrib == {"value": "a & b", "background": "#0f0"}
    names = {one.get("name") for one in view}
    [written] = json.loads((tmp_path / "annotations.json").read_text())
    assert {one["from_name"] for one in written["annotations"][0]["result"]} <= names
    [one], _ = formats.read("label-studio", tmp_path)
    assert one.task["annotations"][0]["attributes"] == [
        {"key": "note", "value": "x"},
        {"key": "mood", "value": "calm"},
        {"key": "count", "value": 2},
    ]


numbers = st.one_of(st.integers(-50, 500), st.floats(-1e4, 1e4))


def flat(least, most=6):
    return st.lists(st.tuples(numbers, numbers), min_size=least, max_size=most).map(
        lambda pairs: [number for pair in pairs for number in pair]
    )


shapes = st.one_of(
    st.builds(
        lambda x, y, w, h, r: annotation(
            "bbox", [x, y, x + w, y + h], **({"rotation": r} if r else {})
        ),
        numbers,
        numbers,
        st.integers(0, 900),
        st.integers(0, 900),
        st.integers(0, 359),
    ),
    st.builds(annotation, st.just("polygon"), flat(3)),
    st.builds(annotation, st.just("keypoint"), flat(1, 1)),
    st.builds(
        annotation, st.just("circle"), st.tuples(numbers, numbers, st.integers(0, 9)).map(list)
    ),
)


@settings(max_examples=60)
@given(
    items=st.lists(shapes, min_size=1, max_size=5),
    size_wh=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
)
def test_written_then_read_is_the_same_to_a_millionth_of_a_pixel(tmp_path_factory, items, size_wh):
    folder = tmp_path_factory.mktemp("ls")
    made = [task(*items, name="../a b.jpg", size_wh=size_wh)]
    before = copy.deepcopy(made)
    report = formats.write("label-studio", made, folder)
    assert made == before
    assert (report.written, report.changed, report.left_out) == (len(items), 0, 0)
    [one], problems = formats.read("label-studio", folder)
    assert problems.bad == []
    assert one.task["name"] == "../a b.jpg"
    assert one.file is None
    for found, wanted in zip(one.task["annotations"], items, strict=True):
        assert (found["type"], found["value"]) == (wanted["type"], wanted["value"])
        assert found.get("rotation") == wanted.get("rotation")
        assert found["points"] == pytest.approx(wanted["points"], abs=2e-6)


def test_what_becomes_several_regions_is_joined_again(tmp_path):
    outline = [10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
    hollow = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
    island = [60, 60, 70, 60, 70, 70, 60, 60]
    keypoints = [{"key": "nose", "value": [5, 6, 1]}, {"key": "ear", "value": [7, 9, 1]}]
    items = [
        annotation(
            "segmentation", [[outline, hollow], [island]], attributes=[{"key": "k", "value": "v"}]
        ),
        annotation("pose_estimation", [], "person", keypoints=keypoints),
        annotation("bbox", [1, 2, 9, 9], "person", keypoints=keypoints),
        annotation("pose_estimation", [], "person", keypoints=[{"key": "nose", "value": []}]),
        annotation("line", [1, 1, 2, 2]),
    ]
    report = formats.write("label-studio", [task(*items, size_wh=(100, 100))], tmp_path)
    assert (report.written, report.changed, report.left_out) == (3, 4, 2)
    [one], problems = formats.read("label-studio", tmp_path)
    assert problems.bad == []
    assert problems.annotations == 3
    segmentation, pose, box = one.task["annotations"]
    assert segmentation["points"] == [[outline, segmentation["points"][0][1]], [island]]
    assert sorted(segmentation["points"][0][1]) == sorted(hollow)
    assert segmentation["attributes"] == [{"key": "k", "value": "v"}]
    assert (pose["type"], pose["value"], pose["keypoints"]) == (
        "pose_estimation",
        "person",
        keypoints,
    )
    assert (box["type"], box["points"], box["keypoints"]) == ("bbox", [1, 2, 9, 9], keypoints)


def test_texts_are_brought_along_and_spans_count_code_points(tmp_path):
    text = "日本 📉 東京\r\nend"
    spans = [
        {"type": "ner", "value": "city", "start": 5, "end": 7, "text": "東京"},
        {"type": "ner", "value": "city", "start": 5, "end": 700},
    ]
    tasks = [{"name": "a.txt", "annotations": spans}]
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        report = formats.write(
            "label-studio",
            tasks,
            tmp_path,
            project_type="text_ner",
            open_file=lambda task, encoding=encoding: io.BytesIO(text.encode(encoding)),
        )
        assert (report.written, report.left_out) == (1, 1)
        [one], _ = formats.read("label-studio", tmp_path)
        assert one.task["text"] == text
        assert one.task["name"] == "a.txt"
        assert one.task["annotations"] == [{**spans[0], "attributes": []}]


def test_texts_without_their_files_are_refused(tmp_path):
    tasks = [{"name": "a.txt", "annotations": []}]
    with pytest.raises(FastLabelInvalidException, match=r"a\.txt: the spans of texts need"):
        formats.write("label-studio", tasks, tmp_path, project_type="text_ner")


def test_spans_of_recordings_come_back(tmp_path):
    span = {"type": "segmentation", "value": "speech", "start": 0.125, "end": 3}
    tasks = [{"name": "a.mp3", "duration": 9.5, "annotations": [span]}]
    formats.write("label-studio", tasks, tmp_path, project_type="audio_segmentation")
    [written] = json.loads((tmp_path / "annotations.json").read_text())
    assert written["annotations"][0]["result"][0]["original_length"] == 9.5
    [one], _ = formats.read("label-studio", tmp_path)
    assert one.task == {"name": "a.mp3", "annotations": [{**span, "attributes": []}]}
