"""Where the folders of YOLO datasets have labels, images and splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.folders import IMAGE_SUFFIXES, names_below, without_suffix
from fastlabel.formats.splits import SPLIT_NAMES
from fastlabel.formats.yolo.classes import CLASSES_FILES


def labels_below(folder: Path) -> tuple[list[str], str]:
    """Return the paths of a dataset's label files, and the name of the folder that has them.

    The name is `labels` or `annotations`; it is empty where they lie elsewhere, and then all
    `.txt` files but lists of classes are labels.

    Raises:
        FastLabelInvalidException: there is no such folder, or no label file in it.
    """
    inside = {name: name.split("/") for name in names_below(folder, (".txt",))}
    labels = [name for name, parts in inside.items() if parts[-1] not in CLASSES_FILES]
    marker = next(
        (
            marker
            for marker in ("labels", "annotations")
            if any(marker in inside[name][:-1] for name in labels)
        ),
        "",
    )
    if marker:
        labels = [name for name in labels if marker in inside[name][:-1]]
    if not labels:
        raise FastLabelInvalidException(f"{folder}: there is no .txt file of labels in it", 422)
    return labels, marker


@dataclass(frozen=True)
class Images:
    """The images of a folder: their paths below it, by these paths without extension."""

    by_stem: Mapping[str, str]

    @classmethod
    def below(cls, folder: Path) -> Images:
        # Of two images with one name but for the extension the first counts.
        return cls(
            {without_suffix(name): name for name in reversed(names_below(folder, IMAGE_SUFFIXES))}
        )

    def of_labels(self, stem: str, marker: str) -> str | None:
        """Return the image of a label file; `marker` is a folder `images` stands beside."""
        found = self.by_stem.get(stem)
        if found is not None or not marker:
            return found
        parts = stem.split("/")
        if marker not in parts:
            return None
        at = len(parts) - 1 - parts[::-1].index(marker)
        before, after = parts[:at], parts[at + 1 :]
        beside = "/".join((*before, "images", *after))
        return self.by_stem.get(beside) or self.by_stem.get("/".join((*before, *after)))

    def others(self, found: Iterable[tuple[str, str]]) -> list[str]:
        """Return the images that are not among those found."""
        taken = {image for image, _ in found}
        return [image for image in self.by_stem.values() if image not in taken]


def names_and_splits(images: Sequence[str]) -> list[tuple[str, str | None]]:
    """Return the name and split of the task of each image, given by its path in the dataset.

    Below `images`, a folder that is called like a split is one: `images/train/a.jpg`, or as
    others have it, `train/images/a.jpg`. It is no part of the names, unless two would then be
    the same.
    """
    found = [_name_and_split(image) for image in images]
    if max(Counter(name for name, _ in found).values(), default=1) == 1:
        return found
    return [(_below_images(image), split) for image, (_, split) in zip(images, found, strict=True)]


def _name_and_split(path: str) -> tuple[str, str | None]:
    below = _below_images(path)
    first, _, rest = below.partition("/")
    if rest and below != path and first in SPLIT_NAMES:
        return rest, SPLIT_NAMES[first]
    return below, None


def _below_images(path: str) -> str:
    """Return a path without the folder `images`."""
    parts = path.split("/")
    if "images" in parts[:-1]:
        parts.remove("images")
    return "/".join(parts)
