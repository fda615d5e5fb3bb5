"""Users of the workspace and their modules; 0.14.13 has none."""

from __future__ import annotations

from scenarios.support import (
    ID,
    OWNER_NAME,
    OWNER_SLUG,
    STRANGER_EMAIL,
    TIMESTAMP,
    client,
    later,
    new_project,
    new_task,
    refused,
    same,
    stranger,
    unique,
)

NOBODY = "nobody@example.com"


def _new_user(name: str = "Mia 三浦", role: str = "member") -> dict:
    email = f"{unique('mia')}@example.com"
    return client.create_workspace_user(name=name, email=email, language="ja", role=role)


def _modules(email: str) -> list[str]:
    [user] = client.get_workspace_users(keyword=email)
    return sorted(name for name, has in user["functionResourcePermissions"].items() if has)


@later
def a_new_user_has_all_documented_fields() -> None:
    user = _new_user()
    for name in ("id", "userId"):
        assert ID.fullmatch(user[name]), user
    for name in ("createdAt", "updatedAt"):
        assert TIMESTAMP.fullmatch(user[name]), user
    assert user["userSlug"], user
    documented = {
        "userName": "Mia 三浦",
        "role": "member",
        "isExternal": False,
        "functionResourcePermissions": {
            "annotation": False, "modelDev": False, "dataset": False,
        },
    }  # fmt: skip
    same({key: user[key] for key in documented}, documented)
    same(client.get_workspace_users(keyword=user["userEmail"]), [user])
    with refused(409):
        client.create_workspace_user("Mia", user["userEmail"], "en", "member")


@later
def users_are_found_by_name_and_email() -> None:
    made = [_new_user(f"Zoe {unique('same')}") for _ in range(2)]
    [found] = client.get_workspace_users(keyword=made[0]["userName"].upper())
    same(found["userId"], made[0]["userId"])
    same(client.get_workspace_users(keyword=unique("nobody")), [])
    everybody, page = [], client.get_workspace_users()
    assert len(page) <= 20
    while page:
        everybody += page
        page = client.get_workspace_users(offset=len(everybody), limit=100)
    ids = [user["userId"] for user in everybody]
    assert len(set(ids)) == len(ids)
    assert [one for one in ids if one in [user["userId"] for user in made]] == [
        user["userId"] for user in made
    ]
    [owner] = [user for user in everybody if user["userSlug"] == OWNER_SLUG]
    same([owner["userName"], owner["role"]], [OWNER_NAME, "owner"])


@later
def a_role_is_changed_and_a_user_removed() -> None:
    email = _new_user()["userEmail"]
    same(client.update_workspace_user(email=email, role="owner")["role"], "owner")
    same(client.update_workspace_user(email=email, role="member")["role"], "member")
    assert client.delete_workspace_user(email=email) is None
    same(client.get_workspace_users(keyword=email), [])
    with refused(404):
        client.delete_workspace_user(email)
    with refused(404):
        client.update_workspace_user(NOBODY, "member")


@later
def modules_are_given_and_taken() -> None:
    email = _new_user()["userEmail"]
    answers = client.create_workspace_user_module_permissions(email=email, modules="modelDev")
    assert len(answers) == 1
    same(_modules(email), ["modelDev"])
    assert (
        len(client.create_workspace_user_module_permissions(email, ["annotation", "dataset"])) == 2
    )
    same(_modules(email), ["annotation", "dataset", "modelDev"])
    assert client.delete_workspace_user_module_permissions(email, ["dataset", "modelDev"]) is None
    same(_modules(email), ["annotation"])
    with refused(422):
        client.create_workspace_user_module_permissions(email, "models")
    with refused(404):
        client.create_workspace_user_module_permissions(NOBODY, "dataset")
    with refused(404):
        client.delete_workspace_user_module_permissions(NOBODY, "dataset")


@later
def a_user_of_the_workspace_can_be_given_a_project_and_tasks() -> None:
    user, project = _new_user(), new_project()
    assert client.update_project_user_permission(project, user["userEmail"], "annotator") is True
    task = new_task(project, assignee=user["userSlug"])
    same(client.find_image_task(task)["assignee"], "Mia 三浦")
    client.delete_workspace_user(user["userEmail"])
    same(client.find_image_task(task)["assignee"], None)
    with refused(404):
        client.update_project_user_permission(project, user["userEmail"], "annotator")


@later
def wrong_values_are_refused() -> None:
    email = f"{unique('odd')}@example.com"
    for wrong in (
        {"name": ""},
        {"email": "odd"},
        {"language": "fr"},
        {"role": "none"},
        {"role": "emperor"},
    ):
        good = {"name": "Odd", "email": email, "language": "en", "role": "member"}
        with refused(422):
            client.create_workspace_user(**{**good, **wrong})
            raise AssertionError(f"accepted: {wrong}")
    same(client.get_workspace_users(keyword=email), [])
    with refused(422):
        client.update_workspace_user(STRANGER_EMAIL, "emperor")


@later
def members_see_users_and_change_none() -> None:
    member = stranger()
    same(
        [user["userEmail"] for user in member.get_workspace_users(STRANGER_EMAIL)], [STRANGER_EMAIL]
    )
    with refused(403):
        member.create_workspace_user("Friend", f"{unique()}@example.com", "en", "member")
    with refused(403):
        member.update_workspace_user(STRANGER_EMAIL, "owner")
    with refused(403):
        member.delete_workspace_user(STRANGER_EMAIL)
    with refused(403):
        member.create_workspace_user_module_permissions(STRANGER_EMAIL, "annotation")
    with refused(403):
        member.delete_workspace_user_module_permissions(STRANGER_EMAIL, "annotation")
