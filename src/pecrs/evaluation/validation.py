"""The validation by which the best model of a run is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pecrs.config import Config
from pecrs.data.dialogue import Dialogue
from pecrs.data.progress import Report, silent
from pecrs.data.protocol import protocol_variants
from pecrs.evaluation.evaluator import evaluate, predict
from pecrs.inference.ranker import Ranker
from pecrs.model.pecrs import PecrsModel
from pecrs.training.trainer import Validate
from pecrs.training.workers import Workers


def recall_validation(
    dialogues: Sequence[Dialogue], config: Config, workers: Workers | None = None, report: Report = silent
) -> Validate:
    """Return a validation by recall under protocol ``standard``; ``mean_recall`` is the mean of R@1, R@10 and R@50.

    Args:
        dialogues: Validation dialogues.
        config: How many of them are used, how they are ranked, and whether the backbone is sharded.
        workers: The processes that share them out.
        report: Is told how many points are ranked, of this process's.

    Source: PECRS §4.1: the checkpoint with the highest mean of the three.
    """
    chosen = dialogues[: config.training.validation_dialogues or None]
    shared = None if config.training.shard_backbone else workers  # blocks that lie apart are computed by all
    variants = protocol_variants(chosen, "standard")

    def validate(model: PecrsModel) -> Mapping[str, float]:
        ranker = Ranker.of_model(model, config.generation)
        own = {id(dialogue) for dialogue in (chosen if shared is None else chosen[shared.share])}
        points = [point for point in variants["all"] if id(point.dialogue) in own]
        predicted = list(predict(ranker, points, report=report, name="validation"))
        rankings = dict(predicted if shared is None else shared.gather(predicted))
        measured = evaluate(rankings, variants, samples=1)
        values = {f"{name} R@{k}": estimate.value for name, m in measured.items() for k, estimate in m.recall.items()}
        recalls = [estimate.value for estimate in measured["all"].recall.values()]
        values["mean_recall"] = sum(recalls) / len(recalls)
        return values if workers is None else workers.agree(values)

    return validate
