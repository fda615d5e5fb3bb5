"""A series of DICOM: its slices one at a time, with the boxes on them."""

from __future__ import annotations

from dataclasses import replace

from fastlabel_server.web.files import File
from fastlabel_server.web.views.base import Stage, Subject, View
from fastlabel_server.web.views.image import PICTURES, TEMPLATE, placed

SHOWN_BY_BROWSERS = ("image/png", "image/jpeg", "image/webp")


def stage(subject: Subject) -> Stage:
    return placed(subject, SLICES)


def _picture(file: File) -> str | None:
    """Return the file itself where it is a picture, else the small one made of it."""
    return file.url if file.is_a(*SHOWN_BY_BROWSERS) else file.preview.url


SLICES = replace(PICTURES, picture=_picture, noun="slice")
VIEW = View(TEMPLATE, stage)
