"""Every kind of job, by its name in the `job` table."""

from collections.abc import Callable

from fastlabel_server.jobs.handler import Handler, deferred
from fastlabel_server.jobs.handlers import (
    purge_class,
    purge_project,
    show_labels,
    sweep,
    thumbnails,
)


def _import(kind: str) -> Callable[[], Handler]:
    def load() -> Handler:
        from fastlabel_server.jobs.handlers import imports

        return imports.HANDLERS[kind]

    return load


HANDLERS: dict[str, Handler] = {
    "import_appendix": deferred("io", _import("import_appendix")),
    "import_archive": deferred("io", _import("import_archive")),
    "import_bucket": deferred("io", _import("import_bucket")),
    "import_contents": deferred("io", _import("import_contents")),
    "purge_class": purge_class.HANDLER,
    "purge_project": purge_project.HANDLER,
    "show_labels": show_labels.HANDLER,
    "sweep": sweep.HANDLER,
    "thumbnails": thumbnails.HANDLER,
}
