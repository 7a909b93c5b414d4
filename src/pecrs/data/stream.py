"""One dialogue, one stream: a dialogue is laid out once, and every recommender turn is a prefix of it.

    EOS  Seeker: text EOS  [REC] v [REC_END] Recommender: text EOS  [SEP] v [SEP] Seeker: text EOS  ...
                       ^     ^ query d_t                 ^^^^^^^^ response
                       decision: [REC] against the recommender's prefix

A turn with items carries its wrapper, ``[SEP] v.. [SEP]`` (seeker) or ``[REC] v.. [REC_END]`` (recommender); in its
text each mention reads ``[ITEM]``. The context of a turn is the longest run of whole turns before it that fits
``max_context_tokens`` with the opening EOS and the query's ``[REC]``; a single overlong turn loses text from its left,
never its wrapper. Turns whose whole past fits share one stream; each later one has a window of its own.

Source: PECRS §3.2, eq. 2 and eq. 6; design section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecrs.config import DataConfig
from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ContextTooLongError

NO_ITEM = -1
"""Stands in ``Sequence.items`` where a position holds a token."""


@dataclass(frozen=True, slots=True)
class TokenSequence:
    """Positions that hold either a token or an item vector.

    Attributes:
        tokens: Token ids; an item's slot holds the id of ``[ITEM]``, which is not embedded.
        items: Catalogue indices of the item slots, ``NO_ITEM`` elsewhere.
    """

    tokens: tuple[int, ...]
    items: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of positions."""
        return len(self.tokens)

    def __add__(self, other: TokenSequence) -> TokenSequence:
        """Return the concatenation."""
        return TokenSequence(self.tokens + other.tokens, self.items + other.items)

    def last_slots(self, end: int | None = None) -> dict[int, int]:
        """Return the position of the last slot before ``end`` (the sequence's end) of each item, in order of the first.

        >>> TokenSequence((7, 7, 3, 7), (5, 2, NO_ITEM, 5)).last_slots()
        {5: 3, 2: 1}
        """
        return {item: place for place, item in enumerate(self.items[:end]) if item != NO_ITEM}


@dataclass(frozen=True, slots=True)
class Point:
    """A recommender turn inside a stream. Positions count from the stream's start.

    Attributes:
        turn: Index of the turn in the dialogue.
        decision: Position of the EOS before the turn, whose state decides between ``[REC]`` and the prefix.
        query: Position of the turn's ``[REC]``, or None for a turn without items.
        items: Catalogue indices of the turn's items, distinct, in text order.
        response: First position of the response and one past its last: text and EOS, cut to the response limit.
        has_context: False for a turn that opens its dialogue; it carries no retrieval and no re-ranking.
    """

    turn: int
    decision: int
    query: int | None
    items: tuple[int, ...]
    response: tuple[int, int]
    has_context: bool

    @property
    def ranked_at(self) -> int | None:
        """Position of the ``[REC]`` that carries retrieval and re-ranking; None without items or without a context."""
        return self.query if self.has_context else None

    @property
    def weight(self) -> int:
        """Number of the paper's data points in this turn: one per item, at least one."""
        return max(1, len(self.items))


@dataclass(frozen=True, slots=True)
class ResponseBranch:
    """The response of one of several items of a turn, hanging off the stream before the turn's ``[REC]``.

    Attributes:
        context: Number of leading stream positions that it sees.
        sequence: ``[REC] v [REC_END] prefix text EOS``.
        response: First position of the response in ``sequence`` and one past its last.

    Source: PECRS eq. 6, one data point per item (``data.generation: per_item``).
    """

    context: int
    sequence: TokenSequence
    response: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stream:
    """A laid-out dialogue, or a window of one.

    Attributes:
        dialogue: Identifier of the dialogue.
        sequence: All positions.
        points: The recommender turns that carry losses and queries here; each turn of a dialogue stands in one stream.
        branches: Response branches; empty with ``data.generation: joint``.
    """

    dialogue: str
    sequence: TokenSequence
    points: tuple[Point, ...]
    branches: tuple[ResponseBranch, ...] = ()

    @property
    def weight(self) -> int:
        """Number of the paper's data points in the stream."""
        return sum(point.weight for point in self.points)


@dataclass(frozen=True, slots=True)
class _LaidTurn:
    wrapper: TokenSequence
    prefix: TokenSequence
    text: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.wrapper) + len(self.prefix) + len(self.text) + 1


class StreamLayout:
    """Lays dialogues out as streams for one vocabulary, catalogue and configuration."""

    def __init__(self, vocabulary: Vocabulary, catalogue: Catalogue, config: DataConfig) -> None:
        """Keep what every layout needs.

        Args:
            vocabulary: Token ids.
            catalogue: Turns item ids into indices.
            config: Limits and the treatment of turns with several items.
        """
        self.vocabulary = vocabulary
        self.catalogue = catalogue
        self.config = config

    def streams(self, dialogue: Dialogue, *, windows: bool = False) -> list[Stream]:
        """Lay out a dialogue; every recommender turn is a point of exactly one of the streams.

        Args:
            dialogue: Per-message or merged turns; not changed here.
            windows: Give each recommender turn a stream of its own, as the paper encodes them.

        Raises:
            DataError: If an item is not in the catalogue.
            ContextTooLongError: If the items of one turn alone exceed the context.
        """
        turns = [self._lay_turn(turn) for turn in dialogue.turns]
        points = [i for i, turn in enumerate(dialogue.turns) if turn.speaker is Speaker.RECOMMENDER]
        room = self.config.max_context_tokens - 2
        sizes = [sum(turn.size for turn in turns[:i]) for i in points]
        shared = [] if windows else [i for i, size in zip(points, sizes, strict=True) if size <= room]
        streams = [self._stream(dialogue, turns, 0, shared)] if shared else []
        for i in points[len(shared) :]:
            start, context = self._window(turns[:i])
            streams.append(self._stream(dialogue, [*context, *turns[i:]], start, [i]))
        return streams

    def context(self, turns: Sequence[Turn]) -> TokenSequence:
        """Lay out the context of the turn that follows ``turns``, from the opening EOS to the last EOS.

        Equal to the positions before the turn's wrapper in :meth:`streams`.

        Args:
            turns: All turns so far; may be empty.
        """
        _, kept = self._window([self._lay_turn(turn) for turn in turns])
        return self._join(kept)

    def reply_prefix(self, items: Sequence[int]) -> TokenSequence:
        """Return what a response follows: ``[REC] v.. [REC_END]`` where there are items, and the role prefix.

        Args:
            items: Catalogue indices of the items to recommend, best first; may be empty.
        """
        return self._wrapper(Speaker.RECOMMENDER, items) + self._prefix(Speaker.RECOMMENDER)

    def _lay_turn(self, turn: Turn) -> _LaidTurn:
        items = [self.catalogue.index(item) for item in turn.items]
        text = self.vocabulary.encode_turn(turn)
        return _LaidTurn(self._wrapper(turn.speaker, items), self._prefix(turn.speaker), text)

    def _wrapper(self, speaker: Speaker, items: Sequence[int]) -> TokenSequence:
        if not items:
            return _tokens(())
        v = self.vocabulary
        left, right = (v.sep, v.sep) if speaker is Speaker.SEEKER else (v.rec, v.rec_end)
        slots = TokenSequence((v.item,) * len(items), tuple(items))
        return _tokens((left,)) + slots + _tokens((right,))

    def _prefix(self, speaker: Speaker) -> TokenSequence:
        return _tokens(self.vocabulary.prefixes[speaker])

    def _close(self, text: tuple[int, ...]) -> TokenSequence:
        return _tokens((*text, self.vocabulary.eos))

    def _join(self, turns: Sequence[_LaidTurn]) -> TokenSequence:
        sequence = _tokens((self.vocabulary.eos,))
        for turn in turns:
            sequence = sequence + turn.wrapper + turn.prefix + self._close(turn.text)
        return sequence

    def _window(self, turns: Sequence[_LaidTurn]) -> tuple[int, list[_LaidTurn]]:
        """Return the index of the first turn that fits as context, and the turns from there on."""
        room = self.config.max_context_tokens - 2
        start = len(turns)
        while start and turns[start - 1].size <= room:
            start -= 1
            room -= turns[start].size
        kept = list(turns[start:])
        if not kept and turns:
            start = len(turns) - 1
            last = turns[start]
            spare = room - (last.size - len(last.text))
            if spare < 0:
                raise ContextTooLongError(
                    f"the items of one turn take {len(last.wrapper)} positions; data.max_context_tokens allows "
                    f"{self.config.max_context_tokens} for a whole context"
                )
            kept = [_LaidTurn(last.wrapper, last.prefix, last.text[len(last.text) - spare :])]
        return start, kept

    def _stream(self, dialogue: Dialogue, turns: Sequence[_LaidTurn], start: int, points: Sequence[int]) -> Stream:
        """Lay ``turns``, the first of which is turn ``start`` of the dialogue, up to the last of ``points``."""
        sequence = _tokens((self.vocabulary.eos,))
        laid: list[Point] = []
        branches: list[ResponseBranch] = []
        limit = self.config.max_response_tokens
        for number in range(start, points[-1] + 1):
            turn = turns[number - start]
            decision = len(sequence) - 1
            sequence = sequence + turn.wrapper + turn.prefix
            closed = self._close(turn.text)
            if number in points:
                response = (len(sequence), len(sequence) + min(limit, len(closed)))
                query = decision + 1 if len(turn.wrapper) else None
                items = tuple(item for item in turn.wrapper.items if item != NO_ITEM)
                laid.append(Point(number, decision, query, items, response, has_context=number > 0))
                branches += self._branches(turn, items, decision + 1)
            last = number == points[-1]
            sequence = sequence + (_tokens(closed.tokens[:limit]) if last else closed)
        return Stream(dialogue.id, sequence, tuple(laid), tuple(branches))

    def _branches(self, turn: _LaidTurn, items: tuple[int, ...], context: int) -> list[ResponseBranch]:
        if self.config.generation == "joint" or len(items) < 2:
            return []
        response = _tokens(self._close(turn.text).tokens[: self.config.max_response_tokens])
        branches = []
        for item in items:
            prefix = self.reply_prefix([item])
            branches.append(ResponseBranch(context, prefix + response, (len(prefix), len(prefix) + len(response))))
        return branches


def _tokens(ids: tuple[int, ...]) -> TokenSequence:
    return TokenSequence(ids, (NO_ITEM,) * len(ids))
