"""What a seeker asks for in so many words: a genre, a decade, another one, a fact about an item.

Rules of English over the catalogue's own facts; no model. They narrow what the model's ranking may choose from, and
answer questions whose answer stands in the catalogue; everything else is the model's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Speaker, Turn
from pecrs.inference.types import Constraints, Fact, Understanding

GENRES = "genres"
"""The fact that constraints for a kind of item refer to."""

_KINDS = MappingProxyType(
    {
        "comedy": "comed(?:y|ies|ic)|funn(?:y|ier|iest)|hilarious|humou?r(?:ous)?|laughs?|rom-?coms?",
        "horror": "scar(?:y|ier|iest)|creep(?:y|ier)|spook(?:y|ier)|frightening|terrifying",
        "romance": "romantic|love stor(?:y|ies)|rom-?coms?",
        "adventure": "adventurous",
        "thriller": "thrilling|suspense(?:ful)?",
        "sci-fi": "sci[- ]?fi|science[- ]fiction|futuristic",
        "animation": "animated|cartoons?|anime",
        "family": r"family[- ](?:friendly|movies?|films?)|kid[- ]?friendly|"
        r"for (?:the|my|our) (?:whole )?(?:family|kids|children)",
        "drama": "dramatic",
        "crime": "gangsters?|mafia|heists?",
        "mystery": "myster(?:y|ies|ious)|whodunn?its?|detectives?",
        "documentary": "documentar(?:y|ies)",
        "history": "historical",
        "biography": "biopics?|biographical|biographies",
    }
)  # fmt: skip
_ALIKE = MappingProxyType({"science fiction": "sci-fi", "science-fiction": "sci-fi", "sci fi": "sci-fi"})
"""Names of the same genre; where a catalogue has several, constraints mean its most frequent one."""
_DECADES = ("thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet")
_ASKS = re.compile(
    r"\b(?:something|anything|any|another|others|else|want|wanna|need|prefer|rather|looking|look for|search\w*|mood|"
    r"recommend\w*|suggest\w*|(?:how|what) about|why not|(?:show|give|find|tell) me|have you got|"
    r"(?:i['’]?d|would) (?:really )?(?:like|love)|would be (?:nice|great|good|fun|perfect|cool|awesome)|"
    r"feel(?:ing)? like (?:an?|some|watching)|do you (?:have|know)|can you|could you|instead|"
    r"maybe (?:an?|the|some|one)|please|"
    r"scarier|funnier|creepier|spookier|newer|older)\b|^\s*(?:some|more|maybe)\b"
)
_REFUSES = re.compile(
    r"\b(?:no(?! (?:idea|problem|preference|matter))|nothing|never (?:want|watch|like|enjoy)|without|"
    r"hate|dislike|avoid|except|(?:tired|sick) of|not (?:into|a fan of|in the mood)|"
    r"(?:(?:don|doesn|can|won)['’]?t|(?:do|does|can|will) ?not) (?:really |even )?"
    r"(?:like|want|enjoy|watch|do|need|stand|care(?! (?:if|whether))))\b"
)
_EXCLUDES = re.compile(r"\b(?:(?<!why )not(?! (?:just|only|sure|mind|know|yet))|less|isn['’]?t|aren['’]?t)\b")
_AGAINST = re.compile(
    r"\b(?:isn['’]?t|aren['’]?t|(?:is|are) ?not|not) (?:really |exactly )?"
    r"(?:for (?:me|us)|my (?:thing|cup of tea|style|taste|favou?rites?))\b"
)
_THANKS = re.compile(r"\b(?:thanks?|thank you|thx|appreciate\w*|looking forward)\b")
_OR_SO = re.compile(r"\bor (?:something|anything|so|whatever)\b")
_ANSWER = re.compile(
    r"^\s*(?:no|nope|nah|not really)\b(?=\s*(?:,|$|something|anything|maybe|i\b|how\b|what\b|thank))[\s,]*"
)
_BUT = re.compile(
    r"\b(?:(?:any|every)thing|all(?: \w+)?) (?:but|except|other than|besides)(?: for)?\b|"
    r"\b(?:instead of|rather than|than)\b"
)
_NOT = re.compile(r"n['’]t\b|\b(?:havent|hasnt|dont|didnt|not|never|no|nothing)\b")
_CLAUSE = re.compile(r"[,;]|\bbut\b")
_SENTENCE = re.compile(r"[^.!?\n]+")
_MORE = re.compile(
    r"(?<!you )\b(?:seen|watched|saw)\s+"
    r"(?:it|that|this|them|those|both|all)\b|"
    r"(?<!you )\balready\s+(?:seen|watched|saw)\b|"
    r"\b(?:another|different|other)\s+(?:one|movie|film|book)s?\b|\b(?:something|anything|what)\s+else\b|\bany\s+others?\b|"
    r"^\s*(?:another|(?:some |one |any )?more|next(?: one)?)\s*(?:please)?\s*$"
)
_REQUEST = re.compile(
    r"\b(?:(?:what|which|who) (?:\w+ )?(?:would|do|can|could|should) (?:you|i|we) (?:\w+ )?"
    r"(?:recommend|suggest|watch|see)|what(?:['’]?s)? next|"
    r"(?:can|could|would) you (?:please )?(?:recommend|suggest)|any (?:recommendations?|suggestions?))\b"
)
_LIKE = re.compile(r"\b(?:like|similar to|such as|along the lines of)\s+_")
_CLOSES = re.compile(
    r"\b(?:thanks?(?! for asking)|thank you|thx|(?:good)?bye|take care|see you|"
    r"have a (?:nice|good|great|wonderful|lovely) (?:day|night|evening|weekend|time|one)|that['’]?s all)\b"
)
_BARE = r"\s*(?:(?:a|an|the|some|more|good|or|and)\s+)*(?:(?:{})\s*(?:or|and)?\s*)+" + (
    r"(?:(?:movies?|films?|ones?)\s*)?(?:please\s*)?"
)
_DECADE = re.compile(r"(?<!my )(?<!his )(?<!her )(?<!their )(?<![\d$])(?:(19|20)(\d)0|['’]?(\d)0)['’]?s\b")
_AROUND = re.compile(r"\b(from|in|of|before|after|since|until)\s+(?:the\s+year\s+)?((?:19|20)\d\d)\b(?!['’]?s)")
_BETWEEN = re.compile(
    r"\b(?:(?:from|between)\s+(?:the\s+(?:years?\s+)?)?)?((?:19|20)\d\d)\s*(?:to|and|until|till|through|-|–)\s*((?:19|20)\d\d)\b"
)
_NEW = re.compile(r"\b(?:newer|recent|latest|new (?:movies?|films?|ones?|releases?))\b")
_OLD = re.compile(r"\b(?:older|old (?:movies?|films?|ones?)|classics?)\b")
_ASKED = r"(?:^|[.!?]\s*|\b(?:and|so|but|okay|ok|oh|well|know|me|remember|wonder),?\s+)"
_IT = r"(?:(?:it|that|this)(?: one| movie| film| book)?|the (?:movie|film|book)|_)"
_QUESTIONS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "actors": re.compile(
            _ASKED + r"who(?:['’]?s| is| are| was| were| else is)?\s+(?:\w+\s+){0,2}?"
            r"(?:in " + _IT + r"|stars?|starring|acts?|plays?)\b|"
            r"\b(?:what|which) (?:actors?|actress(?:es)?) (?:is|are|was|were|plays?|stars?|acts?)\b|"
            r"\bwho(?:['’]?s| is| are) the (?:cast|lead|main actors?)\b"
        ),
        "directors": re.compile(
            _ASKED + r"who(?: (?:directed|made|filmed)|(?:['’]?s| is| was) the director)\b|\bdirected by who"
        ),
        "writers": re.compile(_ASKED + r"who(?: wrote|(?:['’]?s| is| was) the (?:writer|author))\b"),
        "year": re.compile(
            r"\b(?:what|which) year (?:is|was|did) " + _IT + r"|\bwhen (?:did " + _IT + r" come|was " + _IT + r")|"
            r"\bhow old is " + _IT
        ),
        "plot": re.compile(
            r"\bwhat(?:['’]?s| is| was) " + _IT + r" about\b|\bwhat(?:['’]?s| is) the plot\b"
        ),
        "genres": re.compile(
            r"\b(?:what|which) (?:genre|kind of (?:movie|film|book)) is " + _IT + r"|\bwhat(?:['’]?s| is) the genre\b"
        ),
    }
)  # fmt: skip
_SHOWN = 3


class ConstraintReader:
    """Reads constraints and questions of one catalogue's facts."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Look up which genres and years there are."""
        genres = Counter(value.lower() for item in catalogue for value in item.values(GENRES))
        usual = {_ALIKE.get(genre, genre): genre for genre, _ in sorted(genres.items(), key=lambda pair: pair[1])}
        self._kinds = {
            genre: re.compile(rf"\b(?:{'|'.join((re.escape(genre) + 's?', *_words(genre)))})\b")
            for genre in sorted(usual.values())
        }
        self._bare = re.compile(_BARE.format("|".join(pattern.pattern for pattern in self._kinds.values()) or r"(?!)"))
        years = [item.year for item in catalogue if item.year is not None]
        self._first, self._last = (min(years), max(years)) if years else (0, 0)
        self.catalogue = catalogue

    def read(self, turns: Sequence[Turn]) -> Understanding:
        """Return what the seeker asks for.

        Of genres and years the latest constraint counts; what was refused stays refused until it is asked for.

        Args:
            turns: Linked turns; titles are not read as constraints.
        """
        genres: frozenset[str] = frozenset()
        avoided: frozenset[str] = frozenset()
        years, every, now, done = None, True, False, False
        offered = named = False
        for turn in turns:
            if turn.speaker is Speaker.RECOMMENDER:
                offered = offered or bool(turn.items)
                named = named or offered
                continue
            named = named or bool(turn.items)
            said = _said(turn)
            now = (
                (offered and _asks_for_more(said)) or (named and _REQUEST.search(said) is not None) or _names_one(said)
            )
            for sentence in _SENTENCE.findall(said):
                wanted, refused = self._genres(sentence)
                avoided = (avoided | refused) - wanted
                genres = (wanted or genres) - refused
                every = " or " not in _OR_SO.sub("", sentence) if wanted else every
                period = self._years(sentence)
                years = period or years
                now = now or bool(wanted or period or (refused and offered))
            done = offered and not now and _CLOSES.search(said) is not None and "?" not in said
        return Understanding(Constraints(genres, every, avoided, years), now, done, self.fact(turns))

    def fact(self, turns: Sequence[Turn]) -> Fact | None:
        """Return what the catalogue says, where the last turn asks for it.

        Args:
            turns: Linked turns; "it" is the item that was named last.
        """
        if not turns or turns[-1].speaker is not Speaker.SEEKER:
            return None
        named = [item for turn in turns for item in turn.items if item in self.catalogue]
        said = _said(turns[-1])
        kind = next((kind for kind, pattern in _QUESTIONS.items() if pattern.search(said)), None)
        if kind is None or not named:
            return None
        item = self.catalogue[named[-1]]
        answer = _answer(item, kind)
        return None if answer is None else Fact(item, answer)

    def _genres(self, sentence: str) -> tuple[frozenset[str], frozenset[str]]:
        wanted, refused = set(), set()
        for clause in _clauses(sentence):
            asks = _ASKS.search(clause) is not None and not _THANKS.search(clause)
            against = _AGAINST.search(clause) is not None
            refusal = _REFUSES.search(clause) or (
                _EXCLUDES.search(clause) if asks else _EXCLUDES.match(clause.lstrip())
            )
            for genre, pattern in self._kinds.items():
                match = pattern.search(clause)
                if match and (against or (refusal and refusal.start() < match.start())):
                    refused.add(genre)
                elif match and (asks or self._bare.fullmatch(clause)):
                    wanted.add(genre)
        return frozenset(wanted), frozenset(refused - wanted)

    def _years(self, sentence: str) -> tuple[int, int] | None:
        if not _ASKS.search(sentence) or not self._last:
            return None
        clauses = (
            clause for clause in _clauses(sentence) if not _REFUSES.search(clause) and not _EXCLUDES.search(clause)
        )
        return next(filter(None, map(self._period, clauses)), None)

    def _period(self, sentence: str) -> tuple[int, int] | None:
        decades = sorted(_decades(sentence))
        if decades:
            return decades[0], decades[-1] + 9
        between = _BETWEEN.search(sentence)
        if between:
            first, last = sorted(map(int, between.groups()))
            return first, last
        around = _AROUND.search(sentence)
        if around:
            year = int(around.group(2))
            before, after = (self._first, year - 1), (year, self._last)
            return {"before": before, "until": before, "after": after, "since": after}.get(
                around.group(1), (year, year)
            )
        if _NEW.search(sentence):
            return self._last - 3, self._last
        if _OLD.search(sentence):
            return self._first, self._last - 30
        return None


def _words(genre: str) -> Iterator[str]:
    """Yield other words for a genre."""
    name = _ALIKE.get(genre, genre)
    if name in _KINDS:
        yield _KINDS[name]


def _said(turn: Turn) -> str:
    return " ".join(" _ ".join(turn.words).lower().split())


def _clauses(sentence: str) -> list[str]:
    return _CLAUSE.split(_BUT.sub(", without", _ANSWER.sub("", sentence)))


def _names_one(said: str) -> bool:
    """Tell whether a sentence asks for something like an item that it names."""
    return any(_ASKS.search(sentence) and _LIKE.search(sentence) for sentence in _SENTENCE.findall(said))


def _asks_for_more(said: str) -> bool:
    found = ((clause, _MORE.search(clause)) for sentence in _SENTENCE.findall(said) for clause in _clauses(sentence))
    return any(match and not _NOT.search(clause[: match.start()]) for clause, match in found)


def _decades(sentence: str) -> Iterator[int]:
    for match in _DECADE.finditer(sentence):
        century, digit, short = match.groups()
        yield int(f"{century}{digit}0") if century else (1900 if int(short) >= 3 else 2000) + 10 * int(short)
    for place, name in enumerate(_DECADES):
        if re.search(rf"\b{name}ies\b", sentence):
            yield 1930 + 10 * place


def _answer(item: Item, kind: str) -> str | None:
    if kind == "year":
        return None if item.year is None else f"came out in {item.year}."
    values = item.values(kind)
    if kind == "plot":
        if values:
            return f"in a few words: {values[0]}"
        about = [part for part in (_answer(item, "genres"), _answer(item, "actors")) if part]
        return " It ".join(about) or None
    if not values:
        return None
    shown = _listed(values[:_SHOWN])
    verbs = {"actors": "stars", "directors": "was directed by", "writers": "was written by"}
    return f"{verbs[kind]} {shown}." if kind in verbs else f"is {shown}."


def _listed(values: Sequence[str]) -> str:
    return " and ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)
