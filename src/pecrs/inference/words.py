"""Grounded words: a decided move becomes a short reply in which every fact stands in the catalogue.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.inference.columns import column_facts, goods_note, goods_phrase, most_kinds, whether_column
from pecrs.inference.constraints import NO_NUMBERS, NO_SCALES, option_of
from pecrs.inference.lexicon import fact_values, lexicon, listed, nouns, sells_kinds, summary, with_article
from pecrs.inference.policy import Move, MoveKind
from pecrs.inference.reading import ReadValue
from pecrs.inference.reasons import common_values, describe, holds, phrase, reasons
from pecrs.inference.selection import Selection
from pecrs.inference.state import DialogueState
from pecrs.linking.facets import TEXT, Facets
from pecrs.linking.quantities import Quantity
from pecrs.linking.values import FacetValue

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
        before: What the recommender said before.
        mapped: Words of the message beside the catalogue's value that they were taken for.
        missing: Kinds of things asked for that the catalogue does not have.
    """

    catalogue: Catalogue
    state: DialogueState
    chosen: tuple[Item, ...] = ()
    selection: Selection | None = None
    number: int = 0
    before: tuple[str, ...] = ()
    mapped: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()


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
        MoveKind.CHAT: _chat,
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
    name = move.after or move.kind.value
    kinds = ""
    if sells_kinds(situation.catalogue):
        name, kinds = f"goods_{name}" if f"goods_{name}" in lexicon() else name, _kinds(situation)
    text.add(_fill(_pick(lexicon()[name], situation.number), noun=one, nouns=several, kinds=kinds))


def _kinds(situation: Situation) -> str:
    return listed(most_kinds(Facets.of(situation.catalogue)))


def _chat(text: _Text, move: Move, situation: Situation) -> None:
    if move.after != "your_view":
        return _plain(text, move, situation)
    _, several = nouns(situation.catalogue)
    item = situation.catalogue[move.items[0]]
    told = _told(item, "genre") if fact_values(item, "genre") else ""
    words = _pick(lexicon()["your_view" if told else "your_view_untold"], situation.number)
    text.add(_fill(words, nouns=several, told=told.rstrip(".")), item=item)
    return None


def _recommend(text: _Text, move: Move, situation: Situation) -> None:
    if not situation.chosen:
        return _nothing(text, move, situation)
    _concede(text, situation)
    item = situation.chosen[0]
    goods = sells_kinds(situation.catalogue)
    leads = lexicon()["again"][move.after] if move.after else lexicon()["offer"]
    leads = lexicon()["nearest"] if goods and _only_near(situation) else leads
    text.add(_pick(leads, situation.number), item=item)
    if goods:
        note = goods_note(item, situation.state, Facets.of(situation.catalogue))
        text.add(_fill(_pick(lexicon()["goods_fit"], situation.number), what=note[:1].upper() + note[1:]))
        return None
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
    near = sells_kinds(situation.catalogue) and _only_near(situation)
    head = _pick(lexicon()["nearest_list" if near else "list"], situation.number)
    text.add(_fill(head, count=f"{len(situation.chosen)} ", what=several))
    for number, item in enumerate(situation.chosen, start=1):
        text.text += "\n"
        text.add(f"{number}. {_ITEM}", item=item)
        note = _note(item, situation)
        text.text += f": {note}" if note else ""
    return None


def _only_near(situation: Situation) -> bool:
    """Tell whether nothing is all that was asked for."""
    return bool(situation.missing or (situation.selection is not None and situation.selection.given_up))


def _note(item: Item, situation: Situation) -> str:
    """Return what a list says beside an item's name."""
    if sells_kinds(situation.catalogue):
        return goods_note(item, situation.state, Facets.of(situation.catalogue))
    return describe(item, situation.catalogue, situation.state, article=False)


def _concede(text: _Text, situation: Situation) -> None:
    """Say how words were understood, what the catalogue lacks, what was given up, and what cannot be checked."""
    for said, value in situation.mapped:
        text.add(_fill(_pick(lexicon()["mapped"], situation.number), said=f'"{said}"', value=value))
    if situation.missing:
        text.add(_fill(_pick(lexicon()["missing"], situation.number), what=listed(situation.missing, "or")))
    selection = situation.selection
    if selection is None:
        return
    one, _ = nouns(situation.catalogue)
    known = [entry for entry in situation.state.wanted if entry not in selection.unknown]
    if selection.given_up and sells_kinds(situation.catalogue):
        wanted = goods_phrase(known, Facets.of(situation.catalogue), nouns(situation.catalogue)[1])
        words = _pick(lexicon()["goods_used_up" if selection.used_up else "goods_nothing"], situation.number)
        text.add(_fill(words, wanted=wanted))
    elif selection.given_up:
        kept = [entry for entry in known if entry not in selection.given_up]
        wanted = phrase(known, one, situation.state.avoided)
        name = f"{'used_up' if selection.used_up else 'given_up'}{'' if kept else '_all'}"
        words = _pick(lexicon()[name], situation.number)
        here = phrase(kept, one)
        text.add(_fill(words, wanted=wanted, kept=with_article(here)))
    if selection.unknown:
        what = listed([str(entry) for entry in selection.unknown], "or")
        text.add(_fill(_pick(lexicon()["unknown"], situation.number), what=what))


def _nothing(text: _Text, move: Move, situation: Situation) -> None:
    if situation.missing:
        _concede(text, situation)
        kinds = most_kinds(Facets.of(situation.catalogue))
        text.add(_fill(_pick(lexicon()["missing_kinds"], situation.number), kinds=listed(kinds))) if kinds else None
        return
    shown = str(situation.state)
    text.add(_fill(_pick(lexicon()["nothing"], situation.number), what=f" ({shown})" if shown else ""))


def _fact(text: _Text, move: Move, situation: Situation) -> None:
    item = situation.catalogue[move.items[0]]
    if move.values:
        for value in move.values[:2]:
            _whether(text, item, value, situation)
        return
    facts = move.facts[:3]
    if facts == ("plot",) and any(_told(item, "plot") in said for said in situation.before):
        facts = tuple(kind for kind in _MORE if fact_values(item, kind))[:3] or facts
    columns = [kind for kind in facts if kind not in lexicon()["facts"]]
    for words in column_facts(item, columns, Facets.of(situation.catalogue)):
        text.add(words, item=item)
    for number, kind in enumerate(kind for kind in facts if kind not in columns):
        words = _told(item, kind)
        lead = "" if not words[:1].islower() else "It " if number else f"{_ITEM} "
        text.add(lead + words, item=item)
        if kind == "series":
            _in_order(text, item, situation.catalogue)


_MORE = ("director", "cast", "runtime", "genre")
"""What is told where more is asked for than what an item is about."""


def _whether(text: _Text, item: Item, value: FacetValue | Quantity, situation: Situation) -> None:
    """Say whether an item has what was asked for."""
    option = option_of(ReadValue(value, "ask"), "", NO_SCALES, NO_NUMBERS)
    if option is None:
        return
    facets = Facets.of(situation.catalogue)
    table, found = lexicon()["whether"], holds(item, option, facets)
    kind = _fact_kind(option.fields[0])
    if sells_kinds(situation.catalogue) and option.fields[0] != TEXT:
        words = whether_column(item, option, facets)
    elif kind is None:
        words = _fill(table["theme_holds"], what=f'"{option.label}"') if found else table["theme_lacks"]
    elif not fact_values(item, kind):
        words = _told(item, kind)
    else:
        tell = lexicon()["facts"][kind]["tell"]
        told = _fill(tell, values=option.label) if found and option.key else _told(item, kind).rstrip(".")
        words = _fill(table["holds" if found else "lacks"], told=told)
    text.add(words, item=item)


def _fact_kind(name: str) -> str | None:
    """Return the kind of fact that a field, or a number's kind, tells; None for themes."""
    name = {"minutes": "runtime", "money": "price"}.get(name, name)
    return next((kind for kind, entry in lexicon()["facts"].items() if name in entry["fields"]), None)


def _in_order(text: _Text, item: Item, catalogue: Catalogue) -> None:
    """Name the items of an item's series by their years."""
    series = set(item.values("series"))
    own = [other for other in catalogue if series.intersection(other.values("series"))]
    own = sorted(own, key=lambda other: other.year or 9999)[:_LONGEST_SERIES]
    if len(own) > 1:
        slots = {f"item{number}": other for number, other in enumerate(own)}
        text.add(_fill(lexicon()["order"], items=listed([f"{{{name}}}" for name in slots])), **slots)


_LONGEST_SERIES = 5


def _told(item: Item, kind: str) -> str:
    """Return what is told of an item, to be said behind its name where it begins small."""
    entry = lexicon()["facts"][kind]
    values = fact_values(item, kind)
    if kind == "scary" and fact_values(item, "genre"):
        kinds = [value for value in fact_values(item, "genre") if value.lower() in lexicon()["frightening"]]
        words = lexicon()["scary"]["holds" if kinds else "lacks"]
        return _fill(words, values=listed(kinds or fact_values(item, "genre")))
    if values and kind == "plot":
        return _fill(entry["tell"], values=summary(values[0]))
    if values:
        return _fill(entry["tell"], values=listed(values[:_SHOWN])) + "."
    if kind == "plot":
        known = [part for part in ("genre", "director", "cast") if fact_values(item, part)]
        if known:
            return f"{listed([_told(item, part).rstrip('.') for part in known])}; more I don't know of it."
    return f"I don't know {entry['unknown']}."


def _why(text: _Text, move: Move, situation: Situation) -> None:
    item = situation.catalogue[move.items[0]]
    own = reasons(item, situation.catalogue, situation.state)
    one, _ = nouns(situation.catalogue)
    goods = sells_kinds(situation.catalogue)
    wanted = goods_phrase(own.fulfilled, Facets.of(situation.catalogue), nouns(situation.catalogue)[1]) if goods else ""
    parts = [f"you asked for {wanted or with_article(phrase(own.fulfilled, one))}"] if own.fulfilled else []
    if own.shared is not None:
        parts.append(f"it is {own.shared[1]}, like {{other}}")
    if not parts:
        text.add(_pick(lexicon()["why_none"], situation.number))
        return
    words = _fill(_pick(lexicon()["why"], situation.number), reasons=listed(parts))
    text.add(words, item=item, **({"other": own.shared[0]} if own.shared else {}))


def _compare(text: _Text, move: Move, situation: Situation) -> None:
    left, right = (situation.catalogue[item] for item in move.items[:2])
    kinds = [kind for kind in move.facts if any(fact_values(item, kind) for item in (left, right))][:2]
    if sells_kinds(situation.catalogue):
        return _compare_goods(text, (left, right), kinds, situation)
    for item in (left, right):
        known = kinds or [kind for kind in ("genre", "director", "runtime") if fact_values(item, kind)]
        told = [_told(item, kind).rstrip(".") for kind in known if fact_values(item, kind)]
        text.add(f"{_ITEM} {listed(told)}." if told else f"Of {_ITEM} I know too little.", item=item)
    same = common_values(left, right, situation.catalogue)
    if same and not kinds:
        text.add(_fill(lexicon()["compare_same"], what=same))
    if "quality" in move.facts and not kinds:
        text.add(lexicon()["compare_which"])
    return None


def _compare_goods(text: _Text, items: Sequence[Item], kinds: Sequence[str], situation: Situation) -> None:
    for item in items:
        note = goods_note(item, situation.state, Facets.of(situation.catalogue))
        told = [f"{kind} {listed(fact_values(item, kind))}" for kind in kinds if fact_values(item, kind)]
        text.add(f"{_ITEM}: {', '.join(filter(None, [note, *told]))}.", item=item)


def _acknowledge(text: _Text, move: Move, situation: Situation) -> None:
    if move.items:
        text.add(_pick(lexicon()["acknowledge"], situation.number), item=situation.catalogue[move.items[0]])
    else:
        text.add(_pick(lexicon()["acknowledge_none"], situation.number))


def _close(text: _Text, move: Move, situation: Situation) -> None:
    text.add(_pick(lexicon()[move.after or "close"], situation.number))
