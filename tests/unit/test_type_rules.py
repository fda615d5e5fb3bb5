"""Objects divided by a rule: the same everywhere, in exact shares, and hardly moved by new ones."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastlabel_server.datasets.patterns import checked_pattern
from fastlabel_server.datasets.type_rules import (
    TYPES,
    assigned,
    group_number,
    largest_remainder,
    ratios_of,
    strata_of,
    texts_of,
)

RATIOS = {"train": 0.7, "valid": 0.2, "test": 0.1}


def divided(
    groups: Mapping[str, str],
    texts: Mapping[str, Sequence[str]] | None = None,
    ratios: Mapping[str, float] = RATIOS,
    seed: int = 0,
    by: str = "rarest",
) -> dict[str, str]:
    """Return the types of objects by their names, given the group and the texts of each."""
    numbers = np.array([group_number(seed, group) for group in groups.values()], np.uint64)
    strata = np.zeros(len(numbers), np.int64)
    if texts is not None:
        known: dict[str, int] = {}
        pairs = [
            (index, known.setdefault(text, len(known)))
            for index, name in enumerate(groups)
            for text in texts[name]
        ]
        objects, found = zip(*pairs, strict=True) if pairs else ((), ())
        strata = strata_of(numbers, (objects, found), list(known), by)  # type: ignore[arg-type]
    types = assigned(numbers, strata, ratios_of(ratios))
    return {name: TYPES[index] for name, index in zip(groups, types, strict=True)}


def alone(count: int) -> dict[str, str]:
    return {f"{number}.jpg": f"{number}.jpg" for number in range(count)}


names = st.lists(st.text("abcdefgh/._-", min_size=1, max_size=6), unique=True, max_size=120)
shares = st.fixed_dictionaries(
    {name: st.sampled_from([0, 0.1, 0.15, 1 / 3, 0.7, 1, 3]) for name in TYPES}
).filter(lambda found: sum(found.values()) > 0)


@given(names, shares, st.integers())
def test_shares_are_exact_to_one_object(
    found: list[str], ratios: dict[str, float], seed: int
) -> None:
    types = divided({name: name for name in found}, ratios=ratios, seed=seed)
    counts = Counter(types.values())
    exact = {name: share * len(found) for name, share in ratios_of(ratios).items()}
    assert counts.total() == len(found)
    for name in TYPES:
        assert abs(counts[name] - exact[name]) < 1
        if ratios[name] == 0:
            assert counts[name] == 0


def test_the_remainder_goes_to_those_that_lose_the_most() -> None:
    counts = Counter(divided(alone(13), ratios={"train": 0.8, "valid": 0.1, "test": 0.1}).values())
    # 10.4, 1.3 and 1.3
    assert counts == {"train": 11, "valid": 1, "test": 1}
    counts = Counter(divided(alone(15), ratios={"train": 0.8, "valid": 0.1, "test": 0.1}).values())
    # 12, 1.5 and 1.5
    assert counts == {"train": 12, "valid": 2, "test": 1}
    thirds = divided(alone(7), ratios={"train": 1, "valid": 1, "test": 1})
    assert Counter(thirds.values()) == {"train": 3, "valid": 2, "test": 2}


def test_the_same_rule_gives_the_same_everywhere() -> None:
    """As `printf '42\\0oa.jpg' | b2sum -l 64` and its like order them."""
    groups = {f"{letter}.jpg": f"o{letter}.jpg" for letter in "abcdefghij"}
    order = "fiabejdchg"
    expected = {
        f"{letter}.jpg": "train" if at < 7 else "valid" if at < 9 else "test"
        for at, letter in enumerate(order)
    }
    assert divided(groups, seed=42) == expected
    assert divided(dict(reversed(groups.items())), seed=42) == expected
    assert divided(groups, seed=43) != expected


@given(st.integers(0, 300), st.integers(1, 30), st.integers(0, 5))
def test_new_objects_move_hardly_any_of_the_others(count: int, new: int, seed: int) -> None:
    before = divided(alone(count), seed=seed)
    after = divided(alone(count + new), seed=seed)
    moved = sum(before[name] != after[name] for name in before)
    # At most one at either border for each that came.
    assert moved <= 2 * new


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(1, 9), max_size=40),
    shares,
    st.integers(0, 3),
)
def test_a_group_stays_together(sizes: dict[str, int], ratios: dict[str, float], seed: int) -> None:
    groups = {f"{group}/{number}": group for group in sizes for number in range(sizes[group])}
    types = divided(groups, ratios=ratios, seed=seed)
    by_group = defaultdict(set)
    for name, group in groups.items():
        by_group[group].add(types[name])
    assert all(len(found) == 1 for found in by_group.values())
    if sizes:
        counts = Counter(types.values())
        for name, share in ratios_of(ratios).items():
            assert abs(counts[name] - share * len(groups)) <= max(sizes.values())


@given(
    st.lists(st.sets(st.sampled_from(["cat", "dog", "owl", "eel"])), max_size=150),
    st.integers(0, 3),
)
def test_each_class_has_its_share_in_each_part(classes: list[set[str]], seed: int) -> None:
    groups = alone(len(classes))
    texts = dict(zip(groups, map(sorted, classes), strict=True))
    types = divided(groups, texts, seed=seed)
    frequency = Counter(each for found in classes for each in found)
    strata: dict[str, Counter[str]] = defaultdict(Counter)
    for name, found in texts.items():
        rarest = min(found, key=lambda each: (frequency[each], each), default="")
        strata[rarest][types[name]] += 1
    exact = ratios_of(RATIOS)
    for counts in strata.values():
        for name in TYPES:
            # One for the stratum and one for what is carried over to it.
            assert abs(counts[name] - exact[name] * counts.total()) < 2
    totals = Counter(types.values())
    for name in TYPES:
        assert abs(totals[name] - exact[name] * len(classes)) < 1


def test_strata_of_one_object_each_keep_the_shares_together() -> None:
    """Each of its own would give them all to the largest share."""
    groups = alone(100)
    types = divided(groups, {name: [name] for name in groups})
    assert Counter(types.values()) == {"train": 70, "valid": 20, "test": 10}


def test_a_group_lies_in_the_stratum_that_most_of_it_says() -> None:
    groups = np.array([7, 7, 7, 9, 9, 11], np.uint64)
    texts = ["sun", "rain"]
    pairs = ([0, 1, 2, 3, 4], [1, 0, 0, 0, 1])
    found = strata_of(groups, pairs, texts, "commonest")
    # In the order of their texts rain is 1 and sun is 2; of equals the first one counts.
    assert found.tolist() == [2, 2, 2, 1, 1, 0]


def test_a_group_lies_in_the_stratum_of_its_rarest_class() -> None:
    groups = np.array([1, 1, 2, 3, 4], np.uint64)
    texts = ["cat", "owl"]
    pairs = ([0, 1, 2, 3], [0, 1, 0, 0])
    assert strata_of(groups, pairs, texts, "rarest").tolist() == [2, 2, 1, 1, 0]


def test_nothing_is_divided_into_nothing() -> None:
    assert divided({}) == {}
    assert divided({}, {}) == {}


@given(st.lists(st.fractions(-2, 50, max_denominator=30), min_size=1, max_size=5))
def test_remainders_add_up(wanted: list[Fraction]) -> None:
    total = max(0, round(sum(wanted)))
    if total and not any(each > 0 for each in wanted):
        return
    found = largest_remainder(wanted, total)
    if any(each > 0 for each in wanted):
        assert sum(found) == total
    assert min(found) >= 0


def test_ratios_are_exact() -> None:
    assert ratios_of({"train": 0.7, "valid": 0.2, "test": 0.1}) == {
        "train": Fraction(7, 10),
        "valid": Fraction(2, 10),
        "test": Fraction(1, 10),
    }
    assert ratios_of({"train": 8, "valid": 1, "test": 1})["train"] == Fraction(4, 5)


def test_a_classification_has_its_answers_for_classes() -> None:
    annotations = [
        {"type": "bbox", "value": "cat"},
        {
            "type": "classification",
            "value": "classification",
            "attributes": [
                {"key": "weather", "value": "sun"},
                {"key": "time", "value": ["day", "dusk"]},
            ],
        },
    ]
    assert texts_of(annotations) == {"cat", "weather=sun", "time=day", "time=dusk"}


@pytest.mark.parametrize(
    "pattern",
    [
        "(.*)_frame[0-9]+",
        r"cam(\d+)/(\d+)/(\d+)_(\d+)\.png",
        "[a-z]{3}",
        "(a|b)c?",
        r"(\w{2}){3}x*",
    ],
)
def test_patterns_that_end_are_taken(pattern: str) -> None:
    assert checked_pattern(pattern) == pattern
    re.compile(pattern).match("a" * 500)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(a+)+b", "a repetition in a repetition"),
        ("(a?)*b", "a repetition in a repetition"),
        ("(?:(?:a*)b)*", "a repetition in a repetition"),
        ("(ab|ba|a)*c", "alternatives in a repetition"),
        (".*.*.*.*.*x", "has 5 repetitions; up to 4"),
        ("(a)(.*)\\1", "references to groups"),
        ("(?=a)b", "looking ahead"),
        ("(", "is no regular expression"),
        ("a{99999999999999999999}", "is no regular expression"),
    ],
)
def test_patterns_that_may_take_for_ever_are_refused(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked_pattern(pattern)
