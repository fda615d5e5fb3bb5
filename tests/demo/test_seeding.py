"""`fastlabel demo`: a start that is killed is completed by the next, and later ones change nothing.

Everything is told from what the demo prints, as a visitor would.
"""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from fastlabel import Client
from fastlabel.modalities import PROJECT_TYPES
from fastlabel_server.demo.projects import PROJECTS
from fastlabel_server.demo.scenes import avenue

pytestmark = pytest.mark.slow

START_TIMEOUT_S = 240


@dataclass
class Demo:
    """A running demo and what it has printed."""

    process: subprocess.Popen[bytes]
    output: Path
    printed: dict[str, str] = field(default_factory=dict)

    def wait_for(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.output.read_text(), re.MULTILINE):
                return found
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.1)
        raise AssertionError(f"{pattern} was not printed:\n{self.output.read_text()}")

    def wait_until_ready(self) -> None:
        self.wait_for("FastLabel is ready")
        self.wait_for("get_image_tasks")
        found = re.findall(r"^ +(Open|E-mail|Password|Token) +(\S+)$", self.text, re.MULTILINE)
        self.printed = dict(found)

    @property
    def text(self) -> str:
        return self.output.read_text()

    def client(self) -> Client:
        return Client(self.printed["Token"], api_url=f"{self.printed['Open']}/v1/")


@contextmanager
def started(data_dir: Path, output: Path, *options: str) -> Iterator[Demo]:
    command = [sys.executable, "-m", "fastlabel.cli", "demo", "--data-dir", str(data_dir)]
    with output.open("wb") as log:
        process = subprocess.Popen([*command, *options], stdout=log, stderr=log)
    try:
        yield Demo(process, output)
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a demo that was killed in the middle of its third project."""
    data_dir = tmp_path_factory.mktemp("demo")
    with started(data_dir, data_dir / "killed.log", "--port", "0") as demo:
        url = demo.wait_for(r"Watch it grow at (\S+)").group(1)
        token = json.loads((data_dir / "demo.json").read_text())["token"]
        with Client(token, api_url=f"{url}/v1/") as client:
            third = PROJECTS[-3].slug
            deadline = time.monotonic() + START_TIMEOUT_S
            while not (client.find_project_by_slug(third) and client.count_tasks(third)):
                assert time.monotonic() < deadline
                time.sleep(0.05)
        demo.process.send_signal(signal.SIGKILL)
    assert "FastLabel is ready" not in demo.text
    return data_dir


@pytest.fixture(scope="module")
def demo(data_dir: Path) -> Iterator[Demo]:
    """The start after the one that was killed."""
    with started(data_dir, data_dir / "demo.log", "--port", "0") as demo:
        demo.wait_until_ready()
        yield demo


@pytest.fixture
def client(demo: Demo) -> Iterator[Client]:
    with demo.client() as client:
        yield client


def tasks_of(client, project):
    kind = PROJECT_TYPES[project.type].kind
    return list(getattr(client, f"iter_{kind.name}_tasks")(project.slug))


def test_every_picture_is_there_once_with_its_labels(client):
    painted = {sample.name: sample for sample in avenue.PROJECT.tasks()}

    tasks = list(client.iter_image_tasks(avenue.PROJECT.slug))

    assert sorted(task["name"] for task in tasks) == sorted(painted)
    for task in tasks:
        sample = painted[task["name"]]
        assert (task["status"], task["tags"]) == (sample.status, list(sample.tags))
        assert [found["points"] for found in task["annotations"]] == [
            label["points"] for label in sample.labels
        ]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.slug)
def test_the_tasks_of_every_project_look_worked_on(client, project):
    kind = PROJECT_TYPES[project.type].kind
    tasks = tasks_of(client, project)
    labels = kind.labels

    statuses = Counter(task["status"] for task in tasks)

    assert {"registered", "completed"} <= statuses.keys()
    assert all(not kind.shows_contents or task["contents"] for task in tasks)
    assert max(Counter(task["name"] for task in tasks).values()) == 1
    assert all(task[labels] and task["assignee"] for task in tasks)
    assert all(task["reviewer"] for task in tasks if task["status"] in ("reviewed", "approved"))


def test_labels_were_saved_by_those_who_are_assigned(client):
    task = next(client.iter_image_tasks("bakery", status="reviewed"))

    history = client.get_task_revisions(task["id"])

    assert [(entry["via"], entry["author"]) for entry in history] == [
        ("update", task["assignee"]),
        ("create", "Dana Okafor"),
    ]


def test_the_printed_login_works(demo):
    url = demo.printed["Open"]
    form = {"email": demo.printed["E-mail"], "password": demo.printed["Password"]}

    answer = httpx.post(f"{url}/login", data=form, headers={"Origin": url})

    assert answer.status_code == 303
    page = httpx.get(url, cookies=answer.cookies).text
    assert all(f'href="/projects/{project.slug}"' in page for project in PROJECTS)


def test_the_printed_python_runs(demo):
    snippet = demo.text.partition("From Python:")[2]
    code = "\n".join(line.strip() for line in snippet.strip().splitlines())

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "'annotations'" in ran.stdout


def test_the_login_is_kept_for_the_servers_user_alone(demo, data_dir):
    mode = (data_dir / "demo.json").stat().st_mode

    assert stat.filemode(mode) == "-rw-------"
    assert len(demo.printed["Password"]) >= 12


def test_a_later_start_prints_the_same_and_changes_nothing(demo, client, data_dir, tmp_path):
    before = {
        project["slug"]: client.count_tasks(project["slug"]) for project in client.iter_projects()
    }

    with started(data_dir, tmp_path / "later.log", "--port", "0") as later:
        later.wait_until_ready()
        with later.client() as other:
            after = {
                project["slug"]: other.count_tasks(project["slug"])
                for project in other.iter_projects()
            }

    for line in ("E-mail", "Password", "Token"):
        assert later.printed[line] == demo.printed[line]
    assert "Watch it grow" not in later.text
    assert after == before


def test_a_busy_port_is_told(demo, tmp_path):
    port = demo.printed["Open"].rpartition(":")[2]

    with started(tmp_path / "other", tmp_path / "busy.log", "--port", port) as refused:
        assert refused.process.wait(60) == 1

    assert f"Cannot listen on 127.0.0.1:{port}" in refused.text
    assert "--port" in refused.text
    assert "Traceback" not in refused.text
