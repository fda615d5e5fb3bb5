"""Whole lists, fetched page by page from within a step-wise body."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.exchange import Request
from fastlabel.modalities import TaskKind
from fastlabel.paging import Paging
from fastlabel.projects import Projects
from fastlabel.steps import Fetch, Steps, ask
from fastlabel.types import AnnotationClass, Project

CLASSES_PER_PAGE = 1000


def project_of(
    slug: str, missing: str = "project: there is no project {!r}", code: int = 404
) -> Steps[Project]:
    """Return a project.

    Args:
        missing, code: what the exception says, the slug in its place; by default what the
            server says.

    Raises:
        FastLabelInvalidException: there is none with this slug.
    """
    found = yield from ask(Projects.find_project_by_slug, slug)
    if found is None:
        raise FastLabelInvalidException(missing.format(slug), code)
    return found


def classes_of(project: str) -> Steps[list[AnnotationClass]]:
    """Return all annotation classes of a project, in their order."""
    classes: list[AnnotationClass] = []
    query = {"project": project, "limit": CLASSES_PER_PAGE}
    yield from each_page(Request("GET", "annotations", query=query), classes.extend)
    return classes


def each_task_page(
    project: str,
    kind: TaskKind,
    filters: Mapping[str, Any],
    take: Callable[[Sequence[Any]], object],
) -> Steps[None]:
    """Hand on the tasks of a project page by page, oldest first.

    Args:
        filters: as the API names them; None means any.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    query = {"project": project, **given, "limit": kind.max_limit}
    yield from each_page(Request("GET", f"tasks/{kind.path}", query=query), take)


def each_page(first: Request, take: Callable[[Sequence[Any]], object]) -> Steps[None]:
    """Hand on a list page by page; `first` carries the page size as `limit`."""
    paging = Paging(first)
    while request := paging.next_request():
        answer = yield Fetch(request)
        take(list(paging.items(answer)))
