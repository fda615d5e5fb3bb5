"""Labels that others have, turned into annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastlabel.endpoint import composed
from fastlabel.steps import Resource, Steps, blocking

if TYPE_CHECKING:
    from fastlabel.masks import MaskImage, Regions


class Conversions(Resource):
    @composed
    def mask_to_fastlabel_segmentation_points(self, mask_image: MaskImage) -> Steps[Regions]:
        """Return the `points` of a segmentation that covers exactly the pixels of a mask.

        Regions run along the borders of pixels, outlines clockwise and hollows against it.
        Islands in hollows are regions of their own. Pixels that touch at a corner belong
        together. A mask without pixels gives `[]`.

        Args:
            mask_image: path of an image, in which all that is not black counts, or an array
                of shape (height, width), in which all but 0 does.

        Raises:
            FastLabelInvalidException: no such file, it is no image, or an array of other shape.
        """
        from fastlabel.masks import mask_image_pixels, regions_of_mask

        def regions() -> Regions:
            return regions_of_mask(mask_image_pixels(mask_image))

        return (yield from blocking(regions))
