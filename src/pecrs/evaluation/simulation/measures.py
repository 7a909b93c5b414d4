"""What is measured of simulated conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from types import MappingProxyType

from pecrs.evaluation.metrics.ranking import Estimate, ratio
from pecrs.evaluation.simulation.conversation import Exchange, Judgement, Played, Verdict

POINTS: Mapping[Verdict, int] = MappingProxyType(
    {
        Verdict.ACCEPTED: 5,
        Verdict.ANSWERED: 4,
        Verdict.FITS: 3,
        Verdict.MISFIT: 3,
        Verdict.SEEN: 3,
        Verdict.ASKED: 3,
        Verdict.UNANSWERED: 2,
        Verdict.VIOLATES: 1,
        Verdict.REPEAT: 1,
    }
)
"""Satisfaction with one reply, from 1 to 5."""

GIVING_UP = 1
"""What giving up counts, as if it were one more reply."""


@dataclass(frozen=True)
class Measures:
    """What users found of one recommender.

    Attributes:
        dialogues: How many conversations.
        success: Share of users who have accepted an item, whose title they had not said, by round: the first is that of
            round 1.
        final: The last of these, with its interval over users.
        rounds: Mean round of success; None where there is none.
        satisfaction: Mean over conversations of the mean points of their replies, from 1 to 5.
        violations: Share of recommended items that are against what the user had said.
        repeats: Share of recommended items that had been named before.
        leaked: Share of accepted items whose title the user had said, which do not count.
        gave_up: Share of users who ran out of patience.
        answered: Questions that were answered rightly.
        asked: Questions.
    """

    dialogues: int
    success: tuple[float, ...]
    final: Estimate
    rounds: float | None
    satisfaction: float
    violations: float
    repeats: float
    leaked: float
    gave_up: float
    answered: int
    asked: int


@dataclass(frozen=True)
class Order:
    """Whether a control scores lower than what is measured, as it must.

    Attributes:
        control: Its name.
        success: Difference of the shares of success, users paired, with its interval.
        satisfaction: Difference of satisfaction.
    """

    control: str
    success: Estimate
    satisfaction: Estimate

    @property
    def holds(self) -> bool:
        """Whether the control is lower in both, by more than chance in success."""
        return self.success.low > 0 and self.satisfaction.value > 0

    def __str__(self) -> str:
        """Return it as a sentence."""
        value, low, high = (100 * share for share in (self.success.value, self.success.low, self.success.high))
        difference = f"success {value:+.1f} points ({low:+.1f} to {high:+.1f})"
        verdict = (
            "scores lower, as it must" if self.holds else "DOES NOT SCORE LOWER: the figures are not to be trusted"
        )
        return f"{self.control} {verdict}: {difference}, satisfaction {self.satisfaction.value:+.2f} for the model"


def satisfaction(played: Played) -> float:
    """Return the mean points of the replies of one conversation; giving up counts as one more bad reply."""
    points = [POINTS[exchange.judgement.verdict] for exchange in played.exchanges]
    return fmean([*points, *([GIVING_UP] if played.gave_up else [])])


def measure(dialogues: Sequence[Played], rounds: int) -> Measures:
    """Measure the conversations of one recommender.

    Args:
        dialogues: One a user; at least one.
        rounds: Most rounds that there could be.
    """
    judged = [exchange.judgement for played in dialogues for exchange in played.exchanges]
    items = sum(len(exchange.reply.items) for played in dialogues for exchange in played.exchanges if _counts(exchange))
    successes = [played.success for played in dialogues if played.success is not None]
    accepted = sum(played.accepted is not None for played in dialogues)
    users = [str(played.user) for played in dialogues]
    return Measures(
        len(dialogues),
        tuple(sum(n <= t for n in successes) / len(dialogues) for t in range(1, rounds + 1)),
        ratio(users, [float(played.success is not None) for played in dialogues], [1.0] * len(users)),
        fmean(successes) if successes else None,
        fmean(map(satisfaction, dialogues)),
        _share(sum(judgement.violations for judgement in judged), items),
        _share(sum(judgement.repeats for judgement in judged), items),
        _share(sum(played.leaked for played in dialogues), accepted),
        sum(played.gave_up for played in dialogues) / len(dialogues),
        _count(judged, Verdict.ANSWERED),
        _count(judged, Verdict.ANSWERED, Verdict.UNANSWERED),
    )


def compare_order(model: Sequence[Played], control: Sequence[Played], name: str) -> Order:
    """Compare a model with a control on the same users.

    Args:
        model: The conversations of what is measured.
        control: Those of the control, of the same users in the same order.
        name: Of the control.
    """
    users = [str(played.user) for played in model]
    pairs = list(zip(model, control, strict=True))
    gains = [float(ours.success is not None) - float(theirs.success is not None) for ours, theirs in pairs]
    points = [satisfaction(ours) - satisfaction(theirs) for ours, theirs in pairs]
    ones = [1.0] * len(users)
    return Order(name, ratio(users, gains, ones), ratio(users, points, ones))


def _counts(exchange: Exchange) -> bool:
    return exchange.message.asks is None


def _count(judged: Sequence[Judgement], *verdicts: Verdict) -> int:
    return sum(judgement.verdict in verdicts for judgement in judged)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
