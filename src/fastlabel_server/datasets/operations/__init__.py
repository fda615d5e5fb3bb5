"""Changes of a dataset that jobs make: each turns a cursor into a chunk of changes."""

from __future__ import annotations

from fastlabel_server.datasets.operations import push, restore, split, tasks, types
from fastlabel_server.datasets.operations.base import Chunk, Operation

OPERATIONS: dict[str, Operation] = {
    "push": push.OPERATION,
    "restore": restore.OPERATION,
    "split": split.OPERATION,
    "tasks": tasks.OPERATION,
    "types": types.OPERATION,
}
"""By the name that `DatasetJob.operation` shows."""

__all__ = ["OPERATIONS", "Chunk", "Operation"]
