"""What the verb before a span, or what is said right behind it, makes of it: "I hate Cats", "Cats was great".

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.inference.understanding.refusals import BAD, NEGATED_VERB, NOT

_BETWEEN = (
    r"(?: (?:the|a|an|all|any|both|watching|reading|seeing|movies?|films?|books?|series|like|such as|with|by|of))*"
    r"\s*[:–-]?\s*[\"“]?$"
)
_LIKED = re.compile(rf"\b(?:love[ds]?|liked?|enjoy(?:ed|s)?|adore[ds]?|fan of|obsessed with){_BETWEEN}", re.IGNORECASE)
_HATED = re.compile(
    r"(?:\b(?:hate[ds]?|dislike[ds]?|detest(?:ed)?|despise[ds]?|loathe[ds]?)|"
    r"\b(?:walked out of|gave up on|fell asleep (?:in|during|watching)|bored by|"
    r"(?:could|can|did)(?:n['’]?t| not) (?:finish|get (?:through|into)|sit through))|"
    r"\b(?:can|could)(?:['’]?t|not) (?:stand|bear)|"
    rf"{NOT} (?:really )?(?:a )?(?:big )?(?:stand|bear|like|love|enjoy|fan of))"
    rf"{_BETWEEN}",
    re.IGNORECASE,
)
_NO = re.compile(
    rf"(?:\b(?:not|never|no|nothing|none)|{NEGATED_VERB})\b(?:(?!\bbut\b|\band\b)[^,.;:!?])*$", re.IGNORECASE
)
IS = (
    r"(?:\s+(?:movies?|films?|books?|stuff))?\W*(?:\(\d{4}\))?\W*(?:(?:is|was|are|were)(?: (?:supposed|"
    r"meant|said|rumou?red|known) to be)?|looks?|sounds?|"
    r"seems?|looked|felt)(?: (?:just|so|such|really|very|pretty|quite|kind of|a bit|absolutely|"
    r"terribly|awfully|horribly|incredibly|super|way too|far too|too|a|my))*"
)
_GOOD = re.compile(
    rf"{IS} (?:great|good|amazing|awesome|fantastic|brilliant|excellent|wonderful|favou?rites?|perfect|hilarious)\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    rf"{IS} (?:{BAD}|a mess|a bore|too \w+)\b",
    re.IGNORECASE,
)


OF_IT = re.compile(
    r"(?:^|[.!?;,]\s*|\b(?:and|but|because|cos|cause|since|though)\s+)(?:it|that|this)(?:['’]s|s| is| was)"
    r"(?: (?:an?|the|so|very|really|quite|pretty|rather|a bit|kind of|kinda|just|all|full of|about|mostly))*\s*$",
    re.IGNORECASE,
)
"""Before what an item is said to be: "seen it, and it's violent"."""

_FAVOURITE = re.compile(
    rf"{IS} (?:my|our) (?:(?:all[- ]time|absolute|personal|gold|big|biggest|old) )*"
    r"(?:favou?rites?|faves?|standard|benchmark|comfort (?:film|movie|watch)|go[- ]to|number one|ideal|jam)\b",
    re.IGNORECASE,
)
_WOULD_BE = re.compile(
    r"[^.?!,]{0,25}?\s(?:would|['’]d|wd) be (?:so |very |really )?"
    r"(?:lovely|nice|great|perfect|good|ideal|fun|cool|awesome|best)\b",
    re.IGNORECASE,
)
"""Behind what somebody would like: "two people walking and talking would be lovely"."""

_IS_NOT = re.compile(
    r"(?:\s+and\s+\w+)?\s+(?:(?:is|are|was|were)(?:n['’]?t| not| hardly| never)|ain['’]?t)\b"
    r"(?! (?:required|necessary|a must))",
    re.IGNORECASE,
)
"""Behind what is said not to be something: "swords and battles aren't quiet"."""

_WANTED = re.compile(r"[^.!?,]*\b(?:i|we)(?:['’]m| am)? (?:want|need|after|look)", re.IGNORECASE)


def judged_role(text: str, start: int, end: int, role: str) -> str:
    """Return the role of a span where the verb before it, or what is said of it right after, leaves no doubt.

    >>> judged_role("I hate Cats", 7, 11, "like"), judged_role("I like Cats", 7, 11, "dislike")
    ('dislike', 'like')

    Args:
        text: A message.
        start: First character of the span.
        end: One past the last.
        role: As it was read.
    """
    before, after = text[:start], text[end:]
    if role in ("like", "want", "incidental") and _HATED.search(before):
        return "dislike"
    if role in ("like", "want", "incidental") and _BAD.match(after):
        return "dislike"
    if role == "want" and ((OF_IT.search(before) and not _WANTED.match(after)) or _IS_NOT.match(after)):
        return "incidental"
    if role == "want" and _FAVOURITE.match(after):
        return "like"
    if role in ("incidental", "like") and _WOULD_BE.match(after):
        return "want"
    if role == "dislike" and ((_LIKED.search(before) and not _NO.search(before)) or _GOOD.match(after)):
        return "like"
    return role
