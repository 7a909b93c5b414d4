"""Which of several items is the longest, the newest: what is asked, and which one it is.

Source: design section 4.
"""

from __future__ import annotations

import re

_WORDS = {
    ("runtime", "most"): r"longest|longer",
    ("runtime", "least"): r"shortest|shorter|quickest",
    ("year", "most"): r"newest|newer|latest|later|most recent|more recent|last made",
    ("year", "least"): r"oldest|older|earliest|earlier|first made|"
    r"(?<=of those )(?:was |is )?(?:made|came out|came) first|(?<=of them )(?:was |is )?(?:made|came out|came) first",
    ("price", "most"): r"most expensive|dearest|dearer|more expensive",
    ("price", "least"): r"cheapest|cheaper|least expensive",
}
_ASKED = {
    key: re.compile(
        rf"\b(?:which|what|who)\b[^.?!]*\b(?:{words})\b|\bis (?!there|anything)\w[^.?!,;:]{{0,50}} (?:{words}) than\b",
        re.IGNORECASE,
    )
    for key, words in _WORDS.items()
}


def superlative(text: str) -> tuple[str, str] | None:
    """Return which fact is compared, and whether the most or the least of it is asked for; None where nothing is.

    >>> superlative("which of these is the shortest?"), superlative("something shorter")
    (('runtime', 'least'), None)
    """
    return next((key for key, pattern in _ASKED.items() if pattern.search(text)), None)
