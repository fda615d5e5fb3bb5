"""Types of many objects at once: by a rule, or each as it is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from fastlabel.modalities import listed
from fastlabel.types import DatasetJob, DatasetType
from fastlabel_server.calls import Call
from fastlabel_server.datasets import work
from fastlabel_server.datasets.current import NAMES, current_states
from fastlabel_server.datasets.schemas import ByMetadata, TypesChange
from fastlabel_server.datasets.service import find_row
from fastlabel_server.errors import Invalid, NotFound

MAX_NAMES: Final = 100_000
_TYPES: Final = get_args(DatasetType)


def start(call: Call, dataset_id: str, body: TypesChange) -> DatasetJob:
    """Begin to set types.

    Raises:
        Invalid: neither a rule nor types, or both; a type that there is not.
        NotFound: a named object is not there.
    """
    dataset = find_row(call.session, call.caller, dataset_id=dataset_id, to_change=True)
    if (body.types is None) == (body.ratios is None):
        raise Invalid("types, ratios: one of them is expected, not both and not none")
    if body.types is not None:
        types = _spelled(body.types)
        for first in range(0, len(types), NAMES):
            names = list(types)[first : first + NAMES]
            known = current_states(call.session, dataset, names)
            for name in names:
                if name not in known:
                    raise NotFound(f"types: dataset {dataset.name!r} has no object {name!r}")
        return work.start(call, dataset, "types", {"types": types}, body.message)
    assert body.ratios is not None
    group_by = body.group_by
    arguments = {
        "ratios": body.ratios.model_dump(),
        "seed": body.seed,
        "stratify": _strata(body.stratify),
        "groupBy": group_by if isinstance(group_by, str | None) else group_by.model_dump(),
        "filter": body.filter.model_dump(),
    }
    return work.start(call, dataset, "types", arguments, body.message)


def _spelled(given: Mapping[str, str | list[str]]) -> dict[str, str]:
    """Return types by the names of objects."""
    found: dict[str, str] = {}
    for key, value in given.items():
        if isinstance(value, str):
            pairs = [(key, value)]
        elif key in _TYPES:
            pairs = [(name, key) for name in value]
        else:
            raise Invalid(f"types: expected {listed(_TYPES)} before a list of names, got {key!r}")
        for name, type_name in pairs:
            if found.setdefault(name, type_name) != type_name:
                raise Invalid(f"types: {name!r} is to be both {found[name]} and {type_name}")
    if len(found) > MAX_NAMES:
        raise Invalid(f"types: up to {MAX_NAMES:,} names, got {len(found):,}; a push takes more")
    if not found:
        raise Invalid("types: no object is named")
    return found


def _strata(stratify: bool | str | ByMetadata) -> Any:
    if isinstance(stratify, ByMetadata):
        return stratify.model_dump()
    if isinstance(stratify, bool):
        return "class" if stratify else None
    return "class" if stratify == "class" else {"metadata": stratify}
