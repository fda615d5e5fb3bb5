"""The workspace's users: who is in it, in which role, with which modules, and who left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from api.conftest import Raw
from fastlabel import Client
from fastlabel.exceptions import (
    FastLabelAuthenticationException,
    FastLabelConflictException,
    FastLabelException,
    FastLabelInvalidException,
    FastLabelNotFoundException,
    FastLabelPermissionException,
)
from fastlabel_server.db import Database
from fastlabel_server.errors import NotFound
from fastlabel_server.tables import WorkspaceMember
from fastlabel_server.users import service as users
from servers import PASSWORD, Server

NO_MODULES = {"annotation": False, "modelDev": False, "dataset": False}


def without_times(record: Any) -> dict[str, Any]:
    return {key: value for key, value in record.items() if not key.endswith("At")}


def emails(found: list[Any]) -> list[str]:
    return [user["userEmail"] for user in found]


@pytest.fixture
def unique(slug: str) -> Callable[[str], str]:
    """Give an e-mail that no other test uses."""
    return lambda name: f"{name}@{slug}.example"


def test_a_user_is_created_and_comes_in_when_the_operator_lets_them(
    server: Server, client: Client, database: Database, unique: Callable[[str], str]
) -> None:
    email = unique("mia.s")
    made = client.create_workspace_user("Mia 三浦", email.upper(), "ja", "member")
    assert without_times(made) == {
        "id": made["id"],
        "userId": made["userId"],
        "userSlug": made["userSlug"],
        "userName": "Mia 三浦",
        "userEmail": email,
        "role": "member",
        "isExternal": False,
        "functionResourcePermissions": NO_MODULES,
    }
    assert made["id"] != made["userId"]
    assert made["userSlug"].startswith("mia-s")
    assert client.get_workspace_users(email) == [made]

    form = {"email": email, "password": PASSWORD}
    origin = {"Origin": server.url}
    assert httpx.post(f"{server.url}/login", data=form, headers=origin).status_code == 401
    with database.write() as session:
        users.set_password(session, email, PASSWORD)
        token = users.create_token(session, email)
    assert httpx.post(f"{server.url}/login", data=form, headers=origin).status_code == 303
    assert server.client(token).get_projects() == []


def test_users_are_found_by_parts_of_name_and_email_page_by_page(client: Client, slug: str) -> None:
    made = [
        client.create_workspace_user(f"{name} {slug}", email, "en", "member")["userId"]
        for name, email in (
            ("Ann", f"ann@{slug}.example"),
            ("Bob", f"bob@{slug}.example"),
            ("100%", f"percent@{slug}.example"),
        )
    ]

    def found(keyword: str, *page: int) -> list[str]:
        return [user["userId"] for user in client.get_workspace_users(keyword, *page)]

    assert found(f"{slug}.EXAMPLE") == made
    assert found(f"ANN {slug}") == made[:1]
    assert found(f"bob@{slug}") == made[1:2]
    assert found(f"% {slug}") == made[2:]
    assert found(f"nobody {slug}") == []
    assert found(slug, 1, 1) == made[1:2]
    everyone = list(client.iter_workspace_users())
    assert [user["userId"] for user in everyone][-3:] == made
    assert client.get_workspace_users(limit=2) == everyone[:2]
    assert client.get_workspace_users("") == everyone[:20]


def test_slugs_are_made_of_addresses_and_differ(client: Client, slug: str) -> None:
    slugs = [
        client.create_workspace_user("A", f"{slug}@{host}.example", "en", "member")["userSlug"]
        for host in ("a", "b")
    ]
    assert slugs == [slug, f"{slug}-2"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 201),
        ("name", None),
        ("email", "nobody"),
        ("email", "a b@example.com"),
        ("email", None),
        ("language", "fr"),
        ("role", "none"),
        ("role", "admin"),
    ],
)
def test_a_user_of_nonsense_is_refused(sqlite_raw: Raw, field: str, value: object) -> None:
    body = {"name": "Nobody", "email": "odd@example.com", "language": "en", "role": "member"}
    response = sqlite_raw("POST", "workspaces-users/internal-users", json={**body, field: value})
    assert response.status_code == 422
    assert response.json()["message"].startswith(f"{field}: ")
    assert sqlite_raw("GET", "workspaces-users", params={"keyword": "odd@"}).json() == []


def test_an_address_belongs_to_one_user(client: Client, unique: Callable[[str], str]) -> None:
    client.create_workspace_user("Ann", unique("ann"), "en", "member")
    with pytest.raises(FastLabelConflictException, match="email: there is already a user"):
        client.create_workspace_user("Another", unique("ANN"), "en", "owner")


def test_a_new_role_holds_at_once(
    server: Server, client: Client, unique: Callable[[str], str]
) -> None:
    email = unique("ann")
    theirs = server.client(server.create_user(email, "Ann", "member"))
    with pytest.raises(FastLabelPermissionException):
        theirs.create_workspace_user("Bob", unique("bob"), "en", "member")
    assert client.update_workspace_user(email, "owner")["role"] == "owner"
    theirs.create_workspace_user("Bob", unique("bob"), "en", "member")
    assert client.update_workspace_user(email, "member")["role"] == "member"
    with pytest.raises(FastLabelPermissionException):
        theirs.update_workspace_user(unique("bob"), "owner")
    for request in (
        lambda: client.update_workspace_user(unique("nobody"), "owner"),
        lambda: client.delete_workspace_user(unique("nobody")),
    ):
        with pytest.raises(FastLabelNotFoundException, match="email: the workspace has no user"):
            request()


def test_members_see_who_is_there_and_change_nothing(
    server: Server, client: Client, unique: Callable[[str], str]
) -> None:
    email = unique("mia")
    theirs = server.client(server.create_user(email, "Mia", "member"))
    assert emails(theirs.get_workspace_users(email)) == [email]
    assert list(theirs.iter_workspace_users()) == list(client.iter_workspace_users())
    for request in (
        lambda: theirs.update_workspace_user(email, "owner"),
        lambda: theirs.delete_workspace_user("owner@example.com"),
        lambda: theirs.delete_workspace_user(email),
        lambda: theirs.create_workspace_user_module_permissions(email, "annotation"),
        lambda: theirs.delete_workspace_user_module_permissions(email, "annotation"),
    ):
        with pytest.raises(FastLabelPermissionException, match="Only owners of the workspace"):
            request()


def test_who_is_removed_can_do_nothing_more_and_what_they_made_keeps_their_name(
    server: Server,
    client: Client,
    database: Database,
    project: str,
    cat_jpg: Path,
    unique: Callable[[str], str],
) -> None:
    email = unique("leo")
    token = server.create_user(email, "Leo Leaver", "member", f"leo-{project}")
    theirs = server.client(token)
    client.update_project_user_permission(project, email, "manager")
    task_id = theirs.create_image_task(project, "a.jpg", cat_jpg, assignee=f"leo-{project}")
    theirs.create_task_comment(task_id, [1, 2], "Mine")
    with httpx.Client(base_url=server.url, headers={"Origin": server.url}) as browser:
        browser.post("/login", data={"email": email, "password": PASSWORD})
        assert browser.get(f"/projects/{project}").status_code == 200

        assert client.delete_workspace_user(email.upper()) is None

        with pytest.raises(FastLabelAuthenticationException):
            theirs.get_projects()
        assert browser.get(f"/projects/{project}").status_code != 200
        form = {"email": email, "password": PASSWORD}
        assert browser.post("/login", data=form).status_code == 401
    assert client.get_workspace_users(email) == []
    with database.write() as session, pytest.raises(NotFound):
        users.create_token(session, email)

    assert client.find_image_task(task_id)["assignee"] is None
    assert client.get_task_revisions(task_id)[0]["author"] == "Leo Leaver"
    assert client.get_task_comments(project, task_id)[0]["userName"] == "Leo Leaver"
    with pytest.raises(FastLabelInvalidException, match="assignee: the workspace has no user"):
        client.update_task(task_id, assignee=f"leo-{project}")
    with pytest.raises(FastLabelNotFoundException, match="email: the workspace has no user"):
        client.update_project_user_permission(project, email, "annotator")


def test_who_comes_back_is_the_same_user_with_nothing_of_before(
    server: Server, client: Client, project: str, unique: Callable[[str], str]
) -> None:
    email = unique("leo")
    old_token = server.create_user(email, "Leo", "owner", f"leo-{project}")
    client.create_workspace_user_module_permissions(email, "dataset")
    [before] = client.get_workspace_users(email)
    client.delete_workspace_user(email)
    again = client.create_workspace_user("Leo L.", email, "ja", "member")
    assert (again["userId"], again["userSlug"]) == (before["userId"], before["userSlug"])
    assert (again["userName"], again["role"]) == ("Leo L.", "member")
    assert again["functionResourcePermissions"] == NO_MODULES
    assert client.get_workspace_users(email) == [again]
    with pytest.raises(FastLabelAuthenticationException):
        server.client(old_token).get_projects()
    client.delete_workspace_user(email)
    theirs = server.client(server.create_user(email, "Leo", "member"))  # as the command line does
    assert theirs.get_projects() == []


@pytest.fixture
def only_owners(
    server: Server, database: Database, unique: Callable[[str], str]
) -> Iterator[dict[str, Client]]:
    """Two users by their e-mails, for the time of the test the only owners there are."""
    with database.write() as session:
        others = session.scalars(
            select(WorkspaceMember.id).where(WorkspaceMember.role == "owner")
        ).all()
    change = update(WorkspaceMember).where(WorkspaceMember.id.in_(others))
    pair = [unique("ann"), unique("bob")]
    clients = {email: server.client(server.create_user(email, "A", "owner")) for email in pair}
    with database.write() as session:
        session.execute(change.values(role="member"))
    yield clients
    with database.write() as session:
        session.execute(change.values(role="owner"))


def test_the_workspace_keeps_an_owner(only_owners: dict[str, Client]) -> None:
    (first, theirs), (second, _) = only_owners.items()
    theirs.update_workspace_user(second, "member")
    for request in (
        lambda: theirs.update_workspace_user(first, "member"),
        lambda: theirs.delete_workspace_user(first),
    ):
        with pytest.raises(FastLabelInvalidException, match="the only owner") as refused:
            request()
        assert refused.value.code == 422
    assert theirs.update_workspace_user(first, "owner")["role"] == "owner"
    theirs.update_workspace_user(second, "owner")
    assert theirs.delete_workspace_user(first) is None


def test_owners_who_demote_one_another_at_once_leave_one(only_owners: dict[str, Client]) -> None:
    first, second = only_owners

    def demote(who: str, whom: str) -> str:
        try:
            return only_owners[who].update_workspace_user(whom, "member")["role"]
        except FastLabelException as error:
            return str(error.code)

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(demote, (first, second), (second, first)))
    # The slower one is refused for being a member by now, or for the last owner's sake.
    assert outcomes in (["403", "member"], ["422", "member"])
    users = only_owners[first].get_workspace_users(limit=1000)
    assert len([user for user in users if user["role"] == "owner"]) == 1


def test_modules_are_given_and_taken_one_by_one(
    client: Client, unique: Callable[[str], str]
) -> None:
    email = unique("ann")
    client.create_workspace_user("Ann", email, "en", "member")

    def permitted() -> list[str]:
        [user] = client.get_workspace_users(email)
        return [name for name, has in user["functionResourcePermissions"].items() if has]

    [answer] = client.create_workspace_user_module_permissions(email, "modelDev")
    assert answer["functionResourcePermissions"] == {**NO_MODULES, "modelDev": True}
    assert permitted() == ["modelDev"]
    answers = client.create_workspace_user_module_permissions(email, ["modelDev", "dataset"])
    assert len(answers) == 2
    assert permitted() == ["modelDev", "dataset"]
    with pytest.raises(FastLabelInvalidException, match=r"modules: .*'models'"):
        client.create_workspace_user_module_permissions(email, ["annotation", "models"])  # type: ignore[list-item]
    assert permitted() == ["annotation", "modelDev", "dataset"]
    for _ in range(2):
        assert (
            client.delete_workspace_user_module_permissions(email, ["dataset", "annotation"])
            is None
        )
    assert permitted() == ["modelDev"]
    client.delete_workspace_user_module_permissions(email, "modelDev")
    assert permitted() == []
    with pytest.raises(FastLabelNotFoundException, match="email"):
        client.create_workspace_user_module_permissions(unique("nobody"), "annotation")
    with pytest.raises(FastLabelNotFoundException, match="email"):
        client.delete_workspace_user_module_permissions(unique("nobody"), "annotation")


def test_an_unknown_module_is_refused(sqlite_raw: Raw) -> None:
    body = {"email": "owner@example.com", "resource": "models"}
    path = "function-resource-permissions"
    assert sqlite_raw("POST", f"{path}/models/internal-users", json=body).status_code == 404
    refused = sqlite_raw("DELETE", path, json=body)
    assert (refused.status_code, refused.json()["message"][:10]) == (422, "resource: ")
