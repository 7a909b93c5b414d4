"""What language models write when they are asked for a list: its titles, or its order of numbers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

_THOUGHTS = re.compile(r"<(think(?:ing)?)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_OPEN_THOUGHTS = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
"""Thoughts that begin in the question, as some chat templates have it."""

_MOST = 40
"""A higher number belongs to a title, such as ``300: Rise of an Empire``."""

_PICTURED = re.compile(r"((?:\d\ufe0f?\u20e3)+|🔟|[①-⑳])\s*")
_ORNAMENT = r"[\s>#|*_`]*"
_BULLET = r"[-–—+*•‣▪●·]\s+"
_NUMBER = re.compile(
    rf"{_ORNAMENT}(?:{_BULLET}{_ORNAMENT})?"
    r"(?:"
    r"(?:\#|no\.?|nr\.?|rank|title)\s*(?P<named>\d{1,3})\b[.):\-–—\s]*"
    r"|[(\[]?(?P<plain>\d{1,3})[*_`]*(?:\\?[.)\]](?!\d)|[．、]|[:：](?!\d)|\s+[-–—|]\s|\t)[.):\]]*"
    rf"){_ORNAMENT}(?P<text>.*)",
    re.IGNORECASE,
)
_LETTER = re.compile(rf"{_ORNAMENT}[(\[]?(?:[a-z]|[ivx]+)[.)\]]\s+(.*)", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<!\w)[*_`]+|[*_`]+(?!\w)|[\"“”]|^#+\s+")
_LINK = re.compile(r"\[([^\[\]]+)\]\((?:https?:|www\.|/|#)[^()\s]*\)")
_DATED = re.compile(r"^.*?\(\d{4}\)")

_BRACKETED = re.compile(r"\[\s*(\d{1,4}(?:[\s,;>]+\d{1,4})*)\s*\]")
_PICK = re.compile(
    r"(?:candidate|item|option|passage|title|movie|film|book|number|no\.?|\#)?\s*\(?(\d{1,3})\)?\s*(?:$|[-–—,;)>]|[:.](?!\d))",
    re.IGNORECASE,
)
_ONE = r"(?:(?:candidate|item|option|passage|title|movie|film|book|number)\s*|\#)?\(?\b\d{1,3}\b\)?"
_RANKED = re.compile(rf"{_ONE}(?:\s*(?:>+|≻|→|->)\s*{_ONE})+", re.IGNORECASE)
_ROW = re.compile(rf"{_ONE}(?:(?:[\s,;./&\"'“”]|\band\b|\bthen\b)+{_ONE})*", re.IGNORECASE)


def without_thoughts(answer: str) -> str:
    """Return an answer without what a model thought aloud.

    >>> without_thoughts("<think>They like space. 1. Alien?</think> 1. Gravity")
    ' 1. Gravity'
    """
    return _OPEN_THOUGHTS.sub("", _THOUGHTS.sub("", answer))


def written_titles(answer: str) -> list[str]:
    r"""Return the titles of an answer, in order: its numbered lines, or else those with bullets, or else all lines.

    Text after a year in brackets, emphasis and quotation marks are taken off.

    >>> written_titles('Sure!\n1. **Alien** (1979) - a classic\n2) "Up"')
    ['Alien (1979)', 'Up']
    """
    lines = _json_texts(without_thoughts(answer)) or _lines(answer)
    numbered = [text for _, text in _numbered(lines)]
    bulleted = [line[match.end() :] for line in lines if (match := re.match(_BULLET, line))]
    lettered = [match[1] for line in lines if (match := _LETTER.fullmatch(line))]
    listed = numbered or bulleted or (lettered if len(lettered) > 1 and 2 * len(lettered) > len(lines) else lines)
    return [title for text in listed if (title := _title(text))]


def written_order(answer: str, count: int) -> list[int]:
    r"""Return the places, from 0, that an answer names by numbers from 1, each once; other numbers are passed over.

    Numbers in brackets are what was asked for; without any, a chain such as ``3 > 1``, the numbers in a numbered list,
    or the longest row of numbers.

    >>> written_order("Of the 20 candidates: [3] > [1] > [3] > [40]", 20)
    [2, 0]
    >>> written_order("1. 3\n2. 1", 20)
    [2, 0]
    """
    text = "\n".join(_lines(answer))
    for read in (_in_brackets, _by_rank, _in_list):
        order = [number - 1 for number in read(text) if 0 < number <= count]
        if order:
            return list(dict.fromkeys(order))
    return []


def _json_texts(answer: str) -> list[str]:
    """Return the texts of the list that an answer holds as JSON: titles, or records with a title or name."""
    start, end = answer.find("["), answer.rfind("]")
    try:
        members = json.loads(answer[start : end + 1])
    except ValueError:
        return []
    texts = [member.get("title") or member.get("name") if isinstance(member, dict) else member for member in members]
    found = [text for text in texts if isinstance(text, str)]
    return found if len(found) == len(texts) else []


def _lines(answer: str) -> list[str]:
    lines = (_PICTURED.sub(_in_digits, line).strip() for line in without_thoughts(answer).splitlines())
    return [line for line in lines if line]


def _in_digits(picture: re.Match[str]) -> str:
    signs = picture[1].replace("🔟", "10")
    return "".join(f"{unicodedata.numeric(sign):.0f}" for sign in signs if sign.isnumeric()) + ". "


def _numbered(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Return number and text of each numbered line; a text may stand on the line after its number."""
    found = []
    for line, following in pairwise([*lines, ""]):
        match = _NUMBER.fullmatch(line)
        if match is not None and (number := int(match["named"] or match["plain"])) <= _MOST:
            found.append((number, match["text"] or following))
    if not found and (begun := re.search(r"[:.]\s+\(?1[.)]\s+(?=\S.*\s\(?2[.)]\s)", " ".join(lines))):
        found = [(1, " ".join(lines)[begun.end() :])]  # "Here are two: 1. Alien 2. Up"
    if len(found) != 1:
        return found
    number, text = found[0]
    return _split(number, text) if number <= 1 else []


def _split(number: int, text: str) -> list[tuple[int, str]]:
    """Return the entries of a list that was written on one line, from its first number on."""
    first, *rest = re.split(rf"[\s,;]+\(?{number + 1}[.)]\s+", text, maxsplit=1)
    return [(number, first), *(_split(number + 1, rest[0]) if rest else ())]


def _title(text: str) -> str:
    plain = _EMPHASIS.sub("", _LINK.sub(r"\1", text.partition(" | ")[0])).strip(" |")
    dated = _DATED.match(plain)
    return dated[0] if dated else plain


def _in_brackets(text: str) -> list[int]:
    """Return the numbers in brackets; where some are explained and most then put in a row, those of the row."""
    rows: list[list[int]] = []
    end = None
    for match in _BRACKETED.finditer(text):
        if end is None or re.search(r"[\w\n]", text[end : match.start()]):
            rows.append([])
        rows[-1] += _numbers(match[1])
        end = match.end()
    longest = _longest(rows)
    everything = [number for row in rows for number in row]
    return longest if len(longest) > 1 and 2 * len({*longest}) > len({*everything}) else everything


def _by_rank(text: str) -> list[int]:
    return _longest([_numbers(match[0]) for match in _RANKED.finditer(text)])


def _in_list(text: str) -> list[int]:
    """Return the numbers in a numbered list, or those that number it unless they only count its lines."""
    lines = _numbered(text.splitlines())
    if len(lines) < 2:
        return _in_a_row(text)
    picked = [int(match[1]) for _, rest in lines if (match := _PICK.match(rest))]
    labels = [number for number, _ in lines]
    return picked or ([] if labels == list(range(1, len(labels) + 1)) else labels)


def _in_a_row(text: str) -> list[int]:
    rows = [_numbers(match[0]) for match in _ROW.finditer(text)]
    longest = _longest(rows)
    return longest if len(longest) > 1 or len(rows) == 1 else []


def _longest(rows: Sequence[list[int]]) -> list[int]:
    """Return the longest row, the last of those of one length."""
    return max(reversed(rows), key=len, default=[])


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d{1,4}", text)]
