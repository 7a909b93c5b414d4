"""From moves to words: what the model writes, with titles put in, or what a move brings along.

Source: PECRS §3.4 and §3.6; design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.data.stream import TokenSequence
from pecrs.data.truecase import Truecaser
from pecrs.inference.ranker import Ranker
from pecrs.inference.types import Move, MoveKind, Reply, Request, ScoredItem, Understanding
from pecrs.model.generator import ConversationCache, Prompt, generate

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
        understood: What the seeker's words mean.
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
    understood: Understanding
    cache: ConversationCache
    seconds: dict[str, float] = field(default_factory=dict)
    probability: float = 0.0
    move: Move = field(default_factory=lambda: Move(MoveKind.CHAT))
    ranked: tuple[ScoredItem, ...] = ()
    written: int = 0
    turn: Turn = field(default_factory=lambda: Turn(Speaker.RECOMMENDER, _SILENCE))

    def reply(self) -> Reply:
        """Return the finished reply."""
        return Reply(
            self.turn.text,
            self.ranked,
            self.move.kind,
            self.probability,
            self.turn,
            self.seconds,
            self.understood.constraints,
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
        written = [draft for draft in drafts if draft.move.tentative or not draft.move.words]
        for draft, tokens in zip(written, self._generated(written), strict=True):
            draft.written = min(len(tokens) + 1, self._ranker.model.data.max_response_tokens)
            if draft.move.tentative and self._ranker.model.vocabulary.item not in tokens:
                draft.move, draft.ranked = Move(MoveKind.CHAT), ()
            draft.turn = self._finished(tokens, draft.ranked)
        for draft in drafts:
            if draft.move.words:
                draft.turn = _said(draft.move)
        return written

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


def _said(move: Move) -> Turn:
    if move.about is None:
        return Turn(Speaker.RECOMMENDER, move.words)
    mention = Mention(0, len(move.about.name), move.about.id)
    return Turn(Speaker.RECOMMENDER, f"{move.about.name} {move.words}", (mention,))
