"""Puts one object after the other until it is killed: `writing_process.py ROOT BYTES`."""

import itertools
import sys
from pathlib import Path

from fastlabel_server.storage import Storage

root, size = Path(sys.argv[1]), int(sys.argv[2])
storage = Storage.from_url(root.as_uri())
for number in itertools.count():
    storage.put_bytes(f"objects/{number % 3}", bytes([number % 256]) * size)
