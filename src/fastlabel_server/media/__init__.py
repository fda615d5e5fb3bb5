"""What the server reads from files: one module per modality.

A probe refuses a file that is not what its task kind takes, and measures what every task of
that kind shows.
"""

from __future__ import annotations

from fastlabel_server.media import audio, dicom, image, pcd, telemetry, text, video
from fastlabel_server.media.base import Measured, Probe, SeriesReader

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


def probe_of(media_type: str) -> Probe | None:
    """Return the probe that knows files of a media type, None if there is none."""
    for probe in PROBES.values():
        if media_type.startswith(probe.media_types):
            return probe
    return None


__all__ = ["PROBES", "SERIES", "Measured", "Probe", "SeriesReader", "probe_of"]
