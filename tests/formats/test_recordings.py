"""Audacity and TextGrid: as their manuals show them, as praatio reads them, there and back."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from praatio import textgrid as praatio

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException


def span(start, end, value="speech", **more):
    return {"type": "segmentation", "value": value, "start": start, "end": end, **more}


def recordings(*annotations, name="a.mp3", **more):
    return [{"name": name, "annotations": list(annotations), **more}]


def write(name, tasks, folder):
    return formats.write(name, tasks, folder, project_type="audio_segmentation")


# Audacity


def test_labels_are_lines_with_six_decimals(tmp_path):
    tasks = recordings(span(1.5, 2, "door\tbell"), span(0, 0.1234567), attributes=[])
    report = write("audacity", tasks, tmp_path)
    assert (tmp_path / "a.txt").read_text() == (
        "0.000000\t0.123457\tspeech\n1.500000\t2.000000\tdoor bell\n"
    )
    assert report.changed == 1
    assert str(report).startswith(f"{tmp_path}: 1 recording, 2 annotations")


# With the frequencies of https://manual.audacityteam.org/man/importing_and_exporting_labels.html
LABELS = (
    "1.500000\t2.250000\tPoint one\r\n"
    "\\\t100.000000\t3000.000000\r\n"
    "3,25\t3\tcomma\n"
    "\n"
    "x\t3\tbad\n"
    "1\t2\n"
    "-3\t-2\tearly\n"
    "nan\t1\tbad\n"
)


def test_a_label_track_is_read(tmp_path):
    path = tmp_path / "sub" / "beep.txt"
    path.parent.mkdir()
    path.write_bytes(LABELS.encode("utf-16"))
    (tmp_path / "sub" / "beep.wav").touch()
    [one], report = formats.read("audacity", tmp_path)
    assert (one.task["name"], one.file) == ("sub/beep.wav", tmp_path / "sub" / "beep.wav")
    assert one.task["annotations"] == [span(1.5, 2.25, "Point one"), span(3, 3.25, "comma")]
    assert [str(problem).removeprefix(f"{path}:") for problem in report.bad] == [
        "5: expected seconds, got 'x'",
        "6: expected start, end and a label with tabs between them, got '1\\t2'",
        "7: .start: expected 0 or more seconds, got -3.0",
        "8: expected seconds, got 'nan'",
    ]


# TextGrid

# The example of https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
LONG = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.3
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "Mary"
        xmin = 0
        xmax = 2.3
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 2.3
            text = ""
    item [2]:
        class = "IntervalTier"
        name = "John"
        xmin = 0
        xmax = 2.3
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1.25
            text = "daisy ""bell"""
        intervals [2]:
            xmin = 1.25
            xmax = 2.3
            text = ""
    item [3]:
        class = "TextTier"
        name = "bell"
        xmin = 0
        xmax = 2.3
        points: size = 1
        points [1]:
            number = 1
            mark = "ding
dong"
'''
SHORT = '''"ooTextFile"
"TextGrid"
0
2.3 ! of "seconds"
<exists>
3
"IntervalTier" "Mary"
0 2.3
1
0 2.3 ""
"IntervalTier"
"John"
0
2.3
2
0
1.25
"daisy ""bell"""
1.25
2.3
""
"TextTier"
"bell"
0
2.3
1
1
"ding
dong"
'''


@pytest.mark.parametrize("text", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_both_forms_are_read(tmp_path, text, encoding):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(text.encode(encoding))
    [one], report = formats.read("textgrid", path)
    assert report.bad == []
    assert one.task == {
        "name": "a",
        "annotations": [span(0, 1.25, 'daisy "bell"'), span(1, 1, "ding\ndong")],
    }
    [one], _ = formats.read("textgrid", path, value="tier")
    assert [each["value"] for each in one.task["annotations"]] == ["John", "bell"]


@pytest.mark.parametrize(
    ("broken", "line", "message"),
    [
        (LONG.replace("xmax = 1.25", "xmax = x"), 28, "expected a number, got"),
        (LONG[: LONG.index("points [1]")], 39, "the file ends where a number is expected"),
        (LONG.replace("IntervalTier", "OtherTier"), 11, "expected an IntervalTier or a TextTier"),
        (LONG.replace("TextGrid", "Sound"), 2, "expected the head"),
        (LONG.replace("xmax = 1.25", "xmax = 1e999"), 27, "expected a finite number"),
    ],
    ids=["no number", "cut off", "another tier", "another object", "infinite"],
)
def test_where_a_file_breaks_off_is_told(tmp_path, broken, line, message):
    path = tmp_path / "a.TextGrid"
    path.write_text(broken)
    [_], report = formats.read("textgrid", path)
    [problem] = report.bad
    assert problem.where == f"{path}:{line}"
    assert message in problem.message


def test_an_option_that_is_none_is_refused(tmp_path):
    with pytest.raises(FastLabelInvalidException, match="value: expected text or tier"):
        formats.read("textgrid", tmp_path, value="x")


def test_praatio_reads_tiers_that_do_not_overlap(tmp_path):
    tasks = recordings(
        span(1, 2),
        span(1.5, 3),
        span(2, 2.5),
        span(0.25, 0.75, 'a "b"'),
        span(1, 1, "click"),
        duration=9.5,
    )
    report = write("textgrid", tasks, tmp_path)
    assert (report.written, report.changed, report.left_out) == (5, 0, 0)
    grid = praatio.openTextgrid(str(tmp_path / "a.TextGrid"), includeEmptyIntervals=False)
    assert (grid.minTimestamp, grid.maxTimestamp) == (0, 9.5)
    found = {tier.name: [tuple(entry) for entry in tier.entries] for tier in grid.tiers}
    assert found == {
        'a "b"': [(0.25, 0.75, 'a "b"')],
        "click": [(1, "click")],
        "speech": [(1, 2, "speech"), (2, 2.5, "speech")],
        "speech (2)": [(1.5, 3, "speech")],
    }


# Both

times = st.one_of(st.integers(0, 50), st.floats(0, 1e4))
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)
spans = st.builds(
    lambda one, other, value: span(min(one, other), max(one, other), value), times, times, words
)


@settings(max_examples=60)
@given(items=st.lists(spans, max_size=8))
@pytest.mark.parametrize("name", ["audacity", "textgrid"])
def test_written_then_read_is_the_same(tmp_path_factory, name, items):
    folder = tmp_path_factory.mktemp("audio")
    tasks = recordings(*items)
    before = copy.deepcopy(tasks)
    report = write(name, tasks, folder)
    assert tasks == before
    assert (report.written, report.changed, report.left_out) == (len(items), 0, 0)
    [one], problems = formats.read(name, folder)
    assert problems.bad == []
    assert one.task["name"] == "a"

    def ordered(annotations, decimals):
        return sorted(
            (each["value"], round(each["start"], decimals), round(each["end"], decimals))
            for each in annotations
        )

    # To six decimals in Audacity's files, exactly in TextGrids.
    decimals = 6 if name == "audacity" else 20
    assert ordered(one.task["annotations"], decimals) == ordered(items, decimals)
