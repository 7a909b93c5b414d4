"""What small talk is about.

Source: design section 4.
"""

from __future__ import annotations

import re


def topic(text: str, *, named: bool) -> str:
    """Return what small talk is about: how one is, what the program is, its own taste, an item, or nothing of these."""
    if _HOW_ARE_YOU.search(text):
        return "how_are_you"
    if _WHO_ARE_YOU.search(text):
        return "who_are_you"
    if _YOUR_TASTE.search(text):
        return "your_view" if named else "your_taste"
    return "small_talk"


_HOW_ARE_YOU = re.compile(
    r"\bhow(?:['’]?s| is| are)? (?:it going|are (?:you|u|ya)|you(?: doing)?|u|r (?:u|you)|things|your day|"
    r"everything|life)(?: (?:today|tonight|doing|now|going))*\b|\bwhat['’]?s up\b",
    re.I,
)
_WHO_ARE_YOU = re.compile(
    r"\b(?:are|r) (?:you|u|ya) (?:a |an |really )*(?:human|robot|bot|person|real|ai|machine|computer|chatbot)|"
    r"\b(?:who|what|wat|wot|wh?at['’]?s?|whos) (?:are|r|made|built|created) (?:you|u|ya)\b|\bare you (?:chat)?gpt\b|"
    r"\byour name\b|\bwho (?:am i|i am) talking\b|\btalking to\b",
    re.IGNORECASE,
)
_YOUR_TASTE = re.compile(r"\b(?:you|your|u|ur)\b", re.IGNORECASE)
