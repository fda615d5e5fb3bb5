"""Large files pass through the process in pieces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fastlabel_server.storage import Storage

pytestmark = pytest.mark.slow

UPLOADER = Path(__file__).with_name("uploading_process.py")
FILE_BYTES = 128 * 1024 * 1024


def test_uploads_are_never_held_whole(storage: Storage, storage_url: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"upload-{number}" for number in range(3)]
    for path in paths:
        with path.open("wb") as file:
            file.truncate(FILE_BYTES)

    done = subprocess.run(
        [sys.executable, UPLOADER, storage_url, *paths], capture_output=True, check=True
    )

    assert int(done.stdout) < FILE_BYTES
    assert all(storage.size(path.name) == FILE_BYTES for path in paths)
