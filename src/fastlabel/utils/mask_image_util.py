"""Names that scripts of the older client import; `fastlabel.masks` has the work."""

from __future__ import annotations

from typing import Any

from fastlabel.utils import mask_to_segmentation

__all__ = ["mask_to_polygon", "mask_to_segmentation"]


def mask_to_polygon(mask_image: Any) -> list[float]:
    """Return the last outer contour of a mask as a simplified polygon, `[]` if it has none.

    The polygon runs through the middle of pixels and stays within 3 of them; hollows and
    other contours are lost. `mask_to_segmentation` keeps all.
    """
    from fastlabel.masks.contours import simplified_polygon
    from fastlabel.masks.image import mask_image_pixels

    return simplified_polygon(mask_image_pixels(mask_image))
