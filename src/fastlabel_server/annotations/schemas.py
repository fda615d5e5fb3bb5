"""What requests about annotation classes carry."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fastlabel.labels import ATTRIBUTE_TYPES
from fastlabel_server.schemas import Body, Color, Name, Text

AttributeType = Literal["text", "select", "radio", "checkbox", "switch", "number"]
assert set(AttributeType.__args__) == set(ATTRIBUTE_TYPES)  # type: ignore[attr-defined]

Order = Annotated[int, Field(ge=1, le=1_000_000)]
MaxAreaCount = Annotated[int, Field(ge=1, le=1000)]
Score = int | float


class Option(Body):
    title: Text
    value: str | int | float


class Attribute(Body):
    id: Text | None = None
    type: AttributeType
    name: Text
    key: Name
    options: Annotated[list[Option], Field(max_length=1000)] = Field(default_factory=list)
    value: str | int | float | bool | list[str | int | float] | None = None
    order: Order | None = None


class Keypoint(Body):
    key: Name
    name: Text | None = None
    color: Color | None = None
    edges: list[Text] = Field(default_factory=list)


Attributes = Annotated[list[Attribute], Field(max_length=200)]
Keypoints = Annotated[list[Keypoint], Field(max_length=1000)]


class CreateClass(Body):
    project: Text
    type: Text
    value: Name
    title: Name
    color: Color | None = None
    order: Order | None = None
    attributes: Attributes = Field(default_factory=list)
    keypoints: Keypoints = Field(default_factory=list)
    max_area_count: MaxAreaCount | None = None


class UpdateClass(Body):
    value: Name | None = None
    title: Name | None = None
    color: Color | None = None
    order: Order | None = None
    attributes: Attributes | None = None
    keypoints: Keypoints | None = None
    max_area_count: MaxAreaCount | None = None


class CreateClassificationClass(Body):
    project: Text
    attributes: Attributes


class UpdateClassificationClass(Body):
    attributes: Attributes
