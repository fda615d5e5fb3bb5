"""Pixels of DICOM files, decoded where damaged ones do no harm."""

from __future__ import annotations

import json
import selectors
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from fastlabel.modalities import FileError

if TYPE_CHECKING:
    import numpy as np

TIMEOUT_S: Final = 120
"""After that long a codec is taken to be in a loop that does not end."""


class Decoder:
    """A child process that decodes, started when it is first needed and again when it ended.

    Threads take turns.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def sizes(self, source: BinaryIO, name: str) -> list[tuple[int, int]]:
        """Decode every frame of a file; return the different heights and widths.

        Raises:
            FileError: one cannot be decoded.
        """
        with tempfile.NamedTemporaryFile(suffix=".dcm") as file:
            _copy(source, file)
            answer = self._ask({"path": file.name, "frame": None, "output": ""}, name)
        return [(height, width) for height, width in answer["sizes"]]

    def frame(self, source: BinaryIO, frame: int, name: str) -> np.ndarray[Any, Any]:
        """Return the pixels of a frame: shape (height, width), or (height, width, 3) of RGB.

        Raises:
            FileError: it cannot be decoded.
        """
        import numpy as np

        with tempfile.TemporaryDirectory() as folder:
            path, output = Path(folder, "file.dcm"), Path(folder, "frame.npy")
            with path.open("wb") as file:
                _copy(source, file)
            self._ask({"path": str(path), "frame": frame, "output": str(output)}, name)
            pixels: np.ndarray[Any, Any] = np.load(output, allow_pickle=False)
        return pixels

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def _ask(self, request: dict[str, Any], name: str) -> dict[str, Any]:
        with self._turn:
            answer = self._answer(json.dumps(request) + "\n")
            if answer is None:
                self.close()
                raise FileError(f"{name}: the DICOM file is damaged: its pixels end the decoder")
        if "error" in answer:
            raise FileError(f"{name}: the DICOM file is damaged: {answer['error']}")
        return answer

    def _answer(self, request: str) -> dict[str, Any] | None:
        """Return what the process answers; None if it ends, or takes too long."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fastlabel_server.media.dicom_decoder"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request)
            process.stdin.flush()
        except OSError:
            return None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(TIMEOUT_S):
                return None
        line = process.stdout.readline()
        return json.loads(line) if line.endswith("\n") else None


def _copy(source: BinaryIO, file: Any) -> None:
    source.seek(0)
    shutil.copyfileobj(source, file, 1024 * 1024)
    file.flush()


DECODER: Final = Decoder()
"""The one of this process. It ends with it: its standard input closes."""
