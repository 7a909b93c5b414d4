"""Words of a title that mean something else: a person, a theme, a kind of work, a place.

Source: design section 4.
"""

from __future__ import annotations

from pecrs.linking.around import asked_whether_there, asks_who_is_in
from pecrs.linking.evidence import describes
from pecrs.linking.lexicon import CHATTER, NAMING, SEEN, TASTES, WORKS, frequency
from pecrs.linking.text import Text
from pecrs.linking.vocabulary import Vocabulary

_NEAR = 8
_SOMEBODY = frozenset({"he", "him", "she", "her", "his"})
_SEVERAL = frozenset({"more", "another", "any", "other", "all"})
_COMMON = 4.6
_FEW, _OFTEN = 7, 5
"""So many items make somebody known by the last name; so many more uses than fame make a word a theme."""


def otherwise_meant(parsed: Text, first: int, last: int, vocabulary: Vocabulary, fame: int) -> bool:
    """Tell whether the words of a little-known title rather mean a person or a theme.

    A full name means somebody, a last name somebody of more items than the title's fame, "no The Rock, I hate him" a
    person, and a word in small letters what many items are about, unless a word before it says that a work is meant.

    Args:
        parsed: The text.
        first: Position of the first token.
        last: Position after the last token.
        vocabulary: Of the catalogue.
        fame: Of the best-known item of that title.
    """
    tokens = parsed.tokens
    asked = asked_whether_there(parsed, first, last) or asks_who_is_in(parsed, first, last)
    if asked or parsed.quoted(first, last):
        return False
    behind = {token.key for token in tokens[last : last + _NEAR]}
    word, cue = tokens[first].key, parsed.cue(first)
    key = "" if cue is None else tokens[cue].key
    works = key in SEEN or key in NAMING or key in WORKS or (key in TASTES and key.endswith("d"))
    somebody = vocabulary.full_name([token.key for token in tokens[first:last]])
    if somebody and (not behind.isdisjoint(_SOMEBODY) or (last - first > 1 and fame <= _FEW and not works)):
        return True
    if last - first > 1 or word in CHATTER or frequency(word) >= _COMMON:
        return False
    if works:
        return False
    theme = 0 if tokens[first].capital else vocabulary.uses(word)
    return vocabulary.works_of(word) > max(fame, _FEW) or theme > _OFTEN * (fame + 1)


def named_otherwise(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a part of a title says what kind is meant, or where: "more Bourne movies", "set in Budapest"."""
    before = parsed.leader(first)
    several = before is not None and before.key in _SEVERAL
    return several or describes(parsed, last) or (parsed.tokens[first].capital and parsed.usual_capital(first))


def within_longer(parsed: Text, first: int, last: int) -> bool:
    """Tell whether words end a longer title that the catalogue lacks: "the Hunter" of "The Night of the Hunter"."""
    tokens = parsed.tokens
    led = first > 1 and tokens[first].key in _ARTICLES and not tokens[first].capital and tokens[last - 1].capital
    return led and tokens[first - 1].key in _JOINS and tokens[first - 2].capital and not parsed.usual_capital(first - 2)


_ARTICLES = frozenset({"the", "a", "an"})
_JOINS = frozenset({"of", "on", "in", "to", "for"})
