"""Pictures that know where everything in them is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from fastlabel_server.demo.samples import Json, SampleTask
from fastlabel_server.demo.scenes.painter import to_jpeg


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


def encoded(pictures: Callable[[], Iterator[Picture]]) -> Callable[[], Iterator[SampleTask]]:
    """Return what paints the pictures one after the other, and makes a task of each."""

    def tasks() -> Iterator[SampleTask]:
        for picture in pictures():
            annotations = [label.annotation for label in picture.labels]
            yield SampleTask(
                picture.name,
                {picture.name: to_jpeg(picture.image)},
                annotations or list(picture.attributes),
                picture.status,
                picture.tags,
                picture.priority,
            )

    return tasks
