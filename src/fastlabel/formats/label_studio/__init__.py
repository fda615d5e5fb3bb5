"""Label Studio: a JSON list of tasks with their regions, and the labeling configuration for it.

Specification: https://labelstud.io/guide/export and https://labelstud.io/guide/task_format
Axes: percent of the image's width and height, origin top left, x right, y down. A box turns
clockwise on screen about its top left corner, which ours does about the centre: `x` and `y`
are where that corner lies once the box is turned. Spans of text count code points, spans of
audio seconds.

`labeling_config.xml` beside the tasks makes a project that shows them. Attributes are
controls for each region: numbers `Number`, choices and lists `Choices`, others `TextArea`.

Lost on the way out: lines, which Label Studio has no form for. A segmentation becomes a
polygon for each region, hollows joined to it by cuts; a pose or the keypoints of a box become
a box and points in it, without whether they are visible. The report counts them. `meta` says
which regions were one, so that our reader joins them again. Coordinates come back to a
millionth of a pixel; truth values come back as the texts `true` and `false`, lists of one as
a text.

The reader takes beyond that: regions whose label is another result with their id, several
labels for one region (an annotation each), and the paths that Label Studio gives to files
that were uploaded or lie in local storage. Of several annotations of a task the first that
was not cancelled counts, the others are named.
"""

from __future__ import annotations

from fastlabel.formats.base import Format
from fastlabel.formats.label_studio.read import read
from fastlabel.formats.label_studio.write import write

__all__ = ["LABEL_STUDIO", "read", "write"]

LABEL_STUDIO = Format(
    "label-studio",
    "Label Studio",
    ("image", "video", "text", "audio"),
    write=write,
    read=read,
    takes="a .json file",
)
