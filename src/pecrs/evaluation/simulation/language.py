"""Users whose words a language model writes; what they want, accept and put up with is checked as for all others.

Source: Wang et al., "Rethinking the Evaluation for Conversational Recommendation in the Era of Large Language Models",
EMNLP 2023 (iEvaLM); the title is never given to the model, and what it says of it all the same is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecrs.data.catalogue import Catalogue
from pecrs.errors import DataError
from pecrs.evaluation.baselines.language_models import LanguageModel, Prompt
from pecrs.evaluation.baselines.written import without_thoughts
from pecrs.evaluation.simulation.conversation import Exchange, Message, Verdict
from pecrs.evaluation.simulation.facets import DECADE, Facet, title_said
from pecrs.evaluation.simulation.users import Profile

_TOKENS = 400
_LONGEST = 400
_TASK = """You play a person who talks to a recommender. You are not the recommender.
You look for one thing with these features: {wants}.
{liked}You do not know any title that would suit. Never name one and never guess one; tell what you want step by step,
one or two features at a time, as people do when they chat. Write only your next message, one or two short sentences.

The conversation so far:
{said}
{thought}
Your next message:"""
_THOUGHTS = {
    Verdict.FITS: "You do not want what was just recommended, though it fits what you said.",
    Verdict.MISFIT: "What was just recommended is not: {facet}. Say so.",
    Verdict.VIOLATES: "What was just recommended is not what you said: {facet}. Say so.",
    Verdict.SEEN: "You know already what was just recommended. Say so.",
    Verdict.REPEAT: "What was just recommended was named before. Say so.",
}


@dataclass
class LanguageUsers:
    """Speaks for users through a language model.

    Attributes:
        catalogue: The items.
        model: Writes the messages.
        at_once: How many conversations go on together.
    """

    catalogue: Catalogue
    model: LanguageModel
    at_once: int = 8

    def speak(self, dialogues: Sequence[tuple[Profile, Sequence[Exchange]]]) -> list[Message]:
        """Return each user's next message; see :meth:`AgendaUsers.speak`.

        Raises:
            DataError: If the model says nothing.
        """
        prompts = [Prompt(self._question(*dialogue), "", _TOKENS) for dialogue in dialogues]
        return [
            self._message(profile, before, answer)
            for (profile, before), answer in zip(dialogues, self.model.answers(prompts), strict=True)
        ]

    def end(self, profile: Profile, accepted: bool) -> str:
        """Return no last words: nobody would answer them."""
        return ""

    def _question(self, profile: Profile, before: Sequence[Exchange]) -> str:
        lines = [
            line
            for exchange in before
            for line in (f"You: {exchange.message.text}", f"Recommender: {exchange.reply.turn.text}")
        ]
        names = ", ".join(self.catalogue[item].title for item in profile.liked)
        last = before[-1].judgement if before else None
        thought = "" if last is None else _THOUGHTS.get(last.verdict, "").format(facet=last.facet)
        return _TASK.format(
            wants="; ".join(f"{facet.slot}: {facet}" for facet in profile.wants),
            liked=f"You have liked {names}.\n" if names else "",
            said="\n".join(lines) or "(you begin)",
            thought=f"\n{thought}\n" if thought else "",
        )

    def _message(self, profile: Profile, before: Sequence[Exchange], answer: str) -> Message:
        text = " ".join(without_thoughts(answer).split()).removeprefix("You:").strip().strip('"')[:_LONGEST]
        if not text:
            raise DataError("the language model writes no message for its user", field="user")
        known = {facet for exchange in before for facet in exchange.message.disclosed}
        told = tuple(facet for facet in profile.wants if facet not in known and _told(facet, text))
        return Message(text, told, tuple(i for i in profile.liked if title_said(self.catalogue[i].title, [text])))


def _told(facet: Facet, text: str) -> bool:
    """Tell whether a message says a facet, in the catalogue's words or, of a decade, in its usual forms."""
    if facet.slot != DECADE:
        return title_said(facet.value, [text])
    return any(form in text.lower() for form in (f"{facet.value}s", f"{facet.value}'s", f"{facet.value[2:]}s"))
