"""ZIPs and what is in them, written by hand: the client's environment has no DICOM library."""

from __future__ import annotations

import struct
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenarios.support import client

EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1\x00"
CT_IMAGE = b"1.2.840.10008.5.1.4.1.1.2\x00"
SIZE_WH = (12, 8)
GIVE_UP_S = 120


def dicom(place: int) -> bytes:
    """Return a CT slice of 12 x 8 pixels that lies at z = `place`.

    Source: DICOM PS3.5, 7.1.2: explicit VR, little endian.
    """
    width, height = SIZE_WH
    uid = f"1.2.3.{place}".encode()
    uid += b"\x00" * (len(uid) % 2)
    meta = _element(2, 0x02, b"UI", CT_IMAGE) + _element(2, 0x03, b"UI", uid)
    meta += _element(2, 0x10, b"UI", EXPLICIT_LITTLE)
    position = f"0\\0\\{place}".encode()
    data = [
        (0x08, 0x16, b"UI", CT_IMAGE),
        (0x08, 0x18, b"UI", uid),
        (0x20, 0x0E, b"UI", b"1.2.3\x00"),
        (0x20, 0x32, b"DS", position + b" " * (len(position) % 2)),
        (0x20, 0x37, b"DS", b"1\\0\\0\\0\\1\\0 "),
        (0x28, 0x02, b"US", struct.pack("<H", 1)),
        (0x28, 0x04, b"CS", b"MONOCHROME2 "),
        (0x28, 0x10, b"US", struct.pack("<H", height)),
        (0x28, 0x11, b"US", struct.pack("<H", width)),
        (0x28, 0x0100, b"US", struct.pack("<H", 8)),
        (0x28, 0x0101, b"US", struct.pack("<H", 8)),
        (0x28, 0x0102, b"US", struct.pack("<H", 7)),
        (0x28, 0x0103, b"US", struct.pack("<H", 0)),
        (0x7FE0, 0x10, b"OB", bytes(range(place, place + width * height))),
    ]
    head = _element(2, 0x00, b"UL", struct.pack("<L", len(meta)))
    return bytes(128) + b"DICM" + head + meta + b"".join(_element(*one) for one in data)


def _element(group: int, element: int, kind: bytes, value: bytes) -> bytes:
    long = kind in (b"OB", b"OW")
    length = b"\x00\x00" + struct.pack("<L", len(value)) if long else struct.pack("<H", len(value))
    return struct.pack("<HH", group, element) + kind + length + value


def zip_of(files: Mapping[str, bytes], name: str = "scan.zip") -> str:
    """Write a ZIP and return its path."""
    path = Path(tempfile.mkdtemp(dir="."), name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in files.items():
            archive.writestr(member, data)
    return str(path)


def finished(history: dict[str, Any]) -> dict[str, Any]:
    """Poll the history of an import, as users do, until it has ended."""
    until = time.monotonic() + GIVE_UP_S
    while history["status"] in ("pending", "running"):
        assert time.monotonic() < until, f"the import does not end: {history}"
        time.sleep(0.1)
        history = client.find_history(history_id=history["id"])
    return history
