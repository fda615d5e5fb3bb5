"""Users: their accounts, passwords and tokens, as the command line and the API make them."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fastlabel.modalities import listed
from fastlabel_server.auth import create_credential, hash_password
from fastlabel_server.errors import Conflict, Invalid, NotFound
from fastlabel_server.tables import Credential, User, Workspace, WorkspaceMember

ROLES = ("owner", "member")
_EMAIL = re.compile(r"[^@\s\x00]+@[^@\s\x00]+\Z")
_SLUG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9])?\Z")


def the_workspace(session: Session) -> Workspace:
    """Return the installation's workspace, made at first use."""
    workspace = session.scalar(select(Workspace).order_by(Workspace.created_at).limit(1))
    if workspace is None:
        workspace = Workspace(slug="workspace", name="Workspace")
        session.add(workspace)
        session.flush()
    return workspace


def create_user(
    session: Session,
    email: str,
    name: str,
    role: str,
    password: str | None,
    slug: str | None = None,
    language: str = "en",
) -> User:
    """Make a user and put them into the workspace; without a password they cannot log in.

    Who left the workspace comes back as the same user, under the name and password given now.

    Raises:
        ValueError: the password is too short.
        Invalid: a malformed e-mail, name, role or slug.
        Conflict: the e-mail or the slug is taken.
    """
    email = email.strip().lower()
    if not _EMAIL.match(email) or len(email) > 254:
        raise Invalid(f"email: not an e-mail address: {email!r}")
    if not name.strip() or len(name) > 200 or "\x00" in name:
        raise Invalid(f"name: 1 to 200 characters, got {name!r}")
    if role not in ROLES:
        raise Invalid(f"role: expected {listed(ROLES)}, got {role!r}")
    if slug is not None and not _SLUG.match(slug):
        raise Invalid(f"slug: letters, digits, `-`, `_` and `.`, got {slug!r}")
    user = session.scalar(select(User).where(User.email == email))
    if user is not None and _is_member(session, user.id):
        raise Conflict(f"email: there is already a user {email!r}")
    user = user or User(email=email)
    if slug is not None and slug != user.slug:
        if session.scalar(select(User.id).where(User.slug == slug)) is not None:
            raise Conflict(f"slug: there is already a user {slug!r}")
        user.slug = slug
    user.slug = user.slug or _free_slug(session, email)
    user.name = name.strip()
    user.language = language
    user.password_hash = None if password is None else hash_password(password)
    session.add(user)
    workspace = the_workspace(session)
    session.flush()
    session.add(WorkspaceMember(workspace_id=workspace.id, user_id=user.id, role=role))
    return user


def create_token(session: Session, email: str) -> str:
    """Make an API token for a user and return its secret.

    Raises:
        NotFound: no user has the e-mail.
    """
    return create_credential(session, _by_email(session, email).id, "token")


def revoke(session: Session, email: str) -> int:
    """End all tokens and logins of a user; return how many there were.

    Raises:
        NotFound: no user has the e-mail.
    """
    user = _by_email(session, email)
    ended = session.scalars(
        delete(Credential).where(Credential.user_id == user.id).returning(Credential.id)
    )
    return len(ended.all())


def set_password(session: Session, email: str, password: str) -> None:
    """Give a user another password and end their logins; tokens stay.

    Raises:
        NotFound: no user has the e-mail.
        ValueError: the password is too short.
    """
    user = _by_email(session, email)
    user.password_hash = hash_password(password)
    session.execute(
        delete(Credential).where(Credential.user_id == user.id, Credential.kind == "session")
    )


def _by_email(session: Session, email: str) -> User:
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None or not _is_member(session, user.id):
        raise NotFound(f"email: there is no user {email!r}")
    return user


def _is_member(session: Session, user_id: str) -> bool:
    """Tell whether a user is in the workspace: who was removed leaves only their name behind."""
    membership = select(WorkspaceMember.id).where(WorkspaceMember.user_id == user_id)
    return session.scalar(membership) is not None


def _free_slug(session: Session, email: str) -> str:
    plain = unicodedata.normalize("NFKD", email.partition("@")[0]).encode("ascii", "ignore")
    base = re.sub(r"[^a-z0-9]+", "-", plain.decode()).strip("-")[:80] or "user"
    taken = set(session.scalars(select(User.slug).where(User.slug.startswith(base))))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
