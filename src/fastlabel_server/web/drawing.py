"""Annotations as SVG, in the coordinates of their picture.

Every value is escaped by `Markup.format`. Colours come from the group's `color`, widths and
transparency from the style sheet, so that a shape here is nothing but its geometry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from fastlabel.shapes import SHAPES

Annotation = Mapping[str, Any]


def drawn(annotations: Sequence[Annotation]) -> Markup:
    """Return all annotations as SVG groups `shape-1`, ..., small ones above large ones."""
    numbered = sorted(enumerate(annotations, start=1), key=lambda pair: -_extent(pair[1]))
    return Markup("\n").join(_group(number, annotation) for number, annotation in numbered)


def _group(number: int, annotation: Annotation) -> Markup:
    return Markup(
        '<a href="#annotation-{number}" tabindex="-1">'
        '<g id="shape-{number}" class="shape" color="{color}"><title>{number} {title}</title>'
        "{shape}</g></a>"
    ).format(
        number=number,
        color=annotation["color"],
        title=annotation["title"],
        shape=DRAWERS[annotation["type"]](annotation),
    )


def _extent(annotation: Annotation) -> float:
    bounds = SHAPES[annotation["type"]].bounds_xyxy(annotation)
    if bounds is None:
        return 0.0
    x1, y1, x2, y2 = bounds
    return float((x2 - x1) * (y2 - y1))


def _bbox(annotation: Annotation) -> Markup:
    x1, y1, x2, y2 = annotation["points"]
    box = Markup(
        '<rect class="area" x="{}" y="{}" width="{}" height="{}" transform="rotate({} {} {})"/>'
    ).format(
        min(x1, x2),
        min(y1, y2),
        abs(x2 - x1),
        abs(y2 - y1),
        annotation["rotation"],
        (x1 + x2) / 2,
        (y1 + y2) / 2,
    )
    return box + _pose(annotation)


def _polygon(annotation: Annotation) -> Markup:
    return Markup('<polygon class="area" points="{}"/>').format(_pairs(annotation["points"]))


def _segmentation(annotation: Annotation) -> Markup:
    # A path for each region: with all in one, even-odd would cut out where two overlap.
    return Markup("").join(
        Markup('<path class="area" fill-rule="evenodd" d="{}"/>').format(
            " ".join(f"M{_pairs(ring)}Z" for ring in region)
        )
        for region in annotation["points"]
    )


def _keypoint(annotation: Annotation) -> Markup:
    return _dot(annotation["points"])


def _line(annotation: Annotation) -> Markup:
    return Markup('<polyline class="stroke" points="{}"/>').format(_pairs(annotation["points"]))


def _circle(annotation: Annotation) -> Markup:
    return Markup('<circle class="area" cx="{}" cy="{}" r="{}"/>').format(*annotation["points"])


def _pose(annotation: Annotation) -> Markup:
    placed = {
        keypoint["key"]: keypoint for keypoint in annotation["keypoints"] if keypoint["value"]
    }
    # Both ends name an edge; it is drawn once.
    edges = {
        tuple(sorted((key, other)))
        for key, keypoint in placed.items()
        for other in keypoint["edges"]
        if other in placed
    }
    limbs = [
        Markup('<polyline class="stroke" points="{}"/>').format(
            _pairs([*placed[start]["value"][:2], *placed[end]["value"][:2]])
        )
        for start, end in sorted(edges)
    ]
    dots = [
        _dot(keypoint["value"][:2], title=keypoint["name"], is_visible=bool(keypoint["value"][2]))
        for keypoint in placed.values()
    ]
    return Markup("").join([*limbs, *dots])


def _nothing(annotation: Annotation) -> Markup:
    return Markup("")


def _dot(point_xy: Sequence[float], title: str = "", *, is_visible: bool = True) -> Markup:
    """Return a point that keeps its size on the screen: a line of no length with round ends."""
    x, y = point_xy
    name = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup('<g class="dot{}">{}<path d="M{} {}h0"/><path d="M{} {}h0"/></g>').format(
        "" if is_visible else " hidden", name, x, y, x, y
    )


def _pairs(points: Sequence[float]) -> str:
    return " ".join(f"{x},{y}" for x, y in zip(points[0::2], points[1::2], strict=True))


DRAWERS: dict[str, Callable[[Annotation], Markup]] = {
    "bbox": _bbox,
    "polygon": _polygon,
    "segmentation": _segmentation,
    "keypoint": _keypoint,
    "line": _line,
    "circle": _circle,
    "pose_estimation": _pose,
    "classification": _nothing,
}
