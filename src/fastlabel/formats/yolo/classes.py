"""The classes of YOLO labels, by the numbers that rows have: `data.yaml` and `classes.txt`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.shapes.base import shown

CONFIG_FILE = "data.yaml"
CLASSES_FILE = "classes.txt"
CLASSES_FILES = (CLASSES_FILE, "obj.names")
"""Darknet's own lists have the second name."""


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

    def text(self, splits: Mapping[str, str] | None = None) -> str:
        """Return Ultralytics' description of a dataset.

        It has no `path`: the folders are then looked for beside the file, wherever that is.

        Args:
            splits: folder of the images of each split.

        Source: https://docs.ultralytics.com/datasets/
        """
        # A JSON text is a YAML text as well.
        lines = [f"{split}: {folder}" for split, folder in (splits or {}).items()]
        lines += ["names:", *(f"  {at}: {json.dumps(name)}" for at, name in self.names.items())]
        if self.keypoint_names:
            lines += [f"kpt_shape: [{self.keypoint_count}, {self.values_each}]", "kpt_names:"]
            lines += [
                f"  {at}: [{', '.join(map(json.dumps, keys))}]"
                for at, keys in self.keypoint_names.items()
            ]
        return "\n".join(lines) + "\n"


def config_of(folder: Path, source: Path, classes_file: Path | str | None) -> Config:
    """Return the description of a dataset, with the names of `classes_file` where there is one.

    Args:
        folder: of the dataset.
        source: the same, or the description itself.

    Raises:
        FastLabelInvalidException: there are no names of classes, or a file cannot be read.
    """
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
    names = listed_names(Path(classes_file))
    if config is None:
        return Config(names)
    return Config(names, config.keypoint_count, config.values_each, config.keypoint_names)


def listed_names(path: Path) -> dict[int, str]:
    """Return the names of a list of classes, one a line, by their numbers.

    Raises:
        FastLabelInvalidException: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FastLabelInvalidException(f"{path}: cannot be read: {error}", 422) from error
    return {at: line.strip() for at, line in enumerate(text.split("\n")) if line.strip()}


def listed_text(names: Iterable[str]) -> str:
    """Return a list of classes, one a line."""
    return "".join(f"{' '.join(name.splitlines())}\n" for name in names)


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
