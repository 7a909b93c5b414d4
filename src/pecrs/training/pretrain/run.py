"""A pre-training run from text to a model folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pecrs.config import DataConfig
from pecrs.data.catalogue import Catalogue
from pecrs.data.files import read_json, replacing_folder, write_json
from pecrs.data.progress import Progress, Report, silent
from pecrs.data.splits import Prepared
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ConfigError, DataError
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.base import load_base, load_tokenizer
from pecrs.training.pretrain.corpora import Document, cut, dialogue_documents, is_held_out, item_pieces
from pecrs.training.pretrain.pretrainer import Pretrainer, Texts
from pecrs.training.pretrain.settings import PretrainingConfig
from pecrs.training.pretrain.start import warm_start
from pecrs.training.run import BASE_FOLDER, start_run
from pecrs.training.scratch import make_backbone
from pecrs.training.workers import Workers

SWEEP = "sweep.json"
"""Name of the file with the bits a byte of each rate that was tried."""


def pretrain(
    settings: PretrainingConfig,
    corpora: Iterable[Document],
    domains: Sequence[Prepared],
    folder: Path,
    report: Report = silent,
    *,
    resume: bool = False,
) -> float:
    """Run one run; the model ends up in ``folder/model``, for transformers and for ``model.backbone``.

    Args:
        settings: The run.
        corpora: Dialogues as text.
        domains: Their ``train`` dialogues and item texts are read too; other splits never are.
        folder: The run's own.
        report: Is told how far it has come.
        resume: Go on with what is in the folder.

    Returns:
        Bits a byte of held-out text.

    Raises:
        ConfigError: If several processes were started, the folder holds another run, or the start does not suit the
            settings.
        DataError: If there is no text.
    """
    if Workers().count > 1:
        raise ConfigError("pre-training runs in one process; several were started")
    start_run(folder, settings, resume=resume)
    documents = [document for domain in domains for document in dialogue_documents(domain.train)]
    documents = [document for document in (*corpora, *documents) if document.turns]
    catalogues = [domain.catalogue for domain in domains]
    backbone = _start(settings, documents, catalogues, folder / BASE_FOLDER)
    if settings.length > backbone.max_positions:
        raise ConfigError(f"length: {settings.length} tokens; the start reads {backbone.max_positions} at most")
    texts = _texts(settings, documents, catalogues, backbone.vocabulary)
    counts = [sum(len(chunk.tokens) for chunk in chunks) for chunks in (texts.train, texts.held_out)]
    report(Progress(f"{counts[0]:,} tokens to learn from, {counts[1]:,} held out"))
    pretrainer = Pretrainer(backbone, texts, settings, folder, report)
    return pretrainer.train(_rate(pretrainer, folder / SWEEP, report), resume=resume)


def _start(
    settings: PretrainingConfig, documents: Sequence[Document], catalogues: Sequence[Catalogue], base: Path
) -> Backbone:
    if not base.exists():
        with replacing_folder(base) as made:
            words = [text for document in documents for _, text in document.turns]
            facts = [text for c in catalogues for item in c for text in c.text_fields(item)]
            if settings.start == "scratch":
                make_backbone(settings.scratch, [*words, *facts], made, settings.seed)
            else:
                warm_start(settings.start, made, [*words, *facts], settings.vocabulary_floor)
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(str(base)), DataConfig())
    return load_base(str(base), vocabulary).to(Workers().accelerator.device)


def _texts(
    settings: PretrainingConfig, documents: Sequence[Document], catalogues: Sequence[Catalogue], vocabulary: Vocabulary
) -> Texts:
    kept: tuple[list[Document], list[Document]] = ([], [])
    for document in documents:
        kept[is_held_out(document, settings.held_out)].append(document)
    train, held_out = (cut(some, vocabulary, settings.length) for some in kept)
    for catalogue in catalogues:
        train += item_pieces(catalogue, vocabulary, settings.length)
    if not train or not held_out:
        raise DataError("there is too little text: nothing is left to learn from or to hold out")
    limit = DataConfig().max_item_tokens
    items = [text for c in catalogues for text in vocabulary.encode_items([c.text_fields(item) for item in c], limit)]
    return Texts(train, held_out, items)


def _rate(pretrainer: Pretrainer, record: Path, report: Report) -> float:
    """Return the rate of the run; trials are made once and remembered."""
    rates = pretrainer.settings.learning_rates
    if len(rates) == 1:
        return rates[0]
    tried: dict[str, float] = read_json(record) if record.exists() else {}
    for rate in rates:
        if str(rate) not in tried:
            tried[str(rate)] = pretrainer.trial(rate)
            write_json(record, tried)
            report(Progress(f"learning rate {rate:g}: {tried[str(rate)]:.4f} bits per byte"))
    return min(rates, key=lambda rate: tried[str(rate)])
