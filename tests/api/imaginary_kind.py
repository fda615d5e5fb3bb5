"""A server that knows one more kind of task, by a description and a probe; prints what it answers.

    python imaginary_kind.py DATA_DIR

Runs in a process of its own: what it registers must be there before the routes are made.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

from fastlabel import modalities
from fastlabel.modalities.base import FileRule, Place, ProjectType, TaskKind
from fastlabel.shapes import TIME_SPAN
from fastlabel_server import media
from fastlabel_server.media.base import Measured, Probe

SMELL = FileRule(modality="smell", formats=("nose",), extensions=(".nose",), max_bytes=1000)
SMELLS = TaskKind(
    name="smells",
    title="smell tasks",
    modality="smell",
    path="smells",
    labels="annotations",
    files=(SMELL,),
    shapes={"segmentation": TIME_SPAN},
    intake="contents",
    max_files=3,
    place=Place("content"),
    max_limit=7,
    media_fields=("strength",),
    extra={"nose": "noseName"},
)


def measure(source: BinaryIO, name: str, rule: FileRule, max_pixels: int) -> Measured:
    data = source.read()
    if not data.startswith(b"NOSE"):
        raise modalities.FileError(f"{name}: nothing to smell")
    return Measured("application/x-nose", {"strength": len(data)})


def main(data_dir: str) -> None:
    modalities.TASK_KINDS["smells"] = SMELLS
    smell = ProjectType("smell_segmentation", "Smell · Segmentation", SMELLS, ("segmentation",))
    modalities.PROJECT_TYPES["smell_segmentation"] = smell
    media.PROBES["smell"] = Probe(("application/x-nose",), measure)

    from starlette.testclient import TestClient

    from fastlabel_server import schema
    from fastlabel_server.app import create_app
    from fastlabel_server.db import Database
    from fastlabel_server.settings import Settings
    from fastlabel_server.users import service as users

    settings = Settings(data_dir=Path(data_dir), secret_key="secret", rate_limit=0)
    schema.migrate(settings)
    database = Database(settings.database, pool_size=1)
    with database.write() as session:
        users.create_user(session, "a@example.com", "A", "owner", "correct horse", None)
        token = users.create_token(session, "a@example.com")
    database.close()

    with TestClient(create_app(settings), headers={"Authorization": f"Bearer {token}"}) as http:
        print(json.dumps(_drive(http)))


def _drive(http: Any) -> dict[str, Any]:
    project = {"type": "smell_segmentation", "name": "S", "slug": "s"}
    http.post("/v1/projects", json=project).raise_for_status()
    label = {"project": "s", "type": "segmentation", "value": "rose", "title": "Rose"}
    http.post("/v1/annotations", json=label).raise_for_status()

    def create(name: str, *files: tuple[str, bytes], **fields: Any) -> Any:
        parts = [("contents", file) for file in files]
        body = json.dumps({"project": "s", "name": name, **fields})
        return http.post("/v1/tasks/smells", data={"request": body}, files=parts).json()

    rose = {"type": "segmentation", "value": "rose", "content": "a.nose", "start": 1, "end": 2.5}
    two = (("b.nose", b"NOSE!!"), ("a.nose", b"NOSE"))
    task_id = create("garden", *two, annotations=[rose])
    changed = http.put(f"/v1/tasks/smells/{task_id}", json={"nose": "Cyrano", "priority": 10})
    return {
        "created": changed.json() == task_id,
        "task": http.get(f"/v1/tasks/smells/{task_id}").json(),
        "listed": [t["name"] for t in http.get("/v1/tasks/smells?project=s").json()],
        "beyond": http.get("/v1/tasks/smells?project=s&limit=8").status_code,
        "refusals": [
            create("x", ("a.nose", b"ROSE"))["message"],
            create("x", ("a.png", b"NOSE"))["message"],
            create("x", *two, annotations=[{**rose, "content": "c.nose"}])["message"],
            create("x", *two, annotations=[{**rose, "end": 0}])["message"],
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1])
