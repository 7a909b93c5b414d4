"""From linked requests to replies, several at a time: understand, decide, retrieve, re-rank, write.

Each step is taken for all requests together before the next one begins. One request is a batch of one: there is no
other path.

Source: PECRS §3.6; design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from pecrs.data.collator import like_lengths
from pecrs.data.dialogue import Speaker, Turn
from pecrs.data.truecase import Truecaser
from pecrs.errors import DataError, PecrsError
from pecrs.inference.candidates import Candidates
from pecrs.inference.decoding import Draft, Writer
from pecrs.inference.language.lexicon import sells_kinds
from pecrs.inference.moves import Move, MoveKind
from pecrs.inference.policy import asked_for, decide, decide_alone
from pecrs.inference.preferences import POOL, Preferences, by_key, numbered, varied
from pecrs.inference.ranker import Ranker, known_turns
from pecrs.inference.reader import Reader, asks_anew
from pecrs.inference.selection import Selection, order_by, select
from pecrs.inference.similarity import Similarity
from pecrs.inference.state import DialogueState
from pecrs.inference.types import Reply, Request, ScoredItem, Stopwatch
from pecrs.inference.understanding.pointing import wants_all
from pecrs.inference.understanding.refusals import affirmed
from pecrs.inference.understanding.ungrasped import telling_words
from pecrs.linking.spans import spans_of, without_spans
from pecrs.model.generator import ConversationCache

BATCH_POSITIONS = 4096
"""Padded positions of contexts and responses that are answered together; bounds memory, changes no reply."""


class ReplyPipeline:
    """Answers requests.

    What a message means enters by ``reader``, and what is done about it is said by
    :func:`pecrs.inference.policy.decide`, nowhere else.
    """

    def __init__(self, ranker: Ranker, reader: Reader | None, truecaser: Truecaser | None, fame: Tensor) -> None:
        """Put the steps together.

        Args:
            ranker: Model, catalogue and settings.
            reader: Says what the seeker's words mean; without one the model decides and writes alone.
            truecaser: How words and names are written, where the vocabulary has no capitals.
            fame: (N,) logarithm of how often training named each item, plus one.
        """
        self.ranker, self.reader = ranker, reader
        self.candidates = Candidates(ranker.catalogue, ranker.model.device)
        self.writer = Writer(ranker, truecaser)
        self.preferences = Preferences(Similarity(ranker.catalogue, ranker.index.vectors, fame))

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
        self._going([draft], Stopwatch())
        return draft.ranked

    def _draft(self, request: Request, cache: ConversationCache) -> Draft:
        """Lay a request out, and read what it asks for."""
        if request.count < 1:
            raise DataError("at least 1 is expected", field="count")
        watch, seconds = Stopwatch(), dict[str, float]()
        known = tuple(known_turns(request.turns, self.ranker.catalogue))
        understood = None if self.reader is None else self.reader.understand(known, request.edits)
        disliked = () if understood is None else understood.state.disliked
        context = self.ranker.layout.context([_unnamed(turn, disliked) for turn in known])
        watch.lap("understand", [seconds])
        return Draft(request, known, context, understood, cache, seconds=seconds)

    @torch.inference_mode()
    def _replies(self, drafts: Sequence[Draft]) -> list[Reply]:
        watch = Stopwatch()
        contexts, caches = [draft.context for draft in drafts], [draft.cache for draft in drafts]
        for draft, chance in zip(drafts, self.ranker.probabilities(contexts, caches), strict=True):
            draft.probability = chance
            draft.move = asked_for(self._move(draft), draft.request.recommend)
        watch.lap("decide", [draft.seconds for draft in drafts])
        self._going([draft for draft in drafts if draft.move.kind in (MoveKind.RECOMMEND, MoveKind.LIST)], watch)
        written = self.writer.write(drafts)
        watch.lap("generate", [draft.seconds for draft in written])
        return [draft.reply() for draft in drafts]

    def _move(self, draft: Draft) -> Move:
        settings = self.ranker.settings
        if draft.understood is None:
            return decide_alone(draft.probability, settings.decision_threshold, paper=settings.decision == "paper")
        understood = draft.understood
        situation = replace(understood.situation, probability=draft.probability, threshold=settings.decision_threshold)
        return decide(understood.reading, understood.state, situation)

    def _going(self, drafts: Sequence[Draft], watch: Stopwatch) -> None:
        """Rank items for drafts that recommend; where none may be, the move is to say so."""
        going: list[tuple[Draft, Tensor]] = []
        for draft in drafts:
            allowed = self._allowed(draft)
            if allowed.any():
                going.append((draft, allowed))
            else:
                draft.move = replace(draft.move, kind=MoveKind.NOTHING)
        if going:
            self._recommend(going, watch)

    def _allowed(self, draft: Draft) -> Tensor:
        """Return (N,) what may be recommended: what passes the filters and fits what is wanted."""
        filters = draft.request.filters
        allowed = self.candidates.allowed(filters, draft.turns)
        if draft.understood is None:
            return self._sorted(draft, allowed) if filters.sort else allowed
        facets, said = self.candidates.facets, draft.understood.state
        if filters.exclude_mentioned:  # what was pointed at without its name is known as well
            allowed &= ~self.candidates.entries((*said.seen, *said.liked))
        state = said if said.order is not None else replace(said, order=order_by(facets, filters.sort))
        selection = select(facets, state, allowed.cpu().numpy())
        listed = draft.move.kind is MoveKind.LIST and wants_all(draft.understood.reading.text)
        # of works, what was named stays out, unless all are asked for
        again = listed or said.order is not None or sells_kinds(self.ranker.catalogue)
        if again and (listed or asks_anew(draft.understood)) and filters.exclude_mentioned:
            filters = replace(filters, exclude_mentioned=False)
            everything = select(facets, state, self.candidates.allowed(filters, draft.turns).cpu().numpy())
            left_out = bool(selection.given_up) or not selection.allowed.any()
            if listed or said.order is not None or (left_out and not everything.given_up):
                selection = everything
        elif selection.exhausted and asks_anew(draft.understood) and filters.exclude_mentioned:
            selection = self._named_before(draft, state) or selection
        draft.selection = selection
        first = selection.first(max(draft.request.count, draft.move.count))
        fitting = torch.from_numpy(first).to(allowed.device)
        own = self._with_theme(draft, fitting) if draft.move.kind is MoveKind.LIST else None
        if own is not None:
            return own  # a list is of what was asked for, however short
        near = self.preferences.near(said, fitting)
        # what has the theme that is asked for now may come, however unlike the examples that were named before
        return (
            near if selection.themed is None else near | (fitting & torch.from_numpy(selection.themed).to(near.device))
        )

    def _named_before(self, draft: Draft, state: DialogueState) -> Selection | None:
        """Return what was named before and is all that is asked for only now; None where nothing is."""
        filters = replace(draft.request.filters, exclude_mentioned=False)
        known = self.candidates.entries((*state.seen, *state.liked, *state.disliked, *state.rejected))
        allowed = self.candidates.allowed(filters, draft.turns) & ~known
        found = select(self.candidates.facets, state, allowed.cpu().numpy())
        return replace(found, again=True) if found.allowed.any() and not found.given_up else None

    def _sorted(self, draft: Draft, allowed: Tensor) -> Tensor:
        """Return (N,) what comes first of what is allowed, in the order that the filters ask for."""
        facets = self.candidates.facets
        state = DialogueState(order=order_by(facets, draft.request.filters.sort))
        draft.selection = select(facets, state, allowed.cpu().numpy())
        first = draft.selection.first(max(draft.request.count, draft.move.count))
        return torch.from_numpy(first).to(allowed.device)

    def _recommend(self, going: Sequence[tuple[Draft, Tensor]], watch: Stopwatch) -> None:
        """Rank what is allowed for each draft."""
        drafts = [draft for draft, _ in going]
        contexts, caches = [draft.context for draft in drafts], [draft.cache for draft in drafts]
        counts = [self._depth(draft) for draft in drafts]
        allowed = torch.stack([own for _, own in going])
        tastes = [_taste(draft) for draft in drafts]
        found = self.ranker.retrieve(tastes, contexts, caches, max(counts), allowed)
        for number, draft in enumerate(drafts):
            own = self._with_theme(draft, allowed[number])
            if own is not None:  # what has a theme that is asked for comes first, however well it ranks
                one = self.ranker.retrieve([tastes[number]], [draft.context], [draft.cache], counts[number], own[None])
                kept = torch.isfinite(one.scores[0])
                found = found.with_row(number, found.put_first(number, one.items[0][kept], one.scores[0][kept]))
        watch.lap("retrieve", [draft.seconds for draft in drafts])
        for draft, ranked in zip(drafts, self.ranker.rerank(caches, found, counts), strict=True):
            draft.ranked = self._arranged(draft, ranked)
        watch.lap("rerank", [draft.seconds for draft in drafts])

    @staticmethod
    def _with_theme(draft: Draft, allowed: Tensor) -> Tensor | None:
        """Return (N,) what has a theme that is asked for; None where that is nothing, or all that is allowed."""
        if draft.selection is None or draft.selection.themed is None:
            return None
        has = allowed & torch.from_numpy(draft.selection.themed).to(allowed.device)
        return has if bool(has.any()) and not bool(has.equal(allowed)) else None

    def _depth(self, draft: Draft) -> int:
        """Return how many items are ranked: more than are shown where their order may change."""
        understood, count = draft.understood, max(draft.request.count, draft.move.count)
        keyed = draft.selection is not None and draft.selection.key is not None
        leans = draft.selection is not None and draft.selection.leaning is not None
        moved = understood is not None and (self.preferences.reorder(understood.state) or draft.move.count > 1 or leans)
        return max(count, POOL) if keyed or moved else count

    def _arranged(self, draft: Draft, ranked: Sequence[ScoredItem]) -> tuple[ScoredItem, ...]:
        count = max(draft.request.count, draft.move.count)
        ordered = list(ranked)
        if draft.understood is not None:
            leaning = None if draft.selection is None else draft.selection.leaning
            ordered = self.candidates.once(self.preferences.ordered(ranked, draft.understood.state, leaning))
        key = None if draft.selection is None else draft.selection.key
        if key is not None:
            return numbered(by_key(ordered, key, self.ranker.catalogue), count)
        if draft.understood is None:
            return numbered(ordered, count)
        return numbered(varied(ordered, draft.move.count) if draft.move.count > 1 else ordered, count)


def _unnamed(turn: Turn, items: Collection[str]) -> Turn:
    """Return a turn whose text no longer counts as naming some items: what is disliked is no example to follow."""
    if not items or turn.speaker is not Speaker.SEEKER:
        return turn
    kept = tuple(mention for mention in turn.mentions if mention.item not in items)
    return replace(turn, mentions=kept, items=tuple(item for item in turn.items if item not in items))


_TIMES = re.compile(
    r"\b(?:(?:on|for|this|next|by|every)\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:\s+(?:night|evening|"
    r"afternoon|morning))?|tonight|tonite|tomorrow|today|weekend|hours?|hrs?|"
    r"minutes?|mins?|(?:this|the) (?:evening|afternoon|morning))\b",
    re.IGNORECASE,
)
"""When and for how long something is to be watched or read, which are no words to look for."""

_WITH_WHOM = re.compile(
    r"\b(?:(?:with|for|and|by)\s+)?(?:my|our)\s+(?:[\w-]+\s+){0,3}?(?:wife|husband|girlfriend|boyfriend|partner|"
    r"fianc[eé]e?|roommate|flatmate|colleague|boss|friend)s?\b(?:['’]s\b)?",
    re.IGNORECASE,
)
"""With whom: "my wife and I want to watch something" looks for no film about a wife."""


def _unnamed_in_words(turn: Turn, against: Collection[str]) -> Turn:
    """Return a turn whose text lacks the titles of some items: words of "La La Land" lead to no "La Bamba"."""
    spans = spans_of(mention for mention in turn.mentions if mention.item in against)
    return replace(turn, text=without_spans(turn.text, spans), mentions=()) if spans else turn


def _looked_for(text: str) -> str:
    """Return the words of a message that items may be looked for by; none where all of them only ask or refuse."""
    left = _TIMES.sub("", affirmed(text))
    return left if telling_words(_WITH_WHOM.sub("", left)) else ""


def _taste(draft: Draft) -> Sequence[Turn]:
    """Return the turns without items that were disliked or turned down, and without words of refusals."""
    if draft.understood is None:
        return draft.turns
    state = draft.understood.state
    against = {*state.disliked, *state.rejected}
    turns = [
        _unnamed_in_words(turn, against) if turn.mentions else replace(turn, text=_looked_for(turn.text))
        for turn in draft.turns
    ]
    return known_turns(turns, {item for turn in draft.turns for item in turn.items} - against)
