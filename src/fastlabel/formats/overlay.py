"""Images with their annotations drawn over them, for people to look at.

Boxes, polygons and segmentations are outlined or filled in the colour of their class, the fill
thin enough to see through; lines, keypoints, circles and poses are drawn strongly. Strokes are
as wide as the image needs. Rotated boxes are drawn rotated, and images lie as they are shown
to annotators (EXIF orientation). The official client 0.26.0 ignores rotation, and draws
everything after a keypoint or pose as strongly as that; with `compat="official"` so does this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Task
from fastlabel.formats.checks import NO_POINTS, flaw
from fastlabel.formats.outlines import ROTATION_IGNORED, rotation_of
from fastlabel.formats.parallel import in_threads
from fastlabel.formats.report import Report
from fastlabel.formats.target import FileNames, Folder
from fastlabel.shapes import SHAPES
from fastlabel.types import Compat

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Rgb = tuple[int, int, int]

EXTENSIONS = frozenset((".jpeg", ".jpg", ".png", ".tif", ".tiff", ".bmp"))
JPEG_QUALITY = 95
STRONG, THIN = 200, 50
"""Alpha of strokes and of fills, of 255."""
PIXELS_PER_STROKE = 300
"""Of the image's shorter side, for each pixel of a stroke's width."""
KEYPOINT_RADIUS, POSE_RADIUS = 2, 7
FURTHEST = float(1 << 16)
"""Coordinates beyond this are cut off there: Pillow goes along every pixel of a line."""

_COLOR = re.compile(r"#([0-9a-fA-F]{6})")

NO_FORM = "this type is not drawn"
NO_COLOR = "no colour of the form #rrggbb"
NO_IMAGE = "no image of this name in the folder"
NO_TASK = "images without a task of their name"
FAILED = "the image cannot be read or written"


def draw_folder(
    tasks: Iterable[Task],
    image_dir: Path | str,
    output_dir: Path | str,
    *,
    strict: bool = False,
    compat: Compat = None,
    progress: Callable[[], object] | None = None,
) -> Report:
    """Draw the annotations of each task over the image of its name in a folder.

    Args:
        image_dir: has the images, in folders where the tasks' names have them.
        output_dir: takes the drawn images under the same names; it cannot be `image_dir`.
        strict: raise at the first image or annotation that cannot be drawn.
        progress: called after each image.

    Raises:
        FastLabelInvalidException: no such folder, both are the same, or a loss where strict.
    """
    source, target = Path(image_dir), Folder(output_dir)
    if not source.is_dir():
        raise FastLabelInvalidException(f"image_dir: {source} is no folder", 422)
    if source.resolve() == target.root.resolve():
        raise FastLabelInvalidException(
            f"output_dir: {target.root} is image_dir; the images would be lost", 422
        )
    report = Report(target.root, strict=strict)
    images = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.suffix.lower() in EXTENSIONS and path.is_file()
    }
    drawn_images: set[str] = set()

    def found() -> Iterator[_Work]:
        names = FileNames(report.renamed)
        for task in tasks:
            name = str(task.get("name"))
            if name in images:
                drawn_images.add(name)
                yield _Work(task, source / name, names.place(name, None), compat)
            else:
                report.skip(task, NO_IMAGE)

    for work, result in in_threads(_Work.done, found()):
        if isinstance(result, bytes):
            target.write(work.path, result)
            report.images += 1
            _count(work, report)
        else:
            where = f"{work.task['name']}: {result}"
            report.skip({**work.task, "name": where}, FAILED)
        if progress:
            progress()
    without = sorted(images - drawn_images)
    if without:
        # No label is lost with them, so a strict export does not stop.
        report.skipped[NO_TASK] += len(without)
        report.examples.setdefault(NO_TASK, without[0])
    return report


def drawn(
    image: Image.Image, annotations: Sequence[Mapping[str, Any]], *, compat: Compat = None
) -> Image.Image:
    """Return a new RGB image with annotations drawn over it, in their order.

    Those that cannot be drawn are passed over; `reason_to_leave_out` tells which.
    """
    from PIL import ImageDraw  # only drawing needs it

    canvas = image.convert("RGB") if image.mode != "RGB" else image.copy()
    pen = _Pen(canvas, ImageDraw.Draw(canvas, "RGBA"), _stroke(canvas.size), compat)
    for annotation in annotations:
        if reason_to_leave_out(annotation) is None:
            DRAW[annotation["type"]](pen, annotation, _rgb(annotation))
    return canvas


def reason_to_leave_out(annotation: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return why an annotation is not drawn and what its shape says, None if it is."""
    found = flaw(annotation, DRAWN, NO_FORM)
    if found is not None:
        return found
    if not annotation.get("points") and not annotation.get("keypoints"):
        return NO_POINTS, ""
    if not isinstance(annotation.get("color"), str) or not _COLOR.fullmatch(annotation["color"]):
        return NO_COLOR, ""
    return None


@dataclass(frozen=True)
class _Work:
    """One image to draw."""

    task: Task
    source: Path
    path: str
    compat: Compat

    def done(self) -> tuple[_Work, bytes | Exception]:
        """Return the file's bytes, or why there are none."""
        from PIL import Image, ImageOps

        try:
            with Image.open(self.source) as opened:
                image_format = opened.format
                ImageOps.exif_transpose(opened, in_place=True)
                image = drawn(opened, self.task.get("annotations") or (), compat=self.compat)
            output = BytesIO()
            image.save(output, image_format, quality=JPEG_QUALITY)
        # Pillow tells of broken files by SyntaxError and ValueError too, and of huge ones.
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            return self, error
        return self, output.getvalue()


def _count(work: _Work, report: Report) -> None:
    for place, annotation in enumerate(work.task.get("annotations") or ()):
        where = f"{work.task['name']}: annotations[{place}]"
        reason = reason_to_leave_out(annotation)
        if reason:
            report.leave_out(annotation, reason[0], where + reason[1])
            continue
        report.wrote(annotation)
        if work.compat and rotation_of(annotation):
            report.change(annotation, ROTATION_IGNORED, where)


@dataclass
class _Pen:
    canvas: Image.Image
    draw: ImageDraw.ImageDraw
    stroke: int
    compat: Compat

    def radius(self, at_least: int) -> int:
        radius = max(self.stroke, at_least)
        if self.compat:
            # The official client's radius becomes the stroke of what follows.
            self.stroke = radius
        return radius

    def ellipse(self, x: float, y: float, radius: float, color: tuple[int, ...]) -> None:
        self.draw.ellipse(_cut([x - radius, y - radius, x + radius, y + radius]), fill=color)


def _bbox(pen: _Pen, annotation: Mapping[str, Any], rgb: Rgb) -> None:
    points = annotation["points"]
    if (annotation.get("rotation") or 0) % 360 and not pen.compat:
        [[ring]] = SHAPES["bbox"].rings(annotation)
        _ring(pen, ring, rgb)
    else:
        # Pillow takes corners in one order only.
        box = geometry.bounds_xyxy(points)
        pen.draw.rectangle(_cut(box), (*rgb, THIN), (*rgb, STRONG), pen.stroke)


def _polygon(pen: _Pen, annotation: Mapping[str, Any], rgb: Rgb) -> None:
    _ring(pen, annotation["points"], rgb)


def _ring(pen: _Pen, ring: Sequence[float], rgb: Rgb) -> None:
    points = _cut(ring)
    pen.draw.line([*points, *points[:2]], (*rgb, STRONG), pen.stroke)
    pen.draw.polygon(points, (*rgb, THIN))


def _line(pen: _Pen, annotation: Mapping[str, Any], rgb: Rgb) -> None:
    pen.draw.line(_cut(annotation["points"]), (*rgb, STRONG), pen.stroke)


def _keypoint(pen: _Pen, annotation: Mapping[str, Any], rgb: Rgb) -> None:
    x, y = annotation["points"]
    pen.ellipse(x, y, pen.radius(KEYPOINT_RADIUS), (*rgb, STRONG))


def _circle(pen: _Pen, annotation: Mapping[str, Any], rgb: Rgb) -> None:
    x, y, radius = annotation["points"]
    pen.ellipse(x, y, radius, (*rgb, STRONG))


def _segmentation(pen: _Pen, annotation: Mapping[str, Any], rgb: Rgb) -> None:
    import numpy as np
    from PIL import Image

    from fastlabel.masks import patch

    width, height = pen.canvas.size
    found = patch(annotation, (height, width))
    if found is not None:
        rows, columns = found.window
        alpha = Image.fromarray(found.mask.astype(np.uint8) * np.uint8(THIN))
        pen.canvas.paste(rgb, (columns.start, rows.start), alpha)


def _pose(pen: _Pen, annotation: Mapping[str, Any], rgb: Rgb) -> None:
    radius = pen.radius(POSE_RADIUS)
    placed = {one["key"]: one["value"] for one in annotation["keypoints"] if one["value"]}
    linked = set()
    for keypoint in annotation["keypoints"]:
        for other in keypoint.get("edges") or ():
            pair = frozenset((keypoint["key"], other))
            if pair not in linked and pair <= placed.keys():
                linked.add(pair)
                ends = [*placed[keypoint["key"]][:2], *placed[other][:2]]
                pen.draw.line(_cut(ends), (*rgb, STRONG), radius)
    for x, y, _ in placed.values():
        pen.ellipse(x, y, radius, (*rgb, 255))


DRAW: dict[str, Callable[[_Pen, Mapping[str, Any], Rgb], None]] = {
    "bbox": _bbox,
    "polygon": _polygon,
    "line": _line,
    "keypoint": _keypoint,
    "circle": _circle,
    "segmentation": _segmentation,
    "pose_estimation": _pose,
}
"""How a type looks."""
DRAWN = {name: SHAPES[name] for name in DRAW}


def _stroke(size_wh: tuple[int, int]) -> int:
    return max(1, min(size_wh) // PIXELS_PER_STROKE)


def _rgb(annotation: Mapping[str, Any]) -> Rgb:
    red, green, blue = bytes.fromhex(annotation["color"][1:])
    return red, green, blue


def _cut(numbers: Sequence[float]) -> list[float]:
    return [min(max(number, -FURTHEST), FURTHEST) for number in numbers]
