"""HTML pages that stand alone: their style and script are inside, and they may load and send nothing."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources


def fill_page(package: str, **parts: str) -> str:
    """Return ``page.html`` of a package with its style and script put in.

    Args:
        package: Where ``page.html`` and ``page.css`` lie, and ``page.js`` where the page has a script.
        parts: What stands for ``%name%`` in the page; it is not escaped here.
    """
    folder = resources.files(package)
    style, page = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.html"))
    script = folder.joinpath("page.js").read_text(encoding="utf-8") if folder.joinpath("page.js").is_file() else ""
    allowed = f" script-src {_hash(script)};" if script else ""
    policy = f"default-src 'none'; style-src {_hash(style)};{allowed} base-uri 'none'"
    for name, text in {"policy": policy, "style": style, "script": script, **parts}.items():
        page = page.replace(f"%{name}%", text, 1)
    return page


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
