"""The files of tasks, for formats that bring them along or look into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel_server.db import Database
from fastlabel_server.errors import NotFound
from fastlabel_server.exports.queries import file_of
from fastlabel_server.files import service as files
from fastlabel_server.storage import ObjectMissing, Storage
from fastlabel_server.stores.reading import seekable
from fastlabel_server.urls import FILE


class TaskFiles:
    """Opens the files of tasks where they lie."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def open(self, task: Mapping[str, Any]) -> BinaryIO:
        """Return the file of a task, seekable; parts of it are read as they are asked for.

        Raises:
            FastLabelInvalidException: it has none any more.
        """
        try:
            with self._database.read() as session:
                content_id = file_of(session, task["id"])
                if content_id is None:
                    raise NotFound("its file is gone")
                file = files.find(session, self._storage, FILE, content_id)
            if isinstance(file.source, Storage):
                return file.source.open(file.key)
            return seekable(file.size, file.stream)
        except (NotFound, ObjectMissing) as error:
            raise FastLabelInvalidException(f"{task['name']}: {error}", 422) from error
