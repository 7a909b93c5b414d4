"""How an uncased vocabulary's words are written: capitals, apostrophes and spaces, learnt from people's own text.

A WordPiece vocabulary without capitals decodes to ``i ' ve seen brad pitt in it .``; people read
``I've seen Brad Pitt in it.``
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pecrs.data.catalogue import Catalogue
from pecrs.data.files import read_json, write_json
from pecrs.errors import DataError

Span = tuple[int, int]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_COMPOUND = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_DASHED = re.compile(r"[^\W_]+(?:\s-\s[^\W_]+)+")
_OPENS = re.compile(r"(?:[.!?…]['\"”)]*\s+|\n)['\"“(]*$")
_NEAR = 12
_STOPS = re.compile(r"[.!?…]['\"”)]*\s+")
_ASKS = re.compile(
    r"(?:(?:oh|ok|okay|well|hi|hello|hey|so|and|or|yes|no|sure)\b[,!]?\s+)*"
    r"(?:what\b(?! an?\b)|(?:which|who|how|where|when|why)\b|"
    r"(?:have|do|did|are|were|would|could|can|will|should) (?:you|i|we|it|they)\b|"
    r"(?:is|was|does) (?:it|that|this|there)\b|any\b)",
    re.IGNORECASE,
)
_LEAST = 3
_GLUE = (
    (re.compile(r"(\w)\s*(['’])\s*(s|t|m|re|ve|ll|d)\b"), r"\1\2\3"),
    (re.compile(r"\b(o)\s+(['’])\s+(clock)\b"), r"\1\2\3"),
    (re.compile(r"(\w)\s+/\s+(?=\w)"), r"\1/"),
    (re.compile(r"\s+([.,;:!?%)\]…]|\.\.\.)"), r"\1"),
    (re.compile(r"([(\[$#])\s+"), r"\1"),
    (re.compile(r"(\d)\s*([.,:])\s*(?=\d)"), r"\1\2"),
    (re.compile(r'"\s*([^"]*?)\s*"'), r'"\1"'),
)  # fmt: skip


@dataclass(frozen=True)
class Truecaser:
    """Words and names with their usual capitals.

    Attributes:
        words: By lower-case form; words that are usually written so are left out, but those with hyphens are not.
    """

    words: Mapping[str, str]

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Truecaser:
        """Collect how people write words inside sentences; a majority of capitals decides.

        Args:
            texts: What people wrote. Texts without any lower-case letter say nothing.

        >>> Truecaser.learn(["so I saw it", "then I left", "and i said I did"]).words
        {'i': 'I'}
        """
        forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for text in texts:
            if text.upper() == text:
                continue
            for match in _WORD.finditer(text):
                if not _opens(text[: match.start()]):
                    forms[match.group().lower()][match.group()] += 1
            for match in _COMPOUND.finditer(text):
                forms[match.group().lower()][match.group()] += 1
        words = {}
        for word, counts in sorted(forms.items()):
            form, count = counts.most_common(1)[0]
            if (
                (form != word or "-" in word)
                and count >= _LEAST
                and 2 * count > counts.total()
                and form.lower() == word
            ):
                words[word] = form
        return cls(words)

    @classmethod
    def load(cls, path: Path) -> Truecaser:
        """Read what :meth:`save` wrote.

        Raises:
            DataError: If it is not an object of words and their spellings.
        """
        words = read_json(path)
        if not isinstance(words, dict) or not all(isinstance(form, str) for form in words.values()):
            raise DataError("an object of strings is expected", path=path)
        for word, form in words.items():
            if form.lower() != word:
                raise DataError(f"{form!r} is not a spelling of {word!r}", path=path, field=word)
        return cls(words)

    def save(self, path: Path) -> None:
        """Write the words as JSON."""
        write_json(path, dict(self.words))

    def with_names(self, catalogue: Catalogue) -> Truecaser:
        """Add the names of several words in the items' facts, such as people's, where all words have a capital."""
        names = {
            value.lower(): value
            for item in catalogue
            for values in item.facts.values()
            for value in values
            if 1 <= value.count(" ") <= 3 and all(part[:1].isupper() for part in value.split())
        }
        return Truecaser({**self.words, **names})

    def write(self, text: str, titles: Sequence[Span] = ()) -> tuple[str, tuple[Span, ...]]:
        """Return a decoded text as people would write it, ended as a sentence, and where its titles are then.

        Args:
            text: As decoded, in lower case.
            titles: Spans of titles, which stay as they are, in order.
        """
        written, spans, end = "", [], 0
        for start, stop in (*titles, (len(text), len(text))):
            written = _joined(written, self._cased(self._glued(text[end:start]), written))
            if start < stop:
                written = _joined(written, " ") if written and not written.endswith(("(", '"', " ")) else written
                spans.append((len(written), len(written) + stop - start))
                written += text[start:stop]
            end = stop
        return _ended(written.rstrip(), spans), tuple(spans)

    def _cased(self, text: str, before: str) -> str:
        cased = list(text)
        for match in self._names.finditer(text) if self._names else ():
            cased[match.start() : match.end()] = self.words[match.group()]
        for match in _WORD.finditer(text):
            first, word = match.start(), match.group()
            if "".join(cased[first : match.end()]) == word:
                form = self.words.get(word) or _contracted(word, self.words)
                cased[first : match.end()] = form
            if _opens(before + text[:first]):
                cased[first] = cased[first].upper() if len(cased[first].upper()) == 1 else cased[first]
        return "".join(cased)

    def _glued(self, text: str) -> str:
        for pattern, replacement in _GLUE:
            text = pattern.sub(replacement, text)

        def joined(match: re.Match[str]) -> str:
            word = match.group().replace(" ", "")
            return self.words.get(word, match.group())

        return _DASHED.sub(joined, text)

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        names = sorted((name for name in self.words if " " in name), key=len, reverse=True)
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b") if names else None


def _contracted(word: str, words: Mapping[str, str]) -> str:
    stem, mark, rest = word.partition("'")
    return words.get(stem, stem) + mark + rest


def _ended(text: str, titles: Sequence[Span]) -> str:
    """Give a last sentence the stop that it lacks; a title alone needs none."""
    if not text or text[-1] in ".!?…:,;" or (titles and titles[0] == (0, len(text))):
        return text
    stops = (match for match in _STOPS.finditer(text) if not any(a < match.end() <= b for a, b in titles))
    begins = max((match.end() for match in stops), default=0)
    return text + ("?" if _ASKS.match(text, begins) else ".")


def _opens(before: str) -> bool:
    """Tell whether a sentence begins after a text."""
    near = before[-_NEAR:]
    return not near.strip(" '\"“(") or _OPENS.search(near) is not None


def _joined(before: str, after: str) -> str:
    """Join two parts with a space where words would touch and without one before a stop."""
    if after[:1] in tuple(".,;:!?)'’%"):
        return before.rstrip() + after
    touches = before and after and not before[-1].isspace() and not after[0].isspace() and before[-1] not in '(["'
    return f"{before} {after}" if touches else before + after
