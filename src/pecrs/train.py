"""The verbs ``prepare``, ``train``, ``fit_ranking``, ``export``, ``push_to_hub``: from files to a model to share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pecrs.config import Config
    from pecrs.data.catalogue import Catalogue
    from pecrs.data.loaders.prepare import Data, Statistics
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


def prepare(
    name: str,
    source: Path | str,
    output: Path | str,
    *,
    fields: Sequence[str] | None = None,
    validation: str | None = None,
    metadata: Path | str | None = None,
    tmdb_cache: Path | str | None = None,
    progress: Report | None = None,
) -> Statistics:
    """Turn the files of a data set into the prepared folder that training and evaluation read.

    Args:
        name: ``generic`` for your own data, or ``redial``, ``inspired``, ``opendialkg-books``, ``reddit-movie``,
            ``cpcd`` or ``talkplay``.
        source: The folder or archive of the files. Your own are ``catalogue.csv``, ``.jsonl`` or ``.parquet``, and
            ``dialogues.jsonl`` or one file a split.
        output: The folder to write.
        fields: The item fields that the model reads, in order, of your own data; None takes all.
        validation: Which dialogues are for validation. Of your own data: ``random`` (where None is given), ``time`` or
            ``group:<field>``. Of ReDial: ``published`` (where None is given) or ``unseen-workers``.
        metadata: A file of facts to add to the items.
        tmdb_cache: Ask The Movie Database for films without facts, with the key in ``TMDB_API_KEY``, and keep its
            answers in this file.
        progress: Is told how many dialogues are linked, and how many films The Movie Database was asked for; ``print``
            will do.

    Returns:
        Counts of what was read, and remarks on what was left out.

    Raises:
        ConfigError: If an argument is wrong or the key is missing.
        DataError: Naming file, line and field of what is wrong.
    """
    from pecrs.data.loaders import prepare as loaders
    from pecrs.data.progress import silent
    from pecrs.linking.certainty import title_finder

    return loaders.prepare(
        name,
        Path(source),
        Path(output),
        fields=fields,
        validation=validation,
        metadata=None if metadata is None else Path(metadata),
        tmdb_cache=None if tmdb_cache is None else Path(tmdb_cache),
        find_titles=title_finder,
        progress=progress or silent,
    )


def train(
    config: Config | Path | str,
    data: Data,
    output: Path | str,
    *,
    catalogue_only: bool = False,
    resume: bool = False,
    progress: Report | None = None,
) -> TrainingResult:
    """Train a model; the best one on validation ends up in ``output/model``.

    Args:
        config: A configuration, or a YAML file of one.
        data: A prepared folder, or a catalogue with dialogues. Of dialogues in one list about a tenth is held out for
            validation; by split, they need ``train`` and ``valid``.
        output: The folder of the run: the model, its log, and a checkpoint from which it can go on.
        catalogue_only: Train without dialogues, or without those that there are: on requests made from the catalogue's
            facts and descriptions, ``training.catalogue_dialogues`` of them; validation has wordings of its own. The
            weights of features beside the model's score are those of ``training.start``, where it has any.
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
    from pecrs.model.persistence.transfer import start_folder
    from pecrs.training.catalogue_dialogues import without_dialogues
    from pecrs.training.launch import train_run
    from pecrs.training.loop import MODEL_FOLDER

    chosen = config if isinstance(config, Config) else Config.from_yaml(Path(config))
    folder, report = Path(output), progress or silent
    prepared = as_prepared(data)
    if catalogue_only:
        chosen, prepared = without_dialogues(chosen, prepared)
    state = train_run(chosen, prepared, folder, recall_validation, report, resume=resume)
    if catalogue_only and chosen.training.start:
        _take_over(start_folder(chosen.training.start), folder / MODEL_FOLDER, prepared.catalogue)
    return TrainingResult(folder / MODEL_FOLDER, state.best, state.step, state.seconds)


def _take_over(start: Path, model: Path, catalogue: Catalogue) -> None:
    """Weigh features of a new model's catalogue as the model that it starts from does, if that weighs any."""
    from pecrs.data.catalogue import Catalogue
    from pecrs.model.persistence.folder import LAYOUT, from_pretrained
    from pecrs.model.text_meaning import text_vectors
    from pecrs.ranking.folder import load_reordering, save_reordering

    reordering = load_reordering(start)
    if reordering is not None:
        read = partial(text_vectors, from_pretrained(model).model.backbone)
        own = Catalogue.load(start / LAYOUT.catalogue)
        save_reordering(reordering.uncounted(own, catalogue, read), model)


def fit_ranking(
    model: Path | str,
    data: Data,
    *,
    split: str = "valid",
    folds: Sequence[tuple[Path | str, Data]] = (),
    requests: Path | str | None = None,
    progress: Report | None = None,
) -> tuple[str, ...]:
    """Fit how features of dialogue and item are weighed beside the model's score, and write that into its folder.

    The model itself does not change. What is counted comes from training dialogues; the weights come from a split
    that the model was not trained on, else they would trust it too much.

    Args:
        model: A model folder, or a training run.
        data: A prepared folder, or a catalogue with dialogues, by split: ``train``, which the model was trained on, and
            another.
        split: What the weights are fitted on.
        folds: Other models of the same catalogue and settings with the data that they were trained and validated on;
            their ``valid`` dialogues count as well. A fold that holds out people or times makes weights for strangers.
        requests: A file of requests with items that fulfil them: weights and what messages mean are learnt from them
            too; ``package``: those for films.
        progress: Is told how many turns are read.

    Returns:
        The names of the features.

    Raises:
        CheckpointError: If the model does not load or cannot be written.
        ConfigError: If LightGBM is missing.
        DataError: If a split is missing, or the model's catalogue lacks items of the dialogues.
    """
    from pecrs.data.loaders.film_requests import requests_to_fit
    from pecrs.data.loaders.prepare import as_prepared
    from pecrs.data.progress import silent
    from pecrs.data.splits import split_dialogues
    from pecrs.inference.ranking import Fold, fit_reordering
    from pecrs.model.persistence.folder import from_pretrained, model_folder
    from pecrs.ranking.folder import save_reordering

    def fold(folder: Path | str, data: Data, held_out: str) -> Fold:
        parts = (split_dialogues(as_prepared(data), name) for name in ("train", held_out))
        return Fold(from_pretrained(model_folder(Path(folder))), *parts)

    own, others = fold(model, data, split), [fold(folder, held, "valid") for folder, held in folds]
    asked = () if requests is None else requests_to_fit(requests)
    reordering = fit_reordering(own, others, progress or silent, asked)
    save_reordering(reordering, model_folder(Path(model)))
    return reordering.weights.names


def export(model: Path | str, output: Path | str, *, without: Sequence[str] = (), settings: Sequence[str] = ()) -> None:
    """Write a model folder that is small and holds all that inference needs, its backbone too.

    Args:
        model: A model folder, a training run, or the name of an installed model.
        output: The folder to write; a model that lies there is replaced, anything else is not.
        without: Item fields to leave out of the catalogue.
        settings: Changes to how replies are made: ``field=value`` of ``generation``.

    Raises:
        CheckpointError: If the model does not load, or the folder cannot be written or holds something else.
        ConfigError: If a field is none of the catalogue's, or a setting is wrong.
    """
    from pecrs.model.persistence.folder import export_pretrained
    from pecrs.model.persistence.locate import locate_model_folder

    export_pretrained(locate_model_folder(model), Path(output), without=without, overrides=settings)


def push_to_hub(model: Path | str, repository: str, *, private: bool | None = None) -> str:
    """Put a model on a hub, as :func:`export` writes it, with a card, and return the address of the commit.

    ``Recommender.from_pretrained(repository)`` loads it from there. The hub and who asks are what huggingface_hub's
    settings say: ``HF_ENDPOINT``, ``HF_TOKEN``, ``hf auth login``.

    Args:
        model: A model folder, a training run, or the name of an installed model. Its ``README.md`` is the card where
            there is one.
        repository: ``organisation/name``; it is made where there is none.
        private: Whether only its owners see a new repository; None leaves it to their settings.

    Raises:
        CheckpointError: If the model does not load, or the hub refuses or cannot be reached.
    """
    from pecrs.model.persistence.hub import upload_model
    from pecrs.model.persistence.locate import locate_model_folder

    return upload_model(locate_model_folder(model), repository, private=private)
