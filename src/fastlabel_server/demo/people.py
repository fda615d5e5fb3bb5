"""Who works in the sample workspace, and the file that remembers how to log in as its owner."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastlabel.types import ProjectRole
from fastlabel_server.auth import (
    create_credential,
    find_caller,
    find_user_by_password,
    hash_password,
)
from fastlabel_server.errors import Unauthorized
from fastlabel_server.tables import User
from fastlabel_server.users import service as users

FILE = "demo.json"
HELPER_TOKEN_S = 3600.0
"""How long the tokens live with which the seeding acts for the other people."""

# Typed from a screen: without letters and digits that look alike.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    slug: str
    workspace_role: str
    project_role: ProjectRole


OWNER = Person("Dana Okafor", "demo@example.com", "dana", "owner", "owner")
ANNOTATORS = (
    Person("Aiko Sato", "aiko@example.com", "aiko", "member", "annotator"),
    Person("Mateo Rossi", "mateo@example.com", "mateo", "member", "annotator"),
)
REVIEWER = Person("Ravi Menon", "ravi@example.com", "ravi", "member", "reviewer")
PEOPLE = (OWNER, *ANNOTATORS, REVIEWER)


@dataclass(frozen=True)
class Account:
    """How to get in as the owner, and which projects are complete."""

    email: str
    password: str
    token: str = ""
    seeded: tuple[str, ...] = ()
    """Slugs; one that a visitor deletes later is not made again."""


def read_account(data_dir: Path) -> Account:
    """Return what an earlier start left behind, else an account with a new password."""
    path = data_dir / FILE
    if not path.exists():
        groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        return Account(OWNER.email, "-".join(groups))
    found = json.loads(path.read_text(encoding="utf-8"))
    return Account(**{**found, "seeded": tuple(found["seeded"])})


def write_account(data_dir: Path, account: Account) -> None:
    """Keep the account, readable by the server's user alone."""
    draft = data_dir / f"{FILE}.new"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(account), indent=2), encoding="utf-8")
    draft.replace(data_dir / FILE)


def create_people(session: Session, account: Account) -> Account:
    """Make whoever is missing, all with the account's password, and a token if there is none."""
    for person in PEOPLE:
        user = session.scalar(select(User).where(User.email == person.email))
        if user is None:
            users.create_user(
                session,
                person.email,
                person.name,
                person.workspace_role,
                account.password,
                person.slug,
            )
        elif find_user_by_password(session, person.email, account.password) is None:
            # The file was lost and the database was not: what is printed must work.
            user.password_hash = hash_password(account.password)
    session.flush()
    if _is_valid(session, account.token):
        return account
    return replace(account, token=users.create_token(session, account.email))


def helper_token(session: Session, person: Person) -> str:
    """Return a token of a person that soon expires by itself."""
    user_id = session.scalars(select(User.id).where(User.email == person.email)).one()
    return create_credential(session, user_id, "token", HELPER_TOKEN_S)


def _is_valid(session: Session, token: str) -> bool:
    try:
        find_caller(session, token)
    except Unauthorized:
        return False
    return True
