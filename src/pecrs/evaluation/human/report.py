"""Votes unblinded: who is preferred, whether that could be chance, and whether annotators agree.

Source: PECRS table 4; Cohen, "A Coefficient of Agreement for Nominal Scales", 1960; Fleiss, "Measuring Nominal Scale
Agreement Among Many Raters", 1971.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.human.kit import Key
from pecrs.evaluation.human.votes import ASPECTS, Votes


@dataclass(frozen=True)
class Share:
    """How often something was voted, in per cent of an annotator's votes.

    Attributes:
        mean: Over annotators.
        deviation: Standard deviation over annotators, as the paper's table has it.
    """

    mean: float
    deviation: float


@dataclass(frozen=True)
class Preference:
    """What was voted on one aspect.

    Attributes:
        first: The first model is preferred.
        second: The second is.
        tie: Neither is.
        pairs_first: Pairs that more annotators give to the first model than to the second.
        pairs_second: The reverse.
        p: Two-sided sign test over those pairs; the others say nothing.
        agreement: Cohen's kappa of two annotators, Fleiss' of more, on the pairs that all voted on; None where it is
            not defined.
    """

    first: Share
    second: Share
    tie: Share
    pairs_first: int
    pairs_second: int
    p: float
    agreement: float | None


@dataclass(frozen=True)
class Report:
    """The outcome of a kit.

    Attributes:
        first: Name of one model.
        second: Name of the other.
        votes: Number of pairs voted on, by annotator.
        shared: Pairs that all annotators voted on.
        aspects: By aspect.
    """

    first: str
    second: str
    votes: Mapping[str, int]
    shared: int
    aspects: Mapping[str, Preference]


def report(key: Key, votes: Sequence[Votes]) -> Report:
    """Count votes.

    Args:
        key: Whose answers stand where.
        votes: One an annotator; they need not have voted on the same pairs, but on one at least.

    Raises:
        DataError: If there are no votes, or two files are one annotator's.
    """
    names = Counter(person.annotator for person in votes)
    if not votes or not all(person.by_pair for person in votes):
        raise DataError("each annotator must have voted on at least one pair", field="votes")
    if max(names.values()) > 1:
        raise DataError(f"two files are of {names.most_common(1)[0][0]!r}", field="annotator")
    shared = sorted(set.intersection(*(set(person.by_pair) for person in votes)))
    aspects = {aspect: _preference(key, votes, shared, aspect) for aspect in ASPECTS}
    counts = {person.annotator: len(person.by_pair) for person in votes}
    return Report(key.first, key.second, counts, len(shared), aspects)


def _preference(key: Key, votes: Sequence[Votes], shared: Sequence[int], aspect: str) -> Preference:
    chosen = [unblind(key, person, aspect) for person in votes]
    shares = {
        model: Share(fmean(percents), pstdev(percents))
        for model in ("first", "second", "tie")
        for percents in [[100 * list(own.values()).count(model) / len(own) for own in chosen]]
    }
    balance = {
        pair: sum((own[pair] == "first") - (own[pair] == "second") for own in chosen if pair in own)
        for pair in {pair for own in chosen for pair in own}
    }
    ahead, behind = sum(value > 0 for value in balance.values()), sum(value < 0 for value in balance.values())
    agreement = kappa([[own[pair] for pair in shared] for own in chosen])
    return Preference(**shares, pairs_first=ahead, pairs_second=behind, p=sign_test(ahead, behind), agreement=agreement)


def unblind(key: Key, person: Votes, aspect: str) -> dict[int, str]:
    """Return what an annotator chose on one aspect, by pair: ``first`` or ``second`` model, or ``tie``."""
    return {pair: _of_model(key, pair, choices[aspect]) for pair, choices in person.by_pair.items()}


def _of_model(key: Key, pair: int, choice: str) -> str:
    if choice == "tie":
        return "tie"
    return "first" if (choice == "left") is key.first_left[pair - 1] else "second"


def sign_test(ahead: int, behind: int) -> float:
    """Return the two-sided p-value of the sign test: how likely a split as uneven is by fair coins.

    Raises:
        ConfigError: If scipy is not installed.

    >>> round(sign_test(9, 1), 9)
    0.021484375
    """
    try:
        from scipy.stats import binomtest
    except ModuleNotFoundError:
        raise ConfigError("a sign test needs pip install 'pecrs[eval]'") from None
    return float(binomtest(ahead, ahead + behind).pvalue) if ahead + behind else 1.0


def kappa(labels: Sequence[Sequence[str]]) -> float | None:
    """Return the agreement beyond chance of annotators on the same things: Cohen's of two, Fleiss' of more.

    Args:
        labels: By annotator, one label a thing.

    Returns:
        1 for full agreement, 0 for that of chance; None for one annotator, nothing in common, or one label throughout.

    Raises:
        ConfigError: If scikit-learn is not installed.

    >>> kappa([["a", "a", "b", "b"], ["a", "b", "b", "b"]])
    0.5
    """
    if len(labels) < 2 or len({label for own in labels for label in own}) < 2:
        return None
    if len(labels) > 2:
        return _fleiss_kappa(labels)
    try:
        from sklearn.metrics import cohen_kappa_score
    except ModuleNotFoundError:
        raise ConfigError("agreement of annotators needs pip install 'pecrs[eval]'") from None
    return float(cohen_kappa_score(*labels))


def _fleiss_kappa(labels: Sequence[Sequence[str]]) -> float:
    people, things = len(labels), len(labels[0])
    by_thing = [Counter(row) for row in zip(*labels, strict=True)]
    alike = sum(n * (n - 1) for counts in by_thing for n in counts.values())
    observed = alike / (things * people * (people - 1))
    chance = sum((n / (people * things)) ** 2 for n in sum(by_thing, Counter()).values())
    return (observed - chance) / (1 - chance)
