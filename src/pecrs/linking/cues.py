"""What somebody did for an item, told from the words beside a name: "directed by", "starring".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pecrs.linking.facets import THEME_FIELDS

_ROLE_CUES: Mapping[str, tuple[str, ...]] = {
    "directors": ("directed by", "director", "directors", "directs", "from director"),
    "actors": ("starring", "actor", "actress", "actors", "with", "stars", "acted by", "featuring", "starred"),
    "writers": ("written by", "writer", "wrote", "screenplay by"),
    "authors": ("written by", "author", "by", "wrote"),
}
_WRITTEN = re.compile(r"\b(?:novels?|books?|story|stories|written|script|screenplay)\b")
_SET_IN = re.compile(
    r"\b(?:set|plays?|takes? place|taking place|happens?|happening|filmed|shot|located|somewhere|story|stories)\b"
    r"[^.?!,]{0,20}\bin(?: the)?\W*$",
    re.IGNORECASE,
)
"""Before a country where a story is set, whoever made it."""

_SOME = 3
"""Who directed so many items is asked for as a director."""

_MOSTLY, _RATHER = 5, 2
"""Who acts so many times as often as they direct is an actor; who directs so many times as often as they act, a
director."""


def by_cue(text: str, start: int, end: int, fields: tuple[str, ...], count: Callable[[str], int]) -> tuple[str, ...]:
    """Keep the field that the words around a person name ("directed by"), where several have the value.

    "By" goes to who made an item and "with" to who acts in it; who directs twice as often as they act is a director,
    and a value that is no theme in some field is none; "aliens" may be a series and a theme.

    Args:
        text: The message.
        start: First character of the name.
        end: One past the last.
        fields: That have the value.
        count: Returns how many items have it in a field.
    """
    placed = fields[0] == "country" and _SET_IN.search(text[:start]) is not None
    if len(fields) > 1 and fields[0] not in (*THEME_FIELDS, "series") and not placed:
        fields = tuple(name for name in fields if name not in THEME_FIELDS)
    before, after = text[max(0, start - 24) : start].lower(), text[end : end + 16].lower()
    for name in fields if len(fields) > 1 else ():
        cues = [cue for cue in _ROLE_CUES.get(name, ()) if cue not in ("with", "by")]
        behind = [cue for cue in cues if not cue.endswith(" by")]  # "with Tom Hanks directed by ..."
        said = any(re.search(rf"\b{cue}\W*$", before) for cue in cues)
        if said or any(re.match(rf"\W*{cue}\b", after) for cue in behind):
            return (name,)
    for cue, made, other in (("by", "directors", "writers"), ("with", "actors", "directors")):
        if made in fields and re.search(rf"\b{cue}(?: (?:either|both|only))?\W*$", before):
            return (made,) if 3 * count(made) >= count(other) and not _WRITTEN.search(before) else fields
    if set(fields) == {"directors", "writers"} and not _WRITTEN.search(before) and count("directors") >= _SOME:
        return ("directors",)
    directed, acted = count("directors"), count("actors")
    if {"directors", "actors"}.issubset(fields) and (directed >= _RATHER * acted or acted > _MOSTLY * directed):
        return ("directors",) if directed >= _RATHER * acted else ("actors",)
    return fields
