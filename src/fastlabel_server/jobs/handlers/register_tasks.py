"""`register_tasks`: objects of a revision become tasks of a project, each of them once.

A task has the name of its object and shares its file. A row says which object it came from, so
that a second registration knows it again, and goes with the task and the dataset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

from sqlalchemy import Row, and_, insert, select
from sqlalchemy.orm import Session

from fastlabel.modalities import PROJECT_TYPES, FileError
from fastlabel_server.annotations import service as classes
from fastlabel_server.annotations.catalog import catalog_of
from fastlabel_server.annotations.schemas import CreateClass
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.datasets import labels, missing_classes, queries
from fastlabel_server.datasets.fitting import Fitted, Target, fitted
from fastlabel_server.datasets.missing_classes import Found
from fastlabel_server.datasets.queries import Filter
from fastlabel_server.datasets.reports import Report
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.jobs.handler import Context, Handler, JobError, Payload, Step
from fastlabel_server.media import Measured, extension_of
from fastlabel_server.metadatas import service as metadatas
from fastlabel_server.tables import Blob, Content, Dataset, Job, Project, Task, TaskSource
from fastlabel_server.tasks.files import NewContent
from fastlabel_server.tasks.insert import PreparedTask, insert_all
from fastlabel_server.tasks.integration.service import SPLIT
from fastlabel_server.tasks.schemas import Metadata, TaskFields

OBJECTS: Final = 300
"""Per chunk."""
LOOKED_AT: Final = 1200
"""Per chunk of the pass that only looks for classes."""
LABEL_BYTES: Final = 1024 * 1024
"""Of the labels of a chunk's objects, as they are packed."""


class Cursor(TypedDict):
    after: int
    """The place of the last object looked at."""
    looked: int
    """How many were, on all passes so far."""
    total: int
    classes: Found | None
    """On the first of two passes, the classes that the project needs; None on the last."""


@dataclass(frozen=True)
class Work:
    """A registration, and what it is made with."""

    dataset: Dataset
    project: Project
    target: Target


@dataclass(frozen=True)
class Candidate:
    """A task that an object can become, unless somebody is quicker."""

    row: Row[Any]
    task: PreparedTask
    fitted: Fitted


@dataclass(frozen=True)
class Prepared:
    """A chunk: what its objects came to, and where the next one begins."""

    cursor: Cursor | None
    done: int
    total: int
    candidates: Sequence[Candidate] = ()
    report: Report = field(default_factory=Report)
    new_classes: Sequence[CreateClass] = ()


def prepare(context: Context, payload: Payload, cursor: Cursor | None) -> Prepared:
    """Read the next objects and fit their labels to the project."""
    wanted = Filter(**payload["filter"])
    with context.database.read() as session:
        work = find(session, payload)
        if cursor is None:
            total = queries.count(session, work.dataset, payload["revision"], wanted)
            first_pass: Found | None = {} if payload["createClasses"] else None
            cursor = Cursor(after=0, looked=0, total=total, classes=first_pass)
        rows, has_more = queries.page_of_size(
            session,
            work.dataset,
            payload["revision"],
            wanted,
            after=cursor["after"],
            limit=OBJECTS if cursor["classes"] is None else LOOKED_AT,
            label_bytes=LABEL_BYTES,
        )
        if cursor["classes"] is not None:
            return _look_for_classes(work, payload, cursor, rows, has_more)
        known = _known(session, work.project, [row.DatasetObject.name for row in rows])
        keys = _keys(session, rows)
    report = Report()
    candidates = []
    for row in rows:
        there = known.get(row.DatasetObject.name)
        if not _is_of_kind(work, row):
            report.add("passedOver", row.DatasetObject.name)
        elif there is not None:
            _note_known(report, work, row, there)
        else:
            candidate = _candidate(work, payload, row, keys, report)
            candidates += [] if candidate is None else [candidate]
    following = _behind(cursor, rows, None) if has_more else None
    looked = cursor["looked"] + len(rows)
    return Prepared(following, _done(payload, looked), cursor["total"], candidates, report)


def apply(session: Session, payload: Payload, prepared: Prepared) -> Step:
    """Make the tasks or the classes, and note what the objects came to."""
    work = _locked(session, payload)
    # The transaction may be tried again with the same chunk.
    report = prepared.report.copy()
    for body in prepared.new_classes:
        try:
            classes.add(session, work.project, body)
        except (Conflict, Invalid):
            # Somebody made it meanwhile, or nobody can: annotations tell what they lack.
            continue
        report.classes.append(body.value)
    if prepared.candidates:
        _register(session, payload, work, prepared.candidates, report)
    job = session.get_one(Job, payload["job"])
    job.report = report.joined(job.report)
    return Step(prepared.cursor, prepared.done, prepared.total)


def find(session: Session, payload: Payload) -> Work:
    """Return the registration of a job.

    Raises:
        JobError: the dataset or the project was deleted.
    """
    return _work(session, payload, session.get(Dataset, payload["dataset"]))


def _locked(session: Session, payload: Payload) -> Work:
    """Return the same, keeping the dataset from being deleted before this chunk's tasks are there.

    Whoever deletes it waits, and then finds them.
    """
    dataset = session.scalar(
        select(Dataset)
        .where(Dataset.number == payload["dataset"])
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return _work(session, payload, dataset)


def _work(session: Session, payload: Payload, dataset: Dataset | None) -> Work:
    project = session.get(Project, payload["project"])
    if dataset is None or dataset.deleted_at is not None:
        raise JobError("the dataset was deleted")
    if project is None or project.deleted_at is not None:
        raise JobError("the project was deleted")
    kind = PROJECT_TYPES[project.type].kind
    catalog = catalog_of(session, project.id)
    return Work(dataset, project, Target(kind, catalog, metadatas.specs(session, project.id)))


def _look_for_classes(
    work: Work, payload: Payload, cursor: Cursor, rows: Sequence[Row[Any]], has_more: bool
) -> Prepared:
    """Look at the annotations of the next objects; behind the last, have the classes made."""
    types = PROJECT_TYPES[work.project.type].class_types
    found = cursor["classes"] or {}
    for row in () if missing_classes.is_full(found) else rows:
        if _is_of_kind(work, row):
            annotations = labels.labels_of(row.document).annotations
            known = work.target.catalog.specs
            found = missing_classes.collected(found, annotations, types, known)
    looked = cursor["looked"] + len(rows)
    done = _done(payload, looked)
    if has_more:
        return Prepared(_behind(cursor, rows, found), done, cursor["total"])
    following = Cursor(after=0, looked=looked, total=cursor["total"], classes=None)
    return Prepared(following, done, cursor["total"], new_classes=missing_classes.bodies(found))


def _behind(cursor: Cursor, rows: Sequence[Row[Any]], found: Found | None) -> Cursor:
    return Cursor(
        after=rows[-1].DatasetState.seq,
        looked=cursor["looked"] + len(rows),
        total=cursor["total"],
        classes=found,
    )


def _done(payload: Payload, looked: int) -> int:
    """Return how many objects are through; where there are two passes, one counts half."""
    return looked // 2 if payload["createClasses"] else looked


def _is_of_kind(work: Work, row: Row[Any]) -> bool:
    """Tell whether a task of the project can have such a file: by its name, and by what it is."""
    kind, file = work.target.kind, row.DatasetFile
    ending = extension_of(file.media_type)
    return kind.takes(row.DatasetObject.name) and ending is not None and kind.takes(f"x{ending}")


def _candidate(
    work: Work, payload: Payload, row: Row[Any], keys: Mapping[str, str], report: Report
) -> Candidate | None:
    name, file = row.DatasetObject.name, row.DatasetFile
    try:
        work.target.kind.check_file(name, file.size)
    except FileError as error:
        report.add("failed", name, str(error))
        return None
    given = labels.labels_of(row.document)
    annotations = given.annotations if payload["withAnnotations"] else ()
    found = fitted(work.target, annotations, given.metadata)
    fields = payload["fields"]
    task = PreparedTask(
        name,
        TaskFields.model_construct(
            status=fields["status"],
            tags=fields["tags"],
            metadatas=[Metadata.model_construct(**entry) for entry in found.metadatas],
        ),
        found.labels,
        {},
        [
            NewContent(
                name,
                file.size,
                Measured(file.media_type, file.media),
                StoredBlob(file.blob_sha256, keys[file.blob_sha256], file.size),
            )
        ],
        relations=found.relations,
        extra={} if given.split is None else {SPLIT: given.split},
    )
    return Candidate(row, task, found)


def _register(
    session: Session,
    payload: Payload,
    work: Work,
    candidates: Sequence[Candidate],
    report: Report,
) -> None:
    """Make the tasks, and say which objects they came from."""
    kind = work.target.kind
    tasks = [candidate.task for candidate in candidates]
    try:
        # The dataset keeps the files alive.
        made = insert_all(session, work.project, payload["author"], kind, tasks, lambda blobs: None)
    except NotFound as error:
        raise JobError(str(error)) from error
    sources = []
    for candidate in candidates:
        name, found = candidate.task.name, candidate.fitted
        if name in made:
            sources.append(
                {
                    "task_id": made[name],
                    "dataset_number": work.dataset.number,
                    "seq": candidate.row.DatasetState.seq,
                    "revision": payload["revision"],
                }
            )
            report.add("created", name)
            report.add_labels(name, found.count, found.losses)
    if sources:
        session.execute(insert(TaskSource), sources)
    others = [candidate for candidate in candidates if candidate.task.name not in made]
    known = _known(session, work.project, [candidate.task.name for candidate in others])
    for candidate in others:
        _note_known(report, work, candidate.row, known[candidate.task.name])


def _known(session: Session, project: Project, names: Sequence[str]) -> dict[str, Any]:
    """Return the tasks that have such names, by the name, and where they came from."""
    rows = session.execute(
        select(Task.name, TaskSource.dataset_number, TaskSource.seq, Content.blob_sha256)
        .outerjoin(TaskSource, TaskSource.task_id == Task.id)
        .outerjoin(Content, and_(Content.task_id == Task.id, Content.position == 0))
        .where(Task.project_id == project.id, Task.name.in_(names))
    )
    return {row.name: row for row in rows}


def _note_known(report: Report, work: Work, row: Row[Any], there: Any) -> None:
    name = row.DatasetObject.name
    if (there.dataset_number, there.seq) != (work.dataset.number, row.DatasetState.seq):
        message = f"name: project {work.project.slug!r} has another task of this name"
        report.add("taken", name, message)
        return
    report.add("unchanged", name)
    if there.blob_sha256 != row.DatasetFile.blob_sha256:
        report.counts["outdated"] += 1


def _keys(session: Session, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """Return the keys of the objects' files in the store, by their SHA-256."""
    wanted = {row.DatasetFile.blob_sha256 for row in rows}
    found = session.execute(select(Blob.sha256, Blob.key).where(Blob.sha256.in_(wanted)))
    return {row.sha256: row.key for row in found}


HANDLER = Handler("io", prepare=prepare, apply=apply)
