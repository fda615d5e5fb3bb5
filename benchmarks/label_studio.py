"""Label Studio, the other side of `create` and `list`: installed, started and called.

Release 1.23.2 from PyPI in its own environment, all dependencies pinned as they were when this
was written (Python 3.11), on its default database SQLite and its own server, as its documented
`label-studio start` runs it. Set in its favour: DEBUG off (it is on by default and keeps every
SQL statement), telemetry and the check for a newer release off, logs at WARNING.

There are three ways in, all documented:

- `import_files`: pictures by multipart, a hundred a request (its limit), without making tasks
  yet; then one JSON request that makes the tasks, each referring to its uploaded file and
  carrying its finished annotation. This is the fastest way that takes the files in.
- `import_one_by_one`: a picture a request, which makes its task, then the annotation to it.
- `import_urls`: the JSON request alone. The files stay where they are, nothing looks at them.

The ten boxes of a picture are ten regions of one annotation there, which is one row.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.pictures import CLASSES, SIZE_WH, boxes
from benchmarks.processes import free_port, stopped_at_end, wait_until_answering

VERSION = "1.23.2"
REQUIREMENTS = Path(__file__).with_name("label_studio.txt")
HOME = Path(__file__).parents[1] / ".cache" / "bench" / "label-studio"
USER = "bench@example.com"
PASSWORD = "bench-password"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
FILES_PER_REQUEST = 100
# The first start runs several hundred migrations.
START_TIMEOUT_S = 300
LABELS = "".join(f'<Label value="{value}"/>' for value in CLASSES)
CONFIG = (
    '<View><Image name="image" value="$image"/>'
    f'<RectangleLabels name="label" toName="image">{LABELS}</RectangleLabels></View>'
)


class LabelStudio:
    """A running server; every call waits for its answer."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Token {TOKEN}"}, timeout=300
        )

    def create_project(self, title: str) -> int:
        project: int = self._post("projects", json={"title": title, "label_config": CONFIG})["id"]
        return project

    def import_files(self, project: int, pictures: Sequence[Path]) -> None:
        """Take in pictures and their boxes by the fastest way there is."""
        ids: list[int] = []
        for start in range(0, len(pictures), FILES_PER_REQUEST):
            part = pictures[start : start + FILES_PER_REQUEST]
            # The server keeps one file per field name.
            files = {path.stem: (path.name, path.read_bytes(), "image/jpeg") for path in part}
            answer = self._post(
                f"projects/{project}/import", params={"commit_to_project": "false"}, files=files
            )
            ids += answer["file_upload_ids"]
        uploads = self._get(f"projects/{project}/file-uploads", {"ids": str(ids)})
        # In order of upload, whatever order they are listed in.
        paths = {upload["id"]: upload["file"] for upload in uploads}
        tasks = [_task(f"/data/{paths[upload]}", number) for number, upload in enumerate(ids)]
        self._import_tasks(project, tasks)

    def import_one_by_one(self, project: int, pictures: Sequence[Path]) -> None:
        """Take in each picture by a request of its own, and its boxes by another."""
        for number, path in enumerate(pictures):
            answer = self._post(
                f"projects/{project}/import",
                params={"return_task_ids": "true"},
                files={"file": (path.name, path.read_bytes(), "image/jpeg")},
            )
            (task,) = answer["task_ids"]
            self._post(f"tasks/{task}/annotations/", json=_annotation(number))

    def import_urls(self, project: int, count: int) -> None:
        """Make tasks with boxes for pictures that lie elsewhere."""
        tasks = [
            _task(f"http://127.0.0.1/pictures/{number}.jpg", number) for number in range(count)
        ]
        self._import_tasks(project, tasks)

    def read_page(self, project: int, size: int) -> bytes:
        """Return a page of tasks with their annotations."""
        query = {"project": project, "page": 1, "page_size": size, "fields": "all"}
        return self._read("tasks", query)

    def export(self, project: int) -> bytes:
        """Return all tasks of a project with their annotations as its JSON export."""
        return self._read(f"projects/{project}/export", {"exportType": "JSON"})

    def _import_tasks(self, project: int, tasks: list[dict[str, Any]]) -> None:
        answer = self._post(f"projects/{project}/import", json=tasks)
        if answer["annotation_count"] != len(tasks):
            raise RuntimeError(f"expected {len(tasks)} annotations to be imported, got {answer}")

    def _get(self, path: str, query: dict[str, Any]) -> Any:
        return self.http.get(f"/api/{path}", params=query).raise_for_status().json()

    def _read(self, path: str, query: dict[str, Any]) -> bytes:
        return self.http.get(f"/api/{path}", params=query).raise_for_status().content

    def _post(self, path: str, **request: Any) -> Any:
        return self.http.post(f"/api/{path}", **request).raise_for_status().json()


@contextmanager
def running_label_studio(folder: Path) -> Iterator[LabelStudio]:
    """Start Label Studio on a new data directory, and stop it at the end of the block."""
    program = _installed()
    folder.mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command: list[str | Path] = [program, "start", "--no-browser", "--data-dir", folder]
    command += ["--host", url, "--internal-host", "127.0.0.1", "--port", str(port)]
    command += ["--username", USER, "--password", PASSWORD]
    command += ["--user-token", TOKEN, "--enable-legacy-api-token", "--log-level", "WARNING"]
    environment = os.environ | {
        "DEBUG": "false",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        # It writes below the home directory whatever --data-dir says.
        "HOME": str(folder),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True
        )
    with stopped_at_end(process):
        wait_until_answering(f"{url}/health", process, folder / "log", START_TIMEOUT_S)
        yield LabelStudio(url)


def _installed() -> Path:
    """Return the program, installed at the first call; the stamp is written last."""
    home = HOME / "venv"
    stamp = home / "installed"
    wanted = REQUIREMENTS.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing Label Studio {VERSION} into {home}", file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        pip: list[str | Path] = [
            home / "bin" / "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
        ]
        subprocess.run([*pip, "--requirement", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    return home / "bin" / "label-studio"


def _task(image: str, number: int) -> dict[str, Any]:
    return {"data": {"image": image}, "annotations": [_annotation(number)]}


def _annotation(number: int) -> dict[str, Any]:
    return {"result": [_region(box) for box in boxes(number)]}


def _region(box: dict[str, Any]) -> dict[str, Any]:
    """Return a box of ours as a region: in percent of the picture, corner and size."""
    width, height = SIZE_WH
    x, y, right, bottom = box["points"]
    return {
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "from_name": "label",
        "to_name": "image",
        "type": "rectanglelabels",
        "value": {
            "x": 100 * x / width,
            "y": 100 * y / height,
            "width": 100 * (right - x) / width,
            "height": 100 * (bottom - y) / height,
            "rotation": 0,
            "rectanglelabels": [box["value"]],
        },
    }
