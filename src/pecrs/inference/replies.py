"""From linked requests to replies, several at a time: understand, decide, retrieve, re-rank, write.

Each step is taken for all requests together before the next one begins. One request is a batch of one: there is no
other path.

Source: PECRS §3.6; design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pecrs.data.collator import like_lengths
from pecrs.data.truecase import Truecaser
from pecrs.errors import DataError, PecrsError
from pecrs.inference.candidates import Candidates
from pecrs.inference.decoding import Draft, Writer
from pecrs.inference.policy import decide
from pecrs.inference.ranker import Ranker, known_turns
from pecrs.inference.types import MoveKind, Reply, Request, ScoredItem, Stopwatch, Understanding
from pecrs.inference.understanding import ConstraintReader
from pecrs.model.generator import ConversationCache

BATCH_POSITIONS = 4096
"""Padded positions of contexts and responses that are answered together; bounds memory, changes no reply."""


class ReplyPipeline:
    """Answers requests.

    What a message means enters by ``reader``, and what is done about it is said by
    :func:`pecrs.inference.policy.decide`, nowhere else.
    """

    def __init__(self, ranker: Ranker, reader: ConstraintReader, truecaser: Truecaser | None) -> None:
        """Put the steps together.

        Args:
            ranker: Model, catalogue and settings.
            reader: Says what the seeker's words mean.
            truecaser: How words and names are written, where the vocabulary has no capitals.
        """
        self.ranker, self.reader = ranker, reader
        self.candidates = Candidates(ranker.catalogue, ranker.model.device)
        self.writer = Writer(ranker, truecaser)

    def answer(
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
            raise DataError("one a request is expected, and none twice", field="caches")
        answers: dict[int, Reply | PecrsError] = {}
        drafts: dict[int, Draft] = {}
        for place, request in enumerate(requests):
            try:
                drafts[place] = self._draft(request, ConversationCache() if caches is None else caches[place])
            except PecrsError as error:
                answers[place] = error
        places, response = list(drafts), self.ranker.layout.config.max_response_tokens
        lengths = [len(draft.context) + response for draft in drafts.values()]
        for batch in like_lengths(lengths, BATCH_POSITIONS):
            some = [places[i] for i in batch]
            answers |= zip(some, self._replies([drafts.pop(place) for place in some]), strict=True)
        return [answers[place] for place in range(len(requests))]

    def recommend(self, request: Request, cache: ConversationCache) -> tuple[ScoredItem, ...]:
        """Return the best items after some turns, whatever the model would decide; none where nothing is left."""
        draft = self._draft(request, cache)
        allowed = self._allowed(draft)
        if allowed.any():
            self._recommend([(draft, allowed)], Stopwatch())
        return draft.ranked

    def _draft(self, request: Request, cache: ConversationCache) -> Draft:
        """Lay a request out, and read what it asks for."""
        if request.count < 1:
            raise DataError("at least 1 is expected", field="count")
        watch, seconds = Stopwatch(), dict[str, float]()
        follows = self.ranker.settings.follow_constraints
        understood = self.reader.read(request.turns) if follows else Understanding()
        known = tuple(known_turns(request.turns, self.ranker.catalogue))
        context = self.ranker.layout.context(known)
        watch.lap("understand", [seconds])
        return Draft(request, known, context, understood, cache, seconds)

    def _allowed(self, draft: Draft) -> Tensor:
        return self.candidates.allowed(draft.request.filters, draft.turns)

    @torch.inference_mode()
    def _replies(self, drafts: Sequence[Draft]) -> list[Reply]:
        watch = Stopwatch()
        contexts, caches = [draft.context for draft in drafts], [draft.cache for draft in drafts]
        going: list[tuple[Draft, Tensor]] = []
        for draft, chance in zip(drafts, self.ranker.probabilities(contexts, caches), strict=True):
            draft.probability, allowed = chance, self._allowed(draft)
            left = bool(allowed.any())
            draft.move = decide(draft.request, draft.understood, chance, self.ranker.settings, left=left)
            if draft.move.kind is MoveKind.RECOMMEND:
                going.append((draft, allowed))
        watch.lap("decide", [draft.seconds for draft in drafts])
        if going:
            self._recommend(going, watch)
        written = self.writer.write(drafts)
        watch.lap("generate", [draft.seconds for draft in written])
        return [draft.reply() for draft in drafts]

    def _recommend(self, going: Sequence[tuple[Draft, Tensor]], watch: Stopwatch) -> None:
        """Rank what is allowed for each draft, constraints first."""
        drafts = [draft for draft, _ in going]
        contexts, caches = [draft.context for draft in drafts], [draft.cache for draft in drafts]
        wanted = [self.candidates.narrowed(allowed, draft.understood.constraints) for draft, allowed in going]
        counts = [draft.request.count for draft in drafts]
        found = self.ranker.retrieve(contexts, caches, max(counts), torch.stack(wanted))
        watch.lap("retrieve", [draft.seconds for draft in drafts])
        for draft, ranked in zip(drafts, self.ranker.rerank(caches, found, counts), strict=True):
            draft.ranked = ranked
        watch.lap("rerank", [draft.seconds for draft in drafts])
