"""Pascal VOC as its documentation and the official client have it, written out by hand."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation, task

HAND_WRITTEN = """<annotation>
    <filename>猫/a &amp; b.jpg</filename>
    <size>
        <width>100</width>
        <height>80</height>
        <depth>3</depth>
    </size>
    <segmented>0</segmented>
    <object>
        <name>&lt;cat&gt;</name>
        <pose>Unspecified</pose>
        <truncated>1</truncated>
        <occluded>0</occluded>
        <difficult>1</difficult>
        <bndbox>
            <xmin>10</xmin>
            <ymin>20</ymin>
            <xmax>30</xmax>
            <ymax>40</ymax>
        </bndbox>
    </object>
</annotation>"""


def switch(key, value, attribute_type="switch"):
    return {"key": key, "type": attribute_type, "value": value}


def write(folder, *tasks, **options):
    return formats.write("pascal-voc", list(tasks), folder, **options)


def boxes_of(folder, name="a"):
    """Return the boxes of a written file by plain text search."""
    text = (folder / "annotations" / f"{name}.xml").read_text()
    corners = [
        [int(part.partition("</")[0]) for part in text.split(f"<{corner}>")[1:]]
        for corner in ("xmin", "ymin", "xmax", "ymax")
    ]
    return [list(box) for box in zip(*corners, strict=True)]


def read(folder, **options):
    tasks, report = formats.read("pascal-voc", folder, **options)
    return {one.task["name"]: one.task for one in tasks}, report


def one_file(tmp_path, text, name="a.xml"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read(tmp_path)


def test_the_file_is_laid_out_as_the_official_client_does(tmp_path):
    box = annotation(
        "bbox",
        [10.9, 20, 30.2, 40.9999],
        "<cat>",
        attributes=[
            switch("truncated", True),
            switch("occluded", "0"),
            switch("difficult", 1),
        ],
    )
    report = write(tmp_path, task(box, name="猫/a & b.jpg"))
    path = tmp_path / "annotations" / "猫" / "a & b.xml"
    assert path.read_text(encoding="utf-8") == HAND_WRITTEN
    assert (report.written, report.changed) == (1, 0)


def test_a_task_without_annotations_has_a_file_too(tmp_path):
    write(tmp_path, task())
    assert boxes_of(tmp_path) == []
    assert read(tmp_path)[0] == {
        "a.jpg": {"name": "a.jpg", "width": 100, "height": 80, "annotations": []}
    }


@pytest.mark.parametrize(
    ("compat", "written"), [(None, [18, 12, 22, 32]), ("official", [10, 20, 30, 24])]
)
def test_a_rotated_box_is_enclosed(tmp_path, compat, written):
    box = annotation("bbox", [10, 20, 30, 24], rotation=90)
    report = write(tmp_path, task(box), compat=compat)
    assert boxes_of(tmp_path) == [written]
    assert report.changed == 1


def test_swapped_corners_and_polygons_become_upright_boxes(tmp_path):
    report = write(
        tmp_path,
        task(annotation("bbox", [20, 15, 10, 5]), annotation("polygon", [-0.5, 1, 9.2, 3, 4, 8.7])),
    )
    assert boxes_of(tmp_path) == [[10, 5, 20, 15], [-1, 1, 9, 8]]
    assert report.classes["cat", "polygon"].changed == {
        "outline written as the upright box around it": 1
    }


def test_the_far_side_is_not_lost_to_noise_left_of_the_image(tmp_path):
    """x + (3 - x) comes out below 3 for some negative x, and was cut to 2."""
    x = next(-n / 10 for n in range(1, 1000) if -n / 10 + (3 - -n / 10) < 3)
    write(tmp_path / "right", task(annotation("bbox", [x, 0, 3, 5])))
    write(tmp_path / "official", task(annotation("bbox", [x, 0, 3, 5])), compat="official")
    assert boxes_of(tmp_path / "right")[0][2] == 3
    assert boxes_of(tmp_path / "official")[0][2] == 2


def test_what_has_no_form_is_counted(tmp_path):
    report = write(
        tmp_path,
        task(
            annotation("line", [1, 1, 5, 5]),
            annotation("segmentation", [[[1, 1, 5, 1, 5, 5]]]),
            annotation("bbox", [1, 1, 5]),
            annotation("bbox", [1.2, 1, 1.9, 5]),
            annotation("bbox", [1, 1, 5, 5], attributes=[switch("color", "red", "text")]),
            annotation("bbox", [1, 1, 5, 5], attributes=[switch("occluded", "maybe")]),
            annotation("bbox", [1, 1, 5, 5], "\x01"),
        ),
    )
    assert boxes_of(tmp_path) == [[1, 1, 5, 5]] * 3
    assert report.left_out == 4
    assert report.changed == 3
    assert "annotations[2].points: a bbox has 4 numbers" in report.examples["malformed geometry"]


def test_a_strict_export_stops_at_the_first_loss(tmp_path):
    with pytest.raises(FastLabelInvalidException, match=r"a.jpg: annotations\[0\]: rotated box"):
        write(tmp_path, task(annotation("bbox", [1, 1, 5, 5], rotation=5)), strict=True)


def test_a_task_without_a_size_is_refused(tmp_path):
    with pytest.raises(FastLabelInvalidException, match="clip: width: missing"):
        write(tmp_path, {"name": "clip", "annotations": []})


names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1
)
sides = st.integers(-50, 500)
boxes = st.builds(
    annotation,
    st.just("bbox"),
    st.builds(lambda x, y, w, h: [x, y, x + w, y + h], sides, sides, *[st.integers(1, 99)] * 2),
    names,
)


@settings(max_examples=60)
@given(tasks=st.lists(st.lists(boxes, max_size=4), max_size=3))
def test_boxes_of_whole_pixels_come_back_as_they_were(tmp_path_factory, tasks):
    folder = tmp_path_factory.mktemp("voc")
    given_tasks = [task(*some, name=f"sub/{n}.png") for n, some in enumerate([*tasks, []])]
    before = copy.deepcopy(given_tasks)
    write(folder, *given_tasks, strict=True)
    assert given_tasks == before
    found, report = read(folder, strict=True)
    assert {name: one["annotations"] for name, one in found.items()} == {
        one["name"]: [
            {key: label[key] for key in ("type", "value", "points")} for label in one["annotations"]
        ]
        for one in given_tasks
    }
    assert report.annotations == sum(map(len, tasks))


def test_corners_are_found_by_name_and_keep_decimals(tmp_path):
    found, _ = one_file(
        tmp_path,
        "<annotation><folder>x</folder><filename>C:/other/b.PNG</filename><object><name>cat</name>"
        "<bndbox><ymax>40.0</ymax><xmax>30.5</xmax><ymin>20</ymin><xmin>1e1</xmin></bndbox>"
        "<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>"
        "<difficult>1</difficult></object></annotation>",
    )
    assert found == {
        "a.PNG": {
            "name": "a.PNG",
            "annotations": [{"type": "bbox", "value": "cat", "points": [10, 20, 30.5, 40]}],
        }
    }
    flagged, _ = read(tmp_path, flags=True)
    assert flagged["a.PNG"]["annotations"][0]["attributes"] == [{"key": "difficult", "value": True}]


def test_bad_objects_are_named_by_line_and_passed_over(tmp_path):
    def labelled(inside):
        return f"\n<object><name>cat</name>{inside}</object>"

    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>{}</xmax><ymax>5</ymax></bndbox>"
    objects = [box.format("nan"), box.format(" "), "", box.format(5)]
    found, report = one_file(
        tmp_path,
        f"<annotation><filename>a.jpg</filename>{''.join(map(labelled, objects))}</annotation>",
    )
    assert [one["points"] for one in found["a.jpg"]["annotations"]] == [[1, 1, 5, 5]]
    path = tmp_path / "a.xml"
    assert list(map(str, report.bad)) == [
        f"{path}:2: <xmax>: expected a finite number, got 'nan'",
        f"{path}:3: <xmax>: expected a finite number, got ''",
        f"{path}:4: <object> without a <bndbox>",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotation>", "no XML: no element found: line 1"),
        ("<html/>", "no Pascal VOC: expected <annotation>, got <html>"),
        ("<annotation/>", "<filename>: missing"),
        (
            '<!DOCTYPE annotation [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
            "<annotation><filename>&b;</filename></annotation>",
            "document type declarations are not accepted",
        ),
        (
            '\n<!DOCTYPE annotation SYSTEM "file:///etc/passwd"><annotation/>',
            "document type declarations are not accepted",
        ),
    ],
)
def test_files_of_other_kinds_are_named(tmp_path, text, message):
    found, report = one_file(tmp_path, text)
    assert found == {}
    [problem] = map(str, report.bad)
    assert problem.startswith(f"{tmp_path / 'a.xml'}: {message}")


def test_images_are_found_where_voc_has_them(tmp_path):
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "JPEGImages" / "a.jpg").touch()
    (tmp_path / "Annotations" / "a.xml").write_text(
        "<annotation><filename>a.jpg</filename></annotation>"
    )
    [found], _ = formats.read("pascal-voc", tmp_path)
    assert found.task["name"] == "a.jpg"
    assert found.file == tmp_path / "JPEGImages" / "a.jpg"


def test_a_folder_without_xml_is_refused(tmp_path):
    with pytest.raises(FastLabelInvalidException, match=r"there is no \.xml file in it"):
        read(tmp_path)
    with pytest.raises(FastLabelInvalidException, match="there is no such folder"):
        read(tmp_path / "nowhere")
