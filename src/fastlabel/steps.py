"""What the body of a declared method may ask of its client, as data.

A body does no input or output of its own. It returns a `Call`, or is a generator that
yields steps and is sent what came of them; `Client` and `AsyncClient` do the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar

from fastlabel.exceptions import FastLabelException
from fastlabel.exchange import Request

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Call(Generic[R]):
    """How a request differs from the arguments of its method.

    Args:
        files: (part, path) of each file to upload.
        then: turns the JSON of the answer into what the method returns.
        changes: values to send in place of the arguments of these names; None sends nothing.
    """

    def __init__(
        self,
        *,
        files: Iterable[tuple[str, Path]] = (),
        then: Callable[[Any], R] | None = None,
        **changes: Any,
    ) -> None:
        self.files = tuple(files)
        self.then = then
        self.changes = changes


class Pages(Call[R]):
    """A call that brings one page of a list; the method iterates over all of them."""


@dataclass(frozen=True)
class Prepared:
    """A request ready to be sent, and what makes the method's result of its answer."""

    request: Request
    then: Callable[[Any], Any] | None = None

    def result(self, value: Any) -> Any:
        return self.then(value) if self.then else value


@dataclass(frozen=True)
class Fetch:
    """A request whose whole `Answer` is wanted, such as a page with its cursor."""

    request: Request


@dataclass(frozen=True)
class Work:
    """A step that blocks, such as writing files; `AsyncClient` does it in a thread."""

    do: Callable[[], Any]


@dataclass(frozen=True)
class Attempt:
    """Steps that may fail: the answer is their result, or the FastLabelException they raised."""

    steps: Steps[Any]


@dataclass(frozen=True)
class Many(Generic[T]):
    """A step of many independent requests, `workers` of them at a time.

    `prepare` may raise one of `failures`; as with a failed request this ends that item
    only. `done` is told of one item at a time, with the result or with what was raised.
    """

    items: Iterator[T]
    prepare: Callable[[T], Prepared]
    done: Callable[[T, Any], None]
    workers: int

    failures: ClassVar = (FastLabelException, OSError)


Step: TypeAlias = Prepared | Fetch | Work | Attempt | Many[Any] | Call[Any]
Steps: TypeAlias = Generator[Step, Any, R]


class Resource:
    """What declared methods need of the client they belong to."""

    def _run(self, steps: Steps[Any]) -> Any:
        """Do the steps and return their result (asynchronously, its awaitable)."""
        raise NotImplementedError

    def _iterate(self, first: Prepared) -> Any:
        """Iterate over a list, from the page that `first` asks for."""
        raise NotImplementedError


def ask(method: Callable[Concatenate[Any, P], R], *args: P.args, **kwargs: P.kwargs) -> Steps[R]:
    """Call another declared method from a body: `tags = yield from ask(Tags.get_tags, ...)`."""
    steps: Steps[R] = method.endpoint.steps(None, args, kwargs)  # type: ignore[attr-defined]
    return (yield from steps)


def prepared(
    method: Callable[Concatenate[Any, P], object], *args: P.args, **kwargs: P.kwargs
) -> Prepared:
    """Prepare the request of a declared method that has only one."""
    step: Prepared = next(method.endpoint.steps(None, args, kwargs))  # type: ignore[attr-defined]
    return step


def blocking(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Steps[R]:
    """Call a function that blocks from a body: `yield from blocking(write, ...)`."""
    result: R = yield Work(lambda: function(*args, **kwargs))
    return result


def attempted(steps: Steps[R]) -> Steps[R | FastLabelException]:
    """Do steps from a body; return the FastLabelException that ends them, if one does."""
    result: R | FastLabelException = yield Attempt(steps)
    return result
