"""Recommenders made by hand for tests of simulations."""

from dataclasses import dataclass

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.evaluation.simulation.conversation import SystemReply


@dataclass
class Attentive:
    """Recommends the first item that has most of the values that the user said, and that was not named."""

    catalogue: Catalogue

    def reply(self, conversation):
        said = " ".join(turn.text.lower() for turn in conversation.turns if turn.speaker is Speaker.SEEKER)
        named = {item for turn in conversation.turns for item in turn.items}
        left = [item for item in self.catalogue if item.id not in named]
        return recommended(max(left, key=lambda item: sum(value in said for value in _values(item))))


@dataclass
class Deaf:
    """Recommends one item whatever is said."""

    catalogue: Catalogue

    def reply(self, conversation):
        return recommended(self.catalogue.items[0])


def recommended(item):
    text = f"Try {item.name}."
    return SystemReply(Turn(Speaker.RECOMMENDER, text, (Mention(4, 4 + len(item.name), item.id),)), (item.id,))


def _values(item):
    return [value.lower() for name in ("genres", "actors", "directors", "keywords") for value in item.values(name)]
