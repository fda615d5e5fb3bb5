"""COCO files as tasks.

Beyond the specification: boxes and polygons as this platform writes them come back as they
were (rotated boxes, regions with hollows), and so do the boxes of the official client 0.14.13,
whose `segmentation` are the two corners.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import ReadTask
from fastlabel.formats.folders import media_beside
from fastlabel.formats.jsontext import load_json
from fastlabel.formats.outlines import box_of_xywh, region_of
from fastlabel.formats.report import ReadReport
from fastlabel.shapes import SHAPES, ShapeError
from fastlabel.shapes.base import LISTS, check_numbers, shown

As = Literal["bbox", "polygon", "segmentation", "pose_estimation"]
TYPES = ("bbox", "polygon", "segmentation", "pose_estimation")
VISIBILITY = {1: 0, 2: 1}
"""COCO's v of a keypoint that is placed, and ours."""


def read(
    source: Path, report: ReadReport, *, annotation_type: As | None = None
) -> Iterator[ReadTask]:
    """Read a COCO file, image by image in its order.

    Without `annotation_type` each annotation becomes what it says most exactly: a pose if its
    category has keypoints, an upright or rotated box, a polygon, or a segmentation if it has
    several regions, hollows, closed rings or a mask.

    Args:
        annotation_type: what all annotations are to become. `bbox` and `polygon` mean the
            same: rectangles become boxes, other outlines polygons, one for each outline.

    Raises:
        FastLabelInvalidException: no such file, or it is no COCO file.
    """
    if annotation_type not in (None, *TYPES):
        raise FastLabelInvalidException(
            f"annotation_type: expected one of {', '.join(TYPES)}, got {annotation_type!r}", 422
        )
    content = load_json(source)
    images, rows, categories = (
        list_of(content, name, source) for name in ("images", "annotations", "categories")
    )
    by_category = {one.get("id"): one for one in categories}
    by_image: dict[Any, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_image[row.get("image_id")].append((index, row))
    for index, one in enumerate(images):
        name = one.get("file_name")
        rows_of_image = by_image.pop(one.get("id"), [])
        if not isinstance(name, str) or not name:
            report.problem(f"{source}: images[{index}].file_name", f"no name, but {shown(name)}")
            continue
        task: dict[str, Any] = {"name": name, "annotations": []}
        task.update((key, one[key]) for key in ("width", "height") if key in one)
        for at, labelled in rows_of_image:
            where = f"{source}: annotations[{at}]"
            try:
                read_row = _annotations(labelled, by_category, one, annotation_type)
            except (ShapeError, LookupError, ValueError) as error:
                report.problem(where, str(error))
                continue
            task["annotations"] += read_row
            report.annotations += len(read_row)
        report.images += 1
        yield ReadTask(task, media_beside(source, name))
    for image_id, lost in by_image.items():
        for at, _ in lost:
            report.problem(
                f"{source}: annotations[{at}].image_id", f"there is no image {image_id!r}"
            )


def list_of(content: Any, name: str, source: Path) -> list[dict[str, Any]]:
    """Return a list of a COCO file.

    Raises:
        FastLabelInvalidException: it is no list of objects.
    """
    found = content.get(name, []) if isinstance(content, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise FastLabelInvalidException(
            f"{source}: {name}: expected a list of objects; COCO files have "
            "images, annotations and categories",
            422,
        )
    return found


def _annotations(
    row: Mapping[str, Any],
    categories: Mapping[Any, Mapping[str, Any]],
    image: Mapping[str, Any],
    wanted: As | None,
) -> list[dict[str, Any]]:
    """Return what a COCO annotation stands for.

    Raises:
        ShapeError, ValueError: names the field below the annotation and its value.
    """
    category = categories.get(row.get("category_id"))
    if category is None:
        raise ValueError(f".category_id: there is no category {row.get('category_id')!r}")
    common = {
        "value": category.get("name") or category.get("supercategory"),
        "attributes": [
            {"key": key, "value": value} for key, value in (row.get("attributes") or {}).items()
        ],
    }
    if not common["value"]:
        raise ValueError(f".category_id: category {row.get('category_id')!r} has no name")
    keypoints = _keypoints(row, category)
    segmentation = row.get("segmentation")
    if wanted == "pose_estimation" or (wanted is None and keypoints and not segmentation):
        return [{"type": "pose_estimation", **common, "keypoints": keypoints}]
    shapes = _shapes(row, segmentation, image, wanted)
    for shape in shapes:
        SHAPES[shape["type"]].check(shape, "")
        if keypoints and shape["type"] == "bbox" and wanted is None:
            shape["keypoints"] = keypoints
    return [{**shape, **common} for shape in shapes]


def _shapes(
    row: Mapping[str, Any], segmentation: Any, image: Mapping[str, Any], wanted: As | None
) -> list[dict[str, Any]]:
    if isinstance(segmentation, dict):
        from fastlabel.masks import regions_of_rle  # numpy and OpenCV come with it

        regions = regions_of_rle(segmentation, ".segmentation")
        if wanted in ("bbox", "polygon"):
            return [_polygon(ring) for region in regions for ring in region[:1]]
        return [{"type": "segmentation", "points": regions}] if regions else []
    if not segmentation:
        return [_box_of(row, image)]
    if not isinstance(segmentation, LISTS):
        raise ShapeError(f".segmentation: expected a list of rings, got {shown(segmentation)}")
    for index, ring in enumerate(segmentation):
        where = f".segmentation[{index}]"
        numbers = check_numbers(ring, where, "[x1, y1, x2, y2, ...]")
        if len(numbers) % 2 or len(numbers) < 4:
            raise ShapeError(f"{where}: x and y come in pairs, got {len(numbers)} numbers")
    if wanted == "segmentation":
        return [{"type": "segmentation", "points": list(map(region_of, segmentation))}]
    if len(segmentation) == 1:
        box = _box(segmentation[0], row.get("rotation") or 0)
        if box:
            return [box]
    if wanted:
        return [_box(ring, 0) or _polygon(ring) for ring in segmentation]
    regions = list(map(region_of, segmentation))
    is_plain = len(regions) == 1 and len(regions[0]) == 1
    if is_plain and segmentation[0][:2] != segmentation[0][-2:]:
        return [{"type": "polygon", "points": segmentation[0]}]
    return [{"type": "segmentation", "points": regions}]


def _polygon(ring: Sequence[float]) -> dict[str, Any]:
    return {"type": "polygon", "points": ring}


def _box_of(row: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any]:
    box_xywh = row.get("bbox")
    if not box_xywh:
        raise ShapeError(".segmentation: empty, and there is no bbox")
    return {"type": "bbox", "points": box_of_xywh(box_xywh)}


def _box(ring: Sequence[float], rotation_deg: float) -> dict[str, Any] | None:
    """Return the box whose outline a ring is, None if it is no box's."""
    if len(ring) == 4:  # two corners, as the official client 0.14.13 has them
        return {"type": "bbox", "points": list(ring)}
    if len(ring) == 10 and list(ring[:2]) == list(ring[8:]):
        ring = ring[:8]
    if len(ring) != 8:
        return None
    found: dict[str, Any] = {"type": "bbox"}
    if rotation_deg % 360:
        (min_x, min_y), (max_x, max_y) = ring[:2], ring[4:6]
        turned = geometry.rotated(ring, -rotation_deg, ((min_x + max_x) / 2, (min_y + max_y) / 2))
        ring = [round(number, 6) for number in turned]
        found["rotation"] = rotation_deg
    x1, y1, x2, y2 = ring[0], ring[1], ring[4], ring[5]
    corners = list(ring)
    if corners in ([x1, y1, x2, y1, x2, y2, x1, y2], [x1, y1, x1, y2, x2, y2, x2, y1]):
        return {**found, "points": [x1, y1, x2, y2]}
    return None


def _keypoints(row: Mapping[str, Any], category: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the keypoints that are placed.

    Raises:
        ValueError: their number is not the category's, or a v is neither 0, 1 nor 2.
    """
    numbers = row.get("keypoints") or []
    keys = category.get("keypoints") or []
    if not numbers:
        return []
    check_numbers(numbers, ".keypoints", "[x1, y1, v1, ...]")
    if len(numbers) != 3 * len(keys):
        raise ValueError(
            f".keypoints: expected x, y, v for each of the category's {len(keys)} keypoints, "
            f"got {len(numbers)} numbers"
        )
    placed = []
    for index, key in enumerate(keys):
        x, y, v = numbers[3 * index : 3 * index + 3]
        if v == 0:
            continue
        if v not in VISIBILITY:
            raise ValueError(
                f".keypoints[{3 * index + 2}]: v is 0 (not placed), 1 (occluded) or 2 (visible), "
                f"got {v}"
            )
        placed.append({"key": key, "value": [x, y, VISIBILITY[v]]})
    return placed
