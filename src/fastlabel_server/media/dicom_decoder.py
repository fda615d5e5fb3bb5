"""A process of its own that decodes compressed DICOM pixels.

The codecs are C++ and end the process for some damaged files; then it is this process that
ends, and its parent that goes on. Requests are JSON lines on standard input:
`{"path", "frame", "output"}`. With a frame it is written to `output` as .npy, as RGB where it
has colours; without one every frame is decoded, and the answer has the sizes seen.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any

MAX_MEMORY_BYTES = 8 * 1024**3


def main() -> None:
    # The codecs write what they find on whatever is standard output; answers go by a copy.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    _limit_memory()
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    # Whatever a parser raises for a damaged file is the answer.
    try:
        return _decode(request["path"], request["frame"], request["output"])
    except Exception as error:
        lines = str(error).strip().splitlines()
        return {"error": lines[0] if lines else type(error).__name__}


def _decode(path: str, frame: int | None, output: str) -> dict[str, Any]:
    import numpy as np
    from pydicom import dcmread
    from pydicom.pixels.utils import iter_pixels

    with open(path, "rb") as file:  # noqa: PTH123 - a path from the parent, in text
        data = dcmread(file, defer_size=64 * 1024)
        if frame is not None:
            pixels = next(iter_pixels(data, indices=[frame]))
            np.save(output, pixels, allow_pickle=False)
            return {}
        sizes = {pixels.shape[:2] for pixels in iter_pixels(data, raw=True)}
        return {"sizes": [[int(height), int(width)] for height, width in sizes]}


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


if __name__ == "__main__":
    main()
