"""Archives on their way to an import: uploaded to a signed URL first, then asked for by key."""

from __future__ import annotations

from pathlib import Path

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.exchange import Request, signed_upload
from fastlabel.modalities import FileError
from fastlabel.modalities.base import FileRule, listed
from fastlabel.steps import Prepared, Steps
from fastlabel.types import FilePath, UploadTarget

TYPE = "application/zip"


def uploaded(project: str, file_path: FilePath, rule: FileRule) -> Steps[str]:
    """Upload a ZIP as a stream and return the key that an import asks for it by.

    Raises:
        FastLabelInvalidException: 422, no ZIP by its name, or too large.
        FileNotFoundError: there is no such file.
    """
    path = Path(file_path)
    if not path.name.lower().endswith(rule.extensions):
        expected = listed(rule.extensions)
        raise FastLabelInvalidException(f"{path}: imports take {expected} files", 422)
    try:
        rule.check_size(path.stat().st_size, str(path), "imports")
    except FileError as error:
        raise FastLabelInvalidException(str(error), 422) from error
    query = {"project": project, "fileName": path.name, "fileType": TYPE}
    target: UploadTarget = yield Prepared(Request("GET", "files", query=query))
    yield Prepared(signed_upload(target["url"], path))
    return target["name"]
