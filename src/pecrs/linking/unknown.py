"""Names in a message that the catalogue does not have: titles and people that somebody asks for or tells of.

A name is told by what stands before it ("have you got ...", "directed by ...") or beside it in a list, and by its own
words: a capital inside the sentence, or words that everyday English does not have. Words with capitals that small ones
join are one name: "Searching for Bobby Fischer". Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from pecrs.linking.lexicon import CALENDAR, CHATTER, CUES, FUNCTION, fold, frequency, words_of
from pecrs.linking.spans import meets, spans_of

_HAVE = r"(?:have|has|had|hav|got|do|did|does|know)"
_ASKING = re.compile(
    rf"\b(?:don['’]?t (?:you|u) (?:know|have)|{_HAVE} (?:you|u|ya|they)(?: guys)?(?: even| also| ever)? "
    r"(?:got|have|had|seen|heard of|know|know of|watched)|do you do|(?:ever|have you) (?:seen|heard of|watched)|"
    r"is there (?:the|a) (?:film|movie)|(?:film|movie|series) called|can i (?:watch|see)|"
    r"is there(?: an?| the)?(?=\s+(?-i:[A-Z]))|"
    r"(?:maybe|perhaps|such as)(?=\s+(?-i:[A-Z][\w'’]+\s+(?:(?:of|the|in|on|and|a)\s+)*[A-Z])))\s+"
    r"(?:the (?:film|movie|book|series) (?:called |named )?)?(?!(?:any|some)(?:thing|one)?\b|one\b|another\b|more\b)",
    re.IGNORECASE,
)
"""Words that ask whether there is something, whatever it is called."""

_NAMING = re.compile(
    r"\b(?:(?:what|how|know|tell me|anything|something) about|looking for|search(?:ing)? for|want to (?:see|watch)|"
    r"who (?:directed|made|wrote|shot|filmed|produced|composed|stars in|is in|plays in|"
    r"acted in)|who['’]?s in|when (?:was|did)|"
    r"(?:(?:some|any)thing|(?:films?|movies?|one|ones|stuff|more)) (?:just )?like|similar to|remind(?:s|ed) me of|"
    r"in the (?:style|vein|spirit|manner) of|compared? (?:it |that |this )?(?:to|with)|"
    r"(?:loved?|liked?|enjoyed?|hated?|watched|saw|seen|adored?|finished|binged?|binge[- ]?watch(?:ed|ing)|rewatched|"
    r"rewatching|obsessed with|hooked on|(?:big |huge )?fan of)|as good as|better than|"
    r"i (?:mean|meant|said|asked (?:for|about))"
    r"(?!\s+(?:an?\s+)?(?:something|anything|films?|movies?|ones?|stuff|more)\b))\s+"
    r"(?:the (?:film|movie|book|series) (?:called |named )?)?",
    re.IGNORECASE,
)
_ASKED_AFTER = re.compile(
    r"(?:^|[.?!]\s+)(?=\w[^.?!,]*[,.?!]\s*(?:do|don['’]t|have|got|is|you)\b[^.?!,]{0,30}"
    r"\b(?:it|that|this|those|them|in there)\s*(?:$|[.?!,]))",
    re.IGNORECASE,
)
"""Before a clause that is asked about: "Searching for Bobby Fischer, do you have that?"."""

_IS_A_FILM = re.compile(
    r"(?:^|(?<=[.?!,])\s+)(?:(?i:no|yes|but|and|well)\W+)*"
    r"(?=[A-Z][\w'’]*(?: [A-Z][\w'’]*)* is (?:a|an|the) (?:[\w-]+ ){0,3}"
    r"(?:film|movie|documentary|book|novel)(?: (?:by|from|with|about|of|in|that|where)\b|\W*$|[.,!?]))"
)
"""Before what is said to be a work: "Baraka is the documentary by Ron Fricke"."""

_COMPARING = (
    re.compile(r"\b(?:compare|between|versus|vs\.?)\s+", re.IGNORECASE),
    re.compile(r"\b(?:compare|between)\s[^.?!]*?\b(?:and|or|with|to)\s+", re.IGNORECASE),
)
"""What stands before the first and the second of two works."""

_JOINING = re.compile(r"\b(?:and|or|with|to|versus|vs)\b", re.IGNORECASE)

_TASTED = re.compile(
    r"\b(?:loved|liked|enjoyed|hated|watched|saw|seen|adored|finished|binged|rewatched)\s+"
    r"(?:[^.?!]*(?:,|\band)\s+)?$",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\s*(?:[.,!?;]|and\b|but\b|$)", re.IGNORECASE)

_TELLING = re.compile(
    r"(?:some|any)thing|films?|movies?|ones?|stuff|more|similar|remind|in the|compare|"
    r"love|like|enjoy|hate|watched|saw|seen|adore|"
    r"finish|binge|rewatch|obsessed|hooked|fan|"
    r"as good|better",
    re.IGNORECASE,
)
"""What begins words after which a name is an example or a taste, not what is asked for."""

_PERSON = re.compile(
    r"\b(?:by|with|starring|featuring|(?:directed|written|made) by|directors?|actors?|actress|stars?|from)\s+"
    r"(?:(?:miss|mr|mrs|ms|mister|sir|dame|monsieur|madame)\b\.?\s+)?",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"(?:^|(?<=[.?!])\s+)\W*(?:(?:ok|okay|well|hm+|and|so|oh|ah|then|no|yes|fine|right|or|but|also|maybe|perhaps|"
    r"what about|how about|is there(?: an?| the)?|have you (?:got)?|do you (?:have|know))\W+)*"
    r"(?=\w[^.?!,;]*(?:,\s*which\b[^.?!]*)?\?)",
    re.IGNORECASE,
)
"""The beginning of a sentence that may be nothing but a name, with a question mark."""

_SMALL_OF_NAME = "of|the|for|in|to|on|at|a|an|my|de|la|du|des|del|di|van|von|der|den"
_RUN = regex.compile(
    rf"\p{{Lu}}[\p{{L}}\p{{N}}'’]*(?:(?: |: | ?-| & )(?:(?:{_SMALL_OF_NAME}) ){{0,2}}"
    r"[\p{Lu}\p{N}][\p{L}\p{N}'’]*)+"
)
"""Words with capitals, and small ones between them."""

_NOBLE = regex.compile(
    r"(?:(?:Is|Was|Has|Does|Did|And|But|No) )?(?P<name>(?:\p{Lu}[\p{L}.'’-]* ){1,2}"
    r"(?:(?:van|von|del)(?: de[rn])?|(?P<of>d[eiua]|des|dos|le|la)(?: la)?) \p{Lu}[\p{L}'’-]+)"
)
"""Somebody with a small word in the name."""

_SEPARATOR = re.compile(r"\s*(?:,\s*(?:(?:and|or)\b)?|\band\b|\bor\b)\s*(?=\w)", re.IGNORECASE)
_BEFORE_SEPARATOR = re.compile(r"(?P<name>[^.?!,;]+?)\s*(?:,\s*(?:(?:and|or)\b)?|\band|\bor)\s*$", re.IGNORECASE)
_LISTED_END = re.compile(r"\s*(?:$|[.,!?;]|(?:and|or|but|are|is|were|was)\b)", re.IGNORECASE)
_END = re.compile(
    r"[.?!;,\n()]|\s[-–—]|\band (?:need|want|now|i|we|am|are|would|could|can|looking|have|got|my)\b|\b(?:but|then|"
    r"too|instead|please|though|tonight|at all|or|because|which|that|if|yet|already|"
    r"here|available|anywhere|in your|on|for|with|again|last|yesterday|is|was|are|were|has|have|released|made|come|out|"
    r"movies?|films?|series|vs|versus)\b",
    re.IGNORECASE,
)
_POINTING = frozenset("it this that these those them one".split())
_JOINS_NAME = regex.compile(r"\s+(?:and|or)\s+\p{Lu}")
_LONGEST = 7
_RARE, _ODD = 3.9, 3.0
"""Frequencies under which a word in lower case may be a name: after words that ask for one, and elsewhere."""

_PLAIN = CHATTER | CUES | CALENDAR


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that the catalogue lacks.

    Attributes:
        start: First character.
        end: One past the last.
        name: As it is written.
        person: Whether somebody is meant, not a title.
        asked: Whether the message asks for it or about it, rather than tells of it.
    """

    start: int
    end: int
    name: str
    person: bool = False
    asked: bool = True


def unknown_names(
    text: str,
    taken: Sequence[tuple[int, int]],
    known: Callable[[str], bool],
    doubtful: Sequence[tuple[int, int]] = (),
    titles: Sequence[tuple[int, int]] = (),
) -> tuple[UnknownName, ...]:
    """Return the names that a message asks for or tells of and that the catalogue lacks, in order.

    >>> [found.name for found in unknown_names("have you got Oppenheimer?", [], lambda word: False)]
    ['Oppenheimer']

    Args:
        text: One message.
        taken: Spans that the catalogue has, and quantities.
        known: Tells whether a folded word is part of a value of the catalogue.
        doubtful: Spans that may be somebody of the catalogue, unless the message asks whether it has such a title.
        titles: Those of the spans taken that name items; what stands beside them in a list is a title, too.
    """
    noble = [span for span in with_particles(text) if not meets(span, taken)]
    found = [UnknownName(*span, text[slice(*span)], person=True) for span in noble]
    for frame in (_ASKING, _ASKED_AFTER, _IS_A_FILM, _NAMING, *_COMPARING, _PERSON, _ALONE):
        rare, person = (_RARE if frame in (_ASKING, _ALONE) else _ODD), frame is _PERSON
        for match in frame.finditer(text):
            if frame is _NAMING and text[match.start()].isupper() and _OPENS.search(text[: match.start()]) is None:
                continue  # "... or Searching for Sugar Man"
            held = taken if frame in (_ASKING, _ASKED_AFTER) else (*taken, *doubtful)
            stop = min((start for start, _ in held if start > match.end()), default=len(text))
            if frame in _COMPARING and (other := _JOINING.search(text, match.end(), stop)):
                stop = other.start()
            opens = frame in (_ALONE, _ASKED_AFTER)
            span = _name(text[:stop], match.end(), rare, known, alone=opens, person=person)
            if span is None or meets(span, held):
                continue
            if not meets(span, spans_of(found)):
                asked = frame is not _NAMING or _TELLING.match(match.group()) is None
                found.append(UnknownName(*span, text[span[0] : span[1]], person, asked))
    seeds = [*titles, *spans_of(name for name in found if not name.person)]
    for start, end in _listed_beside(text, seeds, [*taken, *spans_of(found)], doubtful):
        asked = "?" in re.split(r"[.!]", text[end:])[0]
        found.append(UnknownName(start, end, text[start:end], asked=asked))
    bare = (entry for entry in map(_bare, found) if _INDEFINITE.match(entry.name) is None)
    return tuple(sorted(bare, key=lambda entry: entry.start))


_INDEFINITE = re.compile(r"an? [^A-Z]*$")
"""Any one of a kind is no name: "about a wiretapper"."""


def _bare(name: UnknownName) -> UnknownName:
    """Return a name without what stands around it: "like Local Hero", "just Blow Out by De Palma", "Dune from 2021"."""
    if name.person:
        return name
    led = _LEADING.match(name.name)
    words = name.name[led.end() if led else 0 :]
    end = _TRAILING.search(words)
    words = words[: end.start()] if end else words
    start = name.start + (led.end() if led else 0)
    return replace(name, start=start, end=start + len(words), name=words) if words[:1].isalnum() else name


_LEADING = re.compile(
    r"^(?:(?:like|just|maybe|perhaps|even|got|have|about|only|also|say|as|is|was|the (?:film|movie))\s+)+(?=\S)",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s+(?:for (?:example|instance)|from (?:18|19|20)\d\d|"
    r"(?:directed )?by (?-i:[A-Z])[^.?!]*|perhaps|maybe|tho|though)$",
    re.IGNORECASE,
)

_LIKE = re.compile(r"\b(?:like|to|of)\s+$", re.IGNORECASE)
_OR_ANOTHER = regex.compile(r"\s*(?:,|\bor\b|\band\b)\s*(?=\p{Lu})")


def among_titles(
    text: str,
    span: tuple[int, int],
    titles: Sequence[tuple[int, int]],
    held: Sequence[tuple[int, int]],
    known: Callable[[str], bool],
) -> bool:
    """Tell whether a word stands where a title does: "something like Baraka or Koyaanisqatsi", "Baraka is a film by".

    Args:
        text: One message.
        span: The word, which may be somebody's last name.
        titles: Spans that name items.
        held: Spans that mean something.
        known: Tells whether a folded word is part of a value of the catalogue.
    """
    if " " in text[slice(*span)] or not text[span[0]].isupper():
        return False
    if any(match.end() == span[0] for match in _IS_A_FILM.finditer(text)):
        return True
    other = _OR_ANOTHER.match(text, span[1])
    if other is None or not _LIKE.search(text[: span[0]]):
        return False
    name = _name(text, other.end(), _ODD, known, alone=False, person=False)
    return any(start == other.end() for start, _ in titles) or (name is not None and not meets(name, held))


def with_particles(text: str) -> list[tuple[int, int]]:
    """Return the spans of names of people that have a small word: "Ludwig van Beethoven".

    A French or Italian one is a title as often, so that words beside it must say that somebody is meant.

    >>> text = "films with Louis de Funès, Jean de Florette"
    >>> [text[start:end] for start, end in with_particles(text)]
    ['Louis de Funès']
    """
    names = [(name, name.span("name")) for name in _NOBLE.finditer(text)]
    led = {match.end() for match in _PERSON.finditer(text)}
    return [span for name, span in names if not name["of"] or span[0] in led or text.startswith(" in ", span[1])]


_OPENS = re.compile(r"(?:^|[.?!:])\s*$")


def title_runs(text: str) -> list[tuple[int, int]]:
    """Return the spans of several words with capitals that small words may join.

    >>> text = "I mean Harakiri or The Sword of Doom."
    >>> [text[start:end] for start, end in title_runs(text)]
    ['The Sword of Doom']
    """
    spans = [(match.end() - len(_LED.sub("", match.group(), count=1)), match.end()) for match in _RUN.finditer(text)]
    return [(start, end) for start, end in spans if " " in text[start:end]]


_LED = re.compile(r"^(?:Which|Whose|Are|Is|Does|Do|Did|Has|Have|Can|Could|Was|Were|Any|Or|And|But|So|Maybe)\s+")
"""A word that opens a question and has its capital from there."""


def _listed_beside(
    text: str, seeds: Sequence[tuple[int, int]], held: Sequence[tuple[int, int]], doubtful: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield names that stand in a list with some titles, on either side; several capitals are a name beyond doubt."""
    waiting, held = list(seeds), list(held)
    while waiting:
        start, end = waiting.pop()
        behind, before = _SEPARATOR.match(text, end), _BEFORE_SEPARATOR.search(text[:start])
        places = []
        if behind is not None:
            joined = _JOINS_NAME.search(text, behind.end())
            places.append((behind.end(), joined.start() if joined else len(text)))
        if before is not None:
            runs = [place for place, last in title_runs(text[: before.end("name")]) if last == before.end("name")]
            single = before.start("name") + max(before["name"].rstrip().rfind(" ") + 1, 0)
            places.append((runs[0] if runs else single, before.end("name")))
        for first, stop in places:
            opens = _OPENS.search(text[:first]) is not None
            span = _name(text[:stop], first, _ODD, lambda _: False, alone=opens, person=False)
            if span is None or not (span[1] == stop or _LISTED_END.match(text, span[1])):
                continue
            small = [fold(word.group()) for word in words_of(text[slice(*span)]) if word.group()[0].islower()]
            if not FUNCTION.issuperset(small):
                continue
            capitals = sum(word.group()[0].isupper() for word in words_of(text[slice(*span)]))
            if not meets(span, held) and (capitals > 1 or not meets(span, doubtful)):
                held.append(span)
                waiting.append(span)
                yield span


def stands_as_title(text: str, start: int, end: int) -> bool:
    """Tell whether words are told of as a work is, alone or in a list: "I loved Parasite and Oldboy".

    >>> stands_as_title("I loved Parasite and Oldboy", 8, 16), stands_as_title("I loved parasite films", 8, 16)
    (True, False)
    """
    asked = any(match.end() == start for match in _ASKING.finditer(text[:start]))
    return (asked or _TASTED.search(text[:start]) is not None) and _LISTED.match(text, end) is not None


def _name(
    text: str, start: int, rare: float, known: Callable[[str], bool], *, alone: bool, person: bool
) -> tuple[int, int] | None:
    """Return the span of a name that begins at a place, None where what stands there is none."""
    run = None if person else _RUN.match(text, start)
    stop = _END.search(text, run.end() if run else start + 1)
    if run is not None and _JOINS_NAME.match(text, run.end()):
        stop = _JOINS_NAME.match(text, run.end())
    words = list(words_of(text[start : stop.start() if stop else len(text)]))
    while words and fold(words[-1].group()) in FUNCTION:
        words.pop()
    if not words or len(words) > (3 if person else _LONGEST):
        return None
    keys = [fold(word.group()) for word in words]
    if keys[0] in _POINTING and (len(words) > 1 and keys[1] in FUNCTION):
        return None  # "do you have that in HD?"
    if alone and keys[0] in _OPENERS and not any(word.group()[0].isupper() for word in words[1:]):
        return None
    capitals = [
        place
        for place, (word, key) in enumerate(zip(words, keys, strict=True))
        if word.group()[0].isupper()
        and key not in CALENDAR
        and (key not in FUNCTION or place or (key == "the" and not alone))
    ]
    if alone and len(words) == 1:
        capitals = []  # a capital at the start of a message says nothing
    plain = [k for place, k in enumerate(keys) if place not in capitals and k not in FUNCTION and frequency(k) >= rare]
    if alone and len(words) > 1 and plain:
        return None
    if person and len(capitals) < len(words) and any(frequency(key) >= rare for key in keys):
        return None
    named = [place for place in capitals if keys[place] not in _PLAIN and keys[place] not in FUNCTION]
    odd = [key for key in keys if len(key) > 3 and frequency(key) < rare and not known(key) and key not in _PLAIN]
    sure = len(capitals) > 1 and (named or len(capitals) == len(words))
    single = named and not known(keys[named[0]]) and frequency(keys[named[0]]) < _COMMON
    if not (sure or single or (odd and len(odd) == len([key for key in keys if key not in FUNCTION]))):
        return None
    return start + words[0].start(), start + words[-1].end()


_OPENERS = frozenset(
    "who what which whose when where why how should shall will would can could do does did is are was were has have "
    "any some something anything".split()
)
"""Words that open a question, and a name only where another word of it has a capital."""

_COMMON = 4.8
"""Frequency from which a single word with a capital is none: "I like Pizza"."""
