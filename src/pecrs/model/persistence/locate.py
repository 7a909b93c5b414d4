"""Which model is meant: a folder, a run, one of an installed package, or one of a hub."""

from __future__ import annotations

from pathlib import Path

from pecrs.data.installed import default_name, installed_models
from pecrs.errors import CheckpointError
from pecrs.model.persistence.folder import model_folder
from pecrs.model.persistence.hub import download_model, is_hub_name


def locate_model_folder(model: Path | str | None) -> Path:
    """Return the model folder of a name, a path, or nothing.

    Args:
        model: A model folder or a training run, which come first; the name of an installed model; ``organisation/name``
            of a model on a hub; or None for the one that :data:`pecrs.data.installed.PREFERRED` puts first.

    Raises:
        CheckpointError: If there is no such folder, and a model of that name is not installed and not to be had.
    """
    if model is None:
        return installed_models()[default_name()]
    path = Path(model)
    if len(path.parts) == 1 and not path.exists() and not str(model).startswith((".", "~")):
        models = installed_models()
        if str(model) in models:
            return models[str(model)]
        names = ", ".join(models)
        raise CheckpointError(f"{model}: no such folder, and no model of that name is installed; there are {names}")
    if not path.exists() and is_hub_name(str(model)):
        return download_model(str(model))
    return model_folder(path)
