"""A DICOM ZIP of the largest size: the memory of the server and its worker on its way in.

The ZIP is uploaded as a stream; then a worker unpacks it, looks at each of its slices and
stores it.
"""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from benchmarks import table
from benchmarks.memory import watched
from benchmarks.server import running_server
from benchmarks.table import Table
from benchmarks.workbench import Workbench
from fastlabel.modalities.dicom import ARCHIVE

SIDE = 1024
"""Pixels of a slice, each way: of 16 bits, so 2 MB a slice."""
GIVE_UP_S = 1800


def run(bench: Workbench) -> Table:
    folder = bench.folder("dicom")
    folder.mkdir()
    path = folder / "scan.zip"
    slices = write_scan(path)
    size_mb = path.stat().st_size / 1e6
    found = Table(f"A DICOM ZIP of {size_mb:,.0f} MB with {slices:,} slices")
    with running_server(bench.folder("dicom-server")) as server:
        server.create_project("scans", "dicom_bbox")
        with server.client() as client:
            with watched(server.pid) as peaks:
                begin = time.perf_counter()
                begun = client.create_dicom_task("scans", path)
                uploaded_s = time.perf_counter() - begin
            found.rows += [
                table.alone(
                    "upload: peak of `fastlabel serve`", peaks.resident_mb, "MB", under=1000
                ),
                table.alone("upload: time", uploaded_s, "s"),
            ]
            with watched(server.pid) as peaks:
                begin = time.perf_counter()
                history = client.wait_for_history(begun["id"], timeout=GIVE_UP_S)
                imported_s = time.perf_counter() - begin
            if history["count"] != slices:
                raise RuntimeError(f"expected {slices} slices, got {history}")
            found.rows += [
                table.alone("import: peak of server and worker", peaks.tree_mb, "MB", under=1000),
                table.alone("import: time", imported_s, "s"),
            ]
            begin = time.perf_counter()
            (task,) = client.get_dicom_tasks("scans")
            found.rows.append(
                table.alone("the task with all slices", time.perf_counter() - begin, "s")
            )
            if len(task["contents"]) != slices:
                raise RuntimeError(f"expected {slices} slices, got {len(task['contents'])}")
    return found


def write_scan(path: Path) -> int:
    """Write a ZIP of noise, just as large as DICOM tasks take; return how many slices it has."""
    dice = np.random.default_rng(1)
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        while archive.fp is not None and archive.fp.tell() < 0.995 * ARCHIVE.max_bytes:
            archive.writestr(f"series/{count:05}.dcm", _slice(count, dice))
            count += 1
    return count


def _slice(number: int, dice: np.random.Generator) -> bytes:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = CTImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data.SOPClassUID = CTImageStorage
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID
    data.SeriesInstanceUID = "1.2.3"
    data.ImagePositionPatient = [0, 0, number]
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data.Columns = data.Rows = SIDE
    data.SamplesPerPixel = 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.PixelRepresentation = 0
    data.PixelData = dice.integers(0, 4096, (SIDE, SIDE), np.uint16).tobytes()
    output = io.BytesIO()
    dcmwrite(output, data, enforce_file_format=True)
    return output.getvalue()
