"""Audio: one recording a task, with spans of time, or classified as a whole."""

from __future__ import annotations

from fastlabel.modalities.base import (
    MB,
    FileRule,
    ProjectType,
    TaskKind,
    classification_shapes,
)
from fastlabel.shapes import TIME_SPAN

RECORDING = FileRule(
    modality="audio",
    formats=("mp3", "wav", "m4a"),
    extensions=(".mp3", ".wav", ".m4a"),
    max_bytes=120 * MB,
)

AUDIO = TaskKind(
    name="audio",
    title="audio tasks",
    modality="audio",
    path="audio",
    labels="annotations",
    files=(RECORDING,),
    shapes={TIME_SPAN.type: TIME_SPAN},
    integration="audios",
    media_fields=("duration",),
)
AUDIO_CLASSIFICATION = TaskKind(
    name="audio_classification",
    title="audio classification tasks",
    modality="audio",
    path="audio/classification",
    labels="attributes",
    files=(RECORDING,),
    shapes=classification_shapes(),
    media_fields=("duration",),
)

KINDS = (AUDIO, AUDIO_CLASSIFICATION)

PROJECT_TYPES = (
    ProjectType("audio_segmentation", "Audio · Segmentation", AUDIO, ("segmentation",)),
    ProjectType(
        "audio_single_classification",
        "Audio · Classification",
        AUDIO_CLASSIFICATION,
        ("classification",),
    ),
)
