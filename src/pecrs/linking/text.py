"""One text as tokens, and what its punctuation, capitals and neighbouring words say about a span."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

from pecrs.linking.lexicon import ARTICLES, COUNTED, CUES, FUNCTION, WORD, fold

_DIRECT = re.compile(r"@(\w(?:[\w:./-]*\w)?)")
_SENTENCE_END = frozenset(".!?;:\n…")
_QUOTES = MappingProxyType({'"': '"”', "“": '”"', "'": "'’", "‘": "’'", "«": "»", "*": "*", "_": "_"})
_BEFORE_TITLE = ARTICLES | {"original", "really", "both"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text.

    Attributes:
        start: Its first character.
        end: One past its last character.
        key: The folded word.
        capital: Whether it begins with a capital letter.
        upper: Whether it has several letters, all of them capitals.
        opens: Whether a sentence begins here, so that a capital says nothing.
    """

    start: int
    end: int
    key: str
    capital: bool
    upper: bool
    opens: bool


class Text:
    """The tokens of one text; spans are token positions ``first`` to ``last`` (exclusive).

    Attributes:
        text: The text as given.
        direct: Matches of ``@id``; group 1 is the identifier.
        tokens: The words outside of these.
        shouts: Whether most words have a capital, so that capitals say nothing.
    """

    def __init__(self, text: str) -> None:
        """Split the text into tokens."""
        self.text = text
        self.direct = list(_DIRECT.finditer(text))
        taken = bytearray(len(text))
        for match in self.direct:
            taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
        self.tokens: list[Token] = []
        end = 0
        for match in WORD.finditer(text):
            if not taken[match.start()]:
                opens = not self.tokens or not _SENTENCE_END.isdisjoint(text[end : match.start()])
                word = match.group()
                upper = len(word) > 1 and word.isupper()
                self.tokens.append(Token(match.start(), match.end(), fold(word), word[0].isupper(), upper, opens))
            end = match.end()
        inner = [t for t in self.tokens if not t.opens and t.key != "i" and text[t.start].isalpha()]
        self.shouts = len(inner) > 2 and sum(token.capital for token in inner) > 0.7 * len(inner)

    def gap(self, position: int) -> str:
        """Return what stands before a token, back to the token before it.

        Args:
            position: Of the token; the number of tokens asks for what stands after the last one.
        """
        before = self.tokens[position - 1].end if position else 0
        end = self.tokens[position].start if position < len(self.tokens) else len(self.text)
        return self.text[before:end]

    def length(self, first: int, last: int) -> int:
        """Return the number of characters of a span."""
        return self.tokens[last - 1].end - self.tokens[first].start

    def follower(self, last: int) -> Token | None:
        """Return the token after a span where only white space stands between."""
        if last < len(self.tokens) and self.gap(last).isspace():
            return self.tokens[last]
        return None

    def ends_clause(self, last: int) -> bool:
        """Tell whether the text or a clause of it ends after a span."""
        rest = self.text[self.tokens[last - 1].end :].lstrip()
        return rest == "" or rest[0] in ".,!?;"

    def quoted(self, first: int, last: int) -> bool:
        """Tell whether quotation marks enclose the tokens, a year before the closing one set aside."""
        start = self.tokens[first].start
        closing = _QUOTES.get(self.text[start - 1]) if start else None
        rest = re.sub(r"^\(\d{4}\)", "", self.text[self.tokens[last - 1].end :][:12].lstrip(" .!?,"))
        return closing is not None and rest != "" and rest[0] in closing

    def cue(self, first: int) -> Token | None:
        """Return the word before the tokens that announces a title, articles skipped, within the sentence."""
        for position in range(first - 1, max(first - 4, -1), -1):
            if self.tokens[position + 1].opens and ":" not in self.gap(position + 1):
                return None
            token = self.tokens[position]
            if token.key in CUES:
                asked = position > 0 and self.tokens[position - 1].key in ("how", "what")
                return token if token.key != "about" or asked else None
            if token.key not in _BEFORE_TITLE:
                return None
        return None

    def part_of_name(self, first: int, last: int) -> bool:
        """Tell whether a capitalised neighbour makes the tokens part of a longer name ("Paul" of "Paul Rudd")."""
        if self.shouts:
            return False
        left = first > 0 and not self.tokens[first].opens and self.gap(first).isspace()
        before = self.tokens[first - 1] if left else None
        after = self.follower(last)
        return bool(
            (before and before.capital and not before.opens and before.key not in CUES and before.key not in FUNCTION)
            or (after and after.capital and after.key not in FUNCTION)
        )

    def written_as_title(self, first: int, last: int) -> bool:
        """Tell whether capitals mark the tokens as a name.

        All but small words must have one, and not only because a sentence begins.
        """
        if self.shouts:
            return False
        tokens = self.tokens[first:last]
        small = FUNCTION if len(tokens) > 2 else ARTICLES
        if not all(token.capital or token.key in small or token.key.isdigit() for token in tokens[1:]):
            return False
        return any(token.capital and not token.opens for token in tokens) and tokens[-1].capital

    def numbered(self, last: int) -> bool:
        """Tell whether a number follows that makes the span's title that of another work ("Alien 3")."""
        number = self.follower(last)
        if number is not None and number.key in ("part", "volume", "episode"):
            last += 1
            number = self.follower(last)
        if number is None or not number.key.isdigit() or len(number.key) > 2 or number.key in ("0", "1"):
            return False
        counted = self.follower(last + 1)
        return counted is None or counted.key not in COUNTED
