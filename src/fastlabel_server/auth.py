"""Who is calling: passwords, tokens, logins, and the limit of calls per token."""

from __future__ import annotations

import functools
import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel_server.errors import RateLimited, Unauthorized
from fastlabel_server.tables import Credential, User, Workspace, WorkspaceMember, now_ms

TOKEN_PREFIX = "fl_"  # noqa: S105 - marks tokens for people and secret scanners
MIN_PASSWORD = 8

_hasher = PasswordHasher()


@functools.cache
def _hash_of_nobody() -> str:
    """Verified when the e-mail is unknown, so that the time taken does not tell."""
    return _hasher.hash(secrets.token_hex(16))


@dataclass(frozen=True)
class Caller:
    """The user a request acts for, with their role in the workspace."""

    user_id: str
    slug: str
    name: str
    email: str
    workspace_id: str
    is_owner: bool
    credential_id: str


def hash_password(password: str) -> str:
    """Hash a password with argon2id.

    Raises:
        ValueError: shorter than eight characters.
    """
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"password: at least {MIN_PASSWORD} characters, got {len(password)}")
    return _hasher.hash(password)


def find_user_by_password(session: Session, email: str, password: str) -> User | None:
    """Return the user whose e-mail and password these are; takes the same time either way."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    try:
        _hasher.verify((user and user.password_hash) or _hash_of_nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return user


def create_credential(
    session: Session, user_id: str, kind: str, lifetime_s: float | None = None
) -> str:
    """Make a token or a login and return its secret, which is kept nowhere."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    expires_at = None if lifetime_s is None else now_ms() + int(lifetime_s * 1000)
    session.add(
        Credential(user_id=user_id, kind=kind, sha256=_digest(secret), expires_at=expires_at)
    )
    return secret


def delete_credential(session: Session, secret: str) -> None:
    """End a login or revoke a token at once."""
    credential = session.scalar(select(Credential).where(Credential.sha256 == _digest(secret)))
    if credential is not None:
        session.delete(credential)


def find_caller(session: Session, secret: str, kinds: tuple[str, ...] = ("token",)) -> Caller:
    """Return whom a secret stands for.

    Raises:
        Unauthorized: unknown, revoked or expired, or the user left the workspace.
    """
    row = session.execute(
        select(Credential, User, WorkspaceMember, Workspace)
        .join(User, User.id == Credential.user_id)
        .join(WorkspaceMember, WorkspaceMember.user_id == User.id)
        .join(Workspace, Workspace.id == WorkspaceMember.workspace_id)
        .where(Credential.sha256 == _digest(secret), Credential.kind.in_(kinds))
    ).first()
    if row is None or _has_expired(row.Credential):
        raise Unauthorized(
            "The access token is unknown or was revoked; "
            "create one with `fastlabel token create --email YOU`.",
            {"WWW-Authenticate": "Bearer"},
        )
    return Caller(
        user_id=row.User.id,
        slug=row.User.slug,
        name=row.User.name,
        email=row.User.email,
        workspace_id=row.Workspace.id,
        is_owner=row.WorkspaceMember.role == "owner",
        credential_id=row.Credential.id,
    )


class RateLimiter:
    """Counts calls per credential over a sliding window, in the memory of this process.

    The window slides by weighing the count of the window before with the part of it that
    still overlaps. Behind a load balancer each of N replicas counts for itself.
    """

    MAX_TRACKED = 10_000

    def __init__(self, calls: int, window_s: int) -> None:
        self.calls = calls
        self.window_s = window_s
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def hit(self, credential_id: str, now_s: float | None = None) -> None:
        """Count a call.

        Raises:
            RateLimited: with the seconds to wait in `Retry-After`.
        """
        if self.calls <= 0:
            return
        now = time.time() if now_s is None else now_s
        window, elapsed = divmod(now, self.window_s)
        with self._lock:
            current, count, before = self._counts.pop(credential_id, (int(window), 0, 0))
            if current != window:
                before = count if current == window - 1 else 0
                current, count = int(window), 0
            carried = before * (1 - elapsed / self.window_s)
            allowed = count + 1 + carried <= self.calls
            self._counts[credential_id] = (current, count + allowed, before)
            if len(self._counts) > self.MAX_TRACKED:
                self._counts.popitem(last=False)
        if not allowed:
            wait = max(1, round(self._wait(count, before, elapsed)))
            raise RateLimited(
                f"More than {self.calls:,} calls in {self.window_s} s with this token; "
                f"try again in {wait} s.",
                {"Retry-After": str(wait)},
            )

    def _wait(self, count: int, before: int, elapsed_s: float) -> float:
        left = self.calls - (count + 1)
        if before and left >= 0:
            return self.window_s * (1 - left / before) - elapsed_s
        return self.window_s - elapsed_s


def _has_expired(credential: Credential) -> bool:
    return credential.expires_at is not None and credential.expires_at <= now_ms()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
