"""What a sample project is: classes, and pictures that know where everything in them is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from PIL import Image

from fastlabel.types import Workflow
from fastlabel_server.demo.scenes.painter import to_jpeg

Json = dict[str, Any]


@dataclass(frozen=True)
class Label:
    """An annotation, and the pixels that it is about, from which tests tell how well it sits."""

    annotation: Json
    pixels: Image.Image


@dataclass(frozen=True)
class Picture:
    """A painted picture with its labels, or with attributes where the project classifies."""

    name: str
    image: Image.Image
    labels: tuple[Label, ...] = ()
    attributes: tuple[Json, ...] = ()
    status: str = "registered"
    tags: tuple[str, ...] = ()
    priority: int = 0


class SampleTask(NamedTuple):
    """A task as the API takes it; `labels` go into `annotations` or `attributes`."""

    name: str
    jpeg: bytes
    labels: list[Json]
    status: str
    tags: list[str]
    priority: int


@dataclass(frozen=True)
class SampleProject:
    """A project of the sample workspace; its pictures are painted when they are asked for."""

    name: str
    slug: str
    type: str
    classes: tuple[Json, ...]
    pictures: Callable[[], Iterator[Picture]] = field(repr=False)
    # Some tasks are approved, a state that the workflow of two steps does not have.
    workflow: Workflow = "three_step"

    def images(self) -> Iterator[SampleTask]:
        """Paint the pictures one after the other; the same bytes each time."""
        for picture in self.pictures():
            annotations = [label.annotation for label in picture.labels]
            yield SampleTask(
                picture.name,
                to_jpeg(picture.image),
                annotations or list(picture.attributes),
                picture.status,
                list(picture.tags),
                picture.priority,
            )


def choice(kind: str, key: str, name: str, *values: str) -> Json:
    """Return the definition of an attribute with options, titled as they are called."""
    options = [{"title": value.replace("_", " ").capitalize(), "value": value} for value in values]
    return {"type": kind, "key": key, "name": name, "options": options}


def answers(**values: Any) -> list[Json]:
    """Return attribute values in the form of the task API."""
    return [{"key": key, "value": value} for key, value in values.items()]
