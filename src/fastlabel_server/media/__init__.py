"""What the server reads from files: one module per modality.

A probe refuses a file that is not what its task kind takes, and measures what every task of
that kind shows.
"""

from __future__ import annotations

from fastlabel_server.media import (
    audio,
    dicom,
    image,
    pcd,
    split_audio,
    split_image,
    split_video,
    telemetry,
    text,
    video,
)
from fastlabel_server.media.base import Measured, Probe, SeriesReader, Splitter

PROBES: dict[str, Probe] = {
    "image": image.PROBE,
    "video": video.PROBE,
    "audio": audio.PROBE,
    "text": text.PROBE,
    "pcd": pcd.PROBE,
    "dicom": dicom.PROBE,
    "telemetry": telemetry.PROBE,
}
"""By the modality of a file's rule."""


SERIES: dict[str, SeriesReader] = {"dicom": dicom.SERIES}
"""By the modality of kinds whose tasks are made of an archive."""


SPLITTERS: dict[str, Splitter] = {
    "image": split_image.SPLITTER,
    "video": split_video.SPLITTER,
    "audio": split_audio.SPLITTER,
}
"""By the modality of what can be cut into parts."""


EXTENSIONS: dict[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    video.MEDIA_TYPE: ".mp4",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/mp4": ".m4a",
    text.MEDIA_TYPE: ".txt",
    pcd.MEDIA_TYPE: ".pcd",
    dicom.MEDIA_TYPE: ".dcm",
}
"""How names of files end that are something by themselves, by their media type."""


def extension_of(media_type: str) -> str | None:
    """Return how the name of a file usually ends, with the dot; None where it is not known."""
    return EXTENSIONS.get(media_type.partition(";")[0])


def probe_of(media_type: str) -> Probe | None:
    """Return the probe that knows files of a media type, None if there is none."""
    for probe in PROBES.values():
        if media_type.startswith(probe.media_types):
            return probe
    return None


__all__ = [
    "EXTENSIONS",
    "PROBES",
    "SERIES",
    "SPLITTERS",
    "Measured",
    "Probe",
    "SeriesReader",
    "Splitter",
    "extension_of",
    "probe_of",
]
