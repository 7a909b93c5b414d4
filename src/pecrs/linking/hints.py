"""What people say of works beside their titles: "who plays him in twins", "skip gremlins", "alien I have seen".

Such words say less than "the film ..." does, so that they count for well-known titles and for what was spoken of.

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.linking.around import ABOUT_IT
from pecrs.linking.lexicon import ARTICLES, CALENDAR, CHATTER, DULL, FUNCTION
from pecrs.linking.renown import MOST_KNOWN, WIDELY_KNOWN
from pecrs.linking.text import Text
from pecrs.linking.vocabulary import Vocabulary

_PERSON = (
    r"(?:who(?:['’]?s|m)?|he|she|they|hes|shes|him|her|them|guy|dude|bloke|chap|man|woman|girl|boy|kid|lady|actor|"
    r"actress|one|people|brother|sister|mother|father|son|daughter|wife|husband|lead|role|part|villain|character)"
)
_MADE = (
    r"(?:do|did|done|make|made|direct|directed|write|wrote|written|produced?|star in|starred in|play in|played in|"
    r"plays in|act in|acted in)"
)
_ASKS = r"(?:is|isn['’]?t|was|wasn['’]?t|were|weren['’]?t|has|hasn['’]?t|did|didn['’]?t|does|doesn['’]?t)"
_SURELY = re.compile(
    rf"\b{_ASKS}\s+(?:it|that|this|he|she|they|\w+)(?: (?:also|too|in it|the \w+|not))? in\s+$|"
    rf"\b{_PERSON}\s+(?:also |even |only |just |really |not )?{_MADE}\s+$|"
    rf"\b{_ASKS}\s+(?:he|she|they|\w+) (?:also |even |not )?{_MADE}\s+$|"
    rf"\b(?:that|the|this|same) (?:old |other |young |main |funny )?{_PERSON} in\s+$|"
    r"\b(?:\w{2,}er|(?:more|less) \w+|better|worse) than\s+$|\bcompar\w+ (?:it |this |that )?(?:to|with)\s+$|"
    r"\b(?:quot(?:e|es|ed|ing)|recit(?:e|es|ing)|fell asleep (?:in|during)|up there with)\s+$|"
    r"\b(?:when['’]?s|what (?:genre|year|rating|kind of \w+) (?:is|was)|"
    r"how (?:long|old|good|scary|sad) (?:is|was|does|did))"
    r"\s+$",
    re.IGNORECASE,
)
"""What stands before a title that is asked about, set beside another or remembered."""

_LIKELY = re.compile(
    rf"\b(?:who|what)['’]?s? [^.?!,;:]{{0,30}}\b{_PERSON} (?:from|of)\s+$|"
    r"\b(?:that|the|this|same) (?:old |other |young |main |funny )?"
    rf"(?:{_PERSON}|cast|director|music|song|score|scene|ending|writer|author|team) (?:from|in|of|behind)\s+$|"
    r"\b(?:neither|nor|same with|same goes for|ditto|done with|sick of|tired of|walked out of|been through)\s+$|"
    r"\b(?:sit|sat|slept|cried|wept|laughed) (?:all |right )?(?:through|at|during)\s+$|"
    r"\b(?:last (?:night|one|time|week|weekend)|yesterday|it) (?:it )?was\s+$|"
    r"\brather\s+$|\b(?:instead of|(?:nothing|something|anything|rather) than)\s+$|"
    r"(?:^|[.,;!?]|\b(?:and|but|so|please|okay|ok|nah|nope|can we|i['’]?ll|lol))\W*"
    r"\b(?:not|forget|leave(?: out)?|no|no more|drop)\s+$|"
    r"\b(?:anything|everything|nothing|all) but\s+$|\bskip(?:ped|ping)?\s+$|"
    r"\b(?:swears? by|car(?:e|es|ed) (?:much )?for|halfway through|the end of|obsessed with|bored by|knows? about)\s+$",
    re.IGNORECASE,
)
"""What stands before one that is refused or liked, and before other things, too."""

_FRONTED = re.compile(
    r"\s+(?:(?:i|we|she|he|they)(?:['’]ve|['’]d)?|ive|weve|theyve)\s+"
    r"(?:already |only |just |both |all |have |had |do |did )*(?:know|knew|knows|seen|saw|watched|own|owns|had)\b|"
    r"\s+(?:is |was |has been |have been |been |got )?(?:done|watched|played|flogged|seen|worn) (?:to death|out)\b|"
    r"\s+(?:we|i) (?:\w+ )?(?:watch|play)\b[^.?!]*\b(?:repeat|loop|times|day|night)\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\s+(?:by heart|out of (?:it|this|that)|in (?:my|her|his|their|our) sleep|on (?:dvd|vhs|blu-?ray|repeat|loop)|"
    r"bored (?:me|us|him|her)|by the same|or (?:something|anything) (?:like|similar|\w{2,}er)|rather than)\b",
    re.IGNORECASE,
)
"""What stands behind a title that is spoken of, at the beginning of a clause and anywhere."""

_VERY = r"(?:(?:so|very|really|just|kinda|pretty|lowkey|totally|absolutely|fully|straight up|such an?|way|too|a)\s+)*"
_TOLD_OF_LIFE = r"(?! (?:today|this|at|on|off|home|late|up|sick|ill|tired|angry|mad)\b)"
_PRAISED = re.compile(
    rf"\s+{_VERY}(?:slaps|slapped|bangs|slays|slayed|ruled|rocked|hits? (?:different|hard)|holds? up|held up|aged well|"
    r"goes hard|went hard|lives rent free|never gets old)\b|"
    rf"\s+{_VERY}(?:wrecked|destroyed|broke|ruined|killed|haunted|gutted|floored|shook|moved|messed|ended|crushed|blew|"
    rf"devastated|got|had|made) (?:me|us|my (?:heart|mind|whole))\b{_TOLD_OF_LIFE}|"
    r"\s+(?:(?:is|was|sounds|looks)\s+)?perfect\s*(?:$|[.!,?])|"
    rf"(?:\s+(?:is|was)|['’]s)\s+{_VERY}(?:under ?rated|goated|peak|fire|iconic|rewatchable|flawless|cinema|bangers?|"
    r"masterpiece|my comfort \w+|my whole \w+)\b",
    re.IGNORECASE,
)
_SIGHS = frozenset("aw aww ooh oo oh ah omg haha yay".split())
_PANNED = re.compile(
    rf"\s+{_VERY}(?:sucked|flopped|aged (?:badly|poorly|like milk))\b|"
    rf"\s+{_VERY}bored (?:me|us)\b{_TOLD_OF_LIFE}|"
    rf"(?:\s+(?:is|was)|['’]s)\s+{_VERY}(?:over ?rated|overhyped|mid|trash|garbage|unwatchable)\b|"
    r"[,.;]?\s*(?:(?:and|but|which|though)\s+)?"
    r"(?:(?:(?:i|we)\s+)?(?:found|thought)\s+(?:it|that)(?:\s+was)?|(?:it|that|which)\s+was)\s+"
    rf"{_VERY}(?:{DULL}|bad)\b",
    re.IGNORECASE,
)
"""What is said of works and hardly of anything else, behind one: "slaps", "wrecked me", "was so overrated"."""

_HAD = re.compile(r"\b(?:had|did|showed|screened)\s+$", re.IGNORECASE)
_LATELY = re.compile(
    r"\s+(?:last (?:night|week|month|year|time)|yesterday|the other (?:day|night|week))\b", re.IGNORECASE
)

_TITLE_RATHER = 3
"""A title named so many times as often as texts use its word is rather meant than the word."""

_LOOKED_AT = 80
"""So many characters before a span are read."""

_ENDS = re.compile(
    r"\s*(?:$|[?.!,;:)]|(?:again|too|also|either|though|tho|then|please|pls|as well|at all|than|and|or|nor|n|but|was|"
    r"is|has|go|goes|gone|run|runs|last|lasts|take|takes|from|anyway|instead|btw|by the|by heart|right|lol|come|came|"
    r"made|like|out of)\b)",
    re.IGNORECASE,
)


def hint(parsed: Text, first: int, last: int) -> int:
    """Return 2 where the words beside a span are said of works alone, 1 where they are said of works as well, else 0.

    Args:
        parsed: The text.
        first: Position of the span's first token.
        last: Position after its last token.
    """
    words = [token.key for token in parsed.tokens[first:last]]
    if all(word in CHATTER or word in FUNCTION or word in CALENDAR for word in words):
        return 0
    start, end = parsed.tokens[first].start, parsed.tokens[last - 1].end
    before = parsed.text[max(start - _LOOKED_AT, 0) : start]
    if parsed.opens_clause(first) and (_FRONTED.match(parsed.text, end) or ABOUT_IT.match(parsed.text, end)):
        return 2
    if _HAD.search(before) is not None and _LATELY.match(parsed.text, end):
        return 1
    if _ENDS.match(parsed.text, end) and _SURELY.search(before):
        return 2
    likely = _BEHIND.match(parsed.text, end) or (_ENDS.match(parsed.text, end) and _LIKELY.search(before))
    return int(bool(likely))


def judged(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a clause begins with a span and judges it as works are judged: "frozen is mid", "heat slaps".

    Args:
        parsed: The text.
        first: Position of the span's first token.
        last: Position after its last token.
    """
    own = [token.key for token in parsed.tokens[first:last] if token.key not in ARTICLES]
    if (len(own) < 2 and (CHATTER | FUNCTION | CALENDAR).issuperset(own)) or not (
        parsed.opens_clause(first) or parsed.tokens[first - 1].key in _SIGHS
    ):
        return False
    return bool(judgement(parsed.text, parsed.tokens[last - 1].end))


def judgement(text: str, end: int) -> str:
    """Return the role that words behind a title give it, "like" or "dislike"; empty where they do not judge it.

    >>> judgement("heat slaps", 4), judgement("heat was so overrated", 4), judgement("heat from 1995", 4)
    ('like', 'dislike', '')

    Args:
        text: A message.
        end: One past the title's last character.
    """
    if _PANNED.match(text, end):
        return "dislike"
    return "like" if _PRAISED.match(text, end) else ""


def _shouted(parsed: Text, first: int, last: int) -> bool:
    """Tell whether one word of a text in small letters is in capitals: "dude INTERSTELLAR"."""
    return last - first == 1 and parsed.tokens[first].upper and not parsed.shouts(first, last)


def means_work(
    parsed: Text, first: int, last: int, need: int, vocabulary: Vocabulary, near: bool, level: int, fame: int
) -> bool:
    """Tell whether so much hints at a title that is well known or was spoken of that it is meant.

    Args:
        parsed: The text.
        first: Position of the span's first token.
        last: Position after its last token.
        need: How much evidence the words need.
        vocabulary: Of the catalogue.
        near: Whether it was spoken of lately.
        level: How well known it is, as the catalogue says.
        fame: How often it was named.
    """
    if (near or level >= WIDELY_KNOWN) and judged(parsed, first, last):
        return True
    hints = hint(parsed, first, last) if need and (near or level >= MOST_KNOWN) else 0
    hints = 2 if level >= MOST_KNOWN and _shouted(parsed, first, last) else hints
    if near or need < 2 or not hints:
        return hints > 0
    first += int(parsed.tokens[first].key == "the" and last - first > 1)
    word = parsed.tokens[first].key
    rather = last - first == 1 and not vocabulary.plural(word) and fame > _TITLE_RATHER * vocabulary.uses(word)
    return rather and hints > 1


def led_to(text: str, start: int) -> str:
    """Return the role of a title that words right before it tell, "I'd rather watch Heat"; empty where they tell none.

    Args:
        text: A message.
        start: First character of the title.
    """
    before = text[:start]
    return "want" if _RATHER.search(before) else "ask" if _ASKED.search(before) else ""


_RATHER = re.compile(
    r"\b(?:i|we)(?:['’]?d| would)(?: much)? rather (?:watch|see|have|take|go (?:for|with)) (?:the )?$", re.IGNORECASE
)
_ASKED = re.compile(r"\b(?:i|we) (?:only |just )?(?:asked|was asking) about (?:the )?$", re.IGNORECASE)
