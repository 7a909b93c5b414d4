"""Questions whether items are there, and names of items with nothing else: "do you have Heat?", "and Ronin?".

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.inference.understanding.content_questions import asks_content
from pecrs.inference.understanding.corrections import MEANT
from pecrs.inference.understanding.questions import asks_parts
from pecrs.inference.understanding.reading import Reading
from pecrs.linking.around import IN_LIST
from pecrs.linking.lexicon import OPENING
from pecrs.linking.spans import spans_of, without_spans

_NAMED = re.compile(
    rf"\W*{OPENING}(?:(?:oh|um+|maybe)\W+)*(?:(?:what|how) about|why not|and)?\W*(?:the (?:film|movie)\W*)?\W*",
    re.IGNORECASE,
)
_MEANT = re.compile(rf"\W*{OPENING}(?:(?:nah|nope|oh|sorry)\W+)*{MEANT}(?: the (?:film|movie|one))?\W*", re.IGNORECASE)
_HAVE = re.compile(
    r"\b(?:have|has|had|got|do|did) (?:you|u|ya)(?: guys)?(?: also| still| even| maybe| perhaps)? "
    r"(?:got|have|had|know)\b|\bis there\b|\bdo you (?:know|do)\b|"
    r"\bcan i (?:watch|see)\b|^\W*got\b|\b(?:got|have) (?:it|that|this|them|those)(?: one)?\b|"
    rf"\b(?:is|are)(?:n['’]?t)?(?: \w+){{0,1}}\s+{IN_LIST}|"
    r"\bdon['’]?t (?:you|u) (?:know|have)\b",
    re.IGNORECASE,
)


_ANOTHER = re.compile(
    r"\b(?:is|are) there (?:another|an? (?:second|third|fourth|new|newer|later|other)|more|other)\s+$|"
    r"\b(?:sequels?|prequels?|follow[- ]?ups?) (?:to|of|for)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
"""What stands before a title that further parts are asked of."""


def _beside(reading: Reading) -> str:
    """Return a message without the titles in it, those included that the catalogue lacks."""
    names = [name for name in reading.unknown if not name.person]
    left = without_spans(reading.text, spans_of([*reading.items, *names]))
    return re.sub(r"\s*\b(?:or|and)\s*(?=\W*$)", "", left, flags=re.IGNORECASE) if names else left


def _are_there(reading: Reading) -> bool:
    """Tell whether a message asks of several items whether they are there, and of nothing else."""
    left = _beside(reading)
    beside = rf"\W*{OPENING}(?:{_HAVE.pattern})(?:\W|\b(?:or|and|the|any|of|film|movie)\b)*"
    return re.fullmatch(beside, left, re.IGNORECASE) is not None


def _what_about(reading: Reading) -> bool:
    """Tell whether a message asks what is to be said of several items: "what about Heat or Ronin?"."""
    left = _beside(reading)
    between = r"(?:\W|\b(?:or|and|the)\b)*"
    return re.fullmatch(rf"\W*{OPENING}(?:what|how) about\b{between}", left, re.IGNORECASE) is not None


def asks_about_item(reading: Reading) -> str:
    """Return ``here`` where is asked whether an item is there, ``about`` where it is only named, else nothing."""
    if not reading.items or any(entry.start >= entry.end for entry in reading.items) or asks_parts(reading.text):
        return ""
    if len({entry.item for entry in reading.items}) > 1:
        return "here" if _are_there(reading) else "about" if _what_about(reading) else ""
    left = _beside(reading)
    if re.search(r"\b(?:(?:what|how) about|why not)\b", left, re.IGNORECASE) and _NAMED.fullmatch(left):
        return "about"
    if _MEANT.fullmatch(left):
        return "about"
    if any(entry.role in ("dislike", "avoid") for entry in reading.items):
        return ""
    if reading.has("accept", "seen") or (reading.has("reject") and not _HAVE.search(left)):
        return ""
    if asks_content(reading.text, reading.items[0].start) or _ANOTHER.search(reading.text[: reading.items[0].start]):
        return ""
    before = reading.text[: reading.items[0].start]
    other = re.search(r"\b(?:with|by|about)\b", re.sub(r"\b(?:what|how) about\b", "", before, flags=re.I), re.I)
    if _HAVE.search(left) and not (other or re.search(r"\b(?:like|similar)\b", left, re.IGNORECASE)):
        return "here"
    return "about" if "?" in reading.text and _NAMED.fullmatch(left) else ""


def asks_of_missing(reading: Reading) -> bool:
    """Tell whether all that a message asks is of names that the catalogue lacks: "not noir. Don't you have Gilda?"."""
    asking = reading.questions or ((reading,) if not reading.parts else ())
    return bool(asking) and all(
        any(name.asked for name in part.unknown) and not (part.items or part.values) for part in asking
    )
