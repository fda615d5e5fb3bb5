"""Text: one document a task, with spans of characters, or classified as a whole."""

from __future__ import annotations

from fastlabel.modalities.base import (
    MB,
    FileRule,
    ProjectType,
    TaskKind,
    classification_shapes,
)
from fastlabel.shapes import TEXT_SPAN

TXT = FileRule(modality="text", formats=("text",), extensions=(".txt",), max_bytes=2 * MB)

TEXT = TaskKind(
    name="text",
    title="text tasks",
    modality="text",
    path="text",
    labels="annotations",
    files=(TXT,),
    shapes={TEXT_SPAN.type: TEXT_SPAN},
)
TEXT_CLASSIFICATION = TaskKind(
    name="text_classification",
    title="text classification tasks",
    modality="text",
    path="text/classification",
    labels="attributes",
    files=(TXT,),
    shapes=classification_shapes(),
)

KINDS = (TEXT, TEXT_CLASSIFICATION)

PROJECT_TYPES = (
    ProjectType("text_ner", "Text · Named entities", TEXT, ("ner",)),
    ProjectType(
        "text_single_classification",
        "Text · Classification",
        TEXT_CLASSIFICATION,
        ("classification",),
    ),
)
