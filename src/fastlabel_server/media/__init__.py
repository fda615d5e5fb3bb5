"""What the server reads from files: one module per modality.

A probe refuses a file that is not what its task kind takes, and measures what every task of
that kind shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from fastlabel.modalities import FileRule
from fastlabel_server.media import image
from fastlabel_server.media.image import Measured


@dataclass(frozen=True)
class Probe:
    """What the server can do with the files of one modality."""

    measure: Callable[[BinaryIO, str, FileRule, int], Measured]
    """Source, name for messages, rule, most pixels."""
    strip_metadata: Callable[[bytes], bytes]
    thumbnail: Callable[[BinaryIO, int], bytes]


PROBES: dict[str, Probe] = {
    "image": Probe(image.measure, image.strip_metadata, image.thumbnail),
}

__all__ = ["PROBES", "Measured", "Probe"]
