"""What goes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from pecrs.inference.moves import MoveKind
from pecrs.linking.seen import LIKED_FROM
from pecrs.server.bodies import Count, FieldName, ItemId, PartKey, Short, Strict, Text, Value
from pecrs.server.filters import FiltersBody
from pecrs.server.states import StateBody


class ItemBody(BaseModel):
    """An item, described by text."""

    id: str
    title: str
    year: int | None
    fields: dict[str, list[str]]


class ItemRecord(Strict):
    """A new or replaced item."""

    title: Annotated[Short, Field(min_length=1, examples=["The Sea House"])]
    year: Annotated[int, Field(ge=0, le=9999)] | None = Field(None, examples=[2024])
    fields: dict[FieldName, Annotated[list[Value], Field(max_length=200)]] = Field(
        {}, max_length=50, examples=[{"genres": ["drama"], "actors": ["A. Hart"]}]
    )


class ItemChange(Strict):
    """What changes of an item; fields that are named replace the old ones, empty ones go away."""

    title: Annotated[Short, Field(min_length=1)] | None = None
    year: Annotated[int, Field(ge=0, le=9999)] | None = None
    fields: dict[FieldName, Annotated[list[Value], Field(max_length=200)]] = Field({}, max_length=50)


class ItemPage(BaseModel):
    """Some items."""

    data: list[ItemBody]
    has_more: bool


class Why(BaseModel):
    """How a score depends on one turn of the dialogue."""

    turn: int
    speaker: str
    text: str
    change: float


class Ranked(BaseModel):
    """An item in a ranking."""

    rank: int
    item: ItemBody
    score: float
    retrieval: float
    rerank: float | None
    why: list[Why] | None = None


class MentionBody(BaseModel):
    """A span of a text that names an item."""

    start: int
    end: int
    item: str


class ReplyBody(BaseModel):
    """What an answer comes with."""

    move: MoveKind | None = Field(
        None, description="What the answer does; `null` in answers of earlier versions of the service."
    )
    recommends: bool
    probability: float
    items: list[Ranked]
    mentions: list[MentionBody]
    constraints: str = Field(description="What the person wants by now in a few words; empty if nothing.")
    state: StateBody | None = Field(
        None, description="The same and more in parts; `null` where the model reads no messages."
    )
    timings: dict[str, float]


class TurnBody(BaseModel):
    """One utterance of a conversation."""

    position: int
    speaker: Literal["seeker", "recommender"]
    text: str
    mentions: list[MentionBody]
    reply: ReplyBody | None = None


class SessionBody(BaseModel):
    """A conversation."""

    id: str
    title: str
    created: datetime
    updated: datetime
    filters: FiltersBody


class WholeSession(SessionBody):
    """A conversation with all that was said in it."""

    turns: list[TurnBody]
    feedback: dict[str, str]


class SessionPage(BaseModel):
    """Some conversations."""

    data: list[SessionBody]
    has_more: bool


class NewSession(Strict):
    """How a conversation begins."""

    filters: FiltersBody = FiltersBody()


class SessionChange(Strict):
    """What changes of a conversation."""

    title: Annotated[Text, StringConstraints(min_length=1, max_length=200)] | None = None
    filters: FiltersBody | None = None


class NewMessage(Strict):
    """What the seeker says."""

    text: Text = Field(examples=["I loved Alien. Anything like it from the 80s?"])
    k: Count = 10
    recommend: bool | None = None
    stream: bool = False


class Exchange(BaseModel):
    """A message and its answer."""

    seeker: TurnBody
    recommender: TurnBody


class Part(BaseModel):
    """A part of a message's content; only text is read."""

    type: Text
    text: Text | None = None


def _form(content: Any) -> str:
    return "parts" if isinstance(content, list) else "text"


class Message(BaseModel):
    """A message in OpenAI's form.

    System and developer messages are accepted and not read, since the model follows no instructions; nor are the
    results of tools. Content may be null or empty in all messages but the last of the user.
    """

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[
        Annotated[Text | None, Tag("text")] | Annotated[list[Part], Tag("parts")], Discriminator(_form)
    ] = None
    tool_calls: list[Any] | None = None
    function_call: Any = None

    @property
    def words(self) -> str:
        """The text; empty where there is none."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class Utterances(Strict):
    """A dialogue as UserSimCRS sends it."""

    context: list[Text] = Field([], examples=[["Hi, any good comedies?", "How about Big (1988)?"]])
    message: Annotated[Text, Field(min_length=1, examples=["Something newer, please"])]


class RecommendBody(Strict):
    """A dialogue, or the name of one, to rank the items for."""

    messages: list[Message] | None = Field(None, examples=[[{"role": "user", "content": "Something like Alien?"}]])
    session_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    position: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="Of a conversation that is kept, read only the turns before this one."
    )
    k: Count = 10
    filters: FiltersBody | None = None
    explain: bool = False


class Recommendation(BaseModel):
    """Ranked items for a dialogue."""

    items: list[Ranked]
    probability: float
    state: StateBody | None


class FeedbackBody(Strict):
    """What a person thinks of an item; null takes it back."""

    session_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    item_id: ItemId
    value: Literal["like", "dislike", "seen"] | None
    k: Count = 10


class SeenFile(Strict):
    """A file that says what a person has seen."""

    name: Annotated[Short, Field(min_length=1, examples=["ratings.csv"])]
    text: Annotated[Text, Field(description="What it holds.", examples=["title,year,rating\nAlien,1979,9"])]
    liked_from: float = Field(LIKED_FROM, ge=0, le=10, description="The rating of ten from which one is liked.")


class Seen(BaseModel):
    """What of a file is in the catalogue; `lines` say it in words."""

    kind: str
    titles: int
    seen: list[str]
    liked: list[str]
    unknown: list[str]
    ambiguous: list[str]
    skipped: int
    lines: list[str]


class StateChange(Strict):
    """What changes of the state: parts that the person does not want any more, and how well known items should be."""

    remove: list[PartKey] = Field([], max_length=100, examples=[["want:comedy"]])
    popularity: Literal[-1, 0, 1] | None = Field(
        None, description="1 asks for well-known items, -1 for little-known ones, 0 for either; `null` leaves it."
    )
    k: Count = 10

    @model_validator(mode="after")
    def _changes(self) -> Self:
        if not self.remove and self.popularity is None:
            raise ValueError("give keys to `remove`, or a `popularity`")
        return self


class Standing(BaseModel):
    """The ranking and the state as they are now, and all that was said of items."""

    items: list[Ranked]
    state: StateBody | None
    feedback: dict[str, str]


class Extras(Strict):
    """What a completion may be asked beside OpenAI's fields."""

    k: Count = 10
    filters: FiltersBody | None = None
    recommend: bool | None = None


class Completion(BaseModel):
    """OpenAI's request; fields that are not listed here are accepted and have no effect."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "pecrs", "messages": [{"role": "user", "content": "I loved Alien. What next?"}]}]
        }
    )
    model: Text
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    n: int | None = Field(None, description="One answer is given; more are refused.")
    tools: list[Any] | None = Field(None, description="Accepted, and never called.")
    tool_choice: Any = Field(None, description="A call that is required is refused.")
    function_call: Any = Field(None, description="As `tool_choice`, in the older form.")
    modalities: list[Any] | None = Field(None, description="Answers are text; anything else is refused.")
    response_format: Any = Field(None, description="Answers are plain text; anything else is refused.")
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    pecrs: Extras | None = None


class Me(BaseModel):
    """What a client may do here."""

    auth: bool
    scopes: list[str]
    model: str
