"""The items: read by everyone with a key, changed by those who may; a change counts from the next request on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool

from pecrs.config import MAX_ITEM_ID
from pecrs.data.catalogue import Catalogue, Item
from pecrs.errors import DataError
from pecrs.server.bodies import ItemId
from pecrs.server.catalogue import item_of
from pecrs.server.errors import NotFoundError
from pecrs.server.facets import FacetList, facet_list
from pecrs.server.names import alike
from pecrs.server.schemas import ItemBody, ItemChange, ItemPage, ItemRecord
from pecrs.server.service import Editor, Service, ServiceDependency, Talker
from pecrs.server.wire import item_record

router = APIRouter(prefix="/v1", tags=["items"])
Identity = Annotated[ItemId, Path(description="Escaped, slashes may stay as they are.")]


@router.get("/items", response_model=ItemPage)
async def some(
    service: ServiceDependency,
    owner: Talker,
    query: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    after: Annotated[str | None, Query(max_length=MAX_ITEM_ID)] = None,
) -> Any:
    """List items, or those whose names are most like a query."""
    catalogue = (await service.recommender()).catalogue
    if query.strip():
        found = await run_in_threadpool(alike, catalogue, query, limit)
        return {"data": [item_record(item) for item in found], "has_more": False}
    start = 0 if after is None else catalogue.index(_known(catalogue, after)) + 1
    page = catalogue.items[start : start + limit]
    return {"data": [item_record(item) for item in page], "has_more": start + limit < len(catalogue)}


@router.get("/facets", response_model=FacetList)
async def facets(service: ServiceDependency, owner: Talker, common: Annotated[int, Query(ge=0, le=1000)] = 100) -> Any:
    """Describe the fields that `filters` may name: kinds, ranges, units, and so many of the most frequent values.

    `fame` says whether items can be told apart by how well known they are.
    """
    return await run_in_threadpool(facet_list, await service.recommender(), common)


@router.get("/items/{item:path}", response_model=ItemBody)
async def read(service: ServiceDependency, owner: Talker, item: Identity) -> Any:
    """Return an item."""
    catalogue = (await service.recommender()).catalogue
    return item_record(catalogue[_known(catalogue, item)])


@router.put("/items/{item:path}", response_model=ItemBody)
async def put(service: ServiceDependency, owner: Editor, item: Identity, body: ItemRecord) -> Any:
    """Add an item, or replace one; its text is all that is needed."""
    return await _keep(service, item_of(item, body.model_dump()))


@router.patch("/items/{item:path}", response_model=ItemBody)
async def change(service: ServiceDependency, owner: Editor, item: Identity, body: ItemChange) -> Any:
    """Change some of an item."""
    catalogue = (await service.recommender()).catalogue
    old = catalogue[_known(catalogue, item)]
    given = body.model_dump(exclude_unset=True)
    if "title" in given and given["title"] is None:
        raise DataError("an item needs a title", field="title")
    record = {"title": old.title, "year": old.year} | {k: v for k, v in given.items() if k != "fields"}
    fields = {name: list(values) for name, values in old.facts.items()} | given.get("fields", {})
    return await _keep(service, item_of(item, {**record, "fields": fields}))


@router.delete("/items/{item:path}", status_code=204)
async def remove(service: ServiceDependency, owner: Editor, item: Identity) -> None:
    """Take an item out of the catalogue; what was said of it stays said."""
    catalogue = (await service.recommender()).catalogue
    if len(catalogue) == 1:
        raise DataError("the last item cannot be removed", field="item")
    await run_in_threadpool(service.store.put_item, _known(catalogue, item), None)


async def _keep(service: Service, item: Item) -> dict[str, Any]:
    record = item_record(item)
    await run_in_threadpool(
        service.store.put_item, item.id, {name: record[name] for name in ("title", "year", "fields")}
    )
    return record


def _known(catalogue: Catalogue, item: str) -> str:
    if item not in catalogue:
        raise NotFoundError("item")
    return item
