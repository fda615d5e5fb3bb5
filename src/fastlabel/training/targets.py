"""What a model is to learn of an object: its annotations as arrays.

Each target says which annotations it uses, and leaves out the others with a reason; later,
where a loader wants them, it turns the used ones into arrays. Boxes are xyxy, as torchvision
has them: https://docs.pytorch.org/vision/stable/models.html#object-detection
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.checks import well_formed
from fastlabel.formats.fields import attributes_of, placed_keypoints
from fastlabel.formats.hugging_face import NOWHERE, placed_bounds
from fastlabel.formats.report import Report
from fastlabel.modalities import listed
from fastlabel.shapes import CLASSIFICATION, SHAPES
from fastlabel.shapes.base import shown

TargetName: TypeAlias = Literal["detection", "segmentation", "classification", "multi-label", "raw"]

FLAT: Final = "its box has no width or no height"
NO_AREA: Final = "it has no area"
OTHER_CLASS: Final = "not among the classes"
UNLABELLED: Final = "no classification"
AMBIGUOUS: Final = "several classes; the target multi-label takes them"
_VISIBLE, _OCCLUDED = 2, 1
"""As COCO counts; 0 is a keypoint that is not placed."""
_OF_FILES: Final = ("signedUrl", "path")

Used: TypeAlias = list[dict[str, Any]]
"""What a target keeps of annotations until it makes arrays of them, as JSON."""


@dataclass(frozen=True)
class Labels:
    """Classes and their numbers, in a fixed order."""

    classes: Sequence[str]
    first: int = 0
    """Number of the first class."""
    keypoints: Sequence[str] = ()
    """Keys, in the order in which arrays have them."""
    numbers: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        numbers = {value: self.first + at for at, value in enumerate(self.classes)}
        object.__setattr__(self, "numbers", numbers)


class Target(ABC):
    """One thing to learn."""

    images_only: ClassVar[bool] = False
    first_label: ClassVar[int] = 0
    """Number of the first class by convention: 1 where 0 is the background."""

    @abstractmethod
    def used(self, found: Mapping[str, Any], report: Report) -> Used | None:
        """Return what is used of an object; None leaves the object out.

        Args:
            report: counts the annotations that are used, and the others with the reason.

        Raises:
            FastLabelInvalidException: something is left out and the report is strict.
        """

    @abstractmethod
    def arrays(self, used: Used, labels: Labels, shape_hw: tuple[int, int] | None) -> Any:
        """Return what is used as numpy arrays; `shape_hw` is the image's, where it is one."""

    def narrowed(
        self, used: Used, classes: Collection[str], found: Mapping[str, Any], report: Report
    ) -> Used | None:
        """Return what is used of these classes; the rest is counted, otherwise as `used`."""
        kept = []
        for each in used:
            if each["value"] in classes:
                kept.append(each)
            else:
                report.leave_out(each, OTHER_CLASS, str(found["name"]))
        return kept

    def annotations(self, used: Used) -> Iterable[Mapping[str, Any]]:
        """Return the annotations that are used, as a report counts them."""
        return used

    def values(self, used: Used) -> Iterable[str]:
        """Return the values of the classes that are used."""
        return (each["value"] for each in used)

    def keypoints(self, used: Used) -> Iterable[str]:
        """Return the keys of keypoints that are used."""
        return ()


@dataclass(frozen=True)
class Detection(Target):
    """Boxes, and on demand masks and keypoints, of everything that has a place."""

    masks: bool = False
    with_keypoints: bool = False
    images_only: ClassVar[bool] = True
    first_label: ClassVar[int] = 1

    def used(self, found: Mapping[str, Any], report: Report) -> Used:
        used = []
        for annotation, where in well_formed(of_places(found), SHAPES, report):
            shape = SHAPES[annotation["type"]]
            bounds = placed_bounds(annotation)
            reason = None
            if bounds is None:
                reason = NOWHERE
            elif bounds[0] == bounds[2] or bounds[1] == bounds[3]:
                # torchvision's models refuse such a box, and with it the whole batch.
                reason = FLAT
            elif self.masks and not shape.rings(annotation):
                reason = NO_AREA
            if reason is not None:
                report.leave_out(annotation, reason, where)
                continue
            kept = {
                "value": annotation["value"],
                "type": annotation["type"],
                "box": bounds,
                "area": shape.area(annotation),
            }
            if self.masks:
                kept |= shape.stored(annotation)
            if self.with_keypoints:
                kept["placed"] = placed_keypoints(annotation)
            used.append(kept)
        return used

    def keypoints(self, used: Used) -> Iterable[str]:
        return (key for each in used for key in each.get("placed", ()))

    def arrays(
        self, used: Used, labels: Labels, shape_hw: tuple[int, int] | None
    ) -> dict[str, Any]:
        """Return boxes (N, 4), labels, area, iscrowd (N), masks (N, H, W), keypoints (N, K, 3)."""
        import numpy as np

        count = len(used)
        found = {
            "boxes": np.array([each["box"] for each in used], np.float32).reshape(count, 4),
            "labels": np.array([labels.numbers[each["value"]] for each in used], np.int64),
            "area": np.array([each["area"] for each in used], np.float32),
            "iscrowd": np.zeros(count, np.int64),
        }
        if self.masks:
            from fastlabel.masks import mask_of

            assert shape_hw is not None
            masks = np.zeros((count, *shape_hw), np.uint8)
            for at, each in enumerate(used):
                masks[at] = mask_of(each, shape_hw)
            found["masks"] = masks
        if self.with_keypoints:
            keypoints = np.zeros((count, len(labels.keypoints), 3), np.float32)
            for at, each in enumerate(used):
                for number, key in enumerate(labels.keypoints):
                    if key in each["placed"]:
                        x, y, is_visible = each["placed"][key]
                        keypoints[at, number] = x, y, _VISIBLE if is_visible else _OCCLUDED
            found["keypoints"] = keypoints
        return found


class Segmentation(Target):
    """The class of every pixel; later annotations lie over earlier ones."""

    images_only: ClassVar[bool] = True
    first_label: ClassVar[int] = 1

    def used(self, found: Mapping[str, Any], report: Report) -> Used:
        used = []
        for annotation, where in well_formed(of_places(found), SHAPES, report):
            shape = SHAPES[annotation["type"]]
            if not shape.rings(annotation):
                report.leave_out(annotation, NO_AREA, where)
                continue
            kept = {"value": annotation["value"], "type": annotation["type"]}
            used.append(kept | shape.stored(annotation))
        return used

    def arrays(self, used: Used, labels: Labels, shape_hw: tuple[int, int] | None) -> Any:
        """Return labels (H, W); what no annotation covers is 0."""
        import numpy as np

        from fastlabel.masks import mask_of

        assert shape_hw is not None
        found = np.zeros(shape_hw, np.int64)
        for each in used:
            found[mask_of(each, shape_hw)] = labels.numbers[each["value"]]
        return found


@dataclass(frozen=True)
class Classification(Target):
    """The class of the whole object; or, with `several`, whether it has each class."""

    several: bool = False
    attribute: str | None = None
    """Key of the attribute whose value is the class; None: the annotation's own value is."""

    def used(self, found: Mapping[str, Any], report: Report) -> Used | None:
        used = []
        for annotation, where in well_formed(of_the_whole(found), SHAPES, report):
            values = self._values(annotation)
            if not values:
                report.leave_out(annotation, f"no attribute {self.attribute!r}", where)
            used += [{"value": value, "type": annotation["type"]} for value in values]
        if self.several:
            return used
        count = len({each["value"] for each in used})
        if count == 1:
            return used[:1]
        # Its annotations are counted with it.
        left_out = {"name": found["name"], "annotations": used}
        report.skip(left_out, AMBIGUOUS if count else UNLABELLED)
        return None

    def _values(self, annotation: Mapping[str, Any]) -> list[str]:
        if self.attribute is None:
            return [annotation["value"]]
        answer = dict(attributes_of(annotation)).get(self.attribute)
        answers = answer if isinstance(answer, list) else [answer]
        return [str(each) for each in answers if each is not None]

    def narrowed(
        self, used: Used, classes: Collection[str], found: Mapping[str, Any], report: Report
    ) -> Used | None:
        if self.several or used[0]["value"] in classes:
            return super().narrowed(used, classes, found, report)
        report.skip({"name": found["name"], "annotations": used}, OTHER_CLASS)
        return None

    def arrays(self, used: Used, labels: Labels, shape_hw: tuple[int, int] | None) -> Any:
        """Return a number; with `several` an array of 0 and 1 for each class."""
        import numpy as np

        if not self.several:
            return labels.numbers[used[0]["value"]]
        found = np.zeros(len(labels.classes), np.float32)
        for each in used:
            found[labels.numbers[each["value"]] - labels.first] = 1
        return found


class Raw(Target):
    """The object as the API returns it."""

    def used(self, found: Mapping[str, Any], report: Report) -> Used:
        return [{key: value for key, value in found.items() if key not in _OF_FILES}]

    def annotations(self, used: Used) -> Iterable[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = used[0]["annotations"]
        return found

    def values(self, used: Used) -> Iterable[str]:
        return ()

    def narrowed(
        self, used: Used, classes: Collection[str], found: Mapping[str, Any], report: Report
    ) -> Used:
        return used

    def arrays(self, used: Used, labels: Labels, shape_hw: tuple[int, int] | None) -> Any:
        return used[0]


def of_places(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the annotations of places alone: others are no loss for them."""
    return _with_types(found, lambda annotation_type: annotation_type != CLASSIFICATION.type)


def of_the_whole(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with its classifications alone, otherwise as above."""
    return _with_types(found, lambda annotation_type: annotation_type == CLASSIFICATION.type)


def _with_types(found: Mapping[str, Any], takes: Callable[[Any], bool]) -> dict[str, Any]:
    annotations = [each for each in found["annotations"] if takes(each.get("type"))]
    return {"name": found["name"], "annotations": annotations}


TARGETS: Final[tuple[TargetName, ...]] = get_args(TargetName)


def target_of(
    name: TargetName, *, masks: bool, with_keypoints: bool, attribute: str | None
) -> Target:
    """Return a target by the name that users give.

    Raises:
        FastLabelInvalidException: there is none of this name, or it has no such option.
    """
    made: dict[str, Target] = {
        "detection": Detection(masks, with_keypoints),
        "segmentation": Segmentation(),
        "classification": Classification(attribute=attribute),
        "multi-label": Classification(several=True, attribute=attribute),
        "raw": Raw(),
    }
    if name not in made:
        raise FastLabelInvalidException(
            f"target: expected {listed(TARGETS)}, got {shown(name)}", 422
        )
    target = made[name]
    if (masks or with_keypoints) and not isinstance(target, Detection):
        raise FastLabelInvalidException(
            f"masks, keypoints: the target detection has them, {name} has not", 422
        )
    if attribute is not None and not isinstance(target, Classification):
        raise FastLabelInvalidException(
            f"attribute: the targets classification and multi-label have one, {name} has not", 422
        )
    return target
