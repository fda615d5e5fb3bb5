"""The appendix of a project's point clouds, as the API shows it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from fastlabel.types import AppendixData
from fastlabel_server.access import find_project
from fastlabel_server.calls import Call
from fastlabel_server.tables import Appendix, Content, Task, iso_time
from fastlabel_server.tasks.read import Wanted
from fastlabel_server.urls import APPENDIX, CALIBRATION


def get(call: Call, wanted: Wanted, offset: int, limit: int) -> list[AppendixData]:
    """Return a page of pictures: by task, oldest first, then by cloud and name."""
    access = find_project(call.session, call.caller, slug=wanted.project)
    rows = call.session.execute(
        select(Appendix, Task.name.label("task"), Content.name.label("content"))
        .join(Content, Content.id == Appendix.content_id)
        .join(Task, Task.id == Content.task_id)
        .where(*wanted.within(access.project.id).conditions())
        .order_by(Task.seq, Content.position, Appendix.name)
        .offset(offset)
        .limit(limit)
    )
    return [_rendered(call, row) for row in rows]


def _rendered(call: Call, row: Any) -> AppendixData:
    picture: Appendix = row.Appendix
    name = f"{row.task}/{row.content}/{picture.name}"
    calibration_url = None
    if picture.calibration_name is not None:
        calibration_url = call.urls.sign(picture.id, picture.calibration_name, CALIBRATION)
    return {
        "id": picture.id,
        "name": name,
        "url": call.urls.sign(picture.id, picture.name, APPENDIX),
        "imageFileName": picture.name,
        "width": picture.media["width"],
        "height": picture.media["height"],
        "format": picture.format,
        "calibration": picture.calibration,
        "calibrationFileName": picture.calibration_name,
        "calibrationUrl": calibration_url,
        "createdAt": iso_time(picture.created_at),
        "updatedAt": iso_time(picture.updated_at),
    }
