"""What a reply can do, and what the choice depends on beside the message and the state.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pecrs.linking.quantities import Quantity
from pecrs.linking.unknown import UnknownName
from pecrs.linking.values import FacetValue


class MoveKind(StrEnum):
    """What a reply does."""

    RECOMMEND = "recommend"
    LIST = "list"
    FACT = "fact"
    WHY = "why"
    COMPARE = "compare"
    ASK = "ask"
    CHAT = "chat"
    GREET = "greet"
    HELP = "help"
    ACKNOWLEDGE = "acknowledge"
    CLOSE = "close"
    DECLINE = "decline"
    FOREIGN = "foreign"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Move:
    """A decision.

    Attributes:
        kind: What the reply does.
        items: The items it is about: whose fact is told, which two are compared, whose recommendation is explained.
        facts: Kinds of facts to tell, of :data:`pecrs.data.acts.FACTS`.
        values: What is asked whether an item has it: "is Tom Cruise in it?".
        count: How many items to recommend.
        after: What the message did that a reply should take up first: ``seen``, ``rejected``, ``liked``, a topic of
            ``small_talk`` or nothing; of a question, ``which`` where it is unclear what it is about, ``here`` and
            ``about`` of an item that is only named, ``most`` and ``least`` of a comparison; ``lost`` where a
            message after an offer was not understood; ``missing`` where names are not in the catalogue;
            ``degree`` where is asked how much an item is so.
        beside: Keys of values that an answer leaves out: "who is in it besides him?".
        missing: Names that the message has and the catalogue has not.
        first: Answers to what the message asks beside this.
        tentative: Whether the model decides by its words: where they name no item, the move is to chat after all.
            Source: PECRS §3.6.
    """

    kind: MoveKind
    items: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    values: tuple[FacetValue | Quantity, ...] = ()
    count: int = 1
    after: str = ""
    beside: tuple[str, ...] = ()
    tentative: bool = False
    missing: tuple[UnknownName, ...] = ()
    first: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """What the dialogue says beside the message itself.

    Attributes:
        offered: Items of the latest reply that named any, best first.
        named: Items named so far, the latest last.
        asked: Whether the last reply asked back.
        probability: The model's own probability that the next turn recommends (the paper's decision).
        threshold: From which probability on that alone decides for a recommendation.
        beside: Items that the sentence before named, where a message has several.
    """

    offered: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    asked: bool = False
    probability: float = 0.0
    threshold: float = 0.5
    beside: tuple[str, ...] = ()


def offered_items(named: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the items of the latest reply that named any.

    Args:
        named: Items of each of the recommender's turns, oldest first.
    """
    return tuple(next((items for items in reversed(named) if items), ()))


def together(moves: Sequence[Move]) -> list[Move]:
    """Return moves, those that tell plain facts of one item, or set the same items side by side, as one.

    Args:
        moves: What answers the sentences of a message, in order.
    """
    found: list[Move] = []
    for move in moves:
        before = found[-1] if found else None
        if before is not None and move.kind == before.kind == MoveKind.COMPARE and not before.after:
            if set(move.items) == set(before.items):
                found.pop()  # the next sentence asks more of the same items
        plain = before is not None and not any(each.values or each.after or each.beside for each in (move, before))
        if before is not None and plain and move.kind == before.kind == MoveKind.FACT and move.items == before.items:
            found[-1] = replace(before, facts=tuple(dict.fromkeys((*before.facts, *move.facts))))
        elif move != before:
            found.append(move)
    return found
