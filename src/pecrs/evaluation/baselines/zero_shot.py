"""Large language models as recommenders without any training: by writing titles, or by re-ordering a shortlist.

What a model says is matched to the catalogue; behind that follows the ranking of a plain baseline, so that both rank
the whole catalogue and stand in the same table as everything else.

Source: PECRS §4.4 and table 7 (titles); Sun et al., "Is ChatGPT Good at Search?", EMNLP 2023 (lists).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Speaker
from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import DataError
from pecrs.evaluation.baselines.language_models import Answer, LanguageModel, Prompt
from pecrs.evaluation.baselines.simple import ConversationalRecommender, Popularity, first_then
from pecrs.evaluation.baselines.written import without_thoughts, written_order, written_titles

TITLES = 20
"""Titles that a model is asked for."""

SHORTLIST = 20
"""Items that a model re-orders."""

Match = Callable[[str], str | None]
"""From a title, perhaps with a year in brackets, to the id of the item it names, or None."""

_CHARACTERS = 6000
_EXAMPLES = 3
_TITLE_TOKENS = 16
_NUMBER_TOKENS = 8
_COMMENT = re.compile(r"\s+[-–—]+\s+|:\s+|\s+\bby\b\s+|\s+\(")
_SPEAKERS = {Speaker.SEEKER: "Seeker", Speaker.RECOMMENDER: "Recommender"}


class Tally:
    """How the answers of a model came about, for what is said beside its figures."""

    def __init__(self, name: str, tokens: int) -> None:
        """Begin.

        Args:
            name: What the model is called.
            tokens: Longest answer.
        """
        self.name, self.tokens = name, tokens
        self.asked = self.empty = self.cut = 0
        self.refused: dict[str, None] = {}

    def count(self, answer: str) -> None:
        """Count one answer; of plain text nothing is known but its words."""
        self.asked += 1
        self.empty += not without_thoughts(answer).strip()
        if isinstance(answer, Answer):
            self.cut += answer.cut
            self.refused |= dict.fromkeys(answer.refused)

    def notes(self) -> list[str]:
        """Return what is to be said of the answers, if anything."""
        empty = [f"{self.empty:,} of its {self.asked:,} answers are empty"] if self.empty else []
        cut = [f"{self.cut:,} answers end at the limit of {self.tokens:,} tokens"] if self.cut else []
        refused = [f"the service refuses {', '.join(self.refused)}"] if self.refused else []
        return [*empty, *cut, *refused]

    def require_words(self) -> None:
        """Refuse a model that said nothing at all: its row would be that of the baseline behind it.

        Raises:
            DataError: If all answers are empty.
        """
        if self.asked and self.asked == self.empty:
            raise DataError(f"baseline {self.name}: {'; '.join(self.notes())}")


class WrittenTitles:
    """Ranks the titles that a model writes, in its order, before all others by popularity."""

    def __init__(
        self,
        model: LanguageModel,
        catalogue: Catalogue,
        popularity: Popularity,
        match: Match,
        *,
        name: str = "language model",
        tokens: int | None = None,
    ) -> None:
        """Keep what is needed.

        Args:
            model: Asked once an instance.
            catalogue: What to rank; a few of its titles tell the model what is talked about.
            popularity: The order of what the model does not name.
            match: Finds titles in the catalogue.
            name: What the model is called.
            tokens: Longest answer; 320 if left out.
        """
        self._tally = Tally(name, tokens or _TITLE_TOKENS * TITLES)
        self._model, self._popularity, self._match = model, popularity.ranking, match
        items = catalogue.items
        places = [len(items) * (2 * n + 1) // (2 * _EXAMPLES) for n in range(_EXAMPLES)]
        self._examples = ", ".join(dict.fromkeys(items[place].name for place in places))
        self._named = self._found = 0

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`pecrs.evaluation.baselines.simple.ConversationalRecommender`.

        Raises:
            DataError: At the end, if all answers are empty.
        """
        for answer in self._model.answers([self._prompt(instance) for instance in instances]):
            self._tally.count(answer)
            titles = written_titles(answer)
            items = [item for title in titles if (item := self._item(title)) is not None]
            self._named, self._found = self._named + len(titles), self._found + len(items)
            yield first_then(list(dict.fromkeys(items)), self._popularity, depth)
        self._tally.require_words()

    def remark(self) -> str:
        """Say how many of the titles so far are in the catalogue, and what else is to be said of the answers."""
        found = f"{self._found:,} of the {self._named:,} titles that it wrote are in the catalogue"
        return "; ".join([found, *self._tally.notes()])

    def _item(self, title: str) -> str | None:
        shorter = (title[: match.start()] for match in _COMMENT.finditer(title))
        return next((item for name in (title, *shorter) if (item := self._match(name)) is not None), None)

    def _prompt(self, instance: Instance) -> Prompt:
        return Prompt(
            f"This is a conversation between someone who seeks recommendations and a recommender. The recommender's "
            f"catalogue holds titles such as {self._examples}.\n\n{conversation_text(instance)}\n\nWhich titles should "
            f"the recommender name next? Write {TITLES} titles, the best first, each with its year in brackets where "
            f"it has one, as a numbered list with one title a line and no other text.",
            "1.",
            self._tally.tokens,
        )


class Reordered:
    """Re-orders the top of another ranking as a model says; what it leaves out follows in its first order."""

    def __init__(
        self,
        model: LanguageModel,
        catalogue: Catalogue,
        retriever: ConversationalRecommender,
        *,
        name: str = "language model",
        tokens: int | None = None,
    ) -> None:
        """Keep what is needed.

        Args:
            model: Asked once an instance.
            catalogue: What to rank.
            retriever: Gives the shortlist, and the order of all that is not in it.
            name: What the model is called.
            tokens: Longest answer; 160 if left out.
        """
        self._model, self._catalogue, self._retriever = model, catalogue, retriever
        self._tally = Tally(name, tokens or _NUMBER_TOKENS * SHORTLIST)
        self._understood = 0

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`pecrs.evaluation.baselines.simple.ConversationalRecommender`.

        Raises:
            DataError: At the end, if all answers are empty.
        """
        rankings = list(self._retriever.rank(instances, max(depth, SHORTLIST)))
        prompts = [self._prompt(*pair) for pair in zip(instances, rankings, strict=True)]
        for ranking, answer in zip(rankings, self._model.answers(prompts), strict=True):
            self._tally.count(answer)
            order = written_order(answer, min(SHORTLIST, len(ranking.items)))
            self._understood += bool(order)
            yield first_then([ranking.items[place] for place in order], ranking, depth)
        self._tally.require_words()

    def remark(self) -> str:
        """Say how many of the answers so far are an order, and what else is to be said of them."""
        understood = f"{self._understood:,} of its {self._tally.asked:,} answers name candidates"
        return "; ".join([understood, *self._tally.notes()])

    def _prompt(self, instance: Instance, ranking: Ranking) -> Prompt:
        names = (self._catalogue[item].name for item in ranking.items[:SHORTLIST])
        listed = "\n".join(f"[{number}] {name}" for number, name in enumerate(names, start=1))
        return Prompt(
            f"This is a conversation between someone who seeks recommendations and a recommender.\n\n"
            f"{conversation_text(instance)}\n\nThese are candidates for what the recommender names next:\n{listed}\n\n"
            f"Order them by how well they suit, the best first. Answer with their numbers only, in the form "
            f"[2] > [1] > [3].",
            "[",
            self._tally.tokens,
        )


def conversation_text(instance: Instance) -> str:
    """Return the turns before an instance's own, one a line, each after its speaker; of a long dialogue the end."""
    turns = instance.dialogue.turns[: instance.turn]
    return "\n".join(f"{_SPEAKERS[turn.speaker]}: {' '.join(turn.text.split())}" for turn in turns)[-_CHARACTERS:]
