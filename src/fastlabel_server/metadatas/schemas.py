"""What requests about metadata keys carry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fastlabel.types import MetadataType
from fastlabel_server.schemas import Body, Name, Text

Order = Annotated[int, Field(ge=1, le=1_000_000)]
DefaultValue = Text | int | float | bool


class Option(Body):
    title: Text
    value: Text | int | float


Options = Annotated[list[Option], Field(max_length=1000)]


class CreateKey(Body):
    project: Text
    key: Name
    type: MetadataType = "text"
    options: Options = Field(default_factory=list)
    default_value: DefaultValue = ""
    order: Order | None = None
    is_admin: bool = False
    is_required: bool = False


class UpdateKey(Body):
    options: Options | None = None
    default_value: DefaultValue | None = None
    order: Order | None = None
    is_admin: bool | None = None
    is_required: bool | None = None
