"""Saving and loading of a model folder: safetensors and JSON only, declared in one place, written atomically.

Source: design section 3.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, load_model, save_file, save_model
from torch.nn import functional as F  # noqa: N812

from pecrs.config import Config, DataConfig, with_current_names
from pecrs.data.catalogue import Catalogue
from pecrs.data.files import read_json, recover_folder, replacing_folder
from pecrs.data.installed import installed_models
from pecrs.data.truecase import Truecaser
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import CheckpointError, ConfigError, DataError
from pecrs.model.backbone.adapters import load_adapters, save_adapters
from pecrs.model.backbone.base import load_base, load_tokenizer, save_base, token_rows
from pecrs.model.backbone.device_map import parse_memory_budgets
from pecrs.model.backbone.gguf import parts_of
from pecrs.model.backbone.reading_adapter import ReadingAdapter
from pecrs.model.message_reader import MessageReader
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.build import load_untuned
from pecrs.model.persistence.inspection import check_declared_size, inspect_folder


@dataclass(frozen=True)
class Layout:
    """Names of the files that make a model folder.

    Attributes:
        marker: Format, versions, configuration and base; written last.
        heads: Pooling, heads, embeddings, biases, and the initial rows of the special tokens.
        vectors: Item vectors of the catalogue, in its order.
        adapter: peft's adapters (``tuning: lora``).
        backbone: The tuned weights (``tuning: full``).
        base: The untuned backbone, where it is not to be had elsewhere: safetensors, or a GGUF file in parts.
        tokenizer: The tokeniser with the special tokens.
        catalogue: Items and declared fields.
        truecaser: How words are written, where the vocabulary has no capitals.
        message_reader: What says what messages do, where it was trained.
        ranking: Features beside the model's score and their weights, where they were fitted; read by
            :mod:`pecrs.ranking.folder`.
    """

    marker: str = "config.json"
    heads: str = "heads.safetensors"
    vectors: str = "item_vectors.safetensors"
    adapter: str = "adapter"
    backbone: str = "backbone.safetensors"
    base: str = "base"
    tokenizer: str = "tokenizer"
    catalogue: str = "catalogue.jsonl"
    truecaser: str = "truecase.json"
    message_reader: str = "message_reader.safetensors"
    ranking: str = "ranking.safetensors"


LAYOUT = Layout()
FORMAT = 3
_FORMER_TRUECASER = "spelling.json"
"""What older folders call that file."""
_BESIDE = "base_beside"
"""Where the marker says how a base outside the run lies from the model folder, should both move together."""
_MARKER = {
    "format": int, "pecrs": str, "base": str | None, _BESIDE: str | None, "base_sha256": str, "config": dict,
}  # fmt: skip
_APART = ("backbone.", "message_reader.")
"""What has files of its own."""
_ROWS = "token_rows"
_TRAINED_ROWS = "trained_rows."
_BROKEN = (
    OSError, KeyError, TypeError, ValueError, AttributeError, RuntimeError, SafetensorError, ConfigError, DataError,
)  # fmt: skip
"""What the readers of the ecosystem raise on files that are not what their names say."""


@dataclass(frozen=True, eq=False)
class Pretrained:
    """What a model folder holds.

    Attributes:
        model: The model, in evaluation mode where it was loaded.
        config: The configuration that it was made and trained with, and how it ranks and replies.
    """

    model: PecrsModel
    config: Config


def save_pretrained(pretrained: Pretrained, folder: Path, base: str, *, include_base: bool) -> None:
    """Write a model folder; an existing model is replaced only when the new one is complete.

    Files in it that are no part of a model, such as a model card, are kept.

    Args:
        pretrained: The model, with up-to-date ``catalogue_vectors``, and its configuration.
        folder: Destination.
        base: Name or path of the untuned backbone.
        include_base: Copy the base into the folder, so that it stands alone.

    Raises:
        CheckpointError: If the folder cannot be written, or holds something that is not a model.
    """
    with _replacing(folder) as temporary:
        _write(pretrained, temporary, base, include_base)


def export_pretrained(
    source: Path, folder: Path, *, without: Sequence[str] = (), overrides: Sequence[str] = ()
) -> None:
    """Write a model folder for inference alone: it stands alone and is as small as it can be.

    The folder tells no path. The base keeps the precision of its own files; what was trained goes to half precision.
    Learned item embeddings are left out, since the item vectors hold them; new items never had any.

    Args:
        source: A model folder.
        folder: Destination, another than the source; a model that is there is replaced as by :func:`save_pretrained`.
        without: Item fields to leave out of the catalogue. Vectors keep what they were made of; new items are read
            without these fields.
        overrides: Assignments ``field=value`` to the settings of replies, which nothing that was trained depends on.

    Raises:
        CheckpointError: If the source does not load, or the destination cannot be written, is not a model, or is the
            source, which holds more than an export does.
        ConfigError: If a field is none of the catalogue's, or an assignment is wrong.
    """
    if folder.resolve() == source.resolve():
        raise CheckpointError(f"{folder}: not replaced: it is what is to be exported")
    loaded, base = from_pretrained(source), base_of(source)
    model, config = loaded.model, loaded.config
    fields = model.catalogue.fields
    for name in without:
        if name not in fields:
            raise ConfigError(f"without: {name!r} is none of the catalogue's fields {', '.join(fields)}")
    items = [replace(item, facts={k: v for k, v in item.facts.items() if k not in without}) for item in model.catalogue]
    described = model.catalogue.described_by([name for name in fields if name not in without])
    model.catalogue = replace(described, items=tuple(items))
    changed = {
        "model": config.model.model_copy(update={"item_embedding": False, "backbone": LAYOUT.base}),
        "training": config.training.model_copy(update={"start": ""}),
        "generation": config.generation.override(overrides),
    }
    model.item_encoder.embedding = model.item_encoder.seen = None
    with _replacing(folder) as temporary:
        _write(Pretrained(model, config.model_copy(update=changed)), temporary, base, include_base=True)
        if (source / LAYOUT.ranking).exists():
            shutil.copy2(source / LAYOUT.ranking, temporary / LAYOUT.ranking)
        halve_trained(temporary)


def halve_trained(folder: Path) -> None:
    """Bring adapters or tuned weights, and item vectors, of a model folder to half precision, in place."""
    for path in (folder / LAYOUT.vectors, folder / LAYOUT.backbone, *(folder / LAYOUT.adapter).glob("*")):
        if path.suffix == ".safetensors" and path.exists():
            _halve(path)


def _halve(path: Path) -> None:
    with safe_open(path, framework="pt") as stored:
        tensors = {name: stored.get_tensor(name).to(torch.float16) for name in stored.keys()}
        about = stored.metadata()
    small = path.with_name(path.name + ".small")
    save_file(tensors, small, about)
    small.replace(path)


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside a model folder, and put it in that one's place when all went well."""
    _recover(folder)
    present = sorted(folder.iterdir()) if folder.is_dir() else []
    names = {path.name for path in present}
    if (present or folder.is_file()) and not names >= {LAYOUT.marker, LAYOUT.heads}:
        raise CheckpointError(f"{folder}: not replaced: it is not a model folder")
    with replacing_folder(folder) as temporary:
        yield temporary
        for path in present:
            if path.name not in {*asdict(LAYOUT).values(), _FORMER_TRUECASER}:
                copy = shutil.copytree if path.is_dir() else shutil.copy2
                copy(path, temporary / path.name)


def _write(pretrained: Pretrained, folder: Path, base: str, include_base: bool) -> None:
    model = pretrained.model
    heads = {k: v.contiguous() for k, v in model.state_dict().items() if not k.startswith(_APART)}
    trained = {_TRAINED_ROWS + side: rows.detach() for side, rows in model.backbone.trained_rows.items()}
    save_file({**heads, **trained, _ROWS: token_rows(model.reader).contiguous()}, folder / LAYOUT.heads)
    save_file({"vectors": model.catalogue_vectors.contiguous()}, folder / LAYOUT.vectors)
    model.catalogue.save(folder / LAYOUT.catalogue)
    if model.truecaser is not None:
        model.truecaser.save(folder / LAYOUT.truecaser)
    if model.message_reader is not None:
        save_message_reader(model.message_reader, folder)
    model.vocabulary.tokenizer.save_pretrained(str(folder / LAYOUT.tokenizer))
    if model.backbone.tuning == "lora":
        save_adapters(model.backbone, folder / LAYOUT.adapter)
    else:
        save_model(model.backbone.model, str(folder / LAYOUT.backbone))
    if include_base:
        save_base(base, folder / LAYOUT.base)
    marker = {
        "format": FORMAT,
        "pecrs": version("pecrs"),
        "base": None if include_base else _stored_base(folder, base),
        _BESIDE: None if include_base or not Path(base).is_dir() else os.path.relpath(base, folder),
        "base_sha256": model.reader.fingerprint(),
        "config": pretrained.config.to_dict(),
    }
    (folder / LAYOUT.marker).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")


def save_message_reader(reader: MessageReader, folder: Path) -> None:
    """Write a message reader into a model folder, in half precision, in place of the one that is there.

    Raises:
        CheckpointError: If it cannot be written.
    """
    weights = {name: tensor.half().contiguous() for name, tensor in reader.state_dict().items()}
    new = folder / f".{LAYOUT.message_reader}.new"
    try:
        save_file(weights, new)
        new.replace(folder / LAYOUT.message_reader)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{folder}: cannot be written: {error}") from None


def load_message_reader(folder: Path, width: int) -> MessageReader | None:
    """Load the message reader of a model folder; None where there is none.

    Args:
        folder: The model folder.
        width: Width of its base.
    """
    path = folder / LAYOUT.message_reader
    if not path.exists():
        return None
    weights = load_file(path)
    reader = MessageReader(width, adapter=ReadingAdapter.of_weights(weights, "adapter."))
    reader.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    return reader.requires_grad_(False).eval()


def model_folder(folder: Path) -> Path:
    """Return a model folder, or that of the best model of a training run.

    Raises:
        CheckpointError: If there is no such folder.
    """
    _recover(folder)
    _recover(folder / "model")
    if not (folder / LAYOUT.heads).exists() and (folder / "model").is_dir():
        folder = folder / "model"
    if not folder.is_dir():
        raise CheckpointError(f"{folder}: no such folder")
    return folder


def _recover(folder: Path) -> None:
    try:
        recover_folder(folder)
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be recovered: {error.strerror or error}") from None


def base_of(folder: Path) -> str:
    """Return the name or path of the untuned backbone of a model folder.

    Raises:
        CheckpointError: If it is not a model folder.
    """
    return _base_of(folder, _read_marker(folder))


def _base_of(folder: Path, marker: Mapping[str, Any]) -> str:
    stored: str | None = marker["base"]
    if stored is None:
        return str(folder / LAYOUT.base)
    beside = Path(os.path.abspath(folder / (marker.get(_BESIDE) or stored)))
    moved = beside.is_dir() and os.path.isabs(stored) and not Path(stored).is_dir()
    return str(beside) if stored.startswith("..") or moved else stored


def _stored_base(folder: Path, base: str) -> str:
    """Return what the marker says of a base: the path from the model folder where it lies in the same run.

    Elsewhere it is the absolute path of a folder that is there, or the name as it is.
    """
    path, run = Path(os.path.abspath(base)), Path(os.path.abspath(folder.parent))
    if not path.is_dir():
        return base
    together = (run / LAYOUT.marker).is_file() and path.is_relative_to(run)
    return os.path.relpath(path, run / folder.name) if together else str(path)


def from_pretrained(folder: Path, *, base: str | None = None, device_map: str = "") -> Pretrained:
    """Load a model folder for inference; nothing is unpickled, no code from it runs, and its files name none outside.

    The untuned base alone may lie elsewhere, where the folder has none: ``config.json`` then gives its name or path.

    Args:
        folder: What :func:`save_pretrained` wrote.
        base: Name or path of the untuned backbone, where it has moved.
        device_map: Where the backbone is put; see :func:`pecrs.model.backbone.base.load_base`.

    Raises:
        CheckpointError: If a file is missing, broken, or of another format, or the backbone does not fit the devices.
        ConfigError: If the device map is wrong.
    """
    if device_map:
        parse_memory_budgets(device_map)  # a mistake there is none of the folder's
    marker = _read_marker(folder)
    _inspect(folder)
    try:
        config = Config.from_dict(with_current_names(marker["config"]))
        name = base or _base_of(folder, marker)
        return Pretrained(_load_model(folder, config, name, marker["base_sha256"], device_map), config)
    except _BROKEN as error:
        raise CheckpointError(f"{folder}: cannot be loaded: {error}") from None


def _load_model(folder: Path, config: Config, base: str, base_digest: str, device_map: str) -> PecrsModel:
    catalogue = Catalogue.load(folder / LAYOUT.catalogue)
    words = next((path for path in (folder / LAYOUT.truecaser, folder / _FORMER_TRUECASER) if path.exists()), None)
    truecaser = Truecaser.load(words) if words else None
    heads = _read_heads(folder / LAYOUT.heads, config.data)
    vectors = load_file(folder / LAYOUT.vectors)["vectors"]
    rows = heads.pop(_ROWS)
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(str(folder / LAYOUT.tokenizer)), config.data)
    untuned = load_untuned(config.model, base, vocabulary, rows, device_map)
    if untuned.fingerprint() != base_digest:
        raise CheckpointError(f"{folder}: was trained on another backbone than {base!r}")
    if config.model.tuning == "lora":
        backbone = reader = load_adapters(untuned, config.model.lora, folder / LAYOUT.adapter)
        with torch.no_grad():
            for side, trained in backbone.trained_rows.items():
                trained.copy_(heads.pop(_TRAINED_ROWS + side))
    else:
        backbone, reader = untuned, load_base(base, vocabulary, token_rows=rows, device_map=device_map)
        load_model(backbone.model, str(folder / LAYOUT.backbone))
    model = PecrsModel(config.model, config.data, catalogue, backbone, reader, [0] * len(catalogue))
    missing, unexpected = model.load_state_dict(heads, strict=False)
    missing = [key for key in missing if not key.startswith("backbone.")]
    if missing or unexpected:
        raise CheckpointError(f"{folder / LAYOUT.heads}: missing {missing}, unexpected {unexpected}")
    if vectors.shape != model.catalogue_vectors.shape:
        raise CheckpointError(f"{folder / LAYOUT.vectors}: shape {tuple(vectors.shape)} does not fit the catalogue")
    scale = model.item_encoder.scale
    exact = vectors.dtype is scale.dtype
    model.catalogue_vectors = vectors if exact else F.normalize(vectors.to(scale), dim=1) * scale
    model.truecaser, model.message_reader = truecaser, load_message_reader(folder, backbone.width)
    return model.to(backbone.device).eval()


def _inspect(folder: Path) -> None:
    if folder.resolve() in {path.resolve() for path in installed_models().values()}:  # perhaps links of an installer
        return
    inspect_folder(folder)
    if (folder / LAYOUT.base).exists() and not parts_of(folder / LAYOUT.base):  # a GGUF file's are checked when read
        check_declared_size(folder / LAYOUT.base)


def _read_heads(path: Path, data: DataConfig) -> dict[str, torch.Tensor]:
    heads: dict[str, torch.Tensor] = load_file(path)
    if heads["item_encoder.pooling"].shape != (data.max_item_tokens,):
        raise CheckpointError(f"{path}: was made with another data.max_item_tokens")
    return heads


def _read_marker(folder: Path) -> Mapping[str, Any]:
    path = folder / LAYOUT.marker
    if not path.is_file():
        raise CheckpointError(f"{folder}: not a model folder: {LAYOUT.marker} is missing")
    try:
        marker = read_json(path)
    except DataError as error:
        raise CheckpointError(str(error)) from None
    if not isinstance(marker, dict) or marker.get("format") != FORMAT:
        raise CheckpointError(f"{path}: not a model of format {FORMAT}")
    for name, kind in _MARKER.items():
        if not isinstance(marker.get(name), kind):
            raise CheckpointError(f"{path}: {name}: not a model of format {FORMAT}")
    if odd := marker.keys() - _MARKER.keys():
        raise CheckpointError(f"{path}: unknown field {min(odd)!r}")
    return marker
