"""The ASGI application: routes, errors, and what is opened and closed with the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from fastlabel import __version__
from fastlabel_server import answers, operations
from fastlabel_server.annotations.routes import router as annotation_classes
from fastlabel_server.appendix.routes import router as appendix
from fastlabel_server.auth import RateLimiter
from fastlabel_server.calls import Services, authenticate
from fastlabel_server.comments.routes import router as comments
from fastlabel_server.datasets.routes import router as datasets
from fastlabel_server.db import Database
from fastlabel_server.exports.routes import router as exports
from fastlabel_server.files.routes import router as files
from fastlabel_server.imports.bucket_routes import router as bucket_imports
from fastlabel_server.imports.routes import router as imports
from fastlabel_server.imports.routes import uploads
from fastlabel_server.metadatas.routes import router as metadatas
from fastlabel_server.observability import Observe
from fastlabel_server.projects.routes import router as projects
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tags.routes import router as tags
from fastlabel_server.tasks.routes import router as tasks
from fastlabel_server.users.routes import router as users
from fastlabel_server.web.routes import router as web


def create_app(settings: Settings) -> FastAPI:
    """Return the application for settings that have a secret key."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
        yield
        app.state.services.database.close()

    # Its pages at /docs load their scripts from here: many installations see no internet.
    app = FastAPIOffline(
        title="FastLabel",
        version=__version__,
        description="Label, review and manage training data for AI.",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.services = Services(
        settings=settings,
        database=Database(settings.database, settings.database_pool),
        storage=Storage.from_url(settings.storage),
        limiter=RateLimiter(settings.rate_limit, settings.rate_limit_window),
    )
    answers.install(app)
    # Those of tasks last: what follows `tasks/` elsewhere is no id.
    for router in (
        projects,
        users,
        annotation_classes,
        tags,
        metadatas,
        comments,
        imports,
        bucket_imports,
        exports,
        datasets,
        appendix,
        tasks,
    ):
        app.include_router(
            router,
            prefix="/v1",
            # Here and nowhere else: no route below /v1 answers without a token or a login.
            dependencies=[Depends(authenticate)],
            responses=answers.described_errors(),
        )
    app.include_router(files)
    app.include_router(uploads)
    app.include_router(operations.router)
    app.include_router(web)
    app.add_middleware(Observe)
    return app
