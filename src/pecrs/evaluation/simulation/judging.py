"""What a user thinks of a reply: checked against the catalogue, the same for every recommender and kind of user."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType

from pecrs.data.catalogue import Catalogue, Item
from pecrs.evaluation.simulation.conversation import Exchange, Judgement, Message, SystemReply, Verdict
from pecrs.evaluation.simulation.facets import Facet, slot_values, title_said
from pecrs.evaluation.simulation.users import Profile

FACTS: Mapping[str, str] = MappingProxyType(
    {"director": "director", "cast": "actor", "genre": "genre", "writer": "writer", "year": "year"}
)
"""Facts that users ask for, and the slot or field of the answer."""


def fact_answers(item: Item, fact: str) -> tuple[str, ...]:
    """Return the right answers to a question; none where the catalogue does not know."""
    return item.values("year") if fact == "year" else slot_values(item, FACTS[fact])


def answers_rightly(item: Item, fact: str, text: str) -> bool:
    """Tell whether a reply gives a right answer, in any case.

    The item's name in it is no answer: "Alien (1979)" does not say when it came out by repeating its name.
    """
    rest = text.replace(item.name, " ").lower()
    return any(re.search(rf"(?<!\w){re.escape(answer.lower())}(?!\w)", rest) for answer in fact_answers(item, fact))


def judge(
    profile: Profile, catalogue: Catalogue, before: Sequence[Exchange], message: Message, reply: SystemReply
) -> Judgement:
    """Judge one reply.

    Args:
        profile: The user.
        catalogue: Facts of the items.
        before: The exchanges before the message.
        message: What the user said last.
        reply: The answer to it.
    """
    if message.asks is not None and message.about is not None:
        right = answers_rightly(catalogue[message.about], message.asks, reply.turn.text)
        return Judgement(Verdict.ANSWERED if right else Verdict.UNANSWERED, message.about)
    if not reply.items:
        return Judgement(Verdict.ASKED)
    messages = (*(exchange.message for exchange in before), message)
    named = {item for exchange in before for item in exchange.reply.items}
    named.update(item for said in messages for item in said.liked)
    disclosed = [facet for said in messages for facet in said.disclosed]
    judged = [(item, *_verdict(profile, catalogue[item], named, disclosed)) for item in reply.items]
    item, verdict, facet = next((entry for entry in judged if entry[1] is Verdict.ACCEPTED), judged[0])
    violations = sum(any(wanted.breaks(catalogue[item]) for wanted in disclosed) for item in reply.items)
    leaked = verdict is Verdict.ACCEPTED and title_said(catalogue[item].title, (said.text for said in messages))
    return Judgement(verdict, item, facet, violations, sum(item in named for item in reply.items), leaked)


def _verdict(profile: Profile, item: Item, named: set[str], disclosed: Sequence[Facet]) -> tuple[Verdict, Facet | None]:
    broken = next((facet for facet in disclosed if facet.breaks(item)), None)
    if item.id in named:
        return Verdict.REPEAT, None
    if profile.target is not None and item.id == profile.target:
        return Verdict.ACCEPTED, None
    if broken is not None:
        return Verdict.VIOLATES, broken
    if knows(profile, item.id):
        return Verdict.SEEN, None
    lacking = [facet for facet in profile.wants if not facet.holds(item)]
    untold = next((facet for facet in lacking if facet not in disclosed), None)
    if untold is not None:
        return Verdict.MISFIT, untold
    return (Verdict.FITS if lacking or profile.target is not None else Verdict.ACCEPTED), None


def knows(profile: Profile, item: str) -> bool:
    """Tell whether the user has seen an item; by lot where nothing is said of it, each time the same."""
    return item in profile.seen or Random(f"{profile.seed} {item}").random() < profile.seen_share
