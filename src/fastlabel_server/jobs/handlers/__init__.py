"""Every kind of job, by its name in the `job` table."""

from fastlabel_server.jobs.handler import Handler, deferred
from fastlabel_server.jobs.handlers import (
    purge_class,
    purge_project,
    show_labels,
    sweep,
    thumbnails,
)


def _import_bucket() -> Handler:
    from fastlabel_server.jobs.handlers import import_bucket

    return import_bucket.HANDLER


HANDLERS: dict[str, Handler] = {
    "import_bucket": deferred("io", _import_bucket),
    "purge_class": purge_class.HANDLER,
    "purge_project": purge_project.HANDLER,
    "show_labels": show_labels.HANDLER,
    "sweep": sweep.HANDLER,
    "thumbnails": thumbnails.HANDLER,
}
