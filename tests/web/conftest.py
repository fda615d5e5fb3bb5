"""A browser without a screen: cookies and forms, no scripts, no redirects on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from servers import PASSWORD, Server

OWNER = "owner@example.com"


@pytest.fixture
def visitor(server: Server) -> Iterator[httpx.Client]:
    """Someone who has not logged in."""
    assert server.token, "the owner is made"
    with httpx.Client(base_url=server.url, timeout=60) as browser:
        yield browser


@pytest.fixture
def log_in(server: Server) -> Callable[..., httpx.Response]:
    """Send the login form as a page of the server does."""

    def send(
        browser: httpx.Client,
        email: str = OWNER,
        password: str = PASSWORD,
        *,
        next: str = "/",
        **headers: str,
    ) -> httpx.Response:
        form = {"email": email, "password": password, "next": next}
        return browser.post("/login", data=form, headers={"Origin": server.url, **headers})

    return send


_cookies: dict[tuple[str, str], str] = {}


@pytest.fixture
def browse(
    server: Server, log_in: Callable[..., httpx.Response]
) -> Iterator[Callable[[str], httpx.Client]]:
    """Return a logged-in browser; one login a person, as logins in a row are slowed down."""
    open_browsers = []

    def logged_in(email: str) -> httpx.Client:
        browser = httpx.Client(base_url=server.url, timeout=60)
        open_browsers.append(browser)
        key = server.url, email
        if key not in _cookies:
            assert log_in(browser, email).status_code == 303
            _cookies[key] = browser.cookies["fastlabel_session"]
        browser.cookies.set("fastlabel_session", _cookies[key])
        return browser

    yield logged_in
    for browser in open_browsers:
        browser.close()


@pytest.fixture
def owner(server: Server, browse: Callable[[str], httpx.Client]) -> httpx.Client:
    """A browser in which the workspace's owner is logged in."""
    assert server.token
    return browse(OWNER)


@pytest.fixture
def stranger(server: Server, browse: Callable[[str], httpx.Client]) -> httpx.Client:
    """A browser of a member with whom no project is shared."""
    assert server.stranger_token
    return browse("stranger@example.com")
