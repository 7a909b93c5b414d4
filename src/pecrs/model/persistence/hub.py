"""Models on a hub: a folder goes up with a card that says what it is, and comes down by the name of its repository.

Source: the conventions of huggingface_hub; its settings (``HF_TOKEN``, ``HF_ENDPOINT``, ``HF_HOME``) hold here too.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (  # type: ignore[attr-defined]  # the error of whichever client the library uses
    EntryNotFoundError,
    HTTPError,
)

from pecrs.data.catalogue import read_header, read_items
from pecrs.data.files import read_json
from pecrs.errors import CheckpointError
from pecrs.model.persistence.folder import LAYOUT, export_pretrained

CARD = "README.md"
"""The file of a repository that its page shows."""


def is_hub_name(name: str) -> bool:
    """Tell whether a name may be one of a hub: ``organisation/name`` where no folder of that path could lie.

    Args:
        name: As written; a path begins with ``.``, ``/`` or ``~``, or its parent is a folder here.
    """
    return not name.startswith((".", "/", "~")) and name.count("/") == 1 and not Path(name).parent.is_dir()


def download_model(name: str) -> Path:
    """Return the model folder of a repository, downloaded where it is not in the cache or has changed.

    Args:
        name: ``organisation/name``.

    Raises:
        CheckpointError: If it cannot be had.
    """
    names = [pattern for part in asdict(LAYOUT).values() for pattern in (part, f"{part}/*")]
    with _asking(name):
        return Path(snapshot_download(name, allow_patterns=names, library_name="pecrs"))


def upload_model(folder: Path, name: str, *, private: bool | None = None) -> str:
    """Put a model into a repository, which is made where there is none, and return the address of the commit.

    What goes up is an export, which stands alone, tells no path of this machine and has a card: the folder's own
    ``README.md`` where there is one, else :func:`model_card`.

    Args:
        folder: A model folder.
        name: ``organisation/name``.
        private: Whether only its owners see a new repository; None leaves it to their settings.

    Raises:
        CheckpointError: If the model does not load, or the hub refuses or cannot be reached.
    """
    if not is_hub_name(name):
        raise CheckpointError(f"{name}: organisation/name is expected, and no path")
    with TemporaryDirectory() as temporary:
        export = Path(temporary) / "model"
        export_pretrained(folder, export)
        if (folder / CARD).is_file():
            shutil.copy2(folder / CARD, export / CARD)
        else:
            (export / CARD).write_text(model_card(export, name), encoding="utf-8")
        with _asking(name):
            api = HfApi(library_name="pecrs")
            api.create_repo(name, private=private, exist_ok=True)
            commit = api.upload_folder(repo_id=name, folder_path=export, commit_message="Upload a pecrs model")
    return str(commit.commit_url)


def model_card(folder: Path, name: str) -> str:
    """Return a card of a model folder: what it recommends, how it was made, how it is used.

    Args:
        folder: A model folder.
        name: Of its repository.
    """
    marker = read_json(folder / LAYOUT.marker)
    header = read_header(folder / LAYOUT.catalogue)
    count, settings = sum(1 for _ in read_items(folder / LAYOUT.catalogue)), marker["config"]["model"]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
    return f"""---
library_name: pecrs
tags:
- pecrs
- conversational-recommendation
---

# {name.partition("/")[2]}

A conversational recommender in one language model, made with pecrs. It talks about {count:,} items, described by
{", ".join(header.fields)}, and recommends among them; other catalogues can be given to it. It takes {size:.0f} MiB,
what was trained in half precision.

```python
from pecrs import Chat, Recommender

chat = Chat(Recommender.from_pretrained("{name}"))
print(chat.say("What would you recommend?").text)
```

| | |
|---|---|
| tuning of the backbone | {settings["tuning"]} |
| pecrs | {marker["pecrs"]} |

What it was trained on and how well it ranks is for its makers to say here.
"""


@contextmanager
def _asking(name: str) -> Iterator[None]:
    """Say in one line what went wrong with a hub."""
    try:
        yield
    except (HTTPError, OSError, ValueError, RuntimeError, EntryNotFoundError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CheckpointError(f"{name}: the hub does not give or take it: {reason}") from None
