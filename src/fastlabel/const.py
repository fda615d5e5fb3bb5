"""Names and numbers that callers use."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from fastlabel.modalities.base import MB
from fastlabel.modalities.image import MULTI_IMAGE_CLASSIFICATION, STILL


class AnnotationType(StrEnum):
    """The shapes of annotations; members are plain strings wherever one is expected."""

    bbox = "bbox"
    polygon = "polygon"
    keypoint = "keypoint"
    line = "line"
    circle = "circle"
    segmentation = "segmentation"
    classification = "classification"
    pose_estimation = "pose_estimation"


class Priority(IntEnum):
    """Priorities of tasks; members are plain integers wherever one is expected."""

    none = 0
    low = 10
    medium = 20
    high = 30


class DatasetObjectType(StrEnum):
    """The split an object of a dataset belongs to."""

    none = "none"
    train = "train"
    valid = "valid"
    test = "test"


# Most bytes of a file, inclusive.
SUPPORTED_IMAGE_SIZE = STILL.max_bytes
SUPPORTED_VIDEO_SIZE = 250 * MB
SUPPORTED_TEXT_SIZE = 2 * MB
SUPPORTED_AUDIO_SIZE = 120 * MB
SUPPORTED_DICOM_SIZE = 2000 * MB
SUPPORTED_PCD_SIZE = 100 * MB
SUPPORTED_OBJECT_SIZE = 250 * MB
SUPPORTED_INFERENCE_IMAGE_SIZE = 6 * MB

# Most bytes of all files of a task together.
SUPPORTED_CONTENTS_SIZE = MULTI_IMAGE_CLASSIFICATION.max_files_bytes

TASK_TAGS_UPDATE_TASK_IDS_LIMIT = 5000

# ColorBrewer's sets Set1, Set2, Set3, Paired, Accent and Dark2 after black for the
# background. https://colorbrewer2.org
_PALETTE_HEX = (
    "000000 e41a1c 377eb8 4daf4a 984ea3 ff7f00 ffff33 a65628 f781bf 999999 "
    "66c2a5 fc8d62 8da0cb e78ac3 a6d854 ffd92f e5c494 b3b3b3 "
    "8dd3c7 ffffb3 bebada fb8072 80b1d3 fdb462 b3de69 fccde5 d9d9d9 bc80bd ccebc5 ffed6f "
    "a6cee3 1f78b4 b2df8a 33a02c fb9a99 e31a1c fdbf6f ff7f00 cab2d6 6a3d9a ffff99 b15928 "
    "7fc97f beaed4 fdc086 ffff99 386cb0 f0027f bf5b16 666666 "
    "1b9e77 d95f02 7570b3 e7298a 66a61e e6ab02 a6761d 666666"
)

COLOR_PALETTE = list(bytes.fromhex(_PALETTE_HEX))
"""58 colours as one flat list r, g, b, r, g, b, ...; the first is the background."""

COLOR_PALLETE = COLOR_PALETTE
"""The spelling of the documentation."""
