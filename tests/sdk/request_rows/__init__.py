"""What every method sends, row by row as the protocol says: a module for each subject."""

from __future__ import annotations

from sdk.request_rows import (
    classes_and_tags,
    comments,
    datasets,
    exports,
    imports,
    kinds,
    metadatas,
    projects,
    tasks,
    workspace,
)
from sdk.request_rows.base import Reading, Writing

MODULES = (
    projects,
    classes_and_tags,
    tasks,
    kinds,
    imports,
    exports,
    comments,
    metadatas,
    datasets,
    workspace,
)
READING: list[Reading] = [row for module in MODULES for row in module.READING]
WRITING: list[Writing] = [row for module in MODULES for row in module.WRITING]
