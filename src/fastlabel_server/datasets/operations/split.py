"""`split`: the parts of files, cut one after the other, with what they show of the labels.

An object that is split already in the same way stays as it is, so that the same split can be
asked for again and again.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import PurePosixPath
from typing import Any, Final, TypedDict

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from fastlabel.modalities import FileError
from fastlabel.modalities.objects import OBJECT_FILES
from fastlabel.names import check_object_name
from fastlabel.shapes import ShapeError
from fastlabel_server import blobs
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.datasets import labels, queries
from fastlabel_server.datasets.changes import REMOVED, State, Wanted
from fastlabel_server.datasets.current import current_states
from fastlabel_server.datasets.cutting import CUTS
from fastlabel_server.datasets.labels import Labels
from fastlabel_server.datasets.objects import measured
from fastlabel_server.datasets.operations.base import Arguments, Chunk, Operation
from fastlabel_server.datasets.queries import Filter
from fastlabel_server.jobs.handler import Context, JobError
from fastlabel_server.media import SPLITTERS, Splitter
from fastlabel_server.media.base import Plan
from fastlabel_server.storage import ObjectMissing
from fastlabel_server.tables import (
    Blob,
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetRevision,
    DatasetState,
)
from fastlabel_server.uploads.spool import ReceivedFile, new_path

CHUNK_S: Final = 1.0
"""After that long a chunk begins no further part."""
CAREFUL_FROM: Final = 3
"""From this attempt on one part at a time: one of them may be what ends the process."""
RUN: Final = 20
"""Numbers of parts that are looked for at a time."""


class Begun(TypedDict):
    """An object that a chunk left in the middle."""

    seq: int
    plan: Plan
    next: int
    """The first part that is not there yet."""


class Cursor(TypedDict):
    after: int
    """The place of the last object that is done."""
    done: int
    """Parts."""
    begun: Begun | None


@dataclass
class _Made:
    """What a chunk comes to."""

    wanted: dict[str, Wanted] = field(default_factory=dict)
    blobs: list[StoredBlob] = field(default_factory=list)
    wholes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of the chunk, by kind and prefix: their parts cannot be seen among the objects yet."""


@dataclass(frozen=True)
class Whole:
    """An object that is to be split, as it is in the revision."""

    dataset: Dataset
    revision_id: str
    row: Row[Any]
    key: str
    """Of its file in the object store."""

    @property
    def name(self) -> str:
        name: str = self.row.DatasetObject.name
        return name

    @property
    def kind(self) -> str:
        kind: str = self.row.DatasetFile.kind
        return kind

    @property
    def labels(self) -> Labels:
        return labels.labels_of(self.row.document)

    def part_name(self, number: int) -> str:
        return f"{prefix_of(self.dataset.name, self.name)}/{number}{_extension(self.name)}"


def prefix_of(dataset_name: str, name: str) -> str:
    """Return what the names of the parts of an object begin with, up to the last `/`."""
    return f"{dataset_name}/{name.removesuffix(_extension(name))}"


def count_of(how: Mapping[str, Any]) -> int:
    """Return how many parts each object makes."""
    parts: int = how["parts"] if "parts" in how else how["columns"] * how["rows"]
    return parts


def prepare(context: Context, dataset: Dataset, arguments: Arguments, cursor: Any) -> Chunk:
    """Cut the next parts, and put their files into the object store."""
    begun_at = time.monotonic()
    at: Cursor = cursor or Cursor(after=0, done=0, begun=None)
    names = arguments["seqs"]
    parts = count_of(arguments["how"])
    total = None if names is None else len(names) * parts
    made = _Made()

    def is_over() -> bool:
        return context.attempt >= CAREFUL_FROM or time.monotonic() - begun_at >= CHUNK_S

    while True:
        whole = _next(context, arguments, at)
        if whole is None:
            return Chunk(made.wanted, None, at["done"], at["done"], made.blobs)
        begun = at["begun"] or _begin(context, dataset, arguments, whole, made)
        try:
            until = parts + 1
            if begun is not None:
                until = _cut(context, arguments, whole, begun, made, is_over)
        except (FileError, ShapeError) as error:
            raise JobError(f"{whole.name}: {_without_name(error, whole.name)}") from error
        seq = whole.row.DatasetObject.seq
        done = at["done"] + until - (begun["next"] if begun else 1)
        if until > parts:
            at = Cursor(after=seq, done=done, begun=None)
        else:
            assert begun is not None
            begun = Begun(seq=seq, plan=begun["plan"], next=until)
            at = Cursor(after=at["after"], done=done, begun=begun)
        if is_over():
            return Chunk(made.wanted, at, done, total, made.blobs)


def _next(context: Context, arguments: Arguments, cursor: Cursor) -> Whole | None:
    """Return the object that is begun, or else the next one; None after the last."""
    with context.database.read() as session:
        source = session.scalar(
            select(Dataset).where(
                Dataset.number == arguments["source"], Dataset.deleted_at.is_(None)
            )
        )
        if source is None:
            raise JobError("the dataset of the objects was deleted")
        begun = cursor["begun"]
        statement = _rows(source, arguments, begun["seq"] - 1 if begun else cursor["after"])
        while (row := session.execute(statement.limit(1)).one_or_none()) is not None:
            if arguments["seqs"] is not None or labels.split_of(row.document) is None:
                break
            statement = _rows(source, arguments, row.DatasetObject.seq)
        if row is None:
            return None
        key = session.scalar(select(Blob.key).where(Blob.sha256 == row.DatasetFile.blob_sha256))
        revision = session.get_one(DatasetRevision, (source.number, arguments["revision"]))
    if key is None:
        raise JobError(f"{row.DatasetObject.name}: its file is no longer there")
    return Whole(source, revision.id, row, key)


def _rows(source: Dataset, arguments: Arguments, after: int) -> Any:
    statement = queries.rows().where(
        DatasetState.dataset_number == source.number,
        queries.alive_at(arguments["revision"]),
        DatasetState.seq > after,
    )
    if arguments["seqs"] is not None:
        statement = statement.where(DatasetState.seq == min_above(arguments["seqs"], after))
    else:
        statement = statement.where(
            DatasetFile.kind.in_(arguments["kinds"]), *Filter(**arguments["filter"]).conditions()
        )
    return statement.order_by(DatasetState.seq)


def min_above(numbers: Sequence[int], least: int) -> int:
    """Return the first of ascending numbers that is above another; 0 where none is."""
    at = bisect_right(numbers, least)
    return numbers[at] if at < len(numbers) else 0


def _begin(
    context: Context, dataset: Dataset, arguments: Arguments, whole: Whole, made: _Made
) -> Begun | None:
    """Plan how an object is cut; None where it is cut like that already.

    Raises:
        JobError: names of parts are taken, or the file cannot be cut like that.
    """
    how = arguments["how"]
    parts = count_of(how)
    try:
        check_object_name(whole.part_name(parts))
    except ValueError as error:
        raise JobError(f"{whole.part_name(parts)}: {error}") from error
    prefix = prefix_of(whole.dataset.name, whole.name)
    other = made.wholes.setdefault((whole.kind, prefix), whole.name)
    if other != whole.name:
        raise JobError(f"{whole.name}: its parts would have the names of those of {other!r}")
    with context.database.read() as session:
        there = _existing(session, dataset, whole)
    own = {whole.part_name(number): number for number in range(1, parts + 1)}
    if there:
        if there.keys() == own.keys() and all(
            _is_same(split, whole, how, own[name]) for name, split in there.items()
        ):
            return None
        _check_replaceable(there, dataset, whole, replaces=arguments["replace"])
        made.wanted.update({name: REMOVED for name in there if name not in own})
    with _opened(context, whole) as source:
        try:
            plan = SPLITTERS[whole.kind].plan(source, whole.name, how)
        except FileError as error:
            raise JobError(str(error)) from error
    return Begun(seq=whole.row.DatasetObject.seq, plan=plan, next=1)


def _existing(session: Session, dataset: Dataset, whole: Whole) -> dict[str, dict[str, Any] | None]:
    """Return the objects with names as parts of an object have, with what they say they are.

    As in integration, names are looked up one by one, with the extensions that a part can have.
    """
    prefix = prefix_of(whole.dataset.name, whole.name)
    rules = [rule for rule in OBJECT_FILES if rule.modality == whole.kind]
    lower = [extension for rule in rules for extension in rule.extensions]
    extensions = dict.fromkeys(
        [*lower, *(extension.upper() for extension in lower), _extension(whole.name)]
    )
    found: dict[str, dict[str, Any] | None] = {}
    for first in count(1, RUN):
        names = [f"{prefix}/{first + at}{end}" for at in range(RUN) for end in extensions]
        current = current_states(session, dataset, names)
        if not current:
            return found
        keys = {each.kept.labels_key for each in current.values()}
        documents = {
            row.key: row.document
            for row in session.execute(
                select(DatasetLabels.key, DatasetLabels.document).where(DatasetLabels.key.in_(keys))
            )
        }
        for name, each in current.items():
            found[name] = labels.split_of(documents.get(each.kept.labels_key))
    raise AssertionError("names of parts never end")


def _is_same(
    split: Mapping[str, Any] | None, whole: Whole, how: Mapping[str, Any], number: int
) -> bool:
    """Tell whether a part is what this split would make."""
    if split is None:
        return False
    expected = _origin(whole) | {"part": number, "parts": count_of(how)}
    if whole.kind == "video":
        expected["method"] = how["method"]
    elif whole.kind == "image":
        expected |= how
    return all(split.get(key) == value for key, value in expected.items())


def _origin(whole: Whole) -> dict[str, Any]:
    return {
        "datasetId": whole.dataset.id,
        "objectId": whole.row.DatasetObject.id,
        "object": whole.name,
        "sha256": whole.row.DatasetFile.blob_sha256,
    }


def _check_replaceable(
    there: Mapping[str, Mapping[str, Any] | None], dataset: Dataset, whole: Whole, *, replaces: bool
) -> None:
    for name, split in there.items():
        if split is None:
            raise JobError(
                f"{whole.name}: dataset {dataset.name!r} has an object {name!r} that is no part"
            )
        if not replaces:
            raise JobError(
                f"{whole.name}: dataset {dataset.name!r} has {name!r}, a part of another split of "
                f"{split['object']!r}; with `replace` these parts take its place"
            )


def _cut(
    context: Context,
    arguments: Arguments,
    whole: Whole,
    begun: Begun,
    made: _Made,
    is_over: Any,
) -> int:
    """Cut parts until there are no more or the time is up; return the next one."""
    splitter, plan, number = SPLITTERS[whole.kind], begun["plan"], begun["next"]
    parts = count_of(arguments["how"])
    kept = whole.labels
    pieces: Sequence[list[dict[str, Any]]] = [[]] * parts
    if arguments["annotations"] and kept.annotations:
        pieces = CUTS[whole.kind](kept.annotations, plan)
    for file in _files(context, whole, splitter, plan, number):
        name = whole.part_name(number)
        measures = measured(name, file, context.settings.max_image_pixels)
        splitter.check(plan, number, measures.media)
        split = {
            **_origin(whole),
            "revisionId": whole.revision_id,
            "part": number,
            "parts": parts,
            **splitter.place(plan, number),
        }
        state = whole.row.DatasetState
        document = labels.document_of(pieces[number - 1], kept.metadata, split)
        made.blobs.append(blobs.put(context.storage, context.database, file))
        made.wanted[name] = State(measures, document, state.type, state.tags, state.licenses)
        number += 1
        if is_over():
            break
    return number


def _files(
    context: Context, whole: Whole, splitter: Splitter, plan: Plan, first: int
) -> Iterator[ReceivedFile]:
    """Yield the files of parts, each of which is gone when the next is asked for."""
    spool_dir = context.settings.spool_dir
    place = partial(new_path, spool_dir)
    with (
        _opened(context, whole) as source,
        closing(splitter.write(source, whole.name, plan, first, place)) as paths,
    ):
        for path in paths:
            file = ReceivedFile.written(spool_dir, path)
            try:
                yield file
            finally:
                file.discard()


def _opened(context: Context, whole: Whole) -> Any:
    try:
        return context.storage.open(whole.key)
    except ObjectMissing as error:
        raise JobError(f"{whole.name}: its file is no longer there") from error


def _extension(name: str) -> str:
    return PurePosixPath(name).suffix


def _without_name(error: Exception, name: str) -> str:
    return str(error).removeprefix(f"{name}: ")


OPERATION = Operation("split", prepare)
