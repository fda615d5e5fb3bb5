"""Where the file of an object lies below a folder, and never outside of it."""

from __future__ import annotations

from pathlib import Path

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.names import check_object_name

LISTING = "annotations.json"
STATE_FOLDER = ".fastlabel"


class Places:
    """The places of objects below `root`; may be shared by threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real_root = root.resolve()
        self._ready = {root}

    def path_of(self, name: str) -> Path:
        """Return where the file of an object lies, from its name.

        Raises:
            FastLabelInvalidException: 422, the name would lead out of the folder, or to where
                another object lies.
        """
        try:
            check_object_name(name)
        except ValueError as error:
            raise FastLabelInvalidException(f"{name}: {error}", 422) from error
        if name.partition("/")[0] == STATE_FOLDER:
            raise FastLabelInvalidException(f"{name}: {STATE_FOLDER} is no folder of objects", 422)
        return self.root / name

    def make_room(self, path: Path) -> None:
        """Make the folders above a place, and follow no link out of the root.

        Raises:
            FastLabelInvalidException: 422, a folder on the way is a link that leads outside.
            OSError: a folder on the way is a file, or cannot be made.
        """
        if path.parent in self._ready:
            return
        folder = self.root
        for part in path.parent.relative_to(self.root).parts:
            folder /= part
            if folder.is_symlink() and not folder.resolve().is_relative_to(self._real_root):
                raise FastLabelInvalidException(f"{folder}: the link leads out of the folder", 422)
            folder.mkdir(exist_ok=True)
        self._ready.add(path.parent)

    def remove(self, path: Path) -> None:
        """Delete a file, and the folders above it that are empty then."""
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.root:
                return
            try:
                folder.rmdir()
            except OSError:
                return
            self._ready.discard(folder)
