"""What the pages of projects and tasks show: counts by status, previews, neighbours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, ProjectType, TaskKind
from fastlabel.types import TaskStatus
from fastlabel_server.access import visible
from fastlabel_server.calls import Call
from fastlabel_server.tables import Project, Task, TaskClass
from fastlabel_server.tasks import queries
from fastlabel_server.tasks.queries import TaskFilter
from fastlabel_server.urls import FileUrls
from fastlabel_server.web.files import NO_FILE, Preview, previews_of

PAGE_SIZE = 60
PREVIEWS = 4
"""Pictures on the card of a project."""

STATUSES: tuple[str, ...] = (
    "registered", "pending", "completed", "sent_back", "reviewed", "approved", "declined",
    "skipped",
)  # fmt: skip
"""In the order in which a task usually goes through them."""
assert set(STATUSES) == set(get_args(TaskStatus))


@dataclass(frozen=True)
class Share:
    """A part of a status bar, in percent of its width."""

    status: str
    count: int
    start: float
    width: float


@dataclass(frozen=True)
class StatusCounts:
    """How many tasks a project has in each status."""

    by_status: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    def shares(self) -> Iterator[Share]:
        """Yield the parts of a bar, statuses without tasks left out."""
        before = 0
        for status in STATUSES:
            count = self.by_status.get(status, 0)
            if count:
                start, end = (100 * number / self.total for number in (before, before + count))
                yield Share(status, count, round(start, 3), round(end - start, 3))
                before += count


@dataclass(frozen=True)
class ProjectCard:
    name: str
    slug: str
    type: ProjectType
    counts: StatusCounts
    previews: Sequence[Preview]


@dataclass(frozen=True)
class TaskCard:
    id: str
    name: str
    status: str
    assignee: str | None
    labels: int
    preview: Preview


def project_cards(call: Call, page: int) -> tuple[list[ProjectCard], bool]:
    """Return a page of the projects the caller sees, newest first, and whether more follow."""
    projects = call.session.scalars(
        select(Project)
        .where(visible(call.caller))
        .order_by(Project.created_at.desc(), Project.id.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    ).all()
    counts = status_counts(call.session, [project.id for project in projects])
    cards = [
        ProjectCard(
            project.name,
            project.slug,
            PROJECT_TYPES[project.type],
            counts[project.id],
            _project_previews(call.session, project, call.urls),
        )
        for project in projects[:PAGE_SIZE]
    ]
    return cards, len(projects) > PAGE_SIZE


def task_cards(
    call: Call, kind: TaskKind, project_id: str, status: str | None, page: int
) -> list[TaskCard]:
    """Return a page of a project's tasks, oldest first."""
    session = call.session
    wanted = TaskFilter(project_id, status)
    columns = (Task.id, Task.name, Task.status)
    rows = queries.page(wanted, columns, session, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    ids = [row.id for row in rows]
    previews = previews_of(session, kind, ids, call.urls)
    assignees = {
        assigned.task_id: assigned.name
        for assigned in queries.assignments_of(session, ids)
        if assigned.role == "assignee"
    }
    labels = {
        counted.task_id: int(counted.labels)
        for counted in session.execute(
            select(TaskClass.task_id, func.sum(TaskClass.count).label("labels"))
            .where(TaskClass.task_id.in_(ids))
            .group_by(TaskClass.task_id)
        )
    }
    return [
        TaskCard(
            row.id,
            row.name,
            row.status,
            assignees.get(row.id),
            labels.get(row.id, 0),
            previews.get(row.id, NO_FILE),
        )
        for row in rows
    ]


def status_counts(session: Session, project_ids: Sequence[str]) -> Mapping[str, StatusCounts]:
    """Count the tasks of projects by status; projects without tasks count none."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for project_id, status, count in session.execute(
        select(Task.project_id, Task.status, func.count())
        .where(Task.project_id.in_(project_ids))
        .group_by(Task.project_id, Task.status)
    ):
        found[project_id][status] = count
    return {project_id: StatusCounts(found[project_id]) for project_id in project_ids}


def neighbours(session: Session, task: Task) -> tuple[str | None, str | None]:
    """Return the ids of the tasks before and after a task in its project."""
    ids = select(Task.id).where(Task.project_id == task.project_id).limit(1)
    before = session.scalar(ids.where(Task.seq < task.seq).order_by(Task.seq.desc()))
    after = session.scalar(ids.where(Task.seq > task.seq).order_by(Task.seq))
    return before, after


def first_call(project: Project) -> str:
    """Return the line of Python that sends the first task of an empty project."""
    kind = PROJECT_TYPES[project.type].kind
    extensions = kind.files[0].extensions
    extension = ".jpg" if ".jpg" in extensions else extensions[0]
    given = {
        "file": f'"first{extension}", "first{extension}"',
        "contents": '"first", "folder/"',
        "archive": f'"first{extension}"',
        "none": '"first"',
    }[kind.intake]
    return f'client.create_{kind.name}_task("{project.slug}", {given})'


def _project_previews(session: Session, project: Project, urls: FileUrls) -> list[Preview]:
    ids = session.scalars(
        select(Task.id).where(Task.project_id == project.id).order_by(Task.seq).limit(PREVIEWS)
    ).all()
    previews = previews_of(session, PROJECT_TYPES[project.type].kind, ids, urls)
    return [previews[task_id] for task_id in ids if task_id in previews]
