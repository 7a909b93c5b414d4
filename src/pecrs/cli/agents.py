"""Commands for agents."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from pecrs.cli.app import DeviceMap, Index, Model, app
from pecrs.errors import ConfigError


@app.command()
def mcp(
    model: Model = None,
    index: Index = None,
    device_map: DeviceMap = "",
    database: Annotated[
        str, typer.Option("--database", help="Where feedback is kept, as of `pecrs serve`; forgotten if left out.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="What clients call the server.")] = "pecrs",
) -> None:
    """Offer the tools of a model to an assistant on this machine (Model Context Protocol on stdin and stdout)."""
    try:
        from pecrs.server.agents import mcp_server
        from pecrs.server.service import open_service
    except ImportError as error:
        raise ConfigError(f"{error.name} is missing: pip install 'pecrs[mcp]'") from None
    from pecrs.inference.recommender import Recommender
    from pecrs.server.settings import ServerSettings

    with TemporaryDirectory() as folder:
        settings = ServerSettings(database=database or f"sqlite:///{Path(folder) / 'pecrs.db'}", authenticate=False)
        recommender = Recommender.from_pretrained(model, index=index, device_map=device_map)
        with closing(open_service(recommender, settings, name=name)) as service:
            mcp_server(service).run("stdio")
