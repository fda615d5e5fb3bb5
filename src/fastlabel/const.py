"""Names and numbers that callers use."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from fastlabel.modalities.audio import RECORDING
from fastlabel.modalities.base import CONTENTS_BYTES, MB
from fastlabel.modalities.dicom import ARCHIVE
from fastlabel.modalities.image import STILL
from fastlabel.modalities.pcd import CLOUD
from fastlabel.modalities.text import TXT
from fastlabel.modalities.video import MP4


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
    ner = "ner"
    cuboid = "cuboid"
    sub_task = "sub_task"


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
SUPPORTED_VIDEO_SIZE = MP4.max_bytes
SUPPORTED_TEXT_SIZE = TXT.max_bytes
SUPPORTED_AUDIO_SIZE = RECORDING.max_bytes
SUPPORTED_DICOM_SIZE = ARCHIVE.max_bytes
SUPPORTED_PCD_SIZE = CLOUD.max_bytes
SUPPORTED_OBJECT_SIZE = 250 * MB
SUPPORTED_INFERENCE_IMAGE_SIZE = 6 * MB

# Most bytes of all files of a task together.
SUPPORTED_CONTENTS_SIZE = CONTENTS_BYTES

TASK_TAGS_UPDATE_TASK_IDS_LIMIT = 5000

MODULE_PATHS = {"annotation": "annotation", "modelDev": "model-dev", "dataset": "dataset"}
"""Modules that users of the workspace are permitted, and how paths of the API spell them."""

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
