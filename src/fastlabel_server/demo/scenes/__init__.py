"""The sample workspace's projects: pictures made here, with labels known to the pixel."""

from fastlabel_server.demo.scenes import avenue, bakery, dancers, islands, street, weather
from fastlabel_server.demo.scenes.model import SampleProject, SampleTask

SCENES: tuple[SampleProject, ...] = (
    street.PROJECT,
    bakery.PROJECT,
    islands.PROJECT,
    dancers.PROJECT,
    weather.PROJECT,
    avenue.PROJECT,
)

__all__ = ["SCENES", "SampleProject", "SampleTask"]
