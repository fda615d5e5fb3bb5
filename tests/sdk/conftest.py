"""Clients of a scripted server. Tests with the real one use the fixtures a level up."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fastlabel import AsyncClient, Client
from sdk.scripted_server import ScriptedServer, scripted_server

TOKEN = "a-token"


@pytest.fixture
def script() -> Iterator[ScriptedServer]:
    with scripted_server() as script:
        yield script


@pytest.fixture
def dry_client(script: ScriptedServer) -> Iterator[Client]:
    with Client(TOKEN, api_url=script.url, retries=3, backoff_s=0.01) as client:
        yield client


@pytest.fixture(params=["Client", "AsyncClient"])
def call(request: pytest.FixtureRequest, script: ScriptedServer) -> Callable[..., Any]:
    """Call a method by name on either client and return its result; iterators give lists."""

    def with_client(method: str, *args: Any, **kwargs: Any) -> Any:
        with Client(TOKEN, api_url=script.url, retries=3, backoff_s=0.01) as client:
            result = getattr(client, method)(*args, **kwargs)
            return list(result) if inspect.isgenerator(result) else result

    async def with_async_client(method: str, *args: Any, **kwargs: Any) -> Any:
        async with AsyncClient(TOKEN, api_url=script.url, retries=3, backoff_s=0.01) as client:
            result = getattr(client, method)(*args, **kwargs)
            if inspect.isasyncgen(result):
                return [item async for item in result]
            return await result

    if request.param == "Client":
        return with_client
    return lambda *args, **kwargs: asyncio.run(with_async_client(*args, **kwargs))


@pytest.fixture
def cat_file(tmp_path: Path) -> Path:
    path = tmp_path / "cat.jpg"
    path.write_bytes(b"\xff\xd8 the bytes of a cat \x00\xff")
    return path
