"""The web pages: login, projects, the tasks of a project, one task."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from fastlabel.modalities import PROJECT_TYPES, TASK_KINDS
from fastlabel.types import TaskStatus
from fastlabel_server.access import find_project
from fastlabel_server.calls import Call
from fastlabel_server.errors import NotFound, RateLimited, Unauthorized
from fastlabel_server.schemas import Text
from fastlabel_server.tasks import read
from fastlabel_server.tasks.change import find_task
from fastlabel_server.web import imports, listing, login, words
from fastlabel_server.web.legend import legend
from fastlabel_server.web.login import viewing
from fastlabel_server.web.pages import STATIC_DIR, STATIC_FILES, PageRoute, page
from fastlabel_server.web.views import VIEWS, Subject

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PageNumber = Annotated[int, Query(ge=1, le=10**9)]
Revision = Annotated[int | None, Query(ge=1, le=2**53)]
FormText = Annotated[Text, Form()]
LongFormText = Annotated[str, Form()]


@router.get("/static/{name}")
def get_static_file(name: str) -> Response:
    if name not in STATIC_FILES:
        raise NotFound(f"static: there is no file {name!r}")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(STATIC_DIR / name, headers=headers, media_type=STATIC_FILES[name])


@router.get("/login")
def show_login(request: Request, next: str = login.HOME) -> Response:
    wanted = login.local_path(next)
    if login.is_logged_in(request):
        return RedirectResponse(wanted, 303)
    is_new = not login.has_users(request)
    return page("login.html", email="", wanted=wanted, problem="", is_new=is_new)


@router.post("/login")
def log_in(
    request: Request,
    email: FormText = "",
    password: LongFormText = "",
    next: LongFormText = "",
) -> Response:
    try:
        return login.log_in(request, email, password, next)
    except RateLimited as error:
        status, problem = 429, login.wait_text(error)
    except Unauthorized as error:
        status, problem = 401, str(error)
    wanted = login.local_path(next)
    return page("login.html", status, email=email, wanted=wanted, problem=problem, is_new=False)


@router.post("/logout")
def log_out(request: Request) -> Response:
    return login.log_out(request)


@router.get("/")
def show_projects(
    request: Request, number: Annotated[PageNumber, Query(alias="page")] = 1
) -> Response:
    with viewing(request) as call:
        cards, more = listing.project_cards(call, number)
        return page(
            "projects.html",
            user=call.caller,
            projects=cards,
            number=number,
            more=more,
            api_url=_api_url(request, call),
        )


@router.get("/projects/{slug}")
def show_project(
    request: Request,
    slug: Text,
    status: TaskStatus | None = None,
    number: Annotated[PageNumber, Query(alias="page")] = 1,
) -> Response:
    with viewing(request) as call:
        project = find_project(call.session, call.caller, slug=slug).project
        type = PROJECT_TYPES[project.type]
        counts = listing.status_counts(call.session, [project.id])[project.id]
        shown = counts.total if status is None else counts.by_status.get(status, 0)
        return page(
            "project.html",
            user=call.caller,
            project=project,
            type=type,
            counts=counts,
            status=status,
            tasks=listing.task_cards(call, type.kind, project.id, status, number),
            imports=imports.count_imports(call.session, project.id),
            first_call=listing.first_call(project),
            shown=shown,
            number=number,
            pages=max(1, -(-shown // listing.PAGE_SIZE)),
            api_url=_api_url(request, call),
        )


@router.get("/projects/{slug}/imports")
def show_imports(
    request: Request, slug: Text, number: Annotated[PageNumber, Query(alias="page")] = 1
) -> Response:
    with viewing(request) as call:
        project = find_project(call.session, call.caller, slug=slug).project
        total = imports.count_imports(call.session, project.id)
        found = imports.imports_of(call.session, project.id, number)
        is_moving = any(one["status"] in imports.UNDER_WAY for one in found)
        return page(
            "imports.html",
            user=call.caller,
            project=project,
            imports=found,
            number=number,
            pages=max(1, -(-total // imports.PAGE_SIZE)),
            refresh_s=imports.REFRESH_S if is_moving else None,
        )


@router.get("/projects/{slug}/tasks/{task_id}")
def show_task(
    request: Request,
    slug: Text,
    task_id: Text,
    revision: Revision = None,
    at: Annotated[int | None, Query(ge=1, le=10**9)] = None,
    number: Annotated[PageNumber, Query(alias="labels")] = 1,
) -> Response:
    """Show a task; `at` is the file or frame of it, `labels` the page of its annotations."""
    with viewing(request) as call:
        task, access = find_task(call.session, call.caller, task_id)
        if access.project.slug != slug:
            raise NotFound(f"task: there is no task {task_id!r} in project {slug!r}")
        kind = TASK_KINDS[task.kind]
        shown: dict[str, Any] = read.find(call, kind, task_id)
        labels = shown if revision is None else read.revision(call, task_id, revision)
        annotations = labels.get("annotations", [])
        query = {} if revision is None else {"revision": revision}
        subject = Subject(call, kind, task_id, annotations, at, number, query)
        view = VIEWS[kind.modality]
        stage = view.stage(subject)
        before, after = listing.neighbours(call.session, task)
        return page(
            "task.html",
            colors=stage.colors,
            user=call.caller,
            project=access.project,
            task=shown,
            facts=words.facts(kind, shown, subject.file_count),
            view_template=view.template,
            view=stage.values,
            listed=stage.listed,
            groups=legend(kind, stage),
            link=subject.link,
            annotation_count=len(annotations),
            answers=labels.get("attributes"),
            revisions=read.revisions(call, task_id),
            revision=task.revision if revision is None else revision,
            is_newest=revision in (None, task.revision),
            before=before,
            after=after,
        )


def _api_url(request: Request, call: Call) -> str:
    base_url = call.services.settings.public_url or str(request.base_url)
    return f"{base_url.rstrip('/')}/v1/"
