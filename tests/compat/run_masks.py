"""Run the exports and conversions of masks inside an official client's environment.

    python -I run_masks.py TASKS.json MASKS.npz IMAGES OUTPUT

They need no server. Writes the images to OUTPUT, and the regions of the masks to
OUTPUT/regions.json.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

import fastlabel


def main(tasks_path: str, masks_path: str, images: str, output: str) -> None:
    client = fastlabel.Client()
    folder = Path(output)
    masks = np.load(masks_path)

    def tasks() -> list:
        # The official client changes what it is given.
        return json.loads(Path(tasks_path).read_text())

    client.export_instance_segmentation(tasks(), output_dir=str(folder / "instance"))
    client.export_semantic_segmentation(tasks(), output_dir=str(folder / "semantic"), start_index=0)
    client.export_image_with_annotations(
        tasks(), image_dir=images, output_dir=str(folder / "drawn")
    )
    regions = [client.mask_to_fastlabel_segmentation_points(masks[key]) for key in masks.files]
    text = json.dumps(regions, default=int)
    (folder / "regions.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        main(*sys.argv[1:])
