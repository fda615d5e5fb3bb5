"""What the platform expects of its object store, whichever it is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastlabel_server.storage import InvalidKey, ObjectMissing, Storage

# Longer than a part of an upload, so that clouds get it in parts; not a multiple of anything.
LARGE = random.Random(7).randbytes(20 * 1024 * 1024 + 13)


def keys_in(storage: Storage, folder: str = "") -> set[str]:
    return {found.key for page in storage.list(folder) for found in page}


@pytest.mark.parametrize("data", [b"", b"\x00", LARGE], ids=["empty", "one byte", "large"])
def test_bytes_come_back_as_they_were_put(storage: Storage, data: bytes) -> None:
    storage.put_bytes("a/b.bin", data)

    assert storage.read("a/b.bin") == data
    assert storage.size("a/b.bin") == len(data)


@pytest.mark.parametrize("data", [b"", LARGE], ids=["empty", "large"])
def test_a_file_is_moved_into_the_store(
    storage: Storage, file_of: Callable[[bytes], Path], data: bytes
) -> None:
    path = file_of(data)

    storage.put_file("a/b.bin", path)

    assert storage.read("a/b.bin") == data
    assert not path.exists()


def test_putting_again_replaces_the_object(
    storage: Storage, file_of: Callable[[bytes], Path]
) -> None:
    storage.put_bytes("a", LARGE)
    storage.put_bytes("a", b"second")
    assert storage.read("a") == b"second"
    storage.put_file("a", file_of(b"third"))
    assert storage.read("a") == b"third"


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, None), (0, 1), (0, 10), (3, 7), (9, 10), (4, None), (4, 1000), (5, 5), (0, 0)],
)
def test_a_part_can_be_read(storage: Storage, start: int, end: int | None) -> None:
    storage.put_bytes("digits", b"0123456789")

    assert b"".join(storage.stream("digits", start, end)) == b"0123456789"[start:end]


def test_an_empty_object_streams_nothing(storage: Storage) -> None:
    storage.put_bytes("empty", b"")

    assert list(storage.stream("empty", 0, 0)) == list(storage.stream("empty")) == []


def test_large_objects_stream_in_chunks(storage: Storage) -> None:
    storage.put_bytes("large", LARGE)

    chunks = list(storage.stream("large", 100, chunk_bytes=1024 * 1024))

    assert b"".join(chunks) == LARGE[100:]
    assert max(map(len, chunks)) <= 4 * 1024 * 1024


def test_a_stream_can_be_left_before_its_end(storage: Storage) -> None:
    storage.put_bytes("large", LARGE)

    first = next(stream := storage.stream("large", chunk_bytes=1000))
    del stream

    assert LARGE.startswith(first)
    assert storage.size("large") == len(LARGE)


def test_a_missing_object_is_named(storage: Storage) -> None:
    storage.put_bytes("folder/object", b"")

    for key in ("nothing", "folder", "folder/object/below"):
        assert not storage.exists(key)
        for use in (storage.read, storage.size, storage.stream):
            with pytest.raises(ObjectMissing, match=f"no object '(some/prefix/)?{key}'"):
                use(key)
        with pytest.raises(ObjectMissing):
            storage.stream(key, 1, 1)


def test_deleting_takes_away_what_is_named_and_nothing_else(storage: Storage) -> None:
    for key in ("a/1", "a/2", "a/3", "a/4"):
        storage.put_bytes(key, b"x")

    storage.delete(["a/0", "a/1", "a/2", "b/nothing", "a/4"])
    storage.delete([])
    storage.delete(["a/0"])

    assert keys_in(storage) == {"a/3"}


def test_a_folder_is_listed_with_all_below_it(storage: Storage) -> None:
    for key, data in {"a/1": b"", "a/b/c/2": b"22", "ab/3": b"333", "z": b"4444"}.items():
        storage.put_bytes(key, data)

    listed = {found.key: found for page in storage.list("a") for found in page}

    assert {key: found.size for key, found in listed.items()} == {"a/1": 0, "a/b/c/2": 2}
    assert all(abs(time.time() - found.modified_at) < 600 for found in listed.values())
    assert keys_in(storage) == {"a/1", "a/b/c/2", "ab/3", "z"}
    assert keys_in(storage, "nothing") == set()


def test_a_long_list_comes_in_pages(storage: Storage) -> None:
    keys = {f"many/{number:04}" for number in range(1001)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: storage.put_bytes(key, b"x"), keys))

    pages = list(storage.list("many"))

    assert len(pages) > 1
    assert sum(map(len, pages)) == len(keys)
    assert keys_in(storage, "many") == keys


@pytest.mark.parametrize(
    "key",
    [
        *("", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", "a/./b", ".drafts/x", "a\\..\\b"),
        *("a\x00b", "a b", "a?b", "a%2e%2e", "ä", "a\n", "x" * 501),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_keys_that_could_lead_elsewhere_are_refused(storage: Storage, key: str) -> None:
    for use in (storage.read, storage.size, storage.stream, storage.exists, storage.local_path):
        with pytest.raises(InvalidKey, match="a key is made of"):
            use(key)
    with pytest.raises(InvalidKey):
        storage.put_bytes(key, b"")
    with pytest.raises(InvalidKey):
        storage.delete([key])


def test_two_prefixes_of_one_bucket_do_not_meet(storage_url: str) -> None:
    one, two = Storage.from_url(f"{storage_url}/one"), Storage.from_url(f"{storage_url}/two")
    one.put_bytes("key", b"1")

    assert keys_in(one) == {"key"}
    assert keys_in(two) == set()
    assert not two.exists("key")


def test_the_check_passes_and_leaves_nothing(storage: Storage) -> None:
    storage.check()

    assert keys_in(storage) == set()


@pytest.mark.parametrize("url", ["ftp://host/x", "objects", "s3://", "s3:///prefix"])
def test_a_url_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected s3://bucket/prefix"):
        Storage.from_url(url)


def test_a_prefix_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(InvalidKey, match="a key is made of"):
        Storage.from_url("s3://bucket/../other")
