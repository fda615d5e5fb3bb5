"""Point clouds: one a task, or a sequence of them."""

from __future__ import annotations

from fastlabel.modalities.base import (
    CONTENTS_BYTES,
    MB,
    Archive,
    FileRule,
    ProjectType,
    TaskKind,
    zip_of,
)
from fastlabel.shapes import CUBOID, POINT_INDICES, Framed

CLOUD = FileRule(modality="pcd", formats=("pcd",), extensions=(".pcd",), max_bytes=100 * MB)
APPENDIX = Archive("appendix", zip_of("appendix"))

PCD = TaskKind(
    name="pcd",
    title="point cloud tasks",
    modality="pcd",
    path="pcd",
    labels="annotations",
    files=(CLOUD,),
    shapes={CUBOID.type: CUBOID, POINT_INDICES.type: POINT_INDICES},
    archive=APPENDIX,
)
SEQUENTIAL_PCD = TaskKind(
    name="sequential_pcd",
    title="sequential point cloud tasks",
    modality="pcd",
    path="sequential-pcd",
    labels="annotations",
    files=(CLOUD,),
    shapes={CUBOID.type: Framed(CUBOID)},
    intake="contents",
    max_files=250,
    max_files_bytes=CONTENTS_BYTES,
    archive=APPENDIX,
    default_limit=10,
    max_limit=10,
)

KINDS = (PCD, SEQUENTIAL_PCD)

PROJECT_TYPES = (
    ProjectType("pcd_cuboid", "Point cloud · Cuboid", PCD, ("cuboid",)),
    ProjectType("pcd_segmentation", "Point cloud · Segmentation", PCD, ("segmentation",)),
    ProjectType(
        "sequential_pcd_cuboid", "Sequential point cloud · Cuboid", SEQUENTIAL_PCD, ("cuboid",)
    ),
)
