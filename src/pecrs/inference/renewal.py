"""Whether a request says all that is wanted, or goes on from what was wanted before.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from pecrs.inference.understanding.reading import Reading
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS
from pecrs.linking.makers import PEOPLE
from pecrs.linking.values import is_of

_OF_REQUESTS = (*KIND_FIELDS, *THEME_FIELDS, "series")
"""Fields whose values say what sort of thing a request is for."""

_ONE = re.compile(r"\bones? (?:with|by|from|starring|about|that|where|set)\b", re.IGNORECASE)
"""Words of a request that is still for the same kind of thing: "one with Daniel Craig instead"."""

_MORE = re.compile(r"\b(?:more|less|bit|little)\s*$", re.IGNORECASE)


_DIFFERENT = re.compile(
    r"\b(?:something|anything|somethin|smth|sth|one) (?:else )?(?:(?:completely|totally|entirely|wholly|"
    r"altogether|radically) (?:different|else|new)|(?:very|quite) different)\b|"
    r"\ba (?:completely|totally|whole|very|entirely) (?:other|different) "
    r"(?:kind|sort|thing|type|mood|film|movie|book)\b|\bnow for something\b.*\bdifferent\b",
    re.IGNORECASE,
)
_GROWN_UP = re.compile(
    r"\b(?:grown[- ]?up|for (?:us )?(?:adults|grown[- ]?ups)|for (?:the two of us|us two|just us|"
    r"me (?:and|n|&) (?:my )?(?:wife|husband|hubby|partner|girlfriend|boyfriend|gf|bf|fianc[eé]e?|friends?|mates?)|"
    r"my (?:wife|husband|partner|girlfriend|boyfriend) and (?:me|i))|"
    r"(?:after|when|once|as soon as) (?:they|(?:the|my|our) (?:kids|children|little ones|boys|girls|grandkids))"
    r"(?:['’]?re| are| have| go| went| ha(?:ve|d) gone| get)* (?:finally |all |fast |safely )?"
    r"(?:to bed|in bed|asleep|gone))\b",
    re.IGNORECASE,
)
_SOMEBODY = (
    "wife|husband|hubby|partner|girlfriend|boyfriend|gf|bf|mother|father|mum|mom|dad|sister|brother|flatmate|friend"
)
_OWN_TURN = re.compile(
    rf"\b(?:i myself|for (?:myself|my own part)|(?:my|our|the) (?:{_SOMEBODY})(?: (?:now|then|though|objects|says),?)?"
    r"(?:[^.?!]{0,12}\bs?he)?"
    r"(?: (?:wants|wishes|asks|prefers|needs|fancies)|(?:['’]d| would) (?:rather|like|prefer|love)))\b|"
    r"\b(?:just|simply|only) (?:an?|any|some)\b(?! (?:bit|little|tad|touch|few)\b)",
    re.IGNORECASE,
)
"""What tells that now it is somebody else's turn to wish, or that all else may go: "ok, then just a western"."""

_STAYS = re.compile(
    r"\b(?:still|same|keep(?:ing)?|stays?|staying|(?:as|like) (?:before|always)|otherwise|the rest)\b(?! (?:old|up)\b)",
    re.IGNORECASE,
)
"""Words which say that something asked for before still holds: "sci-fi, same decade", "still in Korean"."""

_CHILDREN = ("family", "for children", "for small children", "for older children")


def wants_different(text: str) -> bool:
    """Tell whether a message asks for something no earlier constraint belongs to: "something completely different".

    >>> wants_different("for tomorrow something completely different: a pirate adventure")
    True
    """
    return _DIFFERENT.search(text) is not None


def outgrown(text: str, constraint: str) -> bool:
    """Tell whether an earlier constraint was for children, and a message asks for grown-ups.

    >>> outgrown("and for me n hubby after they go to bed?", "for small children"), outgrown("a comedy", "family")
    (True, False)

    Args:
        text: The message.
        constraint: The words of the constraint.
    """
    return _GROWN_UP.search(text) is not None and constraint in _CHILDREN


def starts_over(reading: Reading) -> bool:
    """Tell whether a change of mind leaves little of what was wanted: another kind, theme or example is named.

    Other years, another length or person take the place of their like, and the rest stays. So it does where a word
    says that something stays.

    Args:
        reading: The message.
    """
    if not reading.has("change_mind") or _ONE.search(reading.text) or _STAYS.search(reading.text):
        return False
    wanted = [read.value for read in reading.values if read.role in ("want", "like")]
    return bool(reading.roles("want", "like")) or any(is_of(value, *_OF_REQUESTS) for value in wanted)


def is_outgrown(text: str, start: int) -> bool:
    """Tell whether words name children only to say that they are not there: "when the children are in bed"."""
    return any(match.start() <= start < match.end() for match in _GROWN_UP.finditer(text))


def compares_kinds(reading: Reading) -> bool:
    """Tell whether all kinds that are asked for are said by comparing: "funnier", "more romantic"."""
    kinds = [r for r in reading.values if is_of(r.value, *KIND_FIELDS) and r.role in ("want", "like")]
    return all(
        reading.text[read.start : read.end].lower().endswith("ier") or _MORE.search(reading.text[: read.start])
        for read in kinds
    )


_SUCH = re.compile(
    r"\b(?:like|want|need|fancy|prefer|recommend|suggest|after|for|(?:give|find|show|get) (?:me|us)|"
    r"(?:do|have) you(?: have)?)"
    r"(?: to (?:see|watch|read))? an? (?!(?:one|bit|little|few)\b)(?:[\w-]+ ){0,3}?(?:films?|movies?|books?|one)\b|"
    r"^\W*(?:(?:now|ok|okay|next|and|then|please)\W+)*an? (?!(?:one|bit|little|few)\b)(?:[\w-]+ ){1,3}?"
    r"(?:films?|movies?|books?)\b",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:another|others?|more|else|too|also|as well|instead|again|rather|him|her|his|hers|them|it)\b", re.IGNORECASE
)


def asks_for_such_alone(reading: Reading, slots: Collection[str]) -> bool:
    """Tell whether a message asks for "a Japanese film from before 1970", so that nobody named before is meant.

    Args:
        reading: The message.
        slots: The kinds of constraints that it names.
    """
    text = reading.text
    several = len({*slots} - {"tone"}) > 1 and not {*PEOPLE, "series"}.intersection(slots)
    return several and _SUCH.search(text) is not None and not (_ANOTHER.search(text) or _STAYS.search(text))


def is_new_request(reading: Reading, slots: Collection[str]) -> bool:
    """Tell whether a message says all that is wanted, so that nothing of an earlier request is left.

    It names a kind and more, or asks for a kind without refining, or names an item that others should be like.
    """
    if reading.roles("like") and reading.has("ask_recommendation", "ask_more", "refine", "change_mind"):
        return True
    if _STAYS.search(reading.text):
        return False
    if "kind" in slots and _OWN_TURN.search(reading.text):
        return True
    asks, refines = reading.has("ask_recommendation", "ask_list"), reading.has("refine")
    more = len(reading.text.split()) > 2  # "funny?" is a further constraint
    return more and "kind" in slots and ((asks and not refines) or (len(slots) > 1 and (asks or not refines)))
