"""Every kind of job, by its name in the `job` table."""

from fastlabel_server.jobs.handler import Handler
from fastlabel_server.jobs.handlers import (
    import_appendix,
    import_archive,
    import_bucket,
    import_contents,
    purge_class,
    purge_project,
    show_labels,
    sweep,
    thumbnails,
)

HANDLERS: dict[str, Handler] = {
    "import_appendix": import_appendix.HANDLER,
    "import_archive": import_archive.HANDLER,
    "import_contents": import_contents.HANDLER,
    "import_bucket": import_bucket.HANDLER,
    "purge_class": purge_class.HANDLER,
    "purge_project": purge_project.HANDLER,
    "show_labels": show_labels.HANDLER,
    "sweep": sweep.HANDLER,
    "thumbnails": thumbnails.HANDLER,
}
