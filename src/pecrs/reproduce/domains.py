"""The data sets that experiments are made on: prepared folders, original files, or a made-up film world."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, named_items
from pecrs.data.loaders.prepare import CATALOGUE_FILE, load_prepared, load_source
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.splits import SPLITS, Prepared, Reading, split_by_hash
from pecrs.errors import ConfigError
from pecrs.reproduce.plan import Scale

ROLES: tuple[str, ...] = ("redial", "inspired", "books")
"""The data sets of the paper, and one more."""

_FOLDERS = {
    "redial": ("redial",),
    "inspired": ("inspired",),
    "books": ("opendialkg-books", "opendialkg_books", "opendialkg", "books"),
}
_LOADERS = {"redial": "redial", "inspired": "inspired", "books": "opendialkg-books"}
_TITLES = {"redial": "ReDial", "inspired": "INSPIRED", "books": "OpenDialKG books"}
_SMALL = 2000
"""Data sets with fewer training dialogues take the scale's settings for small ones."""
_WORLDS = {"redial": (1, 400), "inspired": (2, 200)}
"""Seed and number of dialogues of the film worlds."""


@dataclass(frozen=True)
class Domain:
    """One data set.

    Attributes:
        role: Which of :data:`ROLES` it is, or stands for.
        title: What people read.
        protocol: Of the published figures.
        whole: All of it, for its statistics.
        kept: What runs are trained on and evaluated with: the training and validation dialogues of the scale, and those
            that are evaluated, as split ``evaluated``.
        split: The split that those come from.
        made_up: Whether it is a film world that stands for the data set.
    """

    role: str
    title: str
    protocol: str
    whole: Prepared
    kept: Prepared
    split: str
    made_up: bool

    @property
    def evaluated(self) -> tuple[Dialogue, ...]:
        """The dialogues that rankings are evaluated on."""
        return self.kept.splits["evaluated"]

    @property
    def small(self) -> bool:
        """Whether it has few dialogues."""
        return len(self.whole.train) < _SMALL

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits over what a run is trained and chosen on."""
        return self._digest("train", "valid")

    @property
    def asked(self) -> str:
        """Twelve hexadecimal digits over what is evaluated."""
        return self._digest("evaluated")

    def _digest(self, *splits: str) -> str:
        digest, catalogue = hashlib.sha256(), self.kept.catalogue
        for item in catalogue:
            digest.update(repr((item.id, catalogue.text_fields(item))).encode())
        for split in splits:
            digest.update(repr((split, [(one.id, one.turns) for one in self.kept.splits[split]])).encode())
        return digest.hexdigest()[:12]

    def describe(self) -> str:
        """Return in words what was read and how much of it."""
        source = f"a made-up film world in place of {self.title}" if self.made_up else self.title
        kept = self.kept
        return (
            f"{source}: trained on {len(kept.train):,} of {len(self.whole.train):,} dialogues, evaluated on "
            f"{len(self.evaluated):,} of {len(self.whole.splits[self.split]):,} dialogues of split {self.split}, "
            f"ranking {len(kept.catalogue):,} of {len(self.whole.catalogue):,} items"
        )


def load_domains(data: Path | None, scale: Scale, split: str) -> dict[str, Domain]:
    """Return the data sets that are there, by role.

    Args:
        data: A folder that holds some of them, each as a prepared folder or as its originals; None makes film worlds.
        scale: How much of each is kept.
        split: What is evaluated: ``valid`` or ``test``.

    Raises:
        ConfigError: If the split is another, or the folder holds no data set at all.
        DataError: If one of them is broken.
    """
    if split not in SPLITS[1:]:
        raise ConfigError(f"split: valid or test is expected, not {split!r}")
    if data is None:
        whole = {role: _film_world(*world) for role, world in _WORLDS.items()}
    else:
        found = {role: _folder(data, role) for role in ROLES}
        whole = {role: _load(role, folder) for role, folder in found.items() if folder is not None}
        if not whole:
            wanted = ", ".join(names[0] for names in _FOLDERS.values())
            raise ConfigError(f"{data}: there is no data set in it; a folder {wanted} is expected")
    return {
        role: _domain(role, prepared, scale, split, made_up=data is None)
        for role, prepared in whole.items()
        if prepared.train and prepared.valid and prepared.splits.get(split)
    }


def _folder(data: Path, role: str) -> Path | None:
    return next((data / name for name in _FOLDERS[role] if (data / name).is_dir()), None)


def _load(role: str, folder: Path) -> Prepared:
    if (folder / CATALOGUE_FILE).is_file():
        return load_prepared(folder)
    return load_source(_LOADERS[role], folder)


def _film_world(seed: int, count: int) -> Prepared:
    catalogue, dialogues = film_world(seed, count)
    parts = split_by_hash(Reading(dialogue, len(dialogue.turns), 1) for dialogue in dialogues)
    return Prepared(catalogue, {name: tuple(reading.dialogue for reading in part) for name, part in parts.items()})


def _domain(role: str, whole: Prepared, scale: Scale, split: str, *, made_up: bool) -> Domain:
    splits = {
        "train": _first(whole.train, scale.train_dialogues),
        "valid": _first(whole.valid, scale.evaluated_dialogues),
        "evaluated": _first(whole.splits[split], scale.evaluated_dialogues),
    }
    catalogue = whole.catalogue
    if not scale.whole_catalogue and not made_up:
        named = named_items([dialogue for dialogues in splits.values() for dialogue in dialogues])
        items = tuple(item for item in catalogue if item.id in named)
        catalogue = Catalogue(items, catalogue.fields, catalogue.limits)
    protocol = "pecrs" if role == "redial" else "inspired"
    kept = replace(whole, catalogue=catalogue, splits=splits)
    return Domain(role, _TITLES[role], protocol, whole, kept, split, made_up)


def _first(dialogues: Sequence[Dialogue], count: int) -> tuple[Dialogue, ...]:
    return tuple(dialogues[:count] if count else dialogues)
