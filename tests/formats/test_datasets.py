"""Folders that trainers read: images beside their labels, in splits."""

import io

import pytest
import yaml
from PIL import Image

from fastlabel import formats
from fastlabel.exceptions import FastLabelInvalidException
from formats.samples import annotation
from formats.yolo_samples import sized


def opened(task):
    file = io.BytesIO()
    Image.new("RGB", (task["width"], task["height"])).save(file, "PNG")
    return io.BytesIO(file.getvalue())


def dataset(folder, tasks, name="yolo-dataset", **options):
    return formats.write(name, tasks, folder, open_file=opened, **options)


def test_a_dataset_has_images_labels_and_splits(tmp_path):
    tasks = [sized(annotation("bbox", [0, 0, 100, 50]), name=f"{n}.png") for n in range(20)]
    report = dataset(tmp_path / "once", tasks)
    dataset(tmp_path / "again", tasks[::-1])
    dataset(tmp_path / "other", tasks, seed=1)
    files, again, other = (
        sorted(str(one.relative_to(tmp_path / name)) for one in (tmp_path / name).rglob("*.*"))
        for name in ("once", "again", "other")
    )
    assert files == again != other
    for split, count in (("train", 16), ("val", 2), ("test", 2)):
        assert sum(one.startswith(f"images/{split}/") for one in files) == count
        assert sum(one.startswith(f"labels/{split}/") for one in files) == count
    assert yaml.safe_load((tmp_path / "once" / "data.yaml").read_text()) == {
        "train": "images/train",
        "val": "images/val",
        "test": "images/test",
        "names": {0: "cat"},
    }
    assert (report.images, report.written) == (20, 20)
    found, _ = formats.read("yolo-dataset", tmp_path / "once", strict=True)
    assert sorted(one.task["name"] for one in found) == sorted(one["name"] for one in tasks)
    assert all(one.task["annotations"][0]["points"] == [0, 0, 100, 50] for one in found)


def test_the_split_may_come_from_the_tasks(tmp_path):
    tasks = [
        {**sized(annotation("bbox", [0, 0, 100, 50]), name=name), "type": split}
        for name, split in (
            ("a.png", "train"),
            ("a.jpg", "train"),
            ("b/images/c.png", "validation"),
            ("d.png", None),
        )
    ]
    report = dataset(tmp_path, tasks, split_of="type")
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.*")) == [
        "data.yaml",
        "images/train/a.jpg.jpg",
        "images/train/a.png",
        "images/val/b/images_/c.png",
        "labels/train/a.jpg.txt",
        "labels/train/a.txt",
        "labels/val/b/images_/c.txt",
    ]
    assert report.skipped == {"it belongs to no split": 1}
    dataset(tmp_path / "by-function", tasks, split_of=lambda _: "test", kind="segment")
    assert not (tmp_path / "by-function" / "images" / "train").exists()


@pytest.mark.parametrize("options", [{"ratios": (1, 1, 1)}, {"kind": "track"}])
def test_wrong_options_are_refused(tmp_path, options):
    with pytest.raises(FastLabelInvalidException, match=next(iter(options))):
        dataset(tmp_path, [sized()], **options)


def test_images_that_nobody_can_open_are_refused(tmp_path):
    with pytest.raises(FastLabelInvalidException, match="holds the images"):
        formats.write("yolo-dataset", [sized()], tmp_path)


def test_a_coco_dataset_has_the_same_categories_in_all_splits(tmp_path):
    tasks = [
        {**sized(annotation("bbox", [0, 0, 100, 50], value), name=f"{value}.png"), "split": split}
        for value, split in (("cat", "train"), ("dog", "val"), ("cow", "test"))
    ]
    report = dataset(tmp_path, tasks, "coco-dataset", split_of="split")
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.*")) == [
        "test/_annotations.coco.json",
        "test/cow.png",
        "train/_annotations.coco.json",
        "train/cat.png",
        "valid/_annotations.coco.json",
        "valid/dog.png",
    ]
    for split, number, value in (("train", 1, "cat"), ("valid", 3, "dog"), ("test", 2, "cow")):
        text = (tmp_path / split / "_annotations.coco.json").read_text()
        content = yaml.safe_load(text)
        names = {one["id"]: one["name"] for one in content["categories"]}
        assert names == {1: "cat", 2: "cow", 3: "dog"}
        assert [one["category_id"] for one in content["annotations"]] == [number]
        assert content["images"][0]["file_name"] == f"{value}.png"
    assert (report.images, report.written) == (3, 3)
    assert report.path == tmp_path
