"""What the linker knows about English words: how to fold them, and which are too ordinary to name an item alone."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType

WORD = re.compile(r"\w+(?:['’`´]\w+)*|&")
"""One word; an apostrophe does not end it."""

ARTICLES = frozenset({"the", "a", "an"})

LAST_NUMERALS = MappingProxyType({"v": "5", "x": "10"})
"""Roman numbers that are letters elsewhere, so that they count as numbers only at the end of a title."""

_SAME = MappingProxyType(
    {"&": "and", "vol": "volume", "vs": "versus", "pt": "part", "dr": "doctor", "mr": "mister"}
    | {word: str(n) for n, word in enumerate("zero one two three four five six seven eight nine ten".split())}
    | {"eleven": "11", "twelve": "12", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
)
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Lower a word, drop accents and apostrophes, and write numbers as digits.

    >>> fold("Amélie"), fold("Ocean’s"), fold("III"), fold("&")
    ('amelie', 'oceans', '3', 'and')

    Args:
        word: A match of :data:`WORD`.
    """
    plain = word.casefold().translate(_LETTERS)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    plain = re.sub(r"['’`´]", "", plain)
    return _SAME.get(plain, plain)


def _folded(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split()))


GREETINGS = _folded("hello hi hey ok okay yes no thanks bye goodbye sure cool yo welcome please sorry wow lol")

FUNCTION = GREETINGS | _folded(
    "i it its he she her him his them they we us you me my your our this that these those what who when where why how "
    "up down in on off out at to for from by with of and or not if so as is are was were be been am do did does done "
    "go going gone get got can will would could should may might must have has had here there now then just all any "
    "more most some one once oh well too very i'm im a an the let next take ill hes shes were youre dont cant thats "
    "only other another same both two three first saw see seen love loves loved like liked stuff kids lo lot way thing "
    "things about watch watched want else maybe others enough"
)
"""Words that name an item only with a capital inside a sentence, in quotes, with a year or after "called"."""

CHATTER = _folded(
    "movie movies film films flick comedy comedies horror drama dramas action romance romantic thriller thrillers "
    "scary funny animated animation family classic old new good great bad best favorite anything something "
    "nothing genre suggest really think know looking time day night friends life home people man men woman girl "
    "boy world war game christmas music dance red big fun crazy last real right wrong money house party school "
    "high summer white black fantasy adventure mystery suspense documentary foreign awesome amazing actor actress "
    "director sequel original remake true story star stars hope joy race speed click rush enemy monster monsters "
    "trailer theater tonight weekend lost wild drive signs checking laugh unknown basic superhero series part say "
    "said sounds conversation nice sweet chance twice kind mind recommend recommendation enjoy heard hear stay "
    "safe later soon ever never kid little actors holidays "
)
"""Words of film talk that the texts of a catalogue may hold too seldom."""

NAMING = frozenset({"called", "titled", "named"})

CUES = NAMING | frozenset(
    "seen saw see watch watched watching like liked love loved enjoy enjoyed hate hated recommend recommended suggest "
    "suggested try about bout movie movies film films flick prefer remember heard checked rewatch rewatched "
    "include".split()
)
"""Words after which a title is to be expected."""

TASTES = frozenset("like liked love loved enjoy enjoyed hate hated recommend suggest prefer include try".split())
"""Those cues after which people also name kinds of films: "I like romance"."""

KINDS = frozenset(
    "movies films movie film flicks ones 1 genre stuff type types kind scenes comedy comedies horror mystery mysteries "
    "stories".split()
)
"""Words after a common one that make it a description: "war movies"."""

COUNTED = frozenset("times time hours hour days day years year weeks minutes or of stars people other more".split())
"""Words after a number that make it a count, not the number of a sequel: "watched Alien 3 times"."""
