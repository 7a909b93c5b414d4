"""Texts that are no items, ranked and embedded by the same model, in the forms of Cohere, Jina and OpenAI."""

from __future__ import annotations

import base64
import secrets
from functools import partial
from typing import Annotated, Any, Literal

import torch
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from torch.nn import functional as F  # noqa: N812

from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Turn
from pecrs.errors import DataError
from pecrs.inference.recommender import Recommender
from pecrs.model.generator import ConversationCache
from pecrs.server.bodies import Strict, Text
from pecrs.server.catalogue import item_of
from pecrs.server.schemas import ItemRecord, Message
from pecrs.server.service import Service, ServiceDependency, Talker
from pecrs.server.wire import check_length, count_tokens, dialogue_of

router = APIRouter(prefix="/v1", tags=["documents"])
_MOST = 100
"""Documents of one request: they are read on the thread that answers everybody else."""


class TextDocument(Strict):
    """A document of free text."""

    text: Text


Document = Text | TextDocument | ItemRecord
"""A text, or what an item of the catalogue would say."""


class RerankBody(BaseModel):
    """A query and documents; further fields are accepted and have no effect."""

    model: Text
    query: Text = Field(examples=["a scary film in space"])
    documents: Annotated[list[Document], Field(min_length=1, max_length=_MOST)] = Field(
        examples=[
            ["A crew is hunted by a creature on a spaceship.", {"title": "Airplane!", "fields": {"genres": ["comedy"]}}]
        ]
    )
    top_n: Annotated[int, Field(ge=1)] | None = None
    return_documents: bool = False


class RerankResult(BaseModel):
    """A document in a ranking."""

    index: int = Field(description="Its place in the request.")
    relevance_score: float = Field(description="Its share of the odds among these documents; all add up to 1.")
    document: Any = None


class RerankAnswer(BaseModel):
    """Documents, the most relevant first."""

    id: str
    model: str
    results: list[RerankResult]
    usage: dict[str, int]


class EmbeddingBody(BaseModel):
    """Texts to embed; further fields are accepted and have no effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"model": "pecrs", "input": ["a space horror film"]}]})
    model: Text
    input: Text | Annotated[list[Text], Field(min_length=1, max_length=_MOST)]
    input_type: Literal["document", "query"] = Field(
        "document", description="A query is read as what a person says; its cosines with documents rank them."
    )
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, description="The model has one width; any other is refused.")


@router.post("/rerank", response_model=RerankAnswer)
async def rerank(request: Request, service: ServiceDependency, owner: Talker, body: RerankBody) -> Any:
    """Rank documents for what a person says, in the form of Cohere and Jina.

    Documents are read as new items are, from their text alone; what goes beyond an item's longest text is not read.
    """
    service.require_model(body.model)
    recommender = await service.recommender()
    [turns] = await run_in_threadpool(_queries, [body.query], recommender, service)
    items = [_item(place, document, service) for place, document in enumerate(body.documents)]
    scores: list[float] = await service.ask(owner, request, recommender, partial(_relevances, turns=turns, items=items))
    order = sorted(range(len(items)), key=lambda place: -scores[place])[: body.top_n]
    results: list[dict[str, Any]] = [
        {"index": place, "relevance_score": scores[place], "document": None} for place in order
    ]
    for result in results if body.return_documents else ():
        document = body.documents[result["index"]]
        result["document"] = {"text": document} if isinstance(document, str) else document.model_dump()
    usage = _usage(recommender, [body.query, *(item.name for item in items)])
    return {"id": f"rerank-{secrets.token_hex(12)}", "model": service.name, "results": results, "usage": usage}


@router.post("/embeddings")
async def embed(request: Request, service: ServiceDependency, owner: Talker, body: EmbeddingBody) -> dict[str, Any]:
    """Embed texts, in the form of OpenAI: vectors of length 1."""
    service.require_model(body.model)
    recommender = await service.recommender()
    width = recommender.index.vectors.shape[1]
    if body.dimensions not in (None, width):
        raise DataError(f"the model has {width} dimensions", field="dimensions")
    texts = [body.input] if isinstance(body.input, str) else body.input
    if body.input_type == "query":
        queries = await run_in_threadpool(_queries, texts, recommender, service)
        work = partial(_directions, queries=queries)
    else:
        items = [_item(place, text, service, "input") for place, text in enumerate(texts)]
        work = partial(_vectors, items=items)
    vectors: torch.Tensor = await service.ask(owner, request, recommender, work)
    data = [
        {"object": "embedding", "index": place, "embedding": _encoded(vector, body.encoding_format)}
        for place, vector in enumerate(vectors)
    ]
    return {"object": "list", "data": data, "model": service.name, "usage": _usage(recommender, texts)}


def _queries(texts: list[str], recommender: Recommender, service: Service) -> list[tuple[Turn, ...]]:
    return [dialogue_of([Message(role="user", content=text)], recommender, service.settings) for text in texts]


def _item(place: int, document: Document, service: Service, field: str = "documents") -> Item:
    text = document if isinstance(document, str) else getattr(document, "text", None)
    if isinstance(document, ItemRecord):
        return item_of(f"document {place} of {secrets.token_hex(8)}", document.model_dump())
    words = str(text).strip()
    if not words:
        raise DataError("the document is empty", field=f"{field}[{place}]")
    check_length([words], service.settings, f"{field}[{place}]")
    return Item(f"document {place} of {secrets.token_hex(8)}", words, None, {})


def _relevances(recommender: Recommender, turns: tuple[Turn, ...], items: list[Item]) -> list[float]:
    """Return each document's share of the odds."""
    with_documents = recommender.with_items(items).ranker
    scores = with_documents.scores([with_documents.context(turns)], [ConversationCache()])[0]
    places = [with_documents.catalogue.index(item.id) for item in items]
    shares: list[float] = scores[places].float().softmax(0).tolist()
    return shares


@torch.inference_mode()
def _vectors(recommender: Recommender, items: list[Item]) -> torch.Tensor:
    return F.normalize(recommender.model.encode_new_items(items).float(), dim=1)


def _directions(recommender: Recommender, queries: list[tuple[Turn, ...]]) -> torch.Tensor:
    ranker = recommender.ranker
    contexts = [ranker.context(turns) for turns in queries]
    return F.normalize(ranker.directions(contexts, [ConversationCache() for _ in contexts]).float(), dim=1)


def _encoded(vector: torch.Tensor, form: str) -> list[float] | str:
    if form == "float":
        return [float(value) for value in vector.tolist()]
    return base64.b64encode(vector.cpu().numpy().astype("<f4").tobytes()).decode()


def _usage(recommender: Recommender, texts: list[str]) -> dict[str, int]:
    count = count_tokens(recommender, texts)
    return {"prompt_tokens": count, "total_tokens": count}
