"""Names that scripts of the older client import; `fastlabel.masks` has the work."""

from __future__ import annotations

from typing import Any

__all__ = ["mask_to_segmentation"]


def mask_to_segmentation(mask_image: Any) -> list[list[list[float]]]:
    """Return the regions of a mask, an image file or array, before slants become stairs."""
    # Slow to import, and few need them.
    from fastlabel.masks.contours import traced_regions
    from fastlabel.masks.image import mask_image_pixels

    return traced_regions(mask_image_pixels(mask_image))
