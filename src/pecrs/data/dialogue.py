"""Dialogues: who said what, which items were named where, and what the seeker thought of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, TypeAdapter

from pecrs.data.records import FromList, Record, located, read_records
from pecrs.errors import DataError

if TYPE_CHECKING:
    from pecrs.data.catalogue import Catalogue, Item

_MARKED = re.compile(r"\[\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+|.+?)\]\]")
"""An identifier in double brackets; it may hold square brackets of its own, where each has its partner."""


class Speaker(StrEnum):
    """The two roles of a recommendation dialogue."""

    SEEKER = "seeker"
    RECOMMENDER = "recommender"


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A span of an utterance that names an item.

    Attributes:
        start: First character.
        end: One past the last character.
        item: Identifier of the item.
    """

    start: int
    end: int
    item: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance.

    Attributes:
        speaker: Who speaks.
        text: The words as people read them, item names included.
        mentions: Spans of ``text`` that name items, in order and without overlap. In the model's input each span reads
            ``[ITEM]``.
        items: The distinct items of the turn, in text order; items of mentions first come first, then those that the
            source attaches to the turn without a span.
        messages: Indices of the source's messages that this turn covers, ascending (several once merged).
        shown: The first of the ranked items that came with a recommendation, best first, as they stand on the screen.
            The model reads nothing of them; what the other points at may be one.

    Raises:
        DataError: If the text is none that UTF-8 can hold, spans are out of range or overlap, or ``items`` is not
            consistent with ``mentions``.
    """

    speaker: Speaker
    text: str
    mentions: tuple[Mention, ...] = ()
    items: tuple[str, ...] = ()
    messages: tuple[int, ...] = ()
    shown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Derive ``items`` from the mentions where none are given, and check consistency."""
        try:
            self.text.encode()
        except UnicodeEncodeError:
            raise DataError("it holds bytes that are not UTF-8, or half a surrogate pair", field="text") from None
        end = 0
        for mention in self.mentions:
            if mention.start < end or mention.end <= mention.start or mention.end > len(self.text):
                raise DataError(f"span {mention.start}-{mention.end} is out of order or range", field="mentions")
            end = mention.end
        named = tuple(dict.fromkeys(mention.item for mention in self.mentions))
        if not self.items:
            object.__setattr__(self, "items", named)
        if len(set(self.items)) != len(self.items):
            raise DataError("an item is listed twice in one turn", field="items")
        if self.items[: len(named)] != named:
            raise DataError("items must begin with the mentioned ones in text order", field="items")

    @property
    def words(self) -> tuple[str, ...]:
        """The text before, between and after the mentions."""
        ends = (0, *(mention.end for mention in self.mentions))
        starts = (*(mention.start for mention in self.mentions), len(self.text))
        return tuple(self.text[end:start] for end, start in zip(ends, starts, strict=True))


@dataclass(frozen=True, slots=True)
class ItemLabel:
    """The seeker's word on an item, where the source has it.

    Attributes:
        suggested: True if the recommender brought it up, False if the seeker did, None if unknown.
        seen: Whether the seeker has seen it, or None.
        liked: Whether the seeker likes it, or None.
    """

    suggested: bool | None = None
    seen: bool | None = None
    liked: bool | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation.

    Attributes:
        id: The source's conversation identifier as a string.
        turns: The utterances in order. Either role may open; speakers need not alternate.
        labels: The seeker's answers by item id (ReDial's ``initiatorQuestions``); empty where unknown.
    """

    id: str
    turns: tuple[Turn, ...]
    labels: Mapping[str, ItemLabel] = field(default_factory=dict)

    @classmethod
    def from_texts(cls, id: str, texts: Iterable[tuple[str, str]], catalogue: Catalogue) -> Dialogue:
        """Make a dialogue of texts in which ``[[ID]]`` names an item; people read its name there.

        Args:
            id: The identifier.
            texts: Who says what: ``seeker`` or ``recommender``, and the text.
            catalogue: The items that may be named.

        Raises:
            DataError: If a speaker is another, or an item is not in the catalogue.

        >>> from pecrs import Catalogue, Item
        >>> films = Catalogue((Item("f1", "Alien", 1979),), ("title",))
        >>> Dialogue.from_texts("1", [("seeker", "Hi"), ("recommender", "Try [[f1]]!")], films).turns[1].text
        'Try Alien (1979)!'
        """
        turns = []
        for number, (speaker, marked) in enumerate(texts):
            if speaker not in tuple(Speaker):
                raise DataError(f"seeker or recommender is expected, not {speaker!r}", field="speaker")
            text, mentions = read_marked(marked, catalogue.__getitem__)
            turns.append(Turn(Speaker(speaker), text, mentions, messages=(number,)))
        return cls(id, tuple(turns))

    def mentioned_before(self, turn: int) -> tuple[str, ...]:
        """Return the distinct items named in the turns before ``turn``, in order of first mention."""
        return tuple(dict.fromkeys(item for earlier in self.turns[:turn] for item in earlier.items))


def read_marked(
    text: str, find: Callable[[str], Item | None], mark: re.Pattern[str] = _MARKED
) -> tuple[str, tuple[Mention, ...]]:
    """Put the names of items where a text marks them, and return it with the mentions.

    Args:
        text: With identifiers in double brackets, ``[[ID]]``, or as ``mark`` finds them.
        find: Returns the item of an identifier; what it raises is passed on, and where it returns None the mark stays.
        mark: Its first group is the identifier.
    """
    read, position = "", 0
    mentions = []
    for match in mark.finditer(text):
        item = find(match[1])
        if item is None:
            continue
        read += text[position : match.start()]
        mentions.append(Mention(len(read), len(read) + len(item.name), item.id))
        read += item.name
        position = match.end()
    return read + text[position:], tuple(mentions)


def merge_turns(dialogue: Dialogue) -> Dialogue:
    """Join consecutive turns of one speaker, as the paper's data does.

    The merged text is joined by one space; items keep text order, each once; message indices are kept.

    Args:
        dialogue: Per-message turns.
    """
    merged: list[Turn] = []
    for turn in dialogue.turns:
        if merged and merged[-1].speaker is turn.speaker:
            merged[-1] = _join(merged[-1], turn)
        else:
            merged.append(turn)
    return Dialogue(dialogue.id, tuple(merged), dialogue.labels)


def _join(left: Turn, right: Turn) -> Turn:
    offset = len(left.text) + 1
    mentions = left.mentions + tuple(Mention(m.start + offset, m.end + offset, m.item) for m in right.mentions)
    named = [mention.item for mention in mentions]
    items = tuple(dict.fromkeys([*named, *left.items, *right.items]))
    return Turn(left.speaker, f"{left.text} {right.text}", mentions, items, left.messages + right.messages)


def named_items(dialogues: Sequence[Dialogue]) -> set[str]:
    """Return the items that dialogues name."""
    return {item for dialogue in dialogues for turn in dialogue.turns for item in turn.items}


def dialogue_records(dialogues: Iterable[Dialogue]) -> Iterator[dict[str, object]]:
    """Yield the lines of the prepared form."""
    return (_to_record(dialogue) for dialogue in dialogues)


def load_dialogues(path: Path) -> list[Dialogue]:
    """Read the prepared form.

    Args:
        path: A prepared ``train.jsonl`` or ``valid.jsonl``.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    dialogues: dict[str, Dialogue] = {}
    for line, record in read_records(path, _RECORD):
        with located(path, line):
            if record.id in dialogues:
                raise DataError(f"dialogue {record.id!r} is there twice", field="id")
            dialogues[record.id] = record.dialogue()
    return list(dialogues.values())


def check_items(dialogues: Sequence[Dialogue], known: Iterable[str], path: Path | None = None) -> None:
    """Refuse dialogues that name items the catalogue lacks.

    Args:
        dialogues: What to check.
        known: The catalogue's identifiers.
        path: The file they came from, for the message.

    Raises:
        DataError: Naming the dialogue and the unknown identifier.
    """
    identifiers = set(known)
    for dialogue in dialogues:
        for position, turn in enumerate(dialogue.turns):
            for item in turn.items:
                if item not in identifiers:
                    message = f"dialogue {dialogue.id!r}, turn {position}: item {item!r} is not in the catalogue"
                    raise DataError(message, path=path, field="items")


def _to_record(dialogue: Dialogue) -> dict[str, object]:
    record: dict[str, object] = {
        "id": dialogue.id,
        "turns": [
            {
                "speaker": turn.speaker.value,
                "text": turn.text,
                "mentions": [[m.start, m.end, m.item] for m in turn.mentions],
                "items": list(turn.items),
                "messages": list(turn.messages),
            }
            for turn in dialogue.turns
        ],
    }
    if dialogue.labels:
        record["labels"] = {k: [v.suggested, v.seen, v.liked] for k, v in dialogue.labels.items()}
    return record


_Index = Annotated[int, Field(ge=0)]
_Answer = bool | None


class _TurnRecord(Record):
    speaker: Annotated[Speaker, FromList]
    text: str
    mentions: list[Annotated[tuple[_Index, _Index, str], FromList]] = Field(default_factory=list)
    items: list[str] = Field(default_factory=list)
    messages: list[_Index] = Field(default_factory=list)

    def turn(self, position: int) -> Turn:
        """Return the turn; without numbers of messages, its position is that of its only one."""
        messages = self.messages or [position]
        if messages != sorted(set(messages)):
            raise DataError("ascending message numbers are expected", field="messages")
        mentions = tuple(Mention(*mention) for mention in self.mentions)
        return Turn(self.speaker, self.text, mentions, tuple(self.items), tuple(messages))


class _DialogueRecord(Record):
    id: str
    turns: Annotated[list[_TurnRecord], Field(min_length=1)]
    labels: dict[str, Annotated[tuple[_Answer, _Answer, _Answer], FromList]] = Field(default_factory=dict)

    def dialogue(self) -> Dialogue:
        turns: list[Turn] = []
        numbers: set[int] = set()
        for position, record in enumerate(self.turns):
            with located(inside=f"turns[{position}]"):
                turn = record.turn(position)
                if repeated := numbers.intersection(turn.messages):
                    raise DataError(f"message {min(repeated)} is in an earlier turn too", field="messages")
            turns.append(turn)
            numbers.update(turn.messages)
        return Dialogue(self.id, tuple(turns), {item: ItemLabel(*answers) for item, answers in self.labels.items()})


_RECORD = TypeAdapter(_DialogueRecord)
