"""Text to pre-train on: dialogues of corpora and of training splits, and item texts, as chunks of tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Speaker
from pecrs.data.files import read_jsonl
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import DataError

_SYSTEMS = frozenset({"system", "assistant", "agent", "recommender"})
"""Speakers that take the recommender's part; elsewhere whoever speaks second does."""


@dataclass(frozen=True, slots=True)
class Document:
    """A dialogue as text.

    Attributes:
        id: What decides whether it is held out.
        turns: Speaker and words.
    """

    id: str
    turns: tuple[tuple[Speaker, str], ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tokens that are read together.

    Attributes:
        tokens: The opening EOS, which is read and not predicted, and the text.
        size: UTF-8 bytes of the text, one more for each turn's end.
    """

    tokens: tuple[int, ...]
    size: int


def read_corpora(folder: Path) -> Iterator[Document]:
    """Yield the dialogues of all ``*.jsonl`` and ``*.jsonl.gz`` files of a folder, by name and line.

    Args:
        folder: Files with one ``{"turns": [[speaker, text], ...]}`` a line.

    Raises:
        DataError: If there is no such file, or naming the file and line that is wrong.
    """
    paths = sorted(path for path in folder.glob("*.jsonl*") if path.name.endswith((".jsonl", ".jsonl.gz")))
    if not paths:
        raise DataError("there is no *.jsonl or *.jsonl.gz file in it", path=folder)
    for path in paths:
        for number, record in read_jsonl(path):
            yield _document(record, path, number)


def _document(record: Mapping[str, Any], path: Path, number: int) -> Document:
    try:
        said = [(speaker, " ".join(text.split())) for speaker, text in record["turns"]]
        systems = {speaker for speaker, _ in said if speaker.lower() in _SYSTEMS}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DataError("[[speaker, text], ...] is expected", path=path, line=number, field="turns") from None
    recommends = systems or {speaker for speaker, _ in said if speaker != said[0][0]}
    parts = ((Speaker.RECOMMENDER if speaker in recommends else Speaker.SEEKER, text) for speaker, text in said if text)
    return Document(f"{path.name}:{number}", tuple(parts))


def dialogue_documents(dialogues: Iterable[Dialogue]) -> Iterator[Document]:
    """Yield a domain's own dialogues, titles in words."""
    for dialogue in dialogues:
        yield Document(dialogue.id, tuple((turn.speaker, turn.text) for turn in dialogue.turns if turn.text.strip()))


def is_held_out(document: Document, share: float) -> bool:
    """Tell whether a document belongs to the held-out share, by a hash of its identifier."""
    digest = hashlib.sha256(document.id.encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def cut(documents: Sequence[Document], vocabulary: Vocabulary, length: int) -> list[Chunk]:
    """Return documents as chunks: each turn with its role prefix and an EOS, as in a stream.

    Args:
        documents: Text.
        vocabulary: Its tokens.
        length: Longest chunk; documents are cut between turns, and a single longer turn inside itself.
    """
    encoded = iter(vocabulary.encode_texts([f" {text}" for document in documents for _, text in document.turns]))
    return [
        chunk
        for document in documents
        for chunk in _pieces(
            [
                ([*vocabulary.prefixes[speaker], *next(encoded), vocabulary.eos], len(text.encode()) + 1)
                for speaker, text in document.turns
            ],
            vocabulary.eos,
            length,
        )
    ]


def item_pieces(catalogue: Catalogue, vocabulary: Vocabulary, length: int) -> list[Chunk]:
    """Return a catalogue's item texts as chunks to be read from left to right, cut to ``length``."""
    texts = vocabulary.encode_items([catalogue.text_fields(item) for item in catalogue], length - 2)
    sizes = (sum(len(text.encode()) + 1 for text in catalogue.text_fields(item)) for item in catalogue)
    eos = vocabulary.eos
    return [Chunk((eos, *tokens, eos), size) for tokens, size in zip(texts, sizes, strict=True)]


def _pieces(turns: Iterable[tuple[list[int], int]], eos: int, length: int) -> Iterator[Chunk]:
    tokens, size = [eos], 0
    for turn, bytes_ in turns:
        if len(tokens) > 1 and len(tokens) + len(turn) > length:
            yield Chunk(tuple(tokens), size)
            tokens, size = [eos], 0
        size += bytes_
        while len(tokens) + len(turn) > length:
            yield Chunk((eos, *turn[: length - 1]), size)
            turn, size = turn[length - 1 :], 0
        tokens += turn
    if len(tokens) > 1:
        yield Chunk(tuple(tokens), size)
