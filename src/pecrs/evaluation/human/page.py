"""The page to vote on: one HTML file without a server. It sends nothing; people save their votes as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pecrs.evaluation.human.votes import ASPECTS
from pecrs.evaluation.pages import fill_page


def render(kit: str, pairs: Sequence[Mapping[str, object]]) -> str:
    """Return the page.

    Args:
        kit: Identifies the pairs.
        pairs: What is shown, as values that JSON can hold.
    """
    data = json.dumps({"kit": kit, "pairs": pairs, "aspects": ASPECTS}, ensure_ascii=False)
    return fill_page("pecrs.evaluation.human", kit=data.replace("<", "\\u003c"))
