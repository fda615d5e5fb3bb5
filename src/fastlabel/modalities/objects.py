"""Objects of datasets: which files they may be, said once."""

from __future__ import annotations

from dataclasses import replace

from fastlabel.modalities.audio import RECORDING
from fastlabel.modalities.base import MB, FileError, FileRule, listed
from fastlabel.modalities.image import STILL_OR_GIF
from fastlabel.modalities.pcd import CLOUD
from fastlabel.modalities.text import TXT
from fastlabel.modalities.video import MP4

MAX_BYTES = 250 * MB
"""Of one object, inclusive."""
SLICE = FileRule(modality="dicom", formats=("dicom",), extensions=(".dcm",), max_bytes=MAX_BYTES)
OBJECT_FILES: tuple[FileRule, ...] = tuple(
    replace(rule, max_bytes=MAX_BYTES) for rule in (STILL_OR_GIF, MP4, RECORDING, TXT, CLOUD, SLICE)
)
"""By their extension; the modality is the object's `kind`."""


def object_rule(name: str, size_bytes: int) -> FileRule:
    """Return the rule that an object of a dataset follows.

    Raises:
        FileError: no object has such an extension, or it is too large.
    """
    for rule in OBJECT_FILES:
        if name.lower().endswith(rule.extensions):
            rule.check_size(size_bytes, name, "datasets")
            return rule
    extensions = [extension for rule in OBJECT_FILES for extension in rule.extensions]
    raise FileError(f"{name}: datasets take {listed(extensions)} files")
