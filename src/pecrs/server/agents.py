"""The tools as a server of the Model Context Protocol: for assistants on this machine, and over HTTP with keys."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from pecrs.errors import DataError, PecrsError
from pecrs.server.bodies import ItemId, Short, Text
from pecrs.server.filters import FiltersBody, Sort, Where
from pecrs.server.keys import Owner
from pecrs.server.service import EVERYONE, Service
from pecrs.server.tools import (
    NOTICE,
    Found,
    Judged,
    Matches,
    Product,
    Recommendations,
    Said,
    Tools,
)

FACETS = "catalog://facets"
"""The resource that describes the catalogue's fields."""

_ABOUT = f"""Recommends items of one catalogue from what a person says, and answers from it.
Use recommend for requests and conversations, search_catalog for exact conditions, lookup_catalog for names,
get_product for all that is known of one item, feedback for what the person liked, disliked or has seen.
The resource {FACETS} says which fields there are. Recommend only items that a tool returned. {NOTICE}"""

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

Query = Annotated[
    Text | None,
    Field(description="What the person says, where there is one message only.", examples=["a comedy from the 90s"]),
]
Messages = Annotated[
    list[Said] | None,
    Field(
        max_length=100,
        description="The conversation instead of a query, the person's message last.",
        examples=[[{"role": "user", "content": "I loved Alien. What next?"}]],
    ),
]
Exclude = Annotated[list[ItemId], Field(max_length=2000, description="Identifiers that must not be recommended.")]
Count = Annotated[int, Field(ge=1, le=100, description="How many items.", examples=[5])]
Session = Annotated[Text | None, Field(description="As `feedback` returned it, so that it counts.", max_length=64)]
Words = Annotated[
    Short, Field(description="Words of a name or of a text; empty finds all.", examples=["space station"])
]
Names = Annotated[
    list[Short], Field(min_length=1, max_length=50, description="Names or identifiers.", examples=[["Alien (1979)"]])
]
Item = Annotated[ItemId, Field(description="An item's identifier, as the other tools return it.")]
Value = Annotated[
    Literal["like", "dislike", "seen"] | None, Field(description="Null takes it back.", examples=["like"])
]


def mcp_server(service: Service) -> MCPServer[Any]:
    """Return the tools and the resource of a service.

    Args:
        service: Over HTTP, who asks is in the request's state; elsewhere it is the one person at this machine.
    """
    server: MCPServer[Any] = MCPServer(
        name=service.name, title="pecrs", instructions=_ABOUT, version=version("pecrs"), log_level="WARNING"
    )
    for add in (_add_recommend, _add_search, _add_look_up, _add_product, _add_feedback, _add_facets):
        add(server, service)
    return server


def _tools(service: Service, context: Context[Any]) -> Tools:
    request = context.request_context.request
    owner: Owner = EVERYONE if request is None else request.state.owner
    return Tools(service, owner)


def _add_recommend(server: MCPServer[Any], service: Service) -> None:
    @server.tool(annotations=_READS, title="Recommend items")
    @_answers
    async def recommend(
        context: Context[Any],
        query: Query = None,
        messages: Messages = None,
        where: Where = [],  # noqa: B006  (read only, and copied with each call)
        sort: Sort = "",
        exclude: Exclude = [],  # noqa: B006
        k: Count = 10,
        explain: Annotated[bool, Field(description="Say what in the conversation moved each item.")] = False,
        session_id: Session = None,
    ) -> Annotated[CallToolResult, Recommendations]:
        """Rank the items for what a person says, best first; negations, people, decades and so on are understood."""
        if (query is None) == (messages is None):
            raise DataError("either query or messages is needed", field="query")
        said = [Said(role="user", content=query)] if query is not None else messages or []
        filters = FiltersBody(where=where, sort=sort, exclude=exclude)
        return _result(await _tools(service, context).recommend(said, filters, k, explain=explain, session=session_id))


def _add_search(server: MCPServer[Any], service: Service) -> None:
    @server.tool(annotations=_READS, title="Search the catalogue")
    @_answers
    async def search_catalog(
        context: Context[Any],
        query: Words = "",
        where: Where = [],  # noqa: B006
        sort: Sort = "",
        limit: Count = 10,
    ) -> Annotated[CallToolResult, Found]:
        """Find items by words and by conditions on fields, in the order of a number or best match first."""
        return _result(await _tools(service, context).search(query, FiltersBody(where=where, sort=sort), limit))


def _add_look_up(server: MCPServer[Any], service: Service) -> None:
    @server.tool(annotations=_READS, title="Look items up by name")
    @_answers
    async def lookup_catalog(
        context: Context[Any], names: Names, limit: Annotated[int, Field(ge=1, le=10)] = 3
    ) -> Annotated[CallToolResult, Matches]:
        """Return the items that names or identifiers mean, the most alike first; none where the catalogue has none."""
        return _result(await _tools(service, context).look_up(names, limit))


def _add_product(server: MCPServer[Any], service: Service) -> None:
    @server.tool(annotations=_READS, title="Read one item")
    @_answers
    async def get_product(context: Context[Any], item_id: Item) -> Annotated[CallToolResult, Product]:
        """Return all that the catalogue says of one item, its long texts too."""
        return _result(await _tools(service, context).product(item_id))


def _add_feedback(server: MCPServer[Any], service: Service) -> None:
    @server.tool(annotations=_WRITES, title="Say what the person thinks of an item")
    @_answers
    async def feedback(
        context: Context[Any], item_id: Item, value: Value, session_id: Session = None
    ) -> Annotated[CallToolResult, Judged]:
        """Keep that the person likes or dislikes an item or has seen it.

        Give the returned session_id to recommend: what was liked counts there, the rest is not recommended again.
        """
        return _result(await _tools(service, context).judge(item_id, value, session_id))


def _add_facets(server: MCPServer[Any], service: Service) -> None:
    @server.resource(FACETS, title="Fields of the catalogue", mime_type="application/json")
    async def facets() -> str:
        """Name the fields, their kinds, their ranges and their most frequent values."""
        return (await Tools(service, EVERYONE).facets()).model_dump_json(exclude_none=True)


def _answers(tool: Callable[..., Awaitable[CallToolResult]]) -> Callable[..., Awaitable[CallToolResult]]:
    """Let a tool fail as tools do: with a sentence for the agent."""

    @functools.wraps(tool)
    async def answer(*arguments: Any, **named: Any) -> CallToolResult:
        try:
            return await tool(*arguments, **named)
        except DataError as error:
            argument = "where" if error.field == "filters" else error.field  # as it is called here
            raise ToolError(str(DataError(error.reason, field=argument))) from error
        except PecrsError as error:
            raise ToolError(str(error)) from error
        except HTTPException as error:
            raise ToolError(str(error.detail)) from error

    return answer


def _result(value: BaseModel) -> CallToolResult:
    """Return a result in both forms; the plain one begins by saying that it is data."""
    record = value.model_dump(mode="json", exclude_none=True)
    record.pop("notice", None)
    text = f"{NOTICE}\n{json.dumps(record, ensure_ascii=False)}"
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=value.model_dump(mode="json")
    )
