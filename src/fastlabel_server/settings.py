"""Every setting of the platform, with its default: the one place that reads the environment."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

PREFIX = "FASTLABEL_"
SECRET_FILE = "secret-key"  # noqa: S105 - the name of a file, not a secret
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True)
class Settings:
    """The settings of one process.

    Each field is read from `FASTLABEL_` + its name in capitals. Sizes are in bytes,
    times in seconds.
    """

    data_dir: Path = Path("fastlabel-data")
    """Database, files and secret of the embedded default; scratch space otherwise."""

    database_url: str = ""
    """SQLAlchemy URL, `postgresql://...`; empty: `fastlabel.sqlite3` in the data directory."""

    storage_url: str = ""
    """`s3://bucket/prefix`, `gs://...`, `az://...`; empty: the folder `objects` in data_dir."""

    public_url: str = ""
    """Where browsers and clients reach the server; empty: as the request names it."""

    secret_key: str = ""
    """Signs file URLs; empty: generated once and kept in the data directory."""

    rate_limit: int = 10_000
    """Calls per token and window; 0 turns the limit off."""

    rate_limit_window: int = 600

    file_url_lifetime: int = 3600
    """How long a signed file URL works at least."""

    session_lifetime: int = 14 * 24 * 3600
    """How long a login of the web pages lasts."""

    max_body: int = 512 * 1024 * 1024 + 16 * 1024 * 1024
    """Largest request: 512 MB of base64 and room for the annotations beside it."""

    max_fields: int = 64 * 1024 * 1024
    """Largest part of a request that is not file content."""

    max_image_pixels: int = 300_000_000
    """Images of more pixels are refused as decompression bombs."""

    database_pool: int = 16
    """Connections to the database per process."""

    threads: int = 32
    """Requests worked on at the same time per process."""

    log_level: str = "info"
    """One of `LOG_LEVELS`."""

    worker_count: int = 1
    """Worker processes that `serve` starts beside itself."""

    heartbeat_interval: float = 5.0
    """How often a worker renews its lease."""

    lease_timeout: float = 20.0
    """A worker not seen for this long is dead, and others take its jobs over."""

    sweep_interval: float = 3600.0
    """How often files that nothing refers to are looked for."""

    blob_grace: float = 3600.0
    """How long an unreferenced file is kept before it is deleted; longer than any request."""

    orphan_grace: float = 24 * 3600.0
    """How old an object without a database row must be before it is deleted."""

    spool_grace: float = 3600.0
    """How old a left-over upload file must be before it is deleted."""

    staged_lifetime: float = 24 * 3600.0
    """How long an uploaded archive waits for the import that takes it."""

    push_lifetime: float = 7 * 24 * 3600.0
    """How long a push into a dataset waits for its next piece, or to be committed."""

    idempotency_lifetime: float = 24 * 3600.0
    """How long the answer to an idempotency key is kept."""

    @classmethod
    def from_env(cls, **overrides: Any) -> Settings:
        """Read the environment; `overrides` that are not None win over it.

        Raises:
            ValueError: a variable does not hold what its setting takes.
        """
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        for field in fields(cls):
            text = os.environ.get(PREFIX + field.name.upper())
            if text:
                values[field.name] = _parse(field.name, hints[field.name], text)
        values.update({name: value for name, value in overrides.items() if value is not None})
        settings = cls(**values)
        return replace(settings, data_dir=Path(settings.data_dir).expanduser().absolute())

    def with_secret(self) -> Settings:
        """Return the settings with a secret key, made and kept in the data directory if absent."""
        if self.secret_key:
            return self
        self.data_dir.mkdir(parents=True, exist_ok=True)
        path = self.data_dir / SECRET_FILE
        if not path.exists():
            # A link from a complete file: two processes starting at once agree on one secret.
            draft = path.with_name(f"{SECRET_FILE}.{secrets.token_hex(8)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
            try:
                path.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return replace(self, secret_key=path.read_text(encoding="ascii").strip())

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force, with the driver named."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'fastlabel.sqlite3'}"
        for scheme in ("postgresql://", "postgres://"):
            if self.database_url.startswith(scheme):
                return "postgresql+psycopg://" + self.database_url.removeprefix(scheme)
        return self.database_url

    @property
    def storage(self) -> str:
        """The object store's URL in force."""
        return self.storage_url or (self.data_dir / "objects").as_uri()

    @property
    def spool_dir(self) -> Path:
        """Where uploads wait while they arrive."""
        return self.data_dir / "spool"


def _parse(name: str, kind: type, text: str) -> Any:
    given = f"{PREFIX}{name.upper()}={text!r}"
    if name == "log_level" and text.lower() not in LOG_LEVELS:
        raise ValueError(f"{given}: expected {', '.join(LOG_LEVELS)}")
    try:
        return kind(text)
    except ValueError as error:
        raise ValueError(f"{given}: expected a value of type {kind.__name__}") from error
