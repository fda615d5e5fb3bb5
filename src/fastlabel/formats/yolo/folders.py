"""Where the folders of YOLO datasets have labels, images and splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.folders import files_below, images_below
from fastlabel.formats.splits import SPLIT_NAMES
from fastlabel.formats.yolo.classes import CLASSES_FILES


def labels_below(folder: Path) -> tuple[list[Path], str]:
    """Return the label files of a dataset, and the name of the folder that has them.

    The name is `labels` or `annotations`; it is empty where they lie elsewhere, and then all
    `.txt` files but lists of classes are labels.

    Raises:
        FastLabelInvalidException: there is no such folder, or no label file in it.
    """
    labels = [path for path in files_below(folder, ".txt") if path.name not in CLASSES_FILES]
    inside = [path.relative_to(folder).parts for path in labels]
    marker = next(
        (name for name in ("labels", "annotations") if any(name in one[:-1] for one in inside)), ""
    )
    if marker:
        labels = [path for path, parts in zip(labels, inside, strict=True) if marker in parts[:-1]]
    if not labels:
        raise FastLabelInvalidException(f"{folder}: there is no .txt file of labels in it", 422)
    return labels, marker


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

    def others(self, found: Iterable[tuple[Path, Path]]) -> list[Path]:
        """Return the images that are not among those found."""
        taken = {image for image, _ in found}
        return [image for image in self.by_stem.values() if image not in taken]


def names_and_splits(images: Sequence[Path]) -> list[tuple[str, str | None]]:
    """Return the name and split of the task of each image, given by its path in the dataset.

    Below `images`, a folder that is called like a split is one: `images/train/a.jpg`, or as
    others have it, `train/images/a.jpg`. It is no part of the names, unless two would then be
    the same.
    """
    found = [_name_and_split(image) for image in images]
    if max(Counter(name for name, _ in found).values(), default=1) == 1:
        return found
    return [(_below_images(image), split) for image, (_, split) in zip(images, found, strict=True)]


def _name_and_split(path: Path) -> tuple[str, str | None]:
    first, *rest = _below_images(path).split("/")
    if rest and "images" in path.parts[:-1] and first in SPLIT_NAMES:
        return "/".join(rest), SPLIT_NAMES[first]
    return "/".join((first, *rest)), None


def _below_images(path: Path) -> str:
    """Return a path without the folder `images`."""
    parts = list(path.parts)
    if "images" in parts[:-1]:
        parts.remove("images")
    return PurePosixPath(*parts).as_posix()
