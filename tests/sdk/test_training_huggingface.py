"""Datasets as Hugging Face's package has them, from a server and from a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fastlabel
from fastlabel import Client, FastLabelException
from sdk import training_objects
from sdk.training_objects import SAMPLES

Make = Callable[..., Any]
CLASSES = ["ball", "cat", "dog", "inside", "leash", "outside"]


@pytest.fixture(params=["server", "folder"])
def make(request: pytest.FixtureRequest, client: Client, tmp_path: Path) -> Make:
    """Make a dataset of the samples in either place."""
    pytest.importorskip("datasets")
    common: dict[str, Any] = {"cache_dir": tmp_path / "cache", "quiet": True}
    if request.param == "folder":
        common["folder"] = training_objects.pull(tmp_path / "pulled")
    else:
        common |= {"dataset": training_objects.create(client), "client": client}
    return lambda **options: fastlabel.to_huggingface(**{**common, **options})


def test_without_the_package_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)

    with pytest.raises(FastLabelException, match=r"pip install 'fastlabel\[huggingface\]'"):
        fastlabel.to_huggingface(folder="cats")


def test_rows_have_pictures_and_boxes(make: Make) -> None:
    dataset = make()

    assert dataset.column_names == [
        "image", "name", "width", "height", "objects",
        "label", "type", "tags", "licenses", "custom_metadata",
    ]  # fmt: skip
    assert dataset["name"][:] == [each.name for each in SAMPLES[:3]]
    row = dataset[0]
    assert row["image"].getpixel((0, 0)) == (255, 0, 0)
    assert (row["width"], row["height"], row["type"], row["tags"]) == (64, 48, "train", ["day"])
    assert json.loads(row["custom_metadata"]) == {"camera": "front"}
    objects = row["objects"]
    assert objects["bbox"] == [[10, 12, 30, 18], [44, 34, 6, 6]]
    assert objects["area"] == [540, 36]
    names = dataset.features["objects"]["category"].feature.names
    assert names == CLASSES
    assert [names[number] for number in objects["category"]] == ["cat", "ball"]
    assert dataset.features["label"].names[row["label"]] == "outside"
    exact = json.loads(dataset[0]["objects"]["annotation"][0])
    assert (exact["points"], exact["keypoints"][0]["key"]) == ([10, 12, 40, 30], "nose")
    turned = dataset[1]
    assert (turned["image"].size, turned["width"], turned["height"]) == ((48, 64), 48, 64)
    assert len(turned["objects"]["bbox"]) == 2
    assert (dataset[2]["objects"]["bbox"], dataset[2]["label"]) == ([], None)


def test_types_become_splits(make: Make) -> None:
    splits = make(by_type=True)

    assert {name: split["name"][:] for name, split in splits.items()} == {
        "train": ["garden/1.png", "3.png"],
        "validation": ["garden/2.png"],
    }
    assert splits["train"].features == splits["validation"].features


def test_a_selection_keeps_the_numbers_of_the_classes(make: Make) -> None:
    valid = make(types=["valid"])

    assert valid["name"][:] == ["garden/2.png"]
    assert valid.features["objects"]["category"].feature.names == CLASSES
    assert make(tags=["rain"], classes=["dog"])[0]["objects"]["category"] == [0]


def test_a_stream_has_the_same_rows(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("served", "pulled"):
        monkeypatch.setattr(f"fastlabel.training.{module}.PAGE", 2)
    table = make(decode=False).remove_columns("image")
    stream = make(streaming=True, cache_dir=None)

    rows = list(stream)

    assert stream.features["objects"] == table.features["objects"]
    assert [row.pop("image").size for row in rows] == [(64, 48), (48, 64), (30, 20)]
    assert rows == list(table)
    assert stream.num_shards == 3


def test_a_stream_is_divided_among_processes(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_data = pytest.importorskip("torch.utils.data")
    for module in ("served", "pulled"):
        monkeypatch.setattr(f"fastlabel.training.{module}.PAGE", 2)
    stream = make(streaming=True, by_type=True)["train"].select_columns("name")

    loader = torch_data.DataLoader(
        stream, num_workers=2, batch_size=None, multiprocessing_context="fork"
    )

    assert sorted(row["name"] for row in loader) == ["3.png", "garden/1.png"]


def test_sounds_and_texts_have_columns_of_their_own(make: Make) -> None:
    sounds = make(kind="audio", decode=False)
    (sound,) = sounds
    assert sounds.column_names[:3] == ["audio", "name", "objects"]
    assert Path(sound["audio"]["path"]).read_bytes() == SAMPLES[4].data
    assert (sound["objects"]["start"], sound["objects"]["end"]) == ([0.1], [0.25])
    assert json.loads(sound["objects"]["annotation"][0])["type"] == "segmentation"

    (text,) = make(kind="text")
    assert (text["text"], text["label"]) == ("Tama 猫\n", 0)


def test_the_same_rows_are_kept_once(make: Make, tmp_path: Path) -> None:
    first, second = make(), make()

    assert first.cache_files == second.cache_files
    assert len(list((tmp_path / "cache" / "huggingface").iterdir())) == 1


def test_it_can_be_written_with_its_pictures(make: Make, tmp_path: Path) -> None:
    """What `push_to_hub` uploads: the bytes themselves, by no path of this machine."""
    datasets = pytest.importorskip("datasets")
    from fastlabel.formats import read

    folder = tmp_path / "out"
    folder.mkdir()
    make().to_parquet(folder / "train.parquet")

    again = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "hf"))
    assert again["name"][:] == [each.name for each in SAMPLES[:3]]
    # The house's own reader of the format takes it too.
    tasks, report = read("hugging-face", folder)
    assert [len(one.task["annotations"]) for one in tasks] == [2, 2, 0]
    assert not report.bad
