"""What requests have in common: field types and the base of every body."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

MAX_TEXT = 500
MAX_PROSE = 10_000
MAX_OFFSET = 2**53
SLUG_FORM = "letters, digits, `-`, `_` and `.`, a letter or digit first and last"
COLOR_FORM = "a colour as `#rrggbb`"
_SLUG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def _clean(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text has no NUL characters")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError(f"expected {SLUG_FORM}")
    return text


def _color(text: str) -> str:
    if not _COLOR.fullmatch(text):
        raise ValueError(f"expected {COLOR_FORM}")
    return text


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_clean)]
"""A text that fits any database column and its index."""

Name = Annotated[Text, AfterValidator(_not_blank)]

Prose = Annotated[
    str, Field(max_length=MAX_PROSE), AfterValidator(_clean), AfterValidator(_not_blank)
]
"""What people write to one another."""

Slug = Annotated[str, Field(max_length=100, description=SLUG_FORM), AfterValidator(_slug)]
Color = Annotated[str, Field(description=COLOR_FORM, examples=["#b36d18"]), AfterValidator(_color)]


class Body(BaseModel):
    """A JSON body: camelCase on the wire; unknown fields are those of later clients."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", strict=True, allow_inf_nan=False
    )

    def given(self, field: str) -> bool:
        """Tell whether the request carries the field, be it null."""
        return field in self.model_fields_set


Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET, description="Items to skip.")]
WITHOUT_NUL = AfterValidator(lambda text: text and _clean(text))
QueryText = Annotated[str | None, Query(max_length=MAX_TEXT), WITHOUT_NUL]
QueryId = Annotated[str, Query(max_length=MAX_TEXT), AfterValidator(_clean)]
QueryTags = Annotated[list[Text] | None, Query(max_length=10)]
ProjectSlug = Annotated[
    str, Query(max_length=MAX_TEXT, description="Slug of the project."), AfterValidator(_clean)
]
Prefix = Annotated[
    str,
    Query(max_length=MAX_TEXT, description="What the names of the parts begin with."),
    AfterValidator(_clean),
]
Cursor = Annotated[
    str | None,
    Query(max_length=200, description="Continues a list: the header `Fastlabel-Next-Cursor`."),
]


def up_to(most: int) -> Any:
    """Return what the query `limit` of a list may be."""
    return Query(ge=1, le=most, description=f"At most {most:,} a call.")
