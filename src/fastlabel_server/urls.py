"""Signed URLs of files: they work without a token, for a while."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request

from fastlabel_server.settings import Settings

FILE = "file"
THUMBNAIL = "thumbnail"


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
        """Return the URL of a content's file or thumbnail; `name` is for people."""
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

    def _signature(self, what: str, content_id: str, expires: int) -> str:
        message = f"{what}:{content_id}:{expires}".encode()
        return hmac.digest(self.key, message, "sha256").hex()
