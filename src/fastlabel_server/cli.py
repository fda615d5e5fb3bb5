"""The server's commands: serve, worker, demo, migrate, doctor, user create, token create.

Everything heavy is imported inside the commands, so that `fastlabel --help` stays quick.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from fastlabel_server.settings import Settings

user_app = typer.Typer(help="People who may log in.", no_args_is_help=True)
token_app = typer.Typer(help="Access tokens for the API.", no_args_is_help=True)

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Folder of database and files. [env: FASTLABEL_DATA_DIR] [default: fastlabel-data]",
        show_default=False,
    ),
]
Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]


def register(app: typer.Typer) -> None:
    """Add the server's commands to the command line."""
    app.command()(serve)
    app.command()(worker)
    app.command()(demo)
    app.command()(migrate)
    app.command()(doctor)
    app.add_typer(user_app, name="user")
    app.add_typer(token_app, name="token")


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data_dir: DataDir = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Do not start background workers beside it.")
    ] = False,
) -> None:
    """Serve the API and the web pages, with background workers beside them."""
    # Hardly anything of what is imported is garbage; `serving` looks for it once, at the end.
    gc.disable()
    from fastlabel_server.serving import serve as run

    with _refusals():
        run(_settings(data_dir), host, port, with_workers=not no_worker)


def worker(
    queue: Annotated[
        list[str] | None, typer.Option(help="Queue to work on (io, cpu, gpu); all if not given.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Work on background jobs until stopped; start as many as you like."""
    from fastlabel_server import schema
    from fastlabel_server.jobs import worker as job_worker
    from fastlabel_server.logs import configure_logging

    settings = _settings(data_dir)
    configure_logging(settings.log_level, pretty=sys.stderr.isatty())
    with _refusals():
        schema.migrate(settings)
    job_worker.run(settings, queue or job_worker.QUEUES)


def demo(host: Host = "127.0.0.1", port: Port = 8000, data_dir: DataDir = None) -> None:
    """Serve a sample workspace: pictures with boxes, polygons, masks and poses."""
    from fastlabel_server.demo.seeding import run

    with _refusals():
        run(_settings(data_dir or Path("fastlabel-demo")), host, port)


def migrate(data_dir: DataDir = None) -> None:
    """Bring the database up to date; safe to repeat, and at any time."""
    from fastlabel_server import schema

    with _refusals():
        changed = schema.migrate(_settings(data_dir))
    typer.echo(f"{'migrated to' if changed else 'already at'} revision {schema.head()}")


def doctor(data_dir: DataDir = None) -> None:
    """Check database, object store, disk space and settings; exit 1 if something is wrong."""
    from fastlabel_server.doctor import examine

    settings = _settings(data_dir)
    healthy = True
    for finding in examine(settings):
        healthy &= finding.ok
        mark = "ok  " if finding.ok else "FAIL"
        typer.echo(f"{mark} {finding.subject}: {finding.detail}")
    raise typer.Exit(0 if healthy else 1)


@user_app.command("create")
def create_user(
    email: Annotated[str, typer.Option(help="For the login.")],
    name: Annotated[str, typer.Option(help="As others see it.")],
    role: Annotated[str, typer.Option(help="owner or member of the workspace.")] = "member",
    slug: Annotated[
        str | None, typer.Option(help="For assignments; made from the e-mail if not given.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Create a user; the password is read from standard input."""
    from fastlabel_server.users import service

    password = _read_password()

    def create(session: Any) -> str:
        return service.create_user(session, email, name, role, password, slug).slug

    typer.echo(_in_database(data_dir, create))


@user_app.command("password")
def set_password(
    email: Annotated[str, typer.Option(help="Whose password.")],
    data_dir: DataDir = None,
) -> None:
    """Change a user's password, read from standard input, and end their logins."""
    from fastlabel_server.users import service

    password = _read_password()
    _in_database(data_dir, lambda session: service.set_password(session, email, password))
    typer.echo("changed")


@token_app.command("create")
def create_token(
    email: Annotated[str, typer.Option(help="The user that the token stands for.")],
    data_dir: DataDir = None,
) -> None:
    """Create an access token and print it, alone; it is not shown again."""
    from fastlabel_server.users import service

    typer.echo(_in_database(data_dir, lambda session: service.create_token(session, email)))


@token_app.command("revoke")
def revoke_tokens(
    email: Annotated[str, typer.Option(help="Whose tokens.")],
    data_dir: DataDir = None,
) -> None:
    """End all tokens and logins of a user at once; print how many there were."""
    from fastlabel_server.users import service

    typer.echo(_in_database(data_dir, lambda session: service.revoke(session, email)))


def _read_password() -> str:
    """Ask for a password where there is somebody to ask, else read a line."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _settings(data_dir: Path | None) -> Settings:
    from fastlabel_server.settings import Settings

    try:
        return Settings.from_env(data_dir=data_dir).with_secret()
    except ValueError as error:
        _fail(str(error))


def _in_database(data_dir: Path | None, work: Any) -> Any:
    """Run `work` in one transaction of an up-to-date database; the server may be running."""
    from fastlabel_server import schema
    from fastlabel_server.db import Database
    from fastlabel_server.errors import ApiError

    settings = _settings(data_dir)
    with _refusals():
        schema.migrate(settings)
    database = Database(settings.database, pool_size=1)
    try:
        with database.write() as session:
            return work(session)
    except (ApiError, ValueError) as error:
        _fail(str(error))
    finally:
        database.close()


@contextmanager
def _refusals() -> Iterator[None]:
    """End with a line, not a traceback, where the database belongs to a later release."""
    from fastlabel_server.schema import NewerDatabase

    try:
        yield
    except NewerDatabase as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
