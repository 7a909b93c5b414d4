"""What a message points at without a name: "the second one", "both", "it", "another one with him".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

_DOES = (
    r"(?:also |ever |still )?(?:direct(?:ed|s)?|ma[dk]e|wr[io]te|written|in\b|star(?:red|s)?|play(?:ed|s)?|"
    r"act(?:ed|s)?|do\b|done|did\b|appear(?:ed|s)?|been in|known|famous)"
)
_PRONOUN = re.compile(
    r"\b(?:with|by|from|of|like|w/?)\s+(?P<object>him|her)\b|"
    r"\b(?:without|not|minus|except|besides|drop|ditch|lose|forget|keep|w/o)\s+(?P<set>him|her)\b"
    r"(?=\W*(?:$|[,.;:!?]|(?:again|any ?more|this|please|pls|but|and|though|tho|then|tonight|now|either)\b))|"
    r"\b(?:of|by)\s+(?P<whose>his|hers|theirs)\b|"
    r"\b(?P<owner>his|her|their)\s+(?:other|best|newest|latest|first|last|early|movies?|films?|books?|works?|songs?)\b|"
    rf"\b(?:has|have|did|does|was|is)\s+(?P<subject>he|she)\s+(?:{_DOES}|(?:ever )?(?:co-?starred|work(?:ed)?)\b)|"
    r"\b(?:where|in which) (?P<there>he|she)\b|"
    r"\b(?:stand|bear|hate|dislike|sick of|tired of|bored (?:of|with)|fed up with|enough of|fan of|over) "
    r"(?P<against>him|her)\b(?! \w+s\b)|"
    r"\b(?P<vexing>he|she)\s+(?:really |just |always |so )?"
    r"(?:bores|annoys|irritates|bugs|creeps|gets on|grates|puts me|"
    r"drives me|freaks|leaves me|does nothing)\b|"
    rf"\b(?P<does>he|she)(?:['’]s)?\s+(?:is |was )?{_DOES}",
    re.IGNORECASE,
)


def pronoun(text: str) -> tuple[int, int] | None:
    """Return where a message means a person named before: "anything else by him"; None where it does not.

    >>> pronoun("what else has she made?"), pronoun("she likes comedies")
    ((14, 17), None)
    """
    match = _PRONOUN.search(text)
    return match.span(match.lastgroup or 0) if match else None


NOUNS = "movie|film|book|one|title|product|album|song"
"""What an item may be called without its name."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINAL = re.compile(
    rf"\b(?:(?:number|no\.?|option|#)\s*(?P<number>\d{{1,2}}|{'|'.join(_COUNTS)})\b|(?<!\ba )(?<!another )(?:the\s+)?"
    rf"(?:(?P<word>{'|'.join(_ORDINALS)})|(?P<short>\d{{1,2}})(?:st|nd|rd|th))"
    r"(?:\s+(?:one|movie|film|book|title|option|item|choice|suggestion|of (?:these|those|them))"
    r"(?! (?:that )?(?:he|she|they) ))|"
    r"the (?P<middle>middle) (?:one|film|movie|book|option)|the (?P<pair>former|latter)\b|"
    r"the (?P<last>last|latter) (?:one|option|movie|film|of (?:these|those|them))|"
    r"(?:^|\bthe\s+)(?P<alone>first|second|third|fourth|fifth|last)(?: one)?\W*$|"
    r"\bthe (?P<start>first|second|third|fourth|fifth)(?: one)?"
    r"(?=[,.!]| ?[-–—:]| and the \w+\b| is\b| the one\b| then\b| please\b| sounds\b| looks\b| about\b| like\b|\?))",
    re.IGNORECASE,
)
_SOME = re.compile(r"\bthe (?P<end>first|last) (?P<many>two|three|four|couple|[234])\b", re.IGNORECASE)
_FIRST_SAID = re.compile(
    r"\b(?:the|your) (?:very )?first(?: (?:one|film|movie|book|title|thing|suggestion|recommendation))? (?:that )?"
    r"(?:you|u) (?:said|named|suggested|mentioned|gave|recommended|offered|proposed|showed|had)\b|"
    r"\byour (?:very )?first (?:one|suggestion|recommendation|choice|pick|idea)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:which|any|either|one|what|each|none|how)(?: one)?(?: about)?(?: of)? (?P<of>the others?)\b"
    rf"(?! (?:{NOUNS}|day|night)\b)|"
    r"\b(?P<rest>the other (?:ones|two|three|four|films|movies|books|titles|options|choices|suggestions))\b",
    re.IGNORECASE,
)
"""What is on the screen beside the item that was named."""

_MANY = MappingProxyType({"two": 2, "couple": 2, "three": 3, "four": 4})
_THEM = re.compile(
    r"(?<!\bwith )(?<!\bby )(?<!\bstarring )\b(?:all of (?:them|these|those)|"
    r"(?:any|either|neither|none|which)(?: one)? of (?:(?:them|these|those)(?: two)?|the two)|"
    r"which one(?= is\b| has\b| was\b)|which ones(?= (?:are|have|were|run|star)\b)|"
    r"which is(?! the \w+(?:est|st) \w[^?.!]*\b(?:you|there|ever|around|here)\b)|(?:the|these|those) two|them both|"
    r"(?<!we )(?<!we'd )(?<!we’d )(?<!us )(?<!we'll )both(?: of (?:them|these|those))?"
    r"(?! (?:are |is |would be )?(?:fine|ok|okay|good|great|alright|all right|welcome)\b)"
    r"(?! (?-i:[A-Z])[\w'’-]+ (?:[\w'’-]+ )?and\b)(?! (?:of )?(?:the |my |his |her )?"
    r"(?!sounds|looks|seems|feels|films|movies|books)"
    r"(?:\w+ ){0,2}\w+s\b(?<!\bis)(?<!\bwas)(?<!\bhas)))\b",
    re.IGNORECASE,
)
_TWO = re.compile(r"\b(?:two|both|either|neither)\b", re.IGNORECASE)
IT = re.compile(rf"\b(?:it|(?:this|that) one|this|that|(?:the|this|that) (?:{NOUNS}))\b", re.IGNORECASE)
"""What was named last."""

THEY = re.compile(r"\b(?:they|them|these|those|each|both|which ones)\b", re.IGNORECASE)
"""Words for several items."""


def references(
    text: str,
    offered: Sequence[str],
    listed: Sequence[str] = (),
    recent: Sequence[str] = (),
    named: Sequence[tuple[int, int]] = (),
    shown: Sequence[str] = (),
    together: Sequence[str] = (),
) -> tuple[tuple[int, int, str], ...]:
    """Return the spans of a message that point at items of the last list, with these items.

    >>> references("who is in the second one?", ["a", "b"])
    ((10, 24, 'b'),)
    >>> references("compare the last two", ["c"], (), ["a", "b", "c"])
    ((8, 20, 'b'), (8, 20, 'c'))

    Args:
        text: The message.
        offered: Items of the latest reply that named any, in its order.
        listed: Items of the latest reply that named several, which may have been before that one.
        recent: Items that replies named, each once, the latest last.
        named: Spans of the items that the message names; "which one" beside two of them means these.
        shown: Items on the screen, the first of them named; "the second one" is among them, "the last one" is what
            was named last.
        together: Items that the person named in the message before; "those two" are these, where they are two.
    """
    if not offered:
        return ()
    first_said = _FIRST_SAID.search(text)
    if first_said is not None and recent:
        return ((*first_said.span(), listed[0] if len(listed) > 2 else recent[0]),)  # two: an offer and what it is like
    own = listed or offered
    seen = shown or own
    found = _first_or_last(text, own, seen, recent)
    found += [
        (*match.span(), several[place])
        for match in _ORDINAL.finditer(text)
        for several in [own if _counts_back(match) else seen]
        if 0 <= (place := _place(match, len(several))) < len(several)
    ]
    others = _OTHERS.search(text)
    if not found and others is not None and len(shown) > 1 and not _of_named(text, others.start(), named):
        found = [(*others.span(others.lastgroup or 0), item) for item in shown if item not in offered]
    them = _THEM.search(text)
    if not found and them is not None and not _of_named(text, them.start(), named):
        two = _TWO.search(them.group()) is not None
        pair = together if len(together) == 2 else recent[-2:]
        several = offered if len(offered) > 1 else pair if two else shown or listed or recent[-2:]
        found = [(*them.span(), item) for item in several] if len(several) > 1 else []
    return tuple(found)


def _first_or_last(
    text: str, own: Sequence[str], seen: Sequence[str], recent: Sequence[str]
) -> list[tuple[int, int, str]]:
    """Return what "the first two" and "the last three" mean."""
    found: list[tuple[int, int, str]] = []
    for match in _SOME.finditer(text):
        many = _MANY.get(match["many"].lower()) or int(match["many"])
        first = match["end"].lower() == "first"
        several = seen if first else own if len(own) >= many else recent
        some = several[:many] if first else several[-many:]
        found += [(*match.span(), item) for item in some]
    return found


_YEAR = r"(?:1[89]|20)\d\d"
_DATED = re.compile(
    rf"\bthe (?P<year>{_YEAR}) (?:[\w'’-]+ ){{0,3}}?(?:{NOUNS}|version|remake)\b|"
    rf"\bthe (?!(?:most|top|other|only|\w*est)\b)(?:[\w'’-]+ ){{0,3}}?(?:{NOUNS}|version) (?:from|of|made in) "
    rf"(?P<of>{_YEAR})\b|"
    r"\bthe (?:(?!of\b)[\w'’-]+ )?(?P<again>remake|reboot)\b(?! of\b)|"
    rf"\bthe (?:(?P<old>older|oldest|earlier|original)|(?P<new>newer|newest|later|latest))\b"
    rf"(?: of (?:the two|them|these|those)| (?:{NOUNS}|version)\b)",
    re.IGNORECASE,
)


def _of_named(text: str, place: int, named: Sequence[tuple[int, int]]) -> bool:
    """Tell whether two names stand before a place, or one that is set beside something, or two behind it."""
    end = next((match.start() for match in re.finditer(r"[.!?]", text) if match.start() >= place), len(text))
    before = sum(stop <= place for _, stop in named)
    compared = before == 1 and _COMPARED.search(text[:place]) is not None
    return compared or max(before, sum(place <= start < end for start, _ in named)) > 1


_COMPARED = re.compile(r"\b(?:compar\w+|versus|vs|better than|or|nor)\b[^.?!]*[.?!][^.?!]*$", re.IGNORECASE)
"""What sets something beside an item in the sentence before."""


def dated_references(text: str, families: Sequence[Sequence[tuple[int, str]]]) -> tuple[tuple[int, int, str], ...]:
    """Return the spans of a message that tell items in question apart by their years, with these items.

    >>> dated_references("the older one, not the 2010 one", [[(1969, "a"), (2010, "b")]])
    ((0, 13, 'a'), (19, 31, 'b'))

    Args:
        text: The message.
        families: Items that may be in question with their years, the likeliest family first: those of one title, those
            that were named together. What is older or newer is so beside the first of a family.
    """
    found = []
    for match in _DATED.finditer(text):
        year = match["year"] or match["of"]
        for family in families:
            item = _of_year(family, int(year)) if year else _by_age(family, _age(match))
            if item is not None:
                found.append((*match.span(), item))
                break
    return tuple(found)


def _age(match: re.Match[str]) -> str:
    return str(match["old"] or match["new"] or "newest")


def _of_year(family: Sequence[tuple[int, str]], year: int) -> str | None:
    return next((item for own, item in family if own == year), None)


def _by_age(family: Sequence[tuple[int, str]], word: str) -> str | None:
    """Return the item of a family that a word such as "older" means; None where all are of one year."""
    if len({year for year, _ in family}) < 2:
        return None
    word, first = word.lower(), family[0][0]
    if word in ("older", "earlier"):
        return max([entry for entry in family if entry[0] < first] or [min(family)])[1]
    if word in ("newer", "later"):
        return min([entry for entry in family if entry[0] > first] or [max(family)])[1]
    return (max if word in ("newest", "latest") else min)(family)[1]


def points_back(text: str) -> bool:
    """Tell whether a message speaks of "it" or "that one"."""
    return IT.search(text) is not None


def _counts_back(match: re.Match[str]) -> bool:
    """Tell whether words say what came last, not the how-manieth of several."""
    said = (match["alone"] or match["last"] or match["pair"] or "").lower()
    return said in ("last", "latter", "former")


def _place(match: re.Match[str], count: int) -> int:
    said = (match["word"] or match["alone"] or match["start"] or "").lower()
    pair = (match["pair"] or "").lower()
    if match["last"] or "last" in (said, pair) or pair == "latter":
        return count - 1
    if match["middle"] or pair == "former":
        return (count - 1) // 2 if match["middle"] else 0
    if said:
        return _ORDINALS.index(said)
    number = (match["number"] or match["short"]).lower()
    return _COUNTS.index(number) if number in _COUNTS else int(number) - 1


_ALL = re.compile(
    r"\b(?:(?:list|name|show|give|tell|see|want|hear)(?: me| us)? (?:them all|all(?: of)? (?:them|these|those|"
    r"his|hers?|theirs?)|"
    r"all\b)|(?:full|complete|whole) list)\b(?! (?:day|night|the time))|^\W*(?:them all|all of (?:them|those|"
    r"these))\W*$",
    re.IGNORECASE,
)


def wants_all(text: str) -> bool:
    """Tell whether a message asks for a whole list, with what was named already."""
    return _ALL.search(text) is not None
