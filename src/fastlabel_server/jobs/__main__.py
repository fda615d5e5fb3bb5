"""`python -m fastlabel_server.jobs`: a worker, as `fastlabel serve` starts it."""

from __future__ import annotations

import argparse

from fastlabel_server.jobs import children, worker
from fastlabel_server.logs import configure_logging
from fastlabel_server.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fastlabel_server.jobs")
    parser.add_argument(
        "--queue", action="append", choices=worker.QUEUES, help="default: all of them"
    )
    parser.add_argument("--parent", type=int, help="end when this process, the parent, ends")
    arguments = parser.parse_args()
    if arguments.parent is not None:
        children.die_with(arguments.parent)
    settings = Settings.from_env()
    configure_logging(settings.log_level)
    worker.run(settings, arguments.queue or worker.QUEUES)


if __name__ == "__main__":
    main()
