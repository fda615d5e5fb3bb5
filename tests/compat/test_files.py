"""Exports and conversions of files, beside what the official client 0.26.0 makes of the same.

Where it is right, files are equal to the byte, but for the last digits of areas in COCO files,
which are sums in another order; with `compat="official"` they always are.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fastlabel import Client
from fastlabel.types import Compat
from servers import Server

SCRIPT = Path(__file__).parent / "official_files.py"
RELEASE = "0.26.0"
VALUES = ["cat", "dog", "猫 & <co>", "a b", "10", "9"]
KEYS = ["head", "neck", "腰"]
SIZE_WH = (640, 480)
TASKS = 150

pytestmark = [
    pytest.mark.compat,
    pytest.mark.timeout(1200),
    pytest.mark.xdist_group("official-files"),
]

Job = tuple[str, dict[str, Any]]


class Maker:
    """Makes random tasks as the API returns them."""

    def __init__(self, seed: int, *, plain: bool) -> None:
        self.random = random.Random(seed)
        self.plain = plain
        """Only what the official client gets right."""

    def task(self, number: int) -> dict[str, Any]:
        count = self.random.choice((0, 1, 3, 8))
        folder = self.random.choice(("", "sub/", "深い/b c/"))
        return {
            "id": str(number),
            "name": f"{folder}image.{number}.{self.random.choice(('jpg', 'PNG'))}",
            "width": SIZE_WH[0],
            "height": SIZE_WH[1],
            "annotations": [self.annotation() for _ in range(count)],
        }

    def annotation(self) -> dict[str, Any]:
        kinds = ["bbox", "polygon", "keypoint", "line"]
        kinds += ["segmentation"] if self.plain else ["segmentation", "circle", "bbox"]
        kind = self.random.choice(kinds)
        flags = [("truncated", True), ("occluded", "1"), ("difficult", 0)]
        return {
            "type": kind,
            "value": self.random.choice(VALUES),
            "color": "#123456",
            "points": getattr(self, kind)(),
            "rotation": 0 if self.plain else self.random.choice((0, 0, 30, 271.5)),
            "keypoints": [],
            "attributes": [
                {"key": key, "name": key, "type": "switch", "value": value}
                for key, value in self.random.sample(flags, self.random.randrange(3))
            ],
        }

    def number(self, limit: int) -> float:
        low = 0 if self.plain else -20
        return self.random.choice(
            (
                self.random.randint(low, limit),
                self.random.uniform(low, limit),
                round(self.random.uniform(low, limit), 2),
            )
        )

    def ring(self, count: int) -> list[float]:
        return [self.number(SIZE_WH[at % 2]) for at in range(2 * count)]

    def bbox(self) -> list[float]:
        x1, y1, x2, y2 = self.ring(2)
        if self.plain:
            return [min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)]
        return [x1, y1, x2, y2]

    def polygon(self) -> list[float]:
        return self.ring(self.random.randint(3, 9))

    def keypoint(self) -> list[float]:
        return self.ring(1)

    def line(self) -> list[float]:
        return self.ring(2 if self.plain else self.random.randint(2, 5))

    def circle(self) -> list[float]:
        return [*self.ring(1), self.random.randint(0, 50)]

    def posed(self) -> dict[str, Any]:
        """Return an annotation with keypoints, some of them not placed."""
        shape = self.random.choice(
            ({"type": "pose_estimation", "points": []}, {"type": "bbox", "points": self.bbox()})
        )
        keys = self.random.sample(KEYS, self.random.randint(1, len(KEYS)))
        return {
            **self.annotation(),
            **shape,
            "keypoints": [
                {
                    "key": key,
                    "value": self.random.choice(([], [*self.ring(1), self.random.randrange(2)])),
                }
                for key in keys
            ],
        }

    def posed_class(self, value: str) -> dict[str, Any]:
        """Return a class with keypoints, each of which has an edge to the one behind it."""
        edges = [[1], [0, 2], [1]]
        return {
            "value": value,
            "type": self.random.choice(("bbox", "pose_estimation")),
            "color": f"#{self.random.randrange(1 << 24):06x}",
            "keypoints": [
                {
                    "id": f"id-{at}",
                    "key": key,
                    "color": "#00ff00",
                    "edges": [f"id-{to}" for to in edges[at]],
                }
                for at, key in enumerate(KEYS)
            ],
        }

    def segmentation(self) -> list[list[list[float]]]:
        rings = [self.ring(self.random.randint(3, 6)) for _ in range(4)]
        outline, hole, other, last = ([*ring, *ring[:2]] for ring in rings)
        if self.plain:
            return [[outline]]
        return self.random.choice(([[outline]], [[outline, hole]], [[outline], [other, last]]))


@pytest.fixture(scope="module")
def run_official(
    server: Server, official: Callable[[str], Path]
) -> Callable[[Path, list[Job]], list[Any]]:
    """Do jobs with the official client in a folder and return its answers."""

    def run(folder: Path, jobs: list[Job]) -> list[Any]:
        (folder / "jobs.json").write_text(json.dumps(jobs))
        done = subprocess.run(
            [official(RELEASE), "-I", SCRIPT, folder],
            env={
                **os.environ,
                "NO_PROXY": "127.0.0.1",
                "FASTLABEL_API_URL": server.api_url,
                "FASTLABEL_ACCESS_TOKEN": server.token,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads((folder / "answers.json").read_text())

    return run


@pytest.fixture(scope="module")
def client(server: Server) -> Client:
    return Client(server.token, api_url=server.api_url)


@pytest.fixture(scope="module")
def projects(client: Client) -> list[str]:
    types = ("image_all", "image_segmentation")
    for each in types:
        slug = f"files-{each.replace('_', '-')}"
        client.create_project(type=each, name=slug, slug=slug)
    return [f"files-{each.replace('_', '-')}" for each in types]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): re.sub(
            rb'(?<="area": )[^,]+', lambda area: b"%.6f" % float(area[0]), path.read_bytes()
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def jobs_of(projects: list[str], tasks: list[dict[str, Any]]) -> list[Job]:
    jobs: list[Job] = [
        ("export_labelme", {"tasks": tasks, "output_dir": "labelme"}),
    ]
    for project in projects:
        given = {"project": project, "tasks": tasks}
        jobs += [
            ("export_coco", {**given, "output_dir": f"{project}/coco"}),
            ("export_pascalvoc", {**given, "output_dir": f"{project}/voc"}),
            ("export_yolo", {**given, "output_dir": f"{project}/yolo"}),
            (
                "export_yolo",
                {**given, "output_dir": f"{project}/listed", "classes": [*VALUES[::-1], "none"]},
            ),
        ]
    return jobs


@pytest.mark.parametrize("seed", range(3))
def test_official_files_are_repeated_with_compat(
    run_official: Callable[..., Any],
    client: Client,
    projects: list[str],
    tmp_path: Path,
    seed: int,
) -> None:
    maker = Maker(seed, plain=False)
    tasks = [maker.task(number) for number in range(TASKS)]
    jobs = jobs_of(projects, tasks)
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    run_official(theirs, jobs)
    for method, arguments in jobs:
        output = ours / arguments["output_dir"]
        options = {**arguments, "output_dir": output, "compat": "official", "quiet": True}
        getattr(client, method)(**options)
        assert contents(output) == contents(theirs / arguments["output_dir"]), arguments[
            "output_dir"
        ]


def test_official_files_are_equal_where_they_are_right(
    run_official: Callable[..., Any], client: Client, projects: list[str], tmp_path: Path
) -> None:
    maker = Maker(99, plain=True)
    tasks = [maker.task(number) for number in range(TASKS)]
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    jobs = jobs_of(projects, tasks)
    run_official(theirs, jobs)
    for method, arguments in jobs:
        output = ours / arguments["output_dir"]
        getattr(client, method)(**{**arguments, "output_dir": output, "quiet": True})
        wanted, found = contents(theirs / arguments["output_dir"]), contents(output)
        if method != "export_yolo":
            assert found == wanted
            continue
        # Its seventh decimal is cut off, ours is rounded, and a tie may then be sorted otherwise.
        assert found.keys() == wanted.keys()
        for name in found.keys() - {"classes.txt"}:
            assert rows_of(found[name]) == [
                pytest.approx(row, abs=1.01e-7) for row in rows_of(wanted[name])
            ]


@pytest.mark.parametrize("compat", [None, "official"])
def test_coco_with_classes_and_keypoints_is_equal(
    run_official: Callable[..., Any],
    client: Client,
    projects: list[str],
    tmp_path: Path,
    compat: Compat,
) -> None:
    maker = Maker(5, plain=compat is None)
    tasks = [maker.task(number) for number in range(TASKS)]
    for task in tasks:
        task["annotations"] += [maker.posed() for _ in range(maker.random.randrange(4))]
        maker.random.shuffle(task["annotations"])
    # Not all are used, and one that is used has no class.
    classes = [maker.posed_class(value) for value in (*VALUES[:0:-1], "none")]
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    arguments = {"project": projects[0], "tasks": tasks, "annotations": classes}
    run_official(theirs, [("export_coco", {**arguments, "output_dir": "coco"})])

    report = client.export_coco(
        **arguments, output_dir=tmp_path / "ours", compat=compat, quiet=True
    )

    assert report.written > 2 * TASKS
    assert contents(tmp_path / "ours") == contents(theirs / "coco")


def rows_of(text: bytes) -> list[list[float]]:
    return sorted([float(number) for number in line.split()] for line in text.splitlines())


def test_conversions_are_equal(
    run_official: Callable[..., Any], client: Client, projects: list[str], tmp_path: Path
) -> None:
    maker = Maker(7, plain=True)
    tasks = [maker.task(number) for number in range(TASKS)]
    for one in tasks:
        # An empty VOC file makes the official client fail.
        box = {"type": "bbox", "points": [10, 10, 50.5, 60]}
        one["annotations"].append({**maker.annotation(), **box})
    classes = tmp_path / "classes.txt"
    classes.write_text("\n".join(sorted(VALUES)) + "\n", encoding="utf-8")
    polygons = [
        {**one, "annotations": [each for each in one["annotations"] if each["type"] == "polygon"]}
        for one in tasks
    ]
    export = {"tasks": tasks, "quiet": True}
    client.export_labelme(output_dir=tmp_path / "labelme", **export)
    client.export_pascalvoc(projects[0], output_dir=tmp_path / "voc", **export)
    client.export_coco(projects[0], polygons, output_dir=tmp_path / "coco", quiet=True)
    for project in projects:
        folder = tmp_path / project
        client.export_yolo(project, output_dir=folder, **export)
        (folder / "classes.txt").unlink()
        for label in (folder / "annotations").rglob("*.txt"):
            Image.new("L", SIZE_WH).save(f"{str(label)[:-4]}.png")
    yolo = {"classes_file_path": str(classes)}
    jobs: list[Job] = [
        ("convert_labelme_to_fastlabel", {"folder_path": str(tmp_path / "labelme")}),
        ("convert_pascalvoc_to_fastlabel", {"folder_path": str(tmp_path / "voc")}),
        (
            "convert_coco_to_fastlabel",
            {
                "file_path": str(tmp_path / "coco" / "annotations.json"),
                "annotation_type": "polygon",
            },
        ),
        (
            "convert_yolo_to_fastlabel",
            {**yolo, "dataset_folder_path": str(tmp_path / projects[0]), "project_type": "bbox"},
        ),
        (
            "convert_yolo_to_fastlabel",
            {
                **yolo,
                "dataset_folder_path": str(tmp_path / projects[1]),
                "project_type": "segmentation",
            },
        ),
    ]
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for (method, arguments), wanted in zip(jobs, run_official(theirs, jobs), strict=True):
        assert len(wanted) == TASKS
        assert getattr(client, method)(**arguments) == wanted, method


@pytest.mark.parametrize("types", [None, ["valid", "test", "train"]])
def test_downloads_of_datasets_are_equal(
    run_official: Callable[..., Any],
    client: Client,
    tmp_path: Path,
    types: list[str] | None,
) -> None:
    dataset = f"files-{'types' if types else 'all'}"
    client.create_dataset(dataset)
    maker = Maker(1, plain=False)
    objects = []
    for number, kind in enumerate(("train", "valid", "none", "train")):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (number + 1, 5)).save(path)
        task = maker.task(number)
        objects.append(
            {
                "name": f"深い/b c/{number}.png" if number % 2 else f"{number}.png",
                "file_path": path,
                "type": kind,
                "tags": ["夜"] * (number % 2),
                "licenses": ["MIT"],
                "annotations": task["annotations"],
                "custom_metadata": {"鍵": task["name"]},
            }
        )
    client.upload_dataset_objects(dataset, objects, progress=False)
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    arguments = {"dataset": dataset, "types": types}

    [their_objects] = run_official(
        theirs, [("download_dataset_objects", {**arguments, "path": "out"})]
    )
    our_objects = client.download_dataset_objects(path=ours, **arguments)

    assert contents(ours) == contents(theirs / "out")
    for one in (*their_objects, *our_objects):
        del one["signedUrl"]
    assert our_objects == their_objects
    assert len(our_objects) == (3 if types else 4)
