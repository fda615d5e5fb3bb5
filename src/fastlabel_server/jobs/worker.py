"""A worker process: takes jobs from queues, proves that it is alive, hands on those of the dead.

Jobs run in DBOS's threads, the lease is kept by another, and the main thread does nothing but
wait for a signal, so that the process always ends when it is told to.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Collection, Mapping
from queue import SimpleQueue
from types import FrameType
from typing import Final

import structlog

from fastlabel_server.db import Database
from fastlabel_server.jobs import lease, schema
from fastlabel_server.jobs.handler import Context, Handler
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.jobs.housekeeping import Housekeeping
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage

CONCURRENCY: Final[Mapping[str, int]] = {"io": 4, "cpu": os.cpu_count() or 1, "gpu": 1}
"""How many jobs of each queue one worker runs at a time."""

QUEUES: Final = tuple(CONCURRENCY)

STOP_GRACE_S: Final = 10.0
"""How long a stopping worker waits for chunks to end; what is cut off is done again."""
DATABASE_POOL: Final = 8

log = structlog.get_logger(__name__)


def run(
    settings: Settings,
    queues: Collection[str] = QUEUES,
    *,
    handlers: Mapping[str, Handler] = HANDLERS,
) -> None:
    """Work until SIGTERM or SIGINT, then end the process.

    The database must be migrated. Does not return.

    Raises:
        ValueError: a queue that does not exist.
    """
    if unknown := set(queues) - set(CONCURRENCY):
        raise ValueError(
            f"{', '.join(sorted(unknown))}: no such queue; there are {', '.join(QUEUES)}"
        )
    schema.migrate(settings)
    # No event: a second signal while the first one sets it would wait for itself. They come in
    # bursts where a parent dies, one for each of its threads.
    stopping: SimpleQueue[int] = SimpleQueue()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stopping.put(number)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)

    # Imported here: the import costs a second of CPU, which `serve` need not pay.
    from fastlabel_server.jobs import engine
    from fastlabel_server.jobs.runner import Runner

    database = Database(settings.database, pool_size=DATABASE_POOL)
    worker_id = lease.new_worker_id()
    with database.write() as session:
        # Before the first job is taken: a worker without a row counts as dead.
        lease.beat(session, worker_id, queues, settings.lease_timeout)
    context = Context(settings, database, Storage.from_url(settings.storage))
    runner = Runner(context, engine.connect(settings.database, worker_id), handlers)
    engine.launch(runner.run, {queue: CONCURRENCY[queue] for queue in queues})
    log.info("worker started", worker=worker_id, queues=list(queues))
    keeper = threading.Thread(
        target=_keep_lease, args=(settings, database, worker_id, queues), daemon=True
    )
    keeper.start()

    stopping.get()
    is_idle = runner.stop(STOP_GRACE_S)
    log.info("worker stops", worker=worker_id, chunk_cut_off=not is_idle)
    releasing = threading.Thread(target=_release, args=(database, worker_id), daemon=True)
    releasing.start()
    releasing.join(STOP_GRACE_S)
    sys.stdout.flush()
    sys.stderr.flush()
    # DBOS's threads hold jobs that are parked, and would keep the process alive.
    os._exit(0)


def _release(database: Database, worker_id: str) -> None:
    with database.write() as session:
        lease.release(session, worker_id)


def _keep_lease(
    settings: Settings, database: Database, worker_id: str, queues: Collection[str]
) -> None:
    housekeeping = Housekeeping(settings, database)
    is_reaper = False
    beaten_at = -settings.heartbeat_interval
    while True:
        try:
            if time.monotonic() - beaten_at >= settings.heartbeat_interval:
                with database.write() as session:
                    is_reaper = lease.beat(session, worker_id, queues, settings.lease_timeout)
                beaten_at = time.monotonic()
                if is_reaper:
                    _hand_on(settings, database)
            housekeeping.tick(is_reaper=is_reaper)
        except Exception:
            # Whatever it was, a worker that stopped beating would lose its jobs to others.
            log.exception("lease or housekeeping failed", worker=worker_id)
        time.sleep(min(1.0, settings.heartbeat_interval))


def _hand_on(settings: Settings, database: Database) -> None:
    from fastlabel_server.jobs import engine

    with database.write() as session:
        alive = lease.bury_dead(session, settings.lease_timeout)
    if resumed := engine.resume_others(alive):
        log.warning("jobs of dead workers resumed", jobs=resumed)
