"""Logging in and out: a cookie that scripts cannot read, and a brake on guessing passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from fastlabel_server.auth import (
    RateLimiter,
    create_credential,
    delete_credential,
    find_caller,
    find_user_by_password,
)
from fastlabel_server.calls import SESSION_COOKIE, Call, Services, same_origin
from fastlabel_server.errors import Forbidden, RateLimited, Unauthorized
from fastlabel_server.tables import User
from fastlabel_server.urls import FileUrls
from fastlabel_server.web.pages import HEADERS

HOME = "/"
MAX_PASSWORD = 10_000
"""Characters; nobody has a longer one, and hashing megabytes is work for an attacker."""

# One person mistypes a few times; one address may be the proxy of a whole office.
_guesses_at_a_user = RateLimiter(20, 300)
_guesses_from_an_address = RateLimiter(200, 300)

# Browsers drop tabs and line ends from a URL, and take a backslash for a slash.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f]*\Z")


def local_path(wanted: str) -> str:
    """Return where to go after the login: a page of this server, never another site."""
    return wanted if _LOCAL_PATH.match(wanted) else HOME


@contextmanager
def viewing(request: Request) -> Iterator[Call]:
    """Read one consistent state for whoever the request's cookie stands for.

    File URLs are relative: the pictures come from where the page came from.

    Raises:
        Unauthorized: no login, or an expired one.
    """
    services: Services = request.app.state.services
    with services.database.read() as session:
        caller = find_caller(session, request.cookies.get(SESSION_COOKIE, ""), ("session",))
        urls = replace(FileUrls.of(request, services.settings), base_url="")
        yield Call(services, caller, urls, "GET", request.url.path, _session=session)


def has_users(request: Request) -> bool:
    """Tell whether anyone can log in: not so on a new installation."""
    services: Services = request.app.state.services
    with services.database.read() as session:
        return session.scalar(select(User.id).limit(1)) is not None


def is_logged_in(request: Request) -> bool:
    try:
        with viewing(request):
            return True
    except Unauthorized:
        return False


def log_in(request: Request, email: str, password: str, wanted: str) -> Response:
    """Start a session and go on to the page that was asked for.

    Raises:
        Unauthorized: wrong e-mail or password.
        RateLimited: too many attempts; says how long to wait.
        Forbidden: the form is on a page of another site.
    """
    _refuse_other_sites(request)
    services: Services = request.app.state.services
    address = request.client.host if request.client else ""
    _guesses_from_an_address.hit(address)
    _guesses_at_a_user.hit(f"{address} {email.strip().lower()}")
    with services.database.read() as session:
        user = find_user_by_password(session, email, password[:MAX_PASSWORD])
    if user is None:
        raise Unauthorized("The e-mail or the password is wrong.")
    lifetime_s = services.settings.session_lifetime
    with services.database.write() as session:
        secret = create_credential(session, user.id, "session", lifetime_s)
    response = RedirectResponse(local_path(wanted), 303, headers=HEADERS)
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=lifetime_s,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def log_out(request: Request) -> Response:
    """End the session on the server as well as in the browser."""
    _refuse_other_sites(request)
    services: Services = request.app.state.services
    with services.database.write() as session:
        delete_credential(session, request.cookies.get(SESSION_COOKIE, ""))
    response = RedirectResponse("/login", 303, headers=HEADERS)
    response.delete_cookie(SESSION_COOKIE)
    return response


def wait_text(error: RateLimited) -> str:
    """Say to a person how long the brake on guessing holds."""
    minutes = max(1, round(int(error.headers["Retry-After"]) / 60))
    return f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}."


def _refuse_other_sites(request: Request) -> None:
    if not same_origin(request):
        raise Forbidden("A page of another site cannot log in or out here.")
