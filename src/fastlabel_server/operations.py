"""What operators and their load balancers ask: alive, ready, metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fastlabel_server.calls import Services
from fastlabel_server.errors import Unavailable

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Answers as long as the process can answer at all."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(request: Request) -> dict[str, str]:
    """Answers 200 when database and object store can be used, else 503 with the reason."""
    services: Services = request.app.state.services
    for name, check in (
        ("database", services.database.ping),
        ("storage", services.storage.check),
    ):
        try:
            check()
        except Exception as error:
            raise Unavailable(f"{name}: {error}") from error
    return {"status": "ok"}


@router.get("/metrics", response_class=Response)
def metrics() -> Response:
    """Counters and timings in the text format of Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
