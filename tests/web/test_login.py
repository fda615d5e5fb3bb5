"""The login: who gets in, where they land, and how guessing is slowed down."""

from __future__ import annotations

import httpx
import pytest

from servers import PASSWORD, Server, running_server


def test_a_visitor_is_sent_to_the_login_and_then_to_the_page_they_wanted(visitor, log_in, project):
    wanted = f"/projects/{project}?status=completed"

    sent = visitor.get(wanted)
    form = visitor.get(sent.headers["location"])
    landed = log_in(visitor, next=wanted)

    assert (sent.status_code, sent.headers["location"]) == (
        303,
        f"/login?next=%2Fprojects%2F{project}%3Fstatus%3Dcompleted",
    )
    assert f'value="{wanted}"' in form.text
    assert (landed.status_code, landed.headers["location"]) == (303, wanted)
    assert visitor.get(wanted).status_code == 200


def test_a_wrong_password_is_told_and_opens_nothing(visitor, log_in):
    answer = log_in(visitor, password="wrong horse")

    assert answer.status_code == 401
    assert "The e-mail or the password is wrong." in answer.text
    assert 'value="owner@example.com"' in answer.text, "the e-mail need not be typed again"
    assert "set-cookie" not in answer.headers
    assert visitor.get("/").status_code == 303


def test_an_unknown_e_mail_gets_the_answer_of_a_wrong_password(visitor, log_in):
    unknown = log_in(visitor, email="nobody@example.com")

    assert unknown.status_code == 401
    assert "The e-mail or the password is wrong." in unknown.text


def test_an_e_mail_that_no_database_can_look_for_is_refused(visitor, log_in):
    assert log_in(visitor, email="a\x00b@example.com").status_code == 422


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_scripts_and_other_sites_do_not_get_at_the_cookie(server, visitor, log_in, scheme):
    answer = log_in(visitor, **{"X-Forwarded-Proto": scheme})

    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    assert ("secure" in attributes) == (scheme == "https")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_the_login_leads_to_no_other_site(owner, elsewhere):
    answer = owner.get("/login", params={"next": elsewhere})

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_form_leads_to_no_other_site(visitor, log_in):
    answer = log_in(visitor, next="//evil.example/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_a_form_on_another_site_does_nothing(owner, path, origin):
    form = {"email": "owner@example.com", "password": PASSWORD}

    answer = owner.post(path, data=form, headers={"Origin": origin})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert owner.get("/").status_code == 200, "still logged in"


def test_a_proxy_may_replace_the_host_when_the_public_url_is_set(tmp_path):
    """Proxies that send their own `Host` made every login look like one from another site."""
    public = "https://labels.example.com"
    with running_server(tmp_path, with_worker=False, FASTLABEL_PUBLIC_URL=f"{public}/") as server:
        assert server.token
        form = {"email": "owner@example.com", "password": PASSWORD}
        statuses = [
            httpx.post(f"{server.url}/login", data=form, headers={"Origin": origin}).status_code
            for origin in (public, f"{public}.evil.example", "https://evil.example")
        ]

    assert statuses == [303, 403, 403]


def test_logging_out_ends_the_session_on_the_server(server, visitor, log_in):
    log_in(visitor)
    stolen = dict(visitor.cookies)

    answer = visitor.post("/logout", headers={"Origin": server.url})

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not visitor.cookies
    assert httpx.get(server.url, cookies=stolen).status_code == 303


def test_an_api_token_is_no_login(server: Server, visitor: httpx.Client):
    visitor.cookies.set("fastlabel_session", server.token)

    assert visitor.get("/").status_code == 303


def test_guessing_a_password_is_slowed_down_even_when_the_guess_is_right(server, visitor, log_in):
    email = "guessed@example.com"
    server.create_user(email, "Gus Guessed", "member")

    answers = [log_in(visitor, email, f"guess {number}") for number in range(21)]
    right = log_in(visitor, email, PASSWORD)

    assert [answer.status_code for answer in answers[:20]] == [401] * 20
    assert [answers[20].status_code, right.status_code] == [429, 429]
    assert "Too many attempts. Try again in" in right.text
    assert log_in(visitor).status_code == 303, "others are not kept out"


def test_a_new_installation_says_how_to_make_the_first_user(tmp_path):
    with running_server(tmp_path, with_worker=False) as server:
        page = httpx.get(f"{server.url}/login").text

    assert "fastlabel user create --role owner" in page
