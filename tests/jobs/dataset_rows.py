"""Datasets with objects, and projects for them, as the API would have made them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image
from sqlalchemy import func, select

from fastlabel_server import jobs
from fastlabel_server.annotations.schemas import CreateClass
from fastlabel_server.annotations.service import add as add_class
from fastlabel_server.datasets import labels, set_hash
from fastlabel_server.datasets.changes import File, State, Wanted
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.db import Database
from fastlabel_server.storage import Storage
from fastlabel_server.tables import Blob, Dataset, Job, Project, Task, new_id
from jobs.rows import Rows

BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4]}


def picture(shade: int = 0) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 6), (shade, shade, shade)).save(data, "PNG")
    return data.getvalue()


@dataclass(frozen=True)
class Place:
    """A database with a store, and rows in it."""

    database: Database
    storage: Storage

    def project(self, **values: Any) -> Project:
        """Make a project with the class `cat`."""
        with self.database.write() as session:
            project = Rows(session).project(**values)
            body = CreateClass(project="", type="bbox", value="cat", title="Cat", color="#b36d18")
            add_class(session, project, body)
            return project

    def dataset(self, project: Project) -> Dataset:
        """Make an empty dataset in the workspace of a project."""
        with self.database.write() as session:
            dataset = Dataset(
                workspace_id=project.workspace_id,
                name=new_id(),
                head=0,
                content_hash=set_hash.EMPTY,
            )
            session.add(dataset)
            session.flush()
            Draft.of_request(dataset).publish(session, None, "create")
            return dataset

    def put(
        self,
        dataset: Dataset,
        names: Sequence[str],
        annotations: Sequence[Mapping[str, Any]] = (BOX,),
        shade: int = 0,
    ) -> None:
        """Put the same picture into a dataset under several names."""
        with self.database.write() as session:
            row = session.get_one(Dataset, dataset.number)
            data = picture(shade)
            known = session.get(Blob, hashlib.sha256(data).hexdigest())
            blob = known or Rows(session).blob(self.storage, data)
            file = File(blob.sha256, "image", "image/png", blob.size, {"width": 8, "height": 6})
            state = State(file, labels.document_of(annotations, {}))
            wanted: dict[str, Wanted] = dict.fromkeys(names, state)
            draft = Draft.of_request(row)
            draft.stage(session, wanted)
            draft.publish(session, None, "create")

    def registration(self, dataset: Dataset, project: Project, **values: Any) -> dict[str, Any]:
        """Return the payload of a job that registers objects."""
        with self.database.read() as session:
            head = session.get_one(Dataset, dataset.number).head
        return {
            "job": new_id(),
            "operation": "register",
            "dataset": dataset.number,
            "revision": head,
            "project": project.id,
            "filter": {"tags": [], "licenses": [], "types": [], "seqs": None},
            "fields": {"status": "approved", "tags": ["new"]},
            "withAnnotations": True,
            "createClasses": False,
            "author": None,
            **values,
        }

    def sending(self, dataset: Dataset, project: Project, **values: Any) -> dict[str, Any]:
        """Begin a job's draft, and return the payload of the job that makes objects of tasks."""
        job_id = new_id()
        with self.database.write() as session:
            row = session.get_one(Dataset, dataset.number)
            Draft.of_job(session, row, job_id)
            last_seq = session.get_one(Project, project.id).last_seq
        arguments = {
            "project": project.id,
            "lastSeq": last_seq,
            "status": "approved",
            "tags": [],
            "ids": None,
            "prefix": "",
            "type": None,
            "objectTags": None,
            **values,
        }
        return {
            "job": job_id,
            "dataset": dataset.number,
            "operation": "tasks",
            "arguments": arguments,
            "author": None,
            "message": "",
        }

    def enqueue(self, kind: str, payload: Mapping[str, Any]) -> str:
        with self.database.write() as session:
            return jobs.enqueue(session, kind, payload, job_id=payload["job"])

    def note(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Make the row of a job that no worker takes."""
        with self.database.write() as session:
            session.add(Job(id=payload["job"], kind=kind, queue="io", payload=dict(payload)))

    def report(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the report of a job counts and is not 0."""
        with self.database.read() as session:
            report = session.get_one(Job, payload["job"]).report or {}
        return {name: count for name, count in report.items() if count}

    def names(self, project: Project) -> list[str]:
        with self.database.read() as session:
            return list(
                session.scalars(
                    select(Task.name).where(Task.project_id == project.id).order_by(Task.seq)
                )
            )

    def count(self, table: type[Any], *conditions: Any) -> int:
        with self.database.read() as session:
            statement = select(func.count()).select_from(table).where(*conditions)
            return session.scalar(statement) or 0
