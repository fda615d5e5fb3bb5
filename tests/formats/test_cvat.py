"""CVAT for images: as its documentation shows it, and there and back."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation, task

# The kinds of elements of https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/
DOCUMENTED = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <labels>
        <label>
          <name>traffic_light</name>
          <attributes>
            <attribute>
              <name>lanes</name><mutable>False</mutable><input_type>number</input_type>
            </attribute>
            <attribute>
              <name>lit</name><mutable>False</mutable><input_type>checkbox</input_type>
            </attribute>
          </attributes>
        </label>
      </labels>
    </task>
  </meta>
  <image id="0" name="filename000.jpg" width="1600" height="1200">
    <box label="plate" occluded="0" source="manual" xtl="797.33" ytl="870.92" xbr="965.52"
         ybr="928.94" rotation="30.5" z_order="4">
      <attribute name="model">a &amp; b</attribute>
    </box>
    <polygon label="car" points="561.30,916.23;561.30,842.77;554.72,761.63" z_order="0"/>
    <polyline label="traffic_line" points="100,200;300,400" z_order="0">
    </polyline>
    <points label="wheel" points="116.5,200;300.25,400" z_order="0"/>
    <ellipse label="traffic_light" cx="10" cy="20" rx="5" ry="5" z_order="0">
      <attribute name="lanes">3</attribute>
      <attribute name="lit">true</attribute>
    </ellipse>
    <skeleton label="person" z_order="0">
      <points label="nose" occluded="0" outside="0" points="1.5,2"/>
      <points label="ear" occluded="1" outside="0" points="3,4"/>
      <points label="toe" occluded="0" outside="1" points="0,0"/>
    </skeleton>
    <polygon label="cat" points="0,0;4,0;4,4" group_id="3"/>
    <polygon label="cat" points="9,9;12,9;12,12" group_id="3"/>
    <tag label="night" source="manual"/>
    <box label="plate" xtl="a" ytl="1" xbr="3" ybr="4"/>
    <cuboid label="car" xtl1="1"/>
  </image>
  <image id="1" name="filename001.jpg" width="10" height="10"></image>
</annotations>
"""


def test_a_file_as_documented_is_read(tmp_path):
    path = tmp_path / "annotations.xml"
    path.write_text(DOCUMENTED)
    (tmp_path / "filename001.jpg").touch()
    (first, second), report = formats.read("cvat", path)
    assert (second.task["annotations"], second.file) == ([], tmp_path / "filename001.jpg")
    assert {key: first.task[key] for key in ("name", "width", "height")} == {
        "name": "filename000.jpg",
        "width": 1600,
        "height": 1200,
    }
    found = [
        (one["type"], one["value"], one.get("points"), one["attributes"])
        for one in first.task["annotations"]
    ]
    assert found == [
        (
            "bbox",
            "plate",
            [797.33, 870.92, 965.52, 928.94],
            [{"key": "model", "value": "a & b"}],
        ),
        ("polygon", "car", [561.3, 916.23, 561.3, 842.77, 554.72, 761.63], []),
        ("line", "traffic_line", [100, 200, 300, 400], []),
        ("keypoint", "wheel", [116.5, 200], []),
        ("keypoint", "wheel", [300.25, 400], []),
        (
            "circle",
            "traffic_light",
            [10, 20, 5],
            [{"key": "lanes", "value": 3}, {"key": "lit", "value": True}],
        ),
        ("pose_estimation", "person", None, []),
        (
            "segmentation",
            "cat",
            [[[0, 0, 4, 0, 4, 4, 0, 0]], [[9, 9, 12, 9, 12, 12, 9, 9]]],
            [],
        ),
        ("classification", "night", [], []),
    ]
    assert first.task["annotations"][0]["rotation"] == 30.5
    assert first.task["annotations"][6]["keypoints"] == [
        {"key": "nose", "value": [1.5, 2, 1]},
        {"key": "ear", "value": [3, 4, 0]},
    ]
    assert report.annotations == len(found)
    assert [str(problem) for problem in report.bad] == [
        f"{path}:42: <box>.xtl: expected a number, got 'a'",
        f"{path}:43: <cuboid>: expected box, polygon, polyline, points, ellipse, mask, skeleton "
        "or tag",
    ]


def test_a_mask_is_read_along_the_borders_of_its_pixels(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(
        '<annotations><image name="a.png" width="10" height="8">'
        # A box of 3 x 2 pixels: a row of three, and one below its left end.
        '<mask label="cat" rle="0,4,2" left="4" top="5" width="3" height="2"/>'
        '<mask label="cat" rle="0,4,1" left="4" top="5" width="3" height="2"/>'
        '<mask label="cat" rle="0,6" left="8" top="5" width="3" height="2"/>'
        "</image></annotations>"
    )
    [one], report = formats.read("cvat", path)
    [found] = one.task["annotations"]
    [[ring]] = found["points"]
    corners = set(zip(ring[0::2], ring[1::2], strict=True))
    assert {(4, 5), (7, 5), (7, 6), (5, 6), (5, 7), (4, 7)} <= corners
    assert [str(problem).rpartition("<mask>")[2] for problem in report.bad] == [
        ".rle: the runs have 5 pixels, the box 6",
        ": reaches beyond the 10 x 8 pixels of the image",
    ]


def test_an_ellipse_that_is_no_circle_becomes_a_polygon(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(
        '<annotations><image name="a.png" width="90" height="90">'
        '<ellipse label="a" cx="40" cy="30" rx="20" ry="5" rotation="90"/></image></annotations>'
    )
    [one], _ = formats.read("cvat", path)
    [found] = one.task["annotations"]
    assert found["type"] == "polygon"
    for x, y in zip(found["points"][0::2], found["points"][1::2], strict=True):
        assert ((y - 30) / 20) ** 2 + ((x - 40) / 5) ** 2 == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><annotations/>', "document type"),
        ("<?xml version='1.0'?><dataset/>", "expected <annotations>"),
        ("no xml", "no XML"),
        ('<?xml version="1.0" encoding="no-8"?><annotations/>', "no XML"),
    ],
)
def test_what_is_not_a_file_of_cvat_is_refused(tmp_path, text, message):
    path = tmp_path / "a.xml"
    path.write_text(text)
    with pytest.raises(FastLabelInvalidException, match=message):
        formats.read("cvat", path)


def test_a_file_that_breaks_off_gives_what_came_before(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(DOCUMENTED[: DOCUMENTED.index('<image id="1"')])
    read, report = formats.read("cvat", path)
    assert [one.task["name"] for one in read] == ["filename000.jpg"]
    assert "the XML ends here" in str(report.bad[-1])


def test_a_name_that_leads_out_of_the_folder_has_no_file(tmp_path):
    (tmp_path / "secret.jpg").touch()
    path = tmp_path / "in" / "a.xml"
    path.parent.mkdir()
    path.write_text('<annotations><image name="../secret.jpg"/></annotations>')
    [one], _ = formats.read("cvat", path)
    assert one.file is None


def test_what_is_written_has_the_documented_form(tmp_path):
    classes = [
        {"value": "dog", "type": "bbox", "color": "#00ff00"},
        {
            "value": "person",
            "type": "pose_estimation",
            "color": "#0000ff",
            "keypoints": [
                {"id": "1", "key": "nose", "edges": ["2"]},
                {"id": "2", "key": "ear", "edges": ["1"]},
            ],
        },
    ]
    pose = annotation(
        "pose_estimation", [], "person", keypoints=[{"key": "ear", "value": [5, 6, 0]}]
    )
    box = annotation(
        "bbox",
        [40, 30, 10.5, 10],
        "a <b>",
        rotation=-30,
        attributes=[{"key": "n", "value": 3}, {"key": "list", "value": ["x"]}],
    )
    report = formats.write("cvat", [task(pose, box, name='"a".jpg')], tmp_path, classes=classes)
    root = ET.parse(tmp_path / "annotations.xml").getroot()
    labels = [
        (label.findtext("name"), label.findtext("type"), label.findtext("parent"))
        for label in root.iter("label")
    ]
    assert labels == [
        ("dog", "any", None),
        ("person", "skeleton", None),
        ("nose", "points", "person"),
        ("ear", "points", "person"),
        ("a <b>", "any", None),
    ]
    svg = ET.fromstring(f"<svg>{root.findtext('.//svg')}</svg>")
    [line] = svg.iter("line")
    assert (line.get("data-node-from"), line.get("data-node-to")) == ("1", "2")
    assert [circle.get("data-label-name") for circle in svg.iter("circle")] == ["nose", "ear"]
    [image] = root.iter("image")
    assert image.attrib == {"id": "0", "name": '"a".jpg', "width": "100", "height": "80"}
    skeleton, written = image
    assert skeleton.find("points").attrib == {
        "label": "ear",
        "occluded": "1",
        "outside": "0",
        "source": "manual",
        "points": "5,6",
    }
    assert (written.tag, written.attrib["label"]) == ("box", "a <b>")
    assert [written.attrib[key] for key in ("xtl", "ytl", "xbr", "ybr", "rotation")] == [
        "10.5",
        "10",
        "40",
        "30",
        "330",
    ]
    assert [(one.get("name"), one.text) for one in written] == [("n", "3"), ("list", '["x"]')]
    assert (report.written, report.changed) == (2, 1)


coordinate = st.one_of(st.integers(-50, 500), st.floats(-1e5, 1e5))
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(
    lambda text: text.strip() == text and "\ufffe" not in text and "\uffff" not in text
)
values = st.one_of(
    st.text("ab <&>\"'\n\t\r猫"), st.integers(-9, 9), st.floats(-9, 9), st.booleans()
)
attributes = st.dictionaries(st.sampled_from(["k", "l"]), values, max_size=2)


def flat(least):
    return st.lists(st.tuples(coordinate, coordinate), min_size=least, max_size=6).map(
        lambda pairs: [number for pair in pairs for number in pair]
    )


shapes = st.one_of(
    st.builds(
        lambda x, y, w, h, r: annotation(
            "bbox", [x, y, x + w, y + h], **({"rotation": r} if r else {})
        ),
        st.integers(0, 9),
        st.floats(0, 9),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 359),
    ),
    st.builds(annotation, st.just("polygon"), flat(3)),
    st.builds(annotation, st.just("line"), flat(2)),
    st.builds(annotation, st.just("keypoint"), flat(1).map(lambda points: points[:2])),
    st.builds(
        annotation,
        st.just("circle"),
        st.tuples(coordinate, coordinate, st.integers(0, 9)).map(list),
    ),
)


@settings(max_examples=60)
@given(tasks=st.lists(st.lists(st.tuples(shapes, words), max_size=4), max_size=3), data=st.data())
def test_written_then_read_is_the_same(tmp_path_factory, tasks, data):
    folder = tmp_path_factory.mktemp("cvat")
    # One kind of value for each attribute: the file says its type once.
    kind = data.draw(st.sampled_from([st.text("ab <&>\"'\n\t\r猫"), st.integers(), st.booleans()]))
    made = []
    for number, items in enumerate(tasks):
        annotations = [
            {**shape, "value": word, "attributes": [{"key": "k", "value": data.draw(kind)}]}
            for shape, word in items
        ]
        made.append(task(*annotations, name=f"{number}.jpg"))
    before = copy.deepcopy(made)
    report = formats.write("cvat", made, folder)
    assert made == before
    assert (report.changed, report.left_out) == (0, 0)
    read, problems = formats.read("cvat", folder)
    assert problems.bad == []
    for one, other in zip(read, made, strict=True):
        assert one.task["name"] == other["name"]
        for found, wanted in zip(one.task["annotations"], other["annotations"], strict=True):
            wanted = {key: value for key, value in wanted.items() if key != "color"}
            assert found == wanted


def test_regions_with_hollows_come_back_as_they_were(tmp_path):
    outline = [10, 10, 50, 10, 50, 50, 10, 50, 10, 10]
    hollow = [20, 20, 20, 30, 30, 30, 30, 20, 20, 20]
    island = [60, 60, 70, 60, 70, 70, 60, 60]
    points = [[outline, hollow], [island]]
    shape = annotation("segmentation", points)
    report = formats.write("cvat", [task(shape, annotation("segmentation", [[island]]))], tmp_path)
    assert report.classes["cat", "segmentation"].changed == {
        "hollows joined to the outline by cuts without width": 1
    }
    [one], _ = formats.read("cvat", tmp_path)
    first, second = one.task["annotations"]
    assert second["points"] == [[island]]
    assert first["points"][1] == [island]
    assert [sorted(zip(ring[0::2], ring[1::2], strict=True)) for ring in first["points"][0]] == [
        sorted(zip(ring[0::2], ring[1::2], strict=True)) for ring in points[0]
    ]
