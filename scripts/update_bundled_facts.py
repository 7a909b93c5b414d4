"""Give the films of the package's model the facts of a metadata file, and re-read new ones that were another film.

    python scripts/update_bundled_facts.py METADATA.jsonl [NOTED.jsonl]

NOTED is a catalogue with the notes on the films; the package's own is taken where none is given.

The catalogue is written anew with what may be shipped. A film that training never named, and whose people were
replaced, gets a new vector, from the same fields and as many names as training read. All others keep theirs: it holds
what training learnt of the film beside its text, which is lost when the text alone is read again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.installed import BUNDLED
from pecrs.model.persistence.folder import LAYOUT, from_pretrained

LISTS = ("actors", "directors", "writers", "genres", "country", "language", "aliases")
NOTES = ("series", "story", "themes", "mood", "content", "audience", "reception", "fame", "similar")
LIMITS = {"actors": 3}
"""How many values of a field the model was trained to read."""


def main() -> None:
    """Write the catalogue, its sources and the changed vectors."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    old = Catalogue.load(BUNDLED / LAYOUT.catalogue)
    noted = Catalogue.load(Path(sys.argv[2])) if len(sys.argv) > 2 else old
    new = Catalogue(tuple(with_notes(item_of(row), noted) for row in rows), old.fields, LIMITS)
    assert [item.id for item in new] == [item.id for item in old], "the metadata is of another catalogue"
    model = from_pretrained(BUNDLED).model
    model.catalogue = new
    seen = model.retriever.seen.tolist()
    changed = [item for item, named in zip(new, seen, strict=True) if not named and other_film(old[item.id], item)]
    vectors = load_file(BUNDLED / LAYOUT.vectors)["vectors"]
    if changed:
        with torch.inference_mode():
            fresh = model.encode_new_items(changed)
        vectors[[new.index(item.id) for item in changed]] = fresh.to(vectors)
    new.save(BUNDLED / LAYOUT.catalogue)
    save_file({"vectors": vectors}, BUNDLED / LAYOUT.vectors)
    sources = {row["movieId"]: row["description_source"] for row in rows if row.get("description")}
    lines = "".join(f"{item}\t{source}\n" for item, source in sources.items())
    (BUNDLED / "description_sources.tsv").write_text(lines, encoding="utf-8")
    print(f"{len(changed)} of {len(new)} films read anew; {len(sources)} descriptions")


def item_of(row: dict[str, Any]) -> Item:
    """Return a film with the facts that may be shipped."""
    facts = {name: tuple(row.get(name) or ()) for name in LISTS}
    facts["keywords"] = tuple(row.get("keywords") or ())[: row.get("keywords_open", 0)]
    for name in ("rating", "runtime", "description", "awards"):
        value = row.get(name)
        facts[name] = tuple(value) if isinstance(value, list) else (str(value),) if value else ()
    return Item(row["movieId"], row["title"], row["year"], {name: own for name, own in facts.items() if own})


def with_notes(item: Item, noted: Catalogue) -> Item:
    """Return a film with the notes that it has (docs/film_notes.md), unless it was another film."""
    if item.id not in noted or other_film(noted[item.id], item):
        return item
    notes = {name: noted[item.id].values(name) for name in NOTES}
    return Item(item.id, item.title, item.year, {**item.facts, **{name: own for name, own in notes.items() if own}})


def other_film(old: Item, new: Item) -> bool:
    """Tell whether title, year or the people that were read are of another film."""
    if (old.title, old.year) != (new.title, new.year):
        return True
    return any(not set(old.values(name)) <= set(new.values(name)) for name in ("actors", "directors"))


if __name__ == "__main__":
    main()
