"""DICOM: the slices of one series a task, imported from a ZIP."""

from __future__ import annotations

from fastlabel.modalities.base import Archive, Place, ProjectType, TaskKind, zip_of
from fastlabel.shapes import SHAPES

ARCHIVE = zip_of("dicom")

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
    archive=Archive("task", ARCHIVE),
    place=Place("contentId"),
    media_fields=("width", "height"),
    poster="middle",
)

KINDS = (DICOM,)

PROJECT_TYPES = (ProjectType("dicom_bbox", "DICOM · Bounding box", DICOM, ("bbox",)),)
