"""Small real DICOM files, in the ways in which pixels are packed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gdcm
import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

TRANSFER_SYNTAXES = (
    "ImplicitVRLittleEndian",
    "ExplicitVRLittleEndian",
    "DeflatedExplicitVRLittleEndian",
    "RLELossless",
    "JPEGLosslessProcess14_1",
    "JPEGLSLossless",
    "JPEG2000Lossless",
)
SIZE_WH = (40, 32)


def disc(number: int = 0) -> np.ndarray[Any, Any]:
    """Return a bright disc on a dark ground; it grows with the number."""
    width, height = SIZE_WH
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(x - width / 2, y - height / 2) < 6 + number
    return (inside * 1000 + 20).astype("<u2")


def scan(number: int, *, frames: int = 1, **tags: Any) -> bytes:
    """Return a CT slice at z = 2.5 x number; `tags` replace its own, None takes one out."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = CTImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data.SOPClassUID = CTImageStorage
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID
    data.SeriesInstanceUID = "1.2.3"
    data.SeriesNumber = 1
    data.InstanceNumber = number
    data.ImagePositionPatient = [0, 0, 2.5 * number]
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data.Columns, data.Rows = SIZE_WH
    data.SamplesPerPixel = 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.PixelRepresentation = 0
    if frames > 1:
        data.NumberOfFrames = frames
    data.PixelData = np.stack([disc(number + frame) for frame in range(frames)]).tobytes()
    for name, value in tags.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    output = io.BytesIO()
    dcmwrite(output, data, enforce_file_format=True)
    return output.getvalue()


def packed_as(data: bytes, transfer_syntax: str, folder: Path) -> bytes:
    """Return a scan in another transfer syntax, by gdcm."""
    source, target = folder / "source.dcm", folder / "target.dcm"
    source.write_bytes(data)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    number = getattr(gdcm.TransferSyntax, transfer_syntax)
    change.SetTransferSyntax(gdcm.TransferSyntax(number))
    change.SetInput(reader.GetImage())
    assert change.Change(), transfer_syntax
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return target.read_bytes()


def zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP of files by their names."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return output.getvalue()
