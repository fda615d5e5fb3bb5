"""Video and audio that belong together, labelled on one time line."""

from __future__ import annotations

from fastlabel.modalities.audio import RECORDING
from fastlabel.modalities.base import CONTENTS_BYTES, Place, ProjectType, TaskKind
from fastlabel.modalities.video import MEDIA_FIELDS, MP4
from fastlabel.shapes import TIME_SPAN

MULTI_MODAL_VIDEO_AUDIO = TaskKind(
    name="multi_modal_video_audio",
    title="multi-modal video and audio tasks",
    modality="multi_modal",
    path="multi-modal-video-audio",
    labels="annotations",
    files=(MP4, RECORDING),
    shapes={TIME_SPAN.type: TIME_SPAN},
    intake="contents",
    max_files=12,
    max_files_bytes=CONTENTS_BYTES,
    place=Place("content", required=False),
    default_limit=10,
    max_limit=10,
    media_fields=MEDIA_FIELDS,
)

KINDS = (MULTI_MODAL_VIDEO_AUDIO,)

PROJECT_TYPES = (
    ProjectType(
        "multi_modal_video_audio_segmentation",
        "Multi modal video and audio · Segmentation",
        MULTI_MODAL_VIDEO_AUDIO,
        ("segmentation",),
    ),
)
