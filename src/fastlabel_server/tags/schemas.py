"""What tag requests carry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fastlabel_server.schemas import Body, Text


class DeleteTags(Body):
    tag_ids: Annotated[list[Text], Field(min_length=1, max_length=1000)]
