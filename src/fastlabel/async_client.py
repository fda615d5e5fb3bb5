"""The client for asyncio: the methods of `Client`, to be awaited.

Its signatures for type checkers are in `async_client.pyi`, which
`python tests/sdk/async_stub.py` writes. asyncio is imported where it is used: its import
takes as long as that of the whole package.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from types import TracebackType
from typing import Any, Self

from fastlabel.client import Resources, connection
from fastlabel.exceptions import FastLabelException
from fastlabel.http import AsyncHttp
from fastlabel.paging import Paging
from fastlabel.steps import Attempt, Fetch, Many, Prepared, Steps, Work


class AsyncClient(Resources):
    """A connection to a FastLabel server, for one event loop.

    Every method of `Client` is here and returns an awaitable; those named `iter_` return
    asynchronous iterators. The arguments are those of `Client`.
    """

    def __init__(
        self,
        access_token: str | None = None,
        *,
        api_url: str | None = None,
        timeout: float | None = 60.0,
        retries: int = 5,
        backoff_s: float = 0.5,
    ) -> None:
        self.api = AsyncHttp(*connection(access_token, api_url), timeout, retries, backoff_s)

    async def close(self) -> None:
        """Close the connections."""
        await self.api.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _run(self, steps: Steps[Any]) -> Any:
        with closing(steps):
            return await self._run_steps(steps)

    async def _run_steps(self, steps: Steps[Any]) -> Any:
        answer = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                return done.value
            if isinstance(step, Prepared):
                answer = step.result(await self.api.answer(step.request))
            elif isinstance(step, Fetch):
                answer = await self.api.send(step.request)
            elif isinstance(step, Work):
                from asyncio import to_thread

                answer = await to_thread(step.do)
            elif isinstance(step, Attempt):
                try:
                    answer = await self._run(step.steps)
                except FastLabelException as error:
                    answer = error
            elif isinstance(step, Many):
                await self._run_many(step)
                answer = None

    async def _run_many(self, many: Many[Any]) -> None:
        from asyncio import TaskGroup

        async def work() -> None:
            for item in many.items:
                try:
                    step = many.prepare(item)
                    result = step.result(await self.api.answer(step.request))
                except many.failures as error:
                    result = error
                many.done(item, result)

        async with TaskGroup() as workers:
            for _ in range(many.workers):
                workers.create_task(work())

    async def _iterate(self, first: Prepared) -> AsyncIterator[Any]:
        paging = Paging(first.request, first.then)
        while request := paging.next_request():
            for item in paging.items(await self.api.send(request)):
                yield item
