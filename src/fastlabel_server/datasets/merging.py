"""Annotations of an object and those of its task, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastlabel_server.datasets.labels import meaning

Annotation = Mapping[str, Any]


def merged(
    before: Sequence[Annotation],
    task: Sequence[Annotation],
    is_foreign: Callable[[Annotation], bool],
) -> list[dict[str, Any]]:
    """Return the annotations of an object once its task's take the place of its own.

    Those that say the same as before stay as they are, ids included. Foreign ones, which no
    task of the project could have, stay too; they come last where anything else changed.
    Relations, `{endIndex}` where they start, follow their annotations.
    """
    foreign = [index for index, annotation in enumerate(before) if is_foreign(annotation)]
    own = sorted(set(range(len(before))) - set(foreign))
    alike: dict[bytes, list[dict[str, Any]]] = {}
    for index in own:
        kept = _alone(before[index])
        alike.setdefault(meaning(kept), []).append(kept)
    new: list[dict[str, Any]] = []
    for wanted in map(_alone, task):
        same = alike.get(meaning(wanted))
        new.append(same.pop(0) if same else wanted)
    if new == [_alone(before[index]) for index in own]:
        found = [_alone(annotation) for annotation in before]
        new_places: Sequence[int] = own
        old_places = {index: index for index in range(len(before))}
    else:
        found = new + [_alone(before[index]) for index in foreign]
        new_places = range(len(new))
        old_places = {index: len(new) + place for place, index in enumerate(foreign)}
    for index, annotation in enumerate(task):
        for relation in annotation.get("relations", ()):
            end = new_places[relation["endIndex"]]
            _relate(found[new_places[index]], {"endIndex": end})
    for index in foreign:
        for relation in before[index].get("relations", ()):
            end = relation.get("endIndex")
            if not isinstance(end, int):
                _relate(found[old_places[index]], relation)
            elif end in old_places:
                _relate(found[old_places[index]], {**relation, "endIndex": old_places[end]})
    return found


def _alone(annotation: Annotation) -> dict[str, Any]:
    return {name: given for name, given in annotation.items() if name != "relations"}


def _relate(annotation: dict[str, Any], relation: Mapping[str, Any]) -> None:
    annotation.setdefault("relations", []).append(dict(relation))
