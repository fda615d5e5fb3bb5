"""Annotations of an object and of its task, put together."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fastlabel_server.datasets.merging import merged

Annotations = list[dict[str, Any]]

OWN, FOREIGN = "cat", "road"


def is_foreign(annotation: Any) -> bool:
    return bool(annotation["value"] == FOREIGN)


def annotation(value: str, x: int, **fields: Any) -> dict[str, Any]:
    return {"type": "bbox", "value": value, "points": [x, 0, 9, 9], **fields}


def put_together(before: Annotations, task: Annotations) -> Annotations:
    return merged(before, task, is_foreign)


@st.composite
def lists(draw: st.DrawFn, values: tuple[str, ...], with_ids: bool) -> Annotations:
    """Annotations with relations among them; few values, so that some are alike."""
    count = draw(st.integers(0, 5))
    found = []
    for number in range(count):
        one = annotation(draw(st.sampled_from(values)), draw(st.integers(0, 2)))
        if with_ids and draw(st.booleans()):
            one["id"] = f"id-{number}"
        ends = draw(st.lists(st.integers(0, count - 1), max_size=2, unique=True))
        if ends:
            one["relations"] = [{"endIndex": end} for end in sorted(ends)]
        found.append(one)
    return found


def without_ids(annotations: Annotations) -> Annotations:
    return [
        {name: one[name] for name in one if name not in ("id", "relations")} for one in annotations
    ]


def arrows(annotations: Annotations) -> list[tuple[Any, Any]]:
    """Return what relations say: the points and values at their ends."""
    words = [(one["value"], one["points"]) for one in annotations]
    return sorted(
        (words[start], words[relation["endIndex"]])
        for start, one in enumerate(annotations)
        for relation in one.get("relations", ())
    )


@given(before=lists((OWN, FOREIGN), True), task=lists((OWN,), False))
def test_the_task_has_its_say_and_what_is_foreign_stays(
    before: Annotations, task: Annotations
) -> None:
    found = put_together(before, task)
    assert without_ids([one for one in found if not is_foreign(one)]) == without_ids(task)
    kept = [one for one in found if is_foreign(one)]
    assert [one.get("id") for one in kept] == [one.get("id") for one in before if is_foreign(one)]
    own = [pair for pair in arrows(found) if (pair[0][0], pair[1][0]) == (OWN, OWN)]
    assert own == arrows(task)
    foreign = [pair for pair in arrows(found) if (pair[0][0], pair[1][0]) == (FOREIGN, FOREIGN)]
    assert foreign == [p for p in arrows(before) if (p[0][0], p[1][0]) == (FOREIGN, FOREIGN)]


@given(before=lists((OWN, FOREIGN), True), task=lists((OWN,), False))
def test_once_more_changes_nothing(before: Annotations, task: Annotations) -> None:
    once = put_together(before, task)
    assert put_together(once, task) == once


@given(before=lists((OWN,), True))
def test_a_task_that_says_the_same_leaves_all_as_it_was(before: Annotations) -> None:
    task = [{name: one[name] for name in one if name != "id"} for one in before]
    assert put_together(before, task) == before


def test_what_stays_has_its_id_and_its_place_only_where_nothing_else_changed() -> None:
    before = [
        annotation(FOREIGN, 1, id="f", relations=[{"endIndex": 1}, {"note": "as given"}]),
        annotation(OWN, 1, id="a", title=OWN),
        annotation(OWN, 2, id="b"),
    ]
    assert put_together(before, [annotation(OWN, 1), annotation(OWN, 2)]) == before
    found = put_together(before, [annotation(OWN, 2), annotation(OWN, 3)])
    assert found == [
        annotation(OWN, 2, id="b"),
        annotation(OWN, 3),
        annotation(FOREIGN, 1, id="f", relations=[{"note": "as given"}]),
    ]
