"""Uploads files at the same time, then prints by how many bytes its memory has grown at most.

`uploading_process.py URL FILE...`
"""

import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fastlabel_server.storage import Storage


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


storage = Storage.from_url(sys.argv[1])
storage.check()
before = peak_bytes()
paths = [Path(name) for name in sys.argv[2:]]
with ThreadPoolExecutor(len(paths)) as pool:
    list(pool.map(lambda path: storage.put_file(path.name, path), paths))
print(peak_bytes() - before)
