"""What a message asks for beside words that settle, thank or praise: "Heat it is. And one for tomorrow?".

Source: design section 4.
"""

from __future__ import annotations

import re

_WORKS = r"(?:films?|movies?|flicks?|books?|titles?|reads?|ones?)"
_WHAT = (
    rf"(?:(?:some|any)(?:thing| more)|somethin|sumthin|sumthing|smth|sth|(?:another|one|two|three|a few|more|others?)"
    rf"(?: more| other)?(?: {_WORKS})?|a (?:different|further|second|[a-z]+) (?:one|{_WORKS})|(?:any|"
    rf"some) other {_WORKS})"
)
_DAY = (
    r"(?:tomorrow|tomoz|tmrw?|tmr|2moro|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|the weekend)\b"
)
_WHEN = (
    rf"(?:{_DAY}|"
    r"later|after(?:wards)?|next|then|(?:the |this )?(?:weekend|week|morning|evening|afternoon|holidays?|kids?|"
    r"family|others?)|"
    r"(?:my|our|the|her|his|mum|mom|dad|gran|us|me|him|them)\b)"
)
_LEAD = (
    r"(?:^|[.!?,;:)]|\b(?:and|n|but|also|plus|then|now|maybe|perhaps|though)\b|&|\+)\W*"
    r"(?:(?:and|n|but|also|plus|then|now|so|ok|okay|pls|please|maybe|perhaps|well|what about|how about|what['’]?s|"
    r"whats|"
    r"can (?:i|we|you|u)|could (?:i|we|you|u)|(?:give|show|find|get|tell)(?: (?:me|us))?|have|(?:do|have) (?:you|u)|"
    r"got|get|"
    r"is there|are there|(?:(?:i|we)(?:['’]?d| would)? )?(?:also )?(?:like|need|want)|a good|also)\W+)*"
)
_TAIL = (
    rf"(?:(?: good)? for (?:\w+ ){{0,2}}?{_WHEN}|,? (?:like(?! (?:that|this|it)\b(?!,? but\b|\?))|similar|as|with|by|"
    rf"from|"
    rf"starring|w/|set|about|in the|but|"
    r"along)\b|(?: a bit| a little| much)? (?:[a-z]+er|similar|less|more|else|different|please|pls)\b|\W*$)"
)
_SUCH = (
    r"(?!(?:that|this|these|those|the|first|second|third|last|other|which|what|no|any|every|one)\b)[a-z-]+ "
    r"(?:one|ones|film|movie|book),? (?:please|pls|plz)\b"
)
"""What asks for such an item: "clean one please"."""

_FURTHER = re.compile(
    rf"{_LEAD}(?:{_WHAT}{_TAIL}|{_SUCH}|an? (?!(?:\w+ )?(?:choice|pick|idea|time|"
    rf"match)\b)[\w-]+(?: [\w-]+){{0,2}}? for (?:\w+ ){{0,2}}?{_WHEN}|"
    rf"for (?:\w+ ){{0,2}}?{_WHEN}(?: \w+)?,? an? \w+|not [^.!?]{{1,30}},? but (?:similar|like)\b|similar\b[^.!]*\?)|"
    r"\b(?:show|give|find|get) (?:me|us) (?:some )?(?:more|another|others?|something|one)\b(?! about| of (?:it|"
    r"that))|"
    r"\bwhat(?:['’]?s| is| about| should (?:i|we) (?:watch|see|read))? (?:(?:good|nice|best|a good one) )*(?:for|on) "
    rf"{_WHEN}|\bwhat about {_DAY}|"
    r"\b(?:you|u) (?:never|forgot|did(?:n['’]?t| not)|have(?:n['’]?t| not)|still (?:owe|have(?:n['’]?t|"
    r" not)))(?: to)? ?"
    r"(?:g[ia]ven?|told|tell|suggest(?:ed)?|show(?:ed|n)?|f[io]u?nd|name[d]?|answer(?:ed)?|recommend(?:ed)?)? "
    r"(?:me |us |with )*(?:the (?!(?:question|director|cast|year|plot|title|name|runtime|length|rating|"
    r"answer|actors?|writer|story|ending|genre|language)\b)|a|an|one|another|any|my (?!question|q\b)|"
    r"anything|something)\b",
    re.IGNORECASE,
)


def further_start(text: str) -> int | None:
    """Return where a message begins to ask for one more item, whatever else it does; None where it does not.

    >>> further_start("I'll watch that. n one for tomorrow?"), further_start("that is one for my gran")
    (15, None)

    Args:
        text: A message, or a sentence of it.
    """
    match = _FURTHER.search(text)
    return None if match is None else match.start()
