"""The projects of the sample workspace: at least one of every modality."""

from __future__ import annotations

from fastlabel_server.demo.clips import arm, drive, lighthouse, traffic
from fastlabel_server.demo.clouds import streets
from fastlabel_server.demo.samples import SampleProject
from fastlabel_server.demo.scans import phantom
from fastlabel_server.demo.scenes import avenue, bakery, dancers, islands, street, weather
from fastlabel_server.demo.sounds import instruments, morning
from fastlabel_server.demo.texts import letters, news

PROJECTS: tuple[SampleProject, ...] = (
    street.PROJECT,
    traffic.BOXES,
    streets.CUBOIDS,
    morning.PROJECT,
    news.PROJECT,
    phantom.PROJECT,
    bakery.PROJECT,
    drive.PROJECT,
    islands.PROJECT,
    streets.DRIVES,
    arm.PROJECT,
    lighthouse.PROJECT,
    dancers.PROJECT,
    weather.PROJECT,
    avenue.PROJECT,
    streets.SEGMENTS,
    traffic.DENSITY,
    instruments.PROJECT,
    letters.PROJECT,
)
"""In the order in which the start page shows them."""
