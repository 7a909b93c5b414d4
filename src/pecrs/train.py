"""The verb ``train``: from a configuration and data to a trained model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pecrs.config import Config
    from pecrs.data.progress import Report
    from pecrs.data.splits import Prepared


@dataclass(frozen=True)
class TrainingResult:
    """A training run that came to its end.

    Attributes:
        model: The folder of the best model.
        mean_recall: Its mean of R@1, R@10 and R@50 on the validation dialogues.
        steps: Optimiser steps.
        seconds: Training time, that before a resume included.
    """

    model: Path
    mean_recall: float
    steps: int
    seconds: float


def train(
    config: Config, data: Prepared, output: Path, *, resume: bool = False, progress: Report | None = None
) -> TrainingResult:
    """Train a model; the best one on validation ends up in ``output/model``.

    Args:
        config: The configuration.
        data: Needs ``train`` and ``valid`` dialogues.
        output: The folder of the run.
        resume: Go on with what is in the folder.
        progress: Is told how far the run has come.

    Raises:
        ConfigError: If the folder holds another run, or the configuration does not suit the backbone.
        DataError: If a split is missing.
    """
    from pecrs.data.progress import silent
    from pecrs.evaluation.validation import recall_validation
    from pecrs.training.launch import train_run
    from pecrs.training.trainer import MODEL_FOLDER

    state = train_run(config, data, output, recall_validation, progress or silent, resume=resume)
    return TrainingResult(output / MODEL_FOLDER, state.best, state.step, state.seconds)
