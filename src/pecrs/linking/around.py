"""What stands around a span of a text: a longer title, a question about it, words that make it an example.

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.linking.lexicon import BEING, CHATTER, FAVORITES, FUNCTION, OPENING, WORKS, fold
from pecrs.linking.text import Text
from pecrs.linking.vocabulary import Vocabulary

_SUBTITLE = re.compile(r":\s+(?P<first>[A-Z][\w'’]*)(?:\s+[A-Z][\w'’]*){0,3}\s*(?:$|[.?!,;]|(?:and|or|is|was|has)\b)")


def of_longer_title(parsed: Text, first: int, last: int, vocabulary: Vocabulary) -> bool:
    """Tell whether capitals make the span part of a longer title: "Three Colors: Red", "The Sword of Doom"."""
    subtitle = _SUBTITLE.match(parsed.text, parsed.tokens[last - 1].end)
    if subtitle is not None and fold(subtitle["first"]) not in CHATTER | FUNCTION:
        return True
    if _goes_on(parsed, first, last):
        return True
    before = parsed.leader(first)
    if last - first > 1 or before is None or not parsed.tokens[first].capital or parsed.shouts(first, last):
        return False
    if before.key.isdigit() and before.capital:
        return True
    place = first - 1 - int(before.key == "the")
    head = parsed.leader(place) if place > 0 and parsed.tokens[place].key == "of" else None
    plain = FUNCTION | CHATTER | WORKS | FAVORITES
    return head is not None and head.capital and not (head.opens or head.key in plain)


_GOES_ON = re.compile(r"\s+(?:of|of the|for the)\s+[A-Z]\w")
_SOMEWHERE = re.compile(r"\s+(?:in|on|at)\s+[A-Z]\w+\s*(?:$|[?!])")


def _goes_on(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a small word and a capital go on with a title: "Witness for the Prosecution"."""
    token, end = parsed.tokens[first], parsed.tokens[last - 1].end
    if not token.capital or parsed.shouts(first, last):
        return False
    somewhere = parsed.opens_clause(first) and _SOMEWHERE.match(parsed.text, end) is not None
    return somewhere or _GOES_ON.match(parsed.text, end) is not None


_FACT_OF = re.compile(
    r"\b(?:who(?:['’]?s| is| was| all is| else is| stars| plays| acts| acted| starred)? in|"
    r"who (?:directed|made|wrote|did)|(?:did|didn['’]?t|has|hasn['’]?t) (?:he|she|they) (?:also |ever |not )?"
    r"(?:direct|make|write|directed|made|written|do)|"
    r"who (?:plays|played|voices|voiced|acts|sings)(?: [^.?!,;:]{1,30})? in|"
    r"who(?:['’]?s| is| was) (?:the|that) [\w ]{1,25} in|"
    r"(?:the )?(?:lead|main (?:role|character|actor|actress)|star)(?: role| part)? in|"
    r"how long(?:['’]?s| is| was)|when (?:was|did|is)|"
    r"(?:same \w+ (?:as|of)|(?:guy|man|woman|person|people|one|lady|dude) (?:who|that) (?:made|directed|did|wrote)|"
    r"whoever (?:made|directed|wrote|did)|(?:guy|man|woman|people|person) behind|(?:director|writer|star) (?:of|as))|"
    r"(?:is|are) there (?:any|much|a lot|lots|some)(?![^.?!]*\b(?:films?|movies?|books?|ones?|set|comed\w+|thrillers?|"
    r"dramas?|westerns?) (?:set )?in\s+$)[^.?!]{0,40} in|"
    r"(?:tell me|know) about|i (?:mean|meant)(?: the (?:film|movie|book))?|"
    r"(?:director|cast|plot|story|runtime|length) of|(?:year|yr)(?:['’]?s| is| was| did| were)|where (?:is|was))"
    r"(?:\s+the\s+(?:old|older|original|new|newer|recent|first|(?:1[89]|20)\d\d)(?: version of)?(?: the)?)?\s+$",
    re.IGNORECASE,
)
_WHO_IN = re.compile(r"\bwho\b[^.?!,;:]{0,40}\bin\s+$", re.IGNORECASE)
_FACT_ENDS = re.compile(
    r"\s*(?:$|[?.!,;]|(?:and|n|made|released|out|come|came|about|filmed|set|from|again|please|pls|rated|then|tho|though|"
    r"btw|lol|anyway|actually|exactly|by the way|called|too|also|as well)\b)",
    re.IGNORECASE,
)
_WHO_DID = r"who(?:['’]?s| is| was)? (?:directed|made|wrote|did|shot|in|stars? in|starred in|acts in|plays in)"
_VAGUE = frozenset({"anything", "something", "everything", "nothing", "another", "more", "other", "others"})
_DID_DO = re.compile(r"\b(?:he|she|they) (?:\w+ )?do\s+$", re.IGNORECASE)
_ASKED_BEHIND = re.compile(
    r"\s+(?:came|comes?) out (?:when|(?:in )?(?:what|which) year|what yr)\b|"
    r"\s+(?:runs?|lasts?|goes|is|was) (?:for )?how (?:long|many)\b|"
    r"\s+(?:(?:is|was) )?(?:made|directed|written|filmed|shot|released)\s+(?:by\s+who|by\s+whom|when|where|in what)\b|"
    r"\s+(?:is|was) (?:from when|from what year|about what|by who(?:m)?)\b|\s+stars? who(?:m)?\b|"
    rf"\s*[,:–-]?\s*{_WHO_DID} (?:it|that|this)\b(?! one\b)|"
    r"\s*,\s*(?:how long|when|what year|what yr)(?:['’]?s| is| was| did) (?:it|that|this)\b(?! one\b)",
    re.IGNORECASE,
)
"""Behind a title, in the place of the answer or after a pause: "heat came out when", "get out, who directed it"."""

_CHOICE = re.compile(r"\s+(?:or|vs\.?|versus)\s[^.!?]{2,40}\b(?:which|better|best|should)\b", re.IGNORECASE)
_CHOSEN_BEFORE = re.compile(r"(?:^|[.!?]\s)[^.!?]{2,40}\b(?:or|vs\.?|versus)\s+$", re.IGNORECASE)
_CHOSEN_AFTER = re.compile(r"\s*[,?:–-]?\s*(?:which|what|who)\b", re.IGNORECASE)
_BEGINS = re.compile(rf"(?:^|[.!?,;])\W*{OPENING}$", re.IGNORECASE)
IT_IS = r"it is\b(?! (?:an?|not|too|so|the)\b)"
"""Behind what is settled on: "Heat it is"."""

_SETTLED = re.compile(rf"\s+{IT_IS}", re.IGNORECASE)
_POINTS = frozenset("it that this these those them one him her there both love life all charge general real".split())


def asks_a_fact(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a question for a fact is about nothing but the span: "who's in heat?"."""
    if last - first == 1 and (parsed.tokens[first].key in _POINTS or parsed.tokens[first].key in CHATTER):
        return False
    before, end = parsed.text[: parsed.tokens[first].start], parsed.tokens[last - 1].end
    vague = parsed.tokens[first].key in _VAGUE and not parsed.tokens[first].capital  # "did he make anything else"
    if vague or (last - first == 1 and _DID_DO.search(before)):
        return False  # "did he do drama"
    if _FACT_OF.search(before) is not None and _FACT_ENDS.match(parsed.text, end) is not None:
        return True
    return parsed.opens_clause(first) and _ASKED_BEHIND.match(parsed.text, end) is not None


def asks_who_is_in(parsed: Text, first: int, last: int) -> bool:
    """Tell whether is asked who is in nothing but the span, which only a work can be: "who plays his son in twins"."""
    start = parsed.tokens[first].start
    return _WHO_IN.search(parsed.text[:start]) is not None and asks_a_fact(parsed, first, last)


def chosen(parsed: Text, first: int, last: int) -> bool:
    """Tell whether somebody settles on a span, or asks which of two to take: "Heat it is", "Heat or Jaws, which?"."""
    before, end = parsed.text[: parsed.tokens[first].start], parsed.tokens[last - 1].end
    if _BEGINS.search(before) is None:
        return _CHOSEN_BEFORE.search(before) is not None and _CHOSEN_AFTER.match(parsed.text, end) is not None
    return any(pattern.match(parsed.text, end) is not None for pattern in (_CHOICE, _SETTLED))


HAVE_IT = re.compile(
    r"\s*[,.;?!–-]+\s*(?:(?:and|but|so|then|ok|well)\s+)?(?:(?:(?:do|don['’]?t|would)\s+(?:you|u|ya)\s+(?:guys\s+)?"
    r"(?:have|got|know)|have\s+(?:you|u|ya)\s+(?:got|seen)|(?:you|u)\s+have|(?:you|u)\s+got|got)\s+"
    r"(?:in there|it|(?:that|this|those|these|them)(?:\s+(?:one|film|movie))?)\b"
    r"\s*(?:$|[.?!,;]|(?:in|here|there|too|available)\b)|"
    r"is\s+(?:it|that|this)(?: one)?\s+(?:in|here|there|available)\b)",
    re.IGNORECASE,
)
ABOUT_IT = re.compile(
    r"\s*[,.;?!]*\s*(?:(?:and|but|so|then|ok|well)\s+)?"
    r"(?:do|does|did|have|has|is|was|are|can|could|got|any|who|when|what|whats|what['’]s|how|where|don['’]?t|you)\b"
    r"(?:\s+(?:who|what|which|that)\b)?[^.?!,;]{0,40}?"
    r"\b(?:it\b|in there\b|(?:that|this|those|these|them)(?: one| film| movie)?\s*"
    r"(?:$|[.?!,;]|(?:in|here|there|on|too|as well)\b))",
    re.IGNORECASE,
)
LEAD = r"(?:(?:ok|okay|then|so|well|and|or|but|maybe|perhaps|hm+|oh|ah|what about|how about)\W+)*"
"""Words that lead to a title that a clause may be nothing but."""

IN_LIST = (
    r"(?:(?:in )?there|(?:in|on|among|one of) (?:your|the|ur) (?:catalogue|catalog|list|films|movies|books|collection|"
    r"library|database)|one of yours|available)\s*(?:$|[?.!,])"
)
"""Behind a title of which is asked whether it is there."""

_WHOLE_BEGINS = re.compile(rf"(?:^|[.!?,;])\W*{LEAD}(?:the\s+)?$", re.IGNORECASE)
_THERE = re.compile(rf"\s+{IN_LIST}", re.IGNORECASE)
_IS = re.compile(rf"(?:^|[.!?,;])\W*{OPENING}(?:is|are)n?(?:['’]?t)?\s+(?:the\s+)?$", re.IGNORECASE)
_EITHER = re.compile(
    r"\b(?:which|what)(?:['’]?s| is| was| came)? (?:\w{2,}er|\w{2,}est|first|better|best|more \w+)[,:.?]\s*"
    r"(?:[^.?!]{2,40}\b(?:or|and)\s+)?(?:the\s+)?$|"
    r"\bwhich(?: one| film| movie| book)?(?:['’]?s| is| was| are| should| would| do)\b[^,.?!:]{0,30}[,:.?]\s*"
    r"(?:[^.?!]{2,40}\b(?:or|and)\s+)?(?:the\s+)?$|"
    r"\bbetween\s+[^.?!]{2,40}\band\s+(?:the\s+)?$|\bbetween\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_ONE_OF_TWO = re.compile(r"\bbetween\s+(?:the\s+)?$", re.IGNORECASE)
_AND = re.compile(r"\s*(?:and|&|n)\b", re.IGNORECASE)
_EITHER_ENDS = re.compile(r"\s*(?:$|[?.!,]|(?:or|and)\b)", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:what|how) about\s+(?:[^.?!,]{2,40}?\b(?:or|and)\s+)?(?:the\s+)?$", re.IGNORECASE)
_SURELY = re.compile(
    r"\s*,\s*(?:of course|obviously|definitely|for sure|hands down|without a doubt|"
    r"(?:that|this) (?:one|movie|film|book))\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\s*[,;]?\s*(?:for (?:example|instance)|e\.?g\b|such (?:things|films|movies|stuff)|(?:that|this) (?:kind|sort)|"
    r"(?:and|or) (?:so on|such|the like|similar|something like (?:that|it)))",
    re.IGNORECASE,
)


def asked_for_it(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a clause is a span, and the next one asks if there is "that": "Spotlight, do you have that?"."""
    return parsed.opens_clause(first) and HAVE_IT.match(parsed.text, parsed.tokens[last - 1].end) is not None


def asked_whether_there(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a text asks for nothing but the span, in letters of whatever case.

    It asks if there is such a title ("maybe the big sick, do you have it?", "is stardust there?"), or which of two to
    take ("which is better, mother or the host?", "between that and no country for old men").
    """
    if last - first == 1 and parsed.tokens[first].key in _POINTS:
        return False
    before, end = parsed.text[: parsed.tokens[first].start], parsed.tokens[last - 1].end
    if _WHOLE_BEGINS.search(before) is not None and HAVE_IT.match(parsed.text, end) is not None:
        return True
    if _IS.search(before) is not None and _THERE.match(parsed.text, end) is not None:
        return True
    alone = _ONE_OF_TWO.search(before) is not None and _AND.match(parsed.text, end) is None
    if _EITHER_ENDS.match(parsed.text, end) is None or alone:  # "a romance between men"
        return False
    own = [token.key for token in parsed.tokens[first:last] if token.key != "the"]
    said = len(own) > 1 and not (CHATTER | FUNCTION).issuperset(own)
    return _EITHER.search(before) is not None or (said and _SEVERAL.search(before) is not None)


def asks_about_it(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a span is named, and then asked about: "what about the others, who made it", "Heat - is it long"."""
    if parsed.tokens[first].opens and parsed.tokens[first].capital and not _spoken(parsed, first, last):
        apart = _APART.match(parsed.text, parsed.tokens[last - 1].end)
        if apart is not None and ABOUT_IT.match(parsed.text, apart.end()):
            return True
    named = last - first > 1 and parsed.cue(first) is not None
    return named and ABOUT_IT.match(parsed.text, parsed.tokens[last - 1].end) is not None


_APART = re.compile(r"\s*(?:[,:]|\s[-–—])\s+(?=\w)")


def _spoken(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a span is made of words of talk: "Well, who made it?"."""
    return all(token.key in CHATTER | FUNCTION | _POINTS for token in parsed.tokens[first:last])


def example(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a clause is a span that is said to be one of many: "Gladiator, for example"."""
    return parsed.opens_clause(first) and _EXAMPLE.match(parsed.text, parsed.tokens[last - 1].end) is not None


def surely(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a sentence begins with a span that is then pointed at: "Inception, of course", "Jaws, that one"."""
    return parsed.tokens[first].opens and _SURELY.match(parsed.text, parsed.tokens[last - 1].end) is not None


def begins_as_name(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a capital at the beginning of a sentence is that of a name: "Rope, perfect", "Kiki it is"."""
    after = parsed.follower(last)
    ends = parsed.ends_clause(last) or (after is not None and after.key in BEING | {"it", "then", "please", "again"})
    return parsed.tokens[first].capital and parsed.tokens[first].opens and ends


def said_again(parsed: Text, first: int, last: int) -> bool:
    """Tell whether words stand where one that was spoken of is named again: "I meant sinister", "is sinister scary"."""
    before, after = parsed.leader(first), parsed.follower(last)
    if before is None or before.key not in _AGAIN_BEFORE:
        return False
    if parsed.ends_clause(last) or before.key in ("mean", "meant"):
        return True
    return before.opens or (after is not None and after.key in _AGAIN_AFTER)


_AGAIN_BEFORE = frozenset("mean meant is was does did about abt bout scary funny good long".split())
_AGAIN_AFTER = frozenset("tho though lol then anyway actually any good like please too about instead".split())


def spelt_as(parsed: Text, first: int, last: int) -> bool:
    """Tell whether letters that stand alone are written as those of a title are: "W.E.", not "w/e"."""
    return "/" not in parsed.text[parsed.tokens[first].start : parsed.tokens[last - 1].end]


_SEVERAL_BEFORE = re.compile(r"\b(?:two|both|three|2|3)(?: of)?(?: different)?\s+(?:the\s+)?$", re.IGNORECASE)
_SEVERAL_BEHIND = re.compile(r"\s+(?:films?|movies?|books?|versions?|ones|adaptations?)\b", re.IGNORECASE)


def of_several(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a span is the title of several that are counted: "the two Solaris films"."""
    before, end = parsed.text[: parsed.tokens[first].start], parsed.tokens[last - 1].end
    return _SEVERAL_BEFORE.search(before) is not None and _SEVERAL_BEHIND.match(parsed.text, end) is not None
