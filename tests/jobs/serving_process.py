"""Stands where `serve` stands: keeps workers beside it until it is told to stop."""

from __future__ import annotations

import signal
import threading

from fastlabel_server.jobs.children import workers
from fastlabel_server.settings import Settings

stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
with workers(Settings.from_env()):
    stopping.wait()
