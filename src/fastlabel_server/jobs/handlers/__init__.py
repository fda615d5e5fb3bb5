"""Every kind of job, by its name in the `job` table."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from fastlabel_server.jobs.handler import Handler, deferred
from fastlabel_server.jobs.handlers import (
    purge_class,
    purge_dataset,
    purge_project,
    show_labels,
    sweep,
    thumbnails,
)


def _handler_of(name: str) -> Handler:
    handler: Handler = import_module(f"{__name__}.{name}").HANDLER
    return handler


def _deferred(queue: str, name: str) -> Handler:
    """Describe a job that builds on tasks, media or formats: only workers need them loaded."""
    return deferred(queue, partial(_handler_of, name))


HANDLERS: dict[str, Handler] = {
    "export": _deferred("io", "export"),
    "import_appendix": _deferred("io", "import_appendix"),
    "import_archive": _deferred("io", "import_archive"),
    "import_bucket": _deferred("io", "import_bucket"),
    "import_contents": _deferred("io", "import_contents"),
    "purge_class": purge_class.HANDLER,
    "purge_dataset": purge_dataset.HANDLER,
    "purge_project": purge_project.HANDLER,
    "register_tasks": _deferred("io", "register_tasks"),
    "revise_dataset": _deferred("io", "revise_dataset"),
    "show_labels": show_labels.HANDLER,
    "sweep": sweep.HANDLER,
    "thumbnails": thumbnails.HANDLER,
}
