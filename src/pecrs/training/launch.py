"""From a configuration and data to a trained model: the backbone, its model, the streams and the trainer of one run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pecrs.config import Config
from pecrs.data.dialogue import Dialogue, named_items
from pecrs.data.files import replacing_folder
from pecrs.data.progress import Progress, Report, silent
from pecrs.data.splits import Prepared
from pecrs.data.stream import StreamLayout
from pecrs.data.truecase import Truecaser
from pecrs.errors import ConfigError, DataError
from pecrs.model.backbone.device_map import parse_memory_budgets
from pecrs.model.backbone.precision import computes_bf16
from pecrs.model.pecrs import PecrsModel, TrainedParameters
from pecrs.model.persistence.build import build_model
from pecrs.model.persistence.folder import LAYOUT, base_of
from pecrs.model.persistence.transfer import start_folder, take_start, with_absolute_paths
from pecrs.training.catalogue_dialogues import with_catalogue_dialogues
from pecrs.training.checkpoint import RunState
from pecrs.training.cooccurrence import cooccurrence_factors
from pecrs.training.loop import MODEL_FOLDER
from pecrs.training.run import BASE_FOLDER, start_run
from pecrs.training.scratch import make_backbone, training_texts
from pecrs.training.streams import popularity_counts, training_streams
from pecrs.training.trainer import Trainer, Validate
from pecrs.training.workers import Workers

Validation = Callable[[Sequence[Dialogue], Config, Workers, Report], Validate]
"""Makes a validation of dialogues, the configuration, the processes of the run, and who is told of progress."""


def train_run(
    config: Config,
    data: Prepared,
    folder: Path,
    validation: Validation,
    report: Report = silent,
    *,
    resume: bool = False,
) -> RunState:
    """Train a model on prepared data; the best one on validation ends up in ``folder/model``.

    Args:
        config: The configuration.
        data: Needs ``train`` and ``valid`` dialogues.
        folder: The run.
        validation: How the model is validated.
        report: Is told how far the run has come.
        resume: Go on with what is in the folder.

    Raises:
        ConfigError: If the folder holds another run, or the configuration does not suit the backbone.
        DataError: If a split is missing.
    """
    _check_splits(data)
    config = with_absolute_paths(config)
    workers = Workers()
    if config.training.device_map:
        parse_memory_budgets(config.training.device_map)
        if workers.count > 1:
            raise ConfigError("training.device_map: one process is expected; several share training.shard_backbone")
    report = report if workers.main else silent
    data = _described(config, data, report)
    if workers.main:
        start_run(folder, config, resume=resume)
    base = workers.agree(_made_base(config, data, folder) if workers.main else "")
    with workers.main_first():
        device = "" if config.training.shard_backbone and workers.count > 1 else str(workers.accelerator.device)
        model = _untrained(config, data, base, config.training.device_map or device, report)
    report(Progress(str(TrainedParameters.of_model(model))))
    layout = StreamLayout(model.vocabulary, data.catalogue, config.data)
    streams = training_streams(with_catalogue_dialogues(config, data), layout, model.backbone.max_positions)
    report(Progress(f"{len(streams):,} streams with {sum(s.weight for s in streams):,} data points"))
    trainer = Trainer(model, config, streams, folder, base, report, workers, _digest(data.valid))
    arithmetic = "bf16" if computes_bf16(model.device, config.training.precision) else "fp32"
    report(Progress(f"computing in {arithmetic} on {model.device.type}"))
    if resume and trainer.resume():
        report(Progress(f"resuming at epoch {trainer.state.epoch + 1}, batch {trainer.state.batch}"))
    state = trainer.train(validation(data.valid, config, workers, report))
    report(Progress(_summary(state, folder)))
    return state


def _described(config: Config, data: Prepared, report: Report) -> Prepared:
    """Return the data with items described as the configuration says."""
    catalogue = data.catalogue.described_by(config.data.item_fields, config.data.max_item_values)
    lacking = [name for name in config.data.max_item_values if name not in catalogue.fields]
    if lacking:
        report(Progress(f"data.max_item_values: no item text has {', '.join(lacking)}"))
    return replace(data, catalogue=catalogue)


def _summary(state: RunState, folder: Path) -> str:
    took = f"{state.seconds / 60:.1f} minutes"
    return f"best mean recall {state.best:.4f} after {took}; model in {folder / MODEL_FOLDER}"


def _check_splits(data: Prepared) -> None:
    for name in ("train", "valid"):
        if not data.splits.get(name):
            raise DataError(f"there are no {name} dialogues to train with", field=name)


def _made_base(config: Config, data: Prepared, folder: Path) -> str:
    """Return the name of the untrained backbone, made first where the run makes one."""
    if config.model.backbone == "start":
        return base_of(start_folder(config.training.start))
    if config.model.backbone != "scratch":
        return config.model.backbone
    base = folder / BASE_FOLDER
    if not base.exists():
        texts = training_texts(data.train, data.catalogue, config.data)
        with replacing_folder(base) as made:
            make_backbone(config.model.scratch, texts, made, config.training.seed)
    return str(base)


def _untrained(config: Config, data: Prepared, base: str, device_map: str, report: Report) -> PecrsModel:
    named = named_items(data.train)
    start = start_folder(config.training.start) if config.training.start else None
    model = build_model(
        config.model,
        config.data,
        data.catalogue,
        popularity_counts(data.train, data.catalogue),
        base,
        seed=config.training.seed,
        named=[item.id in named for item in data.catalogue],
        tokenizer=str(start / LAYOUT.tokenizer) if start is not None and config.model.backbone == "start" else None,
        device_map=device_map,
        report=report,
    )
    if start is not None:
        take_start(model, start)
    if config.model.item_embedding and config.training.item_embedding_start == "cooccurrence":
        width, seed = model.backbone.width, config.training.seed
        model.item_encoder.start_embedding(cooccurrence_factors(data.train, data.catalogue, width, seed))
        model.refresh_vectors()
    if model.vocabulary.uncased:
        turns = (turn for dialogue in data.train for turn in dialogue.turns)
        model.truecaser = Truecaser.learn(words for turn in turns for words in turn.words)
    return model


def _digest(dialogues: Sequence[Dialogue]) -> str:
    said = repr([(dialogue.id, dialogue.turns) for dialogue in dialogues])
    return hashlib.sha256(said.encode()).hexdigest()
