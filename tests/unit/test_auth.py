"""Secrets and how long they are good for, and the limit of calls, against a clock of the test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastlabel_server import auth, schema
from fastlabel_server.auth import RateLimiter
from fastlabel_server.db import Database
from fastlabel_server.errors import RateLimited, Unauthorized
from fastlabel_server.settings import Settings
from fastlabel_server.users import service as users


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("auth"))
    schema.migrate(settings)
    database = Database(settings.database)
    with database.write() as session:
        users.create_user(session, "olga@example.com", "Olga", "owner", "correct horse", "olga")
    yield database
    database.close()


def secret_of(database: Database, lifetime_s: float | None) -> str:
    with database.write() as session:
        user = auth.find_user_by_password(session, "Olga@example.com ", "correct horse")
        assert user is not None
        return auth.create_credential(session, user.id, "token", lifetime_s)


def test_a_token_without_an_end_is_good_however_the_clock_ticks(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once in a while a valid token was answered 401, when a millisecond ended at the check."""
    secret = secret_of(database, None)
    ticks = itertools.count(auth.now_ms())
    monkeypatch.setattr(auth, "now_ms", lambda: next(ticks))
    with database.read() as session:
        assert auth.find_caller(session, secret).slug == "olga"


def test_a_login_ends_with_its_lifetime(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ms = 1_700_000_000_000
    monkeypatch.setattr(auth, "now_ms", lambda: now_ms)
    secret = secret_of(database, 60)
    now_ms += 59_999
    with database.read() as session:
        assert auth.find_caller(session, secret).email == "olga@example.com"
    now_ms += 1
    with database.read() as session, pytest.raises(Unauthorized):
        auth.find_caller(session, secret)


def test_a_revoked_secret_is_unknown_and_none_is_kept(database: Database) -> None:
    secret = secret_of(database, None)
    with database.write() as session:
        auth.delete_credential(session, secret)
    with database.read() as session, pytest.raises(Unauthorized, match="unknown or was revoked"):
        auth.find_caller(session, secret)
    kept = Path(str(database.url.database)).read_bytes()
    assert secret.encode() not in kept


def test_a_secret_counts_only_as_what_it_was_made_for(database: Database) -> None:
    secret = secret_of(database, None)
    with database.read() as session, pytest.raises(Unauthorized):
        auth.find_caller(session, secret, ("session",))


@pytest.mark.parametrize(
    ("email", "password"),
    [("olga@example.com", "wrong horse"), ("nobody@example.com", "correct horse")],
)
def test_the_wrong_password_or_nobody_is_no_user(
    database: Database, email: str, password: str
) -> None:
    with database.read() as session:
        assert auth.find_user_by_password(session, email, password) is None


def waited_s(refusal: pytest.ExceptionInfo[RateLimited]) -> int:
    return int(refusal.value.headers["Retry-After"])


def test_calls_are_counted_by_token_and_refused_above_the_limit() -> None:
    limiter = RateLimiter(calls=3, window_s=600)
    for _ in range(3):
        limiter.hit("a", now_s=0)
    with pytest.raises(RateLimited, match="3 calls in 600 s"):
        limiter.hit("a", now_s=10)
    limiter.hit("b", now_s=10)


def test_who_waits_as_long_as_told_may_call_again() -> None:
    for first_s in (0, 1, 299, 599):
        limiter = RateLimiter(calls=5, window_s=600)
        now_s = 6000.0 + first_s
        for _ in range(5):
            limiter.hit("a", now_s=now_s)
        for _ in range(4):
            with pytest.raises(RateLimited) as refusal:
                limiter.hit("a", now_s=now_s)
            now_s += waited_s(refusal)
            for _ in range(600):
                try:
                    limiter.hit("a", now_s=now_s)
                    break
                except RateLimited as again:
                    # A second wait may follow the first: the window before weighs less and less.
                    now_s += int(again.headers["Retry-After"])
            else:
                pytest.fail("never let in again")


def test_a_burst_on_the_border_of_two_windows_does_not_double_the_limit() -> None:
    limiter = RateLimiter(calls=10, window_s=600)
    for _ in range(10):
        limiter.hit("a", now_s=599)
    with pytest.raises(RateLimited) as refusal:
        limiter.hit("a", now_s=601)
    assert waited_s(refusal) == 59


def test_a_limit_of_zero_is_none() -> None:
    limiter = RateLimiter(calls=0, window_s=600)
    for _ in range(1000):
        limiter.hit("a", now_s=0)
