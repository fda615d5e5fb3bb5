"""Declared methods: the decorator knows verb and path, the signature is the request.

    @get("tasks/image/{task_id}")
    def find_image_task(self, task_id: str) -> Call[ImageTask]:
        \"\"\"Return an image task with its annotations.\"\"\"

Arguments named in the path are quoted into it; the others become the query, or the JSON
body under their camelCase names. A method with nothing but a docstring sends just that. A
body prepares the request and does no input or output (`fastlabel.steps`), which is why the
same declaration serves `Client` and `AsyncClient`: it checks arguments and returns a `Call`
with what differs from them. A method that needs several requests is a generator.

To callers and type checkers `Call[R]`, `Steps[R]` and `Pages[R]` are gone: the decorated
method returns R, or iterates over R (of an `AsyncClient`: the same to await).
"""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, overload
from urllib.parse import quote

from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.exchange import Request, Verb
from fastlabel.steps import Call, Pages, Prepared, Resource, Steps
from fastlabel.types import UNSET, Assignees

P = ParamSpec("P")
R = TypeVar("R")

ZERO_IS_A_VALUE = ("priority", "revision")
LOCAL_PATHS = ("file_path", "folder_path")
"""Not sent where the files themselves are."""


class Endpoint:
    """A declared method: verb, path, and how its arguments become a request."""

    def __init__(
        self,
        verb: Verb,
        path: str,
        prepare: Callable[..., Any],
        names: Mapping[str, str] | None = None,
        max_limit: int | None = None,
        has_body: bool = False,
    ) -> None:
        self.verb = verb
        self.path = path
        self.prepare = prepare
        self.names = names or {}
        self.max_limit = max_limit
        self.has_body = has_body or verb in ("POST", "PUT")
        self.in_path = tuple(re.findall(r"{(\w+)}", path))
        self.signature = inspect.signature(prepare)

    def __repr__(self) -> str:
        return f"<{self.verb} {self.path}>"

    def steps(
        self, resource: Resource | None, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Steps[Any]:
        """Yield what the method does, with every `Call` of its body made a request."""
        arguments = self.bind(args, kwargs)
        body = self.prepare(resource, *args, **kwargs)
        if not isinstance(body, Generator):
            return (yield self.prepared(arguments, body))
        answer = None
        while True:
            try:
                step = body.send(answer)
            except StopIteration as done:
                return done.value
            answer = yield (self.prepared(arguments, step) if isinstance(step, Call) else step)

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments by name, defaults and further keywords among them.

        Raises:
            TypeError: as Python does for a call that does not fit the signature.
            FastLabelInvalidException: `limit` is above what the server takes.
        """
        bound = self.signature.bind(None, *args, **kwargs)
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])
        for name, parameter in self.signature.parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments |= self._known(arguments.pop(name))
        limit = arguments.get("limit")
        if self.max_limit is not None and limit is not None and limit > self.max_limit:
            raise FastLabelInvalidException(
                f"limit: expected up to {self.max_limit:,}, got {limit:,}", 422
            )
        return arguments

    def prepared(self, arguments: Mapping[str, Any], call: Call[Any] | None) -> Prepared:
        """Make the request of bound arguments and of what a body changed of them."""
        call = call or Call()
        values = {**arguments, **call.changes}
        key = values.pop("idempotency_key", None)
        path = self.path.format(**{name: _segment(name, values.pop(name)) for name in self.in_path})
        sent = {
            self.names.get(name) or camel_case(name): value
            for name, value in values.items()
            if self._is_sent(name, value)
            and not (name in LOCAL_PATHS and (call.files or value is None))
        }
        request = Request(
            self.verb,
            path,
            query={} if self.has_body else sent,
            body=sent if self.has_body else None,
            files=call.files,
            idempotency_key=key,
        )
        return Prepared(request, call.then)

    def _is_sent(self, name: str, value: Any) -> bool:
        """Tell whether an argument was given.

        An empty list or text for an optional argument counts as not given: users of the
        older SDK have those as defaults. Required arguments go out whatever they are.
        """
        parameter = self.signature.parameters.get(name)
        if parameter is None:
            return name in Assignees.__annotations__ or value is not None
        if parameter.default is parameter.empty:
            return True
        if parameter.default is UNSET:
            return value is not UNSET
        return value is not None if name in ZERO_IS_A_VALUE else bool(value)

    def _known(self, keywords: Mapping[str, Any]) -> dict[str, Any]:
        """Drop unknown keywords, with a warning: code for the older SDK may pass some."""
        known = [*Assignees.__annotations__]
        if self.verb == "POST":
            known.append("idempotency_key")
        for name in keywords.keys() - set(known):
            # difflib takes a third of the time that importing the whole package may take
            from difflib import get_close_matches

            near = get_close_matches(name, [*known, *self.signature.parameters], 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            warnings.warn(
                f"{self.prepare.__name__}() ignores the unknown argument {name}{hint}",
                stacklevel=_levels_to_caller(),
            )
        return {name: value for name, value in keywords.items() if name in known}


class _Verb:
    """The decorator that `get`, `post`, `put` and `delete` make."""

    def __init__(self, verb: Verb, path: str, **options: Any) -> None:
        self.verb, self.path, self.options = verb, path, options

    @overload
    def __call__(
        self, prepare: Callable[Concatenate[Any, P], Call[R]]
    ) -> Callable[Concatenate[Any, P], R]: ...
    @overload
    def __call__(
        self, prepare: Callable[Concatenate[Any, P], Steps[R]]
    ) -> Callable[Concatenate[Any, P], R]: ...
    def __call__(self, prepare: Callable[..., Any]) -> Callable[..., Any]:
        endpoint = Endpoint(self.verb, self.path, prepare, **self.options)

        def method(self: Resource, *args: Any, **kwargs: Any) -> Any:
            return self._run(endpoint.steps(self, args, kwargs))

        return _public(method, prepare, endpoint)


def get(
    path: str, *, names: Mapping[str, str] | None = None, max_limit: int | None = None
) -> _Verb:
    """Declare a method that reads; `names` as in `post`.

    `max_limit` is the most its argument `limit` may be.
    """
    return _Verb("GET", path, names=names, max_limit=max_limit)


def post(path: str, *, names: Mapping[str, str] | None = None) -> _Verb:
    """Declare a method that creates; `names` are fields not called like their argument."""
    return _Verb("POST", path, names=names)


def put(path: str, *, names: Mapping[str, str] | None = None) -> _Verb:
    """Declare a method that changes something; `names` as in `post`."""
    return _Verb("PUT", path, names=names)


def delete(path: str, *, names: Mapping[str, str] | None = None, has_body: bool = False) -> _Verb:
    """Declare a method that deletes; `names` as in `post`.

    With `has_body` the arguments go there, not into the query.
    """
    return _Verb("DELETE", path, names=names, has_body=has_body)


def pages(
    path: str, *, limit: int, names: Mapping[str, str] | None = None
) -> Callable[
    [Callable[Concatenate[Any, P], Pages[R]]], Callable[Concatenate[Any, P], Iterator[R]]
]:
    """Declare a method that iterates over a whole list, fetching `limit` at a time.

    `names` as in `post`.
    """

    def decorate(
        prepare: Callable[Concatenate[Any, P], Pages[R]],
    ) -> Callable[Concatenate[Any, P], Iterator[R]]:
        endpoint = Endpoint("GET", path, prepare, names)

        def method(self: Resource, *args: Any, **kwargs: Any) -> Any:
            arguments = {**endpoint.bind(args, kwargs), "limit": limit}
            return self._iterate(endpoint.prepared(arguments, prepare(self, *args, **kwargs)))

        return _public(method, prepare, endpoint)

    return decorate


def composed(
    prepare: Callable[Concatenate[Any, P], Steps[R]],
) -> Callable[Concatenate[Any, P], R]:
    """Declare a method that is made of calls of others and has no endpoint of its own."""

    def method(self: Resource, *args: Any, **kwargs: Any) -> Any:
        return self._run(prepare(self, *args, **kwargs))

    return _public(method, prepare, None)


def camel_case(name: str) -> str:
    """Return the wire's form of a name: `workflow_1_user` is `workflow1User`."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def first(answer: list[R]) -> R | None:
    """Return the first of a list, None of an empty one: the result of `find_..._by_...`."""
    return answer[0] if answer else None


_RESULT = re.compile(r"(Call|Steps|Pages)\[(.*)\]")


def _public(
    method: Callable[..., Any], prepare: Callable[..., Any], endpoint: Endpoint | None
) -> Callable[..., Any]:
    """Give a method the name, docstring and signature that its users see."""
    declared = _RESULT.fullmatch(prepare.__annotations__["return"])
    assert declared, f"{prepare.__qualname__}: expected Call, Steps or Pages"
    result = f"Iterator[{declared[2]}]" if declared[1] == "Pages" else declared[2]
    signature = endpoint.signature if endpoint else inspect.signature(prepare)
    vars(method).update(
        endpoint=endpoint,
        __wrapped__=prepare,
        __signature__=signature.replace(return_annotation=result),
    )
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(method, name, getattr(prepare, name))
    method.__annotations__ = {**prepare.__annotations__, "return": result}
    return method


def _segment(name: str, value: Any) -> str:
    """Quote a path argument into one segment.

    Raises:
        FastLabelInvalidException: an empty one, which would address the list instead.
    """
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or not value:
        raise FastLabelInvalidException(f"{name}: expected an id or slug, got {value!r}", 422)
    # Segments of dots alone would be resolved as in a file system.
    return quote(value, safe="") if value.strip(".") else value.replace(".", "%2E")


def _levels_to_caller() -> int:
    """Count the frames between a warning and the code that called the SDK."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("fastlabel."):
        level, frame = level + 1, frame.f_back
    return level
