"""Files that were split into tasks, put together again."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from fastlabel.endpoint import get
from fastlabel.steps import Call, Resource
from fastlabel.types import IntegratedTask


class Integration(Resource):
    @get("tasks/integrate/images")
    def find_integrated_image_task_by_prefix(
        self, project: str, prefix: str
    ) -> Call[IntegratedTask]:
        """Return the annotations of a picture whose tiles are the tasks `PREFIX/1.EXT`, ...

        Tiles lie row by row, in a square grid where the split recorded no other. Boxes and
        polygons of one class that meet at a seam become one annotation; other shapes, and
        boxes that are turned, stay as they are.

        Raises:
            FastLabelNotFoundException: there are no such tasks.
            FastLabelInvalidException: a tile is missing, or the project holds no pictures.
        """

    @get("tasks/integrate/videos")
    def find_integrated_video_task_by_prefix(
        self, project: str, prefix: str
    ) -> Call[IntegratedTask]:
        """Return the annotations of a video whose parts are the tasks `PREFIX/1.EXT`, ...

        Frames are counted through all parts. An object of the last frame of a part goes on
        in one of the next part that is of its class and lies where it was.

        Raises:
            FastLabelNotFoundException: there are no such tasks.
            FastLabelInvalidException: a part is missing, or the project holds no videos.
        """

    @get("tasks/integrate/audios")
    def find_integrated_audio_task_by_prefix(
        self, project: str, prefix: str
    ) -> Call[IntegratedTask]:
        """Return the annotations of a recording whose parts are the tasks `PREFIX/1.EXT`, ...

        Times are counted through all parts. A segment that ends with its part and one of its
        class that starts with the next are one, 0.05 s more or less.

        Raises:
            FastLabelNotFoundException: there are no such tasks.
            FastLabelInvalidException: a part is missing, or the project holds no recordings.
        """
