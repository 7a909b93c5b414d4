"""What shops call kinds of goods: other words for the kinds of a catalogue, and kinds near those that it lacks.

Source: design section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

import yaml

from pecrs.linking.facets import value_key
from pecrs.linking.lexicon import CHATTER, FUNCTION


class Goods:
    """The kinds of one catalogue among all that shops sell.

    Attributes:
        same: Words for kinds of the catalogue, with these kinds.
        near: Words for kinds that the catalogue lacks, with the kinds that are near.
    """

    def __init__(self, kinds: Iterable[str]) -> None:
        """Look kinds up in the table.

        Args:
            kinds: Folded values of the catalogue that say what kind of thing an item is.
        """
        known = set(kinds)
        self.same: dict[str, tuple[str, ...]] = {}
        self.near: dict[str, tuple[str, ...]] = {}
        for group in _table() if known else ():
            around = tuple(key for line in group for key in line if key in known)
            for line in group:
                held = tuple(key for key in line if key in known)
                for said in line:
                    if held and said not in known:
                        self.same.setdefault(said, held)
                    elif around and not held:
                        self.near.setdefault(said, around)

    def nearest(self, said: str) -> tuple[str, ...]:
        """Return the kinds that are near one that the catalogue lacks: lamps to "a bright torch"; empty if unknown.

        Args:
            said: Words for a kind of goods.
        """
        words = value_key(said).split()
        ends = (" ".join(words[first:]) for first in range(len(words)))
        return next((self.near[end] for end in ends if end in self.near), ())


def heads_of(kinds: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the last words of longer kinds with all kinds that they may mean.

    >>> heads_of(["rain jacket", "down jacket", "tent"])
    {'jacket': ('rain jacket', 'down jacket')}
    """
    known, heads = set(kinds), defaultdict[str, list[str]](list)
    for key in kinds:
        head = key.rpartition(" ")[2]
        if head != key and head not in known | FUNCTION | CHATTER:
            heads[head].append(key)
    return {head: tuple(keys) for head, keys in heads.items()}


@cache
def _table() -> Sequence[Sequence[Sequence[str]]]:
    """Return the groups of ``goods.yaml``, each of lines of folded words for one kind."""
    text = (resources.files("pecrs.linking") / "goods.yaml").read_text(encoding="utf-8")
    return [[[value_key(words) for words in line] for line in lines] for lines in yaml.safe_load(text).values()]
