"""Datasets as PyTorch's loaders take them.

The one module of the package that imports torch. Nothing imports it but
`fastlabel.training.torch_dataset`, when it is called. The classes are here, not inside that
function, as a loader sends them to its processes by their name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from fastlabel.formats.report import Report
from fastlabel.training.inputs import input_of
from fastlabel.training.survey import Opened, record

Transform = Callable[[Any], Any]
Transforms = Callable[[Any, Any], tuple[Any, Any]]


class _Examples:
    """What both kinds of datasets have in common."""

    def __init__(
        self, opened: Opened, transform: Transform | None, transforms: Transforms | None
    ) -> None:
        self.revision_id = opened.source.revision_id
        """Of the revision that is read; None in a folder that does not say it."""
        self.classes = list(opened.labels.classes)
        """Values of the classes, in the order of their numbers."""
        self.class_to_idx = dict(opened.labels.numbers)
        """The number of each class in the targets."""
        self.keypoints = list(opened.labels.keypoints)
        """Keys of the keypoints, in the order in which the targets have them."""
        self.report = opened.report
        """What of the annotations is used, and what was left out and why."""
        self._files = opened.source.files
        self._wish = opened.wish
        self._labels = opened.labels
        self._transform = transform
        self._transforms = transforms

    def _loaded(self, found: Mapping[str, Any], number: int) -> tuple[Any, Any]:
        kind, target = self._wish.kind, self._wish.target
        with self._files.opened(found["file"]) as path:
            picture = input_of(kind, path)
            shape_hw = (picture.height, picture.width) if kind == "image" else None
            made = _tensors(target.arrays(found["used"], self._labels, shape_hw))
            if isinstance(made, dict) and "boxes" in made:
                made["image_id"] = number
            if self._transforms is not None:
                return self._transforms(picture, _known_to_torchvision(made, shape_hw))
            if self._transform is not None:
                return self._transform(picture), made
            return (_image_tensor(picture) if kind == "image" else picture), made


class ObjectDataset(_Examples, Dataset[tuple[Any, Any]]):
    """The objects of one revision, by their number: (input, target).

    Lists of objects are held as JSON in one buffer, files on the disk.
    """

    def __init__(self, opened: Opened, *transforms: Any) -> None:
        super().__init__(opened, *transforms)
        assert opened.records is not None
        self._records = opened.records

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self._loaded(self._records[index], range(len(self))[index])


class ObjectStream(_Examples, IterableDataset[tuple[Any, Any]]):
    """The objects of one revision, one after the other: (input, target).

    The processes of a loader, and those of `torch.distributed`, share the pages of the list
    among them. `report` is of the last pass of this process.
    """

    def __init__(self, opened: Opened, *transforms: Any) -> None:
        super().__init__(opened, *transforms)
        self._source = opened.source

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        part, parts = _share()
        self.report = Report(self.report.path, self.report.strict, self.report.noun)
        for number in range(part, self._source.listing.page_count, parts):
            for example in self._source.listing.page(number):
                if not self._wish.selection.takes(example.found):
                    continue
                used = self._wish.used(example.found, self.report)
                if used is not None:
                    yield self._loaded(record(self._source, example, used), example.position)


def _share() -> tuple[int, int]:
    """Return which of how many equal shares of the work is this process's."""
    part, parts = 0, 1
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        part, parts = torch.distributed.get_rank(), torch.distributed.get_world_size()
    worker = get_worker_info()
    if worker is not None:
        part, parts = part * worker.num_workers + worker.id, parts * worker.num_workers
    return part, parts


def _tensors(made: Any) -> Any:
    if isinstance(made, np.ndarray):
        return torch.from_numpy(made)
    if isinstance(made, dict):
        return {
            key: torch.from_numpy(value) if isinstance(value, np.ndarray) else value
            for key, value in made.items()
        }
    return made


def _image_tensor(picture: Any) -> Any:
    """Return a picture as float32 of shape (3, H, W), 0 to 1, as torchvision's models take it."""
    pixels = torch.from_numpy(np.array(picture, np.uint8))
    return pixels.permute(2, 0, 1).contiguous().to(torch.float32).div_(255)


def _known_to_torchvision(made: Any, shape_hw: tuple[int, int] | None) -> Any:
    """Return a target whose boxes, masks and keypoints are of torchvision's own types.

    Its transforms of version 2 would flip a picture and leave plain tensors as they are. The
    types are tensors too; without torchvision there is nothing that would need them.
    """
    with contextlib.suppress(ImportError):
        from torchvision import tv_tensors

        if isinstance(made, dict) and "boxes" in made:
            boxes = tv_tensors.BoundingBoxes(made["boxes"], format="XYXY", canvas_size=shape_hw)
            made = {**made, "boxes": boxes}
            if "masks" in made:
                made["masks"] = tv_tensors.Mask(made["masks"])
        elif isinstance(made, torch.Tensor) and made.shape == shape_hw:
            made = tv_tensors.Mask(made)
    return made
