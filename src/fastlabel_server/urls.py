"""Signed URLs: they work without a token, for a while."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import Request

from fastlabel_server.settings import Settings

FILE = "file"
THUMBNAIL = "thumbnail"
APPENDIX = "appendix"
CALIBRATION = "calibration"
EXPORT = "export"
DATASET_FILE = "dataset-file"
UPLOAD = "upload"
UPLOAD_LIFETIME_S = 3600


@dataclass(frozen=True)
class UploadPass:
    """What the holder of a signed URL may bring: one file of a project, of up to so many bytes."""

    id: str
    project_id: str
    user_id: str
    file_name: str
    max_bytes: int

    @property
    def query(self) -> dict[str, str | int]:
        """What the URL says beside its path."""
        return {"project": self.project_id, "user": self.user_id, "limit": self.max_bytes}


@dataclass(frozen=True)
class FileUrls:
    """Makes and checks the signed URLs of one installation.

    Expiry is rounded up to whole lifetimes, so the same file keeps its URL for a while and
    browsers can cache it; a URL works between one and two lifetimes.
    """

    base_url: str
    key: bytes
    lifetime_s: int

    @classmethod
    def of(cls, request: Request, settings: Settings) -> FileUrls:
        base_url = settings.public_url or str(request.base_url)
        return cls(base_url.rstrip("/"), settings.secret_key.encode(), settings.file_url_lifetime)

    def sign(self, content_id: str, name: str, what: str = FILE) -> str:
        """Return the URL of what `find` of the files knows by this id; `name` is for people."""
        expires = (int(time.time()) // self.lifetime_s + 2) * self.lifetime_s
        signature = self._signature(what, content_id, expires)
        last = quote(name.rsplit("/", 1)[-1] or "file", safe="")
        return (
            f"{self.base_url}/files/{what}/{content_id}/{last}"
            f"?expires={expires}&signature={signature}"
        )

    def is_valid(self, what: str, content_id: str, expires: int, signature: str) -> bool:
        """Tell whether a URL was made by `sign` and has not expired."""
        expected = self._signature(what, content_id, expires)
        return hmac.compare_digest(expected.encode(), signature.encode()) and time.time() < expires

    def sign_upload(self, upload: UploadPass) -> str:
        """Return the URL that takes a file by PUT; it works for an hour."""
        expires = int(time.time()) + UPLOAD_LIFETIME_S
        query = {**upload.query, "expires": expires, "signature": self._sealed(upload, expires)}
        name = quote(upload.file_name, safe="")
        return f"{self.base_url}/files/{UPLOAD}/{upload.id}/{name}?{urlencode(query)}"

    def is_of(self, upload: UploadPass, expires: int, signature: str) -> bool:
        """Tell whether a URL was made by `sign_upload`, expired or not."""
        return hmac.compare_digest(self._sealed(upload, expires).encode(), signature.encode())

    def _sealed(self, upload: UploadPass, expires: int) -> str:
        return self._signature(UPLOAD, upload.id, upload.file_name, *upload.query.values(), expires)

    def _signature(self, *parts: str | int) -> str:
        # Quoted, so that no two lists of parts make one message.
        message = ":".join(quote(str(part), safe="") for part in parts)
        return hmac.digest(self.key, message.encode(), "sha256").hex()
