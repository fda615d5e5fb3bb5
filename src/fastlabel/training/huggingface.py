"""Datasets as Hugging Face's `datasets` has them: a table of Arrow on the disk, or a stream."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from fastlabel.exceptions import FastLabelException
from fastlabel.formats.hugging_face import schema_of
from fastlabel.formats.image_sizes import size_wh
from fastlabel.formats.report import Report
from fastlabel.formats.table import pyarrow_of
from fastlabel.training.inputs import input_of
from fastlabel.training.packed import Packed
from fastlabel.training.rows import MEDIA, columns
from fastlabel.training.survey import Opened, record

FETCHERS: Final = 8
"""Files that are fetched at once."""
GROUP: Final = 1000
"""Rows that are held in memory."""
SPLITS: Final = {"train": "train", "valid": "validation", "test": "test", "none": "none"}
"""What `datasets` calls the objects of a type."""


def datasets_of() -> Any:
    """Return the package `datasets`.

    Raises:
        FastLabelException: it is not installed.
    """
    try:
        return importlib.import_module("datasets")
    except ImportError as error:
        raise FastLabelException(
            "to_huggingface needs the package datasets: "
            "pip install 'fastlabel[huggingface]' installs it"
        ) from error


@dataclass(frozen=True)
class Maker:
    """Makes tables and streams of what was opened."""

    opened: Opened
    decode: bool

    @property
    def schema(self) -> Any:
        arrow, _ = pyarrow_of("Hugging Face")
        kind, labels = self.opened.wish.kind, self.opened.labels
        return schema_of(arrow, columns(arrow, kind, labels, decode=self.decode))

    def table(self, cache: Path) -> Any:
        """Return a `datasets.Dataset`, whose rows and files lie in the cache."""
        return self._table(cache, self._records)

    def tables_by_type(self, cache: Path) -> Any:
        """Return a `datasets.DatasetDict` of the types that there are."""
        found = {}
        for object_type, split in SPLITS.items():
            of_type = (each for each in self._records if each["used"][0]["type"] == object_type)
            table = self._table(cache, of_type)
            if len(table):
                found[split] = table
        return datasets_of().DatasetDict(found)

    def stream(self) -> Any:
        """Return a `datasets.IterableDataset`; its shards are pages of the list."""
        datasets = datasets_of()
        return datasets.IterableDataset.from_generator(
            self.streamed,
            features=datasets.Features.from_arrow_schema(self.schema),
            gen_kwargs={"pages": list(range(max(1, self.opened.source.listing.page_count)))},
        )

    def streams_by_type(self) -> Any:
        """Return a `datasets.IterableDatasetDict` of the types that are wanted."""
        selection = self.opened.wish.selection
        streams = {}
        for object_type, split in SPLITS.items():
            if not selection.types or object_type in selection.types:
                wish = replace(self.opened.wish, selection=replace(selection, types=(object_type,)))
                streams[split] = replace(self, opened=replace(self.opened, wish=wish)).stream()
        return datasets_of().IterableDatasetDict(streams)

    def streamed(self, pages: Sequence[int]) -> Iterator[dict[str, Any]]:
        """Yield the rows of some pages of the list, one by one."""
        source, wish = self.opened.source, self.opened.wish
        unread = Report(Path(), self.opened.report.strict)
        for number in pages:
            for example in source.listing.page(number):
                if wish.selection.takes(example.found):
                    used = wish.used(example.found, unread)
                    if used is not None:
                        found = record(source, example, used)
                        yield self._row(found, with_bytes=not source.files.stay)

    @property
    def _records(self) -> Packed:
        assert self.opened.records is not None
        return self.opened.records

    def _table(self, cache: Path, records: Iterable[Mapping[str, Any]]) -> Any:
        arrow, _ = pyarrow_of("Hugging Face")
        folder = cache / "huggingface"
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", dir=folder)
        written = Path(name)
        try:
            with os.fdopen(handle, "wb") as file, arrow.ipc.new_stream(file, self.schema) as out:
                for group in self._groups(records):
                    out.write_table(arrow.Table.from_pylist(group, self.schema))
            # Named by what it holds: the same rows are the same file, and none ever changes.
            with written.open("rb") as rows:
                digest = hashlib.file_digest(rows, "sha256").hexdigest()
            path = folder / f"{digest}.arrow"
            written.replace(path)
        finally:
            with suppress(FileNotFoundError):
                written.unlink()
        return datasets_of().Dataset.from_file(str(path))

    def _groups(self, records: Iterable[Mapping[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        """Yield rows in groups, whose files are brought several at a time."""
        rest = iter(records)
        with ThreadPoolExecutor(FETCHERS) as pool:
            while group := list(itertools.islice(rest, GROUP)):
                yield list(pool.map(lambda found: self._row(found, with_bytes=False), group))

    def _row(self, found: Mapping[str, Any], *, with_bytes: bool) -> dict[str, Any]:
        """Return a row of a record, whose file is brought.

        Args:
            with_bytes: let the row have the bytes of the file, not its path.
        """
        kind, target = self.opened.wish.kind, self.opened.wish.target
        with self.opened.source.files.opened(found["file"]) as path:
            shape_hw = _shape_hw(found["used"][0], path) if kind == "image" else None
            row: dict[str, Any] = target.arrays(found["used"], self.opened.labels, shape_hw)
            if kind == "text":
                row["text"] = input_of(kind, path)
            elif kind not in MEDIA:
                row["file"] = str(path)
            elif with_bytes:
                row[kind] = {"bytes": path.read_bytes(), "path": row["name"]}
            else:
                row[kind] = {"bytes": None, "path": str(path)}
        return row


def _shape_hw(found: Mapping[str, Any], path: Path) -> tuple[int, int]:
    if found["width"] is not None and found["height"] is not None:
        return found["height"], found["width"]
    try:
        width, height = size_wh(path)
    except ValueError as error:
        raise FastLabelException(f"{path}: {error}") from error
    return height, width
