"""spaCy and CoNLL: as their specifications show them, and there and back."""

from __future__ import annotations

import copy
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException

TEXT = "Ada Lovelace met\r\n  Charles Babbage.\n\n東京 📉 end"


def ner(start, end, value="person", **more):
    return {"type": "ner", "value": value, "start": start, "end": end, **more}


def texts(*annotations, name="a.txt", text=TEXT):
    return [{"name": name, "text": text, "annotations": list(annotations)}]


def write(name, tasks, folder, **options):
    return formats.write(name, tasks, folder, project_type="text_ner", **options)


# spaCy


def test_entities_are_written_as_spacy_takes_them(tmp_path):
    tasks = texts(ner(39, 41, "city"), ner(0, 12), ner(4, 12), ner(0, 3), ner(3, 3), ner(9, 99))
    report = write("spacy", tasks, tmp_path)
    [line] = (tmp_path / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "text": TEXT,
        "entities": [[0, 12, "person"], [39, 41, "city"]],
        "spans": {"sc": [[0, 3, "person"], [4, 12, "person"]]},
        "meta": {"name": "a.txt"},
    }
    assert (report.written, report.changed, report.left_out) == (4, 2, 2)
    assert str(report).startswith(f"{tmp_path / 'annotations.jsonl'}: 1 text, 4 annotations")


def test_texts_of_every_encoding_are_brought_along(tmp_path):
    text = "東京 is big"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "shift_jis"):
        tasks = [{"name": "a.txt", "annotations": [ner(0, 2, "city")]}]
        write(
            "spacy",
            tasks,
            tmp_path,
            open_file=lambda task, encoding=encoding: io.BytesIO(text.encode(encoding)),
        )
        [one], _ = formats.read("spacy", tmp_path)
        assert one.task["text"] == text
        assert one.task["annotations"] == [ner(0, 2, "city", text="東京")]


def test_what_is_no_text_is_refused(tmp_path):
    tasks = [{"name": "a.txt", "annotations": []}]
    with pytest.raises(FastLabelInvalidException, match=r"a\.txt: not a text in UTF-8.* byte 3"):
        write("spacy", tasks, tmp_path, open_file=lambda task: io.BytesIO(b"abc\x81"))


def test_the_forms_of_older_versions_and_of_other_tools_are_read(tmp_path):
    lines = [
        ["Uber blew", {"entities": [[0, 4, "ORG"]]}],
        {"text": "Uber blew", "spans": [{"start": 5, "end": 9, "label": "VERB", "token_end": 1}]},
        {"text": "Uber blew", "label": [[0, 4, "ORG"]], "id": 3},
        {"text": "Uber", "entities": [[0, 9, "ORG"], [0, 4], [0, "4", "ORG"], [0, 4, "ORG"]]},
        {"data": 1},
    ]
    path = tmp_path / "train.jsonl"
    path.write_text("\n\n".join(map(json.dumps, lines)) + "\nno json\n")
    read, report = formats.read("spacy", path)
    assert [one.task["name"] for one in read] == [f"train_{n}.txt" for n in (1, 3, 5, 7)]
    assert [one.task["annotations"] for one in read] == [
        [ner(0, 4, "ORG", text="Uber")],
        [ner(5, 9, "VERB", text="blew")],
        [ner(0, 4, "ORG", text="Uber")],
        [ner(0, 4, "ORG", text="Uber")],
    ]
    assert [str(problem).removeprefix(f"{path}:") for problem in report.bad[:4]] == [
        "7: entities[0].end: the text has 4 characters, got 9",
        "7: entities[1]: expected [start, end, label], got [0, 4]",
        "7: entities[2].end: expected a whole number of 0 or more, got '4'",
        "9: expected an object with a text, got {'data': 1}",
    ]
    assert [problem.where for problem in report.bad[4:]] == [f"{path}:10"]


# CoNLL


def test_tokens_have_their_place_and_tag(tmp_path):
    tasks = texts(ner(0, 12), ner(20, 35), ner(39, 43, "big city"))
    report = write("conll", tasks, tmp_path)
    assert (tmp_path / "a.conll").read_bytes().decode() == (
        "Ada\t0\t3\tB-person\n"
        "Lovelace\t4\t12\tI-person\n"
        "met\t13\t16\tO\n"
        "\n"
        "Charles\t20\t27\tB-person\n"
        "Babbage.\t28\t36\tI-person\n"
        "\n"
        "東京\t38\t40\tB-big_city\n"
        "📉\t41\t42\tI-big_city\n"
        "end\t43\t46\tO\n"
        "\n"
    )
    assert report.classes["person", "ner"].changed == {"set to whole tokens": 1}
    assert report.classes["big city", "ner"].changed == {
        "set to whole tokens": 1,
        'whitespace in the class value written as "_"': 1,
    }


def test_texts_without_spaces_have_a_token_for_each_character(tmp_path):
    tasks = texts(ner(1, 3, "city"), text="私東京 へ")
    report = write("conll", tasks, tmp_path, tokens="characters")
    assert (tmp_path / "a.conll").read_text(encoding="utf-8").split() == (
        [
            "私",
            "0",
            "1",
            "O",
            "東",
            "1",
            "2",
            "B-city",
            "京",
            "2",
            "3",
            "I-city",
            "へ",
            "4",
            "5",
            "O",
        ]
    )
    assert report.changed == 0
    [one], _ = formats.read("conll", tmp_path)
    assert one.task["text"] == "私東京 へ"
    assert one.task["annotations"] == [ner(1, 3, "city", text="東京")]
    with pytest.raises(FastLabelInvalidException, match="tokens: expected words or characters"):
        write("conll", tasks, tmp_path, tokens="letters")


def test_an_entity_over_a_line_break_stays_one(tmp_path):
    write("conll", texts(ner(13, 27)), tmp_path)
    [one], _ = formats.read("conll", tmp_path)
    [found] = one.task["annotations"]
    assert (found["start"], found["end"]) == (13, 27)


def test_what_bio_cannot_say_is_left_out(tmp_path):
    tasks = texts(ner(0, 12), ner(4, 12), ner(16, 20), ner(0, 12, "city"), ner(1, 900))
    report = write("conll", tasks, tmp_path)
    assert (report.written, report.left_out) == (1, 4)
    assert report.classes["person", "ner"].left_out == {
        "the span overlaps another one": 1,
        "the span has nothing but whitespace": 1,
        "the span ends after the text": 1,
    }
    assert report.classes["city", "ner"].left_out == {"the span overlaps another one": 1}


# The beginning of the training set as the task's page shows it, and its other schemes of tags.
CONLL_2003 = """-DOCSTART- -X- -X- O

U.N. NNP I-NP I-ORG
official NN I-NP O
Ekeus NNP I-NP I-PER
heads VBZ I-VP O
for IN I-PP O
Baghdad NNP I-NP I-LOC
. . O O

-DOCSTART- -X- -X- O

New B-LOC
York E-LOC
Rome S-LOC
Paris B-LOC
Oslo B-LOC
bad
"""


def test_the_columns_of_conll_2003_are_read(tmp_path):
    path = tmp_path / "eng.txt"
    path.write_text(CONLL_2003)
    (first, second), report = formats.read("conll", path)
    assert first.task["name"] == "eng.txt"
    assert first.task["text"] == "U.N. official Ekeus heads for Baghdad ."
    assert first.task["annotations"] == [
        ner(0, 4, "ORG", text="U.N."),
        ner(14, 19, "PER", text="Ekeus"),
        ner(30, 37, "LOC", text="Baghdad"),
    ]
    assert second.task["name"] == "eng_2.txt"
    assert [one["text"] for one in second.task["annotations"]] == [
        "New York",
        "Rome",
        "Paris",
        "Oslo",
    ]
    [problem] = report.bad
    assert problem.where == f"{path}:18"


# Both


letters = st.text("ab 東📉.\n\t\r ", max_size=40)


@settings(max_examples=80)
@given(text=letters, data=st.data())
@pytest.mark.parametrize("name", ["spacy", "conll"])
def test_written_then_read_is_the_same(tmp_path_factory, name, text, data):
    """Spans of whole words; CoNLL keeps no more."""
    folder = tmp_path_factory.mktemp("texts")
    words = []
    at = 0
    for part in text.split():
        at = text.index(part, at)
        words.append((at, at + len(part)))
        at += len(part)
    spans = []
    first = 0
    while first < len(words):
        count = data.draw(st.integers(0, 3))
        last = min(first + count, len(words))
        if count:
            start, end = words[first][0], words[last - 1][1]
            spans.append(ner(start, end, data.draw(st.sampled_from("xy"))))
        first = last + data.draw(st.integers(0, 1)) if count else first + 1
    tasks = texts(*spans, text=text)
    before = copy.deepcopy(tasks)
    report = write(name, tasks, folder)
    assert tasks == before
    assert (report.written, report.changed, report.left_out) == (len(spans), 0, 0)
    [one], problems = formats.read(name, folder)
    assert problems.bad == []
    assert one.task["name"] == "a.txt"
    found = [(each["start"], each["end"], each["value"]) for each in one.task["annotations"]]
    assert found == [(each["start"], each["end"], each["value"]) for each in spans]
    if name == "spacy":
        assert one.task["text"] == text
    else:
        assert one.task["text"].split() == text.split()
