"""Facts of an item's story in words: where and when it is set, what it is based on, how it ends, who plays whom.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from pecrs.data.catalogue import Item
from pecrs.inference.language.lexicon import fact_values, lexicon, listed
from pecrs.inference.language.noted import SHOWN
from pecrs.inference.language.placing import when, where
from pecrs.inference.language.wording import ITEM, Text, fill
from pecrs.inference.moves import Move
from pecrs.linking.descriptions import ORIGINS
from pecrs.linking.facets import stems, value_key
from pecrs.linking.quantities import Quantity
from pecrs.linking.roles import CHARACTERS, played, roles
from pecrs.linking.values import FacetValue


def setting(item: Item) -> str:
    """Return where and when an item is set, to be said behind its name; empty where neither is known."""
    places, times = item.values("setting"), item.values("period")
    told = [where(place) for place in places]
    years = {time[:3] for time in times if re.fullmatch(r"\d{4}", time[:4]) and not time.endswith("0s")}
    times = tuple(time for time in times if not (time.endswith("0s") and time[:3] in years))
    then = listed([when(time) for time in times])
    return f"is set {', '.join(filter(None, [listed(told), then]))}." if told or then else ""


_SOURCES = {
    "original": "is an original story",
    "true story": "tells a true story",
    "loosely a true story": "is loosely based on a true story",
}


def based_on(item: Item) -> str:
    """Return what an item is based on, to be said behind its name; empty where that is not known."""
    told = []
    for value in item.values("based_on"):
        kind, _, what = value.partition(":")
        what, kind = what.strip(), kind.removeprefix("non-fiction ").strip()
        if not what:
            told.append(_SOURCES.get(value, f"is based on {value}"))
        elif kind == "remake of":
            told.append(f"is a remake of {what}")
        else:
            told.append(f"is based on the {kind} {what}")
    return f"{listed(told)}." if told else ""


def ending(item: Item) -> str:
    """Return how an item ends, without telling the end; where that is not noted, what lets one guess."""
    ways = [way for way in item.values("ending") if way != "twist"]
    if item.values("ending"):
        known = f"has {listed([_ending_like(way) for way in ways[:1]])}" if ways else ""
        known = f"{known[: -len(' ending')]} and {ways[1]} ending" if len(ways) > 1 else known
        twist = "twist" in item.values("ending")
        return f"{known}, with a twist." if known and twist else f"{known}." if known else "ends with a twist."
    moods = item.values("mood")
    return fill(lexicon()["endings_untold"], values=listed(moods[:SHOWN])) if moods else ""


def _ending_like(way: str) -> str:
    return f"an {way} ending" if way == "open" else f"a {way} ending"


def who_plays(item: Item) -> str:
    """Return who plays whom, to be said behind an item's name; the cast where the roles are not known."""
    told = [f"{actor} as {who}" if actor else who for actor, who in roles(item)]
    if told:
        return f"has {listed(told[:SHOWN])}."
    cast = fact_values(item, "cast")
    return fill(lexicon()["roles_untold"], values=listed(cast[:SHOWN])) if cast else ""


def tell_story(text: Text, item: Item, move: Move) -> bool:
    """Answer a question about an item's story by what is asked of it; tell whether that was possible.

    Args:
        text: The reply so far.
        item: The item.
        move: With kinds of facts and what is asked.
    """
    kind, values = move.facts[0], [value for value in move.values if isinstance(value, FacetValue)]
    if kind == "character":
        return _tell_role(text, item, values)
    known = any(item.values(name) for name in lexicon()["facts"].get(kind, {}).get("fields", ()))
    if kind not in STORY or not known:
        return False
    told = STORY[kind](item)
    holds = _holds(item, kind, values) if values and not any(isinstance(v, Quantity) for v in move.values) else None
    lead = "" if holds is None else "Yes, " if holds else "No, "
    text.add(f"{lead}{ITEM} {told}", item=item)
    return True


_PARTLY = "partly "


def colour(item: Item) -> str:
    """Return whether an item is in colour, to be said behind its name; empty where that is not known."""
    told = next(iter(item.values("photography")), "")
    return f"is {'partly ' if told.startswith(_PARTLY) else ''}in {told.removeprefix(_PARTLY)}." if told else ""


STORY: Mapping[str, Callable[[Item], str]] = {
    "setting": setting,
    "based_on": based_on,
    "ending": ending,
    "photography": colour,
    "character": who_plays,
}
"""What tells of an item's story, by the kind of fact."""


def _holds(item: Item, kind: str, values: Sequence[FacetValue]) -> bool | None:
    """Tell whether an item has one of some values that were asked about; None where it is neither so nor not."""
    own = [value.lower() for value in item.values(kind)]
    if kind == "based_on":
        wanted = {source for value in values for source in ORIGINS.get(value.key, (value.key,))}
        return any(value.partition(":")[0].strip() in wanted for value in own)
    if kind == "ending":
        asked = " ".join(value.label for value in values)
        if "ending" not in asked:
            return None  # "does he die?" is asked of the story
        good = {"happy", "triumphant"} if re.search(r"happy|feel-good|light", asked) else {"sad", "dark"}
        return None if good.isdisjoint(own) and "bittersweet" in own else not good.isdisjoint(own)
    if kind == "setting":
        own += [value.lower() for value in item.values("period")]
    return any(stems(value.key) <= stems(each) or value_key(each) == value.key for value in values for each in own)


def _tell_role(text: Text, item: Item, values: Sequence[FacetValue]) -> bool:
    """Say who plays a character, or whom somebody plays."""
    if not item.values(CHARACTERS) or not values:
        return False
    value, table = values[0], lexicon()["roles"]
    if value.fields[0] != CHARACTERS:
        own = next(((actor, who) for actor, who in roles(item) if value_key(actor) == value.key), None)
        if own is None:
            return False
        text.add(fill(table["plays"], actor=own[0], who=own[1]), item=item)
        return True
    found = played(item, value.label)
    if found is not None and found[0]:
        text.add(fill(table["plays"], actor=found[0], who=found[1]), item=item)
    elif value.label[:1].islower():  # "the daughter" is nobody's name
        text.add(f"{ITEM} {who_plays(item)}", item=item)
    else:
        told = [f"{actor} as {who}" for actor, who in roles(item) if actor]
        text.add(fill(table["lacks"], who=value.label, values=listed(told[:SHOWN])), item=item)
    return True
