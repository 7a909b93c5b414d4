"""What the linker knows about words: where they begin and end, how to fold them, and how ordinary English ones are."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

import regex

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_KATAKANA = r"\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_LETTER = rf"[[\w\p{{M}}]--[_{_UNSPACED}{_KATAKANA}]]"
_ANY_WORD = regex.compile(rf"[{_KATAKANA}]+|(?=[{_UNSPACED}])\X|{_LETTER}+(?:['’`´]{_LETTER}+)*|&", regex.VERSION1)
_ASCII_WORD = re.compile(r"[^\W_]+(?:['`][^\W_]+)*|&")
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")

ARTICLES = frozenset({"the", "a", "an"})

LAST_NUMERALS = MappingProxyType({"v": "5", "x": "10"})
"""Roman numbers that are letters elsewhere, so that they count as numbers only at the end of a title."""

_SAME = MappingProxyType(
    {
        "&": "and",
        "n": "and",
        "vol": "volume",
        "vs": "versus",
        "pt": "part",
        "dr": "doctor",
        "mr": "mister",
        "teh": "the",
    }
    | {word: str(n) for n, word in enumerate("zero one two three four five six seven eight nine ten".split())}
    | {"eleven": "11", "twelve": "12", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
)
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def words_of(text: str) -> Iterator[re.Match[str]]:
    """Find the words of a visible text; an apostrophe does not end one.

    Scripts that put no spaces between words give one match for each character, katakana one for each run.

    >>> [word.group() for word in words_of("Ocean's Eleven 千と千尋")]
    ["Ocean's", 'Eleven', '千', 'と', '千', '尋']
    """
    return (_ASCII_WORD if text.isascii() else _ANY_WORD).finditer(text)


def spaced(word: str) -> bool:
    """Tell whether the word's script puts spaces between words."""
    return word.isascii() or not regex.match(rf"[{_UNSPACED}]", word)


def visible(text: str) -> tuple[str, list[int] | None]:
    """Take characters without any width or shape out of a text, such as zero-width spaces.

    Returns:
        What is left, and the place of each of its characters in the text given; None where nothing was taken out.
    """
    if text.isascii() or _INVISIBLE.search(text) is None:
        return text, None
    places = [place for place, character in enumerate(text) if not _INVISIBLE.match(character)]
    return "".join(text[place] for place in places), places


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Lower a word, drop accents and apostrophes, and write numbers as digits.

    >>> fold("Amélie"), fold("Ocean’s"), fold("III"), fold("&")
    ('amelie', 'oceans', '3', 'and')

    Args:
        word: A match of :func:`words_of`.
    """
    plain = word.casefold().translate(_LETTERS)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not "\u0300" <= c <= "\u036f")
        plain = unicodedata.normalize("NFC", plain)
    plain = re.sub(r"['’`´]", "", plain)
    return _SAME.get(plain, plain)


def folded(text: str) -> list[str]:
    """Return the folded words of a text."""
    return [fold(match.group()) for match in words_of(text)]


@cache
def _frequencies() -> Mapping[str, float]:
    from wordfreq import get_frequency_dict  # 56 MB that training and ranking do not need

    found: dict[str, float] = {}
    for word, share in get_frequency_dict("en", wordlist="small").items():
        found.setdefault(fold(word), math.log10(share) + 9)
    return found


def frequency(word: str) -> float:
    """Return how often English uses a folded word: the tenth logarithm of its uses in 10^9 words; 0 for rare ones.

    Source: the ``wordfreq`` package; "the" has 7.7, "friday" 5.0, "titanic" 3.6.
    """
    return _frequencies().get(word, 0.0)


@cache
def rare_words() -> frozenset[str]:
    """Return the folded words that English has but seldom uses, and some frequent slips among them: "ducky", "thier".

    Source: the large list of the ``wordfreq`` package.
    """
    from wordfreq import get_frequency_list

    buckets = get_frequency_list("en", wordlist="large")[: round(100 * (9 - _SELDOM))]
    found = frozenset(fold(word) for bucket in buckets for word in bucket if word.isalpha())
    get_frequency_list.cache_clear()
    return found - _frequencies().keys()


_SELDOM = 2.0
"""The tenth logarithm of uses in 10^9 words down to which a word is counted as one."""


def _folded(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split()))


GREETINGS = _folded("hello hi hey ok okay yes no thanks bye goodbye sure cool yo welcome please sorry wow lol")

OPENING = (
    r"(?:(?:ok|okay|alright|right|great|fine|good|nice|cool|perfect|yes|yeah|no|nah|nope|then|so|well|and|n|or|but|plus|"
    r"also|now|oh|ah|hm+|um+|wait|actually|sorry|please|thanks|hi|hello|hey|lol|haha|btw|anyway|though|tho)\W+)*"
)
"""A pattern of the words that a message may begin with, whatever it says."""

FUNCTION = GREETINGS | _folded(
    "i it its he she her him his them they we us you me my your our this that these those what who when where why how "
    "up down in on off out at to for from by with of and or not if so as is are was were be been am do did does done "
    "go going gone get got can will would could should may might must have has had here there now then just all any "
    "more most some one once oh well too very i'm im a an the let next take ill hes shes were youre dont cant thats "
    "only other another same both two three first saw see seen love loves loved like liked stuff kids lo lot way thing "
    "things about watch watched want else maybe others enough"
)
"""Words that name an item only with a capital and a cue, in quotes, with a year or after "called"."""

CHATTER = _folded(
    "movie movies film films flick comedy comedies horror drama dramas action romance romantic thriller thrillers "
    "scary funny animated animation family classic old new good great bad best favorite anything something "
    "nothing genre suggest really think know looking time day night friends life home people man men woman girl "
    "boy world war game christmas music dance red big fun crazy last real right wrong money house party school "
    "high summer white black fantasy adventure mystery suspense documentary foreign awesome amazing actor actress "
    "director sequel original remake true story star stars hope joy race speed click rush enemy monster monsters "
    "trailer theater tonight weekend lost wild drive signs checking laugh unknown basic superhero series part say "
    "said sounds conversation nice sweet chance twice kind mind recommend recommendation enjoy heard hear stay "
    "safe later soon ever never kid little actors holidays"
)
"""Words of talk about films; taste in them ("I love horror") is no sign of a title."""

CALENDAR = _folded(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december christmas halloween thanksgiving easter valentine god jesus english french "
    "spanish german american british chinese japanese italian america england europe hollywood netflix"
)
"""Words that are always written with a capital, so that it says nothing."""

WORKS = _folded("movie film flick picture book novel album song show series game comic anime play title")
"""What a work may be called: "the movie Heat"."""

FAVORITES = frozenset("favorite favorites favourite favourites fav favs fave faves mine".split())

NAMING = frozenset({"called", "titled", "named", "entitled"})

BROADCAST = frozenset("football soccer basketball baseball hockey tennis golf boxing sports tv television news".split())
"""What people watch without meaning a title."""

SEEN = frozenset(
    "seen seeing watched watching rewatch rewatched rewatching read reread reading finished streamed rented".split()
)
"""Verbs that take titles and little else."""

TASTES = frozenset(
    "like liked love loved loves likes enjoy enjoyed hate hated adore adored adores prefer preferred include "
    "included stand veto vetoed vetoes".split()
)
"""Verbs that take titles, and kinds of things as well: "I like romance"."""

CUES = (
    NAMING
    | SEEN
    | TASTES
    | WORKS
    | frozenset(
        "saw see watch recommend recommended recommends suggest suggested try tried about bout remember heard checked "
        "checkout movies films remembered recall rent stream own bought than besides except".split()
    )
)
"""Words after which a title is to be expected."""

KINDS = frozenset(
    "movies films movie film flicks ones 1 genre stuff type types kind scenes comedy comedies horror mystery mysteries "
    "stories books novels songs albums games shows".split()
)
"""Words after a common one that make it a description: "war movies"."""

PARTS = frozenset("part volume episode chapter book season issue".split())
"""Words before the number of a part: "Kill Bill: Volume 2"."""

COUNTED = frozenset(
    "times time hours hour day days night nights week weeks month months year years minutes seconds or of stars people "
    "other more".split()
)
"""Words after a number that make it a count, not the number of a sequel: "watched Alien 3 times"."""

INDEFINITE = frozenset("something anything everything nothing someone anyone everyone nobody".split())

POSSESSIVES = frozenset({"my", "your", "his", "her", "our", "their"})
"""Words that say whose thing is meant: "his cabin"."""

POINTING = ARTICLES | _folded("next last this that these those my our your his her their some every any no one other")
"""Words before an everyday one that point at a thing: "the game", "next Friday"."""

BEING = frozenset(
    "is was are were isnt wasnt has had looks sounds seems rocks rocked blew made makes scared bored moved".split()
)
"""Verbs of a remark about a title: "Alien is ...", "Alien blew my mind"."""

DULL = (
    r"meh|boring|so[- ]so|awful|terrible|horrible|dreadful|overrated|dull|lame|rubbish|trash|garbage|crap|mediocre|"
    r"disappointing|unwatchable|overhyped|overexposed|exhausting|tedious|tiresome|unbearable|insufferable|unfunny|naff|"
    r"an? snooze|(?:snooze|yawn|bore) ?fest|"
    r"(?<=is )mid|(?<=was )mid"
)
"""Words that judge a work to be dull, as a pattern."""

INTRODUCING = frozenset(
    "son daughter friend brother sister wife husband uncle aunt cousin colleague boss neighbor neighbour boyfriend "
    "girlfriend dad mom nephew niece teacher doctor mister mrs ms miss actor actress director author writer singer "
    "am im name this".split()
)
"""Words before the name of a person: "my friend Paul"."""

PLACING = frozenset("in at from to near every each this next last my our your his her their".split())
"""Words after which a capital tells no title: "in Chicago", "my Mom"."""
