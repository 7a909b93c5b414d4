"""Acts that plain words leave no doubt about, whatever the model reads: "list four westerns", "what about Heat?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pecrs.data.acts import REQUESTS
from pecrs.inference.reading import Reading, asks
from pecrs.linking.lexicon import fold, words_of
from pecrs.linking.quantities import Quantity
from pecrs.linking.tones import TONE
from pecrs.linking.values import FacetValue

_OPENING = r"(?:(?:ok|okay|great|fine|good|cool|perfect|yes|yeah|alright|right|then|hm+|thanks|so|well|and|no)\W+)*"
_TAKES = re.compile(
    rf"(?:^|[.!?;,]\s+){_OPENING}(?:i['’]?ll|we['’]?ll|let['’]?s|i will|we will|i|we)\s+"
    r"(?:take|go with|go for|pick|choose|watch|try|do|stick with|stay with|settle for)\b"
    r"(?! (?:something|anything|a|an|some|any|only)\b)",
    re.IGNORECASE,
)
_SOLD = re.compile(
    r"^\W*(?:(?:ok|okay|yes|yeah|yep|alright|right|well|hm+|oh)\W+)*"
    r"(?:fine|deal|sold|we['’]?re sold|i['’]?m sold|sure|cool|nice|why not|go on then|"
    r"sounds? (?:good|great|fun|perfect)|"
    r"that['’]?ll do|that works|works for me|good enough|great|perfect|awesome|brilliant|lovely|ok|okay|alright)"
    r"(?:\W+(?:then|thanks|thank you|ta|cheers|mate))*\W*$",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:forget (?:about )?(?!to\b)|scrap (?:that|the)|never ?mind|changed? my mind|on second thoughts?|"
    r"actually,? no\b)",
    re.IGNORECASE,
)
_ANYTHING = re.compile(
    r"\b(?:surprise me|up to you|(?:you|u) (?:choose|pick|decide)|your (?:choice|pick|call)|whatever (?:you|u)\b|"
    r"anything (?:goes|will do|is fine)|dealer['’]?s choice|i (?:really )?do(?:n['’]?t| not) (?:mind|care)|"
    r"no preference)\b",
    re.IGNORECASE,
)
_ASKED_BESIDE = (
    ("seen", re.compile(r"\bwhat(?:['’]?s| is| comes)? next\b|\bwhat (?:now|else)\b", re.I), {"ask_more": 1.0}),
    (
        "ask_help",
        re.compile(r"\bwhat (?:do|have|can) (?:you|u|ya) (?:have|got|offer|suggest)\b", re.I),
        {"ask_help": 0.0, "ask_recommendation": 1.0},
    ),
)
"""Acts beside which plain words ask for items: "seen that, what next?", "what do you have?"."""

_DETAILS = re.compile(
    r"\b(?:details (?:on|of|about)|(?:tell me|know|info) (?:some )?(?:more )?(?:about|on))\b", re.IGNORECASE
)
_THE_ONE = re.compile(
    r"^\W*(?:(?:no|and|ok|not that|i mean|i meant)\W+)*the one (?:with|where|about|from)\b[^?]*$", re.I
)
_WHY = re.compile(
    r"\b(?:why|how come|what made you|what makes you)\b[^.?!]*\b(?:suggest|recommend|pick|ch[o]{1,2}se|nam|offer|propos|think of|"
    r"mention|giv|gave)\w*|^\W*(?:(?:and|but|ok|so)\W+)*why\W*$|\bwhy (?:this|that|the \w+) (?:one|film|movie|book|title)\b",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"\bwhich (?:one |of (?:them|the two|those|these) )?(?:should|would|do|is|are|was|has|would you)\b|\bwhich\W*$", re.IGNORECASE
)
_GIVE = re.compile(
    r"\b(?:(?:can|could|would|will) you (?:please |maybe )?(?:list|name|give|suggest|recommend|show|find|pick)|"
    r"^(?:please )?(?:list|name|give|suggest|recommend|show|find|pick)|(?:give|show|find) (?:me|us)|"
    r"^(?:(?:and|or|ok|so|then|but)\W+)*any (?:[\w-]+ ){0,3}(?:ones?|films?|movies?|books?)\b|"
    r"^(?:(?:and|or|ok|so|then|but)\W+)*(?:(?:is there|do you have|have you got|got)\s+)?(?:any|some)(?:thing)?\s+"
    r"(?:(?:else|films?|movies?|books?)\s+)*(?:by|with|from|starring|about|directed))\b",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"n['’]?t\b|\b(?:not|never|no|unseen|new to me|unfamiliar|what['’]?s that|heard of|rings? no bell)\b", re.IGNORECASE
)
_REFUSES = re.compile(r"^\W*(?:no|not|nothing|without)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(?:write|compose|draft) (?:me |us )?(?:a|an|some|my|the)\b|\b(?:python|javascript|homework|translate|recipes?|"
    r"weather|bitcoin|stock (?:price|market)|what time is it|capital of|football score|tell me a joke|news today)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(?:films?|movies?|books?|series|something|anything|one)\b", re.IGNORECASE)


def plain_acts(reading: Reading) -> Mapping[str, float]:
    """Return the acts of a reading, put right where its words leave no doubt.

    Args:
        reading: As the model read it.
    """
    acts, text = dict(reading.acts), reading.text
    if reading.has("ask_fact") and (reading.values or reading.items) and not asks(text):
        acts |= {"ask_fact": 0.0, "refine": 1.0}
    if bare_value(reading) and text.rstrip().endswith("?") and _says_tone(reading):
        return acts | dict.fromkeys(REQUESTS, 0.0) | {"ask_fact": 1.0, "small_talk": 0.0}
    if _gives(reading) or bare_value(reading):
        acts |= {"ask_fact": 0.0, "small_talk": 0.0, "ask_recommendation": 1.0}
    if _CHANGES.search(text) and reading.values and not reading.has("accept"):
        acts |= {"change_mind": 1.0, "small_talk": 0.0}
    acts |= _asked_beside(reading)
    if _WHY.search(text):
        acts |= dict.fromkeys((*REQUESTS, "ask_fact", "small_talk", "reject"), 0.0) | {"ask_why": 1.0}
    if reading.items and _DETAILS.search(text):
        acts |= dict.fromkeys(REQUESTS, 0.0) | {"ask_fact": 1.0}
    if reading.has("ask_fact") and _THE_ONE.match(text):
        acts |= {"ask_fact": 0.0, "refine": 1.0}
    wants = any(read.role == "want" for read in reading.values if isinstance(read.value, FacetValue))
    wants = wants and not _is_settled(reading)
    if (_TAKES.search(text) or _settles(reading)) and not wants:
        acts |= {"accept": 1.0} | dict.fromkeys((*REQUESTS, *_NO_ANSWER[: None if "?" not in text else 1]), 0.0)
    if len({entry.item for entry in reading.items}) == 2 and _WHICH.search(text):
        acts |= dict.fromkeys((*REQUESTS, "accept", "reject"), 0.0) | {"compare": 1.0}
    if reading.has("not_seen") and (not _UNSEEN.search(text) or (reading.values and _REFUSES.match(text))):
        acts |= {"not_seen": 0.0} | ({"refine": 1.0} if reading.values else {})
    if _ELSEWHERE.search(text) and not (_ABOUT.search(text) or reading.items):
        acts |= dict.fromkeys(("accept", *REQUESTS), 0.0) | {"off_topic": 1.0}
    return acts


def _says_tone(reading: Reading) -> bool:
    """Tell whether all values say what an item is like: "Violent?" asks about the one at hand."""
    values = [read.value for read in reading.values if isinstance(read.value, FacetValue)]
    return bool(values) and all(value.fields[0] == TONE for value in values)


def _settles(reading: Reading) -> bool:
    """Tell whether words right after a title settle on it: "Heat it is", "ok Heat then, bye"."""
    named = [entry for entry in reading.items if entry.start < entry.end]
    if len({entry.item for entry in named}) == 1 and _FAREWELL.search(reading.text) and "?" not in reading.text:
        left = _without(reading.text, [(entry.start, entry.end) for entry in named])
        if all(fold(word.group()) in _BESIDE_TITLE for word in words_of(left)):
            return True
    return _is_settled(reading)


def _is_settled(reading: Reading) -> bool:
    named = [entry for entry in reading.items if entry.start < entry.end]
    return any(_IT_IS.match(reading.text, entry.end) for entry in named)


_NO_ANSWER = ("reject", "ask_fact", "compare", "seen", "small_talk")
"""What settling on an item is not, the first one even beside a question."""

_BESIDE_TITLE = frozenset(
    "whatever ok okay okey fine then tonight it is well so i ll will guess just watch watching watchin going with go for the "
    "lets let us cool great lol nvm nevermind we have decided on settled yes yeah thats alright right stay stick take taking "
    "pick and bye goodbye night good goodnight thanks thank thx you ta cheers peace cya later ciao see ya im gonna film "
    "movie one perfect works me m re sounds first original new old".split()
)
_FAREWELL = re.compile(
    r"\b(?:bye|goodbye|night|goodnight|thanks|thank you|thx|ta|cheers|peace|cya|later|ciao|see (?:you|ya)|tonight|it is|"
    r"just watch|i['’]?ll watch|going with|watchin(?:g|['’]))(?!\w)",
    re.IGNORECASE,
)

_IT_IS = re.compile(
    r"\s+(?:it is\b(?! (?:a|an|not|too|so)\b)|then\W*(?:$|bye|thank|thx|cheers|ta\b|peace|ciao|cya|good ?night))",
    re.IGNORECASE,
)


def _asked_beside(reading: Reading) -> dict[str, float]:
    """Return the acts by which plain words ask for items beside something else, or for anything at all."""
    acts: dict[str, float] = {}
    for act, pattern, changed in _ASKED_BESIDE:
        acts |= changed if reading.has(act) and pattern.search(reading.text) else {}
    if _ANYTHING.search(reading.text) and not (reading.values or reading.items):
        acts |= {"no_preference": 1.0, "small_talk": 0.0}
    return acts


def takes_offer(text: str) -> bool:
    """Tell whether a message does no more than take what was offered: "fine", "sold!", "go on then"."""
    return _SOLD.match(text) is not None


def _gives(reading: Reading) -> bool:
    """Tell whether a message asks for items in so many words: "can you list four westerns"."""
    several = any(isinstance(v.value, Quantity) and v.value.kind == "count" for v in reading.values)
    kinds = any(isinstance(read.value, FacetValue) for read in reading.values)
    return _GIVE.search(reading.text) is not None and (several or kinds) and not reading.items


def bare_value(reading: Reading) -> bool:
    """Tell whether a message is nothing but values of the catalogue: "Kathryn Bigelow?", "and Nolan?"."""
    if reading.items or not any(isinstance(read.value, FacetValue) for read in reading.values):
        return False
    left = _without(reading.text, [(read.value.start, read.value.end) for read in reading.values])
    return (
        re.fullmatch(rf"\W*{_OPENING}(?:(?:maybe|perhaps|or|what about|how about|please)\W*)*", left, re.I) is not None
    )


_NAMED = re.compile(
    rf"\W*{_OPENING}(?:(?:oh|um+|maybe)\W+)*(?:(?:what|how) about|and)?\W*(?:the (?:film|movie)\W*)?\W*", re.IGNORECASE
)
_MEANT = re.compile(
    rf"\W*{_OPENING}(?:(?:nah|nope|oh|sorry)\W+)*(?:i|we) (?:meant?|said|was asking about|(?:was )?talking about)"
    r"(?: the (?:film|movie|one))?\W*",
    re.IGNORECASE,
)
_HAVE = re.compile(
    r"\b(?:have|has|had|got|do|did) (?:you|u|ya)(?: guys)? (?:got|have|had)\b|\bis there\b|\bdo you (?:know|do)\b|"
    r"\bcan i (?:watch|see)\b|^\W*got\b",
    re.IGNORECASE,
)


def asks_about_item(reading: Reading) -> str:
    """Return ``here`` where is asked whether an item is there, ``about`` where it is only named, else nothing."""
    if len({entry.item for entry in reading.items}) != 1:
        return ""
    if any(entry.start >= entry.end for entry in reading.items):
        return ""
    left = _without(reading.text, [(entry.start, entry.end) for entry in reading.items])
    if re.search(r"\b(?:what|how) about\b", left, re.IGNORECASE) and _NAMED.fullmatch(left):
        return "about"
    if _MEANT.fullmatch(left):
        return "about"
    if any(entry.role in ("dislike", "avoid") for entry in reading.items):
        return ""
    if reading.has("accept", "seen", "reject"):
        return ""
    if _HAVE.search(left) and not re.search(r"\b(?:like|similar|with|by|about)\b", left, re.IGNORECASE):
        return "here"
    return "about" if "?" in reading.text and _NAMED.fullmatch(left) else ""


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text
