"""Documents ranked and embedded by the model, in the forms of Cohere, Jina and OpenAI."""

import base64

import numpy as np
import openai
import pytest
from live import listening

from pecrs.server.app import create_app
from pecrs.server.settings import ServerSettings

QUERY = "I want something scary"
DOCUMENTS = [
    {"title": "The Sea House", "year": 2014, "fields": {"genres": ["horror"]}},
    {"title": "Paper Hats", "year": 2014, "fields": {"genres": ["comedy", "romance"]}},
    "A detective looks for a missing ship.",
    {"text": "Two friends open a bakery."},
]


def rerank(client, status=200, **body):
    answer = client.post("/v1/rerank", json={"model": "pecrs", "query": QUERY, "documents": DOCUMENTS, **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def embed(client, texts, status=200, **body):
    answer = client.post("/v1/embeddings", json={"model": "pecrs", "input": texts, **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def shares(answer):
    return {entry["index"]: entry["relevance_score"] for entry in answer["results"]}


def test_documents_are_ranked_wherever_they_stand(start):
    client = start()
    ranked = rerank(client)
    scores = [entry["relevance_score"] for entry in ranked["results"]]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-5)
    own = shares(ranked)
    assert own[0] > own[1]  # horror before comedy
    turned = shares(rerank(client, documents=DOCUMENTS[::-1]))
    assert [turned[3 - place] for place in range(4)] == pytest.approx([own[place] for place in range(4)], abs=1e-4)
    assert ranked["usage"]["total_tokens"] > 10
    first, second = rerank(client, top_n=2, return_documents=True)["results"]
    assert first["document"] == (DOCUMENTS[first["index"]] if first["index"] != 2 else {"text": DOCUMENTS[2]})
    assert second["relevance_score"] == pytest.approx(scores[1], abs=1e-4)
    assert client.get("/v1/items", params={"query": "The Sea House", "limit": 1}).json()["data"][0]["year"] != 2014


def test_cosines_of_queries_and_documents_rank_as_the_ranking_does(start):
    client = start()
    texts = ["A haunted house and its ghosts.", "A wedding goes wrong.", "Robots rule the city.", "A dog finds home."]
    documents = np.array([entry["embedding"] for entry in embed(client, texts)["data"]])
    [query] = [np.array(entry["embedding"]) for entry in embed(client, QUERY, input_type="query")["data"]]
    assert np.linalg.norm(documents, axis=1) == pytest.approx(1, abs=1e-5)
    order = np.argsort(-(documents @ query)).tolist()
    assert [entry["index"] for entry in rerank(client, documents=texts)["results"]] == order


def test_what_cannot_be_read_is_refused(start):
    client = start()
    assert "no model" in rerank(client, 404, model="other")["error"]["message"]
    assert rerank(client, 400, documents=["a", " "])["error"]["param"] == "documents[1]"
    assert "empty" in rerank(client, 400, query=" ")["error"]["message"]
    for wrong in ([], ["a"] * 101, [1], [{"body": "a"}], "a"):
        rerank(client, 422, documents=wrong)
    rerank(client, 422, top_n=0)
    assert embed(client, "a", 400, dimensions=3)["error"]["param"] == "dimensions"
    assert embed(client, ["a", ""], 400)["error"]["param"] == "input[1]"
    embed(client, [], 422)
    embed(client, [[1, 2]], 422)
    embed(client, "a", 422, input_type="image")
    assert "no model" in embed(client, "a", 404, model="other")["error"]["message"]


def test_a_key_is_needed(start, database, key):
    client = start(database, authenticate=True)
    assert client.post("/v1/rerank", json={}).status_code == 401
    assert client.post("/v1/embeddings", json={}, headers=key(database, "items")).status_code == 403


def test_the_official_client_embeds(recommender, tmp_path):
    chosen = ServerSettings(database=f"sqlite:///{tmp_path / 'a.db'}", authenticate=False)
    with (
        listening(create_app(recommender, chosen)) as address,
        openai.OpenAI(api_key="none", base_url=f"{address}/v1", max_retries=0) as client,
    ):
        made = client.embeddings.create(model="pecrs", input=["a space film", "a comedy"])  # asks for base64
        plain = client.embeddings.create(model="pecrs", input="a comedy", encoding_format="float")
    assert len(made.data) == 2
    assert made.data[1].embedding == pytest.approx(plain.data[0].embedding, abs=1e-4)
    assert made.usage.total_tokens > 0
    packed = base64.b64encode(np.array(plain.data[0].embedding, dtype="<f4").tobytes())
    assert len(packed) > 4 * len(plain.data[0].embedding)
