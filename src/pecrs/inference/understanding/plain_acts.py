"""Acts that plain words leave no doubt about, whatever the model reads: "list four westerns", "what about Heat?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.corrections import SAID, not_called
from pecrs.inference.understanding.examples import asks_for_fans, is_dull
from pecrs.inference.understanding.plain_questions import asked_in_place, asks_of_it, asks_who_made
from pecrs.inference.understanding.pointing import points_back
from pecrs.inference.understanding.questions import (
    asks_by_noun,
    asks_impression,
    asks_what_it_does,
    asks_whether_needed,
)
from pecrs.inference.understanding.reading import Reading, asks
from pecrs.inference.understanding.removals import takes_back
from pecrs.inference.understanding.settling import THANKS, settling_acts
from pecrs.inference.understanding.topics import topic
from pecrs.inference.understanding.weighing import (
    YOUR_CHOICE,
    asks_better,
    asks_closest,
    asks_known,
    asks_which,
    weighty,
)
from pecrs.linking.lexicon import OPENING
from pecrs.linking.makers import PEOPLE
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import spans_of, without_spans
from pecrs.linking.tones import TONE
from pecrs.linking.values import FacetValue, is_of

_CHANGES = re.compile(
    r"\b(?:forget (?:about )?(?!to\b)|scrap (?:that|the)|never ?mind|changed? my mind|on second thoughts?|"
    r"actually,? no\b)",
    re.IGNORECASE,
)
_ALL_SAID = re.compile(
    r"\bthat(?:['’]?s| is) (?:really |about )?all (?:that )?i (?:can (?:say|tell|think of)|know|remember)\b", re.I
)
"""What leaves a choice open since no more can be told, and takes nothing."""

_ANYTHING = re.compile(
    rf"\b(?:surprise me|up to you|{YOUR_CHOICE}|whatever (?:you|u)\b|"
    r"anything (?:goes|will do|is fine)|dealer['’]?s choice|i (?:really )?do(?:n['’]?t| not) (?:mind|care)|"
    r"no preference)\b",
    re.IGNORECASE,
)
_CHOOSE = re.compile(rf"\b(?:surprise me|{YOUR_CHOICE})\b", re.IGNORECASE)
"""Words that leave the choice to another one, and take none."""

_ASKED_BESIDE = (
    ("seen", re.compile(r"\bwhat(?:['’]?s| is| comes)? next\b|\bwhat (?:now|else)\b", re.I), {"ask_more": 1.0}),
    (
        "seen",
        re.compile(
            r"\b(?:had|seen|having) (?:(?:quite|more than|about|just) )*"
            r"(?:(?:enough|plenty|(?:my|our) (?:fair )?(?:fill|share)) of|it with)\b",
            re.IGNORECASE,
        ),
        {"seen": 0.0},
    ),
    (
        "ask_help",
        re.compile(r"\bwhat (?:do|have|can) (?:you|u|ya) (?:have|got|offer|suggest)\b", re.I),
        {"ask_help": 0.0, "ask_recommendation": 1.0},
    ),
)
"""Acts beside which plain words say something else: "seen that, what next?", "had enough of war"."""

_THE_ONE = re.compile(
    r"^\W*(?:(?:no|and|ok|not that|i mean|i meant)\W+)*the one (?:with|where|about|from)\b[^?]*$", re.I
)
_GIVE = re.compile(
    r"\b(?:(?:can|could|would|will) you (?:please |maybe )?(?:list|name|give|suggest|recommend|show|find|pick)|"
    r"^(?:please )?(?:list|name|give|suggest|recommend|show|find|pick)|(?:give|show|find) (?:me|us)|"
    rf"^{OPENING}any (?:[\w-]+ ){{0,3}}(?:ones?|films?|movies?|books?)\b|"
    rf"^{OPENING}(?:(?:is there|do you have|have you got|got)\s+)?(?:any|some)(?:thing)?\s+"
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


_FOR = re.compile(
    rf"(?:^|[.!?,] |\band )\W*{OPENING}"
    r"(?:something|anything|one|another(?: one)?)(?: else)? for\b"
    r"(?! (?:me|sure|that|it)\b)",
    re.IGNORECASE,
)
"""What asks for something for somebody, or for an occasion."""

_FOR_US = re.compile(
    rf"(?:^|[.!?;,]\s*)\W*{OPENING}(?:(?:now|also|what about|how about|something|anything|one)\W+)*"
    r"for (?:me|us|the two of us|(?:the )?(?:grown[- ]?ups|adults|parents)|my (?:wife|husband|hubby|partner|gf|bf|"
    r"girlfriend|boyfriend|mum|mom|dad|gran|sister|brother))\b(?: (?:and|n|&|\+) \w+(?: \w+)?)?"
    r"(?:\W*$|\W*[?.!]|\W+(?:after|when|once|later|tonight|tonite|tomorrow|instead)\b)",
    re.IGNORECASE,
)
"""What asks for something for other people than before: "and for me and my wife, later?"."""

_ANYWAY = re.compile(
    rf"\b{THANKS}\b\W*(?:anyway|anyways|though|all the same|for trying)\b\W*(?:\w+\W*){{0,2}}$",
    re.IGNORECASE,
)
"""What takes leave of who found nothing: "ok thanks anyway"."""

_SHOULD = re.compile(
    r"\b(?:what(?:['’]?s)?|which(?: one)?)(?: (?:films?|movies?|books?))? (?:else )?(?:should|shall|could|can) "
    r"(?:i|we) "
    r"(?:watch|see|read|try|put on|get)\b(?! (?:it|that|this|them)\b)|"
    r"\bwhat(?:['’]?s| is| else is)? (?:something |another (?:one|film|movie|book) |a (?:film|movie|book) )?"
    r"(?:like|similar to) (?:it|that|this)\b(?=\W*$|,? (?:but|and|from|with|without|by)\b)",
    re.IGNORECASE,
)
"""What asks for something to watch, however it goes on."""

_WHAT_ELSE = re.compile(
    rf"\W*{OPENING}(?:and |but )?what else(?: (?:is there|(?:do|have) (?:you|u) (?:have|got)|(?:you|u) got|"
    r"can (?:you|u) (?:offer|suggest|recommend)))?\W*",
    re.IGNORECASE,
)
"""What asks for others than were named: "what else have you got?"."""

_LIKE_THAT = re.compile(
    rf"^\W*{OPENING}(?:(?:or|something|sth|smth|more|maybe|rather|one|an?|film|movie|book)\W+)*(?:like|similar to)\b",
    re.I,
)
"""What names an example and nothing else: "more like Heat"."""

_SAID_SO = re.compile(rf"{SAID}(?! (?:i|that|it|this)\b)", re.IGNORECASE)
"""What says again what is wanted, after an offer that was not it."""


_ONE_THING = re.compile(
    r"\b(?:one|another|a) (?:more |last |other |final |quick |random |little |small )*"
    r"(?:thing|question|q)\b(?=[^?]*\?|:)",
    re.IGNORECASE,
)
"""What leads to a question, and asks for no item: "one more thing: who made it?"."""

_RECOMMENDED = re.compile(
    r"\b(?:recommend|suggest|find|show|give|looking for|any (?:good )?|something|anything)\b", re.IGNORECASE
)
"""What asks for an item, whoever would like it: "recommend a comedy you think I'd love"."""

_BETWEEN = re.compile(
    r"\b(?<!in )(?<!cross )(?<!mix )(?<!halfway )(?<!something )(?<!anything )(?<!somewhere )between\s(?!\d)[^.?!]*"
    r"\band\b(?!\s*\d)|\bwhich(?: one)?(?:['’]?s| is) better\b",
    re.IGNORECASE,
)
"""What sets two items against each other."""


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
    acts |= _changed(reading)
    acts |= _asked_beside(reading)
    if reading.has("ask_fact") and _THE_ONE.match(text):
        acts |= {"ask_fact": 0.0, "refine": 1.0}
    if _BETWEEN.search(text) and reading.items:
        acts |= dict.fromkeys((*REQUESTS, "ask_fact"), 0.0) | {"compare": 1.0}
    acts |= _asked_of_it(reading) | settling_acts(reading) | _requested(reading) | _asked_which(reading)
    if reading.has("not_seen") and (not _UNSEEN.search(text) or (reading.values and _REFUSES.match(text))):
        acts |= {"not_seen": 0.0} | ({"refine": 1.0} if reading.values else {})
    acts |= _asked_or_dull(reading)
    if _ALL_SAID.search(text) and not reading.items:
        acts |= dict.fromkeys(("accept", "reject", "clarify", "goodbye"), 0.0) | {"ask_more": 1.0}
    if _ELSEWHERE.search(text) and not (_ABOUT.search(text) or reading.items):
        acts |= dict.fromkeys(("accept", *REQUESTS), 0.0) | {"off_topic": 1.0}
    return acts


_MAKE_IT = re.compile(
    r"\bmake (?:it|that|this|them) (?!worth|through|out|up)(?:an? |some(?:thing)? )?\w", re.IGNORECASE
)


def _changed(reading: Reading) -> dict[str, float]:
    """Return the acts of a message that takes something back: all that was wanted, or one thing alone."""
    if any(takes_back(reading.text, read.value) for read in reading.values):
        return {"change_mind": 0.0, "small_talk": 0.0, "refine": 1.0}
    if _MAKE_IT.search(reading.text) and reading.values and not _CHANGES.search(reading.text):
        return {"change_mind": 0.0, "reject": 0.0, "refine": 1.0}
    changes = _CHANGES.search(reading.text) and reading.values and not reading.has("accept")
    return {"change_mind": 1.0, "small_talk": 0.0} if changes else {}


def _asked_or_dull(reading: Reading) -> dict[str, float]:
    """Return the acts of a message that leaves with nothing, asks what the one at hand does, or finds it dull."""
    acts: dict[str, float] = {}
    if any(asks_for_fans(reading.text, entry) for entry in reading.items):
        acts |= {"ask_recommendation": 1.0} | dict.fromkeys(("accept", "ask_fact", "small_talk", "praise"), 0.0)
    if _ANYWAY.search(reading.text):
        acts |= dict.fromkeys(("accept", "seen", "reject", *REQUESTS), 0.0) | {"thanks": 1.0}
    if asks_by_noun(reading.text) or (reading.items and _asked_behind(reading)):
        acts |= dict.fromkeys((*REQUESTS, "small_talk", "affirm", "inform"), 0.0) | {"ask_fact": 1.0}
        acts |= {"compare": 0.0} if len(reading.items) == 1 else {}
    if _ONE_THING.search(reading.text) and reading.has("ask_fact"):
        acts |= {"ask_more": 0.0, "refine": 0.0}
    if asks_whether_needed(reading.text) or asks_what_it_does(reading):
        acts |= dict.fromkeys((*REQUESTS, "small_talk", "clarify"), 0.0) | {"ask_fact": 1.0}
    return acts | ({"praise": 0.0} if reading.has("praise") and is_dull(reading.text) else {})


def _asked_behind(reading: Reading) -> bool:
    """Tell whether a message names an item and ends in a plain question about it."""
    if asked_in_place(reading.text) or asks_who_made(reading.text, reading.items[0].start):
        return True
    return asks_of_it(reading.text) and not reading.has("reject", "accept")


_ISNT = re.compile(
    rf"^\W*{OPENING}(?:is|are|was|does|do|did|has)n['’]?t (?:there|it|that|this|he|she|they|one|some|the \w+)\b"
    r"(?![^.!?]*\b(?:films?|movies?|books?|ones?|something|anything|another|else|instead|more|other)\b)",
    re.IGNORECASE,
)
"""A question that doubts something of the item at hand: "isn't there that creepy neighbour kid?"."""

_IN_IT = re.compile(
    rf"^\W*{OPENING}(?:has|have|had|is|are|was|were|does|do|did)\b(?! you\b)[^.!?]*\bin (?:it|that|this)\b[^.!?]*"
    r"\?*\W*$",
    re.IGNORECASE,
)
"""What asks of what is in the item at hand: "has anyone in it won an Oscar?"."""


def _asked_of_it(reading: Reading) -> dict[str, float]:
    """Return the acts of a message that asks what an item is like, or who the program is."""
    closest = reading.items and asks_closest(reading.text) is not None
    weighed = weighty(reading) or reading.has("compare") or asks_known(reading.text)
    if closest or asks_better(reading.text) or (asks_which(reading.text) and weighed):
        return dict.fromkeys((*REQUESTS, "reject", "accept", "praise"), 0.0) | {"compare": 1.0}
    about = bool(reading.items) or points_back(reading.text)
    if asks_impression(reading.text) and about and not _gives(reading) and not _RECOMMENDED.search(reading.text):
        return dict.fromkeys((*REQUESTS, "accept"), 0.0) | {"ask_fact": 1.0}
    unnamed = not (reading.items or reading.values)
    if _ISNT.match(reading.text) and not _RECOMMENDED.search(reading.text) and not reading.has("reject"):
        return dict.fromkeys((*REQUESTS, "accept"), 0.0) | {"ask_fact": 1.0}
    if unnamed and _IN_IT.match(reading.text):
        return dict.fromkeys((*REQUESTS, "accept"), 0.0) | {"ask_fact": 1.0}
    if unnamed and topic(reading.text, named=False) == "who_are_you":
        return {"small_talk": 1.0, "affirm": 0.0, "ask_help": 0.0, "ask_fact": 0.0, "greeting": 0.0}
    return {}


_REQUEST = re.compile(
    rf"^\W*{OPENING}(?:(?:maybe|perhaps|just|an?other|an?|some|something|anything|one|more)\b\W*)"
    r"(?![^.?!]*\b(?:it is|i['’]?ll|we['’]?ll|let['’]?s|sounds|looks|choice|then|thanks?|bye)\b)",
    re.IGNORECASE,
)


_TO_SEE = re.compile(
    rf"^\W*{OPENING}(?:i|we)(?:['’]?d| would) (?:like|love|prefer|want) to (?:see|watch|have|read) "
    r"(?!(?:it|that|this|these|those|them|one)\b)[^.!?]*\bin (?:it|there)\b",
    re.IGNORECASE,
)
"""What says who or what should be in an item, and takes none: "I'd like to see Tom Hanks in it"."""


def _requested(reading: Reading) -> dict[str, float]:
    """Return the acts of a noun phrase that says what is wanted, and agrees to nothing: "a gentle film for my gran"."""
    said = any(isinstance(read.value, FacetValue) for read in reading.values)
    if said and not reading.items and _TO_SEE.match(reading.text):
        return dict.fromkeys(("accept", "thanks", "praise", "ask_fact"), 0.0) | {"refine": 1.0}
    if not said or reading.items or not reading.has("accept", "thanks", "praise") or not _REQUEST.match(reading.text):
        return {}
    return dict.fromkeys(("accept", "thanks", "praise", "ask_fact"), 0.0) | {"ask_recommendation": 1.0}


def _says_tone(reading: Reading) -> bool:
    """Tell whether all values say what an item is like: "Violent?" asks about the one at hand."""
    values = [read.value for read in reading.values if isinstance(read.value, FacetValue)]
    return bool(values) and all(value.fields[0] == TONE for value in values)


_WHICH_THERE = re.compile(
    r"\b(?:which|what)(?: other)? (?!of\b)(?:[\w-]+ ){1,3}(?:do|have|did) (?:you|u) (?:guys )?(?:actually |even )?"
    r"(?:have|got|know)\b(?! about)|"
    r"\b(?:which|what) (?:films|movies|books) (?:did|has|have|does|was|is) [^?.!,]{2,40}? "
    r"(?:direct(?:ed)?|ma[dk]e|wr[io]te|written|starr?(?:ed)?|act(?:ed)?|play(?:ed)?|been in|in)\b",
    re.IGNORECASE,
)
"""What asks for all that there is of a kind: "which Hungarian films do you have?"."""


_ANOTHER_OF = re.compile(r"\b(?:is|are) there (?:another|more|an?other|a (?:second|third)) $", re.IGNORECASE)
_SUITS_WHOM = re.compile(r"\b(?:does|would|will) (?:it|that|this)(?: one)? suit\b", re.IGNORECASE)


def _asked_which(reading: Reading) -> dict[str, float]:
    """Return the acts of a message that asks for all that there is of a kind, or of an item that is all it names."""
    if _WHICH_THERE.search(reading.text) and not reading.items:
        return {"ask_list": 1.0} | dict.fromkeys(("ask_fact", "compare", "small_talk"), 0.0)
    if (reading.items and _ANOTHER_OF.search(reading.text[: reading.items[0].start])) or _SUITS_WHOM.search(
        reading.text
    ):
        return dict.fromkeys(REQUESTS, 0.0) | {"ask_fact": 1.0}
    alone = [entry.role for entry in reading.items] == ["ask"] and not reading.values
    left = without_spans(reading.text, spans_of(reading.items)) if alone else reading.text
    return {} if re.search(r"\w", left) else dict.fromkeys(REQUESTS, 0.0) | {"ask_fact": 1.0}


def _asked_beside(reading: Reading) -> dict[str, float]:
    """Return the acts by which plain words ask for items beside something else, or for anything at all."""
    text = reading.text
    acts: dict[str, float] = {}
    if _FOR.search(text) and not reading.has("accept", "thanks"):
        acts |= {"ask_recommendation": 1.0}
    if _FOR_US.search(text) and not reading.items:
        acts |= {"ask_recommendation": 1.0} | dict.fromkeys(("ask_fact", "not_seen", "compare", "thanks"), 0.0)
    if not_called(text):
        acts |= {"reject": 1.0, "refine": 1.0} | dict.fromkeys(("ask_fact", "not_seen", "small_talk"), 0.0)
    if _SHOULD.search(text):
        acts |= {"ask_recommendation": 1.0} | dict.fromkeys(("ask_fact", "ask_why", "small_talk"), 0.0)
    if _WHAT_ELSE.fullmatch(text):
        acts |= {"ask_more": 1.0, "ask_fact": 0.0, "small_talk": 0.0}
    if _LIKE_THAT.match(text) and any(entry.role in ("like", "want") for entry in reading.items):
        acts |= {"refine": 1.0}
    if reading.has("reject") and _SAID_SO.search(text) and (reading.values or reading.items):
        acts |= {"ask_why": 0.0, "refine": 1.0}
    for act, pattern, changed in _ASKED_BESIDE:
        acts |= changed if reading.has(act) and pattern.search(reading.text) else {}
    said = [read for read in reading.values if isinstance(read.value, FacetValue)]
    if _ANYTHING.search(reading.text) and not (said or reading.items):
        acts |= {"no_preference": 1.0, "small_talk": 0.0} | ({} if "?" in reading.text else {"ask_fact": 0.0})
        acts |= {"accept": 0.0, "goodbye": 0.0, "thanks": 0.0} if _CHOOSE.search(reading.text) else {}
    return acts


def _gives(reading: Reading) -> bool:
    """Tell whether a message asks for items in so many words: "can you list four westerns"."""
    several = any(isinstance(v.value, Quantity) and v.value.kind == "count" for v in reading.values)
    kinds = any(isinstance(read.value, FacetValue) for read in reading.values)
    return _GIVE.search(reading.text) is not None and (several or kinds) and not reading.items


def bare_value(reading: Reading) -> bool:
    """Tell whether a message is nothing but values of the catalogue: "Kathryn Bigelow?", "and Nolan?"."""
    if reading.items or not any(isinstance(read.value, FacetValue) for read in reading.values):
        return False
    left = without_spans(reading.text, spans_of(reading.values))
    named = all(is_of(read.value, *PEOPLE) for read in reading.values)
    ones = r"|one|ones|films?|movies?|books?|stuff" if named else ""  # "will ferrell one?", but "scary one?"
    filled = rf"\W*{OPENING}(?:(?:maybe|perhaps|or|what about|how about|please|an?{ones})\b\W*)*"
    return re.fullmatch(filled, left, re.I) is not None
