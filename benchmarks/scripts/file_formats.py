"""Run by either client's interpreter: export tasks and convert files, print times of each.

Each job is [name, method, arguments]; `tasks` among the arguments is how many of the tasks.
"""

import json
import sys
import time
from pathlib import Path

import fastlabel

tasks_path, jobs_path = sys.argv[1:]
tasks = json.loads(Path(tasks_path).read_text())
client = fastlabel.Client()
times = {}
for name, method, arguments in json.loads(Path(jobs_path).read_text()):
    if "tasks" in arguments:
        arguments["tasks"] = tasks[: arguments["tasks"]]
    begin, processor = time.perf_counter(), time.process_time()
    getattr(client, method)(**arguments)
    times[name] = (time.perf_counter() - begin, time.process_time() - processor)
print(json.dumps(times))
