"""What an operator wants to know when something does not work."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fastlabel_server import schema
from fastlabel_server.db import Database
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage

LOW_DISK = 1024**3


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    subject: str
    ok: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Check one thing after the other; a check that fails does not stop the rest."""
    checks: dict[str, Callable[[Settings], tuple[bool, str]]] = {
        "data directory": _data_dir,
        "disk": _disk,
        "database": _database,
        "object store": _storage,
        "public URL": _public_url,
    }
    for subject, check in checks.items():
        try:
            ok, detail = check(settings)
        except Exception as error:
            ok, detail = False, f"{type(error).__name__}: {error}"
        yield Finding(subject, ok, detail)


def _data_dir(settings: Settings) -> tuple[bool, str]:
    probe = settings.data_dir / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    return True, f"{settings.data_dir} can be written"


def _disk(settings: Settings) -> tuple[bool, str]:
    free = shutil.disk_usage(settings.data_dir).free
    return free > LOW_DISK, f"{free / 1024**3:.1f} GiB free"


def _database(settings: Settings) -> tuple[bool, str]:
    database = Database(settings.database, pool_size=1)
    try:
        database.ping()
        found = schema.current(database)
    finally:
        database.close()
    where = database.url.render_as_string(hide_password=True)
    if found != schema.head():
        return False, f"{where} is at revision {found}, not {schema.head()}: run fastlabel migrate"
    return True, f"{where} at revision {found}"


def _storage(settings: Settings) -> tuple[bool, str]:
    Storage.from_url(settings.storage).check()
    return True, f"{settings.storage} can be written and read"


def _public_url(settings: Settings) -> tuple[bool, str]:
    if not settings.public_url:
        return True, "taken from each request; set FASTLABEL_PUBLIC_URL behind a proxy"
    ok = settings.public_url.startswith(("http://", "https://"))
    return ok, settings.public_url
