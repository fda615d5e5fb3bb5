"""Videos and recordings through the API: what tasks show of them, and what is refused."""

from __future__ import annotations

import base64

import httpx
import pytest

from api.conftest import Raw
from media import recordings
from media.recordings import B_FRAMES


@pytest.fixture
def project(sqlite_raw: Raw, slug: str, request: pytest.FixtureRequest) -> str:
    body = {"type": request.param, "name": "P", "slug": slug}
    assert sqlite_raw("POST", "projects", json=body).status_code == 200
    return slug


@pytest.mark.parametrize("project", ["video_bbox"], indirect=True)
def test_a_video_task_shows_what_its_file_is(
    http: httpx.Client, sqlite_raw: Raw, project: str
) -> None:
    data = recordings.video(options=B_FRAMES, frames=36, rate=24, rotation_deg=90)
    # As the official client sends it.
    body = {"project": project, "name": "clip.mp4", "file": base64.b64encode(data).decode()}
    answer = sqlite_raw("POST", "tasks/video", json=body)
    assert answer.status_code == 200, answer.text
    task = sqlite_raw("GET", f"tasks/video/{answer.json()}").json()
    shown = {name: task[name] for name in ("width", "height", "fps", "frameCount", "duration")}
    assert shown == {
        "width": 48,
        "height": 64,
        "fps": 24.0,
        "frameCount": 36,
        "duration": 1.5,
    }
    served = http.get(task["url"])
    assert (served.content, served.headers["Content-Type"]) == (data, "video/mp4")
    part = http.get(task["url"], headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, data[4:12])


@pytest.mark.parametrize("project", ["audio_segmentation"], indirect=True)
@pytest.mark.parametrize(
    ("make", "name", "media_type"),
    [
        (recordings.mp3, "voice.mp3", "audio/mpeg"),
        (recordings.wav, "voice.wav", "audio/wav"),
        (recordings.m4a, "voice.m4a", "audio/mp4"),
    ],
)
def test_an_audio_task_shows_how_long_it_plays(
    http: httpx.Client, sqlite_raw: Raw, project: str, make, name: str, media_type: str
) -> None:
    data = make(duration_s=1.25)
    answer = sqlite_raw.upload({"project": project, "name": name}, (name, data), path="tasks/audio")
    assert answer.status_code == 200, answer.text
    task = sqlite_raw("GET", f"tasks/audio/{answer.json()}").json()
    assert task["duration"] == 1.25
    served = http.get(task["url"])
    assert (served.content, served.headers["Content-Type"]) == (data, media_type)


@pytest.mark.parametrize("project", ["video_single_classification"], indirect=True)
def test_a_video_of_another_codec_is_refused_by_the_name_of_both(
    sqlite_raw: Raw, project: str
) -> None:
    data = recordings.video("libx265")
    body = {"project": project, "name": "my clip"}
    path = "tasks/video/classification"
    answer = sqlite_raw.upload(body, ("x.mp4", data), path=path)
    assert answer.status_code == 422
    assert answer.json()["message"] == "my clip: expected H.264 video, got hevc"
    assert sqlite_raw("GET", path, params={"project": project}).json() == []
