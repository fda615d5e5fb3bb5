"""The official clients, each in an environment of its own, and what their scenarios found."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import boto3
import pytest
from PIL import Image

from clouds import S3Server
from compat.venvs import official_python
from media.recordings import video
from media.scans import scan, zipped
from media_files import sample
from servers import Server, running_server

RUNNER = Path(__file__).parent / "run_scenarios.py"
GIVE_UP_S = 300
BUCKET = "photos"
SAMPLED = (".png", ".jpg", ".mp4", ".txt", ".mp3", ".wav", ".m4a", ".pcd")

Tracebacks = dict[str, str | None]
Environment = Mapping[str, str]
RunScenarios = Callable[[Environment, str, str], Tracebacks]


@pytest.fixture(scope="session")
def official() -> Callable[[str], Path]:
    """Give the interpreter that has a release of the official client."""
    return official_python


@pytest.fixture(scope="session")
def media_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small real files of every format, which the clients' own environments could not make."""
    folder = tmp_path_factory.mktemp("media")
    for extension in SAMPLED:
        for number in range(3):
            (folder / f"{number}{extension}").write_bytes(sample(extension, number))
    (folder / "other.mp4").write_bytes(video("mpeg4"))
    files = {f"{name}.dcm": scan(number) for number, name in enumerate(("c", "a", "b"))}
    (folder / "scan.zip").write_bytes(zipped(files))
    (folder / "broken.zip").write_bytes(b"PK no archive")
    return folder


@pytest.fixture(scope="session")
def people_of() -> Callable[[Server], Environment]:
    """Make the people of the scenarios, once for each server."""
    made: dict[str, Environment] = {}

    def people(server: Server) -> Environment:
        if server.url not in made:
            made[server.url] = _people(server)
        return made[server.url]

    return people


@pytest.fixture(scope="session")
def environment(
    server: Server, media_dir: Path, people_of: Callable[[Server], Environment]
) -> Environment:
    """What the scenarios are told: the server, an owner, and a member nothing is shared with."""
    return {**people_of(server), "MEDIA_DIR": str(media_dir)}


@pytest.fixture(scope="session")
def bucket_environment(
    s3_cloud: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    """The same for a server whose operator has a bucket with an image in it."""
    picture = tmp_path_factory.mktemp("bucket") / "cat.jpg"
    Image.linear_gradient("L").resize((320, 200)).save(picture)
    cloud = {
        "AWS_ENDPOINT_URL": s3_cloud.url,
        "AWS_ACCESS_KEY_ID": "operator",
        "AWS_SECRET_ACCESS_KEY": "operator's secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    s3 = boto3.client(
        "s3",
        endpoint_url=cloud["AWS_ENDPOINT_URL"],
        region_name=cloud["AWS_DEFAULT_REGION"],
        aws_access_key_id=cloud["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=cloud["AWS_SECRET_ACCESS_KEY"],
    )
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(picture), BUCKET, "day 1/猫.jpg")
    s3.put_object(Bucket=BUCKET, Key="day 1/text.jpg", Body=b"This is not an image.")
    for key in ("day 2/a.jpg", "day 2/sub/b.JPEG", "day 2//odd.jpg", "day 2/notes.txt"):
        s3.upload_file(str(picture), BUCKET, key)
    with running_server(tmp_path_factory.mktemp("server-bucket"), **cloud) as server:
        yield {
            **_people(server),
            "BUCKET_NAME": BUCKET,
            "FILE_PATH": "day 1/猫.jpg",
            "FILE_COPY": str(picture),
            "TEXT_PATH": "day 1/text.jpg",
        }


@pytest.fixture(scope="session")
def run_scenarios(
    official: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> RunScenarios:
    """Run a module's scenarios with a release, once for all tests: names and tracebacks."""
    ran: dict[tuple[str, str, str], Tracebacks] = {}

    def run(environment: Environment, version: str, module: str) -> Tracebacks:
        key = (environment["FASTLABEL_API_URL"], version, module)
        if key not in ran:
            folder = tmp_path_factory.mktemp(f"{module}-{version}")
            ran[key] = _run(official(version), version, module, environment, folder)
        return ran[key]

    return run


def _people(server: Server) -> dict[str, str]:
    return {
        "FASTLABEL_API_URL": server.api_url,
        "FASTLABEL_ACCESS_TOKEN": server.create_user(
            "clara@example.com", "Clara 山田", "owner", "clara"
        ),
        "OWNER_SLUG": "clara",
        "OWNER_NAME": "Clara 山田",
        "STRANGER_TOKEN": server.create_user("simon@example.com", "Simon", "member", "simon"),
        "STRANGER_EMAIL": "simon@example.com",
    }


def _run(
    python: Path, version: str, module: str, environment: Environment, folder: Path
) -> Tracebacks:
    done = subprocess.run(
        [python, "-I", RUNNER, module],
        cwd=folder,
        # A proxy of the machine must not come between the client and the server.
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **environment},
        capture_output=True,
        text=True,
        timeout=GIVE_UP_S,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{module} with {version} stopped:\n{done.stderr[-4000:]}", pytrace=False)
    report = json.loads(done.stdout)
    assert report["release"] == version
    return {result["name"]: result["traceback"] for result in report["results"]}
