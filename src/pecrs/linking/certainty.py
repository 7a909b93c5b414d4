"""How surely a linked span means its item, told from how it is written: for dialogues that are linked unseen."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Mention
from pecrs.data.loaders.plain_titles import FindTitles, FoundTitle
from pecrs.linking.lexicon import folded, visible
from pecrs.linking.linker import Linker
from pecrs.linking.names import WITHOUT_SUBTITLE, written_forms

MISSPELT = "misspelt"
SHARED = "several items have this title"
PARTIAL = "without the subtitle"
LOWER_CASE = "without capitals"
NUMBER = "a number alone"

_YEAR = re.compile(r"[\"”’']?\s*,?\s*[(\[]?\d{4}[)\]]?$")


def title_finder(catalogue: Catalogue) -> FindTitles:
    """Return what finds the titles of a catalogue in a text, each with the doubt about it.

    Args:
        catalogue: The items.
    """
    linker = Linker(catalogue)
    tiers: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for item in catalogue:
        for words, tier in written_forms(item):
            found = tiers["".join(words)]
            found[item.id] = min(tier, found.get(item.id, tier))

    def find(text: str, named_before: Sequence[str]) -> list[FoundTitle]:
        return [FoundTitle(mention, _doubt(text, mention, tiers)) for mention in linker.link(text, named_before)]

    return find


def _doubt(text: str, mention: Mention, tiers: dict[str, dict[str, int]]) -> str:
    """Return why a mention may be wrong; "" where an ``@id`` or a title with its year or capitals names one item."""
    written = text[mention.start : mention.end]
    if written.startswith("@"):
        return ""
    for title, dated in ((written, False), (_YEAR.sub("", written), True)):
        items = tiers.get("".join(folded(visible(title)[0])), {})
        if mention.item in items:
            return "" if dated and title != written else _doubt_without_year(title, mention.item, items)
    return MISSPELT


def _doubt_without_year(title: str, item: str, items: dict[str, int]) -> str:
    if sum(tier == items[item] for tier in items.values()) > 1:
        return SHARED
    if items[item] >= WITHOUT_SUBTITLE:
        return PARTIAL
    if not any(map(str.isalpha, title)):
        return NUMBER
    return LOWER_CASE if title == title.lower() != title.upper() else ""
