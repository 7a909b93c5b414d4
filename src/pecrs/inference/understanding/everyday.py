"""Words that are values of a catalogue and seldom meant so: "my friend", "did it win an Oscar?", "my English".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from types import MappingProxyType

from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, YEAR
from pecrs.linking.spans import inside
from pecrs.linking.values import FacetValue, is_of

_AWARD = re.compile(r"\b(?:win|won|wins|get|got|nominated|award)\b", re.IGNORECASE)
_OWN = re.compile(r"\b(?:my|your|ur)\s*$", re.IGNORECASE)
_EXCLAIMED = re.compile(r"\b(?:good|thank|oh|dear) (?:my )?(?:grief|lord|god|heavens?|christ)\b", re.IGNORECASE)
_SOMEWHAT = re.compile(
    r"\b(?:(?:some|any)thing|sth|smth|more|bit|very|really|too|kinda|kind of|sort of|quite|pretty|so|super)\s+$",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\s+(?:(?!(?:film|movie|book|one|comedy|drama|thriller|western)s?\b)[\w'’-]+\s+)?(?:m[ae]n|wom[ae]n|lad(?:y|ies)|"
    r"couples?|guys?|people|person|folks?|friends?|boys?|girls?|professors?|teachers?|owners?|neighbou?rs?|jobs?|"
    r"house|town|city|school|life|world|flame|lovers?|enem(?:y|ies)|wi(?:fe|ves)|husbands?|car|dog|cat)\b",
    re.IGNORECASE,
)
"""Behind "old" and "new": what is told of, not how old an item is."""

_THEN_SEEN = re.compile(
    r"\W*(?:(?:but|and|though|tho|lol|one|film|movie|book)\W+)*"
    r"(?:(?:i|we|they|he|she)(?:['’]?ve| have|['’]s)? |already )*"
    r"(?:seen|saw|watched|read)\b",
    re.IGNORECASE,
)
"""Behind what an offer is said to be: "classic, but seen it"."""

_CLAUSE = re.compile(r"[,.;!?]|\bbut\b", re.IGNORECASE)
_EXCLAIMS = re.compile(
    r"\W*(?:(?:lmao|lol|ha(?:ha)+|oh|ah|what|a|an|such|absolute|true|real)\W+)*classics?\W*", re.IGNORECASE
)
_AGED = re.compile(
    r"\b(?:i['’]?m|im|i am|i feel|(?:we|you|they)(?:['’]?re| are| were)|(?:he|she)(?:['’]s| is| was)|"
    r"who(?:['’]s| is| are)|(?:my|our) [\w-]+(?:['’]s| is| are)|getting|growing|feel(?:ing)?)"
    r"(?: (?:all|both|just|now|a bit|far|way|much|really|so|very|too|getting|growing|rather|kinda))*\s+$",
    re.IGNORECASE,
)
"""Before the age of somebody: "we're both too old for it"."""

_OF_LANGUAGE = re.compile(r"(?:\w-|\b(?:in|of|only|the) (?:the )?\w+ )$", re.IGNORECASE)
"""Before the word that says only what a name is: "in the French language"."""

_SAYINGS = re.compile(
    r"\b(?:old|good|bad|great|big|sad|happy|any|no|some|the|fake|breaking) news\b(?! (?:film|movie|"
    r"channel|anchor|reporter|presenter|room|team|crew|station|world|show|programme)s?)|\bin the news\b|\bnews to me\b|"
    r"\b(?:it['’]?s|it is|that['’]?s|its) (?:a )?(?:crime|history|fantasy)\b(?= (?:how|that|now|to)\b|\W*$)|"
    r"\b(?:good|spoil|be a|bad) ?sport\b|\bmusic to (?:my|our) ears\b|\b(?:is|are|it['’]?s) a mystery to\b|"
    r"\bin short\b|\bfor short\b|\bshort (?:of|on|notice|version|story short)\b|\blong story\b|"
    r"\b(?:as|so|how|before|too) long (?:as|ago)\b|\b(?:what|something|anything) (?:else )?(?:is|['’]s) new\b|"
    r"\bfamily (?:matters?|reunion|dinner|gathering|visit|tradition|friend)s?\b|\bmake history\b|\bdrama queen\b|"
    r"\ba new one\b|"
    r"\b(?:any|no) longer\b(?! than)|"
    r"\b(?:can|may|could|should|must|to) come back\b",
    re.IGNORECASE,
)
"""Sayings whose words mean no kind of item: "old news", "it's a crime how"."""

_WHO_THINKS = re.compile(
    r"\s+(?:(?:here|all|both|just|really|also|always|usually)\s+)*(?:finds?|found|thinks?|likes?|loves?|hates?|wants?|"
    r"says?|said|prefers?|keeps?|complain(?:s|ed)?|(?:do|does|did|wo|ca)(?:n['’]?t| not)|get|gets|will|would)\b",
    re.IGNORECASE,
)
_THE = re.compile(r"\b(?:the|these|those|my|our|his|her|their)\s+$", re.IGNORECASE)
"""Before those who watch, where what they think follows: "the teenagers find it old"."""

_AT_PLACE = re.compile(r"\b(?:in|at|near|to|from|through|around|outside)\s+$", re.IGNORECASE)
_STATE = re.compile(
    r"\b(?:i|we|he|she|they)(?:['’]?(?:m|re|s)| am| are| is| was| were)(?: (?:now|still|all|so|really|just|back|out))* "
    r"(?:in|on|at|off|having|getting|going through|recovering from|suffering from)(?: (?:a|an|some|the))?\s+$",
    re.IGNORECASE,
)
"""Before what somebody is in, which is no theme: "now I'm in withdrawal"."""

_DOES = re.compile(
    r"(?:\b(?:i|we|they|can|could|will|would|cannot)|\b(?:ca|could|wo|would|do|did|does)n['’]?t|\b(?:cant|wont|dont))\s+$",
    re.IGNORECASE,
)
"""Before a word that is a verb, and so no theme."""

_ABBREVIATED = re.compile(r"\b(?:[a-z]\.){2,}", re.IGNORECASE)


_ABOUT = re.compile(
    r"\b(?:about|i (?:said|mean|meant)|like)\s+(?:(?:an?|the|his|her|my|our|one|some|[a-z]+|[a-z]+ (?:and|or))\s+)?$",
    re.IGNORECASE,
)
_OTHER_THAN_MEANT = MappingProxyType({"language": _OF_LANGUAGE, "family": _ABOUT, "families": _ABOUT})
"""Before a word, what makes it mean something else: "about a family" is no family film."""


_SOME = re.compile(r"\b(?:bit|touch|dose|hint|lot|lots|sense|drop|dash|pinch) of (?:\w+ )?$", re.IGNORECASE)


def is_meant(text: str, value: FacetValue, people: Collection[str]) -> bool:
    """Tell whether a value that was found in a text is likely to be meant.

    It is not inside an abbreviation ("e.g.") or an exclamation, where "Oscar" is the award, or where a single word that
    says no kind is somebody's own ("my friend"), nor said of somebody who is told of ("an old man").

    Args:
        text: A message.
        value: Found in it.
        people: Fields that hold people.
    """
    said = text[value.start : value.end]
    spans = [match.span() for pattern in (_ABBREVIATED, _EXCLAIMED, _SAYINGS) for match in pattern.finditer(text)]
    if inside((value.start, value.end), spans):
        return False
    if said.lower() in ("oscar", "oscars"):
        return _AWARD.search(text) is None
    if is_of(value, *people) and said.islower() and said.endswith("y") and _SOMEWHAT.search(text[: value.start]):
        return False  # "something spacey"
    if value.scaled and (_THEN_SEEN.match(text, value.end) or _EXCLAIMS.fullmatch(_CLAUSE.split(text)[0])):
        return False  # "classic, but seen it"
    aged = _SOMEBODY.match(text, value.end) or _AGED.search(text[: value.start])
    if value.scaled and value.fields[0] == YEAR and aged:
        return False  # "an old man", "new owners", "we're too old for that"
    if is_of(value, *people) and " " not in said and said[0].isupper() and _AT_PLACE.search(text[: value.start]):
        return False  # "a cinema in Leeds"
    other = _OTHER_THAN_MEANT.get(said.lower())
    if other is not None and other.search(text[: value.start]):
        return False
    theme, before = value.fields[0] in THEME_FIELDS, text[: value.start]
    if theme and (_STATE.search(before) or (_THE.search(before) and _WHO_THINKS.match(text, value.end))):
        return False
    word = said.islower() and " " not in said
    if word and ((theme and _DOES.search(before)) or (is_of(value, "series") and _SOME.search(before))):
        return False  # "I can't bear", "we sail", "a bit of venom"
    own = " " not in said and KIND_FIELDS.isdisjoint(value.fields) and not value.scaled
    return not (own and _OWN.search(text[: value.start]))
