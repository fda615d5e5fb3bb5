"""What can be said against an export before any task is read."""

from __future__ import annotations

import inspect
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, get_type_hints

from pydantic import TypeAdapter, ValidationError

from fastlabel import formats
from fastlabel.endpoint import camel_case
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Dataset, Format
from fastlabel.formats.report import Report
from fastlabel.formats.target import Target, safe_path
from fastlabel_server.errors import Invalid, describe

MAX_PATH_BYTES = 1000


def find_format(name: str) -> Format:
    """Return a format that writes.

    Raises:
        Invalid: there is no such format, or it is only read.
    """
    found = formats.FORMATS.get(name)
    if found is None or found.write is None:
        writing = sorted(each.name for each in formats.FORMATS.values() if each.write is not None)
        raise Invalid(f"format: expected one of {', '.join(writing)}, got {name!r}")
    return found


def options_of(found: Format, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return options under the names of the writer, of those under the names of the API.

    Raises:
        Invalid: an option that the format does not have, or a value that it does not take.
    """
    kinds = option_kinds(found)
    known = {camel_case(name): name for name in kinds}
    options = {}
    for shown, value in given.items():
        if shown not in known:
            having = ", ".join(sorted(known)) or "none"
            raise Invalid(f"options.{shown}: {found.title} has no such option; it has {having}")
        try:
            options[known[shown]] = kinds[known[shown]].validate_python(value, strict=True)
        except ValidationError as error:
            problem = error.errors()[0]
            # Which member of a union was tried is nobody's concern.
            raise Invalid(describe({**problem, "loc": ("options", shown)})) from error
    return options


def option_kinds(found: Format) -> dict[str, TypeAdapter[Any]]:
    """Return which options a format has on the server, and what each may be.

    They are the keywords of its writer but those that are paths: a request must not name
    files of the server's machine.
    """
    write: Any = found.write
    preset: set[str] = set()
    while isinstance(write, partial):
        preset |= write.keywords.keys()
        write = write.func
    offered = {
        name: parameter.annotation
        for name, parameter in inspect.signature(write).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
        and name not in preset
        and "Path" not in str(parameter.annotation)
    }
    # Of these alone: the other annotations of a writer are there for type checkers only.
    function = write if inspect.isfunction(write) else type(write).__call__
    hints = get_type_hints(SimpleNamespace(__annotations__=offered), function.__globals__)
    return {name: TypeAdapter(hint) for name, hint in hints.items()}


def rehearse(
    found: Format,
    project_type: str,
    classes: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
) -> None:
    """Write a dataset without tasks to nowhere, which meets all checks that the format makes.

    Raises:
        Invalid: the project's tasks have no form in the format, or an option will not do.
    """
    assert found.write is not None
    dataset = Dataset((), project_type, classes, lambda task: io.BytesIO())
    try:
        found.write(dataset, Nowhere(), Report(Path(found.name)), **options)
    except FastLabelInvalidException as error:
        raise Invalid(error.message) from error


class Nowhere(Target):
    """Takes files and keeps nothing of them but a look at their paths."""

    def write(self, path: str, data: bytes | str) -> None:
        check_place(path)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        check_place(path)
        yield io.BytesIO()


def check_place(path: str) -> None:
    """Refuse a path that leads out of the ZIP.

    Raises:
        Invalid: names it.
    """
    if safe_path(path) != path or len(path.encode()) > MAX_PATH_BYTES:
        raise Invalid(f"options: {path[:100]!r} is no path inside a ZIP")
