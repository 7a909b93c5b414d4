"""Questions whether an item has something in it, or does something to who sees it: "is there any blood in it?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.reading import Reading
from pecrs.linking.facets import KIND_FIELDS
from pecrs.linking.lexicon import OPENING
from pecrs.linking.spans import masked, spans_of, without_spans
from pecrs.linking.tones import CONTENT, TONE, told_fields
from pecrs.linking.values import FacetValue, is_of

_THERE = r"\b(?:is|are|was|were)(?:n['’]?t)? there\b"
_IN = re.compile(
    rf"{_THERE}(?P<what>[^.?!]*?)\bin(?:\s+(?:it|that|this|them|those|these|the (?:film|movie|book))\b|"
    r"(?:\s+the)?\s*$)",
    re.I,
)
_MUCH = re.compile(
    rf"{_THERE} (?:any|much|too much|so much|some|(?:a )?(?:lots?|bit|ton|tons|loads|bunch|good deal)(?: of)?)\s",
    re.IGNORECASE,
)
_EFFECT = re.compile(
    rf"^\W*{OPENING}(?:will|would|does|do|did|should|could|can|might|am|is)"
    r"(?:n['’]?t)? (?:it|that|this|i|we|my \w+)\b(?! (?:please )?(?:be|have)\b(?! (?:too|ok|okay|fine|cry)\b))",
    re.IGNORECASE,
)
_ITEMS = re.compile(r"\b(?:films?|movies?|books?|ones?|something|else|others?|another|like|similar)\b", re.IGNORECASE)
"""Words of who asks for an item rather than of one."""

_SWAYED = ("small_talk", "reject", "accept", "affirm", "seen", "inform", "give_preference", "off_topic", "compare")
"""Acts that such a question is easily taken for."""


_IF = re.compile(
    r"\b(?:but )?(?:(?:only|not|even|just) )?(?:if|unless|as long as|so long as|provided(?: that)?|assuming) "
    r"(?:it|that|this)(?: one)?(?:['’]?s|s| is| has| was| does| runs| isn['’]?t| doesn['’]?t| hasn['’]?t)\b",
    re.IGNORECASE,
)
"""What somebody takes an item on, and so wants to know of it: "I'll watch it if it's under two hours"."""

_MADE_SO = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|oh|hm+|well|wait)\W+)*(?:is|was|were|are|does|did)(?:n['’]?t)? "
    r"(?:it|that|this)(?: one)?(?: also| really| even)? "
    r"(?:by|directed|made|written|shot|starring|star|with|set|based|in|from|have|feature)\b",
    re.IGNORECASE,
)


def on_condition(text: str) -> bool:
    """Tell whether somebody says what an item must be to be taken: "only if it's short"."""
    return _IF.search(text) is not None


_HOW_IT_ENDS = re.compile(r"\b(?:is|was)(?:n['’]?t)? there (?:an? )?(?:[\w-]+ )?ending\b", re.IGNORECASE)


def _asked_on(reading: Reading) -> int | None:
    """Return from where on a message asks of the item at hand what it says, whatever its acts seem to be."""
    condition = _IF.search(reading.text)
    if condition is not None:
        named = spans_of(entry for entry in reading.items if entry.end <= condition.start())
        wants = any(read.role == "want" and read.value.start < condition.start() for read in reading.values)
        asks = _ITEMS.search(without_spans(reading.text[: condition.start()], named)) is not None
        return None if asks or wants else condition.start()
    made = _MADE_SO.match(reading.text) and not _ITEMS.search(reading.text)
    ends = _HOW_IT_ENDS.search(reading.text)
    return 0 if made or _asks_any(reading) else ends.start() if ends else None


def _asks_any(reading: Reading) -> bool:
    """Tell whether a message is nothing but what some would rather not see: "any jump scares"."""
    values = [read.value for read in reading.values]
    content = bool(values) and all(is_of(v, TONE) and told_fields(v.label) == (CONTENT,) for v in values)
    return content and _ANY.fullmatch(without_spans(reading.text, spans_of(values), " ")) is not None


_ANY = re.compile(r"\W*(?:(?:and|but|ok|okay|so|hm+)\W+)*any(?:\s+(?:big|real|actual))?\W*(?:or\W*)?", re.IGNORECASE)
_MORE = re.compile(
    rf"^\W*{OPENING}(?:(?:can|could|would) (?:you|u) )?(?:please )?"
    r"(?:(?:tell|give) (?:me|us) (?:(?:a )?(?:bit|little) )?more|"
    r"what(?:['’]?s| is) (?:so )?(?:special|great|good|interesting|unusual)|"
    r"(?:any |some )?(?:more )?(?:info|information|details?))(?: (?:about|on|of) (?:it|that|this)(?: one)?)?"
    r"(?:,? (?:please|pls))?\W*$",
    re.IGNORECASE,
)
"""What asks on about the item at hand: "tell me more", "more info please"."""


_KIN = (
    r"(?:step)?(?:father|mother|dad|mum|mom|parents?|brothers?|sisters?|sons?|daughters?|wife|husband|"
    r"boyfriend|girlfriend|best friend|friends?|bab(?:y|ies)|child(?:ren)?|kids?|uncle|aunt|family|grand\w+|lover|boss|"
    r"teacher|killer)"
)
_HERO = r"(?:hero(?:ine)?|girl|boy|main (?:guy|character))"
_HAPPENING = re.compile(
    rf"^\W*{OPENING}(?:does|did|do|will|is|are|was|were|has|have|had|can)(?:n['’]?t)? "
    rf"(?:(?:#+|(?:the |that )?{_HERO})(?:['’]s)?|his|her) {_KIN} \w|"
    rf"^\W*{OPENING}(?:does|did|will)(?:n['’]?t)? (?:#+|(?-i:[A-Z][a-z]+)|the {_HERO}) "
    r"(?:(?:ever|really|actually|finally) )?(?:die|survive|keep|marry|kill|escape|leave|meet|return|save|forgive|"
    r"fall|go|come back|betray|lie|cheat|know|confess|"
    r"get (?:married|killed|caught|away|back|together|pregnant|home|out))\b",
    re.IGNORECASE,
)
"""What asks what happens to somebody of the story; the item's title, which a hero may have, stands as signs."""


def _asks_happening(reading: Reading) -> bool:
    """Tell whether a question is about somebody of the story: "does Juno keep the baby?", "is Hugo's father dead?"."""
    spans = [(e.start, e.end - 2 * reading.text[: e.end].endswith(("'s", "’s"))) for e in reading.items]
    told = any(is_of(read.value, TONE) for read in reading.values)
    return not told and len(spans) < 2 and _HAPPENING.match(masked(reading.text, spans)) is not None


def _asking_of_it(reading: Reading) -> Reading:
    """Return a reading that asks of the item at hand, where its words leave no doubt."""
    if _asks_happening(reading):
        items = tuple(replace(entry, role="ask") for entry in reading.items)
        return replace(reading.asking(*_SWAYED, "clarify"), items=items, values=(), facts=("happening", "plot"))
    if _MORE.match(reading.text) and not (reading.items or reading.values):
        return replace(reading.asking(*_SWAYED, "clarify"), facts=("plot",))
    start = _asked_on(reading)
    own = [read for read in reading.values if start is not None and read.value.start >= start]
    if not own or any(entry.role in ("seen", "dislike", "avoid") for entry in reading.items):
        return reading
    acts = {**reading.acts, **dict.fromkeys((*REQUESTS, *_SWAYED), 0.0), "ask_fact": 1.0}
    values = tuple(replace(read, role="ask") if read in own else read for read in reading.values)
    return replace(reading, acts=acts, values=values)


def _asks_effect(text: str, tones: Collection[FacetValue]) -> bool:
    """Tell whether words ask what an item does, or whether what some would rather not see happens in it."""
    if _ITEMS.search(text):
        return False
    content = any(told_fields(value.label) == (CONTENT,) for value in tones)
    return _EFFECT.match(text) is not None or (content and _HAPPENS.search(text) is not None)


_HAPPENS = re.compile(
    rf"^\W*{OPENING}(?:do|does|did|is|are|will)(?:n['’]?t)?\s(?!you\b|u\b)|"
    r"\b(?:ask(?:ed|ing)?|wonder(?:ed|ing)?|(?:want|need)(?:ed)? to know|tell me|(?:do|you) know) (?:if|whether)\b",
    re.IGNORECASE,
)
"""Questions about what happens: "does a dog die?", "I asked if any animals die"."""


def asks_content(text: str, item: int | None = None) -> bool:
    """Tell whether words ask what is in an item, and not whether there is one.

    >>> asks_content("is there anything scary in it?"), asks_content("is there anything scary?")
    (True, False)
    >>> asks_content("is there much swearing?"), asks_content("is there a film with blood in it?")
    (True, False)

    Args:
        text: A sentence.
        item: Where an item is named in it.
    """
    inside = _IN.search(text if item is None else text[:item])
    if inside is not None:
        return _ITEMS.search(inside["what"]) is None
    much = _MUCH.search(text)
    return much is not None and _ITEMS.search(text, much.end()) is None


def asking_content(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading in which such a question asks of an item, and wants nothing.

    Args:
        reading: As it was read.
        people: Fields that hold people.
    """
    reading = _asking_of_it(reading)
    values = [read.value for read in reading.values if isinstance(read.value, FacetValue)]
    tones = [value for value in values if value.fields[0] == TONE]
    named = reading.items[0].start if reading.items else None
    inside = _IN.search(reading.text) is not None
    if not inside and any(is_of(value, *KIND_FIELDS, *people) for value in values):
        return reading  # "are there any uplifting dramas?": what items are, and not what is in them
    asked = asks_content(reading.text, named) and (tones or (values and _IN.search(reading.text)))
    effect = tones and _asks_effect(reading.text, tones)
    of_named = named is not None and values and asks_content(reading.text, named)
    if not (asked or of_named or effect):
        return reading
    return replace(reading.asking(*_SWAYED), values=tuple(replace(read, role="ask") for read in reading.values))
