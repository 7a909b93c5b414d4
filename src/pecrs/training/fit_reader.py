"""From a model folder and labelled messages to a reader of messages in that folder.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from pecrs.data.acts import LabelledMessage
from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue
from pecrs.data.loaders.labelled import load_labelled
from pecrs.data.loaders.requests import load_requests
from pecrs.data.loaders.written import written_messages
from pecrs.data.progress import Report, silent
from pecrs.data.templates import generate
from pecrs.errors import DataError
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.persistence.folder import from_pretrained, save_message_reader
from pecrs.training.reader import (
    ReaderSettings,
    ReadingQuality,
    evenly,
    fit_thresholds,
    read_messages,
    reading_quality,
    train_reader,
)

HELD_OUT_GENERATED = 800
"""Messages of held-out wordings that a reader is judged by."""

_LABELLED_TIMES = 3
"""How often the messages that people wrote to a recommender are read in an epoch; there are few of them."""


def fit_reader(
    folder: Path,
    *,
    requests: Path | None = None,
    inspired: Sequence[Dialogue] = (),
    generated: int = 10_000,
    requested: int = 6_000,
    settings: ReaderSettings | None = None,
    report: Report = silent,
) -> Mapping[str, ReadingQuality]:
    """Train a message reader for a model and write it into the model's folder, of which nothing else changes.

    It learns from the labelled messages and the conversations of the package, from messages generated from the model's
    own catalogue, and from labelled requests where they are given. Thresholds are fitted on what is held out of these.

    Args:
        folder: A model folder.
        requests: ``requests.jsonl.gz`` with ``sources.json`` beside it; None goes without.
        inspired: INSPIRED's train dialogues, whose labels are in the package but not their words.
        generated: How many messages to generate from the catalogue.
        requested: How many of the labelled requests to take, evenly over sources and acts.
        settings: How to train.
        report: Is told how far it has come.

    Returns:
        How well messages are read that were held out: ``labelled`` ones, those of written ``conversations``, and
        ``generated`` ones.

    Raises:
        CheckpointError: If the model does not load or cannot be written.
        DataError: If there is nothing to learn from.
    """
    settings = settings or ReaderSettings()
    model = from_pretrained(folder).model
    reader = model.reader
    assert isinstance(reader, Backbone)
    if not (messages := training_messages(model.catalogue, requests, inspired, generated, requested, settings.seed)):
        raise DataError("there are no messages to learn from", field="generated")
    held_out = {
        "labelled": load_labelled(inspired, held_out=True),
        "conversations": written_messages(held_out=True),
        "generated": list(generate(model.catalogue, HELD_OUT_GENERATED, settings.seed + 1, held_out=True)),
    }
    read_as = partial(read_messages, reader, report=report, adapted=settings.rank > 0)
    head = train_reader(read_as(messages), settings, report)
    read = {name: read_as(own) for name, own in held_out.items()}
    fit_thresholds(head, list(read.values()))
    quality = {name: reading_quality(head, own) for name, own in read.items()}
    save_message_reader(head, folder)
    return quality


def training_messages(
    catalogue: Catalogue,
    requests: Path | None,
    inspired: Sequence[Dialogue],
    generated: int,
    requested: int,
    seed: int,
) -> list[LabelledMessage]:
    """Return what a reader learns from; messages that are held out elsewhere are left out by their words.

    Args:
        catalogue: The facts that messages are generated from.
        requests: Labelled requests, or None.
        inspired: INSPIRED's train dialogues.
        generated: How many messages to generate.
        requested: How many requests to take.
        seed: Of choices.
    """
    kept = {message.text for message in load_labelled(inspired, held_out=True)}
    taken = evenly(load_requests(requests), requested, seed) if requests is not None else []
    labelled = load_labelled(inspired) * _LABELLED_TIMES
    made = generate(catalogue, generated, seed) if generated else ()
    return [*(message for message in taken if message.text not in kept), *labelled, *written_messages(), *made]
