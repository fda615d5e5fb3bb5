"""What a file is by its first bytes, so that a refusal can name it."""

from __future__ import annotations

import re
from typing import BinaryIO

_MAGIC = re.compile(
    rb"(?P<mp4>.{4}ftyp)"
    rb"|(?P<wav>RIFF.{4}WAVE)"
    rb"|(?P<avi>RIFF.{4}AVI )"
    rb"|(?P<matroska>\x1aE\xdf\xa3)"
    rb"|(?P<ogg>OggS)"
    rb"|(?P<flac>fLaC)"
    rb"|(?P<flv>FLV\x01)"
    rb"|(?P<asf>\x30\x26\xb2\x75\x8e\x66\xcf\x11)"
    rb"|(?P<aiff>FORM.{4}AIF)"
    rb"|(?P<mpegts>G.{187}G)"
    rb"|(?P<mpegps>\0\0\x01\xba)"
    rb"|(?P<mp3>ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])"
    rb"|(?P<aac>\xff[\xf0\xf1\xf8\xf9])"
    rb"|(?P<jpeg>\xff\xd8\xff)"
    rb"|(?P<png>\x89PNG)"
    rb"|(?P<gif>GIF8)"
    rb"|(?P<zip>PK\x03\x04)"
    rb"|(?P<pdf>%PDF)",
    re.DOTALL,
)

TITLES = {
    "mp4": "MP4",
    "wav": "WAV",
    "avi": "AVI",
    "matroska": "Matroska or WebM",
    "ogg": "Ogg",
    "flac": "FLAC",
    "flv": "Flash video",
    "asf": "Windows Media",
    "aiff": "AIFF",
    "mpegts": "an MPEG transport stream",
    "mpegps": "an MPEG program stream",
    "mp3": "MP3",
    "aac": "bare AAC",
    "jpeg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "zip": "ZIP",
    "pdf": "PDF",
}


def container_of(source: BinaryIO) -> str | None:
    """Return which of `TITLES` a file begins like, None for anything else."""
    source.seek(0)
    found = _MAGIC.match(source.read(189))
    return found.lastgroup if found else None


def title_of(container: str | None) -> str:
    """Return the name of a container for messages."""
    return TITLES[container] if container else "something else"
