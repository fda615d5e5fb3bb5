"""A chest that never breathed: ellipsoids of tissue, slice by slice, as DICOM.

Coordinates are millimetres, x to the patient's left, y to the back, z upwards. Values are
Hounsfield units: air -1000, water 0, bone some hundreds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from numpy.typing import NDArray

from fastlabel_server.demo.samples import (
    Json,
    SampleProject,
    SampleTask,
    annotation_class,
    answers,
    choice,
)

if TYPE_CHECKING:
    from pydicom.uid import UID

SIDE = 160
"""Pixels of a slice, either way."""
PIXEL_MM = 2.4
SLICES = 20
SLICE_MM = 11.0
AIR = -1000


@dataclass(frozen=True)
class Ellipsoid:
    """A body: its middle and half axes; `value` is empty where nobody labels it."""

    middle: tuple[float, float, float]
    half: tuple[float, float, float]
    units: int
    value: str = ""
    side: str = ""

    def covers(self, z: float) -> NDArray[np.bool_]:
        """Return which pixels of the slice at a height it covers."""
        place = (np.arange(SIDE) - SIDE / 2 + 0.5) * PIXEL_MM
        x = (place - self.middle[0]) / self.half[0]
        y = (place - self.middle[1]) / self.half[1]
        up = (z - self.middle[2]) / self.half[2]
        covered: NDArray[np.bool_] = x[None, :] ** 2 + y[:, None] ** 2 + up**2 <= 1
        return covered


@dataclass(frozen=True)
class Patient:
    """A phantom; of its bodies, later ones lie inside of earlier ones."""

    name: str
    status: str
    bodies: Sequence[Ellipsoid]

    def owners(self, number: int) -> NDArray[np.int64]:
        """Return which body each pixel of a slice shows, by its place; -1: air."""
        owners = np.full((SIDE, SIDE), -1)
        for index, body in enumerate(self.bodies):
            owners[body.covers(height(number))] = index
        return owners

    def slice(self, number: int) -> NDArray[np.int16]:
        """Return a slice in Hounsfield units, counted from below and from 0."""
        units = np.array([body.units for body in self.bodies] + [AIR], np.int16)
        return units[self.owners(number)]

    def annotations(self) -> list[Json]:
        """Return a tight box for each labelled body on each slice; `content` is its file."""
        found = []
        for number in range(SLICES):
            owners = self.owners(number)
            for index, body in enumerate(self.bodies):
                rows, columns = np.nonzero(owners == index)
                if not body.value or len(rows) < 4:
                    continue
                box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
                label: Json = {
                    "type": "bbox",
                    "value": body.value,
                    "points": [int(edge) for edge in box],
                    "content": file_name(number),
                }
                if body.side:
                    label["attributes"] = answers(side=body.side)
                found.append(label)
        return found

    def files(self, seed: int) -> dict[str, bytes]:
        """Return the slices as DICOM files, with the noise that a scanner would add."""
        noise = np.random.default_rng(seed)
        return {
            file_name(number): _file(
                self.name, number, self.slice(number) + noise.normal(0, 9, (SIDE, SIDE))
            )
            for number in range(SLICES)
        }


def height(number: int) -> float:
    """Return where a slice lies, counted from 0."""
    return (number - (SLICES - 1) / 2) * SLICE_MM


def file_name(number: int) -> str:
    return f"slice-{number + 1:03}.dcm"


def _uid(*names: str) -> UID:
    """Return an id that is the same each time. Source: PS3.5, B.2 (ids from UUIDs)."""
    from pydicom.uid import UID

    return UID(f"2.25.{uuid5(NAMESPACE_URL, '/'.join(('fastlabel-demo', *names))).int}")


def _file(patient: str, number: int, units: NDArray[np.floating]) -> bytes:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = CTImageStorage
    data.SOPInstanceUID = _uid(patient, f"slice {number}")
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.StudyInstanceUID = _uid(patient, "study")
    data.SeriesInstanceUID = _uid(patient, "series")
    data.FrameOfReferenceUID = _uid(patient, "frame")
    data.Modality = "CT"
    data.PatientName = f"Phantom^{patient}"
    data.PatientID = patient
    data.SeriesNumber, data.InstanceNumber = 1, number + 1
    data.Rows = data.Columns = SIDE
    data.PixelSpacing = [PIXEL_MM, PIXEL_MM]
    data.SliceThickness = SLICE_MM
    corner = round(-SIDE / 2 * PIXEL_MM, 3)
    data.ImagePositionPatient = [corner, corner, round(height(number), 3)]
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation = 15, 1
    data.RescaleIntercept, data.RescaleSlope = 0, 1
    data.WindowCenter, data.WindowWidth = -180, 1300
    data.PixelData = np.round(units).astype("<i2").tobytes()
    output = io.BytesIO()
    data.save_as(output, enforce_file_format=True)
    return output.getvalue()


def _chest(lean: float, *nodules: Ellipsoid) -> Sequence[Ellipsoid]:
    return (
        Ellipsoid((0, 0, 0), (168, 112 * lean, 260), -90),
        Ellipsoid((0, 0, 0), (158, 102 * lean, 255), 35),
        Ellipsoid((-72, -6, 0), (56, 78, 106), -820, "lung", "right"),
        Ellipsoid((72, -6, 0), (54, 78, 104), -820, "lung", "left"),
        Ellipsoid((22, -28, -34), (50, 42, 60), 45, "heart"),
        Ellipsoid((0, 66, 0), (22, 22, 250), 420),
        Ellipsoid((0, 66, 0), (8, 8, 250), 30),
        *(
            Ellipsoid((side * 140, 4, z), (9, 60, 5), 520)
            for side in (-1, 1)
            for z in range(-100, 101, 33)
        ),
        *nodules,
    )


PATIENTS = (
    Patient("phantom-a", "reviewed",
            _chest(1.0, Ellipsoid((-84, 22, 30), (11, 11, 16), 60, "nodule", "right"))),
    Patient("phantom-b", "completed",
            _chest(1.1, Ellipsoid((80, -34, 8), (14, 12, 18), 70, "nodule", "left"),
                   Ellipsoid((-60, 34, -40), (8, 8, 13), 60, "nodule", "right"))),
    Patient("phantom-c", "registered", _chest(0.94)),
)  # fmt: skip


def tasks() -> Iterator[SampleTask]:
    for seed, patient in enumerate(PATIENTS):
        yield SampleTask(
            f"{patient.name}.zip",
            patient.files(seed),
            patient.annotations(),
            patient.status,
            ("phantom",),
        )


_SIDE = choice("radio", "side", "Side", "left", "right")
PROJECT = SampleProject(
    "Chest phantoms",
    "chest-phantoms",
    "dicom_bbox",
    (
        annotation_class("bbox", "lung", "Lung", "#2e86ab", _SIDE),
        annotation_class("bbox", "heart", "Heart", "#e4572e"),
        annotation_class("bbox", "nodule", "Nodule", "#f2b134", _SIDE),
    ),
    tasks,
)
