"""Rules for single words that may say a value: which are too plain, what gives them away, which value is likelier.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from pecrs.linking.descriptions import table
from pecrs.linking.facets import THEME_FIELDS, YEAR, Facets, stem, value_key
from pecrs.linking.lexicon import CALENDAR, FUNCTION, OPENING, folded, frequency
from pecrs.linking.quantities import SPELT
from pecrs.linking.themes import CHILD

DESCRIBING = frozenset("about with without involving featuring rated".split())
DESCRIBED = frozenset(
    "movie film flick story book novel song album one theme themed set show rated flavour flavor vibe feel feeling "
    "setting atmosphere spirit touch backdrop time".split()
)
_REFUSING = frozenset("not no except isnt arent wasnt aint".split())
_COMMON = 4.6
"""Frequency from which a word is no theme because "not" stands before it: "no doubt"."""

ACCLAIMED = "acclaimed"
"""What the best items are; a catalogue that does not tell it has none."""

POPULARITY = "popularity"
"""Stands for how well known an item is; its values are ``popular`` and ``obscure``."""

SCALED: Mapping[str, tuple[str, ...]] = {YEAR: ("new", "old"), "minutes": ("short", "long"), "money": ("cheap", "dear")}
"""Words for a place on a scale, by what :meth:`pecrs.linking.facets.Facets.number_field` knows the scale as."""

IDLE = re.compile(
    r"\bsuits?(?=\s+(?:an?|the|my|his|her|our|your|their|me|us|him|them|from|both|everyone|everybody|all|any|kids|"
    r"children|small|young|this|that)\b)|"
    r"\bnot rated(?=\s+(?:g|pg|r|x|nc|m|ma|u|1[258])\b)|\bset(?=\s+(?:in|on|at|aboard|around|during|under)\b)|"
    r"\bin (?:general|particular)\b|\b(?:thank|good|for) (?:heavens?|god|goodness)(?:['’]?s sake)?\b",
    re.IGNORECASE,
)
"""What names nothing: "a movie set in Paris" has no movie set, "no horror in general" no general."""

DAILY = 4.3
"""Frequency from which a word names a theme only beside words that say so."""

_PLAINEST = 5.3
"""Frequency of words of which several make a theme only beside words that say so: "the end"."""

_SET_IN = re.compile(
    r"\b(?:set|happen(?:s|ing)|tak(?:es|ing) place|play(?:s|ing) out|unfold(?:s|ing)|go(?:es|ing) on) "
    r"(?:in|on|at|aboard|around|during|over|under)\s+(?:the |an? )?$",
    re.IGNORECASE,
)
"""Before what tells when or where something happens."""

_FAMILY = "family"
"""The kind that is made for children."""

AUDIENCE = "audience"
"""A field that tells whom items are for."""

_AUDIENCES = (
    (5, "for small children"), (8, "for children"), (CHILD, "for older children"), (17, "for teenagers")
)  # fmt: skip
"""Up to which age somebody is meant by an audience."""

FOR_WHOM = frozenset({_FAMILY, *(tone for _, tone in _AUDIENCES)})
"""Values that say for whom an item is wanted, however that is said."""

UNWANTED = frozenset({"poorly received"})
"""What nobody asks for beside a complaint."""

_RARE_THEME = 3
"""A theme of so few items gives way to a kind that people call so."""

_NEVER = FUNCTION | frozenset(
    "actor actress director writer set movie film book show time day night good great best nice real life one rec "
    "recs".split()
)


_FORMER_RATINGS = frozenset("passed approved m x gp".split())
"""Ratings that nobody asks for, in words that mean something else."""


def never(words: Sequence[str], field: str) -> bool:
    """Tell whether a single word says no value: a common one, or a day that is a series' name too."""
    if field == "rating" and words[0] in _FORMER_RATINGS:
        return True
    return len(words) == 1 and (words[0] in _NEVER or words[0] in SPELT or (words[0] in CALENDAR and field == "series"))


_SET_PHRASES = frozenset(
    {"black and white", "good and evil", "life and death", "rags to riches", "true story", "true stories", "real story"}
)
"""Everyday words that mean one thing together, wherever they stand."""


def plain_words(words: Sequence[str], field: str) -> bool:
    """Tell whether the words of a value are everyday ones: of a series, "a scary movie", or the letter of a rating."""
    if field == "rating" and len(words) == 1:
        return len(words[0]) == 1
    if field in THEME_FIELDS:
        return (
            len(words) > 1
            and " ".join(words) not in _SET_PHRASES
            and all(frequency(word) >= _PLAINEST for word in words)
        )
    return field == "series" and len(words) > 1 and all(frequency(word) >= DAILY for word in words)


_PLACED = frozenset("in on at aboard during".split())
_TALES = frozenset("story stories tale tales".split())
_DAYS = CALENDAR - frozenset("christmas halloween thanksgiving easter".split())


def is_whole(words: Sequence[tuple[int, int, str]], first: int, size: int) -> bool:
    """Tell whether a message is nothing but some of its words, and small ones: "in Paris", "or with robots maybe"."""
    return _SMALL.issuperset(word for *_, word in (*words[:first], *words[first + size :]))


_SMALL = frozenset(
    "a an the with in about on of by from or and but maybe perhaps also then please pls set something anything some "
    "any ok okay too instead now just hm hmm well so".split()
)


def evident(
    text: str, words: Sequence[tuple[int, int, str]], first: int, size: int, is_kind: Callable[[str], bool]
) -> bool:
    """Tell whether a word before says that something is described, or a word behind what is.

    Args:
        text: A message.
        words: Its words, folded, with their places.
        first: Where the described words begin.
        size: How many there are.
        is_kind: Whether a folded word is a kind of item, as in "a wedding comedy", "a thriller on a plane".
    """
    if (
        _SET_IN.search(text[: words[first][0]])
        or (text[words[first][0]].isupper() and text[: words[first][0]].lower().endswith(" in "))
        or _FEAST.search(text[: words[first + size - 1][1]])
        or (size > 1 and _OF_ALL.search(text[: words[first][0]]))
    ):
        return True
    own = [word for *_, word in words[max(0, first - 3) : first]]
    own = own[:-1] if own[-1:] in (["a"], ["an"]) or own[-2:] in (["in", "the"], ["during", "the"]) else own
    placed = len(own) > 1 and own[-1] in _PLACED and (is_kind(own[-2]) or own[-2] in _TALES)
    tastes = _TASTE.search(text[: words[first][0]]) and _ENDS.match(text, words[first + size - 1][1])
    if (
        placed
        or tastes
        or (size == 1 and first + 1 < len(words) and _compound(text, words[first : first + 2], is_kind))
    ):
        return True
    before = words[first - 1][2] if first else ""
    behind = words[first + size][2] if first + size < len(words) else ""
    said = words[first + size - 1][2]
    listed = _REFUSED_LIST.search(text[: words[first][0]]) is not None  # "not boxing or football"
    refused = (before in _REFUSING or listed) and (
        listed or frequency(words[first][2]) < _COMMON or stem(said) != said
    )  # "no guns"
    return refused or before in DESCRIBING or stem(behind) in DESCRIBED


_TASTE = re.compile(
    r"\b(?:likes?|loves?|adores?|enjoys?|into|(?:obsessed|in love) with|(?:mad|crazy|nuts) about|fans? of)\s+"
    r"(?:(?:all|any) )?(?:[\w-]+(?:, | and | or ))*$",
    re.IGNORECASE,
)
"""Before what somebody likes, which may be an everyday word at the end of a clause: "she loves horses"."""

_ENDS = re.compile(r"\s*(?:$|[,.;:!?&]|\b(?:and|or|but|so|too|a lot|very much)\b)", re.IGNORECASE)

_REFUSED_LIST = re.compile(
    r"(?:^|[.,;!?]|\bbut)\W*(?:not|no|without|nothing with)\s+(?:[\w-]+,? (?:or |nor |and )?){1,3}(?<=(?:or|nd) )$",
    re.IGNORECASE,
)
"""Before what is refused beside something else: "not boxing or football"."""

_FEAST = re.compile(
    r"\b(?:at|during|around|over) (?:christmas|xmas|thanksgiving|easter|halloween|new year['’]?s?)$", re.IGNORECASE
)

_OF_ALL = re.compile(
    r"\b(?:(?:enough|sick|tired|bored|weary|fans?|any|more|all) of|(?:fed up|done|finished) with|say|saying|"
    r"mention)\s+$",
    re.IGNORECASE,
)
"""Before the name of a series, however plain its words are: "enough of star wars"."""

_FLAVOUR = re.compile(
    r"[ -](?:themed?|flavou?r(?:ed)?|vibes?|feel(?:ing)?|setting|atmosphere|spirit|touch|backdrop)\b", re.IGNORECASE
)


def placed(text: str, start: int, end: int) -> bool:
    """Tell whether words say of a span that things happen there, or that an item has something of it.

    >>> placed("it takes place at Christmas", 18, 27), placed("with a jungle vibe", 7, 13), placed("in Rome", 3, 7)
    (True, True, False)

    Args:
        text: A message.
        start: First character of the span.
        end: One past the last.
    """
    return _SET_IN.search(text[:start]) is not None or _FLAVOUR.match(text, end) is not None


def _compound(text: str, words: Sequence[tuple[int, int, str]], is_kind: Callable[[str], bool]) -> bool:
    """Tell whether a word and the kind behind it are one noun."""
    return text[words[0][1] : words[1][0]] == " " and words[0][2] not in _DAYS and is_kind(words[1][2])


_OF_OFFERS = re.compile(
    r"(?:\b(?:no(?: more)?|not(?: another| even| all| so)?|without(?: any)?|hates?|hated|sick of|tired of|fed up with|"
    r"bored of|bored with|enough(?: of)?|too (?:many|much)|stand|another|stop with|more|is|are|was|it['’]?s|"
    r"that['’]?s|thats|isn['’]?t|wasn['’]?t)"
    r"(?: (?:any|the|all|these|this|a|so|too|even|about|just|literally|basically))*)\s+$",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\s*(?:$|[.,;:!?]|\b(?:stuff|things?|films?|movies?|ones?|books?|please|pls|plz|though|anymore|again|too|lol|haha|obviously|either|already|but|and|or)\b)",
    re.I,
)


_AGAIN = re.compile(r"\s+again\b", re.IGNORECASE)


def objected(text: str, start: int, end: int) -> bool:
    """Tell whether words before a span, at the end of its clause, say what is refused, or what an offer is.

    Args:
        text: A message.
        start: First character of the span.
        end: One past the last.
    """
    if _AGAIN.match(text[end:]) and not re.search(r"\w+\W*$", re.split(r"[.!?,;]", text[:start])[-1]):
        return True
    return _OF_OFFERS.search(text[:start]) is not None and _ENDS.match(text[end:]) is not None


_WHETHER = re.compile(rf"^(?:[^.?!]*[,.!?])?\W*{OPENING}(?:is|was|are|were)\b[^.?!,]*$", re.IGNORECASE)


def asked_whether(text: str, start: int, end: int) -> bool:
    """Tell whether a clause asks whether something is what a span says: "is it in black and white?".

    Args:
        text: A message.
        start: First character of the span.
        end: One past the last.
    """
    return _WHETHER.match(text[:start]) is not None and _ENDS.match(text[end:]) is not None


_NO_NAME = re.compile(r"\b(?:about|on|in|at|to|around)\s+$", re.IGNORECASE)


def spoken_of(text: str, word: tuple[int, int, str], people: Iterable[str]) -> bool:
    """Tell whether a word is rather the last name of somebody spoken of than a theme: "which Hitchcock film".

    Args:
        text: A message.
        word: Its first character, one past its last, and the word folded.
        people: Folded names of those who were spoken of.
    """
    start, _, key = word
    return any(name.split()[-1] == key for name in people) and not _NO_NAME.search(text[:start])


def adjoin(text: str, words: Sequence[tuple[int, int, str]]) -> bool:
    """Tell whether only spaces, hyphens and dots stand between words."""
    gaps = (text[left[1] : right[0]] for left, right in pairwise(words))
    return all(re.fullmatch(r"[\s.\-–'’]*", gap) for gap in gaps)


def likelier_first(holders: Sequence[tuple[bool, int, str]]) -> tuple[str, ...]:
    """Return the fields that hold a value, the one that is likelier meant first: Dinosaur is a film, dinosaurs a theme.

    Args:
        holders: Of each field whether it is less likely meant, minus the number of items, and the name.
    """
    counts = {name: -minus for _, minus, name in holders}
    themes = max((count for name, count in counts.items() if name in THEME_FIELDS), default=0)
    rare = themes >= _OFTENER * counts.get("series", themes)
    most = max(counts.values(), default=0)
    odd = {name for name in _NATIONAL if _OFTENER * _OFTENER * counts.get(name, most) < most}  # a slip of the data

    def order(holder: tuple[bool, int, str]) -> tuple[object, ...]:
        name = holder[2]
        return ((name == "series" and rare) or name in odd, holder[0], name != "country", holder)

    return tuple(name for *_, name in sorted(holders, key=order))


_NATIONAL = ("language", "country")


_OFTENER = 4
"""So many times as many items make a word a theme rather than a series."""


def synonyms(fields: Container[str], items: Callable[[str], int]) -> dict[str, tuple[str, ...]]:
    """Return other words for values, and what they mean: of several spellings the value of most items.

    Args:
        fields: Folded values that the catalogue has.
        items: How many items have one.
    """
    extra: defaultdict[str, list[str]] = defaultdict(list)
    for value, entry in table("synonyms").items():
        spellings = [value_key(value), *map(value_key, entry["same"])]
        own = max((key for key in spellings if key in fields), key=items, default=None)
        if own is not None:
            for word in {*spellings, *map(value_key, entry["words"])}:
                least = items(own) if word in spellings else _RARE_THEME + 1
                if word not in fields or items(word) < least:
                    extra[word].append(own)
    return {word: tuple(dict.fromkeys(keys)) for word, keys in extra.items()}


def audience(years: int, *, told: bool) -> str:
    """Return the value that says whom an item is for.

    Args:
        years: Somebody's age.
        told: Whether the catalogue tells audiences; else it is a kind.
    """
    if told:
        return next((tone for oldest, tone in _AUDIENCES if years <= oldest), "")
    return _FAMILY if years <= CHILD else ""


def expects_name(words: Sequence[tuple[int, int, str]], first: int) -> bool:
    """Tell whether the word before one of some words, folded, lets one expect a name."""
    more = first > 1 and (words[first - 2][2], words[first - 1][2]) == ("no", "more")
    return more or (first > 0 and words[first - 1][2] in _BEFORE_NAMES)


_BEFORE_NAMES = frozenset(
    "with w without by starring featuring no not from except minus actor actress director more another love".split()
)
"""Words after which a name may stand in lower case."""


def folded_phrases(phrases: Iterable[str]) -> Iterator[str]:
    """Fold phrases word by word."""
    return (" ".join(folded(phrase)) for phrase in phrases)


def _adjectives() -> dict[str, tuple[str, str]]:
    lists = table("adjectives")
    fields = dict.fromkeys(("popular", "obscure"), POPULARITY)
    fields |= {name: field for field, names in SCALED.items() for name in names}
    return {key: (field, name) for name, field in fields.items() for key in folded_phrases(lists[name])}


ADJECTIVES = _adjectives()
"""Folded phrases that place an item on a scale, with the scale and the place."""


def praised(text: str, found: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield where the best of some items is asked for: "the best film of 1999", "best Tom Hanks movie".

    >>> list(praised("the best comedy ever", [(9, 15)])), list(praised("my best friend loves comedies", [(21, 29)]))
    ([(4, 8)], [])

    Args:
        text: A message.
        found: Spans of the values in it.
    """
    starts = {start for start, _ in found}
    for match in _BEST.finditer(text):
        if match["of"] is not None or match.end() in starts:
            yield match.span("best")


_BEST = re.compile(
    r"(?<!which is )(?<!which one is )\b(?P<best>best|greatest|finest)(?:[- ](?:ever|all[- ]time))? "
    r"(?P<of>(?:[\w'’-]+ ){0,2}(?:films?|movies?|books?|novels?|flicks?|ones?)\b|"
    r"of\b(?! (?:luck|the bunch|friends|us|them|these|those)\b))?",
    re.IGNORECASE,
)


def scaled_phrases(facets: Facets) -> dict[str, tuple[str, str]]:
    """Return those of :data:`ADJECTIVES` whose scale a catalogue has."""
    return {said: own for said, own in ADJECTIVES.items() if own[0] == POPULARITY or facets.number_field(own[0])}
