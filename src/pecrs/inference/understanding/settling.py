"""Words that settle on an item: "Heat it is", "we'll take the second one", "ok Heat tonight, bye".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.reading import Reading
from pecrs.inference.understanding.refusals import APART
from pecrs.linking.around import IT_IS
from pecrs.linking.lexicon import OPENING, folded
from pecrs.linking.spans import spans_of, without_spans
from pecrs.linking.values import FacetValue

_TAKES = re.compile(
    rf"(?:^|[.!?;,]\s+|\bbut\s+){OPENING}(?:(?:i['’]?ll|we['’]?ll|let['’]?s|i will|we will)\s+"
    r"(?:watch|try|do|put|start|take|go with|go for|pick|choose|stick with|stay with|settle for)|"
    r"(?:i|we)\s+(?:take|go with|go for|pick|choose|stick with|stay with|settle for))\b"
    r"(?! (?:something|anything|a|an|some|any|only|own|have|like|love|know|not|want|need|prefer|think|enjoy)\b)|"
    r"\b(?:i|we)(?:['’]?ve)? (?:have )?already (?:picked|chose|chosen|decided|settled)\b|"
    rf"(?:^|[.!?;,]\s+){OPENING}(?:i['’]?m |im |we['’]?re )?sold\b(?! out)",
    re.IGNORECASE,
)


_TAKES_THAT = re.compile(r"\s+(?:that|it|this|them)\b", re.IGNORECASE)


def settling_acts(reading: Reading) -> dict[str, float]:
    """Return the acts of a message that settles on an item; none where it does not.

    Args:
        reading: As the model read it.
    """
    if (reading.has("accept") or takes(reading.text)) and takes_back_choice(reading.text):
        return {"accept": 0.0, "praise": 0.0, "refine": 1.0}
    settled = _is_settled(reading)
    wants = any(read.role == "want" for read in reading.values if isinstance(read.value, FacetValue))
    if (wants and not settled) or not (settled or _TAKES.search(reading.text) or _is_taken(reading)):
        return {}
    others = _NO_ANSWER[:1] if "?" in reading.text else _NO_ANSWER
    return {"accept": 1.0} | dict.fromkeys((*REQUESTS, *others), 0.0)


_BACK = re.compile(
    r"[.!?,]\s*(?:(?:oh|actually|but|no|hm+|uh|ah)\W+)*(?:wait|hold on|hang on|scratch that|on second thoughts?|"
    r"actually|nvm|never ?mind)\b\W*(?:\w+\W+){2,}"
    r"(?:[^?]*$|.*\b(?:join(?:s|ing)?|hates?|something|anything|else|another|instead|changed)\b)",
    re.IGNORECASE,
)


def takes_back_choice(text: str) -> bool:
    """Tell whether a message settles on something and takes that back: "ok sold. actually wait, my sister joins".

    Args:
        text: The message.
    """
    match = _BACK.search(text)
    return match is not None and match.start() > 0


def takes(text: str) -> bool:
    """Tell whether plain words take an item: "ok, I'll watch that"."""
    return _TAKES.search(text) is not None


_NAMED_ALONE = rf"^\W*(?:{OPENING}(?:what|not that|i said|i meant|again|it['’]?s)\W+)*{OPENING}"
_PICKED = (
    r"\b(?:(?:i['’]?ve |i |we |we['’]?ve )?(?:already |just )?(?:picked|chose|chosen|decided on|settled on|went with|"
    r"going with)|(?:i['’]?ll|ill|we['’]?ll|will|gonna|going to|let['’]?s|lets) "
    r"(?:watch|take|go (?:with|for)|see|read))"
    r"\s+(?:the )?"
)


def is_picked(text: str, start: int) -> bool:
    """Tell whether words right before a place take what stands there: "no, I already picked Big"."""
    return re.search(rf"(?:{_PICKED})$", text[:start], re.IGNORECASE) is not None


def titles_settled_on(text: str, titles: Mapping[str, str]) -> tuple[tuple[int, int, str], ...]:
    """Return where a message says the titles of items spoken of, as common as their words may be: "I picked Big".

    >>> titles_settled_on("no no i already picked big", {"big": "Big"})
    ((23, 26, 'big'),)

    Args:
        text: A message.
        titles: Items that were spoken of, with their titles.
    """
    for item, title in reversed(list(titles.items())):
        said = re.escape(title)
        match = re.search(rf"(?:{_PICKED})(?P<title>{said})\b", text, re.IGNORECASE) or re.search(
            rf"{_NAMED_ALONE}(?P<title>{said})\s*(?:$|[!.,?])", text, re.IGNORECASE
        )
        if match is not None:
            return ((*match.span("title"), item),)
    return ()


def settled_item(reading: Reading) -> str:
    """Return the item that a message settles on: the first behind the words that take it, or nothing."""
    named = [entry for entry in reading.items if entry.role in ("want", "like", "incidental", "seen", "ask")]
    match = _TAKES.search(reading.text)
    behind = [entry for entry in named if match is not None and entry.start >= match.start()]
    before = [entry for entry in reversed(named) if match is not None and entry.start < match.start()]
    pointed = before if match is not None and _TAKES_THAT.match(reading.text, match.end()) else []
    return next((entry.item for entry in [*behind, *pointed, *named]), "")


def taken_item(reading: Reading, offered: Sequence[str]) -> str:
    """Return the item that a message settles on: named, or the first of those offered; thanks and leave take none.

    Args:
        reading: A message.
        offered: Items of the latest reply that named any.
    """
    if not reading.has("accept"):
        return ""
    leaves = reading.has("thanks", "goodbye") and not takes(reading.text)
    return settled_item(reading) or ("" if leaves else next(iter(offered), ""))


def _is_taken(reading: Reading) -> bool:
    """Tell whether a message is a title and a farewell, or words for watching it: "whatever, Heat. bye!"."""
    named = [entry for entry in reading.items if entry.start < entry.end]
    left = without_spans(reading.text, spans_of(named))
    if len({entry.item for entry in named}) == 1 and _FAREWELL.search(left) and "?" not in left:
        return _BESIDE_TITLE.issuperset(folded(left))
    return False


def _is_settled(reading: Reading) -> bool:
    """Tell whether words right after a title settle on it: "Heat it is", "ok Heat then, bye"."""
    named = [entry for entry in reading.items if entry.start < entry.end]
    settled = [entry for entry in named if _IT_IS.match(reading.text, entry.end)]
    return any(not is_set_beside(reading.text, entry.start) for entry in settled)


def is_set_beside(text: str, start: int) -> bool:
    """Tell whether others are set beside what stands at a place: "like Heat", "better than Heat", "other than Heat"."""
    return _BESIDE.search(text[:start]) is not None


_BESIDE = re.compile(rf"\b(?:like|similar to|than|as|{APART})\s+(?:the )?$", re.IGNORECASE)


_NO_ANSWER = ("reject", "ask_fact", "compare", "seen", "small_talk")
"""What settling on an item is not, the first one even beside a question."""

_BESIDE_TITLE = frozenset(
    "whatever ok okay okey fine then tonight it is well so i ill ll will guess just watch watching watchin going with "
    "go for the lets let us cool great lol nvm nevermind we have decided on settled yes yeah thats alright right stay "
    "stick take taking pick and bye goodbye night good goodnight thanks thank thx you ta cheers peace cya later ciao "
    "see ya im gonna film movie one perfect works me m re sounds first original new old".split()
)
THANKS = r"(?:thanks|thank you|thank u|thx|ta|cheers)"
_LEAVE = r"(?:(?:good ?)?(?:bye|night)|peace|cya|ciao|see (?:you|ya))"
_FAREWELL = re.compile(
    rf"\b(?:{_LEAVE}|{THANKS}|later|tonight|it is|just watch|i['’]?ll watch|going with|watchin(?:g|['’]))(?!\w)",
    re.IGNORECASE,
)

_IT_IS = re.compile(rf"\s+(?:{IT_IS}|then\W*(?:$|(?:{_LEAVE}|{THANKS})\b))", re.IGNORECASE)
