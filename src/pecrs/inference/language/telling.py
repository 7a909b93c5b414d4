"""Facts in words: what the catalogue says of items, what it does not, and how items compare.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.constraints import NO_NUMBERS, NO_SCALES, numbers_of, option_of
from pecrs.inference.language.columns import column_facts, goods_note, whether_column
from pecrs.inference.language.lexicon import awards, fact_values, lexicon, listed, sells_kinds, summary, with_article
from pecrs.inference.language.likenesses import common_values
from pecrs.inference.language.noted import SHOWN, noted, received, suits, told_tone
from pecrs.inference.language.reasons import Value, apart, describe, has_one, held_of, holds, said
from pecrs.inference.language.series_told import tell_order, tell_place, tell_sequel
from pecrs.inference.language.story_told import STORY, tell_story
from pecrs.inference.language.told_people import made_by, people_asked, whether_by, whether_people
from pecrs.inference.language.too_much import tell_too_long, tell_too_much
from pecrs.inference.language.verdicts import either, is_even, verdict, worth
from pecrs.inference.language.wording import ITEM, TITLE, Situation, Text, fill, pick
from pecrs.inference.moves import Move
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.questions import EITHER
from pecrs.inference.understanding.reading import ReadValue
from pecrs.inference.understanding.too_much import TOO_LONG, TOO_MUCH
from pecrs.inference.understanding.weighing import BETTER
from pecrs.linking.facets import TEXT, Facets, value_key
from pecrs.linking.makers import PEOPLE
from pecrs.linking.tones import ORIGIN, TONE, guessed
from pecrs.linking.values import FacetValue, is_of


def tell_fact(text: Text, move: Move, situation: Situation) -> None:
    """Tell what was asked of an item, or say that it is not known."""
    item = situation.catalogue[move.items[0]]
    if move.after in ("here", "about"):
        for each in (situation.catalogue[key] for key in move.items):
            _present(text, each, move, situation)
        return None
    if move.facts == EITHER:
        return either(text, item, move.values)
    if move.facts in (TOO_MUCH, TOO_LONG):
        return (tell_too_long if move.facts == TOO_LONG else tell_too_much)(text, item, move.values)
    if len(move.items) == 1 and tell_story(text, item, move):
        return None
    if move.values and len(move.items) > 1:
        return _whether_any(text, move, situation)
    people = people_asked(item, move)
    if len(people) > 1:
        lacking = fill(lexicon()["whether"]["lacks"], told=fact_words(item, "cast").rstrip("."))
        return text.add(whether_people(people, lacking), item=item)
    said = len(text.text)
    if move.values:
        _whether_all(text, item, situation, move)
    return _plainly(text, move, situation) if len(text.text) == said else None


def _plainly(text: Text, move: Move, situation: Situation) -> None:
    """Tell facts of one item, or of each of several."""
    items = [situation.catalogue[key] for key in move.items]
    if len(items) == 1:
        return _of_one(text, items[0], _new_facts(items[0], move.facts[:4], situation), situation, move)
    for item in items:
        _of_one(text, item, move.facts[: 1 if len(items) > 2 else 2], situation, move)
    return None


def _whether_all(text: Text, item: Item, situation: Situation, move: Move) -> None:
    """Say whether an item has what was asked for, each in turn."""
    told = dict.fromkeys(held_of(values, item, situation.catalogue) for values in apart(move.values)[:2])
    for value in {v.key if isinstance(v, FacetValue) else str(v): v for v in told}.values():
        _whether(text, item, value, situation, move)
        if _lacks_theme(text, item):
            break


def _of_one(text: Text, item: Item, facts: Sequence[str], situation: Situation, move: Move) -> None:
    """Tell some facts of an item, its name once."""
    columns = [kind for kind in facts if kind not in lexicon()["facts"]]
    for words in column_facts(item, columns, Facets.of(situation.catalogue)):
        text.add(words, item=item)
    told = [kind for kind in facts if kind not in columns]
    if {"character", "cast"} <= set(told) and not fact_values(item, "character"):
        told.remove("cast")  # who is in it is told where the roles are not known
    first = not (text.mentions and {mention.item for mention in text.mentions} == {item.id})
    for kind in told:
        if kind in _AMONG_PARTS:
            _AMONG_PARTS[kind](text, item, situation.catalogue)
            continue
        words = _measured(fact_words(item, kind, move.beside), move)
        named = f"{{{TITLE}}}" if kind == "year" else ITEM
        lead = "" if not words[:1].islower() else f"{named} " if first else "It "
        if kind == "plot" and fact_values(item, kind):
            lead, words = _story(item) if first else ("", summary(fact_values(item, kind)[0]))
        if not first:
            words = words.replace(ITEM, "it") if _UNKNOWN.match(words) else words
        if kind != "series" or fact_values(item, kind):
            text.add(lead + words, item=item, title=item)
        if kind == "series":
            tell_order(text, item, situation.catalogue)
        first = False


_AMONG_PARTS: Mapping[str, Callable[[Text, Item, Catalogue], None]] = {"place": tell_place, "sequel": tell_sequel}
"""What is told of an item among the others of its series."""

_UNKNOWN = re.compile(r"I don't know\b")


def _measured(words: str, move: Move) -> str:
    """Return what answers how much an item is so: what is noted, without "yes"."""
    return words.removeprefix(lexicon()["told"]["agreed"]) if move.after == "degree" else words


def _new_facts(item: Item, facts: tuple[str, ...], situation: Situation) -> tuple[str, ...]:
    """Return the kinds of facts to tell: more than what an item is about, where that was told before."""
    stories = fact_values(item, "plot")
    told = summary(stories[0])[-_RECOGNISED:] if stories else fact_words(item, "plot")
    if facts[-1:] == ("plot",) and any(told in said for said in situation.before):
        if len(facts) > 1:
            return facts[:-1]
        return tuple(kind for kind in _MORE if fact_values(item, kind))[:3] or facts
    return facts


def _story(item: Item) -> tuple[str, str]:
    """Return what an item is about: a lead that names it, and the rest; a year that its name tells is left out."""
    words = summary(fact_values(item, "plot")[0])
    rest = words.removeprefix(item.title)
    if rest == words or rest[:1].isalnum():
        return f"{ITEM}: ", words
    dated = _DATED.match(rest)
    if dated is not None and item.year is not None and dated["year"] == str(item.year):
        rest = f" {dated['is']} {with_article(rest[dated.end() :])}"
    return ITEM, rest


_DATED = re.compile(r"\s+(?P<is>is|was)\s+an?\s+(?P<year>\d{4})\s+")


def _present(text: Text, item: Item, move: Move, situation: Situation) -> None:
    """Say that an item is there, or what it is."""
    what = describe(item, situation.catalogue, DialogueState())
    if move.after == "here":
        words = pick(lexicon()["here"], situation.number)
        text.add(fill(words, what=f", {what}" if what else ""), item=item)
    elif fact_values(item, "plot"):
        text.add("".join(_story(item)), item=item, title=item)
    else:
        words = pick(lexicon()["about" if what else "about_untold"], situation.number)
        text.add(fill(words, what=what), item=item)


def _whether_any(text: Text, move: Move, situation: Situation) -> None:
    """Say which of several items have what was asked for."""
    items = [situation.catalogue[key] for key in move.items]
    having = [
        item for item in items if all(has_one(item, values, situation.catalogue) for values in apart(move.values))
    ]
    if not having:
        decided = all(_fact_kind(value.fields[0]) for value in move.values if isinstance(value, FacetValue))
        text.add(lexicon()["whether"]["none" if decided else "untold"])
        return
    slots = {f"item{number}": item for number, item in enumerate(having)}
    told = lexicon()["whether"]["some"]
    text.add(fill(told, items=listed([f"{{{name}}}" for name in slots])), **slots)


_RECOGNISED = 60
"""So many last characters of a story tell that it was told."""

_MORE = ("director", "cast", "runtime", "genre")
"""What is told where more is asked for than what an item is about."""


def _whether(text: Text, item: Item, value: Value, situation: Situation, move: Move) -> None:
    """Say whether an item has what was asked for."""
    option = option_of(ReadValue(value, "ask"), "", NO_SCALES, NO_NUMBERS)
    if option is None:
        return
    facets = Facets.of(situation.catalogue)
    table, found = lexicon()["whether"], holds(item, option, facets)
    kind = _fact_kind(option.fields[0])
    made = made_by(item, move.facts, option.label) if is_of(value, *PEOPLE) else ()
    if made:
        words = whether_by(made, option.label)
    elif sells_kinds(situation.catalogue) and option.fields[0] != TEXT:
        words = whether_column(item, option, facets)
    elif option.fields[0] == ORIGIN and fact_values(item, "language"):
        words = f"{ITEM} {fact_words(item, 'language')}"
    elif option.fields[0] == TONE and not guessed(item, option.label):
        words = _measured(told_tone(item, option.label), move)
        words = words.replace(_AGREED, "It ", 1) if text.text and suits(option.label) else words
    elif option.fields[0] == TONE and fact_values(item, "genre"):
        words = fill(lexicon()["scary"]["holds" if found else "lacks"], values=listed(fact_values(item, "genre")))
    elif kind is None:
        lacks = table["theme_lacks_too" if text.text else "theme_lacks"]
        words = fill(table["theme_holds"] if found else lacks, what=said(option) if found else f'"{option.label}"')
    elif not fact_values(item, kind):
        words = fact_words(item, kind)
    elif move.after == "degree":
        words = f"{ITEM} {fact_words(item, kind)}"
    else:
        tell = lexicon()["facts"][kind]["tell"]
        told = fill(tell, values=option.label) if found and option.key else fact_words(item, kind).rstrip(".")
        lacks = "lacks_kind" if kind == "genre" else "lacks"
        words = fill(table["holds" if found else lacks], told=told, what=option.label)
    text.add(words, item=item)


_AGREED = "Yes, {item} "


def _lacks_theme(text: Text, item: Item) -> bool:
    """Tell whether it was said that nothing is known; once is enough."""
    return text.text == fill(lexicon()["whether"]["theme_lacks"], item=item.name)


def _fact_kind(name: str) -> str | None:
    """Return the kind of fact that a field, or a number's kind, tells; None for themes."""
    name = {"minutes": "runtime", "money": "price"}.get(name, name)
    return next((kind for kind, entry in lexicon()["facts"].items() if name in entry["fields"]), None)


_LONGEST_PLACE = 30
"""From so many characters on, what stands for a country is none."""


def fact_words(item: Item, kind: str, beside: Sequence[str] = ()) -> str:
    """Return what is told of an item, to be said behind its name where it begins small; some values are left out."""
    entry = lexicon()["facts"][kind]
    values = tuple(value for value in fact_values(item, kind) if kind != "country" or len(value) < _LONGEST_PLACE)
    values = tuple(value for value in values if value_key(value) not in beside)
    words = _SPECIAL[kind](item) if kind in _SPECIAL else ""
    if words:
        return words
    if values and kind == "plot":
        return fill(entry["tell"], values=summary(values[0]))
    if values:
        return fill(entry["tell"], values=listed(values[:SHOWN])) + "."
    if kind == "plot":
        known = [part for part in ("genre", "director", "cast", "artist") if fact_values(item, part)]
        if known:
            return f"{listed([fact_words(item, part).rstrip('.') for part in known])}; more I don't know of it."
    return f"I don't know {entry['unknown']}."


_FRIGHTENING = "frightening"


def _frightens(item: Item) -> str:
    """Return whether an item is frightening: as noted, else as its kinds let one guess."""
    if not guessed(item, _FRIGHTENING):
        return told_tone(item, _FRIGHTENING)
    genres = fact_values(item, "genre")
    kinds = [value for value in genres if value.lower() in lexicon()["frightening"]]
    return fill(lexicon()["scary"]["holds" if kinds else "lacks"], values=listed(kinds or genres)) if genres else ""


def _impression(item: Item) -> str:
    """Return what an item is like: its kinds, moods, what some would rather not see, and how it was received."""
    told = [fact_words(item, "genre").rstrip(".")] if fact_values(item, "genre") else []
    told += [words for words in [noted({"mood": item.values("mood")})] if words]
    told += [words for words in [received(item)] if words]
    return f"{listed(told)}." if told else ""


def _remake(item: Item) -> str:
    """Return whether an item is noted as made anew; what is not noted is not known."""
    told = any(value.lower() == _REMAKE for own in item.facts.values() for value in own)
    return fill(lexicon()["whether"]["theme_holds"], what=f'tagged "{_REMAKE}"') if told else ""


_REMAKE = "remake"


def _score(item: Item) -> str:
    """Return how an item was received where no scores are known."""
    told = "" if fact_values(item, "score") else received(item)
    return fill(lexicon()["scores_untold"], told=told) if told else ""


def _rated(item: Item) -> str:
    """Return an item's rating, and whom it suits."""
    audiences = [lexicon()["audiences"].get(value, "") for value in item.values("audience")[:1]]
    values = fact_values(item, "rating")
    rated = [fill(lexicon()["facts"]["rating"]["tell"], values=listed(values))] if values else []
    return listed([*rated, *filter(None, audiences)]) + "." if any(audiences) else ""


def _suits(item: Item) -> str:
    """Return what an item is noted for beside whom it suits, which says why."""
    told = noted({name: item.values(name) for name in ("content", "mood")})
    return fill(lexicon()["suits_why"], told=told) if told else ""


def _quality(item: Item) -> str:
    """Return how an item was received and what it won."""
    won = awards(item.values("awards")).rstrip(".") if item.values("awards") else ""
    told = list(filter(None, [received(item), won]))
    return listed(told) + "." if told else ""


_SPECIAL: Mapping[str, Callable[[Item], str]] = {
    "scary": _frightens, "quality": _quality, "score": _score, "rating": _rated, "impression": _impression,
    "remake": _remake, "worth": worth, "suits": _suits, **STORY,
}  # fmt: skip
"""Facts that more than one field tells."""

_NUMBERS = {"runtime": "minutes", "year": "year", "price": "money"}
"""By the fact, the kind of number that it is."""


def compare(text: Text, move: Move, situation: Situation) -> None:
    """Tell how items differ and what they share."""
    if move.after in ("most", "least"):
        return _extreme(text, move, situation)
    if move.after and move.after != BETTER:
        return verdict(text, move, situation)
    told = Text()
    _table(told, move, situation)
    new = all(told.text not in said for said in situation.before)
    better = replace(move, after=BETTER)
    if new and (not move.after or is_even(better, situation)):
        _table(text, move, situation)
    return verdict(text, better, situation) if move.after or not new else None  # the same table twice answers nothing


def _table(text: Text, move: Move, situation: Situation) -> None:
    """Tell two items side by side."""
    left, right = (situation.catalogue[item] for item in move.items[:2])
    told_before = {mention.item for mention in text.mentions} >= {left.id, right.id}  # what they share as well
    kinds = [kind for kind in move.facts if any(fact_values(item, kind) for item in (left, right))][:2]
    if sells_kinds(situation.catalogue):
        return _compare_goods(text, (left, right), kinds, situation)
    for item in (left, right):
        known = kinds or [kind for kind in ("genre", "director", "artist", "runtime") if fact_values(item, kind)]
        told = [fact_words(item, kind).rstrip(".") for kind in known if fact_values(item, kind)]
        text.add(f"{ITEM} {listed(told)}." if told else f"Of {ITEM} I know too little.", item=item)
    same = common_values(left, right)
    if same and not (kinds or told_before):
        text.add(fill(lexicon()["compare_same"], what=same))
    if "quality" in move.facts and not kinds:
        text.add(lexicon()["compare_which"])
    return None


def _compare_goods(text: Text, items: Sequence[Item], kinds: Sequence[str], situation: Situation) -> None:
    for item in items:
        note = goods_note(item, situation.state, Facets.of(situation.catalogue))
        told = [f"{kind} {listed(fact_values(item, kind))}" for kind in kinds if fact_values(item, kind)]
        text.add(f"{ITEM}: {', '.join(filter(None, [note, *told]))}.", item=item)


def _extreme(text: Text, move: Move, situation: Situation) -> None:
    """Say which of several items has most or least of something."""
    kind, table = move.facts[0], lexicon()["extreme"]
    words = lexicon()["compared"][kind]
    items = [situation.catalogue[item] for item in move.items]
    facets = Facets.of(situation.catalogue)
    numbers = [numbers_of(facets, item.id).get(_NUMBERS[kind]) for item in items]
    known = [number for number in numbers if number is not None]
    if len(known) < 2:
        text.add(table["unknown"])
        return
    best = (max if move.after == "most" else min)(known)
    value = fill(words["value"], values=f"{best:g}")
    place = numbers.index(best)
    of_all = words[f"{move.after}_of_all"]
    if known.count(best) > 1 and len(set(known)) > 1:
        slots = {f"item{i}": item for i, item in enumerate(items) if numbers[i] == best}
        names = listed([f"{{{name}}}" for name in slots])
        text.add(fill(table["tied"], items=names, word=of_all, value=value), **slots)
    elif known.count(best) > 1:
        text.add(fill(table["same"], value=value))
    elif len(known) < len(items):
        text.add(fill(table["some"], word=of_all, value=value), item=items[place])
    elif len(items) == 2:
        other = fill(words["value"], values=f"{known[1 - place]:g}")
        told = fill(table["two"], word=words[move.after], value=value, other_value=other)
        text.add(told, item=items[place], other=items[1 - place])
    else:
        text.add(fill(table["all"], word=of_all, value=value), item=items[place])
