"""Run by the official client's interpreter: send a folder of pictures, or a file too large."""

import base64
import sys
from pathlib import Path

import fastlabel

project, name, source = sys.argv[1:]
path = Path(source)
client = fastlabel.Client()
if path.is_dir():
    client.create_multi_image_classification_task(project=project, name=name, folder_path=str(path))
else:
    content = base64.b64encode(path.read_bytes()).decode()
    try:
        client.api.post_request("tasks/image", {"project": project, "name": name, "file": content})
    except fastlabel.exceptions.FastLabelInvalidException as error:
        if error.code != 422:
            raise
    else:
        sys.exit(f"{path}: expected to be refused")
