"""Annotations as SVG, in the coordinates of their picture.

One that moves is drawn as it is in one frame: `at_frame` makes it one that stands still.
Every value is escaped by `Markup.format`. Colours come from the group's `color`, widths and
transparency from the style sheet, so that a shape here is nothing but its geometry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from fastlabel.shapes import SHAPES

Annotation = Mapping[str, Any]
Numbered = tuple[int, Annotation]
"""An annotation with its place in the task, from 1."""


MOST_NUMBERS = 200_000
"""Coordinates in one drawing; about 1.5 MB of a page."""


@dataclass(frozen=True)
class Drawing:
    """Shapes, and how many more there are than a page should carry."""

    shapes: Markup
    numbers: frozenset[int] = frozenset()
    """Of the annotations that are drawn."""
    left_out: int = 0


NOTHING = Drawing(Markup(""))


def drawn(annotations: Iterable[Numbered], most_numbers: int = MOST_NUMBERS) -> Drawing:
    """Return annotations as SVG groups `shape-NUMBER`, small ones above large ones.

    Each leads to its entry in the list, `annotation-NUMBER`.
    """
    return _drawn(annotations, _linked, most_numbers)


def sketched(annotations: Iterable[Numbered], most_numbers: int = 4000) -> Drawing:
    """Return annotations as in `drawn`, without anchors and links: for a picture in a link."""
    return _drawn(annotations, _group, most_numbers)


def at_frame(annotations: Iterable[Numbered], number: int) -> list[Numbered]:
    """Return those of moving annotations that are there in a frame, as they are in it."""
    key = str(number)
    return [
        (index, {**annotation, "points": annotation["points"][key]["value"]})
        for index, annotation in annotations
        if key in annotation["points"]
    ]


def _drawn(
    annotations: Iterable[Numbered],
    draw: Callable[[int, Annotation], Markup],
    most_numbers: int,
) -> Drawing:
    kept, left_out = [], 0
    for number, annotation in annotations:
        numbers = _numbers_in(annotation["points"]) + 8
        if numbers > most_numbers:
            left_out += 1
        else:
            most_numbers -= numbers
            kept.append((number, annotation))
    kept.sort(key=lambda pair: -_extent(pair[1]))
    shapes = Markup("\n").join(draw(number, annotation) for number, annotation in kept)
    return Drawing(shapes, frozenset(number for number, _ in kept), left_out)


def _numbers_in(points: Any) -> int:
    return sum(map(_numbers_in, points)) if isinstance(points, list) else 1


def _linked(number: int, annotation: Annotation) -> Markup:
    return Markup(
        '<a href="#annotation-{0}" tabindex="-1"><g id="shape-{0}" class="shape" color="{1}">'
        "<title>{0} {2}</title>{3}</g></a>"
    ).format(number, annotation["color"], annotation["title"], _shape(annotation))


def _group(number: int, annotation: Annotation) -> Markup:
    return Markup('<g class="shape" color="{}">{}</g>').format(
        annotation["color"], _shape(annotation)
    )


def _shape(annotation: Annotation) -> Markup:
    return DRAWERS[annotation["type"]](annotation)


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
