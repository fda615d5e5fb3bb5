"""Reading the operator's own buckets, in every cloud."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from clouds import AzureServer, CloudServer, clear_environment
from fastlabel_server.buckets import (
    Bucket,
    BucketDenied,
    BucketUnavailable,
    InvalidPath,
    ObjectMissing,
    ObjectTooLarge,
)
from fastlabel_server.storage import Storage, StorageUnavailable
from fastlabel_server.stores import open_bucket

# Names that people give to files, and that have to be quoted on their way.
NAMES = ("a b+c.jpg", "50%20 #1?.jpg", "猫/写真　一.jpg", "deep/er/é&=~'().png")


def paths_in(bucket: Bucket, folder: str = "") -> set[str]:
    return {found.key for page in bucket.list(folder) for found in page}


@pytest.mark.parametrize("path", NAMES)
def test_an_object_is_found_by_its_name(cloud: CloudServer, path: str) -> None:
    name = cloud.new_bucket()
    cloud.put(name, path, b"0123456789")
    bucket = Bucket(cloud.kind, name)

    assert bucket.head(path).size == 10
    assert bucket.read(path, limit_bytes=10) == b"0123456789"
    assert b"".join(bucket.stream(path, 2, 5)) == b"234"
    assert b"".join(bucket.stream(path, 7)) == b"789"
    assert b"".join(bucket.stream(path, 3, 3)) == b""
    assert paths_in(bucket) == {path}


def test_the_etag_changes_with_the_bytes(cloud: CloudServer) -> None:
    name = cloud.new_bucket()
    bucket = Bucket(cloud.kind, name)
    cloud.put(name, "a.jpg", b"one")
    first = bucket.head("a.jpg")
    cloud.put(name, "a.jpg", b"second")
    second = bucket.head("a.jpg")

    assert first.etag != second.etag
    assert first.etag is not None
    assert '"' not in first.etag
    assert first.last_modified <= second.last_modified


def test_paths_are_relative_to_the_prefix(cloud: CloudServer) -> None:
    name = cloud.new_bucket()
    for path in ("cats/1.jpg", "cats/more/2.jpg", "cats2/3.jpg", "4.jpg"):
        cloud.put(name, path, path.encode())
    bucket = Bucket(cloud.kind, name, prefix="/cats/")

    assert paths_in(bucket) == {"1.jpg", "more/2.jpg"}
    assert paths_in(bucket, "more") == paths_in(bucket, "more/") == {"more/2.jpg"}
    assert bucket.read("more/2.jpg", 100) == b"cats/more/2.jpg"
    assert bucket.head("1.jpg").key == "1.jpg"
    with pytest.raises(ObjectMissing):
        bucket.head("4.jpg")


@pytest.mark.parametrize(
    "path",
    [
        *("../4.jpg", "a/../../4.jpg", "..", "./a", "/4.jpg", "a//b.jpg", "a/", ""),
        *("a\x00", "a\n", "\ud800", "x" * 1025),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_a_path_out_of_the_prefix_is_refused(cloud: CloudServer, path: str) -> None:
    bucket = Bucket(cloud.kind, cloud.new_bucket(), prefix="cats")

    for use in (bucket.head, bucket.stream, lambda path: bucket.read(path, 10)):
        with pytest.raises(InvalidPath):
            use(path)


def test_a_missing_object_is_named_with_its_bucket(cloud: CloudServer) -> None:
    name = cloud.new_bucket()
    bucket = Bucket(cloud.kind, name, prefix="cats")

    for use in (bucket.head, bucket.stream, lambda path: bucket.read(path, 10)):
        with pytest.raises(ObjectMissing, match=f"'{name}' has no object 'cats/a.jpg'"):
            use("a.jpg")


def test_a_missing_bucket_has_no_objects(cloud: CloudServer) -> None:
    bucket = Bucket(cloud.kind, "no-such-bucket")

    with pytest.raises(ObjectMissing, match="'no-such-bucket'"):
        bucket.head("a.jpg")
    # Google's emulator fails over its XML list of a bucket that is not there.
    reason = "the bucket does not exist|it answered 500"
    with pytest.raises(BucketUnavailable, match=f"'no-such-bucket': ({reason})"):
        paths_in(bucket)


def test_an_object_over_the_limit_is_not_read(cloud: CloudServer) -> None:
    name = cloud.new_bucket()
    cloud.put(name, "a.jpg", b"0123456789")

    with pytest.raises(ObjectTooLarge, match=r"'a\.jpg' has 10 bytes; 9 at most"):
        Bucket(cloud.kind, name).read("a.jpg", limit_bytes=9)


def test_long_lists_come_whole(cloud: CloudServer) -> None:
    name = cloud.new_bucket()
    paths = {f"many/{number:04}.jpg" for number in range(1001)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: cloud.put(name, path, b"x"), paths))

    pages = list(Bucket(cloud.kind, name).list("many"))

    assert len(pages) > 1
    assert {found.key for page in pages for found in page} == paths
    # On the second page, where pages have a thousand keys.
    cloud.put(name, "many/1000//.jpg", b"x")
    walked = [found.key for found in Bucket(cloud.kind, name, prefix="many").walk()]
    assert len(walked) == len(paths) + 1
    assert {f"many/{key}" for key in walked} == paths | {"many/1000//.jpg"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("ftp", "bucket"),
        ("aws-s3", "evil.example/x"),
        ("aws-s3", "user@evil.example"),
        ("aws-s3", "a..b"),
        ("aws-s3", "b"),
        ("aws-s3", "bucket", "evil.example/?"),
        ("aws-s3", "bucket", "us.evil.example"),
        ("gcp", "bucket?x"),
        ("azure", "bucket#x"),
        ("aws-s3", "bucket", "us-east-1", "../other"),
        ("aws-s3", "bucket", "us-east-1", "a/../../other"),
    ],
)
def test_no_host_can_be_smuggled_into_a_setting(arguments: tuple[str, ...]) -> None:
    with pytest.raises(InvalidPath):
        Bucket(*arguments)


@pytest.mark.parametrize(
    ("kind", "environment"),
    [
        (
            "aws-s3",
            {
                "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
                "AWS_ACCESS_KEY_ID": "a",
                "AWS_SECRET_ACCESS_KEY": "b",
            },
        ),
        ("gcp", {"STORAGE_EMULATOR_HOST": "127.0.0.1:9"}),
        ("gcp", {"GOOGLE_APPLICATION_CREDENTIALS": "/no/such/file.json"}),
        ("azure", {}),
        ("azure", {"AZURE_STORAGE_ACCOUNT": "me", "AZURE_STORAGE_KEY": "not base64!"}),
        ("azure", {"AZURE_STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true"}),
    ],
)
def test_a_cloud_out_of_reach_is_reported(
    monkeypatch: pytest.MonkeyPatch, kind: str, environment: dict[str, str]
) -> None:
    clear_environment(monkeypatch)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    open_bucket.cache_clear()

    with pytest.raises(BucketUnavailable, match="'bucket'"):
        Bucket(kind, "bucket").head("a.jpg")


def test_a_wrong_key_is_told_from_a_missing_object(
    azure_cloud: AzureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = azure_cloud.new_bucket()
    azure_cloud.put(name, "a.jpg", b"x")
    azure_cloud.enter(monkeypatch)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "d3Jvbmc=")

    with pytest.raises(BucketDenied, match=f"'{name}': access to 'a.jpg' is denied"):
        Bucket("azure", name).head("a.jpg")
    with pytest.raises(StorageUnavailable, match="is denied"):
        Storage.from_url(f"az://{name}").check()


def test_azure_is_found_by_a_connection_string(
    azure_cloud: AzureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = azure_cloud.new_bucket()
    azure_cloud.put(name, "a.jpg", b"data")
    given = azure_cloud.environment
    azure_cloud.enter(monkeypatch)
    for variable in given:
        monkeypatch.delenv(variable)
    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING",
        "DefaultEndpointsProtocol=http;AccountName={AZURE_STORAGE_ACCOUNT_NAME};"
        "AccountKey={AZURE_STORAGE_ACCOUNT_KEY};BlobEndpoint={AZURE_STORAGE_ENDPOINT};".format(
            **given
        ),
    )

    assert Bucket("azure", name).read("a.jpg", 10) == b"data"


ODD_KEYS = ("cats//b.jpg", "cats/./c.jpg", "cats/../d.jpg", "cats/\x7f.jpg")


def test_a_walk_goes_on_where_another_was_broken_off(cloud: CloudServer) -> None:
    name = cloud.new_bucket()
    paths = ["cats/1.jpg", "cats/B.jpg", "cats/a b+c.jpg", "cats/more/2.jpg", "cats/é.jpg"]
    for path in [*paths, "cats2/3.jpg", "4.jpg"]:
        cloud.put(name, path, b"x")
    bucket = Bucket(cloud.kind, name, prefix="cats")
    whole = [found.key for found in bucket.walk()]

    assert sorted(whole) == sorted(path.removeprefix("cats/") for path in paths)
    for number, path in enumerate(whole):
        assert [found.key for found in bucket.walk(path)] == whole[number + 1 :]


def test_keys_that_are_no_paths_hide_no_others(cloud: CloudServer) -> None:
    """One key such as `a//b` failed the list of a whole bucket."""
    name = cloud.new_bucket()
    paths = {"cats/.first.jpg", "cats/1.jpg", "cats/more/2.jpg", "cats/é.jpg"}
    for path in [*paths, *ODD_KEYS, "cats2/3.jpg", "4.jpg"]:
        cloud.put(name, path, b"four")
    bucket = Bucket(cloud.kind, name, prefix="cats")
    found = list(bucket.walk())

    assert {f"cats/{one.key}" for one in found} == {*paths, *ODD_KEYS}
    assert {one.size for one in found} == {4}
    assert all(one.last_modified.year > 2000 and one.etag for one in found)
    whole = [one.key for one in found]
    for number, path in enumerate(whole):
        assert [one.key for one in bucket.walk(path)] == whole[number + 1 :]
    for path in ODD_KEYS:
        with pytest.raises(InvalidPath):
            bucket.head(path.removeprefix("cats/"))


def test_a_walk_on_from_a_key_that_is_gone_misses_nothing(cloud: CloudServer) -> None:
    name = cloud.new_bucket()
    for path in ("a.jpg", "c.jpg"):
        cloud.put(name, path, b"x")

    assert "c.jpg" in [found.key for found in Bucket(cloud.kind, name).walk("b.jpg")]


def test_a_walk_of_a_missing_bucket_says_so(cloud: CloudServer) -> None:
    with pytest.raises(BucketUnavailable, match="'no-such-bucket'"):
        list(Bucket(cloud.kind, "no-such-bucket").walk())
