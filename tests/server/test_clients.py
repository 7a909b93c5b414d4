"""Clients that people have: OpenAI's, against a server in a process of its own; and the command line."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import openai
import pytest

from commands import run
from pecrs.server.client import Client, ServiceError
from pecrs.server.database import open_database
from pecrs.server.store import Store

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "I love Alien (1979). What next?"}]


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture(scope="module")
def url():
    """Where the service runs; it is started as operators start it, and stopped as they stop it."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def server(url, tmp_path_factory, quick_python):
    folder = tmp_path_factory.mktemp("server")
    database = f"sqlite:///{folder / 'pecrs.db'}"
    variables = os.environ | {"OMP_NUM_THREADS": "1", "PECRS_DATABASE": database}
    cli = [quick_python, "-m", "pecrs.cli"]
    made = subprocess.run(
        [*cli, "keys", "create", "us", "--scope", "chat"], env=variables, capture_output=True, check=True
    )
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*cli, "serve", "--port", url.rpartition(":")[2]], env=variables, stdout=log, stderr=log
        )
        until = time.monotonic() + 180
        while True:
            try:
                assert httpx.get(f"{url}/readyz").status_code == 200
                break
            except httpx.TransportError:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < until
                time.sleep(0.2)
        key = made.stdout.decode().strip()
        yield key
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)
    shown = (folder / "log").read_text()
    assert key not in shown
    assert "Traceback" not in shown


@pytest.fixture
def client(server, url):
    with openai.OpenAI(api_key=server, base_url=f"{url}/v1", max_retries=0) as made:
        yield made


def test_the_official_client_lists_chats_and_streams(client):
    assert [model.id for model in client.models.list()] == ["pecrs"]
    assert client.models.retrieve("pecrs").owned_by == "pecrs"
    whole = client.chat.completions.create(
        model="pecrs", messages=MESSAGES, temperature=0, extra_body={"pecrs": {"k": 3, "recommend": True}}
    )
    text = whole.choices[0].message.content
    items = whole.model_extra["pecrs"]["items"]
    assert len(items) == 3
    assert items[0]["item"]["title"] in text
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens > 0
    chunks = list(
        client.chat.completions.create(
            model="pecrs",
            messages=MESSAGES,
            stream=True,
            stream_options={"include_usage": True},
            extra_body={"pecrs": {"k": 3, "recommend": True}},
        )
    )
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == text
    last = chunks[-2]
    assert last.choices[0].finish_reason == "stop"
    assert [entry["item"]["id"] for entry in last.model_extra["pecrs"]["items"]] == [e["item"]["id"] for e in items]
    assert chunks[-1].usage == whole.usage


CALL = {"id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}
INTERRUPTED = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "I love Alien (1979)."},
    {"role": "assistant", "content": ""},
    {"role": "user", "content": [{"type": "text", "text": "Are you there?"}]},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c", "content": "The Thing (1982)"},
    {"role": "user", "content": "What next?"},
]


def test_the_official_client_goes_on_after_an_interrupted_answer(client):
    history = list(INTERRUPTED)
    tools = [{"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}]
    for question in ("Something funnier?", "And older?"):
        asked = {"model": "pecrs", "messages": history, "seed": 1, "tools": tools, "tool_choice": "none", "n": 1}
        whole = client.chat.completions.create(**asked)
        stream = client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
        said = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        assert said == whole.choices[0].message.content != ""
        history += [whole.choices[0].message.model_dump(), {"role": "user", "content": question}]
    assert client.chat.completions.create(model="pecrs", messages=history).choices[0].message.content


def test_the_official_client_understands_refusals(client, url):
    picture = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]
    with pytest.raises(openai.BadRequestError, match="'image_url' cannot be read") as refused:
        client.chat.completions.create(model="pecrs", messages=[{"role": "user", "content": picture}])
    assert refused.value.param == "messages[0].content[0]"
    with pytest.raises(openai.BadRequestError, match="one answer"):
        client.chat.completions.create(model="pecrs", messages=MESSAGES, n=2)
    with pytest.raises(openai.NotFoundError, match="no model"):
        client.chat.completions.create(model="gpt", messages=MESSAGES)
    with pytest.raises(openai.BadRequestError, match="last message"):
        client.chat.completions.create(model="pecrs", messages=MESSAGES[:1])
    with (
        openai.OpenAI(api_key="pecrs_no_key", base_url=f"{url}/v1", max_retries=0) as other,
        pytest.raises(openai.AuthenticationError),
    ):
        other.models.list()


def test_keys_are_listed_and_revoked(tmp_path, capsys):
    database = f"sqlite:///{tmp_path / 'pecrs.db'}"

    def keys(*arguments):
        return run(capsys, "keys", *arguments, "--database", database)

    identity = keys("create", "shop [b]", "--scope", "items", "--scope", "chat")[1].split("_")[1]
    shown = keys("list")[1]
    assert identity in shown
    assert "valid" in shown
    assert "shop [b]" in shown
    assert keys("revoke", identity)[0] == 0
    assert "revoked" in keys("list")[1]
    code, _, error = keys("revoke", "none")
    assert (code, "no such key" in error) == (2, True)


def test_a_service_for_everyone_is_refused(capsys):
    code, _, error = run(capsys, "serve", "--no-auth", "--host", "0.0.0.0")
    assert (code, "--no-auth" in error) == (2, True)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite:////nowhere/at/all.db",
        "postgresql://nobody@127.0.0.1:1/x",
        "postgres://nobody@127.0.0.1:1/x",
    ],
)
def test_a_database_that_cannot_be_used_is_named(url, capsys):
    code, _, error = run(capsys, "keys", "list", "--database", url)
    assert code == 2
    assert error.startswith("pecrs: database: cannot be opened")
    assert len(error.splitlines()) == 1


def test_tables_are_those_of_the_migrations(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from pecrs.server.database import Base

    with Store(open_database(database)) as store, store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_our_client_talks_judges_and_comes_back(server, url):
    with Client(url, key=server) as client:
        talk = client.start(where=["year=1970..2000"])
        answer = talk.say("I love Alien (1979). What next?", recommend=True)
        assert answer.move == "recommend"
        assert answer.items[0].title in answer.text
        assert all(1970 <= entry.year <= 2000 for entry in answer.items)
        again = talk.judge(answer.items[0].id, "seen")
        assert answer.items[0].id not in [entry.id for entry in again]
        assert [speaker for speaker, _ in client.conversation(talk.id).turns()] == ["seeker", "recommender"]
        assert len(client.recommend(["any comedy?"], 3, where=["genres=comedy"])) == 3
        nothing = client.start(where=["genres=comedy", "genres!=comedy"]).say("What should I watch?", recommend=True)
        assert (nothing.move, nothing.items) == ("nothing", ())
        talk.delete()
        with pytest.raises(ServiceError, match="no such conversation") as refused:
            talk.turns()
        assert refused.value.status == 404
        with pytest.raises(ServiceError, match="scope 'items'"):
            client.put_item("x", "X")
    with Client("http://127.0.0.1:1") as nowhere, pytest.raises(ServiceError, match="cannot be reached"):
        nowhere.start()


def test_our_client_needs_no_model():
    code = "import sys, pecrs.server.client; assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
