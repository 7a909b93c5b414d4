"""From requests to replies, several at a time: link, decide, retrieve, re-rank, generate, finish.

Each step is taken for all requests together before the next one begins. One request is a batch of one: there is no
other path.

Source: PECRS §3.6; design section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import accumulate, islice

import torch
from torch import Tensor

from pecrs.data.catalogue import Item
from pecrs.data.collator import like_lengths
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.data.stream import NO_ITEM, TokenSequence
from pecrs.data.truecase import Truecaser
from pecrs.errors import DataError, PecrsError
from pecrs.index import TopK
from pecrs.inference.ranker import Ranker, rerank_shortlist
from pecrs.inference.types import Constraints, Filters, Reply, Request, ScoredItem, Stopwatch
from pecrs.inference.understanding import ConstraintReader
from pecrs.linking import Linker
from pecrs.model.generator import ConversationCache, Prompt, candidate_scores, generate, read
from pecrs.model.retriever import Mentions

BATCH_POSITIONS = 4096
"""Padded positions of contexts and responses that are answered together; bounds memory, changes no reply."""

RULES = 64
"""Filters and constraints whose items are remembered: from turn to turn of a dialogue they change little."""

LINKED = 4096
"""Texts whose titles are remembered: the earlier turns of a dialogue come again with every reply."""

_REPAIR = "How about"
_SILENCE = "Tell me more."
_UNNAMED = "that one"


@dataclass(frozen=True)
class Question:
    """A request as the model will read it.

    Attributes:
        request: What was asked for.
        turns: Its turns, titles linked, without items that the catalogue no longer has.
        context: The turns, laid out.
        constraints: What the seeker asks for in so many words.
        fact: An item and what the catalogue says about it, where that is the question.
        seconds: By step so far.
    """

    request: Request
    turns: tuple[Turn, ...]
    context: TokenSequence
    constraints: Constraints = field(default_factory=Constraints)
    fact: tuple[Item, str] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(eq=False)
class _Draft:
    question: Question
    cache: ConversationCache
    seconds: dict[str, float]
    probability: float = 0.0
    allowed: Tensor | None = None
    ranked: tuple[ScoredItem, ...] = ()
    tokens: list[int] = field(default_factory=list)
    error: PecrsError | None = None


class Responder:
    """Answers requests with one model and catalogue."""

    def __init__(self, ranker: Ranker) -> None:
        """Keep the parts.

        Args:
            ranker: Model, catalogue, index and layout.
        """
        self.ranker = ranker
        self.model, self.catalogue, self.index, self.layout = (
            ranker.model,
            ranker.catalogue,
            ranker.index,
            ranker.layout,
        )
        v = self.model.vocabulary
        self._passing = lru_cache(RULES)(self._which_pass)
        self._mentions = lru_cache(LINKED)(lambda text, named: self.linker.link(text, named))
        self._rec = TokenSequence((v.rec,), (NO_ITEM,))
        self._banned = frozenset({v.sep, v.rec, v.rec_end, *v.tokenizer.all_special_ids}) - {v.eos, v.item}

    @cached_property
    def linker(self) -> Linker:
        """Finds the catalogue's items in free text; ambiguous titles go by training labels."""
        counts = torch.expm1(self.model.retriever.log_popularity).round().long().tolist()
        return Linker(self.catalogue, {item.id: n for item, n in zip(self.model.catalogue, counts, strict=True)})

    @cached_property
    def constraint_reader(self) -> ConstraintReader:
        """Reads what the seeker asks for in so many words."""
        return ConstraintReader(self.catalogue)

    @cached_property
    def truecaser(self) -> Truecaser | None:
        """How words and names are written, where the vocabulary has no capitals."""
        return self.model.truecaser and self.model.truecaser.with_names(self.catalogue)

    def linked(self, turns: Sequence[Turn]) -> list[Turn]:
        """Return the turns with titles linked where the seeker's words name items and no item is given yet."""
        linked: list[Turn] = []
        for turn in turns:
            if turn.speaker is Speaker.SEEKER and not turn.items:
                mentioned = [item for earlier in linked for item in earlier.items]
                turn = self.link(turn.speaker, turn.text, mentioned, turn.messages)
            linked.append(turn)
        return linked

    def link(self, speaker: Speaker, text: str, named: Sequence[str], messages: tuple[int, ...] = ()) -> Turn:
        """Return a text as a turn with its titles linked; see :meth:`Linker.link_turn`."""
        return Turn(speaker, text, self._mentions(text, tuple(named)), messages=messages)

    def context(self, turns: Sequence[Turn]) -> TokenSequence:
        """Lay turns out; items that have left the catalogue since they were mentioned are but words."""
        return self.layout.context(self._known(turns))

    def respond(
        self, requests: Sequence[Request], caches: Sequence[ConversationCache] | None = None
    ) -> list[Reply | PecrsError]:
        """Answer requests, as many together as memory's bound allows; an error takes the place of a missing reply.

        Args:
            requests: Dialogues, each of its own.
            caches: Those of their conversations, all distinct; None starts afresh and keeps nothing.

        Raises:
            DataError: If there is not one cache a request.
        """
        if caches is not None and not len(set(caches)) == len(caches) == len(requests):
            raise DataError("one a request is expected, and no conversation twice", field="conversations")
        answers: dict[int, Reply | PecrsError] = {}
        questions: dict[int, Question] = {}
        for place, request in enumerate(requests):
            try:
                questions[place] = self._understand(request)
            except PecrsError as error:
                answers[place] = error
        open_places, response = list(questions), self.model.config.data.max_response_tokens
        lengths = [len(question.context) + response for question in questions.values()]
        for batch in like_lengths(lengths, BATCH_POSITIONS):
            places = [open_places[i] for i in batch]
            own = [ConversationCache(self.model) if caches is None else caches[place] for place in places]
            answers |= zip(places, self._answer([questions[place] for place in places], own), strict=True)
        return [answers[place] for place in range(len(requests))]

    def recommend(
        self, turns: Sequence[Turn], filters: Filters, count: int, cache: ConversationCache
    ) -> tuple[ScoredItem, ...]:
        """Return the best items after some turns, whatever the model would decide; constraints hold as in replies.

        Raises:
            DataError: If nothing passes the filters.
        """
        draft = _Draft(self._understand(Request(tuple(turns), filters, True, count)), cache, {})
        self._recommend([draft], Stopwatch())
        if draft.error is not None:
            raise draft.error
        return draft.ranked

    def _understand(self, request: Request) -> Question:
        """Link and lay out a request, and read what it asks for."""
        if request.count < 1:
            raise DataError("at least 1 is expected", field="count")
        watch = Stopwatch()
        seconds: dict[str, float] = {}
        turns = self.linked(request.turns)
        follow = self.model.config.generation.follow_constraints
        constraints = self.constraint_reader.constraints(turns) if follow else Constraints()
        fact = self.constraint_reader.fact(turns) if follow and request.recommend is None else None
        known = tuple(self._known(turns))
        context = self.layout.context(known)
        watch.lap("link", [seconds])
        return Question(request, known, context, constraints, fact, seconds)

    def _answer(self, questions: Sequence[Question], caches: Sequence[ConversationCache]) -> list[Reply | PecrsError]:
        watch = Stopwatch()
        chances = self.decide([question.context for question in questions], caches)
        drafts = [
            _Draft(question, cache, dict(question.seconds), chance)
            for question, cache, chance in zip(questions, caches, chances, strict=True)
        ]
        watch.lap("decide", [draft.seconds for draft in drafts])
        self._recommend([draft for draft in drafts if self._wants_items(draft)], watch)
        written = [draft for draft in drafts if draft.error is None and draft.question.fact is None]
        if written:
            self._write(written)
            watch.lap("generate", [draft.seconds for draft in written])
        return [self._reply(draft) if draft.error is None else draft.error for draft in drafts]

    @torch.inference_mode()
    def decide(self, contexts: Sequence[TokenSequence], caches: Sequence[ConversationCache]) -> list[float]:
        """Return the probability of ``[REC]`` against the recommender's prefix. Source: design section 4."""
        # A recommendation goes on from [REC], so the same pass reads it for all.
        states = read(caches, [context + self._rec for context in contexts], self.index.vectors)
        logits = self.model.decision_logits(torch.stack([some[-2] for some in states]))
        chances: list[float] = logits.softmax(-1)[:, 1].tolist()
        return chances

    @torch.inference_mode()
    def scores(self, contexts: Sequence[TokenSequence], caches: Sequence[ConversationCache]) -> Tensor:
        """Return the retrieval scores (n, N) of the whole catalogue after each context."""
        return self.index.scores(*self._queries(contexts, caches))

    @torch.inference_mode()
    def retrieve(
        self, contexts: Sequence[TokenSequence], caches: Sequence[ConversationCache], count: int, allowed: Tensor
    ) -> TopK:
        """Return the best items after each context.

        Args:
            contexts: Laid out turns.
            caches: Their keys and values.
            count: How many; see :meth:`pecrs.index.ItemIndex.search`.
            allowed: (n, N) what may be recommended.
        """
        return self.index.search(*self._queries(contexts, caches), count, allowed)

    def _queries(
        self, contexts: Sequence[TokenSequence], caches: Sequence[ConversationCache]
    ) -> tuple[Tensor, Mentions]:
        """Return the states (n, d) at ``[REC]`` after each context, and the items that stand before it."""
        states = read(caches, [context + self._rec for context in contexts], self.index.vectors)
        starts = list(accumulate(map(len, states), initial=0))
        slots = [
            (number, item, start + slot)
            for number, (context, start) in enumerate(zip(contexts, starts, strict=False))
            for item, slot in context.last_slots().items()
        ]
        named = torch.tensor(slots, dtype=torch.long, device=self.model.device).view(-1, 3)
        mentions = self.model.mentions(named, len(contexts), self.index.vectors, torch.cat(states))
        return torch.stack([some[-1] for some in states]), mentions

    def _wants_items(self, draft: _Draft) -> bool:
        settings, question = self.model.config.generation, draft.question
        if question.fact is not None:
            return False
        if question.request.recommend is not None:
            return question.request.recommend
        certain = draft.probability >= settings.decision_threshold and not question.constraints.done
        return question.constraints.now or certain or self._writes_first(question)

    def _writes_first(self, question: Question) -> bool:
        return self.model.config.generation.decision == "paper" and question.request.recommend is None

    @torch.inference_mode()
    def _recommend(self, drafts: Sequence[_Draft], watch: Stopwatch) -> None:
        for draft in drafts:
            draft.allowed = self._allowed(draft.question)
            if not draft.allowed.any():
                draft.error = DataError("no item passes the filters", field="filters")
        drafts = [draft for draft in drafts if draft.error is None]
        if not drafts:
            return
        deepest = max(draft.question.request.count for draft in drafts)
        enough = max(deepest, self.model.config.generation.shortlist)
        wished = torch.stack([self._wished(draft) for draft in drafts])
        contexts, caches = [draft.question.context for draft in drafts], [draft.cache for draft in drafts]
        found = self.retrieve(contexts, caches, enough, wished)
        watch.lap("retrieve", [draft.seconds for draft in drafts])
        # Rankings of one call are equally long: drafts go by how many items are left, where those are few.
        alike: dict[int, list[int]] = defaultdict(list)
        for row, left in enumerate(wished.sum(1).clamp_max(enough).tolist()):
            alike[left].append(row)
        for left, rows in alike.items():
            self._rerank([drafts[row] for row in rows], found.select(rows, left), deepest)
        watch.lap("rerank", [draft.seconds for draft in drafts])

    def _rerank(self, drafts: Sequence[_Draft], found: TopK, depth: int) -> None:
        caches = [draft.cache for draft in drafts]
        best = rerank_shortlist(
            self.model, found, lambda some: candidate_scores(caches, self.index.vectors[some]), depth
        )
        for row, draft in enumerate(drafts):
            retrieved = dict(zip(found.items[row].tolist(), found.scores[row].tolist(), strict=True))
            reranked: dict[int, float] = {}
            if best.rerank is not None:
                reranked = dict(zip(best.shortlist[row].tolist(), best.rerank[row].tolist(), strict=True))
            ranking = zip(best.ranking.items[row].tolist(), best.ranking.scores[row].tolist(), strict=True)
            draft.ranked = tuple(
                ScoredItem(self.catalogue.items[i], rank, score, retrieved[i], reranked.get(i))
                for rank, (i, score) in enumerate(islice(ranking, draft.question.request.count), start=1)
            )

    def _allowed(self, question: Question) -> Tensor:
        filters = question.request.filters
        allowed = torch.ones(len(self.catalogue), dtype=torch.bool, device=self.model.device)
        if filters.restrict:
            allowed = self._passing(filters).clone()
        if filters.exclude_mentioned:
            mentioned = {item for turn in question.turns for item in turn.items}
            allowed[[self.catalogue.index(item) for item in mentioned]] = False
        return allowed

    def _which_pass(self, rule: Filters | Constraints) -> Tensor:
        return torch.tensor([rule.allows(item) for item in self.catalogue], device=self.model.device)

    def _wished(self, draft: _Draft) -> Tensor:
        """Narrow what is allowed to what was asked for; a constraint that no item fulfils is given up step by step."""
        allowed, constraints = draft.allowed, draft.question.constraints
        assert allowed is not None
        either = replace(constraints, every=False)
        steps = (constraints, either, replace(either, years=None), Constraints(avoided=constraints.avoided))
        for constraint in steps if constraints.restrict else ():
            narrowed = allowed & self._passing(constraint)
            if narrowed.any():
                return narrowed
        return allowed

    def _write(self, drafts: Sequence[_Draft]) -> None:
        v = self.model.vocabulary
        prompts = []
        for draft in drafts:
            chosen = [self.catalogue.index(entry.item.id) for entry in draft.ranked[:1]]
            sequence = draft.question.context + self.layout.reply_prefix(chosen)
            banned = self._banned if chosen else self._banned | {v.item}
            prompts.append(Prompt(sequence, banned, draft.question.request.seed))
        caches = [draft.cache for draft in drafts]
        written = generate(caches, prompts, self.index.vectors, self.model.config.generation)
        for draft, draft.tokens in zip(drafts, written, strict=True):
            if self._writes_first(draft.question) and v.item not in draft.tokens:
                draft.ranked = ()

    def _reply(self, draft: _Draft) -> Reply:
        question, tokens = draft.question, 0
        if question.fact is not None:
            text, turn = _tell(*question.fact)
        else:
            text, turn = self._finish(draft.tokens, draft.ranked)
            tokens = min(len(draft.tokens) + 1, self.model.config.data.max_response_tokens)
        recommends = bool(draft.ranked)
        return Reply(
            text, draft.ranked, recommends, draft.probability, turn, draft.seconds, question.constraints, tokens
        )

    def _finish(self, tokens: Sequence[int], ranked: Sequence[ScoredItem]) -> tuple[str, Turn]:
        """Fill titles in, best first, and build the canonical turn with every item that is shown."""
        names = [entry.item.name for entry in ranked] + [_UNNAMED] * len(tokens)
        text, spans = self.model.vocabulary.decode(tokens, names)
        if not spans and not any(map(str.isalnum, text)):
            text = ""
        if self.truecaser is not None:
            text, spans = self.truecaser.write(text, spans)
        mentions = [Mention(start, end, entry.item.id) for (start, end), entry in zip(spans, ranked, strict=False)]
        if ranked and not mentions:
            title = ranked[0].item.name
            stop = "." if text and text[-1] not in ".!?" else ""
            text = f"{text}{stop} {_REPAIR}".strip()
            mentions = [Mention(len(text) + 1, len(text) + 1 + len(title), ranked[0].item.id)]
            text = f"{text} {title}?"
        return text or _SILENCE, Turn(Speaker.RECOMMENDER, text or _SILENCE, tuple(mentions))

    def _known(self, turns: Sequence[Turn]) -> list[Turn]:
        """Leave out items that have been removed from the catalogue since they were mentioned; the words stay."""
        catalogue = self.catalogue
        return [
            turn
            if all(item in catalogue for item in turn.items)
            else Turn(
                turn.speaker,
                turn.text,
                tuple(mention for mention in turn.mentions if mention.item in catalogue),
                tuple(item for item in turn.items if item in catalogue),
                turn.messages,
            )
            for turn in turns
        ]


def _tell(item: Item, answer: str) -> tuple[str, Turn]:
    text = f"{item.name} {answer}"
    return text, Turn(Speaker.RECOMMENDER, text, (Mention(0, len(item.name), item.id),))
