"""Grounded words: a decided move becomes a short reply in which every fact stands in the catalogue.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.inference.lexicon import fact_values, lexicon, listed, nouns, summary, with_article
from pecrs.inference.policy import Move, MoveKind
from pecrs.inference.reasons import common_values, describe, phrase, reasons
from pecrs.inference.selection import Selection
from pecrs.inference.state import DialogueState

_ITEM = "{item}"
_SHOWN = 4
"""Most names of a cast that one reply tells."""


@dataclass(frozen=True)
class Situation:
    """What words may be drawn from.

    Attributes:
        catalogue: The items.
        state: What the person wants.
        chosen: The recommended items, best first.
        selection: What was given up to find them; None where nothing was chosen.
        number: How many turns there were, which varies the wording.
    """

    catalogue: Catalogue
    state: DialogueState
    chosen: tuple[Item, ...] = ()
    selection: Selection | None = None
    number: int = 0


class _Text:
    """A reply in the making, with the places of its items."""

    def __init__(self) -> None:
        self.text = ""
        self.mentions: list[Mention] = []

    def add(self, words: str, **items: Item) -> None:
        """Append a sentence; ``{name}`` stands for an item's name and becomes a mention."""
        if self.text and not self.text.endswith("\n"):
            self.text += " "
        start = 0
        while start < len(words):
            places = {words.find(f"{{{name}}}", start): name for name in items if f"{{{name}}}" in words[start:]}
            place = min(places, default=len(words))
            self.text += words[start:place]
            if place == len(words):
                return
            name = places[place]
            self._mention(items[name])
            start = place + len(name) + 2

    def _mention(self, item: Item) -> None:
        self.mentions.append(Mention(len(self.text), len(self.text) + len(item.name), item.id))
        self.text += item.name

    def turn(self) -> Turn:
        """Return it as the recommender's turn."""
        return Turn(Speaker.RECOMMENDER, self.text, tuple(self.mentions))


def compose(move: Move, situation: Situation) -> Turn:
    """Return the reply to a move.

    Args:
        move: What was decided.
        situation: What it is about.
    """
    writers = {
        MoveKind.RECOMMEND: _recommend,
        MoveKind.LIST: _list,
        MoveKind.FACT: _fact,
        MoveKind.WHY: _why,
        MoveKind.COMPARE: _compare,
        MoveKind.ACKNOWLEDGE: _acknowledge,
        MoveKind.CLOSE: _close,
        MoveKind.NOTHING: _nothing,
    }
    text = _Text()
    writers.get(move.kind, _plain)(text, move, situation)
    return text.turn()


def _pick(options: Sequence[str], number: int) -> str:
    return options[number % len(options)]


def _fill(words: str, **values: str) -> str:
    """Fill slots, those of items left as they are."""
    for name, value in values.items():
        words = words.replace(f"{{{name}}}", value)
    return words


def _plain(text: _Text, move: Move, situation: Situation) -> None:
    one, several = nouns(situation.catalogue)
    words = _pick(lexicon()[move.after or move.kind.value], situation.number)
    text.add(_fill(words, noun=one, nouns=several))


def _recommend(text: _Text, move: Move, situation: Situation) -> None:
    if not situation.chosen:
        return _nothing(text, move, situation)
    _concede(text, situation)
    item = situation.chosen[0]
    leads = lexicon()["again"][move.after] if move.after else lexicon()["offer"]
    text.add(_pick(leads, situation.number), item=item)
    own = reasons(item, situation.catalogue, situation.state)
    if own.shared is not None:
        text.add(_fill(_pick(lexicon()["shared"], situation.number), what=own.shared[1]), other=own.shared[0])
    else:
        what = describe(item, situation.catalogue, situation.state)
        if what:
            text.add(_fill(_pick(lexicon()["fits"], situation.number), what=what))
    return None


def _list(text: _Text, move: Move, situation: Situation) -> None:
    if not situation.chosen:
        return _nothing(text, move, situation)
    _concede(text, situation)
    _, several = nouns(situation.catalogue)
    head = _pick(lexicon()["list"], situation.number)
    text.add(_fill(head, count=f"{len(situation.chosen)} ", what=several))
    for number, item in enumerate(situation.chosen, start=1):
        text.text += "\n"
        text.add(f"{number}. {_ITEM}", item=item)
        note = describe(item, situation.catalogue, situation.state, article=False)
        text.text += f": {note}" if note else ""
    return None


def _concede(text: _Text, situation: Situation) -> None:
    """Say what was given up, and what cannot be checked."""
    selection = situation.selection
    if selection is None:
        return
    one, _ = nouns(situation.catalogue)
    if selection.given_up:
        wanted = phrase([entry for entry in situation.state.wanted if entry not in selection.unknown], one)
        given_up = listed([str(entry) for entry in selection.given_up])
        text.add(_fill(_pick(lexicon()["given_up"], situation.number), wanted=wanted, given_up=given_up))
    if selection.unknown:
        what = listed([str(entry) for entry in selection.unknown], "or")
        text.add(_fill(_pick(lexicon()["unknown"], situation.number), what=what))


def _nothing(text: _Text, move: Move, situation: Situation) -> None:
    shown = str(situation.state)
    text.add(_fill(_pick(lexicon()["nothing"], situation.number), what=f" ({shown})" if shown else ""))


def _fact(text: _Text, move: Move, situation: Situation) -> None:
    item = situation.catalogue[move.items[0]]
    for number, kind in enumerate(move.facts[:3]):
        words = _told(item, kind)
        text.add(f"{_ITEM} {words}" if not number else f"It {words}", item=item)


def _told(item: Item, kind: str) -> str:
    entry = lexicon()["facts"][kind]
    if kind == "scary":
        genres = fact_values(item, "genre")
        return f"is listed as {listed(genres)}." if genres else "has no genre here, so I can't say how scary it is."
    values = fact_values(item, kind)
    if values and kind == "plot":
        return _fill(entry["tell"], values=summary(values[0]))
    if values:
        return _fill(entry["tell"], values=listed(values[:_SHOWN])) + "."
    if kind == "plot":
        known = [part for part in ("genre", "director", "cast") if fact_values(item, part)]
        told = listed([_told(item, part).rstrip(".") for part in known])
        return f"{told}; more I don't know of it." if told else "is not described here, so I can't say."
    return f"is here, but I don't know {entry['unknown']}."


def _why(text: _Text, move: Move, situation: Situation) -> None:
    item = situation.catalogue[move.items[0]]
    own = reasons(item, situation.catalogue, situation.state)
    one, _ = nouns(situation.catalogue)
    parts = [f"you asked for {with_article(phrase(own.fulfilled, one))}"] if own.fulfilled else []
    if own.shared is not None:
        parts.append(f"it is {own.shared[1]}, like {{other}}")
    if not parts:
        text.add(_pick(lexicon()["why_none"], situation.number))
        return
    words = _fill(_pick(lexicon()["why"], situation.number), reasons=listed(parts))
    text.add(words, item=item, **({"other": own.shared[0]} if own.shared else {}))


def _compare(text: _Text, move: Move, situation: Situation) -> None:
    left, right = (situation.catalogue[item] for item in move.items[:2])
    for item in (left, right):
        known = [kind for kind in ("genre", "director", "writer", "cast", "runtime") if fact_values(item, kind)][:3]
        told = listed([_told(item, kind).rstrip(".") for kind in known]) or "is here, but little is known of it"
        text.add(f"{_ITEM} {told}.", item=item)
    same = common_values(left, right, situation.catalogue)
    if same:
        text.add(_fill(lexicon()["compare_same"], what=same))


def _acknowledge(text: _Text, move: Move, situation: Situation) -> None:
    if move.items:
        text.add(_pick(lexicon()["acknowledge"], situation.number), item=situation.catalogue[move.items[0]])
    else:
        text.add(_pick(lexicon()["acknowledge_none"], situation.number))


def _close(text: _Text, move: Move, situation: Situation) -> None:
    text.add(_pick(lexicon()["close"], situation.number))
