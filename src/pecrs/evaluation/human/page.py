"""The page to vote on: one HTML file without a server. It sends nothing; people save their votes as a file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources

from pecrs.evaluation.human.votes import ASPECTS


def render(kit: str, pairs: Sequence[Mapping[str, object]]) -> str:
    """Return the page.

    Args:
        kit: Identifies the pairs.
        pairs: What is shown, as values that JSON can hold.
    """
    style, script = _part("page.css"), _part("page.js")
    data = json.dumps({"kit": kit, "pairs": pairs, "aspects": ASPECTS}, ensure_ascii=False)
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'"
    page = _part("page.html")
    parts = {"policy": policy, "style": style, "script": script, "kit": data.replace("<", "\\u003c")}
    for name, text in parts.items():
        page = page.replace(f"%{name}%", text, 1)
    return page


def _part(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
