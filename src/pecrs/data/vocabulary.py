"""The tokeniser with the four special tokens: turns and items become token ids, and ids become text again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from tokenizers import AddedToken

from pecrs.config import DataConfig
from pecrs.data.dialogue import Speaker, Turn
from pecrs.errors import ConfigError

SPECIAL_TOKENS: tuple[str, str, str, str] = ("[ITEM]", "[SEP]", "[REC]", "[REC_END]")
"""The paper's four tokens, in the order of their rows. Source: PECRS §3.2."""

_NO_SPACE_AFTER = ("(", "[", '"', "'", "“", "‘", "-", "/")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """A tokeniser and the ids that streams are made of.

    Attributes:
        tokenizer: A transformers tokeniser that holds the special tokens; use :meth:`from_tokenizer`.
        eos: Id that opens a stream and ends each turn.
        item: Id of ``[ITEM]``.
        sep: Id of ``[SEP]``.
        rec: Id of ``[REC]``.
        rec_end: Id of ``[REC_END]``.
        prefixes: Token ids of the role prefixes.
    """

    tokenizer: Any
    eos: int
    item: int
    sep: int
    rec: int
    rec_end: int
    prefixes: Mapping[Speaker, tuple[int, ...]]

    @classmethod
    def from_tokenizer(cls, tokenizer: Any, config: DataConfig) -> Vocabulary:
        """Add the special tokens where they are missing and look up all ids.

        A tokeniser that uses one of the names for itself (BERT's ``[SEP]``) keeps it; ours is then ``[PECRS_SEP]``.

        Args:
            tokenizer: A transformers tokeniser; it is changed in place.
            config: Role prefixes.

        Raises:
            ConfigError: If it has neither an end-of-text nor a separator token, or a role prefix has no tokens.
        """
        own = set(tokenizer.special_tokens_map.values())
        names = [f"[PECRS_{name[1:]}" if name in own else name for name in SPECIAL_TOKENS]
        tokenizer.add_tokens([AddedToken(name, special=True, normalized=False) for name in names])
        eos = tokenizer.eos_token_id if tokenizer.eos_token_id is not None else tokenizer.sep_token_id
        if eos is None:
            raise ConfigError("model.backbone: its tokeniser has neither an end-of-text nor a separator token")
        texts = {Speaker.SEEKER: config.seeker_prefix, Speaker.RECOMMENDER: config.recommender_prefix}
        prefixes = {speaker: _encode(tokenizer, text) for speaker, text in texts.items()}
        for speaker, tokens in prefixes.items():
            if not tokens:
                raise ConfigError(f"data.{speaker.value}_prefix: the tokeniser makes no token of it")
        item, sep, rec, rec_end = tokenizer.convert_tokens_to_ids(names)
        return cls(tokenizer, int(eos), item, sep, rec, rec_end, MappingProxyType(prefixes))

    def __len__(self) -> int:
        """Return the number of ids, special tokens included."""
        return len(self.tokenizer)

    @property
    def special(self) -> tuple[int, int, int, int]:
        """Ids of the four special tokens, in the order of ``SPECIAL_TOKENS``."""
        return (self.item, self.sep, self.rec, self.rec_end)

    def encode_turn(self, turn: Turn) -> tuple[int, ...]:
        """Return the ids of an utterance without prefix and EOS; each mention reads ``[ITEM]``.

        Names of special tokens that a person typed stay ordinary text.

        Source: PECRS §3.2 "Dialogue Context".
        """
        ids: list[int] = []
        end = 0
        for mention in turn.mentions:
            ids += self._encode_piece(turn.text[end : mention.start])
            ids.append(self.item)
            end = mention.end
        ids += self._encode_piece(turn.text[end:])
        return tuple(ids)

    def encode_items(self, texts: Sequence[Sequence[str]], limit: int) -> list[tuple[int, ...]]:
        """Return the ids of items' texts: their fields joined by ``[SEP]``, cut to ``limit`` from the right.

        Args:
            texts: One string per field, as :meth:`Catalogue.text_fields` gives them for an item.
            limit: Longest text in tokens.

        Source: PECRS §3.2 "Item Metadata".
        """
        flat = [text for fields_ in texts for text in fields_]
        ids = iter(_encode_all(self.tokenizer, flat) if flat else ())
        encoded = []
        for fields_ in texts:
            joined = [token for _ in fields_ for token in (self.sep, *next(ids))][1:]
            encoded.append(tuple(joined[:limit]) or (self.sep,))
        return encoded

    def encode_texts(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of plain texts; names of special tokens stay ordinary text."""
        return _encode_all(self.tokenizer, list(texts)) if texts else []

    def encode_with_offsets(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Return the ids of a plain text, and which of its characters each stands for.

        Raises:
            ConfigError: If the tokeniser cannot tell, since it has no fast form.
        """
        if not self.tokenizer.is_fast:
            raise ConfigError("model.backbone: its tokeniser does not say where tokens stand in a text")
        encoded = self.tokenizer(text, add_special_tokens=False, split_special_tokens=True, return_offsets_mapping=True)
        return encoded["input_ids"], encoded["offset_mapping"]

    @property
    def uncased(self) -> bool:
        """Whether capitals are lost in tokens."""
        return self._decode(list(_encode(self.tokenizer, "A"))).strip() == "a"

    @property
    def signature(self) -> str:
        """A string that is the same for tokenisers that read all texts alike."""
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        rules = backend.to_str() if backend is not None else repr(sorted(self.tokenizer.get_vocab().items()))
        return f"{type(self.tokenizer).__name__} {self.special} {rules}"

    def decode(self, ids: Iterable[int], titles: Sequence[str] = ()) -> tuple[str, tuple[tuple[int, int], ...]]:
        """Return the text of ids with titles in place of ``[ITEM]``; other special tokens vanish.

        Args:
            ids: Token ids of a response.
            titles: Names to fill in, in order; once they run out, ``[ITEM]`` stays as it is.

        Returns:
            The text, and the span of each title that was filled in.
        """
        text = ""
        spans: list[tuple[int, int]] = []
        pending: list[int] = []
        hidden = {self.eos, self.sep, self.rec, self.rec_end}
        for token in ids:
            if token == self.item:
                text += self._decode(pending)
                pending = []
                text = text.lstrip() if not spans else text
                text += " " if text and not text[-1].isspace() and not text.endswith(_NO_SPACE_AFTER) else ""
                if len(spans) < len(titles):
                    spans.append((len(text), len(text) + len(titles[len(spans)])))
                    text += titles[len(spans) - 1]
                else:
                    text += SPECIAL_TOKENS[0]
            elif token not in hidden:
                pending.append(token)
        text += self._decode(pending)
        return (text.rstrip() if spans else text.strip()), tuple(spans)

    def _encode_piece(self, text: str) -> tuple[int, ...]:
        stripped = text.strip()
        if not stripped:
            return ()
        glued = text[0] in ",.;:!?)'’\"”-/"
        return _encode(self.tokenizer, stripped if glued else f" {stripped}")

    def _decode(self, ids: list[int]) -> str:
        return str(self.tokenizer.decode(ids, clean_up_tokenization_spaces=False)) if ids else ""


def _encode(tokenizer: Any, text: str) -> tuple[int, ...]:
    return tuple(_encode_all(tokenizer, [text])[0])


def _encode_all(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    encoded = tokenizer(texts, add_special_tokens=False, split_special_tokens=True, return_attention_mask=False)
    return cast(list[list[int]], encoded["input_ids"])
