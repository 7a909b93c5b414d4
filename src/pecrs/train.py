"""The verbs ``train`` and ``export``: from a configuration and data to a trained model, and to a small folder of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pecrs.config import Config
    from pecrs.data.loaders.prepare import Data
    from pecrs.data.progress import Report


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
    config: Config | Path | str,
    data: Data,
    output: Path | str,
    *,
    resume: bool = False,
    progress: Report | None = None,
) -> TrainingResult:
    """Train a model; the best one on validation ends up in ``output/model``.

    Args:
        config: A configuration, or a YAML file of one.
        data: A prepared folder, or a catalogue with dialogues. Of dialogues in one list about a tenth is held out for
            validation; by split, they need ``train`` and ``valid``.
        output: The folder of the run: the model, its log, and a checkpoint from which it can go on.
        resume: Go on with what is in the folder.
        progress: Is told how far the run has come; ``print`` will do.

    Raises:
        ConfigError: If the configuration is wrong or does not suit the backbone, or the folder holds another run.
        DataError: If the data are wrong or a split is missing.
    """
    from pecrs.config import Config
    from pecrs.data.loaders.prepare import as_prepared
    from pecrs.data.progress import silent
    from pecrs.evaluation.validation import recall_validation
    from pecrs.training.launch import train_run
    from pecrs.training.trainer import MODEL_FOLDER

    chosen = config if isinstance(config, Config) else Config.from_yaml(Path(config))
    folder, report = Path(output), progress or silent
    state = train_run(chosen, as_prepared(data), folder, recall_validation, report, resume=resume)
    return TrainingResult(folder / MODEL_FOLDER, state.best, state.step, state.seconds)


def export(model: Path | str, output: Path | str, *, without: Sequence[str] = (), settings: Sequence[str] = ()) -> None:
    """Write a model folder that is small and holds all that inference needs, its backbone too.

    Args:
        model: A model folder, or a training run.
        output: The folder to write; a model that lies there is replaced, anything else is not.
        without: Item fields to leave out of the catalogue.
        settings: Changes to how replies are made: ``field=value`` of ``generation``.

    Raises:
        CheckpointError: If the model does not load, or the folder cannot be written or holds something else.
        ConfigError: If a field is none of the catalogue's, or a setting is wrong.
    """
    from pecrs.model.persistence.folder import export_pretrained, model_folder

    export_pretrained(model_folder(Path(model)), Path(output), without=without, overrides=settings)
