"""What benchmarks share in one run: scratch space and servers that are slow to start."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.label_studio import LabelStudio, running_label_studio
from benchmarks.server import Server, running_server


class Workbench:
    """Opens what a benchmark asks for at the first request and closes all of it at the end."""

    def __enter__(self) -> Self:
        self._open = ExitStack()
        self._scratch = Path(
            self._open.enter_context(tempfile.TemporaryDirectory(prefix="fastlabel-bench-"))
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def folder(self, name: str) -> Path:
        """Return a path in the scratch space where nothing is yet."""
        path = self._scratch / name
        if path.exists():
            raise FileExistsError(f"{path}: used by another benchmark of this run")
        return path

    @cached_property
    def server(self) -> Server:
        """A FastLabel server on SQLite and a folder, its defaults."""
        return self._open.enter_context(running_server(self.folder("server")))

    @cached_property
    def label_studio(self) -> LabelStudio:
        """Label Studio on SQLite, its default."""
        return self._open.enter_context(running_label_studio(self.folder("label-studio")))
