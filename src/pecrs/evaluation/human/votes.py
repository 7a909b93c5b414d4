"""What an annotator thinks of the pairs: one file a person, as the page saves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pecrs.data.files import read_json
from pecrs.data.records import located
from pecrs.errors import DataError

ASPECTS: tuple[str, ...] = ("fluency", "relevance", "overall")
"""What is asked of each pair: the paper's two, and which answer one would rather have got."""

CHOICES: tuple[str, ...] = ("left", "right", "tie")
"""What may be said of an aspect."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True)
class Votes:
    """One annotator's votes.

    Attributes:
        annotator: Letters, digits, ``-`` and ``_``.
        by_pair: Choice by aspect, by pair.
    """

    annotator: str
    by_pair: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no vote.

        Raises:
            DataError: Naming the field.
        """
        if not _NAME.fullmatch(self.annotator):
            raise DataError("1 to 40 letters, digits, - and _ are expected", field="annotator")
        for pair, choices in self.by_pair.items():
            if set(choices) != set(ASPECTS):
                raise DataError(f"{', '.join(ASPECTS)} are expected", field=f"votes.{pair}")
            for aspect, choice in choices.items():
                if choice not in CHOICES:
                    message = f"one of {', '.join(CHOICES)} is expected, not {choice!r}"
                    raise DataError(message, field=f"votes.{pair}.{aspect}")


def load_votes(path: Path, kit: str, pairs: int) -> Votes:
    """Read the file that an annotator saved.

    Args:
        path: The file.
        kit: Identifies the kit.
        pairs: How many pairs it has.

    Raises:
        DataError: Naming file and field of what is wrong.
    """
    record = read_json(path)
    try:
        by_pair = {int(pair): dict(choices) for pair, choices in record["votes"].items()}
        with located(path):
            votes = Votes(record["annotator"], by_pair)
    except (TypeError, KeyError, ValueError, AttributeError):
        raise DataError("not the votes of an annotator", path=path) from None
    if record.get("kit") != kit:
        raise DataError("these are votes on another kit", path=path, field="kit")
    unknown = [pair for pair in by_pair if not 1 <= pair <= pairs]
    if unknown:
        raise DataError(f"the kit has pairs 1 to {pairs}", path=path, field=f"votes.{unknown[0]}")
    return votes
