"""How the tasks of each modality are shown: one file each."""

from __future__ import annotations

from fastlabel_server.web.views import (
    audio,
    dicom,
    image,
    multi_modal,
    pcd,
    robotics,
    text,
    video,
)
from fastlabel_server.web.views.base import Stage, Subject, View

VIEWS: dict[str, View] = {
    "image": image.VIEW,
    "video": video.VIEW,
    "text": text.VIEW,
    "audio": audio.VIEW,
    "pcd": pcd.VIEW,
    "dicom": dicom.VIEW,
    "multi_modal": multi_modal.VIEW,
    "robotics": robotics.VIEW,
}
"""By the modality of a kind of task."""

__all__ = ["VIEWS", "Stage", "Subject", "View"]
