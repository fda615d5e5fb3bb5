"""Run by the official client's interpreter: create a task for each picture, print the seconds."""

import sys
import time

from benchmarks.pictures import boxes

import fastlabel

project, *pictures = sys.argv[1:]
client = fastlabel.Client()
begin = time.perf_counter()
for number, path in enumerate(pictures):
    client.create_image_task(
        project=project,
        name=path.rpartition("/")[2],
        file_path=path,
        annotations=boxes(number),
    )
print(time.perf_counter() - begin)
