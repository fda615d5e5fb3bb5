"""The default store: a folder that survives crashes, full disks and other file systems."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fastlabel_server.storage import Storage, StorageUnavailable

WRITER = Path(__file__).with_name("writing_process.py")
OBJECT_BYTES = 32 * 1024 * 1024


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def storage(root: Path) -> Storage:
    return Storage.from_url(root.as_uri())


def drafts(root: Path) -> list[Path]:
    return list((root / ".drafts").glob("*"))


def test_a_killed_writer_leaves_no_half_object(root: Path, storage: Storage) -> None:
    # The kill has hit the middle of a write when a draft is left over.
    while not drafts(root):
        with subprocess.Popen([sys.executable, WRITER, root, str(OBJECT_BYTES)]) as writer:
            while not drafts(root) and writer.poll() is None:
                time.sleep(0.001)
            writer.send_signal(signal.SIGKILL)
        assert writer.returncode == -signal.SIGKILL

    for page in storage.list():
        for found in page:
            data = storage.read(found.key)
            assert data == data[:1] * OBJECT_BYTES

    assert storage.discard_drafts(older_than_s=3600) == 0
    assert storage.discard_drafts(older_than_s=0) == 1
    assert drafts(root) == []


def test_the_file_of_an_object_can_be_opened(storage: Storage) -> None:
    storage.put_bytes("a/b", b"data")

    path = storage.local_path("a/b")

    assert path is not None
    assert path.read_bytes() == b"data"


def test_a_file_on_another_file_system_is_copied(storage: Storage, tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system at /dev/shm")
    path = memory / f"fastlabel-test-{os.getpid()}"
    path.write_bytes(b"from elsewhere")
    try:
        storage.put_file("a", path)
        assert not path.exists()
    finally:
        path.unlink(missing_ok=True)

    assert storage.read("a") == b"from elsewhere"


def test_a_file_that_cannot_be_written_whole_leaves_nothing(storage: Storage, root: Path) -> None:
    """A limit on the size of files refuses the write in its middle, as a full disk does."""
    storage.put_bytes("before", b"")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(StorageUnavailable, match="File too large") as caught:
            storage.put_bytes("after", bytes(200_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)

    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.EFBIG
    assert not storage.exists("after")
    assert drafts(root) == []


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    storage = Storage.from_url((tmp_path / "file" / "objects").as_uri())

    with pytest.raises(StorageUnavailable, match="Not a directory"):
        storage.check()
