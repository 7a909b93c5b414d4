"""The option that lets a language model behind an endpoint word the replies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pecrs.inference.language.rewording import Ask, Rewording
    from pecrs.inference.recommender import Recommender

SECONDS = 10.0
"""How long a writer may take; then the grounded words are used."""

_TOKENS = 400

Writer = Annotated[
    tuple[str, str],
    typer.Option(
        "--writer",
        metavar="URL MODEL",
        help="Let a model behind an endpoint of OpenAI's conventions word the replies; what it says is checked. "
        "OPENAI_API_KEY is sent if it is set.",
        show_default=False,
    ),
]
NO_WRITER = ("", "")


def rewording_of(writer: tuple[str, str], recommender: Recommender) -> Rewording | None:
    """Return what words the replies; None where no writer is given.

    Raises:
        ConfigError: If the address is wrong, OpenAI's client is missing, or the model's replies are not grounded.
    """
    from pecrs.inference.language.rewording import Rewording, require_grounded

    if writer == NO_WRITER:
        return None
    require_grounded(recommender)
    return Rewording(_ask(*writer))


def _ask(url: str, model: str) -> Ask:
    from pecrs.evaluation.baselines.language_models import Endpoint, Prompt
    from pecrs.evaluation.baselines.written import without_thoughts

    endpoint = Endpoint(model, url, os.environ.get("OPENAI_API_KEY", ""), seconds=SECONDS, retries=0)

    def ask(question: str) -> str:
        answer = next(endpoint.answers([Prompt(question, "", _TOKENS)]))
        return "" if answer.cut else without_thoughts(answer)

    return ask
