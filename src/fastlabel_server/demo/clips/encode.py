"""Pictures one after the other as a video that every browser plays."""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture of shape (height, width, 3); both sides are even, as the codec wants them."""


def to_mp4(frames: Iterable[Pixels], fps: int) -> bytes:
    """Encode pictures of one size with H.264; the same bytes each time."""
    import av

    output = io.BytesIO()
    with av.open(output, "w", format="mp4") as container:
        # More threads would share the pictures out in another way on another machine, and x264's
        # fastest routines give other bytes now and then, one encoding in some hundred.
        options = {
            "preset": "veryfast",
            "crf": "25",
            "threads": "1",
            "x264-params": "cpu-independent=1",
        }
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.pix_fmt = "yuv420p"
        for number, pixels in enumerate(frames):
            if number == 0:
                stream.height, stream.width = pixels.shape[:2]
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return output.getvalue()
