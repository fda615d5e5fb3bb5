"""Objects split into parts, and the parts put together again as tasks."""

from __future__ import annotations

import io
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from api.conftest import Raw
from api.datasets import DatasetApi, ok, picture, refusal
from fastlabel import Client
from media import recordings
from media.recordings import m4a, mp3, wav
from servers import Server

KEYED = {"x264-params": "keyint=6:min-keyint=6:scenecut=0:bframes=2:b-adapt=0"}


def png(size_wh: tuple[int, int] = (101, 80)) -> bytes:
    output = io.BytesIO()
    width, height = size_wh
    pixels = np.arange(width * height * 3, dtype=np.uint32).reshape(height, width, 3) % 251
    Image.fromarray(pixels.astype(np.uint8)).save(output, "PNG")
    return output.getvalue()


def split(dataset: DatasetApi, **body: Any) -> dict[str, Any]:
    """Split objects; return the job when it has ended."""
    return dataset.ended(ok(dataset.call("POST", "/split", json=body)))


def parts_of(dataset: DatasetApi, prefix: str) -> list[dict[str, Any]]:
    found = [
        each
        for each in dataset.objects(signed=True)
        if each["name"].rpartition("/")[0] == f"{dataset.name}/{prefix}"
    ]
    return sorted(found, key=lambda each: each["split"]["part"])


def file_of(found: dict[str, Any]) -> bytes:
    return httpx.get(found["signedUrl"]).raise_for_status().content


def test_an_image_becomes_tiles_with_their_labels(dataset: DatasetApi) -> None:
    data = png()
    fields = {
        "tags": ["aerial"],
        "licenses": ["MIT"],
        "type": "train",
        "customMetadata": {"camera": "2"},
    }
    whole = dataset.add(
        "a/cat.v1.PNG",
        data,
        annotations=[
            {"type": "bbox", "value": "cat", "points": [40, 30, 70, 60], "id": "x"},
            {"type": "classification", "value": "classification"},
        ],
        **fields,
    )
    before = dataset.head()
    job = split(dataset, objectNames=["a/cat.v1.PNG"], columns=2, rows=2, message="Tiles")
    assert (job["status"], job["operation"], job["done"], job["total"]) == (
        "completed", "split", 4, 4,
    )  # fmt: skip
    head = dataset.head()
    assert (head["id"], head["via"], head["message"]) == (job["revisionId"], "split", "Tiles")
    assert (head["added"], head["changed"], head["removed"]) == (4, 0, 0)
    parts = parts_of(dataset, "a/cat.v1")
    assert [part["name"] for part in parts] == [
        f"{dataset.name}/a/cat.v1/{number}.PNG" for number in (1, 2, 3, 4)
    ]
    assert [(part["width"], part["height"]) for part in parts] == [
        (51, 40), (50, 40), (51, 40), (50, 40),
    ]  # fmt: skip
    assert [[each["points"] for each in part["annotations"]] for part in parts] == [
        [[40, 30, 51, 40]], [[0, 30, 19, 40]], [[40, 0, 51, 20]], [[0, 0, 19, 20]],
    ]  # fmt: skip
    for part in parts:
        assert {name: part[name] for name in fields} == fields
    assert parts[3]["split"] == {
        "datasetId": dataset.id,
        "objectId": whole["id"],
        "object": "a/cat.v1.PNG",
        "revisionId": before["id"],
        "sha256": whole["sha256"],
        "part": 4,
        "parts": 4,
        "columns": 2,
        "rows": 2,
        "x": 51,
        "y": 40,
    }
    pixels = [np.asarray(Image.open(io.BytesIO(file_of(part)))) for part in parts]
    together = np.vstack([np.hstack(pixels[:2]), np.hstack(pixels[2:])])
    np.testing.assert_array_equal(together, np.asarray(Image.open(io.BytesIO(data))))
    [unchanged] = [each for each in dataset.objects() if each["name"] == whole["name"]]
    assert unchanged == whole
    assert "split" not in whole


def test_what_a_part_is_of_stays_when_its_labels_change(dataset: DatasetApi) -> None:
    dataset.add("cat.png", png())
    split(dataset, objectNames=["cat.png"], columns=2, rows=1)
    name = f"{dataset.name}/cat/2.png"
    kept = ok(dataset.find(name))["split"]
    box = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}
    for fields in ({"annotations": [box]}, {"customMetadata": {"a": "b"}}, {"annotations": []}):
        assert dataset.change(name, **fields)["split"] == kept
    revision = dataset.head()["id"]
    dataset.change(name, customMetadata={})
    dataset.restore(revisionId=revision)
    assert ok(dataset.find(name))["split"] == kept


def test_the_same_split_again_changes_nothing(dataset: DatasetApi) -> None:
    dataset.add("cat.png", png())
    split(dataset, objectNames=["cat.png"], columns=2, rows=1)
    dataset.change(f"{dataset.name}/cat/1.png", type="test")
    head = dataset.head()
    job = split(dataset, objectNames=["cat.png"], columns=2, rows=1)
    assert (job["status"], job["done"], job["revisionId"]) == ("completed", 2, None)
    assert dataset.head() == head


def test_another_split_replaces_the_first_where_it_is_told_to(dataset: DatasetApi) -> None:
    dataset.add("cat.png", png())
    split(dataset, objectNames=["cat.png"], columns=3, rows=1)
    head = dataset.head()
    job = split(dataset, objectNames=["cat.png"], columns=2, rows=1)
    assert job["status"] == "failed"
    assert job["message"] == (
        f"cat.png: dataset '{dataset.name}' has '{dataset.name}/cat/1.png', a part of another "
        "split of 'cat.png'; with `replace` these parts take its place"
    )
    assert dataset.head() == head
    job = split(dataset, objectNames=["cat.png"], columns=2, rows=1, replace=True)
    assert job["status"] == "completed"
    after = dataset.head()
    assert (after["added"], after["changed"], after["removed"]) == (0, 2, 1)
    assert [part["width"] for part in parts_of(dataset, "cat")] == [51, 50]


def test_an_object_that_is_no_part_is_never_replaced(dataset: DatasetApi) -> None:
    dataset.add("cat.png", png())
    dataset.add(f"{dataset.name}/cat/2.jpg", picture())
    job = split(dataset, objectNames=["cat.png"], columns=2, rows=1, replace=True)
    assert job["status"] == "failed"
    assert f"has an object '{dataset.name}/cat/2.jpg' that is no part" in job["message"]


def test_a_changed_file_is_split_anew_where_it_is_told_to(dataset: DatasetApi) -> None:
    dataset.add("cat.png", png())
    split(dataset, objectNames=["cat.png"], columns=2, rows=1)
    push = dataset.start_push()
    ok(dataset.bring(push["id"], [{"name": "cat.png", "hasFile": True}], png((60, 40))))
    dataset.commit(push["id"])
    assert split(dataset, objectNames=["cat.png"], columns=2, rows=1)["status"] == "failed"
    split(dataset, objectNames=["cat.png"], columns=2, rows=1, replace=True)
    assert [part["width"] for part in parts_of(dataset, "cat")] == [30, 30]


def test_all_that_the_filter_finds_is_split_but_for_parts(dataset: DatasetApi) -> None:
    dataset.add("a.png", png(), tags=["x"])
    dataset.add("b.png", png(), tags=["x"])
    dataset.add("c.png", png())
    dataset.add("v.mp4", recordings.video(frames=4), tags=["x"])
    job = split(dataset, filter={"tags": ["x"]}, columns=2, rows=1)
    assert (job["status"], job["done"], job["total"]) == ("completed", 4, 4)
    names = set(dataset.names())
    # The parts have the tag as well.
    job = split(dataset, filter={"tags": ["x"]}, columns=2, rows=1)
    assert (job["status"], job["done"]) == ("completed", 4)
    assert set(dataset.names()) == names
    assert len([name for name in names if "/" in name]) == 4
    job = split(dataset, filter={}, columns=2, rows=1)
    assert len(dataset.names()) == 4 + 6


def test_a_part_that_is_named_is_split_again(dataset: DatasetApi) -> None:
    dataset.add("a.png", png())
    split(dataset, objectNames=["a.png"], columns=2, rows=1)
    split(dataset, objectNames=[f"{dataset.name}/a/2.png"], columns=1, rows=2)
    names = [f"{dataset.name}/{dataset.name}/a/2/{number}.png" for number in (1, 2)]
    assert set(names) <= set(dataset.names())


def test_parts_in_another_dataset_have_the_name_of_the_whole_s(
    raw: Raw, dataset: DatasetApi
) -> None:
    dataset.add("a.png", png())
    target = DatasetApi.new(raw)
    head = dataset.head()
    begun = ok(
        dataset.call(
            "POST",
            "/split",
            json={"filter": {}, "columns": 2, "rows": 1, "intoDataset": target.name},
        )
    )
    assert target.ended(begun)["status"] == "completed"
    assert target.names() == [f"{dataset.name}/a/1.png", f"{dataset.name}/a/2.png"]
    assert {each["split"]["datasetId"] for each in target.objects()} == {dataset.id}
    assert dataset.head() == head
    # The file of the whole may go: its parts have their own.
    dataset.call("DELETE").raise_for_status()
    assert len(file_of(target.objects(signed=True)[0])) > 0


def test_parts_without_labels(dataset: DatasetApi) -> None:
    """A box as an example of the documentation has it cannot be cut."""
    box = {"type": "bbox", "value": "cat", "points": [0]}
    dataset.add("a.png", png(), annotations=[box])
    job = split(dataset, objectNames=["a.png"], columns=2, rows=1)
    assert (job["status"], job["message"]) == (
        "failed",
        "a.png: annotations[0].points: a bbox has 4 numbers, got 1; right is [x1, y1, x2, y2]",
    )
    job = split(dataset, objectNames=["a.png"], columns=2, rows=1, annotations=False)
    assert job["status"] == "completed"
    assert [part["annotations"] for part in parts_of(dataset, "a")] == [[], []]


def test_more_parts_than_a_chunk_takes(dataset: DatasetApi) -> None:
    dataset.add("a.png", png((200, 200)))
    job = split(dataset, objectNames=["a.png"], columns=20, rows=50)
    assert (job["status"], job["done"]) == ("completed", 1000)
    assert dataset.head()["added"] == 1000


def test_a_video_becomes_parts_with_its_objects(dataset: DatasetApi) -> None:
    box = {"value": [1, 2, 11, 12], "autogenerated": False}
    track = {
        "type": "bbox",
        "value": "car",
        "points": {str(number): box for number in (7, 8, 9, 24)},
    }
    dataset.add("v.mp4", recordings.video(frames=24, options=KEYED), annotations=[track])
    job = split(dataset, objectNames=["v.mp4"], parts=3, method="keyframes")
    assert job["status"] == "completed"
    parts = parts_of(dataset, "v")
    assert [part["frameCount"] for part in parts] == [6, 12, 6]
    assert [part["split"]["frame"] for part in parts] == [0, 6, 18]
    assert [part["split"]["start"] for part in parts] == pytest.approx([0, 0.2, 0.6])
    assert [[list(each["points"]) for each in part["annotations"]] for part in parts] == [
        [], [["1", "2", "3"]], [["6"]],
    ]  # fmt: skip
    job = split(dataset, objectNames=["v.mp4"], parts=3, replace=True)
    assert job["status"] == "completed"
    parts = parts_of(dataset, "v")
    assert [part["frameCount"] for part in parts] == [8, 8, 8]
    assert {part["split"]["method"] for part in parts} == {"exact"}


def test_fewer_key_frames_than_parts_fail_the_job(dataset: DatasetApi) -> None:
    dataset.add("v.mp4", recordings.video(frames=24, options=KEYED))
    head = dataset.head()
    job = split(dataset, objectNames=["v.mp4"], parts=5, method="keyframes")
    assert (job["status"], job["message"]) == (
        "failed",
        "v.mp4: its key frames allow up to 4 parts, not 5; the method `exact` needs none",
    )
    assert dataset.head() == head


@pytest.mark.parametrize("grid", [(2, 2), (3, 1), (1, 3), (3, 2)], ids=str)
def test_an_image_split_and_put_together_has_its_labels(
    grid: tuple[int, int],
    dataset: DatasetApi,
    client: Client,
    slug: str,
) -> None:
    drawn = {
        "bbox": [12, 10, 95, 70],
        "polygon": [5, 5, 90, 15.5, 60, 75, 30, 40, 10, 70],
        "keypoint": [70, 66],
        "circle": [50, 40, 20],
    }
    annotations = [{"type": kind, "value": kind, "points": drawn[kind]} for kind in drawn]
    dataset.add("cat.png", png(), annotations=annotations)
    columns, rows = grid
    assert (
        split(dataset, objectNames=["cat.png"], columns=columns, rows=rows)["status"] == "completed"
    )
    client.create_project("image_all", "P", slug)
    register(dataset, "cat", slug)
    found = client.find_integrated_image_task_by_prefix(slug, f"{dataset.name}/cat")
    assert found["name"] == f"{dataset.name}/cat.png"
    together = {each["type"]: each["points"] for each in found["annotations"]}
    assert len(found["annotations"]) == len(drawn)
    for kind in ("bbox", "keypoint", "circle"):
        assert together[kind] == drawn[kind]
    assert _turned_to_start(together["polygon"], drawn["polygon"][:2]) == drawn["polygon"]


def _turned_to_start(points: list[float], first: list[float]) -> list[float]:
    """Return the points of a ring from a corner on; they come back from any corner."""
    corners = list(zip(points[::2], points[1::2], strict=True))
    at = corners.index(tuple(first))  # type: ignore[arg-type]
    return [number for corner in corners[at:] + corners[:at] for number in corner]


@pytest.mark.parametrize("method", ["exact", "keyframes"])
def test_a_video_split_and_put_together_has_its_labels(
    method: str,
    dataset: DatasetApi,
    client: Client,
    slug: str,
) -> None:
    times = [*recordings.IRREGULAR, *(time + 700 for time in recordings.IRREGULAR)]
    points = {
        str(number): {"value": [number, 2, number + 30, 22], "autogenerated": number % 3 > 0}
        for number in range(3, 31)
    }
    track = {"type": "bbox", "value": "car", "points": points}
    data = recordings.video(times=times, options=recordings.B_FRAMES)
    dataset.add("film/v.mp4", data, annotations=[track])
    job = split(dataset, objectNames=["film/v.mp4"], parts=3, method=method)
    assert job["status"] == "completed", job
    client.create_project("video_bbox", "P", slug)
    register(dataset, "film/v", slug)
    found = client.find_integrated_video_task_by_prefix(slug, f"{dataset.name}/film/v")
    [together] = found["annotations"]
    assert together["points"] == points


@pytest.mark.parametrize(
    ("extension", "data"),
    [(".wav", wav(duration_s=3)), (".mp3", mp3(duration_s=3)), (".m4a", m4a(duration_s=3))],
    ids=["WAV", "MP3", "M4A"],
)
def test_a_recording_split_and_put_together_has_its_labels(
    extension: str,
    data: bytes,
    dataset: DatasetApi,
    client: Client,
    slug: str,
) -> None:
    spans = [(0.2, 0.6), (0.7, 2.5), (2.6, 2.9)]
    annotations = [
        {"type": "segmentation", "value": f"word-{number}", "start": start, "end": end}
        for number, (start, end) in enumerate(spans)
    ]
    dataset.add(f"voice{extension}", data, annotations=annotations)
    job = split(dataset, objectNames=[f"voice{extension}"], parts=4)
    assert job["status"] == "completed", job
    client.create_project("audio_segmentation", "P", slug)
    register(dataset, "voice", slug)
    found = client.find_integrated_audio_task_by_prefix(slug, f"{dataset.name}/voice")
    together = [number for each in found["annotations"] for number in (each["start"], each["end"])]
    assert together == pytest.approx([number for span in spans for number in span])


def register(dataset: DatasetApi, prefix: str, project: str) -> None:
    """Make tasks of parts."""
    names = [part["name"] for part in parts_of(dataset, prefix)]
    body = {"project": project, "objectNames": names, "createClasses": True}
    job = dataset.ended(ok(dataset.call("POST", "/tasks", json=body)))
    assert (job["status"], job["report"]["created"]) == ("completed", len(names)), job


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"columns": 2, "rows": 2}, 422, "objectNames, filter: one of them is expected"),
        ({"objectNames": ["a.png"], "filter": {}, "columns": 2}, 422, "objectNames, filter: one"),
        ({"objectNames": ["a.png"]}, 422, "columns, rows, parts: expected columns and rows for"),
        ({"objectNames": ["a.png"], "columns": 2, "parts": 2}, 422, "columns, rows, parts: exp"),
        ({"objectNames": ["a.png"], "columns": 1, "rows": 1}, 422, "expected 2 to 1,000 tiles"),
        ({"objectNames": ["a.png"], "columns": 200, "rows": 6}, 422, "got 200 x 6 = 1,200"),
        ({"objectNames": ["a.png"], "columns": 0}, 422, "columns: input should be greater than"),
        ({"objectNames": ["v.mp4"], "parts": 1}, 422, "parts: input should be greater than or"),
        ({"objectNames": ["v.mp4"], "parts": 2, "method": "fast"}, 422, "method: input should be"),
        ({"objectNames": ["a.png"], "columns": 2, "method": "exact"}, 422, "method: 'exact' is"),
        ({"objectNames": []}, 422, "objectNames: list should have at least 1 item"),
        (
            {"objectNames": ["a.png", "b.png"], "columns": 2},
            404,
            "objectNames[1]: dataset 'NAME' has no object 'b.png'",
        ),
        (
            {"objectNames": ["v.mp4"], "columns": 2, "rows": 1},
            422,
            "objectNames[0]: 'v.mp4' is of the kind video; columns and rows are for images",
        ),
        (
            {"objectNames": ["a.png"], "parts": 2},
            422,
            "objectNames[0]: 'a.png' is of the kind image; parts are for videos and recordings",
        ),
        (
            {"objectNames": ["a.png"], "rows": 81},
            422,
            "objectNames[0]: 'a.png' has 101 x 80 pixels, which 1 columns and 81 rows are too",
        ),
        (
            {"objectNames": ["v.mp4"], "parts": 5},
            422,
            "objectNames[0]: 'v.mp4' has 4 frames, which 5 parts are too many for",
        ),
        (
            {"objectNames": ["a.png", "a.jpg"], "columns": 2},
            422,
            "objectNames[1]: the parts of 'a.jpg' would have the names of those of 'a.png'",
        ),
        (
            {"objectNames": ["a.png"], "columns": 2, "intoDataset": "nowhere"},
            404,
            "intoDataset: there is no dataset 'nowhere'",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    body: dict[str, Any], status: int, message: str, raw: Raw, shared: DatasetApi
) -> None:
    found, text = refusal(shared.call("POST", "/split", json=body))
    assert found == status
    assert message.replace("NAME", shared.name) in text
    # Nothing was begun, and so the dataset takes changes.
    assert refusal_free(raw, shared)


@pytest.fixture(scope="module")
def shared(server: Server, http: httpx.Client) -> DatasetApi:
    """A dataset that no test changes."""
    dataset = DatasetApi.new(Raw(http, server))
    dataset.add("a.png", png())
    dataset.add("a.jpg", picture())
    dataset.add("v.mp4", recordings.video(frames=4))
    return dataset


def refusal_free(raw: Raw, dataset: DatasetApi) -> bool:
    answer = dataset.try_change("a.png", type="none")
    return answer.status_code == 200


def test_a_member_without_the_module_is_refused(shared: DatasetApi, server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.stranger_token}"}
    body = {"objectNames": ["a.png"], "columns": 2}
    assert refusal(shared.call("POST", "/split", json=body, headers=headers))[0] == 403
