"""From moves to words: what the model writes, with titles put in, or what a move brings along.

Source: PECRS §3.4 and §3.6; design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.data.stream import TokenSequence
from pecrs.data.truecase import Truecaser
from pecrs.inference.language.lexicon import sells_kinds
from pecrs.inference.language.wording import Situation
from pecrs.inference.language.words import compose
from pecrs.inference.moves import Move, MoveKind
from pecrs.inference.ranker import Ranker
from pecrs.inference.reader import Understood
from pecrs.inference.selection import Selection
from pecrs.inference.types import SHOWN, Reply, Request, ScoredItem
from pecrs.inference.understanding.ungrasped import describes_item, ungrasped
from pecrs.inference.understanding.unlisted import mapped_words
from pecrs.model.generator import ConversationCache, Prompt, generate

NOTHING_LEFT = "I have nothing left to recommend: everything here has been named or ruled out."
"""Said where the dialogue has used the catalogue up."""

NOTHING_PASSES = "I have nothing left that passes these filters."
"""Said where filters are set."""

_REPAIR = "How about"
_SILENCE = "Tell me more."
_UNNAMED = "that one"


@dataclass(eq=False)
class Draft:
    """A reply in the making.

    Attributes:
        request: What it answers.
        turns: The request's turns, without items that the catalogue no longer has.
        context: The turns, laid out.
        understood: What the seeker's words mean; None where the model reads no messages.
        selection: What was given up to find items; None where none were looked for.
        cache: Keys and values that are kept of the conversation.
        seconds: By step so far.
        probability: The model's probability of recommending.
        move: What is done.
        ranked: The best items, where it recommends.
        written: Number of tokens that the model wrote.
        turn: What is said.
    """

    request: Request
    turns: tuple[Turn, ...]
    context: TokenSequence
    understood: Understood | None
    cache: ConversationCache
    selection: Selection | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    probability: float = 0.0
    move: Move = field(default_factory=lambda: Move(MoveKind.CHAT))
    ranked: tuple[ScoredItem, ...] = ()
    written: int = 0
    turn: Turn = field(default_factory=lambda: Turn(Speaker.RECOMMENDER, _SILENCE))

    def reply(self) -> Reply:
        """Return the finished reply."""
        shown = tuple(entry.item.id for entry in self.ranked[: max(SHOWN, self.move.count)])
        return Reply(
            self.turn.text,
            self.ranked,
            self.move.kind,
            self.probability,
            replace(self.turn, shown=shown),
            self.seconds,
            None if self.understood is None else self.understood.state,
            self.written,
        )


class Writer:
    """Gives drafts their words."""

    def __init__(self, ranker: Ranker, truecaser: Truecaser | None) -> None:
        """Keep the parts.

        Args:
            ranker: Its model writes.
            truecaser: How words and names are written, where the vocabulary has no capitals.
        """
        v = ranker.model.vocabulary
        self._ranker, self._truecaser = ranker, truecaser
        self._banned = frozenset({v.sep, v.rec, v.rec_end, *v.tokenizer.all_special_ids}) - {v.eos, v.item}

    def write(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Give all drafts their turns, and return those that the model wrote."""
        for draft in drafts:
            if draft.move.kind is MoveKind.NOTHING and not draft.move.after:
                draft.turn = Turn(Speaker.RECOMMENDER, NOTHING_PASSES if draft.request.filters.where else NOTHING_LEFT)
            elif draft.understood is not None:
                draft.turn = compose(draft.move, self._situation(draft))
        written = [draft for draft in drafts if self._is_written(draft)]
        for draft, tokens in zip(written, self._generated(written), strict=True):
            draft.written = min(len(tokens) + 1, self._ranker.layout.config.max_response_tokens)
            if draft.move.tentative and self._ranker.model.vocabulary.item not in tokens:
                draft.move, draft.ranked = Move(MoveKind.CHAT), ()
            if draft.move.kind is not MoveKind.NOTHING:
                draft.turn = self._finished(tokens, draft.ranked)
        return written

    @staticmethod
    def _is_written(draft: Draft) -> bool:
        return draft.understood is None and (draft.move.tentative or draft.move.kind is not MoveKind.NOTHING)

    def _situation(self, draft: Draft) -> Situation:
        assert draft.understood is not None
        chosen = tuple(entry.item for entry in draft.ranked[: draft.move.count])
        state, number = draft.understood.state, len(draft.turns) + (draft.request.seed or 0)
        told = state.wanted == draft.understood.before.wanted  # what cannot be checked was said before
        selection = replace(draft.selection, unknown=()) if told and draft.selection else draft.selection
        before = tuple(turn.text for turn in draft.turns if turn.speaker is Speaker.RECOMMENDER)
        reading = draft.understood.reading
        goods = sells_kinds(self._ranker.catalogue)
        mapped = mapped_words(reading) if goods else ()
        untold = () if goods else tuple(word for word in ungrasped(reading) if not any(word in said for said in before))
        return Situation(
            self._ranker.catalogue,
            state,
            chosen,
            selection,
            number,
            before,
            mapped,
            reading.missing,
            untold,
            describes_item(reading),
        )

    def _generated(self, drafts: Sequence[Draft]) -> list[list[int]]:
        if not drafts:
            return []
        ranker, prompts = self._ranker, []
        for draft in drafts:
            chosen = [ranker.catalogue.index(entry.item.id) for entry in draft.ranked[:1]]
            sequence = draft.context + ranker.layout.reply_prefix(chosen)
            names = draft.move.tentative or bool(chosen)
            banned = self._banned if names else self._banned | {ranker.model.vocabulary.item}
            prompts.append(Prompt(sequence, banned, draft.request.seed))
        caches = [draft.cache for draft in drafts]
        return generate(ranker.model, caches, prompts, ranker.index.vectors, ranker.settings)

    def _finished(self, tokens: Sequence[int], ranked: Sequence[ScoredItem]) -> Turn:
        """Fill titles in, best first, and build the canonical turn with every item that is shown."""
        names = [entry.item.name for entry in ranked] + [_UNNAMED] * len(tokens)
        text, spans = self._ranker.model.vocabulary.decode(tokens, names)
        if not spans and not any(map(str.isalnum, text)):
            text = ""
        if self._truecaser is not None:
            text, spans = self._truecaser.write(text, spans)
        mentions = [Mention(start, end, entry.item.id) for (start, end), entry in zip(spans, ranked, strict=False)]
        if ranked and not mentions:
            title = ranked[0].item.name
            stop = "." if text and text[-1] not in ".!?" else ""
            text = f"{text}{stop} {_REPAIR}".strip()
            mentions = [Mention(len(text) + 1, len(text) + 1 + len(title), ranked[0].item.id)]
            text = f"{text} {title}?"
        return Turn(Speaker.RECOMMENDER, text or _SILENCE, tuple(mentions))
