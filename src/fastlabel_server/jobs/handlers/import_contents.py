"""`import_contents`: the files of a ZIP become files of a task that is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel_server.jobs.handler import Context, JobError
from fastlabel_server.jobs.handlers.unpacking import Found, Import, handler, stored
from fastlabel_server.media import PROBES
from fastlabel_server.media.base import OtherFile
from fastlabel_server.tables import Content, Task, now_ms
from fastlabel_server.tasks.files import NewContent
from fastlabel_server.uploads.spool import ReceivedFile


def look(context: Context, work: Import, name: str, file: ReceivedFile) -> Found:
    """Check a file by the rules of the kind, and store it; folders of the ZIP are left out."""
    base_name = PurePosixPath(name).name
    if not work.kind.takes(base_name):
        raise OtherFile(f"{name}: not a file of {work.kind.title}")
    rule = work.kind.check_file(base_name, file.size)
    with file.open() as source:
        measured = PROBES[rule.modality].measure(
            source, name, rule, context.settings.max_image_pixels
        )
    return Found(base_name, measured.media_type, measured.media, stored(context, file))


def finish(session: Session, work: Import, files: Sequence[NewContent]) -> None:
    """Add the files to the task, in the place of those that have the same name."""
    task = session.get(Task, work.options["taskId"], with_for_update=True)
    if task is None:
        raise JobError("task: it was deleted meanwhile")
    name, count = Counter(file.name for file in files).most_common(1)[0]
    if count > 1:
        raise JobError(f"{work.upload.file_name}: {name!r} is in it {count} times")
    contents = {
        content.name: content
        for content in session.scalars(select(Content).where(Content.task_id == task.id))
    }
    # Out of the way: each place is taken by one content only, at any time.
    for number, content in enumerate(contents.values()):
        content.position = -2 - number
    session.flush()
    for file in files:
        if file.name not in contents:
            contents[file.name] = Content(task_id=task.id, name=file.name)
        _fill(contents[file.name], file)
    if len(contents) > work.kind.max_files:
        raise JobError(
            f"{task.name}: {work.kind.title} have up to {work.kind.max_files} files, "
            f"with these it would have {len(contents)}"
        )
    for position, content_name in enumerate(sorted(contents)):
        contents[content_name].position = position
    session.add_all(contents.values())
    task.updated_at = now_ms()
    session.flush()


def _fill(content: Content, file: NewContent) -> None:
    assert file.blob is not None
    content.blob_sha256 = file.blob.sha256
    content.media_type = file.measured.media_type
    content.media = file.measured.media
    content.size = file.size
    content.thumbnail_sha256 = None
    content.thumbnail_error = None
    content.thumbnail_state = "pending"


HANDLER = handler(look, finish)
