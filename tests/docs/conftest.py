"""What the examples of the documentation find: an empty server, two colleagues, some files."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clouds import S3Server, running_s3
from conftest import jpeg_bytes
from docs.markdown import ROOT, Block, blocks
from media.scans import scan, zipped
from media_files import sample
from sdk.lerobot_dataset import write_dataset
from servers import Server, running_server

BUCKET = "our-pictures"
CAT = jpeg_bytes((320, 240))
PEOPLE = (("aiko@example.com", "Aiko Sato"), ("ravi@example.com", "Ravi Menon"))


@pytest.fixture(scope="session")
def bucket() -> Iterator[S3Server]:
    """A server of buckets, with pictures in the bucket that the examples name."""
    with running_s3() as cloud:
        cloud.create_bucket(BUCKET)
        for name in ("cat.jpg", "dog.jpg"):
            cloud.put(BUCKET, f"labelling/garden/{name}", CAT)
        cloud.put(BUCKET, "labelling/garden/torn.jpg", b"no picture")
        cloud.put(BUCKET, "labelling/notes.txt", b"no picture either")
        yield cloud


@pytest.fixture
def fresh_server(tmp_path: Path, bucket: S3Server) -> Iterator[Server]:
    """A new server: a reader starts with an empty one."""
    with running_server(tmp_path / "server", **bucket.environment) as server:
        for email, name in PEOPLE:
            server.create_user(email, name, "member")
        yield server


@pytest.fixture
def run_document(
    fresh_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], dict[str, Any]]:
    """Run the Python blocks of a document, one after the other, as its reader would.

    A text block right after a Python block is what that prints. Returns the variables.
    """
    monkeypatch.setenv("FASTLABEL_ACCESS_TOKEN", fresh_server.token)
    monkeypatch.setenv("FASTLABEL_API_URL", fresh_server.api_url)
    folder = tmp_path / "reader"
    for name in ("cat.jpg", "photos/cat.jpg", "photos/garden/dog.jpg", "views/left.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(CAT)
    (folder / "views/right.jpg").write_bytes(jpeg_bytes((320, 240), "#753"))
    for name in ("clip.mp4", "note.txt", "talk.wav", "cloud.pcd"):
        (folder / name).write_bytes(sample(Path(name).suffix))
    (folder / "scan.zip").write_bytes(zipped({"1.dcm": scan(1), "2.dcm": scan(2)}))
    appendix = {"front.png": sample(".png"), "front.yaml": b"K: [530.0, 0.0, 320.0]"}
    pictures = {f"cloud.pcd/cloud.pcd/{name}": data for name, data in appendix.items()}
    (folder / "appendix.zip").write_bytes(zipped(pictures))
    write_dataset(folder / "pick")
    monkeypatch.chdir(folder)

    def run(name: str) -> dict[str, Any]:
        variables: dict[str, Any] = {"__name__": name}
        found = blocks(ROOT / name)
        for block, following in zip(found, [*found[1:], None], strict=True):
            if block.language != "python":
                continue
            printed = _run(block, variables)
            if following and following.follows and following.language == "text":
                assert printed == following.text, f"{name}:{following.line}"
        return variables

    return run


def _run(block: Block, variables: dict[str, Any]) -> str:
    # Blank lines before it make tracebacks name the line of the document.
    source = "\n" * (block.line - 1) + block.text
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(source, block.path, "exec"), variables)
    return output.getvalue()
