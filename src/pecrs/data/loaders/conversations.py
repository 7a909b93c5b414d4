"""Dialogues of your own: turns with a speaker, or the messages of a chat model; one dialogue a line.

    {"id": "1", "turns": [{"speaker": "seeker", "text": "I need boots"},
                          {"speaker": "recommender", "text": "Try [[b-17]]!"}]}
    {"messages": [{"role": "system", "content": "Be helpful."}, {"role": "user", "content": "I need boots"},
                  {"role": "assistant", "content": [{"type": "text", "text": "Try the Trail Boot!"}]}]}

``[[ID]]`` in a text names an item; people read its name there. A message may also carry ``"items": [ids]``: in a text
without any ``[[ID]]`` they are searched by title, and they stay attached to the turn either way. A dialogue may carry
``"labels": {id: {"suggested": bool, "seen": bool, "liked": bool}}``, each of the answers optional or null.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, ItemLabel, Mention, Speaker, Turn
from pecrs.data.files import read_jsonl
from pecrs.data.loaders.titles import locate
from pecrs.data.splits import Reading
from pecrs.data.values import identifier_of, required
from pecrs.errors import DataError, suggestion

ROLES: Mapping[str, Speaker] = {"user": Speaker.SEEKER, "assistant": Speaker.RECOMMENDER}
"""The roles of a chat model's messages that are turns of a dialogue."""
SKIPPED_ROLES = ("system", "developer", "tool", "function")
"""Those that are none: they are counted and left out."""

_MENTION = re.compile(r"\[\[(.+?)\]\]")
_ANSWERS = ("suggested", "seen", "liked")
_TEXT_PARTS = ("text", "input_text", "output_text")


class _Form(NamedTuple):
    """How a dialogue is written: the names of its list of messages, and of speaker and text in each."""

    messages: str
    speaker: str
    text: str


_TURNS = _Form("turns", "speaker", "text")
_CHAT = _Form("messages", "role", "content")


class DialogueReader:
    """Reads dialogue files, and counts what of them is no part of a dialogue.

    Attributes:
        catalogue: The items that may be named.
        unread: How often each field that is not known occurs, by file and name.
        skipped: How often each kind of message or content that is not read occurs, by file and kind.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Start with nothing counted."""
        self.catalogue = catalogue
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
        for line, record in read_jsonl(path):
            try:
                reading = self._reading(path, line, record)
                identifier = reading.dialogue.id
                if identifier in readings:
                    raise DataError(f"dialogue {identifier!r} is in line {readings[identifier].line} too", field="id")
            except DataError as error:
                raise DataError(error.reason, path=path, line=line, field=error.field) from None
            readings[identifier] = reading
        return list(readings.values())

    def _reading(self, path: Path, line: int, record: Mapping[str, Any]) -> Reading:
        form = _CHAT if "turns" not in record and "messages" in record else _TURNS
        self._count_unread(path, "", record, ("id", form.messages, "labels"))
        if form is _CHAT and record.get("id") is None:
            identifier = f"{path.name.partition('.')[0]}-{line}"
        else:
            identifier = identifier_of(required(record, "id"), "id")
        messages = record.get(form.messages)
        if not isinstance(messages, list):
            raise DataError("a list is expected", field=form.messages)
        turns: list[Turn] = []
        for index, message in enumerate(messages):
            try:
                turns += self._turns(path, form, message, index)
            except DataError as error:
                raise DataError(error.reason, field=f"{form.messages}[{index}].{error.field}") from None
        said = tuple(turn for turn in turns if turn.text)
        return Reading(Dialogue(identifier, said, _labels(record, self.catalogue)), len(turns), line)

    def _turns(self, path: Path, form: _Form, message: Any, index: int) -> Iterator[Turn]:
        """Yield the message as a turn, unless it is none of seeker and recommender."""
        speaker = _speaker(message, form)
        if speaker is None:
            self.skipped[path.name, f"{message[form.speaker]} messages"] += 1
            return
        self._count_unread(path, f"{form.messages}.", message, (form.speaker, form.text, "items"))
        raw, listed = message.get(form.text), message.get("items", [])
        if form is _CHAT:
            raw = self._chat_text(path, raw)
        if not isinstance(raw, str):
            raise DataError("a string is expected", field=form.text)
        if not isinstance(listed, list):
            raise DataError("a list of item ids is expected", field="items")
        ids = [identifier_of(item, "items") for item in listed]
        _require_known(ids, self.catalogue, "items")
        text, mentions = _read_mentions(raw.strip(), self.catalogue, form.text)
        if not text and ids:
            raise DataError("a turn with items needs a text", field=form.text)
        if not mentions:
            mentions = locate(text, {item: self.catalogue[item].title for item in ids})
        items = tuple(dict.fromkeys([*(mention.item for mention in mentions), *ids]))
        yield Turn(speaker, text, mentions, items, (index,))

    def _chat_text(self, path: Path, content: Any) -> Any:
        """Return the text of a chat model's message: a string, the text parts of a list, "" of a call of tools."""
        if not isinstance(content, list):
            return "" if content is None else content
        texts = []
        for part in content:
            kind = part.get("type") if isinstance(part, dict) else None
            text = part.get("text") if isinstance(part, dict) and kind in _TEXT_PARTS else part
            if isinstance(text, str):
                texts.append(text)
            elif isinstance(kind, str) and kind not in _TEXT_PARTS:
                self.skipped[path.name, f"content parts of type {kind}"] += 1
            else:
                raise DataError('a string or parts {"type": "text", "text": "..."} are expected', field="content")
        return " ".join(texts)

    def _count_unread(self, path: Path, prefix: str, record: Mapping[str, Any], known: Sequence[str]) -> None:
        for name in record:
            if name not in known:
                self.unread[path.name, prefix + name, suggestion(name, known)] += 1


def _speaker(message: Any, form: _Form) -> Speaker | None:
    speaker = message.get(form.speaker) if isinstance(message, dict) else None
    if form is _TURNS and speaker in tuple(Speaker):
        return Speaker(speaker)
    if form is _CHAT and isinstance(speaker, str) and speaker in (*ROLES, *SKIPPED_ROLES):
        return ROLES.get(speaker)
    expected = "seeker or recommender" if form is _TURNS else f"one of {', '.join((*ROLES, *SKIPPED_ROLES))}"
    raise DataError(f"{expected} is expected", field=form.speaker)


def _read_mentions(raw: str, catalogue: Catalogue, field: str) -> tuple[str, tuple[Mention, ...]]:
    text, position = "", 0
    mentions = []
    for match in _MENTION.finditer(raw):
        item = identifier_of(match[1], field)
        _require_known([item], catalogue, field)
        text += raw[position : match.start()]
        name = catalogue[item].name
        mentions.append(Mention(len(text), len(text) + len(name), item))
        text += name
        position = match.end()
    return text + raw[position:], tuple(mentions)


def _require_known(items: Sequence[str], catalogue: Catalogue, field: str) -> None:
    for item in items:
        if item not in catalogue:
            near = "" if item.isdecimal() else suggestion(item, (known.id for known in catalogue))
            raise DataError(f"item {item!r} is not in the catalogue{near}", field=field)


def _labels(record: Mapping[str, Any], catalogue: Catalogue) -> dict[str, ItemLabel]:
    written = record.get("labels", {})
    if not isinstance(written, dict):
        raise DataError("a map from item ids to answers is expected", field="labels")
    answers = {identifier_of(item, "labels"): values for item, values in written.items()}
    _require_known(list(answers), catalogue, "labels")
    labels = {}
    for item, values in answers.items():
        if not isinstance(values, dict) or not set(values) <= set(_ANSWERS):
            raise DataError(f"a map with {', '.join(_ANSWERS)} is expected", field=f"labels.{item}")
        if not all(value is None or isinstance(value, bool) for value in values.values()):
            raise DataError("true, false or null is expected", field=f"labels.{item}")
        labels[item] = ItemLabel(**values)
    return labels
