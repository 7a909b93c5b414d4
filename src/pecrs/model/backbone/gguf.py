"""Language models in GGUF files: their weights are written out once, and read from the cache from then on.

A file holds quantised matrices, a configuration and a vocabulary. transformers reads all three, but takes a minute
where a folder of safetensors takes seconds, and refuses to save what it has read; so a plain model gets the weights.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from pecrs.data.files import cache_folder, replacing_folder
from pecrs.data.installed import package_folder
from pecrs.data.model_names import PACKAGED, is_gguf
from pecrs.errors import CheckpointError, ConfigError

_MAGIC = b"GGUF"


def plain_folder(name: str) -> str:
    """Return the folder of a model whose weights a GGUF file holds, written to the cache where it is not there yet.

    Args:
        name: A ``.gguf`` file, or ``package:NAME/FILE``, a file in an installed package, which is not imported; any
            other name or path is returned as it is.

    Raises:
        ConfigError: If there is no such file or package, the file is none that transformers reads, or is cut off, or
            the cache cannot be written.
    """
    if not is_gguf(name):
        return name
    path = _located(name)
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise _refused(path, "is no GGUF file")
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = cache_folder() / f"gguf-{digest[:32]}"
    if not (folder / "config.json").is_file():
        _require_whole(path)
        try:
            with replacing_folder(folder) as temporary:
                _write(path, temporary)
        except CheckpointError as error:
            raise ConfigError(f"model.backbone: the cache of GGUF files (see PECRS_CACHE): {error}") from None
    return str(folder)


def _located(name: str) -> Path:
    """Return the file that a name means."""
    if not name.startswith(PACKAGED):
        path = Path(name).expanduser()
        if not path.is_file():
            raise _refused(path.absolute(), "no such file")
        return path
    package, _, inside = name.removeprefix(PACKAGED).partition("/")
    folder = package_folder(package)
    if folder is None:
        raise ConfigError(f"model.backbone: {name!r}: the package {package!r} is not installed")
    path = (folder / inside).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        there = ", ".join(sorted(file.name for file in folder.glob("*.gguf"))) or "no .gguf file"
        raise ConfigError(f"model.backbone: {name!r}: the package has no file {inside!r}; it has {there}")
    return path


def _require_whole(path: Path) -> None:
    """Refuse a file whose tables or tensors are not all there."""
    try:
        from gguf import GGUFReader
    except ModuleNotFoundError:
        raise _refused(path, "to read it, pip install 'pecrs[gguf]'") from None
    try:
        GGUFReader(path)
    except Exception:  # numpy's and struct's, whatever they stumble over
        raise _refused(path, "is cut off or broken") from None


def _write(path: Path, folder: Path) -> None:
    """Write the model of a file and its tokeniser into a folder as transformers reads them."""
    place: dict[str, Any] = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    try:
        packed, loaded = AutoModelForCausalLM.from_pretrained(
            **place, dtype=torch.float32, trust_remote_code=False, output_loading_info=True
        )
        tokenizer = AutoTokenizer.from_pretrained(**place, trust_remote_code=False)
    except Exception as error:  # whatever the readers raise on an architecture or a vocabulary that they do not know
        raise _refused(path, f"cannot be read: {' '.join(str(error).split())[:200]}") from None
    if loaded["missing_keys"]:
        raise _refused(path, f"lacks {min(loaded['missing_keys'])}")
    config = packed.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.eos_token_id = tokenizer.eos_token_id
    if config.pad_token_id == config.eos_token_id:
        config.pad_token_id = None  # PyTorch gives a padding row no gradient, and this one ends every turn
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(packed.state_dict())
    plain.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


def _refused(path: Path, why: str) -> ConfigError:
    return ConfigError(f"model.backbone: {path}: {why}")
