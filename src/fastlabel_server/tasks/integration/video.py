"""Videos: frames counted through all parts; objects that go on in the next part are one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from fastlabel.shapes import SHAPES
from fastlabel_server.tasks.integration.parts import Annotation, Parts, object_key

if TYPE_CHECKING:
    # Imported where it is needed: it would be a part of every start of the server.
    import shapely

LEAST_OVERLAP: Final = 0.5
"""Intersection over union of boxes that are one object."""
FARTHEST: Final = 0.05
"""Of the diagonal: Hausdorff distance of points, and of lines, that are one object."""


def merged(whole: Parts) -> list[dict[str, Any]]:
    """Return the objects of all parts with their frames, in the order of their first ones."""
    found: list[Annotation] = []
    open_at_end: list[Annotation] = []
    offset = 0
    for part in whole.parts:
        count = part.media["frameCount"]
        limit = FARTHEST * math.hypot(part.media["width"], part.media["height"])
        before = _followed(open_at_end, part.annotations, offset, limit)
        open_at_end = []
        for number, annotation in enumerate(part.annotations):
            frames = annotation["points"]
            shifted = {str(int(frame) + offset): value for frame, value in frames.items()}
            if number in before:
                track = before[number]
                track["points"] = {**track["points"], **shifted}
            else:
                track = {**annotation, "points": shifted}
                found.append(track)
            if str(count) in frames:
                open_at_end.append(track)
        offset += count
    return [{key: value for key, value in track.items() if key != "id"} for track in found]


def _followed(
    tracks: Sequence[Annotation], annotations: Sequence[Annotation], last: int, limit: float
) -> dict[int, Annotation]:
    """Return which object each annotation of the next part goes on with, by their index.

    The nearest are matched first, and each at most once.
    """
    groups: defaultdict[bytes, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for number, track in enumerate(tracks):
        groups[object_key(track)][0].append(number)
    for number, annotation in enumerate(annotations):
        if "1" in annotation["points"]:
            groups[object_key(annotation)][1].append(number)
    found: dict[int, Annotation] = {}
    for earlier, later in groups.values():
        ends = [_geometry(tracks[number], str(last)) for number in earlier]
        starts = [_geometry(annotations[number], "1") for number in later]
        taken: set[int] = set()
        for _, start, end in sorted(_near(starts, ends, limit)):
            if later[start] not in found and end not in taken:
                taken.add(end)
                found[later[start]] = tracks[earlier[end]]
    return found


def _geometry(annotation: Annotation, frame: str) -> shapely.Geometry:
    """Return the shape of an object in one frame: its area, or else its points."""
    import shapely

    seen = annotation["points"][frame]
    rotation = seen.get("rotation")
    place = {
        "points": seen["value"],
        "rotation": annotation["rotation"] if rotation is None else rotation,
    }
    for [ring] in SHAPES[annotation["type"]].rings(place):
        area = shapely.Polygon(_corners(ring))
        if area.area > 0:
            return area
    corners = _corners(seen["value"])
    return shapely.LineString(corners) if len(corners) > 1 else shapely.Point(corners)


def _corners(points: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(points[::2], points[1::2], strict=True))


def _near(
    starts: Sequence[shapely.Geometry], ends: Sequence[shapely.Geometry], limit: float
) -> Iterable[tuple[float, int, int]]:
    """Yield (difference, start, end) of those that may be one object; less is nearer."""
    import shapely

    if not starts or not ends:
        return
    pairs = shapely.STRtree(ends).query(starts, predicate="dwithin", distance=limit)
    for start, end in pairs.T.tolist():
        one, other = starts[start], ends[end]
        if one.area and other.area:
            shared = one.intersection(other).area
            overlap = shared / (one.area + other.area - shared)
            if overlap >= LEAST_OVERLAP:
                yield 1 - overlap, start, end
        elif not one.area and not other.area:
            distance = one.hausdorff_distance(other)
            if distance <= limit:
                yield distance, start, end
