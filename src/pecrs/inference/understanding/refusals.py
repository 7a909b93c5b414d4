"""Which of the things that a message names it refuses, where its words leave no doubt.

"No horror, gore or Tom Cruise" refuses all three; "boxing films but not Rocky" refuses no boxing. What is between these
is left to the model. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pecrs.linking.lexicon import DULL
from pecrs.linking.spans import inside

_FILLERS = (
    "a|an|so|too|very|quite|really|remotely|particularly|any|another|anything|something|want|to|see|watch|read|with|w|by|from|starring|about|"
    "movies?|films?|books?|more|of|all|in|into|set|filmed|shot|takes?|taking|place|located|on|at|during|like|give|show|offer|suggest|recommend|me|us|those|these|overly|super|stuff|kind|sort|part|instal?lment"
)
APART = (
    r"except(?: for)?|excluding|excl?|minus|other than|besides|apart from|aside from|(?:any|every)thing but|"
    r"(?:any|every|all) \w+ but"
)
_UPSET_BY = (
    r"(?:gets?|is) (?:(?:so|very|really|too|quite|a bit) )?"
    r"(?:sad|upset|scared|frightened|anxious|nervous|bored|teary|cross|angry)"
    r" (?:if|when|whenever|by|at|about|over)(?:(?: \w+){0,3} or)?"
)
_IT_WHEN = r"(?: it (?:when|if|that)(?: \w+){1,3})?"
_ILL = (
    r"(?<!not )(?<!n't )(?<!with )(?<!have )(?<!has )(?<!got )(?<!is )(?<!are )enough|"
    r"(?:sick|tired|bored|weary|enough|scared|afraid|terrified|frightened) of|"
    r"(?:had|seen|got|having) (?:quite |more than |about |just )?"
    r"(?:enough|(?:my|our) (?:fair )?(?:fill|share)) of|"
    r"(?:can|could|would|will) (?:happily |gladly |very well |easily )?(?:do|live|manage|go) without|"
    r"(?:had|seen) (?:one|a|an) \w+ too many (?:of|with|from|by)|"
    rf"{_UPSET_BY}|"
    r"why (?:would|should) (?:i|we|anyone|anybody) (?:want|like|watch|need)(?: to (?:see|watch))?|"
    r"complain(?:ed|ing)? (?:about|of)|"
    r"who (?:said|mentioned|asked for|wants)|"
    r"(?:never|did ?n['’]?t|did not) (?:say|mention|ask for|asked for)(?: anything about)?|"
    r"(?:different|(?:an)?other) (?:\w+ )?(?:than|from)|"
    r"too (?:\w+ )?(?:tired|old|young|sad|tender|fragile|faint[- ]hearted|squeamish|sensitive|exhausted|"
    r"sleepy|tipsy|drunk|nervous|jumpy|soft|weak|busy|low|down|anxious|stressed|late|early|worn out|upset|"
    r"delicate|impatient)"
    r"(?: (?:today|tonight|now|right now|this evening))? "
    r"(?:for|to (?:watch|see|sit through|cope with|handle|take|deal with|enjoy|read|bear|follow))|"
    r"(?:fed up|bored|enough) (?:with|about)|"
    r"(?:ha(?:d|ve had|s had)|seen|got|(?:that['’]?s|thats)) (?:it with|enough|too (?:many|much)|quite enough)(?: of)?|"
    rf"(?:hate|dislike|detest|despise|loathe|abhor)[sd]?{_IT_WHEN}|hating|"
    r"(?:refus(?:e|es|ed|ing) to|(?:wo|would)n['’]?t|will not) (?:watch|see|sit through|go near|touch|hear of)|"
    r"(?:ca|can|could)(?:['’]?t|not) (?:stand|bear|take|tolerate|abide|deal with|do|watch|handle|stomach)"
    rf"{_IT_WHEN}|"
    r"(?:done|finished|over) with|allergic to|put off by|squeamish about|"
    r"(?:turned|grossed|creeped|freaked) (?:off|out) by|too (?:many|much)|"
    r"(?:nauseous|queasy|faint|uneasy|anxious) (?:with|from|at|about|around)|no (?:big |great |huge )?(?:fan|friend) of"
)
"""Words for what a person dislikes, before it."""

_CUES = (
    r"(?<!why )\bnot|less|nothing|never|nobody|no one|"
    rf"none of (?:them|those|these|that|this|your|the)|"
    r"not (?:another |just )?one of (?:those|these)(?: \w+)? (?:where|in which|that|with|who)(?: \w+){0,4}|"
    r"none(?= (?:with|w|by|from|starring|featuring)\b)|"
    r"n[uo](?:ff?|th|tt?)in[g'’]?|nowt|"
    rf"(?<!with or )without|w/o|{APART}|skip(?:ping)?|avoid(?:ing)?|leav(?:e|ing) out|no more|"
    r"(?:seen|saw|watched|read) (?:all|everything|every)(?: of)?|rather than|instead of|in place of|drop|ditch|lose|"
    rf"(?:say|says|said|saying) no to|veto(?:es|ed|ing)?|turn(?:s|ed)? down|ruin(?:s|ed)|forget(?: about)?|{_ILL}"
)
NEGATED_VERB = r"\b(?:do|does|did|is|was|are|were|am|ca|wo|could|should|would|has|have|had|ai|must|need)n['’]?t"
"""A verb that is negated; "want" and "meant" are none."""

NOT = rf"(?:\bnot|{NEGATED_VERB})"

REFUSING = (
    r"no|not|nothing|never|without|except|minus|too|less|hate[sd]?|dislike[sd]?|avoid|sick|tired|bored?|stand|skip|"
    r"enough|forget"
)
"""Words that may refuse what stands behind them."""

BAD = rf"{DULL}|bad|poor|stupid|silly|weird|annoying|shit"
"""Words that judge a work: it is dull, or bad in some way."""

_NO_TASTE = (
    rf"(?:\b(?:not|never)|{NEGATED_VERB})(?: (?:really|much|exactly|been|a|of|big|huge|great|that|all|so|too))*"
    r" (?:fan of|into|keen on|big on|one for|in the mood for|up for|fond of|crazy about|mad about|do|care for|fancy)"
)
_SPARE = (
    r"\b(?:do not|don['’]?t)(?: (?:you|even|ever|dare|to|try|think of|start with))* "
    r"(?:say|saying|mention|mentioning|name|naming|bring up|bringing up|come with|suggesting|offering)(?: the)?|"
    r"\b(?:nothing|nowhere|not one|no (?:films?|movies?|books?)) (?:where|in which)(?: there (?:is|are))?"
    r"(?: (?:an?|the|some))?"
)
FORBIDDEN = (
    r"\b(?:nobody|no one|noone|none of (?:us|them|you)|nothing|"
    r"no (?:\w+ )?(?:character|person|animal|child|kid|parent)s?)"
    r"(?: (?:should|may|must|can|could|will|would|gets?|to|that|might|be|is|are|have|has|having|gives?|"
    r"them|us|him|her|me))+|"
    r"\b(?:(?:must|should|may|shall) ?n[o'’]t|can(?:not|['’]?t)) "
    r"(?:be|have|give|get|cause|contain|show|include|feature)"
    r"(?: (?:us|me|him|her|them|you))?"
)
"""Before what must happen to nobody: "nobody should have nightmares", "no animal may die"."""

_BEFORE = re.compile(
    rf"(?:(?:\b(?:{_CUES})|{_NO_TASTE}|{NEGATED_VERB})(?: (?:{_FILLERS}|that|the))*|"
    rf"(?:^|[.!?]\s*)(?:yuck|ew+|ugh|blech|bah|gross|oof+|yikes|eek|bleh|urgh)[,!. ]*|"
    rf"\bno(?: (?:{_FILLERS}))*|\bnon-?|{_SPARE}|{FORBIDDEN})\s*[\"“]?$",
    re.IGNORECASE,
)
"""A word that refuses, right before; "no the newer one" corrects and refuses nothing."""

_ILL_BEFORE = re.compile(
    rf"(?:\b(?:{_ILL})|{_NO_TASTE})(?: (?:{_FILLERS}|that|the))*\s*[:–-]?\s*[\"“]?$", re.IGNORECASE
)
_APART_BEFORE = re.compile(rf"\b(?:{APART})(?: (?:the|a|an|all))*\s*[\"“]?$", re.IGNORECASE)
_VEXES = (
    r"(?:bore|scare|upset|annoy|depress|disgust|irritate|bug|creep|freak|gross|tire|infuriate|frighten|terrif(?:y|ie)|"
    r"disturb)(?:s|es|d)?(?= (?:me|us|him|her|them|my)\b)|"
    r"(?:gets?|getting|grates?|grating|goes|got) (?:on|under) (?:my|our|her|his|their)\b|"
    r"(?:drives?|driving) (?:me|us|him|her|them) (?:mad|crazy|nuts|insane|up the wall)|"
    r"(?:puts?|turns?|turned) (?:me|us|him|her|them) off|leaves? (?:me|us|him|her|them) cold|"
    r"(?:gives?|gave) (?:me|us|him|her|them) (?:nightmares|the creeps|the ick|a headache)|"
    r"(?:sends?|puts?) (?:me|us|him|her|them) to sleep|do(?:es)? (?:nothing|little) for (?:me|us|him|her|them)|"
    r"makes? my skin crawl|makes? (?:me|us|him|her|them) (?:cry|sick|queasy|uncomfortable|anxious|"
    r"nauseous|cringe|yawn|squirm|angry|"
    r"want to (?:leave|scream|cry))"
)
"""What somebody or something does to a person who would rather be spared."""

_VEXED = re.compile(
    r"^\W*(?:movies?|films?|books?|stuff|things?)?"
    r"(?:,\s*(?:who|which)\s+|\W*(?:and\s+)?(?:s?he|they|it)\s+|\W*)"
    rf"(?:(?:really|just|always|kind of|kinda|so|totally|seriously|absolutely) )*(?:{_VEXES})",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"\b(?:rather|prefer(?:s|red|ably)?|sooner)\b[^.;!?]*\b(?:than|over)"
    r"(?: (?:in|from|of|with|by|a|an|the|any|something))*\s+$",
    re.IGNORECASE,
)
"""Before what something else is preferred to: "rather Italian than Spanish"."""

_AFTER = re.compile(
    r"^\W*(?:movies?|films?|books?|stuff|things?)?\W*(?:"
    r"(?:is|are|was|were)(?:n['’]?t| not) (?:really )?(?:my|for me)\b|"
    r"(?:does|do)(?:n['’]?t| not) (?:do it|work|appeal)\b|no (?:thanks|thank you|way)\b|not so much\b|"
    r"(?:can|may|must|should|has to|have to) (?:go|leave|stay (?:out|away|at home))\b|"
    r"(?:is|are) (?:a )?(?:no|no[- ]go|out|off|too much)\b|"
    r"(?:(?:is|are|was) )?(?:(?:so|very|really|quite|rather|too|absolutely|completely|a bit) )*"
    r"(?:annoying|unbearable|tiresome|insufferable|intolerable|irritating|grating)\b|"
    r"(?:is|are|hits?|feels?|comes?) (?:(?:a (?:bit|little)|rather|quite|too|very) )*close to home\b|"
    r"[^.?!]{0,25}[.,;!]?\s*(?:but )?(?:i|we) (?:really )?(?:do(?:n['’]?t| not)|hate (?:him|her|it|them)|"
    r"can['’]?t stand (?:him|her|it|them))\s*(?:$|[.!?;])|"
    r"[^.?!]{0,40}?\b(?:i|we)(?:['’]?d|['’]?ll| would| will) (?:rather )?(?:skip|avoid|pass on|leave out|do without) "
    r"(?:that|it|this|those|them)\b)",
    re.IGNORECASE,
)
_FOR_ME = re.compile(
    r"(?: (?:films?|movies?|stuff))? for (?:me|us|him|her|them|my (?:taste|liking|\w+)|our (?:taste|liking))\b", re.I
)
_A_BIT = re.compile(
    r"(?:^|[.,;:!?]|\b(?:but|that['’]?s|it['’]?s|thats|its|is|was|looks|sounds|seems|feels))\W*"
    r"(?:(?:looks|sounds|seems|feels)\W+)?(?:(?:just|all|kinda|kind of)\W+)*"
    r"(?:a )?(?:bit|little|tad|rather|quite|pretty)\s*$",
    re.IGNORECASE,
)
"""Around what somebody finds too much of: "bit inspirational for me"."""
_SOUNDS = re.compile(
    r"\b(?:too|(?:sounds?|looks?|seems?) (?:so|very|really|kinda|a bit|pretty|quite))\s*$",
    re.IGNORECASE,
)
_MISSED_BEFORE = (
    r"\b(?:(?:why (?:did|have|would|['’]d) (?:you|u)|(?:you|u)(?:['’]?ve| have)?)(?: (?:just|now|completely|totally))? "
    r"(?:drop(?:ped)?|le(?:ft|ave) out|forg[eo]t|ignored?|skip(?:ped)?|lost)|what happened to)"
    r"(?: (?:about|the|my|our|an?))*"
)
"""Before what somebody misses in an answer: "why did you drop the robbery?"."""

_ALLOWED = re.compile(
    rf"{NEGATED_VERB} get enough of\b|\bno (?:problem|issue)\b|{NOT} (?:mind|against|bothered)\b|{_MISSED_BEFORE}",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"(?: (?:movies?|films?|books?|stuff|ones?))?,? (?:again|yet again)\b\s*(?:[?!]|$|,? (?:no|really)\b)", re.I
)
_ALONE = re.compile(r"\W*(?:(?:ugh|oh|no|not|another|omg|lol|wtf|and|but|seriously|really)\W+)*", re.IGNORECASE)
"""Around what is complained of in so many words: "Christmas again?"."""

_DISBELIEF = re.compile(
    r"\s*\?+\W*(?:no\b(?! (?:idea|one))|nope|nah|ugh|yuck|seriously|come on|you must be|please no|hell no|"
    r"are you (?:kidding|joking|serious)|you(?:['’]re| are|r)? (?:kidding|joking))",
    re.IGNORECASE,
)
_MISSED = re.compile(rf"{_MISSED_BEFORE}\s+$", re.IGNORECASE)
EASILY = (
    r"(?:gets? )?(?:scares?|scared|frightened|spooked) (?:very |really |so )?easily|"
    r"easily (?:scared|frightened|spooked)"
)
"""Words for being afraid that refuse by themselves what frightens."""

_OF_THEM = re.compile(rf"[^.;!?]*\b(?:{_ILL}|over) (?:him|her|them)\b", re.IGNORECASE)
"""Behind whom or what a pronoun then means: "another Sandler one, I'm over him"."""

_TOO_MUCH = re.compile(rf"too\b|{EASILY}", re.IGNORECASE)
_ANY = re.compile(
    rf"\b(?:{REFUSING}|{BAD}|fed|allergic|bores|scare[sd]?|upsets?|annoys?|nope|nah|besides|out|other than|"
    r"anything but|instead|rather than|worst|excluding|apart|nightmares?|detest|despise|loathe|neither|nor)\b|"
    rf"{NEGATED_VERB}\b",
    re.IGNORECASE,
)
_JUDGED = re.compile(
    rf"{NEGATED_VERB}\b|\b(?:{BAD}|bores?|scares?|upsets?|annoys?|worst|nah|nope|no thanks|out|too|nightmares|"
    r"(?:is|are|was|were) not)\b",
    re.IGNORECASE,
)
"""Words that judge what stands before them."""

_CLAUSE = re.compile(r"[.;:!?,—–]|\bbut\b|\bthough\b", re.IGNORECASE)
_WORD = r"(?!(?:something|but|love|like|want|prefer|maybe|please|just|give|show|i|with)\b)[\w'’-]+"
_UNKNOWN = rf"\s*,\s*{_WORD}(?:\s{_WORD})?(?=\s*,|\s+(?:and|or|nor)\b)"
_JOINED = re.compile(
    r"^(?:\s+(?:movies?|films?|books?|stuff|ones?))?"
    rf"(?P<joins>(?:{_UNKNOWN})*\s*(?:,\s*(?:and|or|nor)\b|,|/|&|\band\b|\bor\b|\bnor\b))"
    r"(?:\s+(?:any|no|not|a|an|the|more|other|all|also|even|too|by|about|movies?|films?|"
    r"(?:any|no)thing(?: (?:with|by|from|about|starring|like))?))*\s*$",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"(?:more\b|[a-z]+ier\b|(?:short|long|old|new|light|dark|slow|fast|calm|smart|warm|gentl|simpl|great|saf|quick|weird|bright|deep|wild|sweet|tough|sadd|young)er\b)",
    re.IGNORECASE,
)
_WITHOUT_IT = re.compile(r"(?:\band|\bbut|,)\s*(?:a bit |a little |much |also )?$", re.IGNORECASE)
_MOOD = re.compile(
    r"^[\s.,;:–—-]*(?:(?:i['’]?m|im|we['’]?re|am|are|is|just|really|so)\s+)*not (?:really |quite |exactly )?"
    r"(?:in the mood|feeling (?:it|that)|up for (?:it|that)|what i(?:['’]m| am)? (?:want|need|after)|my cup of tea)\b"
    r"(?! for (?!(?:it|that|this|those|these|them)\b))",
    re.IGNORECASE,
)
"""Behind what somebody is in no mood for: "black and white, low budget... not in the mood"."""

_MOOD_LISTED = re.compile(rf"(?:\s*(?:,|\band\b|\bor\b)\s*[\w' -]{{1,25}}){{0,3}}{_MOOD.pattern[1:]}", re.IGNORECASE)
_LISTED_BEFORE = re.compile(r"\s*(?:,|/|&|\band\b|\bor\b|,\s*and\b)\s*(?:an?\s+|the\s+)?$", re.IGNORECASE)
_DEGREE = re.compile(r"\b(?:too|so|very|that|less)\s*$", re.IGNORECASE)


def refused(text: str, spans: Sequence[tuple[int, int]]) -> list[bool | None]:
    """Tell of each span whether it is refused: True and False where words leave no doubt, else None.

    >>> refused("no horror, gore or clowns", [(3, 9), (11, 15), (19, 25)])
    [True, True, True]
    >>> refused("boxing films but not Rocky", [(0, 6), (21, 26)])
    [False, True]

    Args:
        text: A message.
        spans: What it names, in order.
    """
    found = [_alone(text, start, end) for start, end in spans]
    for first in range(len(spans)):
        if first and found[first] is None and _replaces(text, spans[first - 1], spans[first]):
            found[first] = False
        if found[first]:
            for place in (*_listed(text, spans, first), *_told_of(text, spans, first)):
                found[place] = True
        if _MOOD.match(text[spans[first][1] :]):
            for place in range(first, -1, -1):
                if place < first and not _LISTED_BEFORE.fullmatch(text[spans[place][1] : spans[place + 1][0]]):
                    break
                found[place] = True
    return found


_INSTEAD = re.compile(r"\b(?:instead of|in place of)(?: (?:the|a|an|any|all|those|these))*\s+$", re.IGNORECASE)


def _replaces(text: str, old: tuple[int, int], new: tuple[int, int]) -> bool:
    """Tell whether a span takes the place of the one before it: "instead of Bogart maybe Cagney"."""
    joined = _JOINED.match(text[old[1] : new[0]]) is not None and "," not in text[old[1] : new[0]]
    return _INSTEAD.search(text[: old[0]]) is not None and not joined


def is_compared(text: str, start: int) -> bool:
    """Tell whether a span is a word that compares: "funnier", "shorter", "more romantic"."""
    return _COMPARED.match(text, start) is not None


def affirmed(text: str) -> str:
    """Return a text without what it refuses, up to the end of a sentence or a "but": that is not to be looked for.

    >>> affirmed("a scary one, but no clowns. Gore I hate")
    'a scary one, Gore I'
    """
    told = (part for part in _SENTENCE.split(_SET_APART.sub("", text)) if not _VEXING.search(part))
    parts = (_REFUSES.split(part, maxsplit=1)[0].strip() for part in told)
    return " ".join(filter(None, parts))


_SET_APART = re.compile(rf"\b(?:{APART})\b[^.,;!?]*", re.IGNORECASE)
_VEXING = re.compile(rf"(?<!that )(?<!to )\b(?:{_VEXES}|{_UPSET_BY})", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.;!?])\s|\b(?:but|though)\b", re.IGNORECASE)
_REFUSES = re.compile(rf"\b(?:{_CUES})\b|{NEGATED_VERB}|\bno\b(?! (?:idea|one|preference))|\btoo\b", re.IGNORECASE)


def ill_liked(text: str, start: int, end: int) -> bool:
    """Tell whether words say outright that a span is disliked: "she hates gore", "clowns creep me out".

    Args:
        text: A message.
        start: First character of the span.
        end: One past the last.
    """
    behind = text[end:]
    vexed = _VEXED.match(behind) is not None or _OF_THEM.match(behind) is not None
    vexed = vexed or _MOOD_LISTED.match(behind) is not None
    return vexed or _ILL_BEFORE.search(text[:start]) is not None


def of_vexing(text: str, start: int, end: int) -> bool:
    """Tell whether a span is only part of words for being vexed: the "freak" of "clowns freak me out".

    Args:
        text: A message.
        start: First character of the span.
        end: One past the last.
    """
    return inside((start, end), [match.span() for match in _VEXING.finditer(text)]) is not None


def misses(text: str, start: int) -> bool:
    """Tell whether a span is what somebody misses in an answer: "why did you drop the robbery?"."""
    return _MISSED.search(text[:start]) is not None


def set_apart(text: str, start: int) -> bool:
    """Tell whether a span is taken out without being disliked: "other than Heat"."""
    return _APART_BEFORE.search(text[:start]) is not None


def _alone(text: str, start: int, end: int) -> bool | None:
    before, after = text[:start], text[end:]
    clause = _CLAUSE.split(before)[-1]
    if _ALLOWED.search(clause) or (is_compared(text, start) and _NO_BEFORE.search(before)):
        return False  # "no scarier" is "no, scarier"
    if _TOO_MUCH.match(text[start:end]) or (_AGAIN.match(after) and _ALONE.fullmatch(clause)):
        return True  # "too scary" is a value as a whole
    if (_DISBELIEF.match(after) and _ALONE.fullmatch(clause)) or _OF_THEM.match(after):
        return True
    if (
        _BEFORE.search(before)
        or _ILL_BEFORE.search(before)
        or _THAN.search(before)
        or _AFTER.match(after)
        or _VEXED.match(after)
        or _SOUNDS.search(before)
        or (_FOR_ME.match(after) and _A_BIT.search(before) and not is_compared(text, start))
    ):
        return True
    if is_compared(text, start) and _WITHOUT_IT.search(clause):
        return False  # "less gory and funnier"
    return None if _ANY.search(clause) or _JUDGED.search(_CLAUSE.split(after.replace("?", " ", 1))[0]) else False


_NO_BEFORE = re.compile(r"(?:^|[.,;!?]|\blol|\bhaha)\W*no(?: no)?\s+$", re.IGNORECASE)


def _told_of(text: str, spans: Sequence[tuple[int, int]], first: int) -> list[int]:
    """Return the spans in what is told of a refused one: "I can't bear musicals where they burst into song"."""
    behind = range(first + 1, len(spans))
    return [place for place in behind if _WHERE.fullmatch(text[spans[first][1] : spans[place][0]])]


_WHERE = re.compile(
    r"\s+(?:(?:movies?|films?|books?|stuff|ones?)\s+)?"
    r"(?:where|when|in which|whose|full of|about|with all (?:the|that))\b"
    r"(?:(?!\b(?:but|rather|instead|though|so|unless)\b)[^.,;:!?])*",
    re.IGNORECASE,
)


def _listed(text: str, spans: Sequence[tuple[int, int]], first: int) -> list[int]:
    """Return the spans that are named in one list with a refused one, behind it."""
    found: list[int] = []
    conjunction = 0
    for place in range(first + 1, len(spans)):
        match = _JOINED.match(text[spans[place - 1][1] : spans[place][0]])
        if match is None or (is_compared(text, spans[place][0]) and not is_compared(text, spans[first][0])):
            break
        found.append(place)
        if re.search(r"and|or|nor|/|&", match["joins"], re.IGNORECASE):
            conjunction = len(found)
            if _DEGREE.search(text[: spans[first][0]]):
                return []  # "not too scary and funny", "less gory and funnier"
    return found[:conjunction]
