"""DICOM: the slices of one series a task, imported from a ZIP."""

from __future__ import annotations

from fastlabel.modalities.base import MB, FileRule, Place, ProjectType, TaskKind
from fastlabel.shapes import SHAPES

ARCHIVE = FileRule(modality="dicom", formats=("zip",), extensions=(".zip",), max_bytes=2000 * MB)

DICOM = TaskKind(
    name="dicom",
    title="DICOM tasks",
    modality="dicom",
    path="dicom",
    labels="annotations",
    files=(ARCHIVE,),
    shapes={"bbox": SHAPES["bbox"]},
    intake="archive",
    max_files=10_000,
    place=Place("contentId"),
    media_fields=("width", "height"),
    poster="middle",
)

KINDS = (DICOM,)

PROJECT_TYPES = (ProjectType("dicom_bbox", "DICOM · Bounding box", DICOM, ("bbox",)),)
