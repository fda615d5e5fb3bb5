"""Splitting files: what a request asks for, checked as far as that is quick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.types import DatasetJob
from fastlabel_server.calls import Call
from fastlabel_server.datasets import queries, revisions, work
from fastlabel_server.datasets.current import NAMES
from fastlabel_server.datasets.schemas import MAX_PARTS, Split
from fastlabel_server.datasets.service import find_row
from fastlabel_server.errors import Invalid, NotFound
from fastlabel_server.tables import Dataset, DatasetFile, DatasetObject, DatasetState

QUEUE: Final = "cpu"
"""Coding a video anew keeps a processor busy for minutes."""


def start(call: Call, dataset_id: str, body: Split) -> DatasetJob:
    """Begin to split objects into parts, which become objects of the same or another dataset.

    Raises:
        Invalid: says which field and value cannot be.
        NotFound: an object is not there, or the dataset for the parts.
    """
    session, caller = call.session, call.caller
    into = body.into_dataset
    source = find_row(session, caller, dataset_id=dataset_id, to_change=into is None)
    target = source
    if into is not None:
        try:
            target = find_row(session, caller, name=into, to_change=True)
        except NotFound as error:
            raise NotFound(f"intoDataset: there is no dataset {into!r}") from error
    if (body.object_names is None) == (body.filter is None):
        raise Invalid("objectNames, filter: one of them is expected, not both and not none")
    how = _how(body)
    seqs = None
    if body.object_names is not None:
        seqs = _seqs(session, source, list(dict.fromkeys(body.object_names)), how)
    revision = revisions.find_number(session, source, source.head)
    arguments = {
        "source": source.number,
        "revision": revision.number,
        "seqs": seqs,
        "filter": body.filter.model_dump() if body.filter is not None else None,
        "kinds": _kinds(how),
        "how": how,
        "annotations": body.annotations,
        "replace": body.replace,
    }
    return work.start(call, target, "split", arguments, body.message, queue=QUEUE)


def _how(body: Split) -> dict[str, Any]:
    """Return how to cut: `{columns, rows}` or `{parts, method}`."""
    is_grid = body.columns is not None or body.rows is not None
    if is_grid == (body.parts is not None):
        raise Invalid(
            "columns, rows, parts: expected columns and rows for images, or parts for videos and "
            "recordings"
        )
    if not is_grid:
        return {"parts": body.parts, "method": body.method or "exact"}
    columns, rows = body.columns or 1, body.rows or 1
    if not 2 <= columns * rows <= MAX_PARTS:
        raise Invalid(
            f"columns, rows: expected 2 to {MAX_PARTS:,} tiles, got {columns} x {rows} = "
            f"{columns * rows:,}"
        )
    if body.method is not None:
        raise Invalid(f"method: {body.method!r} is for videos; images have columns and rows")
    return {"columns": columns, "rows": rows}


def _kinds(how: Mapping[str, Any]) -> list[str]:
    return ["video", "audio"] if "parts" in how else ["image"]


def _seqs(
    session: Session, source: Dataset, names: Sequence[str], how: Mapping[str, Any]
) -> list[int]:
    """Return the places of objects that are named, in order."""
    files: dict[str, Any] = {}
    for first in range(0, len(names), NAMES):
        rows = session.execute(
            select(DatasetObject.name, DatasetObject.seq, DatasetFile.kind, DatasetFile.media)
            .join(
                DatasetState,
                (DatasetState.dataset_number == DatasetObject.dataset_number)
                & (DatasetState.seq == DatasetObject.seq),
            )
            .join(DatasetFile, DatasetFile.key == DatasetState.file_key)
            .where(
                DatasetObject.dataset_number == source.number,
                DatasetObject.name.in_(names[first : first + NAMES]),
                queries.alive_at(source.head),
            )
        )
        files |= {row.name: row for row in rows}
    stems: dict[str, str] = {}
    for index, name in enumerate(names):
        where = f"objectNames[{index}]"
        if name not in files:
            raise NotFound(f"{where}: dataset {source.name!r} has no object {name!r}")
        _check_fits(where, files[name], how)
        stem = name.rpartition(".")[0]
        if stems.setdefault(stem, name) != name:
            raise Invalid(
                f"{where}: the parts of {name!r} would have the names of those of {stems[stem]!r}"
            )
    return sorted(row.seq for row in files.values())


def _check_fits(where: str, row: Any, how: Mapping[str, Any]) -> None:
    if row.kind not in _kinds(how):
        fields, kinds = (
            ("parts", "videos and recordings")
            if "parts" in how
            else (
                "columns and rows",
                "images",
            )
        )
        raise Invalid(f"{where}: {row.name!r} is of the kind {row.kind}; {fields} are for {kinds}")
    media = row.media
    if row.kind == "image" and (how["columns"] > media["width"] or how["rows"] > media["height"]):
        raise Invalid(
            f"{where}: {row.name!r} has {media['width']} x {media['height']} pixels, which "
            f"{how['columns']} columns and {how['rows']} rows are too many for"
        )
    if row.kind == "video" and how["parts"] > media["frameCount"]:
        raise Invalid(
            f"{where}: {row.name!r} has {media['frameCount']:,} frames, which {how['parts']:,} "
            "parts are too many for"
        )
