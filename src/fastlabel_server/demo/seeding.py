"""`fastlabel demo`: a server whose workspace is filled through our own SDK while it runs.

Everything is found again by its name, so a start that was interrupted is completed by the next.
"""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from fastlabel import Client
from fastlabel.modalities import PROJECT_TYPES, TaskKind
from fastlabel_server import serving
from fastlabel_server.db import Database
from fastlabel_server.demo import people
from fastlabel_server.demo.people import ANNOTATORS, OWNER, PEOPLE, REVIEWER, Account, Person
from fastlabel_server.demo.projects import PROJECTS
from fastlabel_server.demo.samples import Json, SampleProject, SampleTask
from fastlabel_server.settings import Settings

Clients = dict[str, Client]
"""Clients by the slugs of the people they act for."""

IMPORT_S = 120
"""How long an import of a few megabytes may take before something must be wrong."""

REVIEWED_BY = {"reviewed": REVIEWER, "sent_back": REVIEWER, "approved": OWNER}
"""Who puts a labelled task into these statuses."""


def run(settings: Settings, host: str, port: int) -> None:
    """Serve the sample workspace until stopped; fill it, and tell how to get in.

    Raises:
        SystemExit: the port cannot be listened on.
    """
    console = Console()

    def when_ready(url: str) -> None:
        threading.Thread(
            target=_welcome, args=(settings, url, console), name="demo", daemon=True
        ).start()

    # The request log would scroll away what this prints, and a limit would slow the filling.
    level = "warning" if settings.log_level == "info" else settings.log_level
    settings = replace(settings, log_level=level, rate_limit=0)
    try:
        serving.serve(settings, host, port, when_ready=when_ready)
    finally:
        # The progress bar hides it, and stopped half-way does not bring it back.
        console.show_cursor()


def _welcome(settings: Settings, url: str, console: Console) -> None:
    try:
        account = _fill(settings, url, console)
    except Exception as error:
        console.print(
            f"\n[bold red]The sample workspace could not be completed:[/] {escape(str(error))}\n"
            f"Start again to go on; delete {settings.data_dir} to begin anew.",
            soft_wrap=True,
        )
        raise
    _print_welcome(console, url, account)


def _fill(settings: Settings, url: str, console: Console) -> Account:
    database = Database(settings.database, pool_size=1)
    with ExitStack() as open_things:
        open_things.callback(database.close)
        account = _open_account(settings, database)
        # The start page shows the newest first: the last made comes out on top.
        missing = [project for project in reversed(PROJECTS) if project.slug not in account.seeded]
        if not missing:
            return account
        console.print(
            f"Painting the sample workspace takes a minute. Watch it grow at {url}\n"
            f"as {account.email} with the password {account.password}",
            soft_wrap=True,
            highlight=False,
        )
        clients = {
            slug: open_things.enter_context(Client(token, api_url=f"{url}/v1/"))
            for slug, token in _helper_tokens(database).items()
        }
        bar = open_things.enter_context(_bar(console))
        line = bar.add_task("", total=len(missing))
        for project in missing:
            bar.update(line, description=project.name)
            fill_project(project, clients)
            account = replace(account, seeded=(*account.seeded, project.slug))
            people.write_account(settings.data_dir, account)
            bar.advance(line)
    return account


def _open_account(settings: Settings, database: Database) -> Account:
    account = people.read_account(settings.data_dir)
    # Kept before it is used: a start that ends here goes on with the same password.
    people.write_account(settings.data_dir, account)
    with database.write() as session:
        account = people.create_people(session, account)
    people.write_account(settings.data_dir, account)
    return account


def _helper_tokens(database: Database) -> dict[str, str]:
    with database.write() as session:
        return {person.slug: people.helper_token(session, person) for person in PEOPLE}


def fill_project(project: SampleProject, clients: Clients) -> None:
    """Make a project with its classes, people and tasks, as far as they are not there yet."""
    owner = clients[OWNER.slug]
    if owner.find_project_by_slug(project.slug) is None:
        owner.create_project(project.type, project.name, project.slug, workflow=project.workflow)
    _create_classes(project, owner)
    for person in PEOPLE:
        if person is not OWNER:
            owner.update_project_user_permission(project.slug, person.email, person.project_role)
    _Tasks(project, clients).fill()


def _create_classes(project: SampleProject, owner: Client) -> None:
    known = {found["value"] for found in owner.get_annotations(project.slug, limit=1000)}
    for body in project.classes:
        if body["value"] in known:
            continue
        if body["type"] == "classification":
            owner.create_classification_annotation(project.slug, body["attributes"])
        else:
            owner.create_annotation(project.slug, **body)


class _Tasks:
    """Makes the tasks of a project and takes each through the hands it has been through."""

    def __init__(self, project: SampleProject, clients: Clients) -> None:
        self.kind = PROJECT_TYPES[project.type].kind
        self.slug = project.slug
        self.samples = project.tasks
        self.clients = clients
        self.owner = clients[OWNER.slug]

    def fill(self) -> None:
        known = {task["name"]: task for task in self._method("iter_{}_tasks")(self.slug)}
        for number, sample in enumerate(self.samples()):
            annotator = ANNOTATORS[number % len(ANNOTATORS)]
            task = known.get(sample.name) or self._create(sample, annotator)
            self._advance(sample, task, annotator)

    def _method(self, name: str, person: Person = OWNER) -> Callable[..., Any]:
        """Return a method for this kind of task, called as a person."""
        found: Callable[..., Any] = getattr(self.clients[person.slug], name.format(self.kind.name))
        return found

    def _create(self, sample: SampleTask, annotator: Person) -> Json:
        reviewer = REVIEWED_BY.get(sample.status)
        fields = {
            "tags": list(sample.tags),
            "assignee": annotator.slug,
            "reviewer": reviewer.slug if reviewer else None,
            **sample.fields,
        }
        with TemporaryDirectory(prefix="fastlabel-demo-") as folder:
            task_id = INTAKES[self.kind.intake](self, sample, Path(folder), fields)
        found: Json = self._method("find_{}_task")(task_id)
        return found

    def _of_file(self, sample: SampleTask, folder: Path, fields: Json) -> str:
        [data] = sample.files.values()
        path = folder / sample.name
        path.write_bytes(data)
        return self._send(sample, path, fields)

    def _of_folder(self, sample: SampleTask, folder: Path, fields: Json) -> str:
        for name, data in sample.files.items():
            (folder / name).write_bytes(data)
        return self._send(sample, folder, fields)

    def _send(self, sample: SampleTask, path: Path, fields: Json) -> str:
        # What nobody has worked on yet comes with the labels that it came with.
        labels = {self.kind.labels: sample.labels if sample.status == "registered" else None}
        task_id: str = self._method("create_{}_task")(
            self.slug, sample.name, path, priority=sample.priority, **labels, **fields
        )
        return task_id

    def _of_archive(self, sample: SampleTask, folder: Path, fields: Json) -> str:
        path = folder / sample.name
        path.write_bytes(zipped(sample.files))
        history = self._method("create_{}_task")(self.slug, path, **fields)
        self.owner.wait_for_history(history["id"], IMPORT_S)
        task_id: str = self._method("find_{}_task_by_name")(self.slug, sample.name)["id"]
        return task_id

    def _of_episode(self, sample: SampleTask, folder: Path, fields: Json) -> str:
        path = folder / f"{sample.name}.zip"
        path.write_bytes(zipped(sample.files))
        task_id: str = self._method("create_{}_task")(
            self.slug, sample.name, priority=sample.priority, **fields
        )
        history = self.owner.import_robotics_contents_file(self.slug, path)
        self.owner.wait_for_history(history["id"], IMPORT_S)
        return task_id

    def _advance(self, sample: SampleTask, task: Json, annotator: Person) -> None:
        """Take up a task in the state in which an earlier start may have left it."""
        status, labels = task["status"], self.kind.labels
        update = "update_{}_task"
        if status == "registered" and not task[labels]:
            is_new = sample.status == "registered"
            person, status = (OWNER, status) if is_new else (annotator, "completed")
            given = {labels: _placed(self.kind, sample.labels, task)}
            self._method(update, person)(task["id"], status=status, **given)
        if status != sample.status:
            self._method(update, REVIEWED_BY[sample.status])(task["id"], status=sample.status)


INTAKES: dict[str, Callable[[_Tasks, SampleTask, Path, Json], str]] = {
    "file": _Tasks._of_file,
    "contents": _Tasks._of_folder,
    "archive": _Tasks._of_archive,
    "none": _Tasks._of_episode,
}
"""How a task is made, by how its files arrive."""


def _placed(kind: TaskKind, labels: Sequence[Json], task: Json) -> list[Json]:
    """Return labels that name their file as their kind of task does: some by its id."""
    if kind.place is None or kind.place.field == "content":
        return list(labels)
    ids = {content["name"]: content["id"] for content in task["contents"]}
    return [
        {name: value for name, value in label.items() if name != "content"}
        | {kind.place.field: ids[label["content"]]}
        for label in labels
    ]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Pack files; the same bytes each time."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return output.getvalue()


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("projects"),
        console=console,
        transient=True,
    )


def _print_welcome(console: Console, url: str, account: Account) -> None:
    """Print without a frame and without breaking lines, so that everything can be copied."""
    others = ", ".join(person.email for person in PEOPLE if person is not OWNER)
    lines = (
        "",
        "[bold green]FastLabel is ready.[/] Stop it with Ctrl+C.",
        "",
        f"  [bold]Open[/]      [link={url}]{url}[/link]",
        f"  [bold]E-mail[/]    {account.email}",
        f"  [bold]Password[/]  {account.password}",
        f"  [bold]Token[/]     {account.token}",
        f"  [dim]Others    {others} (the same password)[/]",
        "",
        "  From Python:",
        "",
        "    import fastlabel",
        f'    client = fastlabel.Client("{account.token}", api_url="{url}/v1/")',
        f'    print(client.get_image_tasks("{PROJECTS[0].slug}", limit=1))',
        "",
    )
    console.print("\n".join(lines), soft_wrap=True, highlight=False)
