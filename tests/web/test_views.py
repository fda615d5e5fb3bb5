"""The pages of every kind of task: walked by their descriptions, with real files."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import time
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from fastlabel.modalities import PROJECT_TYPES, TASK_KINDS
from fastlabel_server.db import Database
from fastlabel_server.tables import ImportHistory
from fastlabel_server.web.views import VIEWS
from fastlabel_server.web.views.base import FILES, LISTED
from media.scans import SIZE_WH, scan, zipped
from media_files import EXAMPLES, extensions, sample
from servers import running_server

VOID = {"meta", "link", "img", "input", "br"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server with a worker: what a page shows does not depend on the database."""
    with running_server(tmp_path_factory.mktemp("server-views")) as running:
        yield running


class Outline(HTMLParser):
    """The anchors and links of a page; fails where an element is not closed."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.links, self.sources, self.open = [], [], [], []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.sources += [given["src"]] if "src" in given else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page_of(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    outline = Outline(answer.text)
    assert len(outline.ids) == len(set(outline.ids)), "every anchor is there once"
    anchors = [link[1:] for link in outline.links if link.startswith("#")]
    assert set(anchors) <= set(outline.ids), "every link into the page leads somewhere"
    assert "<script" not in answer.text
    return answer.text, outline


def wait_for(look, what, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {timeout_s} s")


def create(client, kind, slug, folder, **options):
    """Make a task of a kind from small real files, as a user of the SDK does."""
    method = getattr(client, f"create_{kind.name}_task")
    if kind.intake == "none":
        return method(slug, "t", **options)
    names = [f"{n}{ext}" for n, ext in enumerate(extensions(kind), start=1)]
    if kind.intake == "file":
        path = folder / names[0]
        path.write_bytes(sample(extensions(kind)[0]))
        return method(slug, "t", path, **options)
    for number, name in enumerate(names):
        (folder / name).write_bytes(sample(name[name.index(".") :], number))
    return method(slug, "t", folder, **options)


def test_every_modality_has_a_view():
    assert VIEWS.keys() == {kind.modality for kind in TASK_KINDS.values()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_task_shows_its_file_and_its_annotation(owner, client, slug, tmp_path, name):
    kind = PROJECT_TYPES[name].kind
    example = EXAMPLES[name]
    label = {"type": example.class_type, "value": "thing", **example.annotation}
    if label.get("content"):
        label["content"] = f"1{extensions(kind)[0]}"
    client.create_project(name, "P", slug)
    client.create_annotation(slug, example.class_type, "thing", "Thing", color="#b36d18")
    later = kind.intake == "none"
    options = {} if later else {"annotations": [label]}
    task_id = create(client, kind, slug, tmp_path, **options)
    if later:
        client.update_robotics_task(task_id, annotations=[label])

    page, outline = page_of(owner, f"/projects/{slug}/tasks/{task_id}")

    assert "annotation-1" in outline.ids
    assert "Thing" in page
    assert "#b36d18" in page
    files = [link for link in outline.sources if link.startswith("/files/file/")]
    for link in files:
        assert owner.get(link).status_code == 200
    assert kind.intake != "file" or kind.modality in ("text", "pcd") or files
    assert "shape-1" in outline.ids or later or kind.modality == "pcd"


@pytest.mark.parametrize(
    "name", [name for name, one in PROJECT_TYPES.items() if one.kind.labels == "attributes"]
)
def test_a_task_shows_its_file_and_its_answers(owner, client, slug, tmp_path, name):
    kind = PROJECT_TYPES[name].kind
    client.create_project(name, "P", slug)
    client.create_classification_annotation(slug, [{"type": "text", "name": "Mood", "key": "mood"}])
    answers = [{"key": "mood", "value": "calm & clear"}]
    task_id = create(client, kind, slug, tmp_path, attributes=answers)

    page, _ = page_of(owner, f"/projects/{slug}/tasks/{task_id}")

    assert "<dt>Mood</dt><dd>calm &amp; clear</dd>" in page
    assert "/files/file/" in page or "Ada 😀 met 渋谷" in page


@pytest.mark.parametrize("name", PROJECT_TYPES)
def test_an_empty_project_names_the_method_of_its_kind(owner, client, slug, name):
    client.create_project(name, "P", slug)

    code = unescape(owner.get(f"/projects/{slug}").text)

    [method] = re.findall(r"client\.(create_\w+_task)\(", code)
    assert callable(getattr(client, method))


def test_a_sequence_shows_one_picture_large_and_a_page_of_small_ones(owner, client, slug, tmp_path):
    client.create_project("sequential_image_bbox", "P", slug)
    client.create_annotation(slug, "bbox", "cat", "Cat")
    count = FILES + 3
    for number in range(1, count + 1):
        (tmp_path / f"{number:03}.jpg").write_bytes(sample(".jpg", number))
    box = {"type": "bbox", "value": "cat", "points": [1, 2, 9, 9]}
    task_id = client.create_sequential_image_task(
        slug, "t", tmp_path, annotations=[
            {**box, "content": "002.jpg"}, {**box, "content": f"{count:03}.jpg"}]
    )  # fmt: skip
    path = f"/projects/{slug}/tasks/{task_id}"

    first, outline = page_of(owner, path)
    assert f"Picture 1 of {count} · 001.jpg" in first
    assert len(re.findall(r'class="frame-foot"', first)) == FILES
    assert "None on picture 1." in first
    assert [href for href in outline.links if href.startswith("?at=")][:3] == [
        f"?at={FILES + 1}", "?at=2", f"?at={count}"
    ]  # fmt: skip

    last, outline = page_of(owner, f"{path}?at={count}")
    assert len(re.findall(r'class="frame-foot"', last)) == 3
    assert {"shape-2", "annotation-2"} <= set(outline.ids)
    assert "annotation-1" not in outline.ids

    beyond, _ = page_of(owner, f"{path}?at=9999")
    assert f"Picture {count} of {count}" in beyond


def test_a_series_is_opened_in_its_middle_and_stands_for_itself_there(
    owner, client, slug, tmp_path
):
    client.create_project("dicom_bbox", "P", slug)
    client.create_annotation(slug, "bbox", "disc", "Disc")
    (tmp_path / "series.zip").write_bytes(
        zipped({f"{number}.dcm": scan(number) for number in range(1, 6)})
    )
    history = client.create_dicom_task(slug, tmp_path / "series.zip")
    client.wait_for_history(history["id"], 60)
    task = client.find_dicom_task_by_name(slug, "series.zip")
    slices = [content["id"] for content in task["contents"]]
    box = {"type": "bbox", "value": "disc", "points": [10, 8, 30, 24], "contentId": slices[2]}
    client.update_dicom_task(task["id"], annotations=[box])

    def thumbnail():
        return re.search(r'src="(/files/thumbnail/[^"]*)"', owner.get(f"/projects/{slug}").text)

    poster = unescape(wait_for(thumbnail, "the thumbnail").group(1))
    assert slices[2] in poster

    def large():
        page, outline = page_of(owner, f"/projects/{slug}/tasks/{task['id']}")
        assert f"Slice 3 of 5 · {task['contents'][2]['name']}" in page
        assert "shape-1" in outline.ids or "picture is being made" in page
        return page if "enlarged" in page else None

    page = wait_for(large, "the picture of the slice")
    assert f'viewBox="0 0 {SIZE_WH[0]} {SIZE_WH[1]}"' in page
    assert "Imports" in owner.get(f"/projects/{slug}").text


def test_a_video_shows_a_frame_with_what_is_in_it(owner, client, slug, tmp_path):
    client.create_project("video_bbox", "P", slug)
    client.create_annotation(slug, "bbox", "cat", "Cat")
    path = tmp_path / "a.mp4"
    path.write_bytes(sample(".mp4"))

    def frame(box, autogenerated=False):
        return {"value": box, "autogenerated": autogenerated}

    early = {"1": frame([0, 0, 9, 9]), "2": frame([1, 0, 10, 9], True), "3": frame([2, 0, 11, 9])}
    late = {"5": frame([20, 20, 30, 30])}
    task_id = client.create_video_task(slug, "a.mp4", path, annotations=[
        {"type": "bbox", "value": "cat", "points": early},
        {"type": "bbox", "value": "cat", "points": late},
    ])  # fmt: skip
    task = client.find_video_task(task_id)

    page, _ = page_of(owner, f"/projects/{slug}/tasks/{task_id}?at=2")

    still = re.search(r'class="still" src="([^"]*)#t=([\d.]*)"', page)
    assert float(still.group(2)) == pytest.approx(1.5 / task["fps"], abs=1e-3)
    drawn = re.findall(r'<rect class="area" x="(\d+)"', page)
    assert drawn == ["1"], "only the first is there in frame 2"
    assert "frames 1–3; key frames 1, 3" in page
    assert "frame 2: 9 × 9 at 1, 0 (interpolated)" in page
    assert "not in frame 2" in page
    assert "?at=3" in page
    assert "media-src 'self'" in owner.get(f"/projects/{slug}").headers["content-security-policy"]


def test_a_cuboid_is_drawn_where_its_points_are_seen(owner, client, slug, tmp_path):
    ground = np.random.default_rng(0).uniform((-20, -10, 0), (20, 10, 0.1), (4000, 3))
    box = np.random.default_rng(1).uniform((7, -5, 2), (9, -4, 3), (2000, 3))
    points = np.vstack([ground, box]).round(3)
    rows = "\n".join(" ".join(map(str, row)) for row in points.tolist())
    head = "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\n"
    path = tmp_path / "a.pcd"
    path.write_text(
        f"{head}WIDTH {len(points)}\nHEIGHT 1\nPOINTS {len(points)}\nDATA ascii\n{rows}"
    )
    client.create_project("pcd_cuboid", "P", slug)
    client.create_annotation(slug, "cuboid", "box", "Box")
    cuboid = {"type": "cuboid", "value": "box", "points": [8, -4.5, 2.5, 0, 0, 0, 2, 1, 1]}
    task_id = client.create_pcd_task(slug, "a.pcd", path, annotations=[cuboid])

    def drawn():
        page, _ = page_of(owner, f"/projects/{slug}/tasks/{task_id}")
        picture = re.search(r'<img src="(/files/thumbnail/[^"]*)"', page)
        return (page, unescape(picture.group(1))) if picture else None

    page, url = wait_for(drawn, "the picture from above")

    [ring] = re.findall(r'<polygon class="area" points="([^"]*)"', page)
    corners = np.array([pair.split(",") for pair in ring.split()], float)
    picture = np.asarray(Image.open(io.BytesIO(owner.get(url).content)).convert("RGB"))
    lines, columns = np.nonzero(picture[..., 0] > 200)
    edges = [columns.min(), lines.min(), columns.max() + 1, lines.max() + 1]
    assert [*corners.min(axis=0), *corners.max(axis=0)] == pytest.approx(edges, abs=2.5)


def test_a_text_has_its_spans_marked_by_characters_not_bytes(owner, client, slug, tmp_path):
    client.create_project("text_ner", "P", slug)
    for value, color in (("person", "#e4572e"), ("place", "#2e86ab")):
        client.create_annotation(slug, "ner", value, value.title(), color=color)
    path = tmp_path / "a.txt"
    text = "👩🏽‍🚀 Ada <b> met Bo in 渋谷.\n"
    path.write_text(text)
    spans = [
        {"type": "ner", "value": value, "start": text.index(word),
         "end": text.index(word) + len(word)}
        for value, word in (("person", "Ada <b> met Bo"), ("person", "Bo"), ("place", "渋谷"))
    ]  # fmt: skip
    task_id = client.create_text_task(slug, "a.txt", path, annotations=spans)

    page, _ = page_of(owner, f"/projects/{slug}/tasks/{task_id}")

    assert re.search(r'<mark id="shape-3" class="color-1 level-0"[^>]*>渋谷</mark>', page)
    assert re.search(r'>Ada &lt;b&gt; met <mark id="shape-2" class="color-0 level-1"', page)
    policy = owner.get(f"/projects/{slug}/tasks/{task_id}").headers["content-security-policy"]
    [style] = re.findall(r"<style>(.*?)</style>", page)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}'" in policy
    assert style == ".color-0{--class:#e4572e}.color-1{--class:#2e86ab}"


def test_a_long_text_comes_in_parts_that_end_with_a_line(owner, client, slug, tmp_path):
    client.create_project("text_ner", "P", slug)
    client.create_annotation(slug, "ner", "word", "Word")
    path = tmp_path / "long.txt"
    lines = [f"{number:05} " + "x" * 93 for number in range(500)]
    path.write_text("\n".join(lines))
    at_end = {"type": "ner", "value": "word", "start": 499 * 100, "end": 499 * 100 + 5}
    task_id = client.create_text_task(slug, "t", path, annotations=[at_end])
    path = f"/projects/{slug}/tasks/{task_id}"

    first, outline = page_of(owner, path)
    last, last_outline = page_of(owner, f"{path}?at=3")

    assert "Characters 0–20,000 of 49,999" in first
    assert "00199" in first
    assert "00200" not in first
    assert "None in this part." in first
    assert ">00499</mark>" in last
    assert "shape-1" in last_outline.ids
    assert "shape-1" not in outline.ids


def test_a_task_of_very_many_annotations_stays_a_small_page(owner, client, slug, tmp_path):
    client.create_project("image_all", "P", slug)
    client.create_annotation(slug, "bbox", "cat", "Cat")
    client.create_annotation(slug, "polygon", "coast", "Coast")
    path = tmp_path / "a.jpg"
    path.write_bytes(sample(".jpg"))
    coast = {"type": "polygon", "value": "coast", "points": [0.123456, 1.654321] * 150_000}
    cats = [
        {"type": "bbox", "value": "cat", "points": [n % 30, 1, n % 30 + 5, 9]}
        for n in range(LISTED + 5)
    ]
    task_id = client.create_image_task(slug, "a.jpg", path, annotations=[coast, *cats])
    path = f"/projects/{slug}/tasks/{task_id}"

    first, outline = page_of(owner, path)
    _, second_outline = page_of(owner, f"{path}?labels=2")

    assert "1 more is too large to be drawn here." in first
    assert "150,000 points" in first
    assert f"1–1,000 of {LISTED + 6:,}" in first
    assert f"annotation-{LISTED + 6}" not in outline.ids
    assert f"shape-{LISTED + 6}" in second_outline.ids
    assert len(first) < 1_000_000
    assert owner.get(f"{path}?labels=3").status_code == 200


@pytest.fixture
def histories(client, server, slug):
    """Three imports of a project: one under way, one that failed, one with hostile words."""
    project_id = client.create_project("image_all", "P", slug)
    database = Database(server.settings.database, pool_size=1)
    common = {"project_id": project_id, "kind": "import_bucket"}
    rows = [
        ImportHistory(**common, storage_type="aws-s3", status="running", total=100_000,
                      created=41_210, skipped=3, passed_over=17, failed=2,
                      errors=[{"name": "<i>a.jpg</i>", "message": "the image is damaged"}]),
        ImportHistory(**common, storage_type="zip", status="completed", created=1),
        ImportHistory(**common, storage_type="gcp", status="failed", message="access denied"),
    ]  # fmt: skip
    with database.write() as session:
        session.add_all(rows)
    database.close()
    return f"/projects/{slug}/imports"


def test_imports_are_listed_with_what_came_of_them(owner, client, server, histories):
    page, _ = page_of(owner, histories)

    assert re.findall(r'class="chip import-(\w+)"', page) == ["failed", "completed", "running"]
    assert '<progress max="100000" value="41232"' in page
    assert '<dt>&lt;i&gt;a.jpg&lt;/i&gt;</dt><dd class="soft">the image is damaged</dd>' in page
    assert "(the first 1)" in page
    assert "access denied" in page
    assert '<meta http-equiv="refresh" content="5">' in page
    assert f'href="{histories}"' in owner.get(histories.rpartition("/")[0]).text

    database = Database(server.settings.database, pool_size=1)
    with database.write() as session:
        for row in session.query(ImportHistory).filter_by(status="running"):
            row.status = "completed"
    database.close()
    assert "http-equiv" not in owner.get(histories).text


def test_imports_are_shown_to_those_who_see_the_project(stranger, visitor, histories):
    assert stranger.get(histories).status_code == 404
    assert visitor.get(histories).status_code == 303
