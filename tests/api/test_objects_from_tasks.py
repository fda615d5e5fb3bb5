"""Tasks of a project become objects of a dataset, with what their people labelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Raw
from api.dataset_calls import DatasetCalls, content_of, counts
from clouds import S3Server
from conftest import jpeg_bytes
from fastlabel import Client
from media.scans import scan, zipped
from media_files import sample
from servers import Server, running_server

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 30, 20]}


@pytest.fixture
def dataset(raw: Raw, slug: str) -> DatasetCalls:
    return DatasetCalls.new(raw, f"of-{slug}")


def test_only_what_changed_in_the_tasks_changes_the_dataset(
    client: Client, project: str, cat_jpg: Path, dataset: DatasetCalls
) -> None:
    ids = [
        client.create_image_task(project, f"{n}.jpg", cat_jpg, status="approved", annotations=[BOX])
        for n in range(3)
    ]
    job = dataset.do("from-tasks", project=project)
    assert counts(job) == {"created": 3, "annotations": 3}
    head = dataset.revisions()[0]
    assert (head["via"], head["message"], head["added"]) == ("tasks", f"Tasks of {project}", 3)
    client.update_image_task(ids[1], annotations=[BOX, {**BOX, "points": [9, 9, 10, 10]}])
    client.update_image_task(ids[2], annotations=[BOX], tags=["another id, the same words"])
    job = dataset.do("from-tasks", project=project)
    assert counts(job) == {"changed": 1, "unchanged": 2, "annotations": 2}
    diff = dataset.raw("GET", f"datasets-v2/{dataset.id}/diff", params={"base": head["id"]}).json()
    [change] = diff["objects"]
    assert (change["name"], change["fields"]) == ("1.jpg", ["annotations"])
    assert [one["points"] for one in change["annotations"]["added"]] == [[9, 9, 10, 10]]
    assert change["annotations"]["removed"] == [], "what stayed has its id still"
    client.delete_task(ids[0])
    assert counts(dataset.do("from-tasks", project=project)) == {"unchanged": 2}
    assert [one["name"] for one in dataset.objects()] == ["0.jpg", "1.jpg", "2.jpg"]


def test_filters_narrow_which_tasks_become_objects(
    client: Client, project: str, cat_jpg: Path, dataset: DatasetCalls
) -> None:
    states = (("a", "approved", ["x"]), ("b", "approved", []), ("c", "completed", ["x"]))
    ids = {
        name: client.create_image_task(project, f"{name}.jpg", cat_jpg, status=status, tags=tags)
        for name, status, tags in states
    }

    def made(**body: Any) -> list[str]:
        dataset.do("from-tasks", project=project, **body)
        found = [one["name"] for one in dataset.objects()]
        for name in found:
            dataset.raw("DELETE", f"datasets-v2/{dataset.id}/objects/{name}")
        return found

    assert made() == ["a.jpg", "b.jpg"]
    assert made(tags=["x"]) == ["a.jpg"]
    assert made(status="completed", prefix="later/") == ["later/c.jpg"]
    assert made(status=None) == ["a.jpg", "b.jpg", "c.jpg"]
    assert made(ids=[ids["c"], ids["b"]]) == ["b.jpg", "c.jpg"]
    assert made(ids=[ids["c"], ids["b"]], status="approved") == ["b.jpg"]


def test_objects_get_a_type_and_tags_where_they_are_given(
    client: Client, project: str, cat_jpg: Path, dataset: DatasetCalls
) -> None:
    client.create_image_task(project, "a.jpg", cat_jpg, status="approved")
    dataset.do("from-tasks", project=project)
    dataset.change("a.jpg", tags=["own"], licenses=["MIT"])
    assert counts(dataset.do("from-tasks", project=project)) == {"unchanged": 1}
    for _ in range(2):
        dataset.do("from-tasks", project=project, type="valid", objectTags=["new", "new"])
    found = dataset.object("a.jpg")
    assert (found["type"], found["tags"], found["licenses"]) == ("valid", ["new"], ["MIT"])
    assert len(dataset.revisions()) == 4
    dataset.do("from-tasks", project=project)
    assert dataset.object("a.jpg")["tags"] == ["new"]


def test_what_the_project_has_no_place_for_stays_in_the_dataset(
    client: Client, slug: str, dataset: DatasetCalls
) -> None:
    """Two projects label the same pictures, each its own classes."""
    for project, value in ((slug, "cat"), (f"{slug}-2", "dog")):
        client.create_project("image_bbox", "P", project, workflow="three_step")
        client.create_annotation(project, "bbox", value, value, color="#000000")
    client.create_metadata(slug, "camera")
    line = {"type": "line", "value": "road", "points": [0, 0, 9, 9], "id": "mine"}
    metadata = {"camera": "left", "weather": "rain"}
    dataset.put("a.jpg", jpeg_bytes(), annotations=[line], customMetadata=metadata)
    for project, value in ((slug, "cat"), (f"{slug}-2", "dog")):
        dataset.do("tasks", project=project)
        [task] = client.get_image_tasks(project)
        client.update_image_task(
            task["id"], status="approved", annotations=[{**BOX, "value": value}]
        )
    [task] = client.get_image_tasks(slug)
    client.update_image_task(task["id"], metadatas=[{"key": "camera", "value": "right"}])
    for _ in range(2):
        jobs = [dataset.do("from-tasks", project=one) for one in (slug, f"{slug}-2")]
    assert [counts(job) for job in jobs] == [{"unchanged": 1}] * 2
    found = dataset.object("a.jpg")
    assert sorted(one["value"] for one in found["annotations"]) == ["cat", "dog", "road"]
    assert next(one["id"] for one in found["annotations"] if one["value"] == "road") == "mine"
    assert found["customMetadata"] == {"camera": "right", "weather": "rain"}
    [task] = client.get_image_tasks(slug)
    client.update_image_task(task["id"], annotations=[{**BOX, "points": [0, 0, 1, 1]}])
    dataset.do("from-tasks", project=slug)
    found = dataset.object("a.jpg")
    assert {one["value"]: one["points"] for one in found["annotations"]} == {
        "cat": [0, 0, 1, 1],
        "dog": BOX["points"],
        "road": [0, 0, 9, 9],
    }


def test_relations_go_along_with_their_annotations(
    client: Client, project: str, cat_jpg: Path, dataset: DatasetCalls
) -> None:
    annotations = [{**BOX, "points": [n, n, 9, 9]} for n in range(3)]
    task_id = client.create_image_task(project, "a.jpg", cat_jpg, annotations=annotations)
    relations = [{"startIndex": 2, "endIndex": 0}, {"startIndex": 2, "endIndex": 1}]
    client.update_image_task(task_id, status="approved", relations=relations)
    dataset.do("from-tasks", project=project)
    shown = dataset.object("a.jpg")["annotations"]
    assert [one.get("relations") for one in shown] == [
        None,
        None,
        [{"endIndex": 0}, {"endIndex": 1}],
    ]
    client.delete_task(task_id)
    dataset.do("tasks", project=project, status="approved")
    [task] = client.get_image_tasks(project)
    assert task["relations"] == relations
    assert counts(dataset.do("from-tasks", project=project)) == {"unchanged": 1}


def test_each_picture_of_a_sequence_is_an_object(
    client: Client, slug: str, tmp_path: Path, dataset: DatasetCalls
) -> None:
    client.create_project("sequential_image_bbox", "P", slug, workflow="three_step")
    client.create_annotation(slug, "bbox", "cat", "Cat")
    for name in ("1.jpg", "2.jpg", "3.png"):
        (tmp_path / name).write_bytes(sample(Path(name).suffix, int(name[0])))
    annotations = [
        {**BOX, "content": name, "points": [int(name[0])] * 4}
        for name in ("2.jpg", "3.png", "2.jpg")
    ]
    task_id = client.create_sequential_image_task(
        slug, "walk", tmp_path, status="approved", annotations=annotations
    )
    job = dataset.do("from-tasks", project=slug, prefix="videos")
    assert counts(job) == {"created": 3, "annotations": 3}
    found = {one["name"]: one for one in dataset.objects()}
    assert list(found) == ["videos/walk/1.jpg", "videos/walk/2.jpg", "videos/walk/3.png"]
    assert [len(one["annotations"]) for one in found.values()] == [0, 2, 1]
    assert "content" not in found["videos/walk/3.png"]["annotations"][0]
    client.update_sequential_image_task(
        task_id, annotations=[{**one, "points": [1, 1, 2, 2]} for one in annotations[:1]]
    )
    job = dataset.do("from-tasks", project=slug, prefix="videos")
    assert counts(job) == {"changed": 2, "unchanged": 1, "annotations": 1}


def test_each_cloud_of_a_sequence_has_the_cuboids_of_its_frame(
    client: Client, slug: str, tmp_path: Path, dataset: DatasetCalls
) -> None:
    client.create_project("sequential_pcd_cuboid", "P", slug, workflow="three_step")
    client.create_annotation(slug, "cuboid", "car", "Car")
    for number in (1, 2):
        (tmp_path / f"{number}.pcd").write_bytes(sample(".pcd", number))
    cuboids = {str(n): [n, 2, 3, 0, 0, 0, 1, 1, 2] for n in (2, 3)}
    points = {frame: {"value": value, "autogenerated": False} for frame, value in cuboids.items()}
    client.create_sequential_pcd_task(
        slug,
        "drive",
        tmp_path,
        status="approved",
        annotations=[{"type": "cuboid", "value": "car", "points": points}],
    )
    job = dataset.do("from-tasks", project=slug)
    assert counts(job) == {"created": 2, "annotations": 1}
    assert job["report"]["leftOut"] == {"a frame of no file": 1}
    assert "the task has 2 files, got frame 3" in job["report"]["examples"][0]["message"]
    shown = [[a["points"] for a in one["annotations"]] for one in dataset.objects()]
    assert shown == [[], [cuboids["2"]]]


def test_each_slice_of_a_series_is_an_object_named_as_such(
    client: Client, slug: str, tmp_path: Path, raw: Raw, dataset: DatasetCalls
) -> None:
    """Slices often have no extension, and several may lie in one file."""
    client.create_project("dicom_bbox", "P", slug, workflow="three_step")
    client.create_annotation(slug, "bbox", "cat", "Cat")
    archive = tmp_path / "scan.zip"
    archive.write_bytes(zipped({"a": scan(1), "b.dcm": scan(2), "c": scan(3, frames=2)}))
    client.wait_for_history(client.create_dicom_task(slug, archive)["id"])
    [task] = client.get_dicom_tasks(slug)
    client.update_dicom_task(task["id"], status="approved")
    job = dataset.do("from-tasks", project=slug)
    assert counts(job) == {"created": 2, "failed": 2}
    assert [one["name"] for one in dataset.objects()] == ["scan.zip/a.dcm", "scan.zip/b.dcm"]
    assert "one of several pictures in a file" in job["report"]["examples"][0]["message"]
    assert counts(dataset.do("from-tasks", project=slug)) == {"unchanged": 2, "failed": 2}


def test_a_name_gets_the_ending_that_its_file_has_unless_another_task_has_that_name(
    client: Client, project: str, cat_jpg: Path, raw: Raw, dataset: DatasetCalls
) -> None:
    for name in ("plain", "v1.5", "talk.wav", "both", "both.jpg"):
        body = {"project": project, "name": name, "status": "approved"}
        assert raw.upload(body, ("", cat_jpg.read_bytes())).status_code == 200
    job = dataset.do("from-tasks", project=project)
    assert counts(job) == {"created": 4, "taken": 1}
    names = [one["name"] for one in dataset.objects()]
    assert names == ["plain.jpg", "v1.5.jpg", "talk.wav.jpg", "both.jpg"]
    long = "x" * 490
    client.create_image_task(project, long, cat_jpg, status="approved")
    job = dataset.do("from-tasks", project=project, tags=[], prefix="a/long/folder")
    assert counts(job) == {"created": 4, "taken": 1, "failed": 1}
    assert "up to 500 characters" in job["report"]["examples"][1]["message"]


@pytest.fixture(scope="module")
def cloud_server(tmp_path_factory: pytest.TempPathFactory, s3_cloud: S3Server) -> Iterator[Server]:
    """A platform on SQLite and a folder whose environment knows a cloud."""
    folder = tmp_path_factory.mktemp("server-cloud")
    with running_server(folder, **s3_cloud.environment) as server:
        yield server


def test_files_in_a_bucket_of_the_project_are_fetched(
    cloud_server: Server, http: Any, s3_cloud: S3Server, slug: str
) -> None:
    raw = Raw(http, cloud_server)
    bucket = s3_cloud.new_bucket()
    pictures = {f"in/{number}.jpg": sample(".jpg", number) for number in range(3)}
    for name, data in pictures.items():
        s3_cloud.put(bucket, name, data)
    with cloud_server.client() as client:
        client.create_project("image_bbox", "P", slug, workflow="three_step")
        client.update_aws_s3_storage(slug, bucket, "us-east-1", "")
        client.wait_for_history(client.create_task_from_aws_s3(slug, status="approved")["id"])
        dataset = DatasetCalls.new(raw, f"of-{slug}")
        assert counts(dataset.do("from-tasks", project=slug)) == {"created": 3}
        for one in dataset.objects():
            assert content_of(one["signedUrl"]) == pictures[one["name"]]
        s3_cloud.put(bucket, "in/1.jpg", sample(".jpg", 7))
        s3_cloud.put(bucket, "in/2.jpg", b"torn")
        job = dataset.do("from-tasks", project=slug)
        assert counts(job) == {"changed": 1, "unchanged": 1, "failed": 1}
        assert "not a jpeg, png or gif image" in job["report"]["examples"][0]["message"]
        assert content_of(dataset.object("in/1.jpg")["signedUrl"]) == sample(".jpg", 7)
        assert content_of(dataset.object("in/2.jpg")["signedUrl"]) == pictures["in/2.jpg"]
