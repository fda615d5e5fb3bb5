"""The jobs that make tasks; loaded when there is one, see `deferred`."""

from fastlabel_server.jobs.handler import Handler
from fastlabel_server.jobs.handlers import (
    import_appendix,
    import_archive,
    import_bucket,
    import_contents,
)

HANDLERS: dict[str, Handler] = {
    "import_appendix": import_appendix.HANDLER,
    "import_archive": import_archive.HANDLER,
    "import_bucket": import_bucket.HANDLER,
    "import_contents": import_contents.HANDLER,
}
