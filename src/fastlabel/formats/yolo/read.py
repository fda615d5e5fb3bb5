"""YOLO labels as tasks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from fastlabel import geometry
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats import image_sizes
from fastlabel.formats.base import ReadTask
from fastlabel.formats.folders import files_below, images_below
from fastlabel.formats.report import ReadReport
from fastlabel.formats.splits import SPLIT_NAMES
from fastlabel.shapes.base import shown

CLASSES_FILES = ("classes.txt", "obj.names")
ANGLE_DECIMALS = 3
RIGHT_ANGLE_TOLERANCE = 1e-3
"""Of the sides' scalar product in units of their lengths; beyond it corners are no box's."""

Numbers = Sequence[float]


@dataclass(frozen=True)
class Config:
    """What the description of a dataset says."""

    names: Mapping[int, str]
    keypoint_count: int = 0
    values_each: int = 3
    """Of a keypoint: 2 without v, or 3."""
    keypoint_names: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def keys(self, index: int) -> list[str]:
        """Return the keys of the keypoints of a class, numbers where they have no names."""
        given = list(self.keypoint_names.get(index) or ())[: self.keypoint_count]
        return given + [str(at) for at in range(len(given), self.keypoint_count)]


Rows = Callable[[Numbers, int, int, int, Config], dict[str, Any]]
"""Makes type and geometry of the numbers of a row, the image's size and the class index.

Raises ValueError where their count is wrong.
"""


def read(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder of labels for detection; rows of more than four numbers are outlines.

    Args:
        source: the folder, or the `data.yaml` in it.
        classes_file: the names of the classes, one a line, where they lie elsewhere.

    Raises:
        FastLabelInvalidException: no such folder, no labels in it, or no names of classes.
    """
    return _read(source, report, _box_or_outline, classes_file)


def read_segmentation(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder of labels for segmentation, otherwise as `read`.

    An outline becomes a polygon, or a segmentation where it is closed or has bridges.
    """
    return _read(source, report, _outline, classes_file)


def read_obb(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder of rotated boxes, otherwise as `read`; other corners become polygons."""
    return _read(source, report, _corners, classes_file)


def read_pose(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read a folder of poses, otherwise as `read`; `data.yaml` must have `kpt_shape`.

    A row whose box is that of its keypoints becomes a pose, others boxes with keypoints.
    """
    return _read(source, report, _pose, classes_file)


def read_dataset(
    source: Path, report: ReadReport, *, classes_file: Path | str | None = None
) -> Iterator[ReadTask]:
    """Read an Ultralytics dataset; each row is read as what its numbers say.

    Four corners cannot be told from an outline of four points: read rotated boxes as
    `yolo-obb`. A task of a split has its name as `split`.
    """
    return _read(source, report, _any, classes_file)


def _read(
    source: Path, report: ReadReport, rows: Rows, classes_file: Path | str | None
) -> Iterator[ReadTask]:
    folder = source.parent if source.suffix in (".yaml", ".yml") else source
    labels = [path for path in files_below(folder, ".txt") if path.name not in CLASSES_FILES]
    inside = [path.relative_to(folder).parts for path in labels]
    marker = next(
        (name for name in ("labels", "annotations") if any(name in one[:-1] for one in inside)), ""
    )
    if marker:
        labels = [path for path, parts in zip(labels, inside, strict=True) if marker in parts[:-1]]
    if not labels:
        raise FastLabelInvalidException(f"{folder}: there is no .txt file of labels in it", 422)
    config = _config(folder, source, classes_file)
    images = Images.below(folder)
    found = []
    for path in labels:
        stem = path.relative_to(folder).with_suffix("")
        image = images.of_labels(stem, marker)
        if image is None:
            report.problem(str(path), "there is no image of this name, so its size is not known")
        else:
            found.append((image, path))
    pairs = sorted([*found, *((image, None) for image in images.others(found))])
    named = [_name_and_split(image.relative_to(folder)) for image, _ in pairs]
    is_unique = max(Counter(name for name, _ in named).values(), default=1) == 1
    for (image, labelled), (name, split) in zip(pairs, named, strict=True):
        annotations_and_size = _image(labelled, image, config, rows, report)
        if annotations_and_size is None:
            continue
        annotations, (width, height) = annotations_and_size
        task: dict[str, Any] = {
            "name": name if is_unique else _below_images(image.relative_to(folder)),
            "width": width,
            "height": height,
            "annotations": annotations,
        }
        if split:
            task["split"] = split
        yield ReadTask(task, image)


def read_beside(
    folder: Path, classes_file: Path, report: ReadReport, rows: Rows
) -> Iterator[ReadTask]:
    """Read labels that lie beside their images, as the official client does.

    Tasks are named by the path of the image below the folder; images without labels are not
    among them.

    Raises:
        FastLabelInvalidException: no such folder or file.
    """
    config = Config(_names_of(classes_file))
    images = Images.below(folder)
    for path in files_below(folder, ".txt"):
        if path.name == classes_file.name and path.samefile(classes_file):
            continue
        image = images.of_labels(path.relative_to(folder).with_suffix(""), "")
        if image is None:
            report.problem(str(path), "there is no image of this name, so its size is not known")
            continue
        found = _image(path, image, config, rows, report)
        if found is not None:
            name = image.relative_to(folder).as_posix()
            yield ReadTask({"name": name, "annotations": found[0]}, image)


@dataclass(frozen=True)
class Images:
    """The images of a folder, by their path there without extension."""

    by_stem: Mapping[str, Path]

    @classmethod
    def below(cls, folder: Path) -> Images:
        # Of two images with one name but for the extension the first counts.
        return cls(
            {
                path.relative_to(folder).with_suffix("").as_posix(): path
                for path in reversed(images_below(folder))
            }
        )

    def of_labels(self, stem: Path, marker: str) -> Path | None:
        """Return the image of a label file; `marker` is a folder `images` stands beside."""
        tried = [stem]
        if marker in stem.parts:
            at = len(stem.parts) - 1 - stem.parts[::-1].index(marker)
            before, after = stem.parts[:at], stem.parts[at + 1 :]
            tried += [Path(*before, "images", *after), Path(*before, *after)]
        return next(
            (self.by_stem[one.as_posix()] for one in tried if one.as_posix() in self.by_stem), None
        )

    def others(self, found: Sequence[tuple[Path, Path]]) -> list[Path]:
        """Return the images that are not among those found."""
        taken = {image for image, _ in found}
        return [image for image in self.by_stem.values() if image not in taken]


def _below_images(path: Path) -> str:
    """Return a path without the folder `images`."""
    parts = list(path.parts)
    if "images" in parts[:-1]:
        parts.remove("images")
    return PurePosixPath(*parts).as_posix()


def _name_and_split(path: Path) -> tuple[str, str | None]:
    """Return the name of a task and its split, by the path of its image.

    Below `images`, a folder that is called like a split is one: `images/train/a.jpg`, or as
    others have it, `train/images/a.jpg`.
    """
    first, *rest = _below_images(path).split("/")
    if rest and "images" in path.parts[:-1] and first in SPLIT_NAMES:
        return "/".join(rest), SPLIT_NAMES[first]
    return "/".join((first, *rest)), None


def _config(folder: Path, source: Path, classes_file: Path | str | None) -> Config:
    described = source if source != folder else None
    if described is None:
        at_hand = [*sorted(folder.glob("*.yaml")), *sorted(folder.glob("*.yml"))]
        preferred = [path for path in at_hand if path.stem in ("data", "dataset")]
        described = next(iter([*preferred, *at_hand]), None)
    config = _described(described) if described else None
    if classes_file is None:
        if config is not None:
            return config
        listed = (folder / name for name in CLASSES_FILES)
        classes_file = next((path for path in listed if path.is_file()), None)
        if classes_file is None:
            raise FastLabelInvalidException(
                f"{folder}: the names of the classes are missing: expected data.yaml or "
                "classes.txt in it",
                422,
            )
    names = _names_of(Path(classes_file))
    if config is None:
        return Config(names)
    return Config(names, config.keypoint_count, config.values_each, config.keypoint_names)


def _names_of(path: Path) -> dict[int, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error
    return {at: line.strip() for at, line in enumerate(text.split("\n")) if line.strip()}


def _described(path: Path) -> Config:
    import yaml  # type: ignore[import-untyped]

    try:
        content = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not all(isinstance(at, int) for at in names):
        raise FastLabelInvalidException(
            f"{path}: names: expected the classes as a list, or by their numbers, "
            f"got {shown(names)}",
            422,
        )
    shape = content.get("kpt_shape") or [0, 3]
    if (
        not isinstance(shape, list)
        or len(shape) != 2
        or not all(isinstance(one, int) for one in shape)
        or shape[1] not in (2, 3)
    ):
        raise FastLabelInvalidException(
            f"{path}: kpt_shape: expected [number of keypoints, 2 or 3], got {shown(shape)}", 422
        )
    given = content.get("kpt_names")
    keypoint_names = {
        at: [str(one) for one in some]
        for at, some in (given if isinstance(given, dict) else {}).items()
        if isinstance(some, list)
    }
    return Config({at: str(name) for at, name in names.items()}, shape[0], shape[1], keypoint_names)


def _image(
    labelled: Path | None, image: Path, config: Config, rows: Rows, report: ReadReport
) -> tuple[list[dict[str, Any]], tuple[int, int]] | None:
    """Return the annotations of an image and its size, None where it cannot be read."""
    try:
        width, height = image_sizes.size_wh(image)
        text = labelled.read_text(encoding="utf-8-sig") if labelled else ""
    except (OSError, ValueError) as error:
        report.problem(str(image), str(error))
        return None
    annotations = []
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            annotations.append(_annotation(line, width, height, config, rows))
        except ValueError as error:
            report.problem(f"{labelled}:{number}", str(error))
    report.images += 1
    report.annotations += len(annotations)
    return annotations, (width, height)


def _annotation(line: str, width: int, height: int, config: Config, rows: Rows) -> dict[str, Any]:
    """Return what a row stands for.

    Raises:
        ValueError: says what is wrong with it.
    """
    index_text, *texts = line.split() or [""]
    if not index_text:
        raise ValueError("a blank line")
    if not index_text.isdecimal() or int(index_text) not in config.names:
        raise ValueError(
            f"there is no class {index_text!r}; there are {len(config.names)}, counted from 0"
        )
    index = int(index_text)
    try:
        numbers = [float(text) for text in texts]
    except ValueError as error:
        raise ValueError(f"expected numbers: {error}") from None
    if not all(map(math.isfinite, numbers)):
        raise ValueError("expected finite numbers")
    shape = rows(numbers, width, height, index, config)
    return {"type": shape.pop("type"), "value": config.names[index], **shape}


def box(numbers: Numbers, width: int, height: int, index: int, config: Config) -> dict[str, Any]:
    """Read `cx cy w h` as the official client computes it."""
    if len(numbers) != 4:
        raise ValueError(f"expected class, cx, cy, w, h, got {len(numbers) + 1} columns")
    cx, cy, w, h = numbers
    half_width, half_height = w * width / 2, h * height / 2
    x, y = cx * width, cy * height
    return {
        "type": "bbox",
        "points": [x - half_width, y - half_height, x + half_width, y + half_height],
    }


def whole_outline(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    """Read an outline as the official client does: whole pixels, one region, as it is."""
    return {
        "type": "segmentation",
        "points": [[[round(number) for number in _pixels(numbers, width, height)]]],
    }


def _outline(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    pixels = _pixels(numbers, width, height)
    rings = geometry.without_cuts(pixels)
    if len(rings) == 1 and pixels[:2] != pixels[-2:]:
        return {"type": "polygon", "points": pixels}
    return {"type": "segmentation", "points": _regions(rings)}


def _corners(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    if len(numbers) != 8:
        raise ValueError(f"expected class and four corners, got {len(numbers) + 1} columns")
    pixels = _pixels(numbers, width, height)
    x1, y1, x2, y2, x3, y3, x4, y4 = pixels
    across, down = math.hypot(x2 - x1, y2 - y1), math.hypot(x3 - x2, y3 - y2)
    skew = (x2 - x1) * (x3 - x2) + (y2 - y1) * (y3 - y2)
    parallel = math.hypot(x1 - x2 + x3 - x4, y1 - y2 + y3 - y4)
    tolerance = RIGHT_ANGLE_TOLERANCE
    if abs(skew) > tolerance * across * down or parallel > tolerance * (across + down):
        return {"type": "polygon", "points": pixels}
    turn = (x2 - x1) * (y3 - y2) - (y2 - y1) * (x3 - x2)
    if turn < 0:  # against the clock: the same box, gone round the other way
        return _corners([*numbers[6:8], *numbers[4:6], *numbers[2:4], *numbers[0:2]], width,
                        height, index, config)  # fmt: skip
    cx, cy = (x1 + x3) / 2, (y1 + y3) / 2
    rotation = round(math.degrees(math.atan2(y2 - y1, x2 - x1)), ANGLE_DECIMALS)
    shape: dict[str, Any] = {
        "type": "bbox",
        "points": [cx - across / 2, cy - down / 2, cx + across / 2, cy + down / 2],
    }
    if rotation:
        shape["rotation"] = rotation
    return shape


def _pose(numbers: Numbers, width: int, height: int, index: int, config: Config) -> dict[str, Any]:
    each = config.values_each
    expected = 4 + config.keypoint_count * each
    if not config.keypoint_count:
        raise ValueError("data.yaml has no kpt_shape, so nothing says how many keypoints there are")
    if len(numbers) != expected:
        raise ValueError(
            f"expected class, box and {config.keypoint_count} keypoints of {each} numbers, "
            f"got {len(numbers) + 1} columns"
        )
    found = box(numbers[:4], width, height, index, config)
    keypoints: list[dict[str, Any]] = []
    for at, key in enumerate(config.keys(index)):
        x, y, *v = numbers[4 + at * each : 4 + (at + 1) * each]
        visibility = v[0] if v else 2 if x or y else 0
        if visibility not in (0, 1, 2):
            raise ValueError(
                f"keypoint {at}: v is 0 (not placed), 1 (occluded) or 2 (visible), got {v[0]:g}"
            )
        if visibility:
            keypoints.append({"key": key, "value": [x * width, y * height, int(visibility == 2)]})
    if not keypoints:
        return found
    placed = [xy for keypoint in keypoints for xy in keypoint["value"][:2]]
    bounds = geometry.bounds_xyxy(placed)
    # Numbers have 7 decimals, so corners differ by less than this.
    slack = 2e-7 * max(width, height)
    if all(abs(a - b) <= slack for a, b in zip(bounds, found["points"], strict=True)):
        return {"type": "pose_estimation", "keypoints": keypoints}
    return {**found, "keypoints": keypoints}


def _box_or_outline(
    numbers: Numbers, width: int, height: int, index: int, config: Config
) -> dict[str, Any]:
    rows = _outline if len(numbers) > 5 and len(numbers) % 2 == 0 else box
    return rows(numbers, width, height, index, config)


def _any(numbers: Numbers, width: int, height: int, index: int, config: Config) -> dict[str, Any]:
    rows = _pose if config.keypoint_count else _box_or_outline
    return rows(numbers, width, height, index, config)


def _pixels(numbers: Numbers, width: int, height: int) -> list[float]:
    if len(numbers) < 6 or len(numbers) % 2:
        raise ValueError(
            f"expected class and x, y of three points or more, got {len(numbers) + 1} columns"
        )
    return [number * (height if at % 2 else width) for at, number in enumerate(numbers)]


def _regions(rings: Sequence[Numbers]) -> list[list[list[float]]]:
    """Return rings as regions: those that run as the first one are outlines, others hollows."""
    first, *others = [geometry.closed(ring) for ring in rings]
    is_clockwise = geometry.signed_ring_area(first) >= 0
    regions = [[first]]
    hollows = []
    for ring in others:
        if (geometry.signed_ring_area(ring) >= 0) == is_clockwise:
            regions.append([ring])
        else:
            hollows.append(ring)
    for hollow in hollows:
        around = [region for region in regions if _is_inside(hollow, region[0])]
        min(around or regions, key=lambda region: geometry.ring_area(region[0])).append(hollow)
    return regions


def _is_inside(ring: Numbers, outline: Numbers) -> bool:
    """Return whether a ring, which crosses no outline, lies within one (by its first edge)."""
    x, y = (ring[0] + ring[2]) / 2, (ring[1] + ring[3]) / 2
    inside = False
    corners = list(zip(outline[0::2], outline[1::2], strict=True))
    for (x1, y1), (x2, y2) in pairwise(corners):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside
