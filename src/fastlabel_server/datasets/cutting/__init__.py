"""What the parts of a file get of its annotations: one module per modality."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastlabel_server.datasets.cutting import audio, image, video

Cut = Callable[[Sequence[Mapping[str, Any]], Mapping[str, Any]], list[list[dict[str, Any]]]]
"""Annotations of the whole and the plan of its splitter: those of each part, in its places.

Raises ShapeError where an annotation has not the geometry of its type.
"""

CUTS: dict[str, Cut] = {"image": image.cut, "video": video.cut, "audio": audio.cut}
"""By the modality, as `media.SPLITTERS`."""
