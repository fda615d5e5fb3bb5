"""DBOS, as far as this package uses it: the only module that imports it.

A job is a workflow with the id of its `Job` row. The constants below are part of what the
database holds: a worker of another name or version would leave the jobs where they are.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, ParamSpec, TypeVar

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, SQLAlchemyDatasource
from sqlalchemy.orm import Session

from fastlabel_server.jobs.schema import SCHEMA

APPLICATION: Final = "fastlabel"
WORKFLOW: Final = "job"
VERSION: Final = "1"
"""By default DBOS hashes the code, and after an upgrade the waiting jobs would never start.
To be raised only when recorded steps can no longer be replayed, with the queues empty."""

POLL_INTERVAL_S: Final = 0.5
"""How long a job waits at most to be seen by an idle worker."""
PAGE: Final = 1000

P = ParamSpec("P")
T = TypeVar("T")

# JSON rather than the default pickle: what is read back from a database must not be code.
_SERIALIZER: Final = DBOSPortableJSONSerializer()

# DBOS adds a console handler of its own to a logger that has none.
logging.getLogger("dbos").addHandler(logging.NullHandler())
logging.getLogger("dbos").setLevel(logging.WARNING)


def migrate(url: str) -> None:
    """Create DBOS's tables or bring them up to date."""
    DBOS.migrate(url, schema=SCHEMA)
    SQLAlchemyDatasource.migrate(url, schema=SCHEMA)


def enqueue(session: Session, job_id: str, queue: str) -> None:
    """Write the workflow of a job in the session's transaction."""
    client = DBOSClient(
        system_database_engine=session.connection().engine,
        dbos_system_schema=SCHEMA,
        serializer=_SERIALIZER,
        application_name=APPLICATION,
        lazy=True,
    )
    client.enqueue_in_transaction(
        session,
        {"workflow_name": WORKFLOW, "queue_name": queue, "workflow_id": job_id},
        job_id,
    )


def connect(url: str, executor_id: str) -> SQLAlchemyDatasource:
    """Make this process ready to run jobs; return where their transactions are made."""
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": url,
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": executor_id,
            "serializer": _SERIALIZER,
            "run_migrations": False,
            "sys_db_pool_size": 8,
            "log_level": "WARNING",
        }
    )
    # DBOS makes the engine itself: one of ours would lack its IMMEDIATE transactions.
    return SQLAlchemyDatasource.create(
        url, schema=SCHEMA, serializer=_SERIALIZER, run_migrations=False
    )


def launch(run_job: Callable[[str], None], concurrency: Mapping[str, int]) -> None:
    """Start taking jobs from the queues named in `concurrency`, so many of each at a time."""

    def job(job_id: str) -> None:
        run_job(job_id)

    # None: attempts are counted in the public row, as DBOS's own count is reset by a resume.
    DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(job)
    DBOS.listen_queues(list(concurrency))
    DBOS.launch()
    for name, limit in concurrency.items():
        DBOS.register_queue(name, worker_concurrency=limit, polling_interval_sec=POLL_INTERVAL_S)


def transact(
    datasource: SQLAlchemyDatasource, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Do the next chunk of a job in a transaction that takes effect exactly once.

    PostgreSQL's default isolation is enough, as a chunk starts by locking its job's row, and
    spares requests and chunks that touch the same tasks from aborting each other. SQLite
    knows only SERIALIZABLE.
    """
    on_sqlite = datasource.engine.dialect.name == "sqlite"
    return datasource.run_tx_step(
        {"name": "chunk", "isolation_level": "SERIALIZABLE" if on_sqlite else "READ COMMITTED"},
        action,
        *args,
        **kwargs,
    )


def resume_others(alive: Collection[str]) -> list[str]:
    """Put the running jobs of all workers but `alive` back on their queues; return their ids.

    Where one of those workers does go on, DBOS refuses its next commit.
    """
    queues: defaultdict[str, list[str]] = defaultdict(list)
    for workflow in DBOS.list_workflows(
        status="PENDING", name=WORKFLOW, load_input=False, load_output=False
    ):
        if workflow.executor_id not in alive and workflow.queue_name:
            queues[workflow.queue_name].append(workflow.workflow_id)
    for name, ids in queues.items():
        DBOS.resume_workflows(ids, queue_name=name)
    return [job_id for ids in queues.values() for job_id in ids]


def forget_finished(before_ms: int) -> int:
    """Delete what DBOS keeps of workflows that ended before a time; return how many."""
    count = 0
    while ids := _finished(before_ms):
        DBOS.delete_workflows(ids)
        count += len(ids)
    return count


def _finished(before_ms: int) -> list[str]:
    before = datetime.fromtimestamp(before_ms / 1000, UTC)
    workflows: Iterable[Any] = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        completed_before=before.isoformat(),
        limit=PAGE,
        load_input=False,
        load_output=False,
    )
    return [workflow.workflow_id for workflow in workflows]
