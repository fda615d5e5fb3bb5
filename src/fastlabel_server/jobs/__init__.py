"""Background jobs: the one door to the queue.

A request calls `enqueue` in its own transaction, and the job exists if and only if the
transaction is committed. Workers (`worker.py`) run it in chunks, each in one transaction
with the progress that `Job` shows. Nothing outside this package knows the engine.
"""

from fastlabel_server.jobs.enqueue import cancel, enqueue, warm_up
from fastlabel_server.jobs.handler import Context, Handler, JobError, Step
from fastlabel_server.jobs.schema import ENGINE_TABLES, is_migrated, migrate

__all__ = [
    "ENGINE_TABLES",
    "Context",
    "Handler",
    "JobError",
    "Step",
    "cancel",
    "enqueue",
    "is_migrated",
    "migrate",
    "warm_up",
]
