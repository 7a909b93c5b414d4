"""Grounded words: a decided move becomes a short reply in which every fact stands in the catalogue.

Source: design section 4.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Turn
from pecrs.inference.confidence import DOUBTFUL
from pecrs.inference.constraints import Constraint
from pecrs.inference.language.columns import goods_note, goods_phrase, most_kinds
from pecrs.inference.language.lexicon import fact_values, lexicon, listed, nouns, sells_kinds, with_article
from pecrs.inference.language.reasons import describe, holds, phrase, quoted, reasons
from pecrs.inference.language.telling import compare, fact_words, tell_fact
from pecrs.inference.language.wording import ITEM, Situation, Text, fill, pick
from pecrs.inference.moves import Move, MoveKind
from pecrs.inference.selection import Selection
from pecrs.linking.descriptions import STORY
from pecrs.linking.facets import Facets
from pecrs.linking.tones import TONE, guessed


def compose(move: Move, situation: Situation) -> Turn:
    """Return the reply to a move.

    Args:
        move: What was decided.
        situation: What it is about.
    """
    text = Text()
    _missing(text, move, situation)
    for answer in (*move.first, move):
        _WRITERS.get(answer.kind, _plain)(text, answer, situation)
    return text.turn()


def _missing(text: Text, move: Move, situation: Situation) -> None:
    """Say which names the catalogue lacks."""
    one, several = nouns(situation.catalogue)
    for person in (False, True):
        names = [name.name for name in move.missing if name.person is person]
        if names:
            words = pick(lexicon()["unheld_person" if person else "unheld"], situation.number)
            text.add(fill(words, name=listed(names, "or"), noun=one, nouns=several))


def _plain(text: Text, move: Move, situation: Situation) -> None:
    one, several = nouns(situation.catalogue)
    after = "unheld_ask" if move.after == "missing" else move.after
    name, kinds = after or move.kind.value, ""
    if sells_kinds(situation.catalogue):
        name = f"goods_{name}" if f"goods_{name}" in lexicon() else name
        kinds = listed(most_kinds(Facets.of(situation.catalogue)))
    text.add(fill(pick(lexicon()[name], situation.number), noun=one, nouns=several, kinds=kinds))


def _chat(text: Text, move: Move, situation: Situation) -> None:
    if move.after != "your_view":
        return _plain(text, move, situation)
    _, several = nouns(situation.catalogue)
    item = situation.catalogue[move.items[0]]
    told = fact_words(item, "genre") if fact_values(item, "genre") else ""
    words = pick(lexicon()["your_view" if told else "your_view_untold"], situation.number)
    text.add(fill(words, nouns=several, told=told.rstrip(".")), item=item)
    return None


def _recommend(text: Text, move: Move, situation: Situation) -> None:
    if not situation.chosen:
        return _nothing(text, move, situation)
    _concede(text, situation)
    item = situation.chosen[0]
    goods = sells_kinds(situation.catalogue)
    gave_up = situation.selection is not None and situation.selection.given_up
    leads = lexicon()["again"][move.after] if move.after and not gave_up else lexicon()["offer"]
    leads = lexicon()["nearest"] if goods and _only_near(situation) else leads
    text.add(pick(leads, situation.number), item=item)
    if goods:
        note = goods_note(item, situation.state, Facets.of(situation.catalogue))
        text.add(fill(pick(lexicon()["goods_fit"], situation.number), what=note[:1].upper() + note[1:]))
        return None
    own = reasons(item, situation.catalogue, situation.state)
    if own.shared is not None and not own.asked:
        text.add(fill(pick(lexicon()["shared"], situation.number), what=own.shared[1]), other=own.shared[0])
    else:
        what = describe(item, situation.catalogue, situation.state)
        if what:
            text.add(fill(pick(lexicon()["fits"], situation.number), what=what))
        if situation.described and not own.asked and item.values(STORY):
            text.add(item.values(STORY)[0])
    return None


def _list(text: Text, move: Move, situation: Situation) -> None:
    if not situation.chosen:
        return _nothing(text, move, situation)
    _concede(text, situation)
    _, several = nouns(situation.catalogue)
    near = sells_kinds(situation.catalogue) and _only_near(situation)
    fewer = 1 < len(situation.chosen) < (situation.state.count or 0)
    lead = "nearest_list" if near else "list_few" if fewer else "list" if len(situation.chosen) > 1 else "list_one"
    head = pick(lexicon()[lead], situation.number)
    text.add(fill(head, count=f"{len(situation.chosen)} ", what=several))
    for item, note, number in zip(situation.chosen, _notes(text, situation), itertools.count(1), strict=False):
        text.text += "\n"
        text.add(f"{number}. {ITEM}", item=item)
        text.text += f": {note}" if note else ""
    return None


_LONGEST = 400
"""So many characters a reply with a list has at most, as long as its names leave room for notes."""


def _notes(text: Text, situation: Situation) -> list[str]:
    """Return what a list says beside the names of its items: as much as there is room for."""
    names = sum(len(f"\n{number}. {item.name}") for number, item in enumerate(situation.chosen, start=1))
    for brief in (False, True):
        notes = [_note(item, situation, brief=brief) for item in situation.chosen]
        if len(text.text) + names + sum(len(f": {note}") for note in notes if note) <= _LONGEST:
            return notes
    return [""] * len(situation.chosen)


def _only_near(situation: Situation) -> bool:
    """Tell whether nothing is all that was asked for."""
    return bool(situation.missing or (situation.selection is not None and situation.selection.given_up))


def _note(item: Item, situation: Situation, *, brief: bool) -> str:
    """Return what a list says beside an item's name; in brief only what it is, not why."""
    if sells_kinds(situation.catalogue):
        return goods_note(item, situation.state, Facets.of(situation.catalogue))
    return describe(item, situation.catalogue, situation.state, article=False, brief=brief)


def _concede(text: Text, situation: Situation) -> None:
    """Say how words were understood, what the catalogue lacks, what was given up, and what cannot be checked."""
    for said, value in situation.mapped:
        text.add(fill(pick(lexicon()["mapped"], situation.number), said=f'"{said}"', value=value))
    if situation.missing:
        text.add(fill(pick(lexicon()["missing"], situation.number), what=listed(situation.missing, "or")))
    if situation.ungrasped:
        _, several = nouns(situation.catalogue)
        words = pick(lexicon()["ungrasped"], situation.number)
        text.add(fill(words, nouns=several, what=listed(situation.ungrasped, "or")))
    selection = situation.selection
    if selection is None:
        return
    if selection.again:
        text.add(pick(lexicon()["named_before"], situation.number))
    known = [entry for entry in situation.state.wanted if entry not in selection.unknown]
    if selection.given_up and sells_kinds(situation.catalogue):
        wanted = goods_phrase(known, Facets.of(situation.catalogue), nouns(situation.catalogue)[1])
        words = pick(lexicon()["goods_exhausted" if selection.exhausted else "goods_nothing"], situation.number)
        text.add(fill(words, wanted=wanted))
    elif selection.given_up:
        _give_up(text, known, selection, situation)
    _guess(text, situation)
    if selection.unknown:
        what = listed([str(entry) for entry in selection.unknown], "or")
        text.add(fill(pick(lexicon()["unknown"], situation.number), what=what))


def _give_up(text: Text, known: Sequence[Constraint], selection: Selection, situation: Situation) -> None:
    """Say what was given up: of few constraints what there is instead, of more what is left out of them."""
    one, _ = nouns(situation.catalogue)
    facets = Facets.of(situation.catalogue)
    lost = [entry for entry in selection.given_up if not _has(situation.chosen[0], entry, facets)]
    given_up = [entry for entry in lost if entry.confidence >= DOUBTFUL]
    known = [entry for entry in known if entry in given_up or entry not in lost]
    kept = [entry for entry in known if entry not in selection.given_up]
    avoided = situation.state.avoided if selection.refused else ()
    reason = "exhausted" if selection.exhausted else "given_up"
    if not given_up and selection.given_up:
        return
    if kept and len(known) + len(avoided) > _SAID_WHOLE:
        words = pick(lexicon()[f"{reason}_part"], situation.number)
        text.add(fill(words, dropped=listed([quoted(entry) for entry in given_up])))
        return
    words = pick(lexicon()[reason if kept else f"{reason}_all"], situation.number)
    text.add(fill(words, wanted=phrase(known, one, avoided), kept=with_article(phrase(kept, one))))


def _has(item: Item, entry: Constraint, facets: Facets) -> bool:
    return any(holds(item, option, facets) for option in entry.options)


_SAID_WHOLE = 2
"""Up to so many constraints are said as a whole where they cannot be fulfilled."""


def _guess(text: Text, situation: Situation) -> None:
    """Say of what an item is like that it is a guess, once where it is asked for."""
    one, _ = nouns(situation.catalogue)
    state = situation.state
    for words, entries in ((lexicon()["tone"]["want"], state.wanted), (lexicon()["tone"]["avoid"], state.avoided)):
        guesses = [entry for entry in entries if entry.slot == TONE and entry.asked == state.messages]
        told = [str(entry) for entry in guesses if _is_guess(entry, situation)]
        if told:
            text.add(fill(words, what=listed(told, "or"), noun=one))
            return


def _is_guess(entry: Constraint, situation: Situation) -> bool:
    """Tell whether no field says of what is offered whether it is so."""
    tones = [option.label for option in entry.options if option.fields[0] == TONE]
    return any(guessed(item, tone) for item in situation.chosen for tone in tones)


def _nothing(text: Text, move: Move, situation: Situation) -> None:
    if situation.missing:
        _concede(text, situation)
        kinds = most_kinds(Facets.of(situation.catalogue))
        text.add(fill(pick(lexicon()["missing_kinds"], situation.number), kinds=listed(kinds))) if kinds else None
        return
    shown = str(situation.state)
    text.add(fill(pick(lexicon()["nothing"], situation.number), what=f" ({shown})" if shown else ""))


def _why(text: Text, move: Move, situation: Situation) -> None:
    item = situation.catalogue[move.items[0]]
    own = reasons(item, situation.catalogue, situation.state)
    one, _ = nouns(situation.catalogue)
    goods = sells_kinds(situation.catalogue)
    wanted = goods_phrase(own.fulfilled, Facets.of(situation.catalogue), nouns(situation.catalogue)[1]) if goods else ""
    said = [entry for entry in own.fulfilled if not entry.options[0].meant]
    asked = [wanted or with_article(phrase(said, one))] if said or wanted else []
    asked += [f"something {entry.options[0].meant}" for entry in own.fulfilled if entry not in said and not wanted]
    parts = [f"you asked for {listed(asked)}"] if asked else []
    if own.shared is not None:
        parts.append(f"it is {own.shared[1]}, like {{other}}")
    if not parts:
        text.add(pick(lexicon()["why_none"], situation.number))
        return
    words = fill(pick(lexicon()["why"], situation.number), reasons=listed(parts))
    text.add(words, item=item, **({"other": own.shared[0]} if own.shared else {}))


def _acknowledge(text: Text, move: Move, situation: Situation) -> None:
    if move.items:
        text.add(pick(lexicon()["acknowledge"], situation.number), item=situation.catalogue[move.items[0]])
    else:
        text.add(pick(lexicon()["acknowledge_none"], situation.number))


def _close(text: Text, move: Move, situation: Situation) -> None:
    text.add(pick(lexicon()[move.after or "close"], situation.number))


_WRITERS = {
    MoveKind.RECOMMEND: _recommend,
    MoveKind.LIST: _list,
    MoveKind.FACT: tell_fact,
    MoveKind.WHY: _why,
    MoveKind.COMPARE: compare,
    MoveKind.ACKNOWLEDGE: _acknowledge,
    MoveKind.CHAT: _chat,
    MoveKind.CLOSE: _close,
    MoveKind.NOTHING: _nothing,
}
