"""Dialogues of your own: turns with a speaker, or the messages of a chat model; one dialogue a line.

    {"id": "1", "turns": [{"speaker": "seeker", "text": "I need boots"},
                          {"speaker": "recommender", "text": "Try [[b-17]]!"}]}
    {"messages": [{"role": "system", "content": "Be helpful."}, {"role": "user", "content": "I need boots"},
                  {"role": "assistant", "content": [{"type": "text", "text": "Try the Trail Boot!"}]}]}

``[[ID]]`` in a text names an item; people read its name there. A message may also carry ``"items": [ids]``: in a text
without any ``[[ID]]`` they are searched by title, and they stay attached to the turn either way. A dialogue may carry
``"labels": {id: {"suggested": bool, "seen": bool, "liked": bool}}``, each of the answers optional or null. Where
validation goes by it, a dialogue must say when it was held (``time``) or to which group it belongs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, ItemLabel, Speaker, Turn, read_marked
from pecrs.data.files import read_jsonl
from pecrs.data.loaders.titles import locate
from pecrs.data.records import FromList, Identifier, Record, located, validated
from pecrs.data.splits import Reading
from pecrs.data.validation import Rule
from pecrs.data.values import identifier_of
from pecrs.errors import DataError, suggestion

_ROLES = MappingProxyType({"user": Speaker.SEEKER, "assistant": Speaker.RECOMMENDER})
_RANDOM = Rule("random")
_TEXT_PARTS = ("text", "input_text", "output_text")

_Id = Annotated[Identifier, AfterValidator(lambda text: " ".join(text.split()))]
"""An identifier with its spaces as the catalogue has them."""


class _Written(Record):
    """An object whose unknown fields are kept, to be counted."""

    model_config = ConfigDict(extra="allow")


class _Turn(_Written):
    field: ClassVar = "text"

    speaker: Annotated[Speaker, FromList]
    text: str
    items: list[_Id] = Field(default_factory=list)


class _Part(_Written):
    """A part of a chat message; those of other types hold no text."""

    type: str
    text: str | None = None

    @model_validator(mode="after")
    def _holds_text(self) -> Self:
        if self.type in _TEXT_PARTS and self.text is None:
            raise PydanticCustomError("part", "a text is expected")
        return self


def _as_parts(content: object) -> object:
    """Return the parts of a message: a string is one, a call of tools has none."""
    parts = [] if content is None else [content] if isinstance(content, str) else content
    if not isinstance(parts, list):
        raise PydanticCustomError("parts", "a string or a list of parts is expected")
    return [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]


class _ChatMessage(_Written):
    field: ClassVar = "content"

    role: Literal["user", "assistant", "system", "developer", "tool", "function"]
    content: Annotated[list[_Part], BeforeValidator(_as_parts)] = Field(default_factory=list)
    items: list[_Id] = Field(default_factory=list)

    @property
    def speaker(self) -> Speaker | None:
        """Who speaks; None where it is neither seeker nor recommender."""
        return _ROLES.get(self.role)

    @property
    def text(self) -> str:
        return " ".join(part.text or "" for part in self.content if part.type in _TEXT_PARTS)


class _Answers(Record):
    model_config = ConfigDict(extra="forbid")

    suggested: bool | None = None
    seen: bool | None = None
    liked: bool | None = None


class _Conversation(_Written):
    id: _Id | None = None
    labels: dict[_Id, _Answers] = Field(default_factory=dict)


class _Dialogue(_Conversation):
    messages: list[_Turn] = Field(alias="turns")


class _Chat(_Conversation):
    messages: list[_ChatMessage]


_DIALOGUE, _CHAT = TypeAdapter(_Dialogue), TypeAdapter(_Chat)


class DialogueReader:
    """Reads dialogue files, and counts what of them is no part of a dialogue.

    Attributes:
        catalogue: The items that may be named.
        rule: By which field dialogues are held out for validation.
        unread: How often each field that is not known occurs, by file, name and what may be meant.
        skipped: How often each kind of message or content that is not read occurs, by file and kind.
    """

    def __init__(self, catalogue: Catalogue, rule: Rule = _RANDOM) -> None:
        """Start with nothing counted."""
        self.catalogue = catalogue
        self.rule = rule
        self.unread: Counter[tuple[str, str, str]] = Counter()
        self.skipped: Counter[tuple[str, str]] = Counter()

    @property
    def remarks(self) -> list[str]:
        """What was counted, in words."""
        told = [f"{file}: {count:,} {kind} skipped" for (file, kind), count in self.skipped.items()]
        for (file, name, meant), count in self.unread.items():
            told.append(f"{file}: field '{name}' is not read, {count:,} times{meant}")
        return told

    def read(self, path: Path) -> list[Reading]:
        """Return the dialogues of a file.

        Raises:
            DataError: Naming file, line and field of what is wrong.
        """
        readings: dict[str, Reading] = {}
        for line, value in read_jsonl(path):
            with located(path, line):
                reading = self._reading(path, line, value)
                identifier = reading.dialogue.id
                if identifier in readings:
                    raise DataError(f"dialogue {identifier!r} is in line {readings[identifier].line} too", field="id")
            readings[identifier] = reading
        return list(readings.values())

    def _reading(self, path: Path, line: int, value: Mapping[str, Any]) -> Reading:
        form = "messages" if "messages" in value and "turns" not in value else "turns"
        record = validated(_CHAT, value) if form == "messages" else validated(_DIALOGUE, value)
        messages: Sequence[_Turn | _ChatMessage] = record.messages
        self._count_unread(path, "", record)
        turns = []
        for index, message in enumerate(messages):
            if isinstance(message, _ChatMessage):
                self._count_skipped(path, message)
            if message.speaker is not None:
                self._count_unread(path, f"{form}.", message)
                with located(inside=f"{form}[{index}]"):
                    turns.append(self._turn(message.speaker, message, index))
        _require_known(list(record.labels), self.catalogue, "labels")
        labels = {item: ItemLabel(**dict(answers)) for item, answers in record.labels.items()}
        identifier = record.id or f"{path.name.partition('.')[0]}-{line}"
        dialogue = Dialogue(identifier, tuple(turn for turn in turns if turn.text), labels)
        return Reading(dialogue, len(turns), line, self.rule.moment(value), self.rule.groups(value))

    def _turn(self, speaker: Speaker, message: _Turn | _ChatMessage, index: int) -> Turn:
        _require_known(message.items, self.catalogue, "items")
        text, mentions = read_marked(message.text.strip(), lambda mark: _find(mark, self.catalogue, message.field))
        if not text and message.items:
            raise DataError("a turn with items needs a text", field=message.field)
        if not mentions:
            mentions = locate(text, {item: self.catalogue[item].title for item in message.items})
        items = tuple(dict.fromkeys([*(mention.item for mention in mentions), *message.items]))
        return Turn(speaker, text, mentions, items, (index,))

    def _count_skipped(self, path: Path, message: _ChatMessage) -> None:
        if message.speaker is None:
            self.skipped[path.name, f"{message.role} messages"] += 1
        else:
            others = [part.type for part in message.content if part.type not in _TEXT_PARTS]
            self.skipped.update((path.name, f"content parts of type {kind}") for kind in others)

    def _count_unread(self, path: Path, prefix: str, record: _Written) -> None:
        known = [field.alias or name for name, field in type(record).model_fields.items()]
        for name in record.model_extra or ():
            if prefix or name != self.rule.field:
                self.unread[path.name, prefix + name, suggestion(name, known)] += 1


def _find(identifier: str, catalogue: Catalogue, field: str) -> Item:
    item = identifier_of(identifier, field)
    _require_known([item], catalogue, field)
    return catalogue[item]


def _require_known(items: Sequence[str], catalogue: Catalogue, field: str) -> None:
    for item in items:
        if item not in catalogue:
            near = "" if item.isdecimal() else suggestion(item, (known.id for known in catalogue))
            raise DataError(f"item {item!r} is not in the catalogue{near}", field=field)
