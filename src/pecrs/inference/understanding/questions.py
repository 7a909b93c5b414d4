"""Which facts a question asks for, where its words leave no doubt, and what is asked whether an item has it.

Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.inference.understanding.plain_questions import asked_in_place, asked_plainly
from pecrs.inference.understanding.reading import Reading
from pecrs.inference.understanding.series_questions import PARTS, PLACE, SEQUEL, refuses_parts
from pecrs.inference.understanding.story_questions import story_facts
from pecrs.inference.understanding.tag_questions import TAG
from pecrs.inference.understanding.too_much import too_much
from pecrs.inference.understanding.weighing import weighty
from pecrs.linking.facets import YEAR
from pecrs.linking.lexicon import OPENING
from pecrs.linking.makers import PEOPLE
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import masked, spans_of
from pecrs.linking.tones import TONE
from pecrs.linking.values import FacetValue, is_of

MADE_BY = ("director", "writer")
"""Facts that tell who made an item."""


def asked_facts(reading: Reading) -> tuple[tuple[str, ...], tuple[FacetValue | Quantity, ...]]:
    """Return the kinds of facts asked for, and the values of which is asked whether an item has them."""
    values = [read.value for read in reading.values if read.role in ("ask", "want")]
    measured = [v for v in values if isinstance(v, FacetValue) and v.fields[0] in MEASURED]
    scaled = [MEASURED[v.fields[0]] for v in measured if not _tells_which(reading, v)]
    done = _deed(reading) or too_much(reading) or story_facts(reading)
    if done:
        return done
    maker = next((v for v in values if is_of(v, *PEOPLE) and _BY.search(reading.text[: v.start])), None)
    if maker is not None and _WHETHER.match(reading.text):
        return MADE_BY, (maker,)
    if identifies(reading.text) and values:
        return ("plot",), tuple(value for value in values if not isinstance(value, Quantity) or value.kind == YEAR)
    plain = _asked_for(reading)
    numbers = tuple(v for v in values if isinstance(v, Quantity) and v.kind in MEASURED)
    if numbers and not (plain or scaled) and len(numbers) == len(values) and _asks_whether(reading.text):
        return (MEASURED[numbers[0].kind],), numbers
    facts = plain or tuple(dict.fromkeys(scaled)) or reading.facts or ("plot",)
    if plain:
        return plain, ()
    if _either_or(reading):
        return EITHER, _alternatives(reading)
    if values and WHICH_OF.search(reading.text):
        return facts, tuple(values)
    tones = tuple(value for value in values if is_of(value, TONE))
    if tones and (facts[0] == "scary" or asks_how_much(reading.text)):
        return facts, tones
    if scaled or facts[0] == "scary" or (not _asks_whether(reading.text) and _OPEN.search(reading.text)):
        return facts, ()
    return facts, tuple(v for v in values if not (v.kind == "count" if isinstance(v, Quantity) else v.near))


def _asked_for(reading: Reading) -> tuple[str, ...]:
    """Return the facts that plain words ask for, whatever was read."""
    found = next((kinds for kinds, pattern in _PLAINLY.items() if pattern.search(reading.text)), ())
    plain = asked_in_place(reading.text) or _named_facts(reading.text) or found
    told = asked_plainly(reading.text)
    if not plain and _WHAT_IS.fullmatch(masked(reading.text, spans_of(reading.items))):
        return ("plot",)
    nobody = not any(is_of(read.value, *PEOPLE) for read in reading.values)
    sure = nobody or set(told).isdisjoint(reading.facts)
    return told if told and sure and not (plain or reading.about) else plain


_WHAT_IS = re.compile(rf"\W*{OPENING}(?:what(?:['’]?s| is| was)|and|about|#|\W)*#[#\W]*", re.IGNORECASE)
"""A question for nothing but a title, which stands as signs here: "what's Blue Jay?"."""


def _tells_which(reading: Reading, value: FacetValue) -> bool:
    """Tell whether a word only says which item is meant: "who wrote the newer True Grit?"."""
    return any(not reading.text[value.end : entry.start].strip() for entry in reading.items if value.end <= entry.start)


def _deed(reading: Reading) -> tuple[tuple[str, ...], tuple[FacetValue | Quantity, ...]] | tuple[()]:
    """Return what is asked of somebody who is said to have made an item: "didn't he do Heat?"."""
    match = _DID.match(reading.text)
    own = [read.value for read in reading.values if isinstance(read.value, FacetValue)]
    persons = tuple(value for value in own if is_of(value, *PEOPLE))
    if match is None or not persons or not reading.items:
        return ()
    writes = match["deed"].lower().startswith("wr")
    return ("writer", "director") if writes else ("director", "writer"), persons[:1]


_DID = re.compile(
    r"\W*(?:(?:and|but|so|ok|oh|wait|hm+|lol|btw|hang on|hold on)\W+)*did(?:n['’]?t)? (?:[\w.'’-]+ ){1,3}?"
    r"(?:also |once )?(?P<deed>do|make|direct|shoot|write)\b",
    re.IGNORECASE,
)


_NOUNS = {
    "director": "director", "year": "year", "cast": "cast", "stars": "cast", "actors": "cast", "runtime": "runtime",
    "length": "runtime", "writer": "writer", "author": "writer", "plot": "plot", "genre": "genre", "rating": "rating",
}  # fmt: skip
"""Facts by the nouns that ask for several of them at once."""

_NAMED_FACTS = re.compile(
    rf"(?:^|[\s:–-])(?P<facts>(?:(?:the )?(?:{'|'.join(_NOUNS)})(?:,? and |, | & |/)+)+(?:the )?(?:{'|'.join(_NOUNS)}))"
    r"(?: of\b[^.?!]*)?\W*$",
    re.IGNORECASE,
)


_DEEDS = {"wrote": "writer", "directed": "director", "made": "director", "stars in": "cast", "starred in": "cast"}
_DONE_AND = re.compile(
    rf"\bwho (?P<one>{'|'.join(_DEEDS)})(?: (?:it|that|this))? and (?:who )?(?P<two>{'|'.join(_DEEDS)})\b",
    re.IGNORECASE,
)
"""What somebody did for an item, and somebody else."""


def asks_by_noun(text: str) -> bool:
    """Tell whether a message is a noun of a fact and a word that asks for it: "n what yr?"."""
    return _NOUN_ALONE.fullmatch(text) is not None


_NOUN_ALONE = re.compile(
    rf"\W*(?:(?:and|n|also|plus|ok|oh|but)\W+)*(?:(?:what|which)(?:['’]?s| is| are| was)?|whats)\s+(?:(?:the|its)\s+)?"
    rf"(?:{'|'.join(_NOUNS)}|yr)(?: (?:of|for|is) (?:it|that|this))?\W*",
    re.IGNORECASE,
)


def _named_facts(text: str) -> tuple[str, ...]:
    """Return the facts that a message asks for by their nouns: "Chinatown: year and director?"."""
    done = _DONE_AND.search(text)
    if done is not None:
        return tuple(dict.fromkeys(_DEEDS[done[name].lower()] for name in ("one", "two")))
    match = _NAMED_FACTS.search(text)
    words = re.findall(r"\w+", match["facts"].lower()) if match else []
    return tuple(dict.fromkeys(_NOUNS[word] for word in words if word in _NOUNS))


WHICH_OF = re.compile(
    r"\b(?:which|what)(?: one)? of (?:the others?|those|these|them|the (?:two|three|four|five|other \w+))"
    r"(?: (?:films|movies|books|ones|two|three|four|five))?\b|"
    r"\bwhich ones(?= (?:are|were|have|run|star)\b)|"
    r"\bwhich (?:one|film|movie|book)(?= (?:has|had|stars|starred|features|is (?:with|by|in|from)|"
    r"was (?:by|in|directed|written|made))\b)",
    re.IGNORECASE,
)
"""Words that ask which of several items is such."""


_WHAT_IT_DOES = re.compile(
    rf"^\W*{OPENING}(?:i meant?\W+)?(?:will|would|does|can|could|might|did) (?:it|that|this|that one)\b"
    r"(?! (?:please )?be\b(?! (?:too|ok|okay|fine)\b))",
    re.IGNORECASE,
)


def asks_whether_needed(text: str) -> bool:
    """Tell whether a message asks if something else must be known first: "do I need to see the others before?"."""
    return PLACE.search(text) is not None or SEQUEL.search(text) is not None


def asks_what_it_does(reading: Reading) -> bool:
    """Tell whether a message asks what the one at hand does to people: "will it make me cry?"."""
    return _WHAT_IT_DOES.match(reading.text) is not None and bool(reading.values)


def left_out(reading: Reading) -> tuple[str, ...]:
    """Return the keys of values that an answer leaves out: "who else is in it besides Eastwood?"."""
    return tuple(
        read.value.key
        for read in reading.values
        if isinstance(read.value, FacetValue) and _BESIDES.search(reading.text[: read.value.start])
    )


def asks_how_much(text: str) -> bool:
    """Tell whether a question asks how much an item is so, which "yes" does not answer: "how scary is it?"."""
    return _HOW_MUCH.search(text) is not None


def identifies(text: str) -> bool:
    """Tell whether a question says by what an item is known to be the one: "is that the George Lucas one?"."""
    return text.rstrip().endswith("?") and _THE_ONE.search(text) is not None


def identifying(reading: Reading) -> Reading:
    """Return a reading in which such a question asks, and wants nothing."""
    if not identifies(reading.text) or reading.has("reject", "seen") or reading.parts:
        return reading
    return replace(reading.asking(), values=tuple(replace(read, role="ask") for read in reading.values))


def asks_impression(text: str) -> bool:
    """Tell whether is asked what an item is like, and not for one like it: "what's that like?"."""
    return any(_PLAINLY[facts].search(text) is not None for facts in (("plot", "impression"), ("worth",)))


def _either_or(reading: Reading) -> bool:
    """Tell whether is asked which of two things an item is: "is that funny or serious?"."""
    alternatives = weighty(reading)
    return bool(
        alternatives
        and (_IS_IT.search(reading.text) or (reading.items and _WHETHER.match(reading.text)))
        and any(
            _OR.search(reading.text[value.end :]) or _BEFORE_OR.search(reading.text[: value.start])
            for value in alternatives
        )
    )


EITHER = ("either",)
"""Which of two things an item is."""


def _alternatives(reading: Reading) -> tuple[FacetValue, ...]:
    """Return the things that an item may be, in the person's words."""
    said = weighty(reading)
    words = [_MORE.sub("", reading.text[value.start : value.end].lower()) for value in said]
    return tuple(replace(value, label=word) for value, word in zip(said, words, strict=True))


_MORE = re.compile(r"^(?:more|too|so|very|really|something|anything)\s+")

_HOW_MUCH = re.compile(
    r"\bhow (?!(?:long|old|much|many|good|about|come|well|highly)\b)(?:\w+ )?\w+ (?:is|was|are|does|did|it|that)\b",
    re.IGNORECASE,
)
_THE_ONE = re.compile(
    r"(?:\b(?:is|was)(?:n['’]?t)? (?:it|that|this)(?: not)?|"
    r"^\W*(?![^,.?!]*\b(?:who|what|when|where|how|which)(?:['’]?s)?\b)[^,.?!]+,) "
    r"the (?:[\w.'’-]+ ){1,6}(?:one|film|movie|book)\b|"
    r"\b(?:is|was)(?:n['’]?t)? (?:it|that|this|(?:number|no\.?|#) ?\d+|"
    r"(?:the )?(?:first|second|third|fourth|fifth|last)(?: one)?)(?: not)? "
    r"the (?:one|film|movie|book) (?:with|by|from|about|starring|"
    r"directed)\b",
    re.IGNORECASE,
)
_IS_IT = re.compile(r"\b(?:is|was)(?:n['’]?t)? (?:it|that|this)\b", re.IGNORECASE)
_BY = re.compile(r"\bby (?:the |mr\.? )?$", re.IGNORECASE)
_BESIDES = re.compile(
    r"\b(?:besides?|apart from|aside from|other than|except(?: for)?|not counting)\s+$", re.IGNORECASE
)
_OR = re.compile(
    r"^\s*(?:(?:film|movie|book|one)\s*)?(?:,\s*)?or (?:is (?:it|that) )?(?:more )?(?:an? )?(?!not\b)\w+", re.IGNORECASE
)
_BEFORE_OR = re.compile(r"\bor (?:is (?:it|that) )?(?:more )?(?:an? )?(?:\w+ )?$", re.IGNORECASE)

_PLAINLY = {
    ("plot", "impression"): re.compile(
        r"\bwhat(?:['’]?s| is| was) (?:it|that|this|that one|this one)(?: one| film| movie| book)? like\b|"
        r"\b(?:would|will|might|could|think|reckon) (?:i|we|he|she|they|you|my \w+)(?:['’]d| would| will|['’]ll)? "
        r"(?:\w+ )?(?:like|enjoy|love|hate)\b|"
        r"\bwould (?:it|that|this) (?:suit|be (?:something|one) for|be good for) (?:me|us)\b",
        re.IGNORECASE,
    ),
    ("worth",): re.compile(
        r"\bworth (?:watching|seeing|reading|it|a (?:watch|look|read|try)|(?:my|our|the) (?:time|while))\b|"
        r"^\W*(?:(?:is|was) (?:it|that|this)(?: one)? |and |so )*(?:any|actually|really) good\W*$",
        re.IGNORECASE,
    ),
    ("remake",): re.compile(r"\bremakes?\b|\bremade\b", re.IGNORECASE),
    ("score",): re.compile(
        r"\b(?:imdb|rotten tomatoes|metacritic|critics?['’]?s?|user|audience)\W*(?:rating|score|review)s?\b|"
        r"\b(?:rated|rating) (?:higher|highest|better|best|on imdb)\b|"
        r"\bhow (?:highly|well) (?:is|was) (?:it|that) rated\b|"
        r"\b(?:better|best|highest|higher) (?:rated|rating)\b|"
        r"\b(?:users?|viewers?|audiences?|people|fans|folks|critics?) (?:\w+ )?(?:rate|rated|score|scored|give|gave)\b|"
        r"\b(?:on|what) (?:a |the )?scale (?:of|from)\b|\bwhat (?:score|mark|grade)\b|"
        r"\bout of (?:10|ten|5|five|100|a hundred)\b|\bhow many stars\b",
        re.IGNORECASE,
    ),
    ("score", "rating"): re.compile(r"\bhow(?:['’]?s| is| was) (?:it|that|this) rated\b", re.IGNORECASE),
    ("streaming",): re.compile(
        r"\bon (?:netflix|disney ?(?:\+|plus)|hulu|(?:amazon )?prime|hbo(?: max)?|apple tv|youtube|tubi|peacock)(?!\w)|"
        r"\bwhere can (?:i|we) (?:watch|see|stream|find) (?:it|that|this)\b|\bstream(?:ing|able)?\b|"
        r"\b(?:which|what|any|a|at the|in the) (?:cinemas?|theat(?:er|re)s?)\b[^?]*\b(?:show\w*|play\w*|near\w*|on)\b|"
        r"\b(?:showing|playing|still on|shown|out) (?:at|in) "
        r"(?:(?:the|any|a|our|my) )?(?:\w+ )?(?:cinemas?|theat(?:er|re)s?)\b",
        re.IGNORECASE,
    ),
    ("rating",): re.compile(
        r"\b(?:suitable|appropriate|okay|ok|fine|safe|alright) for (?:\w+ ){0,2}(?:kids?|child(?:ren)?|ones|toddlers?|"
        r"family|teens?|teenagers?|\d+)|"
        r"\bsuits? (?:his|her|their|my|that|this|the \w+['’]?s?) age\b|"
        r"\bhow old (?:can|should|must|do|does|need)\b|\bwhat age\b|\bfrom what age\b|"
        r"\b(?:can|could|should) (?:my |the |our )?(?:kids?|child(?:ren)?|\w+ year[- ]olds?) (?:watch|see|read)\b|"
        r"\bage rating\b|\bwhat(?:['’]s| is) it rated\b",
        re.IGNORECASE,
    ),
    ("quality",): re.compile(
        r"\b(?:the )?critics? (?:say|said|think|thought|like|liked|make|made)\b|\b(?:well|how was it|badly) received\b|"
        r"\bgood reviews?\b",
        re.IGNORECASE,
    ),
    ("year",): re.compile(rf"\bwhat yr\b|^\W*{OPENING}when(?:['’]s| is| was| were| did)\b", re.IGNORECASE),
    ("takings",): re.compile(
        r"\bbox office\b|\bcosts? to make\b|\bhow much (?:money )?(?:did|has) (?:it|that|this|they) (?:all )?"
        r"(?:make|made|earn|earned|gross|take|bring)\b|\b(?:its|the) budget\b",
        re.IGNORECASE,
    ),
    ("music",): re.compile(
        r"\b(?:compos(?:ed|er)|soundtrack|the score|music by|(?:did|does|wrote|made) the (?:music|songs?))\b",
        re.IGNORECASE,
    ),
    ("filmed",): re.compile(
        r"\bwhere (?:was|were|did|is) (?:it|that|this|they)?\s*(?:shot|filmed|shoot|film)\b|\bshot on location\b",
        re.IGNORECASE,
    ),
    ("other",): re.compile(r"\b(?:narrat\w+|produced by|producers?|cinematograph\w+|edited by)\b", re.IGNORECASE),
    ("place",): PLACE,
    ("sequel",): SEQUEL,
    ("series",): PARTS,
}
"""Questions that plain words tell, by the fact that they ask for."""

MEASURED = {"year": "year", "minutes": "runtime", "money": "price"}
"""From the kind of a number to the fact that tells it."""


def _asks_whether(text: str) -> bool:
    """Tell whether a question can be answered with yes or no: "what about Heat, is it long?"."""
    return any(found is not None for found in (_WHETHER.match(text), _IS_IT_SO.search(text), TAG.search(text)))


_IS_IT_SO = re.compile(
    r"[,;:–-]\s*(?:and )?(?:is|was|does|did|has)(?:n['’]?t)? (?:it|that|this|any\w*|some\w*)\b", re.IGNORECASE
)

_OF_PEOPLE = re.compile(
    r"\b(?!(?:i|we|me)\b)\w+ (?:was |is |were )?born\b(?<!i was born)(?<!am born)|"
    r"\bhow old (?:is|was|are) (?:he|she|they|the (?!film|movie|book|one)\w+)\b|\bwho(?:m|['’]?s| is| was) (?:he|"
    r"she) (?:married|dating)\b|"
    r"\b(?:did|has|have) (?:he|she|they) (?:\w+ )?(?:win|won|get|got) (?:any|an|the)|\b(?:his|her) (?:age|birthday)\b|"
    r"\b(?:still alive|net worth|nationality|married to|dating)\b|\bwhere (?:is|was) (?:he|she) from\b",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b(?:who|what|when|where|which|how|tell|cast|plot)\b", re.IGNORECASE)
_WHETHER = re.compile(rf"{OPENING}(?:is|are|was|were|does|do|did|has|have)(?:n['’]?t)?\b", re.IGNORECASE)


def asks_parts(text: str) -> bool:
    """Tell whether a message asks what belongs to a series, or in which order."""
    if refuses_parts(text):
        return False
    return any(_PLAINLY[(kind,)].search(text) is not None for kind in ("place", "sequel", "series"))


def about_people(reading: Reading) -> bool:
    """Tell whether a message asks of somebody's life, which no catalogue of works tells.

    Args:
        reading: The message.
    """
    persons = [read for read in reading.values if is_of(read.value, *PEOPLE)]
    aged = any(_AGE.search(reading.text[: read.start]) for read in persons)
    if reading.items and _SUITS.search(reading.text):
        return False  # "does Babe suit his age?"
    return aged or _OF_PEOPLE.search(reading.text) is not None


_SUITS = re.compile(r"\b(?:suit(?:s|able|ed)?|appropriate|right|ok|okay|fine|good|alright) (?:for )?\w+", re.IGNORECASE)
_AGE = re.compile(r"\bhow old(?: is| was| are| were)?\W+$|\b(?:age|birthday|net worth) of\W+$", re.IGNORECASE)
