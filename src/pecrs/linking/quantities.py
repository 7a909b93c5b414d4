"""Numbers in free text: years, decades, lengths of time, prices and how many items are asked for.

The only grammar of the package: values of a catalogue are looked up, but bounds such as "under two hours" or "the last
ten years" have no list to be looked up in. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from pecrs.linking.spans import meets, spans_of

Bounds = tuple[int | None, int | None]

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = MappingProxyType(
    {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
)
SPELT = MappingProxyType({word: n for n, word in enumerate(_UNITS)} | _TENS)
"""Spelt numbers, the tens up to ninety."""

_WORDS = MappingProxyType(
    SPELT | {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 3, "dozen": 12, "double": 2, "triple": 3}
)
_DECADE_WORDS = MappingProxyType(
    {"twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960}
    | {"seventies": 1970, "eighties": 1980, "nineties": 1990, "noughties": 2000}
)
_SPELT = "|".join(sorted([*_UNITS, *_TENS], key=len, reverse=True))
NUMBER = rf"(?:\d+(?:[.,]\d+)?|(?:{'|'.join(_TENS)})[- ](?:{'|'.join(_UNITS[1:10])})|{_SPELT})"
_YEAR = r"(?:1[89]|20)\d\d"
_DECADE = (
    r"(?:(?P<century>1[89]|20)(?P<digit>\d)0['’]?s|['’]?(?P<short>\d)0['’]?s|"
    rf"(?P<word>{'|'.join(_DECADE_WORDS)}))"
)
_COMPARED = r"(?:than|then)"
BELOW = (
    rf"(?:under|below|beneath|(?:(?<!no )(?<!not ))(?:less|fewer|shorter|cheaper|lighter|smaller|lower) {_COMPARED}|"
    rf"(?:no|not) (?:longer|more|heavier|dearer|bigger|larger|higher|over|above|more expensive)(?: {_COMPARED})?|"
    r"at most|up to|max(?:imum|\.)?(?: of)?|within)"
)
ABOVE = (
    rf"(?:over|above|(?:(?<!no )(?<!not ))(?:more|longer|heavier|bigger|larger|higher|better) {_COMPARED}|at least|"
    rf"min(?:imum)?(?: of)?|(?:no|not) (?:shorter|less|fewer|lighter|smaller|lower|under|below)(?: {_COMPARED})?)"
)
_STRICT = re.compile(rf"(?:under|below|beneath|over|above|\w+ {_COMPARED})$")
"""Bounds that are not part of the range, unless "no" or "not" stands before: "no more than"."""
ABOUT = r"(?:about|around|roughly|approximately|circa|some)"
_BEFORE = r"(?:before|prior to|pre[- ]?|older than|earlier than|until|till|up to)"
_HOURS = (
    rf"(?P<hours>{NUMBER}(?:[- ]and[- ]a[- ](?:half|quarter))?|an?(?=[ -])|half an(?=[ -]))[ -]?(?:hours?|hrs?|h)\b"
)
_MORE = rf"(?:\s*(?:and\s*)?(?P<more>{NUMBER}|a half|a quarter)\s*(?:minutes?|mins?|m\b)?)?"
_TIME = rf"{_HOURS}{_MORE}|(?P<minutes>{NUMBER})[ -]?(?:minutes?|mins?)\b"
_LESS = r"(?P<tail>\s+(?:or (?:less|shorter|under)|(?:max|tops|at most)))?"
_BOUND = rf"(?:(?P<below>{BELOW})|(?P<above>{ABOVE})|(?P<about>{ABOUT}))"
_CURRENCY = r"[$€£]"
_AMOUNT = (
    rf"(?:{_CURRENCY}\s?(?P<{{0}}a>\d+(?:[.,]\d+)?)|"
    rf"(?P<{{0}}b>{NUMBER})\s?(?:{_CURRENCY}|(?:dollars?|bucks|euros?|pounds?|usd|eur|gbp|quid)\b))"
)
_PART = r"(?P<part>early[- ]|mid[- ]?|late[- ])?"


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """A number, or a range of numbers, and where it stands.

    Attributes:
        start: First character.
        end: One past the last character.
        kind: ``year``, ``minutes``, ``money``, ``count`` of items, or the field of a catalogue.
        low: Least number, or None where there is no bound.
        high: Largest number, or None.
        strict: Whether the bounds themselves are outside: "under 20".
        label: As it is shown, where the words say it best: "in stock".
        denied: Whether a word before it turned the bound round: "nothing longer than two hours" is at most that long.
    """

    start: int
    end: int
    kind: str
    low: float | None
    high: float | None
    strict: bool = False
    label: str = ""
    denied: bool = False


def read_quantities(text: str, now: int) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order, without overlap; longer expressions come before their parts.

    >>> [(q.kind, q.low, q.high) for q in read_quantities("a comedy from the 80s, under two hours", 2026)]
    [('year', 1980, 1989), ('minutes', None, 120.0)]
    >>> [(q.low, q.high) for q in read_quantities("between 80 and 120 minutes, or one to two hours", 2026)]
    [(80.0, 120.0), (60.0, 120.0)]

    Args:
        text: One message.
        now: The present year, which "the last ten years" counts from.
    """
    lower = text.lower()
    found = [*_years(lower, now), *_times(lower), *_money(lower), *_counts(lower)]
    return tuple(_turned_round(lower, quantity) for quantity in longest(found))


def longest(found: Iterable[Quantity], others: Collection[Quantity] = ()) -> tuple[Quantity, ...]:
    """Return quantities in order, without overlap: the longest stay, and of equally long ones no others.

    Args:
        found: In one text.
        others: Those that give way to equally long ones.
    """
    chosen: list[Quantity] = []
    for quantity in sorted([*found, *others], key=lambda q: (q.start - q.end, q in others, q.start)):
        if not meets((quantity.start, quantity.end), spans_of(chosen)):
            chosen.append(quantity)
    return tuple(sorted(chosen, key=lambda quantity: quantity.start))


_NEGATION = (
    r"(?:\b(?:nothing|none|no|not|never|nobody|cannot|cant|dont|doesnt|isnt|wont|shouldnt|without)\b|n['’]t\b)"
    r"(?!\s+(?:mind|care|matter|bother|enough|only|just)\b)"
)
_BETWEEN = r"(?:\s+(?!(?:but|and|so|because|with|by|starring|problem|that['’]s)\b)[\w'’]+)"
_DENIED = re.compile(rf"{_NEGATION}{_BETWEEN}{{0,6}}\s+$")
_DENIED_CLOSE = re.compile(
    rf"{_NEGATION}(?:\s+(?:from|of|made|shot|released|anything|any|something|that|is|was|came|out|ones?|please|want|wanna|"
    r"need|like|watch|see|to|give|show|me|us|stuff|things?|films?|movies?|books?|really))*\s+$"
)
_COMPARES = re.compile(rf"\w+ {_COMPARED}\b|(?:over|under|above|below)\b")


def _turned_round(text: str, quantity: Quantity) -> Quantity:
    """Return a bound as what it leaves where its clause denies it: "none of them older than 1990" is 1990 or later."""
    low, high, words = quantity.low, quantity.high, text[quantity.start : quantity.end]
    if quantity.kind == "count" or (low is None) == (high is None) or words.startswith(("no ", "not ")):
        return quantity
    clause = re.split(r"[,.;:!?()]", text[: quantity.start])[-1]
    denied = _DENIED if _COMPARES.match(words.lstrip()) else _DENIED_CLOSE
    if not denied.search(clause):
        return quantity
    if quantity.kind == "year":
        low, high = (None, low - 1) if low is not None else (None if high is None else high + 1, None)
    else:
        low, high = high, low
    return replace(quantity, low=low, high=high, strict=quantity.kind != "year" and not quantity.strict, denied=True)


def is_strict(bound: str | None) -> bool:
    """Tell whether a bound's words leave the number itself out.

    >>> is_strict("under"), is_strict("no more than"), is_strict("at most"), is_strict("cheaper than")
    (True, False, False, True)
    """
    return bound is not None and not bound.startswith(("no ", "not ")) and _STRICT.match(bound) is not None


def number(text: str) -> float:
    """Return the value of digits or of a spelt number below a hundred; articles are one.

    >>> number("twenty-five"), number("2,5"), number("1,200"), number("half an"), number("two and a half")
    (25.0, 2.5, 1200.0, 0.5, 2.5)
    """
    whole, mark, part = text.strip().replace("-and-a-", " and a ").partition(" and a ")
    if mark:
        return number(whole) + number(f"a {part}")
    text = whole
    if text[0].isdigit():
        whole, mark, rest = text.replace(",", ".").partition(".")
        return float(whole + rest) if mark and len(rest) == 3 else float(f"{whole}.{rest or 0}")
    if text.startswith(("half", "a half")):
        return 0.5
    if text == "a quarter":
        return 0.25
    return float(sum(_WORDS[word] for word in re.split(r"[- ]", text)))


def _years(text: str, now: int) -> Iterator[Quantity]:
    for pattern, bounds in _YEAR_RULES:
        for match in pattern.finditer(text):
            low, high = bounds(match, now)
            if low is None or high is None or low <= high:
                yield Quantity(match.start(), match.end(), "year", low, high)


def _decade(match: re.Match[str]) -> int:
    if match["word"]:
        return _DECADE_WORDS[match["word"]]
    if match["century"]:
        return int(f"{match['century']}{match['digit']}0")
    digit = int(match["short"])
    return (1900 if digit >= 3 else 2000) + 10 * digit


def _decade_range(match: re.Match[str], now: int) -> Bounds:
    first, part = _decade(match), match["part"] or ""
    if part.startswith("early"):
        return first, first + 4
    if part.startswith("mid"):
        return first + 3, first + 6
    return (first + 5 if part.startswith("late") else first), first + 9


def _span_back(match: re.Match[str], now: int) -> Bounds:
    if match["count"] in ("few", "couple of"):
        return now - 4, now
    count = number(match["count"]) if match["count"] else 1
    return now - int(count * (10 if match["unit"].startswith("decade") else 1)), now


def _before(match: re.Match[str], now: int) -> Bounds:
    return None, int(match["a"]) - 1


def _later(match: re.Match[str], now: int) -> Bounds:
    return int(match["a"]) + 1, None


def _since(match: re.Match[str], now: int) -> Bounds:
    return int(match["a"]), None


def _both(match: re.Match[str], now: int) -> Bounds:
    low, high = sorted((int(match["a"]), int(match["b"])))
    return low, high


def _century(number: int) -> Bounds:
    return 100 * (number - 1), 100 * number - 1


_CENTURIES = ("fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth")
_A_YEAR = rf"(?:the\s+)?(?:year\s+)?(?P<a>{_YEAR})\b(?!['’]?s)"
_LAST = (
    r"\b(?:(?:in|within|of|from|over|during)\s+)?the (?:last|past|previous)\s+"
    rf"(?:(?P<count>{NUMBER}|few|couple of)\s+)?"
)
_NO_YEAR = r"(?![\d'’]|s\b|\s*(?:minutes|mins|dollars|people))"
_OR_LATER = (
    r"(?:(?:or|and)\s+(?:after|later|newer|younger|onwards?|up|since|beyond)\b|onwards?\b|on(?=\s*(?:$|[.,;!?])))"
)
_OF_THE_YEAR = (
    r"(?:from|of|in|out|released|made|shot|published|new|since|during|within|for|only)\s+(?:(?:in|from|of)\s+)?"
)
"""Before "this year", where it says of when an item is and not when something else happens."""

_YEAR_RULES = tuple(
    (re.compile(pattern), bounds)
    for pattern, bounds in (
        (rf"\b(?:between|from)?\s*(?P<a>{_YEAR})\s*(?:to|and|until|till|through|-|–)\s*(?P<b>{_YEAR})\b", _both),
        (rf"\b{_BEFORE}\s*{_A_YEAR}", _before),
        (rf"\b(?P<a>{_YEAR})\s+(?:or|and)\s+(?:before|earlier|older)\b", lambda m, now: (None, int(m["a"]))),
        (rf"\b(?P<a>{_YEAR})\s*(?:\+|(?:or|and)\s+(?:after|later|newer|onwards?|up)\b|onwards?\b)", _since),
        (rf"\b(?:after|newer than|later than|post)[- ]{_A_YEAR}", _later),
        (rf"\b(?:since|from)\s+(?P<a>{_YEAR})\s+(?:on(?:wards?)?|up)\b", _since),
        (rf"\bsince\s+{_A_YEAR}", _since),
        (
            rf"\b(?:at least|(?:not|no) (?:older|earlier) than|not before)\s+(?:from\s+)?{_A_YEAR}",
            _since,
        ),
        (rf"\b(?P<a>{_YEAR})\s+at the (?:earliest|oldest)\b", _since),
        (rf"\b{_BEFORE}\s*(?:the\s+)?{_PART}{_DECADE}(?!\w)", lambda m, now: (None, _decade(m) - 1)),
        (
            rf"\b(?:after|newer than|later than|post[- ]?)\s*(?:the\s+)?{_PART}{_DECADE}(?!\w)",
            lambda m, now: (_decade(m) + 10, None),
        ),
        (
            rf"(?:\b(?:from|since|in)\s+)?(?:the\s+)?(?<!\w){_PART}{_DECADE}\s+{_OR_LATER}",
            lambda m, now: (_decade_range(m, now)[0], None),
        ),
        (
            rf"(?:the\s+)?(?<!\w){_PART}{_DECADE}\s+(?:or|and)\s+(?:before|earlier|older)\b",
            lambda m, now: (None, _decade_range(m, now)[1]),
        ),
        (
            rf"(?<![\w$€£])(?<!my )(?<!our )(?<!your )(?<!his )(?<!her )(?<!their )(?:the\s+)?{_PART}{_DECADE}"
            r"(?!\w)(?!\s+(?:minutes|dollars|degrees|year))",
            _decade_range,
        ),
        (rf"{_LAST}(?P<unit>years?|decades?)\b", _span_back),
        (r"\bthis century\b|\b(?:the )?(?:21st|twenty-first) century\b", lambda m, now: (2000, None)),
        (r"\b(?:last|the previous|the 20th|20th) century\b", lambda m, now: (1900, 1999)),
        (
            rf"\b(?:the )?(?:(?P<nth>\d{{1,2}})(?:st|nd|rd|th)|(?P<spelt>{'|'.join(_CENTURIES)}))[- ]century\b",
            lambda m, now: _century(int(m["nth"] or _CENTURIES.index(m["spelt"]) + 15)),
        ),
        (r"\bthis decade\b", lambda m, now: (now // 10 * 10, None)),
        (rf"\b{_OF_THE_YEAR}this year\b|\bthis year['’]s\b|^\W*this year\W*$", lambda m, now: (now, None)),
        (rf"\b{_OF_THE_YEAR}last year\b|\blast year['’]s\b|^\W*last year\W*$", lambda m, now: (now - 1, now - 1)),
        (rf"(?<![\d$€£.,])(?P<a>{_YEAR}){_NO_YEAR}", lambda m, now: (int(m["a"]), int(m["a"]))),
    )
)


_AVAILABLE = re.compile(
    r"(?:['’]ve|\b(?:have|got|only|for|in|just|spare|there(?:'s| is)))"
    r"(?: (?:only|just|got|about|around|like|maybe|the next|have))*\s*$"
)
"""Words before the time that somebody has, which an item must not exceed: "I've got 90 minutes"."""

_TIMES = re.compile(rf"\b{_BOUND}?\s*(?:{_TIME}){_LESS}")


_LOW_HIGH = (("a", "one"), ("b", "unit"))
_UNIT = r"minutes?|mins?|hours?|hrs?"
_RANGE_OF_TIME = re.compile(
    rf"\b(?:between\s+|from\s+)?(?P<a>{NUMBER})(?:[ -]?(?P<one>{_UNIT}))?\s*(?:and|to|-|–)\s*(?P<b>{NUMBER})"
    rf"[ -]?(?P<unit>{_UNIT})\b(?! and a half)"
)


def _times(text: str) -> Iterator[Quantity]:
    for match in _RANGE_OF_TIME.finditer(text):
        low, high = (number(match[n]) * (60 if "h" in (match[u] or match["unit"]) else 1) for n, u in _LOW_HIGH)
        if low < high:
            yield Quantity(match.start(), match.end(), "minutes", low, high)
    for match in _TIMES.finditer(text):
        minutes = number(match["minutes"]) if match["minutes"] else 60 * number(match["hours"])
        if match["more"]:
            minutes += number(match["more"]) * (60 if match["more"].startswith("a ") else 1)
        if match["below"] or match["tail"] or (not match["above"] and _AVAILABLE.search(text[: match.start()])):
            yield Quantity(match.start(), match.end(), "minutes", None, minutes, is_strict(match["below"]))
        elif match["above"]:
            yield Quantity(match.start(), match.end(), "minutes", minutes, None, is_strict(match["above"]))
        else:
            yield Quantity(match.start(), match.end(), "minutes", minutes - 15, minutes + 15)


_MONEY_RANGE = re.compile(
    rf"\b(?:between|from)\s*{_AMOUNT.format('x')}?(?P<bare>\d+)?\s*(?:and|to|-|–)\s*{_AMOUNT.format('y')}"
)
_MONEY = re.compile(rf"(?:\b{_BOUND}\s*)?{_AMOUNT.format('x')}{_LESS}")


def _money(text: str) -> Iterator[Quantity]:
    for match in _MONEY_RANGE.finditer(text):
        first = match["xa"] or match["xb"] or match["bare"]
        if first:
            low, high = sorted((number(first), number(match["ya"] or match["yb"])))
            yield Quantity(match.start(), match.end(), "money", low, high)
    for match in _MONEY.finditer(text):
        amount = number(match["xa"] or match["xb"])
        if match["below"] or match["tail"]:
            yield Quantity(match.start(), match.end(), "money", None, amount, is_strict(match["below"]))
        elif match["above"]:
            yield Quantity(match.start(), match.end(), "money", amount, None, is_strict(match["above"]))
        else:
            yield Quantity(match.start(), match.end(), "money", round(0.8 * amount, 2), round(1.2 * amount, 2))


_ASKED_FOR = (
    r"(?<!my )(?:top|best|another|next|(?<!the )first|gimme|(?:give|show|find|send|get|pick|tell)(?: me| us)?|list|"
    r"name|suggest|recommend|need|want)\s+(?:me\s+|us\s+)?(?:your\s+)?(?:the\s+)?(?:top\s+|best\s+)?(?:like\s+|about\s+|maybe\s+|around\s+)?"
)
_NO_COUNT = (
    r"(?![:'’]?\d|\s*(?:%|hours?|minutes?|mins|years?|stars|dollars|bucks|times|things?|"
    r"(?:[\w'’-]+\s+)?(?:people|persons|men|women|guys|girls|boys|kids|children|friends|brothers|sisters|"
    r"strangers|lovers|couples|families|dogs|cats|leads|actors|actresses|characters)\b)|"
    r"\s*of (?:all|the|those|them))"
)
_OF_THEM = r"of (?:them|those|these)"
_LONE = (
    r"(?:^|[.!?;:–-]\s+|(?<=[a-z]),\s+)\W*"
    r"(?:(?:maybe|about|like|and|also|plus|then|now|ok|what about|how about)\s+)*",
    rf"(?:\s+{_OF_THEM})?(?:\s+or so)?(?=,?\s+"
    r"(?:please|pls|plz|thanks|thx|if (?:you|u|possible)|(?:would|will|['’]?ll|should) (?:be|do)\b|"
    r"is (?:enough|fine|plenty)|(?:with|by|starring|featuring|of (?:his|hers)|like (?:that|this|it|those|them|these)|"
    r"from the (?=\d0|[a-z]+ties\b|19|20))\b))",
)
_MADE_IT = r"\b(?:make (?:it|that|them)|ideally|preferably)\s+", r"(?=\s*(?:[.!,;?]|$|\bof (?:them|those|these)\b))"
"""Around a number that says how many and stands alone: "Three, please", "4 of them would be good", "make it two"."""
_NOUNS = (
    "movies|films|flicks|books|novels|albums|songs|tracks|items|products|options|suggestions|recommendations|titles|"
    "choices|ideas|ones|picks|comedies|thrillers|westerns|dramas|musicals|documentaries|romances|classics|cartoons|romcoms"
)
_COUNT = re.compile(
    rf"\b{_ASKED_FOR}(?P<a>\d{{1,2}}|{_SPELT}|a couple(?: of)?|a few|a dozen|several)\b{_NO_COUNT}"
    rf"|\b(?P<b>\d{{1,2}}|{_SPELT}|a couple(?: of)?|a dozen)\s+(?:[\w'’-]+\s+){{0,3}}?(?:{_NOUNS})\b"
    rf"|\b(?:list|selection|choice|set|handful|couple) of (?P<d>\d{{1,2}}|{_SPELT})\b{_NO_COUNT}"
    rf"|\b{_ASKED_FOR}(?P<f>\d{{1,2}}|{_SPELT})(?=\s+of (?:them|those|these)\b)"
    rf"|{_LONE[0]}(?P<e>\d{{1,2}}|{_SPELT}){_LONE[1]}|{_MADE_IT[0]}(?P<g>\d{{1,2}}|{_SPELT}){_MADE_IT[1]}"
    rf"|\b(?P<h>double|triple)[- ](?:bill|feature)s?\b"
    rf"|\b(?P<c>\d{{1,2}}|{_SPELT})\s+(?:more|others)\b(?!\s+(?:times?|minutes|hours|years|days|things?|than)\b)"
)


def _counts(text: str) -> Iterator[Quantity]:
    for match in _COUNT.finditer(text):
        name = match.lastgroup or "a"
        word = match[name].removesuffix(" of").split()[-1]
        value = int(word) if word.isdigit() else _WORDS[word]
        if value >= 1:
            yield Quantity(match.start(name), match.end(name), "count", value, value)
