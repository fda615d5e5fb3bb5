"""Regular expressions of users: only those that a name cannot make run for ever."""

from __future__ import annotations

import re
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, Final

MAX_REPEATS: Final = 4
"""Each may try every length of a name, in all combinations."""
_REPEATS: Final = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_REFUSED: Final = {
    _constants.GROUPREF: "references to groups",
    _constants.GROUPREF_EXISTS: "conditions",
    _constants.ASSERT: "looking ahead or behind",
    _constants.ASSERT_NOT: "looking ahead or behind",
}


def checked_pattern(pattern: str) -> str:
    """Return a pattern as it is.

    Python looks for matches by trial and error, with the whole process waiting: a repetition
    in a repetition, such as `(a+)+`, takes twice as long with each letter of a name.

    Raises:
        ValueError: no regular expression, or one that may take too long.
    """
    try:
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    repeats = _count_repeats(parsed, is_repeated=False)
    if repeats > MAX_REPEATS:
        raise ValueError(f"{pattern!r} has {repeats} repetitions; up to {MAX_REPEATS} are taken")
    return pattern


def _count_repeats(parsed: Any, *, is_repeated: bool) -> int:
    count = 0
    for operator, argument in parsed:
        if operator in _REFUSED:
            raise ValueError(f"{_REFUSED[operator]} are not taken in a pattern")
        if operator in _REPEATS:
            least, most, repeated = argument
            varies = most != least
            if varies and is_repeated:
                raise ValueError("a repetition in a repetition is not taken in a pattern")
            count += varies and most > 1
            count += _count_repeats(repeated, is_repeated=is_repeated or most > 1)
        elif operator is _constants.BRANCH:
            if is_repeated:
                raise ValueError("alternatives in a repetition are not taken in a pattern")
            count += sum(_count_repeats(one, is_repeated=is_repeated) for one in argument[1])
        elif operator is _constants.SUBPATTERN:
            count += _count_repeats(argument[3], is_repeated=is_repeated)
        elif operator is _constants.ATOMIC_GROUP:
            count += _count_repeats(argument, is_repeated=is_repeated)
    return count
