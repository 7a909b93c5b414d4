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
from pecrs.evaluation.baselines.language_models import LanguageModel, Prompt, without_thoughts
from pecrs.evaluation.baselines.simple import ConversationalRecommender, Popularity, first_then

TITLES = 20
"""Titles that a model is asked for."""

SHORTLIST = 20
"""Items that a model re-orders."""

Match = Callable[[str], str | None]
"""From a title, perhaps with a year in brackets, to the id of the item it names, or None."""

_CHARACTERS = 6000
_EXAMPLES = 3
_MARKED = re.compile(r"^\s*(?:[-*•]|\(?\d{1,3}[.):])\s+(.*)$")
_DATED = re.compile(r"^.*?\(\d{4}\)")
_COMMENT = re.compile(r"\s+[-–—]+\s+|:\s+|\s+\bby\b\s+|\s+\(")
_SPEAKERS = {Speaker.SEEKER: "Seeker", Speaker.RECOMMENDER: "Recommender"}


class WrittenTitles:
    """Ranks the titles that a model writes, in its order, before all others by popularity."""

    def __init__(self, model: LanguageModel, catalogue: Catalogue, popularity: Popularity, match: Match) -> None:
        """Keep what is needed.

        Args:
            model: Asked once an instance.
            catalogue: What to rank; a few of its titles tell the model what is talked about.
            popularity: The order of what the model does not name.
            match: Finds titles in the catalogue.
        """
        self._model, self._popularity, self._match = model, popularity.ranking, match
        items = catalogue.items
        places = [len(items) * (2 * n + 1) // (2 * _EXAMPLES) for n in range(_EXAMPLES)]
        self._examples = ", ".join(dict.fromkeys(items[place].name for place in places))
        self._named = self._found = 0

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`pecrs.evaluation.baselines.simple.ConversationalRecommender`."""
        for answer in self._model.answers([self._prompt(instance) for instance in instances]):
            titles = written_titles(answer)
            items = [item for title in titles if (item := self._item(title)) is not None]
            self._named, self._found = self._named + len(titles), self._found + len(items)
            yield first_then(list(dict.fromkeys(items)), self._popularity, depth)

    def remark(self) -> str:
        """Say how many of the titles so far are in the catalogue."""
        return f"{self._found:,} of the {self._named:,} titles that it wrote are in the catalogue"

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
            16 * TITLES,
        )


class Reordered:
    """Re-orders the top of another ranking as a model says; what it leaves out follows in its first order."""

    def __init__(self, model: LanguageModel, catalogue: Catalogue, retriever: ConversationalRecommender) -> None:
        """Keep what is needed.

        Args:
            model: Asked once an instance.
            catalogue: What to rank.
            retriever: Gives the shortlist, and the order of all that is not in it.
        """
        self._model, self._catalogue, self._retriever = model, catalogue, retriever
        self._asked = self._understood = 0

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`pecrs.evaluation.baselines.simple.ConversationalRecommender`."""
        rankings = list(self._retriever.rank(instances, max(depth, SHORTLIST)))
        prompts = [self._prompt(*pair) for pair in zip(instances, rankings, strict=True)]
        for ranking, answer in zip(rankings, self._model.answers(prompts), strict=True):
            order = written_order(answer, min(SHORTLIST, len(ranking.items)))
            self._asked, self._understood = self._asked + 1, self._understood + bool(order)
            yield first_then([ranking.items[place] for place in order], ranking, depth)

    def remark(self) -> str:
        """Say how many of the answers so far are an order."""
        return f"{self._understood:,} of its {self._asked:,} answers name candidates"

    def _prompt(self, instance: Instance, ranking: Ranking) -> Prompt:
        names = (self._catalogue[item].name for item in ranking.items[:SHORTLIST])
        listed = "\n".join(f"[{number}] {name}" for number, name in enumerate(names, start=1))
        return Prompt(
            f"This is a conversation between someone who seeks recommendations and a recommender.\n\n"
            f"{conversation_text(instance)}\n\nThese are candidates for what the recommender names next:\n{listed}\n\n"
            f"Order them by how well they suit, the best first. Answer with their numbers only, in the form "
            f"[2] > [1] > [3].",
            "[",
            8 * SHORTLIST,
        )


def conversation_text(instance: Instance) -> str:
    """Return the turns before an instance's own, one a line, each after its speaker; of a long dialogue the end."""
    turns = instance.dialogue.turns[: instance.turn]
    return "\n".join(f"{_SPEAKERS[turn.speaker]}: {' '.join(turn.text.split())}" for turn in turns)[-_CHARACTERS:]


def written_titles(answer: str) -> list[str]:
    r"""Return the titles of an answer, in order: the marked lines where there are any, else all lines.

    Text after a year in brackets, emphasis and quotation marks are taken off.

    >>> written_titles('Sure!\n1. **Alien** (1979) - a classic\n2) "Up"')
    ['Alien (1979)', 'Up']
    """
    lines = [line for line in without_thoughts(answer).splitlines() if line.strip()]
    marked = [match[1] for line in lines if (match := _MARKED.match(line))]
    titles = []
    for line in marked or lines:
        plain = re.sub(r"[*_`\"“”]", "", line).strip()
        dated = _DATED.match(plain)
        titles.append(dated[0] if dated else plain)
    return [title for title in titles if title]


def written_order(answer: str, count: int) -> list[int]:
    """Return the places, from 0, that an answer names by numbers from 1, each once; other numbers are passed over.

    >>> written_order("[3] > [1] > [3] > [40]", 20)
    [2, 0]
    """
    numbers = (int(number) - 1 for number in re.findall(r"(?<!\d)\d{1,4}(?!\d)", without_thoughts(answer)))
    return list(dict.fromkeys(place for place in numbers if 0 <= place < count))
