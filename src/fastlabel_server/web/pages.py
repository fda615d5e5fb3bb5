"""What all pages share: templates, the headers they are sent with, and errors as pages."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fastlabel.const import Priority
from fastlabel_server.errors import ApiError, Unauthorized, describe

STATIC_DIR = Path(__file__).with_name("static")
STATIC_FILES = {"style.css": "text/css", "mark.svg": "image/svg+xml"}
"""What is served to everyone, and as what."""

# No script anywhere: a task or class name that slips past the escaping stays a text.
_POLICY = (
    "default-src 'none'; style-src 'self'{styles}; img-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY.format(styles=""),
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_COLOR = re.compile(r"#[0-9A-Fa-f]{3,8}")

STORAGE_NAMES = {
    "zip": "ZIP archive",
    "aws-s3": "AWS S3",
    "gcp": "Google Cloud Storage",
    "azure": "Azure Blob Storage",
}
"""What people call where an import comes from."""

_ERROR_TEXTS = {
    404: "There is no such page, or it has not been shared with you.",
    403: "Your role does not allow this.",
}


def static_url(name: str) -> str:
    """Return the address of a static file; it changes with the content, for caches."""
    digest = hashlib.sha256((STATIC_DIR / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


_templates = Environment(
    loader=PackageLoader("fastlabel_server.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals["static"] = {name: static_url(name) for name in STATIC_FILES}
_templates.filters["thousands"] = lambda number: f"{number:,}"
_templates.filters["words"] = lambda value: str(value).replace("_", " ").replace("-", " ")
_templates.filters["when"] = lambda time: f"{time[:10]} {time[11:16]} UTC"
_templates.filters["priority"] = lambda number: Priority(number).name
_templates.filters["storage"] = lambda kind: STORAGE_NAMES.get(kind, kind)
_templates.filters["answer"] = lambda attribute: answer(attribute["value"])


def answer(value: Any) -> str:
    """Write the value of an attribute for a person."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


def page(
    template: str, http_status: int = 200, *, colors: Sequence[str] = (), **values: Any
) -> HTMLResponse:
    """Render a template of `templates/`; values are escaped.

    Args:
        colors: those of classes, as `#rrggbb`, which the template refers to as `color-0`,
            `color-1`, ... SVG has attributes for colours, HTML has none.
    """
    style = _style(colors)
    values = {"user": None, "refresh_s": None, "style": Markup(style), **values}  # noqa: S704
    html = _templates.get_template(template).render(**values)
    headers = HEADERS
    if style:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = _POLICY.format(styles=f" 'sha256-{digest}'")
        headers = {**HEADERS, "Content-Security-Policy": policy}
    return HTMLResponse(html, http_status, headers=headers)


def _style(colors: Sequence[str]) -> str:
    """Return the rules that name colours; whatever is none gets no rule."""
    return "".join(
        f".color-{index}{{--class:{color}}}"
        for index, color in enumerate(colors)
        if _COLOR.fullmatch(color)
    )


def error_page(status: int, detail: str = "") -> HTMLResponse:
    """Return the page for an error; `detail` says what was wrong with the request."""
    title = HTTPStatus(status).phrase
    text = _ERROR_TEXTS.get(status, detail)
    return page("error.html", status, title=title, status=status, text=text)


def login_redirect(request: Request) -> Response:
    """Send a visitor to the login, and from there back to the page they asked for."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = "" if request.method != "GET" or wanted == "/" else f"?{urlencode({'next': wanted})}"
    return RedirectResponse(f"/login{query}", HTTPStatus.SEE_OTHER, headers=HEADERS)


class PageRoute(APIRoute):
    """A route that answers errors as pages, where the API answers JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await answer(request)
            except Unauthorized:
                return login_redirect(request)
            except ApiError as error:
                return error_page(error.status, str(error))
            except RequestValidationError as error:
                return error_page(422, "; ".join(map(describe, error.errors())))

        return handle
