"""ZIP archives: what is dangerous to unpack is refused, what is damaged is named."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

from fastlabel.modalities import FileError
from fastlabel_server.media.archive import Archive, ArchiveLimits
from media.mutations import mutated
from media.scans import zipped

LIMITS = ArchiveLimits()


def opened(data, limits=LIMITS):
    return Archive(io.BytesIO(data), "a.zip", limits)


def test_files_come_in_the_order_of_their_names_without_those_of_desktops():
    files = {
        "b/2.dcm": b"two",
        "a.dcm": b"one",
        "b/": b"",
        "__MACOSX/b/._2.dcm": b"x",
        ".DS_Store": b"x",
        "b/Thumbs.db": b"x",
        "日本語.dcm": b"three",
    }
    with opened(zipped(files)) as archive:
        assert [(one.name, one.size) for one in archive.members] == [
            ("a.dcm", 3),
            ("b/2.dcm", 3),
            ("日本語.dcm", 5),
        ]
        with archive.open("日本語.dcm") as file:
            assert file.read() == b"three"


def test_backslashes_of_other_systems_separate_folders():
    with opened(zipped({"b\\2.dcm": b"two"})) as archive:
        assert [one.name for one in archive.members] == ["b/2.dcm"]


@pytest.mark.parametrize(
    "name", ["../a", "b/../../a", "/etc/passwd", "C:/a", "..\\a", "\\a", "a\x01b"]
)
def test_names_that_lead_out_of_the_folder_are_refused(name):
    with pytest.raises(FileError, match=r"a\.zip: .* is no safe name"):
        opened(zipped({name: b"x"}))


def test_links_encrypted_files_and_twins_are_refused():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(FileError, match="'link' is a link"):
        opened(output.getvalue())
    locked = bytearray(zipped({"a": b"x"}))
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        locked[locked.index(mark) + place] |= 1
    with pytest.raises(FileError, match="'a' is encrypted"):
        opened(bytes(locked))
    with pytest.raises(FileError, match="'a' is neither stored nor deflated"):
        opened(zipped({"a": b"x" * 999}, zipfile.ZIP_BZIP2))
    with pytest.raises(FileError, match="in the archive twice"):
        opened(zipped({"b/a": b"x", "b\\a": b"y"}))


def test_bombs_are_refused_before_anything_is_unpacked():
    zeros = zipped({"a": bytes(3_000_000)})
    with pytest.raises(FileError, match="3,000,000 bytes when unpacked are too many"):
        opened(zeros, ArchiveLimits(free_bytes=1_000_000))
    with pytest.raises(FileError, match="up to 2 files, got 3"):
        opened(zipped({"a": b"", "b": b"", "c": b""}), ArchiveLimits(max_members=2))
    with pytest.raises(FileError, match="list of the archive's files is too long"):
        opened(zipped({f"{n}": b"" for n in range(50)}), ArchiveLimits(max_index_bytes=500))


def test_a_member_that_says_it_is_small_gives_no_more_than_that():
    data = bytearray(zipped({"a": bytes(100_000)}))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<L", data, data.index(mark) + place, 10)
    with opened(bytes(data)) as archive:
        assert archive.members[0].size == 10
        with (
            pytest.raises(FileError, match=r"a\.zip: a: the archive is damaged"),
            archive.open("a") as file,
        ):
            assert len(file.read()) <= 10


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x05\x06"])
def test_something_else_is_no_archive(data):
    with pytest.raises(FileError, match=r"a\.zip: not a ZIP archive"):
        opened(data)


def test_damaged_archives_are_read_or_refused():
    files = [
        zipped({"a/1": b"abc" * 500, "b": bytes(range(256))}, method)
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    ]
    refused = 0
    for data in mutated(files, 1500):
        try:
            with opened(data) as archive:
                for member in archive.members:
                    with archive.open(member.name) as file:
                        while file.read(1000):
                            pass
        except FileError as error:
            assert str(error).startswith("a.zip")
            refused += 1
    assert refused > 300
