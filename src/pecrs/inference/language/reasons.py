"""True reasons: what an item has of what was asked for, and what it shares with an item that the person likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.constraints import NO_NUMBERS, NO_SCALES, Constraint, Option, option_of, slot_of
from pecrs.inference.language.lexicon import beside, fact_values, lexicon, listed, nouns, with_article
from pecrs.inference.language.placing import PLACED, placed
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.reading import ReadValue
from pecrs.linking.descriptions import SOURCE, STUDIO, sources, studios
from pecrs.linking.facets import TEXT, THEME_FIELDS, YEAR, YES, Facets, is_yes, stem, stems_told, value_key
from pecrs.linking.makers import MAKERS, PERFORMERS
from pecrs.linking.quantities import Quantity
from pecrs.linking.tones import BLEND, ORIGIN, TONE, blended, blends, guessed, is_occasion, tones
from pecrs.linking.values import FacetValue

Value = FacetValue | Quantity

_DERIVED = {SOURCE: sources, STUDIO: studios, TONE: tones, BLEND: blends, ORIGIN: blends}


@dataclass(frozen=True)
class Reasons:
    """Why an item may please.

    Attributes:
        fulfilled: What was asked for and holds.
        shared: An item that the person likes and what it shares, as "also directed by X"; or None.
    """

    fulfilled: tuple[Constraint, ...] = ()
    shared: tuple[Item, str] | None = None

    @property
    def asked(self) -> bool:
        """Whether something was asked for that says more than a kind or a number: a person, a theme, a series."""
        return any(entry.options[0].key and entry.slot not in _IN_HEAD for entry in self.fulfilled)


def reasons(item: Item, catalogue: Catalogue, state: DialogueState) -> Reasons:
    """Return the reasons that stand in the catalogue.

    Args:
        item: The recommended item.
        catalogue: Where the liked items are.
        state: What the person wants and likes.
    """
    facets = Facets.of(catalogue)
    fulfilled = tuple(entry for entry in state.wanted if any(holds(item, option, facets) for option in entry.options))
    return Reasons(fulfilled, _shared(item, catalogue, state))


def holds(item: Item, option: Option, facets: Facets) -> bool:
    """Tell whether an item has a value or a number within bounds.

    Args:
        item: The item.
        option: What it may fulfil.
        facets: Of the item's catalogue.
    """
    if option.outer and _numbers(item, option.fields[0], facets):
        return True  # relative to what else fits, which the selection knows
    if not option.key:
        low, high = option.bounds
        numbers = _numbers(item, option.fields[0], facets)
        return any((low is None or number >= low) and (high is None or number <= high) for number in numbers)
    if option.fields[0] in _DERIVED:
        return any(value_key(value) == option.key for value in _DERIVED[option.fields[0]](item))
    if option.fields[0] == TEXT:
        return stems_told(item).issuperset(map(stem, option.key.split()))
    return any(_has(item, name, option.key, facets) for name in option.fields)


def apart(values: Sequence[Value]) -> list[list[Value]]:
    """Return values, those that the same words mean together: one of them is enough."""
    return [list(same) for _, same in groupby(values, key=lambda value: (value.start, value.end))]


def has_one(item: Item, values: Sequence[Value], catalogue: Catalogue) -> bool:
    """Tell whether an item has one of some values; what cannot be checked is taken for it."""
    options = [option_of(ReadValue(value, "ask"), "", NO_SCALES, NO_NUMBERS) for value in values]
    return any(option is None or holds(item, option, Facets.of(catalogue)) for option in options)


def held_of(values: Sequence[Value], item: Item, catalogue: Catalogue) -> Value:
    """Return the first of some values that an item has, else the first."""
    return next((value for value in values if has_one(item, [value], catalogue)), values[0])


def _has(item: Item, name: str, key: str, facets: Facets) -> bool:
    field = facets.fields.get(name)
    if field is not None and field.kind == "flag":
        return any(is_yes(value) is (key == YES) for value in item.values(name))
    return any(value_key(value) == key for value in item.values(name))


def _numbers(item: Item, kind: str, facets: Facets) -> list[float]:
    name = facets.number_field(kind)
    if name is None or name == YEAR:
        return [item.year] if name == YEAR and item.year is not None else []
    found = (facets.fields[name].number(value) for value in item.values(name))
    return [number for number in found if number is not None]


def _held(item: Item, option: Option) -> Option:
    """Return an option that an item fulfils with the fields that it has it in: a keyword may be a series' name too."""
    own = [n for n in option.fields if any(value_key(value) == option.key for value in item.values(n))]
    own.sort(key=lambda name: name not in PLACED)
    label = next((v for v in item.values(own[0]) if value_key(v) == option.key), "") if {*own[:1]} & {*PLACED} else ""
    return replace(option, fields=tuple(own), label=label or option.label) if own else option


def said(option: Option) -> str:
    """Return how a constraint's value is said beside a noun: ``with Tom Hanks``, ``from 1990-1999``."""
    name = option.fields[0]
    table = lexicon()["people"]
    if name in table:
        return beside(name, option.label)
    if not option.key:
        if option.outer:
            return ""
        return (
            option.label if option.label[:1].isalpha() and name == YEAR else f"{_BEFORE.get(name, 'of')} {option.label}"
        )
    if option.label.startswith(_DEED):
        return option.label
    if name in (TEXT, STUDIO):
        return f'that mentions "{option.label}"'
    if option.fields[0] in PLACED:
        return placed(option.label)
    if slot_of(option.fields) == "theme":
        return f'{_TAGGED}"{option.label}"'
    return option.label


def phrase(wanted: Sequence[Constraint], noun: str, avoided: Sequence[Constraint] = ()) -> str:
    """Return what was asked for as one noun phrase: ``comedy with Tom Hanks from 1990-1999``.

    Args:
        wanted: What it should have.
        noun: What it is where no kind is named.
        avoided: What it must not have.
    """
    wanted = list(map(_as_said, wanted))
    kinds = [[option.label for option in entry.options] for entry in wanted if entry.slot == "kind"]
    whole = {part for kind in kinds for label in kind for part in blended(label)}
    kinds = [kind for kind in kinds if whole.isdisjoint(kind)]
    placed = [entry for entry in wanted if entry.options[0].outer]
    rest = [
        _led([said(option) for option in entry.options], "or")
        for entry in wanted
        if entry.slot not in _IN_HEAD and entry not in placed
    ]
    either = next((kind for kind in kinds if len(kind) > 1), None)
    head = kinds_phrase([kind[0] for kind in kinds], noun) if either is None else f"{listed(either, 'or')} {noun}"
    like = [lexicon()["adjectives"].get(str(entry), str(entry)) for entry in wanted if entry.slot in _LIKE]
    head = toned(like, " ".join([*map(str, placed), head]))
    avoided = [entry for entry in avoided if entry.options[0].key]
    lacking = [str(entry) for entry in avoided if entry.slot not in _NOT]
    other = [f"{_NOT[entry.slot]}{entry}" for entry in avoided if entry.slot in _NOT]
    without = [f"without {listed(lacking, 'or')}"] if lacking else []
    return " ".join([head, *_joined(rest), *without, *([f"that is not {listed(other, 'or')}"] if other else [])])


def _as_said(entry: Constraint) -> Constraint:
    """Return a constraint without the values that are but near to what was said."""
    said_so = tuple(option for option in entry.options if not option.near)
    return replace(entry, options=said_so) if said_so else entry


def toned(labels: Sequence[str], noun: str) -> str:
    """Return a noun with what it is like: before it, or behind it where it is said so.

    >>> toned(["sad", "for children"], "film")
    'sad film for children'
    """
    labels = [label for label in labels if label not in noun.split()]
    behind = [label for label in labels if label.startswith(_BEHIND)]
    before = [label for label in labels if label not in behind]
    return " ".join(filter(None, [", ".join(before), noun, " and ".join(behind)]))


def quoted(entry: Constraint) -> str:
    """Return a constraint as something that is left out: names and numbers as they are, words in quotes."""
    plain = entry.options[0].fields[0] in lexicon()["people"] or not entry.options[0].key
    return str(entry) if plain else f'"{_as_said(entry)}"'


_LIKE = (TONE, ORIGIN)
_IN_HEAD = ("kind", *_LIKE)
_BEHIND = ("for ", "about ", "with ", "full of ", "hard on ", "cruel to ")
"""How tones begin that are said behind a noun."""

_NOT = {TONE: "", "country": "from ", "language": "in ", "rating": "rated "}


def kinds_phrase(kinds: Sequence[str], noun: str) -> str:
    """Return kinds as people say them: adjectives, then a kind that is a noun, or the word for an item.

    >>> kinds_phrase(["comedy", "romance"], "film"), kinds_phrase(["action", "animation"], "film")
    ('romantic comedy', 'animated action film')

    Args:
        kinds: As the catalogue writes them.
        noun: What an item is called.
    """
    table = lexicon()
    head = next((kind for kind in table["heads"] if kind in kinds), "")
    rest = [str(table["adjectives"].get(kind, kind)) for kind in kinds if kind != head]
    rest.sort(key=lambda kind: kind not in table["adjectives"].values())
    return " ".join([*rest, str(table["adjectives"].get(head, head)) or noun])


def by_telling(kinds: Sequence[str]) -> list[str]:
    """Return kinds, those that say most first.

    >>> by_telling(["action", "crime", "sci-fi"])
    ['sci-fi', 'action', 'crime']
    """
    return sorted(kinds, key=lambda kind: kind.lower() not in lexicon()["telling_kinds"])


def _in_order(kinds: Sequence[str]) -> list[str]:
    """Return kinds as they are said: those that tell most first, the others by the alphabet: "sci-fi action"."""
    return sorted(kinds, key=lambda kind: (kind.lower() not in lexicon()["telling_kinds"], kind))


def _says_kinds(key: str, kinds: Sequence[str]) -> bool:
    """Tell whether a theme says no more than some kinds do: "romantic comedy" of a comedy that is a romance."""
    table = lexicon()["adjectives"]
    own = {word for kind in kinds for said in (kind, table.get(kind.lower(), "")) for word in value_key(said).split()}
    return bool(key) and own.issuperset(key.split())


_TAGGED = "tagged "
_DEED = "directed by "
_BEFORE = {"money": "for", YEAR: "from"}


def _lead(words: str) -> str:
    """Return how the values of a field are introduced: ``with `` of ``with Tom Hanks``; empty for others."""
    leads = sorted((str(entry["with"]).partition("{")[0] for entry in lexicon()["people"].values()), key=len)
    leads = [_TAGGED, *leads]
    return next((lead for lead in reversed(leads) if lead and words.startswith(lead)), "")


def _led(phrases: Sequence[str], last: str = "and") -> str:
    """List phrases that are introduced alike, the introduction said once: ``with Tom Hanks and Meg Ryan``."""
    lead = _lead(phrases[0])
    return listed([phrases[0], *(words.removeprefix(lead) for words in phrases[1:])], last)


def _joined(phrases: Sequence[str]) -> list[str]:
    """Put phrases that are introduced alike together."""
    groups: dict[str, list[str]] = {}
    for words in phrases:
        groups.setdefault(_lead(words) or words, []).append(words)
    return [_led(group) for group in groups.values()]


def _said_once(phrases: Iterable[str]) -> list[str]:
    """Return phrases without those that say no more than one before.

    >>> _said_once(["zombie", "fast zombies", "zombies", "dog"])
    ['zombie', 'fast zombies', 'dog']
    """
    kept: dict[frozenset[str], str] = {}
    for phrase in phrases:
        words = frozenset(value_key(phrase).split())
        if not any(words <= said or said < words for said in kept):
            kept[words] = phrase
    return list(kept.values())


def describe(
    item: Item, catalogue: Catalogue, state: DialogueState, *, article: bool = True, brief: bool = False
) -> str:
    """Return what an item is: its kinds, and the person or series that was asked for, else who made it.

    Args:
        item: The item.
        catalogue: Where it is.
        state: What the person wants.
        article: Whether it begins with an article.
        brief: Whether its kinds and what it is like are enough.
    """
    one, _ = nouns(catalogue)
    facets = Facets.of(catalogue)
    wants = [entry for entry in state.wanted if not _past_occasion(entry, state)]
    options = [_held(item, option) for entry in wants for option in entry.options if holds(item, option, facets)]
    wanted = {option.label.lower() for option in options}.union(*(blended(option.key) for option in options))
    own = by_telling(fact_values(item, "genre"))
    kinds = _in_order(sorted(own, key=lambda kind: kind.lower() not in wanted)[:2])
    told = [option.label for option in options if option.fields[0] == TONE and not guessed(item, option.label)]
    told += [lexicon()["adjectives"].get(o.label, o.label) for o in options if o.fields[0] == ORIGIN]
    what = toned(told[:2], kinds_phrase(kinds, one))
    asked = [
        _of_item(item, option, facets)
        for option in options
        if slot_of(option.fields) not in _IN_HEAD and not _says_kinds(option.key, kinds)
    ]
    asked = _said_once(filter(None, asked))
    made = [beside(name, value) for name in (*MAKERS, *PERFORMERS) for value in item.values(name)]
    asked = [] if brief and (kinds or told) else asked or made[:1]
    if not (kinds or asked or told):
        return ""
    words = " ".join([what, *_joined(asked)[:2]])
    return with_article(words) if article else words


def _past_occasion(entry: Constraint, state: DialogueState) -> bool:
    """Tell whether a constraint is what suits an occasion that was spoken of before: it goes without saying."""
    occasion = entry.slot == TONE and any(is_occasion(option.label) for option in entry.options)
    return occasion and entry.asked < state.messages


def _of_item(item: Item, option: Option, facets: Facets) -> str:
    """Return how an item fulfils what was asked for; empty where its name says it already."""
    if option.fields[0] in (YEAR, "part"):
        return ""
    if not option.key and option.fields[0] == "minutes":
        own = _numbers(item, "minutes", facets)
        return f"of {own[0]:g} minutes" if own else ""
    return said(option)


def _shared(item: Item, catalogue: Catalogue, state: DialogueState) -> tuple[Item, str] | None:
    """Return the example, else the liked item, that shares most with an item, the latest first, and what they share.

    Makers and series say most, then what both are about and like, then who leads in both, and kinds least.
    """
    own = reversed(state.examples or state.liked)
    liked = [catalogue[other] for other in own if other in catalogue and other != item.id]
    for ways in _WAYS:
        for other in liked:
            if words := common_ground(item, other, catalogue, ways):
                return other, words
    return None


def common_ground(item: Item, other: Item, catalogue: Catalogue, ways: Sequence[_Way] = ()) -> str:
    """Return what an item has in common with another, to be said behind "it is"; empty where it is nothing."""
    found = (way(item, other, catalogue) for way in ways or chain.from_iterable(_WAYS))
    return next(filter(None, found), "")


def _same_makers(item: Item, other: Item, catalogue: Catalogue) -> str:
    return _common(item, other, leading=False)


def _same_leads(item: Item, other: Item, catalogue: Catalogue) -> str:
    return _common(item, other, leading=True)


def _common(item: Item, other: Item, *, leading: bool) -> str:
    """Return the first person or series that two items share; of performers only those named among the first."""
    for name, entry in lexicon()["people"].items():
        if entry["shared"] and (name in PERFORMERS) is leading:
            most = _LEADING if leading else None
            common = [value for value in item.values(name)[:most] if value in other.values(name)[:most]]
            if common:
                return str(entry["shared"]).format(value=common[0])
    return ""


def _same_matter(item: Item, other: Item, catalogue: Catalogue) -> str:
    """Return what both items are like and about, the rarest theme; empty where they share no theme."""
    facets = Facets.of(catalogue)
    names = [name for name in facets.fields if name in THEME_FIELDS]
    keys = {value_key(value): value for name in names for value in item.values(name)}
    common = keys.keys() & {value_key(value) for name in names for value in other.values(name)}
    common = {key for key in common if not _says_kinds(key, fact_values(item, "genre"))}
    counted = sorted((len(facets.having(names, key)), key) for key in common)
    if not counted or counted[0][0] > _COMMON:
        return ""
    moods = [mood for mood in item.values("mood") if mood in other.values("mood") and " " not in mood]
    kinds = _same_kinds(item, other, catalogue, moods[:1]) or with_article(nouns(catalogue)[0])
    return f'{kinds} {_TAGGED}"{keys[counted[0][1]]}"'


def _same_kinds(item: Item, other: Item, catalogue: Catalogue, moods: Sequence[str] = ()) -> str:
    kinds = [kind for kind in fact_values(item, "genre") if kind in fact_values(other, "genre")]
    one, _ = nouns(catalogue)
    kinds = _in_order(by_telling(kinds)[:2])
    return with_article(toned(moods, kinds_phrase(kinds, one))) if kinds or moods else ""


_LEADING = 3
"""So many performers lead."""

_COMMON = 300
"""A theme of more items is no reason."""

_Way = Callable[[Item, Item, Catalogue], str]
_WAYS: tuple[tuple[_Way, ...], ...] = ((_same_makers,), (_same_matter,), (_same_leads, _same_kinds))
