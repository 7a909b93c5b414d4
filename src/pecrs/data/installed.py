"""Models that come in installed packages, by name. Nothing of such a package is imported.

A distribution that holds a model declares it, with the package whose folder is the model folder::

    [project.entry-points."pecrs.models"]
    films = "pecrs_films"
"""

from __future__ import annotations

import importlib.util
from importlib.metadata import entry_points
from pathlib import Path

from pecrs.errors import CheckpointError

GROUP = "pecrs.models"
"""The group of entry points that distributions declare their models in."""

SMALL = "films-small"
"""Name of the model that comes with this very package."""

PREFERRED = ("films", SMALL)
"""The first of these that is installed is taken where no model is named; any other is taken by its name alone."""

BUNDLED = Path(__file__).parents[1] / "bundled"
"""The model of this package."""


def installed_models() -> dict[str, Path]:
    """Return the folders of the installed models by name; of this package's own first, of the others in order.

    A model whose package is missing is left out, and so is another one of this package's name.

    Raises:
        CheckpointError: If two distributions declare one name.
    """
    found, distributions = {SMALL: BUNDLED}, {SMALL: ""}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        folder = package_folder(entry.value)
        if folder is None or entry.name == SMALL:
            continue
        owner = entry.dist.name if entry.dist is not None else entry.value
        if distributions.setdefault(entry.name, owner) != owner:
            both = f"{distributions[entry.name]} and {owner}"
            raise CheckpointError(f"{entry.name}: two installed distributions have a model of this name: {both}")
        found[entry.name] = folder
    return found


def default_name() -> str:
    """Return the name of the model that is taken where none is named; see :data:`PREFERRED`."""
    models = installed_models()
    return next(name for name in PREFERRED if name in models)


def package_folder(name: str) -> Path | None:
    """Return the folder of an installed package, which is not imported, or None where there is none.

    Args:
        name: Of a package that lies in no other.
    """
    found = importlib.util.find_spec(name) if name.isidentifier() else None
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))).resolve()
