"""Run by the official client's interpreter: export tasks and convert label files.

    python -I official_files.py FOLDER

FOLDER has `jobs.json`, a list of [method, arguments]. What a conversion returns is written to
`answers.json`, None for exports.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import fastlabel

os.chdir(sys.argv[1])
client = fastlabel.Client()
answers = [
    getattr(client, method)(**arguments)
    for method, arguments in json.loads(Path("jobs.json").read_text())
]
Path("answers.json").write_text(json.dumps(answers))
