"""How much a text says for reading a span of it as a title, beyond the words themselves.

Evidence is a sum of small whole numbers, to be compared with what the words need
(:meth:`pecrs.linking.vocabulary.Vocabulary.need`): a verb such as "watched" before the span, capitals inside a
sentence, a list of titles, a remark ("... is a classic"), people of the item beside it. Quotation marks, a fitting year
and "called" are enough for any words.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pecrs.linking.around import (
    asked_for_it,
    asked_whether_there,
    asks_a_fact,
    asks_about_it,
    chosen,
    example,
    of_longer_title,
    surely,
)
from pecrs.linking.lexicon import (
    ARTICLES,
    BEING,
    BROADCAST,
    CALENDAR,
    CHATTER,
    FAVORITES,
    FUNCTION,
    GREETINGS,
    KINDS,
    NAMING,
    POSSESSIVES,
    SEEN,
    TASTES,
    WORKS,
    frequency,
)
from pecrs.linking.text import EQUATING, Text
from pecrs.linking.vocabulary import Vocabulary

CERTAIN = 4
"""Evidence that is enough for any words."""

_OF_PEOPLE = frozenset({"by", "starring"})
_BEFORE_PEOPLE = _OF_PEOPLE | {"with", "featuring"}
_DETERMINERS = frozenset("a an some any my your his our their these those this that more no the every each".split())
_REFUSING = frozenset({"not", "except", "besides", "excluding"})
_INDEFINITE = frozenset({"a", "an", "another", "any", "more", "some"})
_COMPARED = (
    KINDS
    | WORKS
    | frozenset(
        "something anything everything it similar more actors musicals thrillers dramas cartoons classics romcoms "
        "westerns documentaries flicks animations anime action horror works".split()
    )
)
_FILLERS = GREETINGS | frozenset("and or also maybe oh then how what about so well like yeah too perhaps as ah".split())
_ABOUT_WORKS = FAVORITES | WORKS | {"classic", "masterpiece", "hilarious", "1", "ones", "worth"}
_GOING_ON = frozenset("about with in on of from by without like before after up".split())
_KINDS_TOLD = frozenset(
    "something anything everything nothing one musical thriller drama cartoon romcom western documentary story tale "
    "its all".split()
)
_HEDGES = GREETINGS | frozenset(
    "probably prob probs maybe perhaps definitely obviously obvs i think guess suppose say id would lol tbh imo mine "
    "my favorite favourite fave is its it would be of all time ever for sure easily hands down".split()
)
"""Words that a title may stand among where somebody is asked for one: "pulp fiction prob"."""
_CLOSING = frozenset(
    "and or but yesterday today tonight last again with twice recently already yet before which".split()
)
_NEVER_ALONE = GREETINGS | frozenset("to a an the of in for and is at by or".split())
_VERBS = frozenset({"saw", "go", "take", "get"})
_FAINT = frozenset("than him her them good great amazing job role me fan 1 you nothing asleep".split())
_OPINING = frozenset("say think that guess know thought believe hope said heard though because".split())
_BEFORE_YEARS = frozenset("from in since around circa of before after".split())
_NAMED_BELOW = 4.9
"""Frequency under which words in small letters are a title, where is asked if that is there."""

_NOUN_BELOW = 4.7
"""A word behind the span that is rarer than this makes a compound of both: "murder mysteries"."""


def strength(parsed: Text, first: int, last: int, need: int, vocabulary: Vocabulary, well_known: bool = False) -> int:
    """Return the evidence for a title in tokens ``first`` to ``last``; below 0 where they are part of something else.

    Args:
        parsed: The text.
        first: Position of the first token.
        last: Position after the last token.
        need: What the words need.
        vocabulary: Of the catalogue.
        well_known: Whether one of the items is so popular that taste in it ("I like titanic") is likely to mean it.
    """
    kind = last - first == 1 and parsed.tokens[first].key in KINDS and not parsed.tokens[first].capital
    asked = _asked_for(parsed, first, last) or (need and not kind and _asked(parsed, first, last))
    if asked or parsed.quoted(first, last):
        return CERTAIN
    if kind or parsed.numbered(last) or parsed.inside_word(first) or _of_person(parsed, first, last, vocabulary):
        return -1
    if of_longer_title(parsed, first, last, vocabulary) or _goes_on(parsed, first):
        return -1
    if last - first == 1 and (parsed.part_of_name(first, last) or _makes_works(parsed, first, vocabulary)):
        return -1
    if not need:
        return 0
    if asks_a_fact(parsed, first, last) or chosen(parsed, first, last):
        return CERTAIN
    capitals = _capitals(parsed, first, last, vocabulary)
    cue = _cue(parsed, first, last, need, vocabulary, well_known=well_known)
    if well_known and cue < 2 and not _chatter(parsed, first, last) and _tastes(parsed, first):
        cue += 1
    if need > 2:
        if cue == CERTAIN or _named_for_itself(parsed, first, last, cue, well_known):
            return CERTAIN
        bare = last - first == 1 and parsed.tokens[first].key in _NEVER_ALONE
        return CERTAIN if capitals and (cue or not bare) else 0
    return capitals + cue + _remark(parsed, first, last) + _alone(parsed, first, last, well_known)


def _asked(parsed: Text, first: int, last: int) -> bool:
    return asked_whether_there(parsed, first, last) or asks_about_it(parsed, first, last)


def _goes_on(parsed: Text, first: int) -> bool:
    """Tell whether a small word goes on with what a work is: "a musical film about a boy", "something up in space"."""
    token, before = parsed.tokens[first], parsed.leader(first)
    if token.capital or token.key not in _GOING_ON or before is None:
        return False
    kinds = WORKS | KINDS | _KINDS_TOLD
    return before.key in kinds or before.key.removesuffix("s") in kinds or (token.key == "about" and before.key == "is")


def _named_for_itself(parsed: Text, first: int, last: int, cue: int, well_known: bool) -> bool:
    """Tell whether words that hold sentences together do not do so here: "we saw It", "Up, do you have that?"."""
    if cue and last - first == 1 and _takes_no_word(parsed, first):
        return True
    asked = well_known and parsed.tokens[first].capital and asked_for_it(parsed, first, last)
    return asked or asks_about_it(parsed, first, last)


def _takes_no_word(parsed: Text, first: int) -> bool:
    """Tell whether a number or a verb ends the clause in the place of an object: "we saw 300", "have you seen Saw"."""
    token = parsed.tokens[first]
    after, cue = parsed.follower(first + 1), parsed.cue(first)
    if cue and parsed.tokens[cue - 1].key in _BEFORE_YEARS:
        return False  # "from like 2001"
    if not (parsed.ends_clause(first + 1) or (after is not None and after.key in _CLOSING)):
        return False
    if token.key.isdigit():
        return token.key not in ("1", "2", "3") or parsed.text[token.start].isdigit()
    return token.key in _VERBS and cue == first - 1 and parsed.tokens[cue].key in SEEN


def announced(parsed: Text, first: int, last: int) -> bool:
    """Tell whether quotes, a cue or capitals let one expect a title that need not be spelt right."""
    if parsed.quoted(first, last) or parsed.cue(first) is not None:
        return True
    if first and parsed.tokens[first - 1].key in ("have", "hav", "got", "has"):
        return True
    after = parsed.follower(last)
    if parsed.tokens[first].opens and after is not None and after.key in BEING:
        return parsed.tokens[first].capital or _remark(parsed, first, last) > 1  # "snowpirecer is my favorite movie"
    return parsed.written_as_title(first, last) and not parsed.part_of_name(first, last)


def listed(parsed: Text, first: int, last: int, taken: Sequence[int]) -> bool:
    """Tell whether the span stands in a list with one that is a title: "Frozen, Hulk and big"."""
    tokens = parsed.tokens
    chatter = _chatter(parsed, first, last) and not tokens[first].capital
    if describes(parsed, last) or (last - first == 1 and chatter):
        return False
    joined = first > 0 and tokens[first - 1].key in ("and", "or", "nor", "not")
    before = first - 2 if joined else first - 1
    if not tokens[first].opens and before >= 0 and taken[before] and (joined or "," in parsed.gap(first)):
        return True
    joins = last + 1 < len(tokens) and tokens[last].key in ("and", "or")
    if joins and taken[last + 1]:
        return True
    begins = parsed.opens_clause(first) or tokens[first - 1].key in ("of", "between", "among")
    return last < len(tokens) and bool(taken[last]) and "," in parsed.gap(last) and begins


def only_titles(parsed: Text, first: int, read: Sequence[int]) -> bool:
    """Tell whether the sentence of a token holds nothing but spans that may be titles: "Titanic, Heat and Mom".

    Args:
        parsed: The text.
        first: Position of the token.
        read: For each token whether it is part of such a span.
    """
    start, end = parsed.sentence(first)
    return all(read[place] or parsed.tokens[place].key in _FILLERS for place in range(start, end))


def followed_by_people(parsed: Text, first: int, last: int) -> bool:
    """Tell whether several words, or a capital, stand before people: "It with Tim Curry"."""
    after = parsed.follower(last)
    return (last - first > 1 or parsed.tokens[first].capital) and after is not None and after.key in _BEFORE_PEOPLE


def describes(parsed: Text, last: int) -> bool:
    """Tell whether a word like "movies" makes the span before it a description: "I like war movies"."""
    after = parsed.follower(last)
    return after is not None and after.key in KINDS and not parsed.text[after.start].isdigit()  # "Toy Story 1"


def _of_person(parsed: Text, first: int, last: int, vocabulary: Vocabulary) -> bool:
    """Tell whether the span is, or is part of, the name of a person of the catalogue ("Jack" of "jack black")."""
    if last - first > 2 or parsed.tokens[first].key in ARTICLES:
        return False
    before = parsed.leader(first)
    if before is not None and before.key in _OF_PEOPLE and vocabulary.names_people(parsed.tokens[last - 1].key):
        return True
    keys = [token.key for token in parsed.tokens[max(first - 1, 0) : last + 1]]
    inside = int(first > 0)
    return any(
        vocabulary.person(*pair) and (last - first == 1 or len(keys) == 2 or place == inside)
        for place, pair in enumerate(pairwise(keys))
    )


def _asked_for(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a text asks if there is a work, written with a capital or in rare words: "do you have Moon?"."""
    place = first - int(first > 0 and parsed.tokens[first - 1].key in POSSESSIVES)
    before = tuple(token.key for token in parsed.tokens[max(0, place - 2) : place])
    asked = len(before) == 2 and before[0] in ("you", "u", "ya") and before[1] in ("have", "got")
    capital = asked or before[-2:] in (("is", "there"), ("you", "know"), ("u", "know"))
    after = parsed.follower(last)
    if parsed.tokens[first].capital:
        known = after is not None and after.key in _BEFORE_PEOPLE | {"and", "or", "from"}
        return capital and (parsed.ends_clause(last) or known)
    own = [token.key for token in parsed.tokens[first:last] if token.key not in ARTICLES]
    rare = bool(own) and all(frequency(key) < _NAMED_BELOW and key not in CHATTER for key in own)
    return asked and rare and after is None


def _makes_works(parsed: Text, first: int, vocabulary: Vocabulary) -> bool:
    """Tell whether a last name says whose works are meant: "a Hitchcock film", "any Nolan movies"."""
    before, after = parsed.leader(first), parsed.follower(first + 1)
    if before is None or after is None or before.key not in _INDEFINITE or after.key.removesuffix("s") not in WORKS:
        return False
    return vocabulary.names_people(parsed.tokens[first].key)


def _capitals(parsed: Text, first: int, last: int, vocabulary: Vocabulary) -> int:
    if not parsed.written_as_title(first, last):
        return 0
    if last - first > 1:
        return 2
    token, cue = parsed.tokens[first], parsed.cue(first)
    if token.upper and (cue is None or parsed.tokens[cue].capital):
        return 0
    return 0 if parsed.usual_capital(first) else 2 - vocabulary.names_people(token.key)


def _cue(parsed: Text, first: int, last: int, need: int, vocabulary: Vocabulary, *, well_known: bool) -> int:
    place = parsed.cue(first)
    if place is None or (need + first + 1 >= last and describes(parsed, last)):
        return 0
    cue = parsed.tokens[place]
    if cue.key in NAMING:
        return CERTAIN
    if cue.key == "you" and not parsed.ends_clause(last):
        return 0  # "do you know people who like that"
    capital = parsed.tokens[first].capital and not parsed.shouts(first, last)
    before = parsed.leader(first)
    if not capital and before is not None and before.key in _DETERMINERS:
        return 0
    single = last - first == 1
    if need > 1 and single and not capital and _compounded(parsed, last):
        return 0
    found = _weight(parsed, place, first, last, need)
    things = single and not capital and vocabulary.plural(parsed.tokens[first].key)
    described = single and not capital and cue.key == "like" and place and parsed.tokens[place - 1].key == "more"
    if (described or (things and cue.key in _LIKENING)) and need and not well_known:
        return 0  # "like spies falling in love", "more like dread"
    return found - int(found > 0 and need > 1 and things)


_LIKENING = frozenset("like likes liked love loves loved want wanted with about".split())


def _tastes(parsed: Text, first: int) -> bool:
    cue = parsed.cue(first)
    return cue is not None and parsed.tokens[cue].key in TASTES


def _weight(parsed: Text, place: int, first: int, last: int, need: int) -> int:
    key, before = parsed.tokens[place].key, parsed.tokens[place - 1].key if place else ""
    plain = last - first == 1 and not parsed.tokens[first].capital
    broadcast = plain and parsed.tokens[first].key in BROADCAST
    if key in SEEN:
        return 3 * (not broadcast)
    if key in FAVORITES or key.removesuffix("s") in WORKS:
        if parsed.tokens[place + 1].key in EQUATING:
            return 3 if key in WORKS else 2
        determined = before in _DETERMINERS or before in FAVORITES or before in SEEN or before in TASTES
        return 3 if key in WORKS and determined and place == first - 1 else 2 if key in FAVORITES else 1
    if need > 1 and _chatter(parsed, first, last) and not parsed.written_as_title(first, last):
        bare = key == "saw" and parsed.tokens[first].key not in FUNCTION
        return 2 if bare or (key in TASTES and key.endswith("d") and last - first > 1) else 0
    compares = key == "like" and (before in _COMPARED or not parsed.gap(place).isspace())
    if key in TASTES and not compares:
        past = key.endswith("d") or _past(parsed, place)
        return 2 * (not broadcast) if past else 1 - (plain and need == 1)
    return 1 if key in _FAINT or (key in ("about", "check") and parsed.tokens[last - 1].key in CALENDAR) else 2


def _past(parsed: Text, place: int) -> bool:
    """Tell whether a verb is one of the past through a word before it: "did you like Heat", "I didn't enjoy it"."""
    return any(token.key in ("did", "didnt") for token in parsed.tokens[max(place - 3, 0) : place])


def _chatter(parsed: Text, first: int, last: int) -> bool:
    return all(token.key in FUNCTION or token.key in CHATTER for token in parsed.tokens[first:last])


def _compounded(parsed: Text, last: int) -> bool:
    after = parsed.follower(last)
    return after is not None and not after.capital and frequency(after.key) < _NOUN_BELOW and after.key not in BEING


def _remark(parsed: Text, first: int, last: int) -> int:
    """Weigh what is said of the span: "Alien is a classic", "is Alien any good"."""
    after = parsed.follower(last)
    if after is None or (last - first == 1 and parsed.tokens[first].key in CALENDAR):
        return 0
    before = parsed.leader(first)
    if before is not None and before.key in ("is", "whats", "was") and after.key == "about":
        return 2
    if before is not None and before.key in ("is", "was", "are") and (before.opens or after.key in ("any", "worth")):
        return 2 if after.key in ("any", "worth", "good") else 1
    if after.key not in BEING or not (parsed.opens_clause(first) or (before is not None and before.key in _OPINING)):
        return 0
    for place in range(last + 1, min(last + 7, parsed.sentence(first)[1])):
        if parsed.tokens[place].key in _ABOUT_WORKS:
            following = parsed.follower(place + 1)
            kind = following is None or following.key in FUNCTION or following.key.removesuffix("s") in WORKS
            return 2 if kind or parsed.tokens[place].key not in FAVORITES else 1
    if before is not None and (before.key in ARTICLES or before.key in _DETERMINERS):
        return 0
    return int(last - first > 1 or parsed.opens_clause(first))


def _alone(parsed: Text, first: int, last: int, well_known: bool) -> int:
    """Weigh that a sentence, or a clause that is asked about or given as an example, is nothing but the span."""
    span = [first <= place < last for place in range(len(parsed.tokens))]
    plain = _chatter(parsed, first, last) and not (well_known and last - first > 1)  # "gone girl"
    before = parsed.leader(first)
    if well_known and last - first > 1 and before is not None and before.key in _REFUSING:
        return 2
    things = before is not None and before.key == "no" and last - first == 1 and not parsed.tokens[first].capital
    if plain or things:  # "no aliens please"
        return 0
    if asked_for_it(parsed, first, last) or (parsed.tokens[first].capital and example(parsed, first, last)):
        return 2
    if well_known and _hedged(parsed, first, last):
        return 2
    if not only_titles(parsed, first, span):
        return int(surely(parsed, first, last) and (last - first > 1 or parsed.tokens[first].capital))
    muttered = last - first == 1 and not (well_known or parsed.tokens[first].capital or parsed.ends_question(last))
    return 2 if not muttered or parsed.sentence(first) == (0, len(parsed.tokens)) else 0  # "sigh. ..."


def _hedged(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a sentence holds a title and words of doubt or stress alone: "pulp fiction prob", "heat I guess"."""
    start, end = parsed.sentence(first)
    return last - first > 1 and all(
        first <= place < last or parsed.tokens[place].key in _HEDGES for place in range(start, end)
    )


def any_such(parsed: Text, first: int, last: int, *, articled: bool) -> bool:
    """Tell whether one word means any thing of the name, or a number: "a grandmaster", "do I need to see twelve?".

    Args:
        parsed: The text.
        first: Position of the first token.
        last: Position after the last token.
        articled: Whether the title has an article that the text leaves out.
    """
    token = parsed.tokens[first]
    if last - first > 1 or parsed.quoted(first, last):
        return False
    written = parsed.text[token.start : token.end]
    spelt_out = token.key.isdigit() and written.isalpha() and written.islower()
    told = last < len(parsed.tokens) and parsed.tokens[last].key in ("is", "was")  # "a godfather is a classic"
    led = first > 0 and parsed.tokens[first - 1].key in ("a", "an") and not parsed.ends_clause(last)
    like = led and written.islower() and parsed.follower(last) is not None  # "an unfaithful husband"
    return spelt_out or ((articled or like) and indefinite(parsed, first) and not told)


def indefinite(parsed: Text, first: int) -> bool:
    """Tell whether a text speaks of any one of a kind: "a good thriller from 2010" names no film of that title."""
    before = parsed.tokens[max(0, first - 2) : first]
    return not parsed.tokens[first].capital and any(token.key in _INDEFINITE for token in before)
