"""Objects of datasets as requests see them: created, listed, found, changed, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row
from sqlalchemy.orm import Session

from fastlabel.modalities.objects import object_rule
from fastlabel.types import DatasetObject as ObjectJson
from fastlabel_server import blobs
from fastlabel_server.blobs import StoredBlob
from fastlabel_server.calls import Call, Page
from fastlabel_server.datasets import drafts, labels, queries, revisions
from fastlabel_server.datasets.changes import REMOVED, UNSET, Change, File, State, Unset, Wanted
from fastlabel_server.datasets.current import current_states
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.queries import Filter
from fastlabel_server.datasets.schemas import ObjectFields
from fastlabel_server.datasets.service import find_row
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.media import PROBES
from fastlabel_server.paging import cursor_behind, read_cursor
from fastlabel_server.tables import Dataset, iso_time
from fastlabel_server.uploads import ReceivedFile
from fastlabel_server.urls import DATASET_FILE, FileUrls

MEDIA = ("width", "height", "duration", "fps", "frameCount")
"""What objects show of all that was measured of their files."""


def get(
    call: Call,
    dataset: Dataset,
    number: int,
    wanted: Filter,
    *,
    offset: int,
    limit: int,
    cursor: str | None = None,
    signed: bool = False,
) -> Page:
    """Return a page of a revision's objects, oldest first."""
    after = read_cursor(cursor) if cursor else 0
    rows = queries.page(
        call.session, dataset, number, wanted, offset=offset, limit=limit, after=after
    )
    urls = call.urls if signed else None
    following = cursor_behind(rows[-1].DatasetObject.seq) if len(rows) == limit else None
    return Page([rendered(row, urls) for row in rows], following)


def find(
    call: Call, dataset_id: str, name: str, version: str | None, revision_id: str | None
) -> ObjectJson:
    """Return one object as it is in a revision."""
    session = call.session
    dataset = find_row(session, call.caller, dataset_id=dataset_id)
    number = revisions.find(session, dataset, version, revision_id)
    return _found(session, dataset, number, name)


def create(
    call: Call,
    dataset_name: str,
    name: str,
    fields: ObjectFields,
    files: Sequence[ReceivedFile],
    message: str,
) -> ObjectJson:
    """Put a file into a dataset.

    Raises:
        Conflict: the name is taken.
        FileError: a file of no kind that datasets take, or damaged.
    """
    if len(files) != 1:
        raise Invalid(f"filePath: expected one file, got {len(files)}")
    with call.reading() as session:
        dataset = find_row(session, call.caller, name=dataset_name)
        _check_is_free(session, dataset, name)
    document = labels.document_of(fields.annotations or [], fields.custom_metadata or {})
    [(file, blob)] = stored(call, [(name, files[0])])
    dataset = find_row(call.session, call.caller, name=dataset_name, to_change=True)
    _check_is_free(call.session, dataset, name)
    blobs.claim(call, [blob])
    state = state_of(fields, file, document)
    return _revised(call, dataset, name, state, "create", message)


def update(
    call: Call, dataset_id: str, name: str, fields: ObjectFields, message: str
) -> ObjectJson:
    """Change what an object has beside its file; what is not given stays."""
    session = call.session
    dataset = find_row(session, call.caller, dataset_id=dataset_id, to_change=True)
    document: Any = UNSET
    if fields.annotations is not None or fields.custom_metadata is not None:
        row = queries.find(session, dataset, dataset.head, name)
        if row is None:
            raise _missing(dataset, name)
        document = changed_document(row.document, fields, row.DatasetObject.id)
    change = change_of(fields, document=document)
    return _revised(call, dataset, name, change, "update", message)


def delete(call: Call, dataset_id: str, name: str) -> None:
    """Take an object out of the newest revision; earlier ones keep it."""
    dataset = find_row(call.session, call.caller, dataset_id=dataset_id, to_change=True)
    draft = Draft.of_request(dataset)
    draft.stage(call.session, {name: REMOVED})
    draft.publish(call.session, call.caller.user_id, "delete")


def merged_document(packed: bytes | None, fields: ObjectFields) -> labels.Document | None:
    """Return labels where annotations, custom metadata or both are given anew."""
    kept = labels.labels_of(packed)
    return labels.document_of(
        kept.annotations if fields.annotations is None else fields.annotations,
        kept.metadata if fields.custom_metadata is None else fields.custom_metadata,
        kept.split,
    )


def changed_document(
    packed: bytes | None, fields: ObjectFields, object_id: str
) -> labels.Document | Unset | None:
    """Return labels as `merged_document`; what the object shows already changes nothing."""
    document = merged_document(packed, fields)
    shown = labels.shown_of(None if document is None else document.packed, object_id)
    return UNSET if labels.is_same(shown, labels.shown_of(packed, object_id)) else document


def state_of(fields: ObjectFields, file: File, document: labels.Document | None) -> State:
    """Return what a new object is."""
    tags, licenses = fields.tags or [], fields.licenses or []
    return State(file, document, fields.type or "none", tags, licenses)


def change_of(
    fields: ObjectFields,
    *,
    document: labels.Document | Unset | None = UNSET,
    file: File | Unset = UNSET,
) -> Change:
    """Return what becomes of an object, which keeps what the fields do not give."""

    def given(value: Any) -> Any:
        return UNSET if value is None else value

    return Change(file, document, given(fields.type), given(fields.tags), given(fields.licenses))


def measured(name: str, file: ReceivedFile, max_pixels: int) -> File:
    """Return what a file is, by its name and what is in it.

    Raises:
        FileError: of no kind that datasets take, too large, or damaged.
    """
    if file.size == 0:
        raise Invalid(f"{name}: the file is empty")
    rule = object_rule(name, file.size)
    with file.open() as source:
        found = PROBES[rule.modality].measure(source, name, rule, max_pixels)
    return File(file.sha256, rule.modality, found.media_type, file.size, found.media)


def stored(
    call: Call, received: Sequence[tuple[str, ReceivedFile]]
) -> list[tuple[File, StoredBlob]]:
    """Measure received files and put them into the object store."""
    max_pixels = call.services.settings.max_image_pixels
    files = [measured(name, file, max_pixels) for name, file in received]
    return list(zip(files, blobs.store(call, [file for _, file in received]), strict=True))


def rendered(row: Row[Any], urls: FileUrls | None = None) -> ObjectJson:
    """Return an object as the API shows it, from a row of `queries.COLUMNS`."""
    found, state, file = row.DatasetObject, row.DatasetState, row.DatasetFile
    kept = labels.labels_of(row.document)
    shown = {
        "id": found.id,
        "name": found.name,
        "kind": file.kind,
        "size": file.size,
        "sha256": file.blob_sha256,
        "height": None,
        "width": None,
        **{name: file.media[name] for name in MEDIA if name in file.media},
        "type": state.type,
        "tags": state.tags,
        "licenses": state.licenses,
        "annotations": labels.rendered(kept.annotations, found.id),
        "customMetadata": kept.metadata,
        "createdAt": iso_time(state.created_at),
        "updatedAt": iso_time(state.updated_at),
    }
    if kept.split is not None:
        shown["split"] = kept.split
    if urls is not None:
        shown["signedUrl"] = urls.sign(str(file.key), found.name, DATASET_FILE)
    return cast("ObjectJson", shown)


def _revised(
    call: Call, dataset: Dataset, name: str, wanted: Wanted, via: drafts.Via, message: str
) -> ObjectJson:
    draft = Draft.of_request(dataset)
    draft.stage(call.session, {name: wanted})
    draft.publish(call.session, call.caller.user_id, via, message)
    return _found(call.session, dataset, dataset.head, name)


def _found(session: Session, dataset: Dataset, number: int, name: str) -> ObjectJson:
    row = None if "\x00" in name else queries.find(session, dataset, number, name)
    if row is None:
        raise _missing(dataset, name)
    return rendered(row)


def _missing(dataset: Dataset, name: str) -> NotFound:
    return NotFound(f"object: dataset {dataset.name!r} has no object {name!r}")


def _check_is_free(session: Session, dataset: Dataset, name: str) -> None:
    if current_states(session, dataset, [name]):
        raise Conflict(f"name: dataset {dataset.name!r} already has an object {name!r}")
