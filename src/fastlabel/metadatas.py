"""Metadata keys: what the tasks of a project are described by, beside their labels."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from fastlabel.endpoint import delete, get, pages, post, put
from fastlabel.steps import Call, Pages, Resource
from fastlabel.types import UNSET, JsonObjects, MetadataKey, MetadataType, Unset


class Metadatas(Resource):
    @get("metadatas", max_limit=1000)
    def get_metadatas(
        self, project: str | None = None, offset: int | None = None, limit: int = 100
    ) -> Call[list[MetadataKey]]:
        """Return up to `limit` metadata keys of a project in their order; at most 1,000 a call.

        Without a project: the keys of all projects that the user may see.
        """

    @pages("metadatas", limit=1000)
    def iter_metadatas(self, project: str | None = None) -> Pages[MetadataKey]:
        """Iterate over all metadata keys, as `get_metadatas` selects them."""

    @post("metadatas")
    def create_metadata(
        self,
        project: str,
        key: str,
        type: MetadataType = "text",
        options: JsonObjects | None = None,
        default_value: str | float | bool | Unset = UNSET,
        order: int | None = None,
        is_admin: bool = False,
        is_required: bool = False,
        *,
        idempotency_key: str | None = None,
    ) -> Call[str]:
        """Define a metadata key of a project and return its id.

        Args:
            type: "text" (which takes numbers too), "number", "switch", or "select" of options.
            options: {title, value} each.
            default_value: what forms begin with; "" for nothing.
            order: position from 1; by default the last.
            is_admin: forms offer it only to those who manage tasks.
            is_required: forms insist on a value; tasks may be created without it.

        Raises:
            FastLabelConflictException: the project has the key already.
        """

    @put("metadatas/{metadata_id}")
    def update_metadata(
        self,
        metadata_id: str,
        options: JsonObjects | None = None,
        default_value: str | float | bool | Unset = UNSET,
        order: int | None = None,
        is_admin: bool | Unset = UNSET,
        is_required: bool | Unset = UNSET,
    ) -> Call[str]:
        """Change a metadata key and return its id; what is not given stays.

        The key itself and its type never change: delete it and create another.
        """

    @delete("metadatas/{metadata_id}")
    def delete_metadata(self, metadata_id: str) -> Call[None]:
        """Delete a metadata key; tasks stop showing its values at once.

        Creating the same key again brings them back.
        """
