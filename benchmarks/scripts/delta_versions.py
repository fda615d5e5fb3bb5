"""Keep a table in Delta Lake, change one row, compare, go back. Prints the figures as JSON.

Two versions are compared by the table's own log of changes, which it keeps on demand.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow
from deltalake import DeltaTable, write_deltalake

GROUP = 100_000


def main() -> None:
    folder, rows = sys.argv[1], int(sys.argv[2])
    begin = time.perf_counter()
    reader = pyarrow.RecordBatchReader.from_batches(_SCHEMA, _batches(rows))
    write_deltalake(folder, reader, configuration={"delta.enableChangeDataFeed": "true"})
    create_s = time.perf_counter() - begin
    created = _bytes(folder)
    changed = _name(rows // 2)
    begin = time.perf_counter()
    DeltaTable(folder).update(
        predicate=f"name = '{changed}'", updates={"annotations": "'[\"other\"]'"}
    )
    change_s = time.perf_counter() - begin
    change_bytes = _bytes(folder) - created
    begin = time.perf_counter()
    changes = DeltaTable(folder).load_cdf(starting_version=1, ending_version=1)
    names = {name for batch in changes for name in pyarrow.record_batch(batch)["name"].to_pylist()}
    diff_s = time.perf_counter() - begin
    assert names == {changed}, names
    begin = time.perf_counter()
    DeltaTable(folder).restore(0)
    restore_s = time.perf_counter() - begin
    assert DeltaTable(folder).count() == rows
    print(
        json.dumps(
            {
                "create_s": create_s,
                "create_bytes": created,
                "change_s": change_s,
                "change_bytes": change_bytes,
                "diff_s": diff_s,
                "restore_s": restore_s,
            }
        )
    )


_SCHEMA = pyarrow.schema(
    [(name, pyarrow.string()) for name in ("name", "sha256", "type", "tags", "annotations")]
)


def _batches(rows: int) -> Iterator[pyarrow.RecordBatch]:
    for first in range(0, rows, GROUP):
        numbers = range(first, min(first + GROUP, rows))
        yield pyarrow.record_batch(
            [
                [_name(number) for number in numbers],
                [f"{number % 100:064x}" for number in numbers],
                [("train", "valid", "test")[number % 3] for number in numbers],
                ['["day"]' if number % 2 else '["night"]' for number in numbers],
                [
                    json.dumps([{"type": "bbox", "value": "cat", "points": [number, 1, 2, 3]}])
                    for number in numbers
                ],
            ],
            schema=_SCHEMA,
        )


def _name(number: int) -> str:
    return f"{number // 1000:04}/{number:07}.jpg"


def _bytes(folder: str) -> int:
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


main()
