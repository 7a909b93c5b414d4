"""A typed client of the service; needs httpx alone, neither a model nor torch.

    with Client("http://127.0.0.1:8000", key="pecrs_...") as client:
        talk = client.start()
        answer = talk.say("I loved Alien. Anything like it?")
        print(answer.text, [entry.title for entry in answer.items])

What the service refuses is a :class:`ServiceError`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from pecrs.errors import DataError, PecrsError

_PATIENCE = 5
"""How often a request is sent that the service could not take or that got lost on its way."""

_BUSY = (429, 503)
_BROKEN_OFF = (502, 504)
"""What a proxy says when a replica dies over a request, which may have been carried out."""


class ServiceError(PecrsError):
    """The service refused a request, or cannot be reached.

    Attributes:
        status: Of HTTP; 0 where there was no answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        """Keep what the service said."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class RankedItem:
    """An item in a ranking.

    Attributes:
        id: Its identifier.
        title: Without the year.
        year: Of release, or None.
        fields: Further facts by name.
        rank: 1 is best.
        score: Higher is better.
    """

    id: str
    title: str
    year: int | None
    fields: Mapping[str, tuple[str, ...]]
    rank: int
    score: float

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read it from the service's form."""
        item = record["item"]
        fields = {name: tuple(values) for name, values in item["fields"].items()}
        return cls(item["id"], item["title"], item["year"], fields, record["rank"], record["score"])


@dataclass(frozen=True)
class Part:
    """A part of what a person wants.

    Attributes:
        key: By which it is removed.
        label: In words.
    """

    key: str
    label: str


@dataclass(frozen=True)
class State:
    """What a person wants so far, as it was understood.

    Attributes:
        wanted: What an item should have.
        avoided: What it must not have.
        liked: Items that were liked or named as examples.
        disliked: Items that were not liked.
        seen: Items that are known already.
        rejected: Items that were offered and turned down.
        popularity: 1 asks for well-known items, -1 for little-known ones, 0 says nothing.
        order: What comes first, where the most or the least of something is asked for; None otherwise.
        count: How many items the last request asked for; None where it did not say.
    """

    wanted: tuple[Part, ...] = ()
    avoided: tuple[Part, ...] = ()
    liked: tuple[Part, ...] = ()
    disliked: tuple[Part, ...] = ()
    seen: tuple[Part, ...] = ()
    rejected: tuple[Part, ...] = ()
    popularity: int = 0
    order: Part | None = None
    count: int | None = None

    @classmethod
    def of(cls, record: Mapping[str, Any] | None) -> State | None:
        """Read it from the service's form."""
        if record is None:
            return None
        names = ("wanted", "avoided", "liked", "disliked", "seen", "rejected")
        lists = {name: tuple(Part(part["key"], part["label"]) for part in record[name]) for name in names}
        popularity, order, count = record["popularity"], record.get("order"), record["count"]
        return cls(
            **lists,
            popularity=popularity["value"] if popularity else 0,
            order=Part(order["key"], order["label"]) if order else None,
            count=count and count["value"],
        )


@dataclass(frozen=True)
class Answer:
    """What the recommender said.

    Attributes:
        text: Its words.
        move: What it does: ``recommend``, ``list``, ``fact``, ``chat`` ..., or ``nothing`` where no item may be named.
        items: Ranked items; none where it does not recommend.
        probability: Of recommending at this point.
        constraints: What it understood to be asked for, in a few words.
        state: The same and more in parts; None where the model reads no messages.
    """

    text: str
    move: str
    items: tuple[RankedItem, ...]
    probability: float
    constraints: str
    state: State | None = None


@dataclass(frozen=True)
class Seen:
    """What a person has seen.

    Attributes:
        seen: The items, as the catalogue identifies them.
        liked: Those that were rated well, the best first.
        lines: What was found and what was not, in words.
    """

    seen: tuple[str, ...]
    liked: tuple[str, ...]
    lines: tuple[str, ...]


class Client:
    """The service at an address."""

    def __init__(self, url: str, *, key: str | None = None, timeout: float = 60.0) -> None:
        """Connect lazily.

        Args:
            url: Where the service is.
            key: An API key, where one is asked for.
            timeout: Seconds that an answer may take.
        """
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        """Use it for a while."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self._http.close()

    def start(self, **filters: Any) -> Conversation:
        """Begin a conversation that the service keeps.

        Args:
            filters: ``genres``, ``years``, ``exclude``, ``exclude_mentioned``.

        Raises:
            ServiceError: If the service refuses, or cannot be reached.
        """
        return self.conversation(self.call("POST", "/v1/sessions", {"filters": filters})["id"])

    def conversation(self, identity: str) -> Conversation:
        """Return a conversation that was begun before."""
        return Conversation(self, identity)

    def recommend(self, said: Sequence[str], count: int = 10, **filters: Any) -> tuple[RankedItem, ...]:
        """Rank the items for what a person said.

        Args:
            said: The person's messages.
            count: How many items.
            filters: As of :meth:`start`.

        Raises:
            ServiceError: If the service refuses, or cannot be reached.
        """
        messages = [{"role": "user", "content": text} for text in said]
        body = {"messages": messages, "k": count, "filters": filters}
        return tuple(RankedItem.of(record) for record in self.call("POST", "/v1/recommend", body)["items"])

    def seen(self, path: Path, *, liked_from: float = 7.0) -> Seen:
        """Find in the catalogue what a person has seen; filters leave it out as ``exclude``.

        Args:
            path: An export of Letterboxd, IMDb or Trakt, or a table with titles.
            liked_from: The rating out of ten from which a title counts as liked.

        Raises:
            DataError: If the file is no text.
            ServiceError: If it is none of these, or the service cannot be reached.
        """
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise DataError("the file is no UTF-8 text", path=path) from None
        found = self.call("POST", "/v1/seen", {"name": path.name, "text": text, "liked_from": liked_from})
        return Seen(tuple(found["seen"]), tuple(found["liked"]), tuple(found["lines"]))

    def put_item(
        self, identity: str, title: str, year: int | None = None, fields: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Add or replace an item; the key needs the scope ``items``."""
        body = {"title": title, "year": year, "fields": {name: list(values) for name, values in (fields or {}).items()}}
        self.call("PUT", _path(identity), body)

    def remove_item(self, identity: str) -> None:
        """Take an item out of the catalogue; the key needs the scope ``items``."""
        self.call("DELETE", _path(identity))

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, once: str | None = None) -> Any:
        """Send a request, again where the service was busy, or where it got lost and may be repeated.

        Args:
            method: Of HTTP.
            path: From the root.
            body: As JSON.
            once: A name of the request, under which it is carried out once however often it is sent.

        Raises:
            ServiceError: If the service refuses, or cannot be reached.
        """
        headers = {} if once is None else {"Idempotency-Key": once}
        for attempt in range(_PATIENCE):
            last = attempt + 1 == _PATIENCE
            try:
                answer = self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                if last or (once is None and method == "POST"):
                    raise ServiceError(f"the service cannot be reached: {error}") from None
                time.sleep(2**attempt / 4)
                continue
            again = _BUSY if once is None and method == "POST" else (*_BUSY, *_BROKEN_OFF)
            if answer.status_code not in again or last:
                break
            time.sleep(float(answer.headers.get("retry-after", "1")))
        if answer.is_success:
            return answer.json() if answer.content else None
        raise ServiceError(_problem(answer), answer.status_code)


class Conversation:
    """A conversation that the service keeps.

    Attributes:
        id: By which it is found again.
    """

    def __init__(self, client: Client, identity: str) -> None:
        """Name it."""
        self._client, self.id = client, identity

    def say(self, text: str, count: int = 10, *, recommend: bool | None = None) -> Answer:
        """Say something; it is said once, however often it must be sent.

        Args:
            text: In the person's own words.
            count: How many items to rank.
            recommend: Force or forbid a recommendation.

        Raises:
            ServiceError: If the service refuses, or cannot be reached.
        """
        body = {"text": text, "k": count, "recommend": recommend}
        path = f"/v1/sessions/{self.id}/messages"
        turn = self._client.call("POST", path, body, secrets.token_hex(16))["recommender"]
        reply = turn["reply"]
        items = tuple(RankedItem.of(record) for record in reply["items"])
        state = State.of(reply.get("state"))
        return Answer(turn["text"], reply["move"], items, reply["probability"], reply["constraints"], state)

    def judge(self, item: str, value: Literal["like", "dislike", "seen"] | None) -> tuple[RankedItem, ...]:
        """Say what the person thinks of an item and return the new ranking.

        Raises:
            ServiceError: If the service refuses, or cannot be reached.
        """
        body = {"session_id": self.id, "item_id": item, "value": value}
        return tuple(RankedItem.of(record) for record in self._client.call("POST", "/v1/feedback", body)["items"])

    def state(self) -> State | None:
        """Return what the person wants by now; None where the model reads no messages.

        Raises:
            ServiceError: If the service refuses, or cannot be reached.
        """
        return State.of(self._client.call("GET", f"/v1/sessions/{self.id}/state"))

    def remove(self, *keys: str) -> State | None:
        """Remove parts of the state by their keys, and return what is left of it.

        Raises:
            ServiceError: If there is no such part, the service refuses, or cannot be reached.
        """
        return State.of(self._client.call("PATCH", f"/v1/sessions/{self.id}/state", {"remove": keys})["state"])

    def set_popularity(self, value: Literal[-1, 0, 1]) -> State | None:
        """Ask for items that are well known (1), little known (-1) or either (0), and return the state then.

        What is said later may change it again.

        Raises:
            ServiceError: If nothing says how well known the items are, the service refuses, or cannot be reached.
        """
        body = {"popularity": value}
        return State.of(self._client.call("PATCH", f"/v1/sessions/{self.id}/state", body)["state"])

    def turns(self) -> list[tuple[str, str]]:
        """Return who said what."""
        whole = self._client.call("GET", f"/v1/sessions/{self.id}")
        return [(turn["speaker"], turn["text"]) for turn in whole["turns"]]

    def delete(self) -> None:
        """Have the service forget all of it."""
        self._client.call("DELETE", f"/v1/sessions/{self.id}")


def _path(item: str) -> str:
    """Return where an item is; an id may hold anything, and a bare ``..`` would lead away."""
    return "/v1/items/" + quote(item, safe="").replace(".", "%2E")


def _problem(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the service failed ({answer.status_code})"
