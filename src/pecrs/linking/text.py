"""One text as tokens, and what its punctuation, capitals and neighbouring words say about a span."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType

from pecrs.linking.lexicon import (
    ARTICLES,
    CALENDAR,
    COUNTED,
    CUES,
    FAVORITES,
    FUNCTION,
    INTRODUCING,
    PARTS,
    PLACING,
    TASTES,
    WORKS,
    fold,
    visible,
    words_of,
)

_WITH = re.compile(r"/?\s+\w")
"""Behind a "w" that is short for "with": "dances w wolves"."""

_DIRECT = re.compile(r"@(\w(?:[\w:./-]*\w)?)")
_SENTENCE_END = frozenset(".!?;:\n…。！？")
_QUOTES = MappingProxyType(
    {'"': '"”', "“": '"”', "„": "“”", "'": "'’", "‘": "’'", "«": "»", "»": "«", "*": "*", "_": "_"}
    | {"《": "》", "〈": "〉", "「": "」", "『": "』", "【": "】", "`": "`"}
)
_SPEAKING = frozenset("said says told thinks wants asked likes loves hates".split())
EQUATING = frozenset({"is", "are", "was", "were"})
"""Verbs between a word for a work and its title: "my favorite movie is Heat"."""

_LEADING = MappingProxyType(
    {
        "to": frozenset({"no", "similar", "compared", "akin", "sequel", "listened"}),
        "of": frozenset({"lines", "think", "thinking", "thought", "heard", "hear", "remind", "reminded", "me", "fan"})
        | {"remake", "reboot", "version", "sequel", "prequel", "ending", "cast", "vein", "spirit", "style"},
        "as": frozenset({"such", "same", "good", "great", "funny", "scary", "bad", "well"}),
        "that": frozenset({"heard", "saw", "think", "say"}),
        "beats": frozenset({"nothing"}),
        "during": frozenset({"asleep"}),
        "down": frozenset({"put", "turned"}),
        "out": frozenset({"check", "checking", "checked"}),
        "with": frozenset({"stick", "go", "start", "going"}),
        "in": frozenset(
            {"him", "her", "them", "good", "great", "amazing", "job", "role", "starred", "acted", "played", "as"}
        ),
    }
)
"""Two words before a title: "similar to", "such as"."""
_ENDED = frozenset({"saw", "seen", "watched", "read", "rented"})
"""What was done to a work before its title: "the last movie I saw was Heat"."""
_BEFORE_TITLE = ARTICLES | {"original", "really", "both", "new", "old", "ever", "all", "every", "another"}


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
        text: The text without invisible characters; positions of characters count in it.
        direct: Matches of ``@id``; group 1 is the identifier.
        tokens: The words outside of these.
    """

    def __init__(self, text: str) -> None:
        """Split the text into tokens."""
        self.text, self._places = visible(text)
        text = self.text
        self.direct = list(_DIRECT.finditer(text)) if "@" in text else []
        taken = bytearray(len(text))
        for match in self.direct:
            taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
        self.tokens: list[Token] = []
        end = 0
        for match in words_of(text):
            if not taken[match.start()]:
                opens = not self.tokens or not _SENTENCE_END.isdisjoint(text[end : match.start()])
                word = match.group()
                upper = len(word) > 1 and word.isupper()
                key = "with" if word == "w" and _WITH.match(text, match.end()) else fold(word)
                self.tokens.append(Token(match.start(), match.end(), key, word[0].isupper(), upper, opens))
            end = match.end()

        small = [t.key in FUNCTION and not (t.opens or t.key == "i" or t.key.isdigit()) for t in self.tokens]
        self._small = list(accumulate(small, initial=0))
        capitals = (is_small and token.capital for is_small, token in zip(small, self.tokens, strict=True))
        self._small_capitals = list(accumulate(capitals, initial=0))
        inner = [token.upper for token in self.tokens if not token.opens and token.end - token.start > 1]
        self._upper = len(inner) > 1 and all(inner)

    def shouts(self, first: int, last: int) -> bool:
        """Tell whether capitals say nothing of a span: small words around it have them too, or all is in capitals."""
        small = self._small[-1] - self._small[last] + self._small[first]
        capitals = self._small_capitals[-1] - self._small_capitals[last] + self._small_capitals[first]
        return capitals > 0.6 * small if small else self._upper

    def given(self, start: int, end: int) -> tuple[int, int]:
        """Return where characters stand in the text as it was given, invisible ones counted."""
        return (start, end) if self._places is None else (self._places[start], self._places[end - 1] + 1)

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

    def leader(self, first: int) -> Token | None:
        """Return the token before a span where only white space stands between, in the same sentence."""
        if first and not self.tokens[first].opens and self.gap(first).isspace():
            return self.tokens[first - 1]
        return None

    def sentence(self, first: int) -> tuple[int, int]:
        """Return the span of the sentence that a token is part of."""
        start, end = first, first + 1
        while start and not self.tokens[start].opens:
            start -= 1
        while end < len(self.tokens) and not self.tokens[end].opens:
            end += 1
        return start, end

    def inside_word(self, first: int) -> bool:
        """Tell whether a span begins inside a word of Korean, which has spaces but is read character by character."""
        token = self.tokens[first]
        hangul = "\u1100" <= self.text[token.start] <= "\u11ff" or "\uac00" <= self.text[token.start] <= "\ud7a3"
        return hangul and first > 0 and not self.gap(first) and self.text[token.start - 1].isalnum()

    def ends_clause(self, last: int) -> bool:
        """Tell whether the text or a clause of it ends after a span."""
        rest = self.text[self.tokens[last - 1].end :].lstrip()
        return rest == "" or rest[0] in ".,!?;)。，！？、"

    def ends_question(self, last: int) -> bool:
        """Tell whether a question mark follows a span."""
        return self.text[self.tokens[last - 1].end :].lstrip()[:1] in ("?", "？")

    def opens_clause(self, first: int) -> bool:
        """Tell whether a clause of the text begins with a span, its article set aside."""
        if not self.tokens[first].opens and self.tokens[first - 1].key in ARTICLES:
            first -= 1
        return self.tokens[first].opens or "," in self.gap(first) or self.tokens[first - 1].key in ("and", "but", "so")

    def quoted(self, first: int, last: int) -> bool:
        """Tell whether quotation marks enclose the tokens, a year before the closing one set aside."""
        start = self.tokens[first].start
        closing = _QUOTES.get(self.text[start - 1]) if start else None
        if closing is None:
            return False
        rest = re.sub(r"^\(\d{4}\)", "", self.text[self.tokens[last - 1].end :][:12].lstrip(" .!?,"))
        return rest != "" and rest[0] in closing

    def cue(self, first: int) -> int | None:
        """Return the position of the word before the tokens that announces a title, within the sentence.

        Articles and the like are skipped: "seen the", "favorite movie is", "how about".
        """
        for position in range(first - 1, max(first - 4, -1), -1):
            if self.tokens[position + 1].opens and ":" not in self.gap(position + 1):
                return None
            key, before = self.tokens[position].key, self.tokens[position - 1].key if position else ""
            if key in CUES:
                return position if key != "about" or before in ("how", "what") else None
            if before in _LEADING.get(key, ()):
                return position - 1
            if key in EQUATING and (before in FAVORITES or before == "1" or before.removesuffix("s") in WORKS):
                return position - 1
            if key in EQUATING and before in _ENDED and self._of_work(position):
                return position - 1
            if key == "know" and before == "you" and position > 1 and self.tokens[position - 2].key in ("do", "dont"):
                return position - 1
            if key not in _BEFORE_TITLE:
                return None
        return None

    def _of_work(self, position: int) -> bool:
        """Tell whether the sentence has a word such as "movie" before a token."""
        start = self.sentence(position)[0]
        return any(token.key.removesuffix("s") in WORKS for token in self.tokens[start:position])

    def part_of_name(self, first: int, last: int) -> bool:
        """Tell whether a capitalised neighbour makes the tokens part of a longer name ("Paul" of "Paul Rudd")."""
        if self.shouts(first, last):
            return False
        before = self.leader(first)
        after = self.follower(last)
        return bool(
            (
                before
                and before.capital
                and not before.opens
                and not self._possessive(before)
                and before.key not in CUES
                and before.key not in FUNCTION
            )
            or (after and after.capital and after.key not in FUNCTION)
        )

    def _possessive(self, token: Token) -> bool:
        return self.text[max(token.end - 2, token.start) : token.end].lower() in ("'s", "’s")

    def written_as_title(self, first: int, last: int) -> bool:
        """Tell whether capitals mark the tokens as a name.

        All but small words must have one, and not only because a sentence begins.
        """
        tokens = self.tokens[first:last]
        if not (tokens[-1].capital or tokens[-1].key.isdigit()) or self.shouts(first, last):
            return False
        small = FUNCTION if len(tokens) > 2 else ARTICLES
        if len(tokens) > 1 and not (tokens[0].capital or tokens[0].key in ARTICLES or tokens[0].key.isdigit()):
            return False
        if not all(token.capital or token.key in small or token.key[:1].isdigit() for token in tokens[1:]):
            return False
        return any(token.capital and not token.opens for token in tokens)

    def usual_capital(self, first: int) -> bool:
        """Tell whether a word's capital has a reason of its own: a day, a place after "in", a name after "friend"."""
        token, before, after = self.tokens[first], self.leader(first), self.follower(first + 1)
        if token.key in CALENDAR or (before is not None and before.key in PLACING | INTRODUCING):
            return True
        if before is not None and before.key in EQUATING and self.tokens[max(first - 2, 0)].key in INTRODUCING:
            return True
        wants = after is not None and after.key == "would" and self.follower(first + 2)
        return after is not None and (after.key in _SPEAKING or bool(wants and wants.key in TASTES))

    def numbered(self, last: int) -> bool:
        """Tell whether a number follows that makes the span's title that of another work ("Alien 3")."""
        number = self.follower(last)
        if number is not None and number.key in PARTS:
            last += 1
            number = self.follower(last)
        if number is None or not number.key.isdigit() or len(number.key) > 2 or number.key in ("0", "1"):
            return False
        counted = self.follower(last + 1)
        return counted is None or counted.key not in COUNTED
