"""Datasets as PyTorch's loaders take them, from a server and from a folder."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fastlabel
from fastlabel import Client, FastLabelException, FastLabelInvalidException
from fastlabel.training import collate
from sdk import training_objects
from sdk.training_objects import SAMPLES, Sample, classification, png

Make = Callable[..., Any]


@pytest.fixture(params=["server", "folder"])
def make(request: pytest.FixtureRequest, client: Client, tmp_path: Path) -> Make:
    """Make a dataset of the samples in either place."""
    pytest.importorskip("torch")
    common: dict[str, Any] = {"cache_dir": tmp_path / "cache", "quiet": True}
    if request.param == "folder":
        common["folder"] = training_objects.pull(tmp_path / "pulled")
    else:
        common |= {"dataset": training_objects.create(client), "client": client}
    return lambda **options: fastlabel.torch_dataset(**{**common, **options})


def test_without_torch_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "fastlabel.training.pytorch", raising=False)

    with pytest.raises(FastLabelException, match=r"pip install 'fastlabel\[torch\]'"):
        fastlabel.torch_dataset(folder="cats")


def test_items_are_pictures_and_targets_of_torchvision(make: Make) -> None:
    import torch

    dataset = make()

    assert len(dataset) == 3
    assert dataset.classes == ["ball", "cat", "dog", "leash"]
    assert dataset.class_to_idx == {"ball": 1, "cat": 2, "dog": 3, "leash": 4}
    picture, target = dataset[0]
    assert (picture.shape, picture.dtype) == ((3, 48, 64), torch.float32)
    assert picture[:, 0, 0].tolist() == [1, 0, 0]
    assert target["boxes"].tolist() == [[10, 12, 40, 30], [44, 34, 50, 40]]
    assert target["boxes"].dtype == torch.float32
    assert target["labels"].tolist() == [2, 1]
    assert target["labels"].dtype == torch.int64
    assert target["image_id"] == 0
    picture, target = dataset[1]
    assert picture.shape == (3, 64, 48)
    assert target["boxes"].tolist() == [[4, 4, 24, 44], [1, 5, 30, 9]]
    empty = dataset[-1][1]
    assert (empty["boxes"].shape, empty["image_id"]) == ((0, 4), 2)
    with pytest.raises(IndexError):
        dataset[3]


def test_masks_and_keypoints_come_on_demand(make: Make) -> None:
    target = make(masks=True, keypoints=True)[0][1]

    assert target["masks"].shape == (2, 48, 64)
    assert target["masks"].sum(dim=(1, 2)).tolist() == [30 * 18, 6 * 6]
    assert target["keypoints"].tolist() == [
        [[12, 14, 2], [30, 20, 1]],
        [[0, 0, 0], [0, 0, 0]],
    ]
    assert make(keypoints=["tail", "nose"])[0][1]["keypoints"][0].tolist() == [
        [30, 20, 1],
        [12, 14, 2],
    ]


def test_classes_may_be_those_of_pixels_or_of_the_whole(make: Make) -> None:
    pixels = make(target="segmentation")[0][1]
    assert pixels.shape == (48, 64)
    assert [int(pixels[y, x]) for x, y in ((20, 20), (46, 36), (0, 0))] == [2, 1, 0]

    whole = make(target="classification")
    assert (whole.classes, [label for _, label in whole]) == (["inside", "outside"], [1, 0])
    assert whole.report.skipped["no classification"] == 1

    lights = make(target="multi-label", attribute="light")
    assert lights.classes == ["lamp", "sun"]
    assert [label.tolist() for _, label in lights] == [[0, 1], [1, 0], [0, 0]]


def test_raw_targets_are_objects_of_the_api(make: Make) -> None:
    target = make(target="raw", types=["train"])[0][1]

    assert (target["name"], target["customMetadata"]) == ("garden/1.png", {"camera": "front"})
    assert target["annotations"][0]["keypoints"][0]["key"] == "nose"
    assert "signedUrl" not in target


def test_other_kinds_are_texts_and_paths(make: Make) -> None:
    assert make(kind="text", target="classification")[0] == ("Tama 猫\n", 0)

    path, target = make(kind="audio", target="raw")[0]
    assert Path(path).read_bytes() == SAMPLES[4].data
    assert target["annotations"][0]["end"] == 0.25


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_processes_of_a_loader_read_it(make: Make, context: str) -> None:
    from torch.utils.data import DataLoader

    loader = DataLoader(
        make(), batch_size=2, num_workers=2, collate_fn=collate, multiprocessing_context=context
    )

    batches = list(loader)

    assert [len(pictures) for pictures, _ in batches] == [2, 1]
    found = [target["labels"].tolist() for _, targets in batches for target in targets]
    assert found == [[2, 1], [3, 4], []]


def test_a_stream_gives_each_object_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from torch.utils.data import DataLoader

    # Two pages with pictures and one without, for two processes.
    for module in ("served", "pulled"):
        monkeypatch.setattr(f"fastlabel.training.{module}.PAGE", 2)
    stream = make(streaming=True, cache_dir=None)
    assert stream.class_to_idx == {"ball": 1, "cat": 2, "dog": 3, "leash": 4}

    alone = [target["image_id"] for _, target in stream]
    loader = DataLoader(stream, num_workers=2, batch_size=None, multiprocessing_context="fork")
    shared = [target["image_id"] for _, target in loader]

    assert alone == [0, 1, 2]
    assert sorted(shared) == alone
    assert stream.report.written == 4


def test_a_stream_with_classes_reads_no_list_beforehand(make: Make) -> None:
    stream = make(streaming=True, classes=["cat"], types=["train"])

    assert stream.report.written == 0
    assert [target["labels"].tolist() for _, target in stream] == [[1], []]
    assert stream.report.left_out == 1


def test_a_stream_of_paths_needs_files_that_stay(client: Client) -> None:
    pytest.importorskip("torch")
    dataset = training_objects.create(client)
    options: dict[str, Any] = {"client": client, "kind": "audio", "target": "raw", "quiet": True}

    with pytest.raises(FastLabelInvalidException, match="cache_dir: needed"):
        fastlabel.torch_dataset(dataset, streaming=True, **options)
    read = fastlabel.torch_dataset(
        dataset, streaming=True, transform=lambda path: Path(path).read_bytes(), **options
    )
    assert [data for data, _ in read] == [SAMPLES[4].data]


def test_transforms_get_the_picture_and_the_target(make: Make) -> None:
    assert make(transform=lambda picture: picture.size)[0][0] == (64, 48)

    picture, target = make(transforms=lambda picture, target: (picture.size, len(target)))[1]
    assert (picture, target) == ((48, 64), 5)


def test_transforms_of_torchvision_move_boxes_and_masks_along(make: Make) -> None:
    v2 = pytest.importorskip("torchvision.transforms.v2")

    _, target = make(masks=True, transforms=v2.RandomHorizontalFlip(p=1))[0]

    assert target["boxes"].tolist() == [[24, 12, 54, 30], [14, 34, 20, 40]]
    assert target["masks"][0, 12:30, 24:54].all()
    assert target["masks"][0].sum() == 30 * 18


def test_a_dataset_of_a_server_is_the_same_after_a_change(client: Client, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    name = training_objects.create(client, SAMPLES[:2])
    dataset = fastlabel.torch_dataset(name, client=client, cache_dir=tmp_path, quiet=True)
    more = Sample("9.png", png((8, 8)), {"annotations": [classification("late")]})

    training_objects.add(client, name, more)

    assert [target["labels"].tolist() for _, target in dataset] == [[2, 1], [3, 4]]
    revision = dataset.revision_id
    again = fastlabel.torch_dataset(
        name, client=client, revision_id=revision, cache_dir=tmp_path, quiet=True
    )
    assert len(again) == len(dataset) == 2


def test_a_model_of_torchvision_learns_from_it(make: Make) -> None:
    """Its own checks refuse flat boxes, labels beyond the classes and other types."""
    import torch

    models = pytest.importorskip("torchvision.models.detection")
    torch.manual_seed(0)
    dataset = make()
    model = models.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=len(dataset.classes) + 1
    )

    losses = model(*map(list, collate([dataset[index] for index in range(3)])))

    assert all(torch.isfinite(loss) for loss in losses.values())


def test_it_is_pickled_without_its_connections(client: Client, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    name = training_objects.create(client, SAMPLES[:1])
    dataset = fastlabel.torch_dataset(name, client=client, cache_dir=tmp_path, quiet=True)

    copy = pickle.loads(pickle.dumps(dataset))

    assert copy[0][1]["labels"].tolist() == [2, 1]
