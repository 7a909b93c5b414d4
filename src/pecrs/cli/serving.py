"""Commands that serve."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from pecrs.cli.app import DeviceMap, Index, Model, app, out
from pecrs.cli.writing import NO_WRITER, Writer, rewording_of
from pecrs.errors import ConfigError

if TYPE_CHECKING:
    from pecrs.server.store import Store

keys = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")

Database = Annotated[
    str,
    typer.Option(
        "--database", envvar="PECRS_DATABASE", help="SQLAlchemy URL: sqlite:///FILE or postgresql://USER@HOST/NAME."
    ),
]
_DATABASE = "sqlite:///pecrs.db"


@app.command()
def serve(
    model: Model = None,
    index: Index = None,
    device_map: DeviceMap = "",
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 8000,
    database: Database = _DATABASE,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Ask for no API key. Only on a loopback address.")] = False,
    name: Annotated[str, typer.Option("--name", help="What clients call the model.")] = "pecrs",
    root_path: Annotated[
        str, typer.Option("--root-path", help="Where a proxy has put the service, such as /films.")
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a limit: queue=64, requests_per_minute=60, origins=[https://...]."),
    ] = None,
    writer: Writer = NO_WRITER,
) -> None:
    """Serve chat and recommendations over HTTP.

    People can talk to the model on the page at /.
    """
    from pecrs.data.addresses import is_loopback

    if no_auth and not is_loopback(host):
        raise ConfigError(f"--no-auth: {host} can be reached from elsewhere; use --host 127.0.0.1, or keys")
    try:
        import uvicorn

        from pecrs.server.app import create_app
    except ImportError as error:
        raise ConfigError(f"{error.name} is missing: pip install 'pecrs[serve]'") from None
    from pecrs.inference.recommender import Recommender
    from pecrs.server.settings import LOOPBACK, ServerSettings

    hosts = tuple({*LOOPBACK, f"[{host}]" if ":" in host else host}) if no_auth else ()
    given = ServerSettings(database=database, authenticate=not no_auth, hosts=hosts, root_path=root_path)
    chosen = given.override(settings or ())
    with _listener(host, port) as listener:  # before a model is loaded for nothing
        recommender = Recommender.from_pretrained(model, index=index, device_map=device_map)
        service = create_app(recommender, chosen, name=name, rewording=rewording_of(writer, recommender))
        options = uvicorn.Config(service, log_level="warning", timeout_graceful_shutdown=30, server_header=False)
        server = uvicorn.Server(options)
        where = f"http://{host}:{listener.getsockname()[1]}{chosen.root_path}"
        out.print(f"serving {name} on {where}{'' if no_auth else ' (keys: pecrs keys create)'}", soft_wrap=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
    if not server.started:
        raise typer.Exit(1)


def _listener(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        ConfigError: If the address is none of this machine's, or the port is taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror as error:
        raise ConfigError(f"--host {host}: {error.strerror}") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(f"--port {port}: another program listens there") from None
        raise ConfigError(f"--host {host}: {os.strerror(error.errno or 0)}") from None


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who or what it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="chat, items or admin; may be repeated. chat if left out.")
    ] = None,
    database: Database = _DATABASE,
) -> None:
    """Make a key and print it.

    Only a hash is kept, so the key cannot be shown again.
    """
    with _store(database) as store:
        out.print(store.add_key(name, scope or ["chat"]), soft_wrap=True)


@keys.command("list")
def list_keys(database: Database = _DATABASE) -> None:
    """List keys: id, date, state, scopes and name."""
    with _store(database) as store:
        for row in store.keys():
            state = "revoked" if row.revoked else "valid"
            line = f"{row.id}  {row.created:%Y-%m-%d}  {state:8} {','.join(row.scopes):12} {row.name}"
            out.print(line, soft_wrap=True, markup=False)


@keys.command("revoke")
def revoke_key(
    identity: Annotated[str, typer.Argument(metavar="ID", help="As `pecrs keys list` shows it.")],
    database: Database = _DATABASE,
) -> None:
    """Revoke a key."""
    with _store(database) as store:
        store.revoke_key(identity)
    out.print(f"{identity} is revoked")


def _store(database: str) -> Store:
    try:
        from pecrs.server.database import open_database
        from pecrs.server.store import Store
    except ImportError as error:
        raise ConfigError(f"{error.name} is missing: pip install 'pecrs[serve]'") from None
    return Store(open_database(database))
