"""The tags of a project: words by which tasks are found."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence

from fastlabel.endpoint import get, pages, post
from fastlabel.steps import Call, Pages, Resource
from fastlabel.types import Tag


class Tags(Resource):
    @get("tags", max_limit=1000)
    def get_tags(
        self,
        project: str,
        keyword: str | None = None,
        offset: int | None = None,
        limit: int = 100,
    ) -> Call[list[Tag]]:
        """Return up to `limit` tags of a project, oldest first; at most 1,000 a call.

        `keyword` keeps the tags that contain it, whatever its case.
        """

    @pages("tags", limit=1000)
    def iter_tags(self, project: str, keyword: str | None = None) -> Pages[Tag]:
        """Iterate over all tags of a project, oldest first, as `get_tags` selects them."""

    @post("tags/delete/multi")
    def delete_tags(self, tag_ids: Sequence[str]) -> Call[None]:
        """Delete tags and take them off their tasks."""
