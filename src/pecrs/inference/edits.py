"""What a person changes of the state by hand: a part is taken out, or how well known items should be is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pecrs.inference.state import DialogueState

SETTINGS: Mapping[str, int] = MappingProxyType({"popularity=1": 1, "popularity=-1": -1})
"""From the key of an edit that sets :attr:`DialogueState.popularity` to the value; taking it out sets 0."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the state by hand.

    Attributes:
        turns: How many turns there were then; what is said later counts for more.
        key: A part to take out, as :meth:`DialogueState.without` names it, or one of :data:`SETTINGS`.
    """

    turns: int
    key: str

    def applied(self, state: DialogueState) -> DialogueState:
        """Return a state after the change; an unknown key changes nothing."""
        if self.key in SETTINGS:
            return replace(state, popularity=SETTINGS[self.key])
        return state.without(self.key)
