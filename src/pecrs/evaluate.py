"""The verbs of evaluation: ``evaluate``, ``predict``, ``score``, ``compare`` and ``simulate``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pecrs.data.loaders.prepare import Data
    from pecrs.data.progress import Report
    from pecrs.evaluation.baselines.language_models import LanguageModel
    from pecrs.evaluation.baselines.simple import ConversationalRecommender
    from pecrs.evaluation.results import Comparison, Evaluation
    from pecrs.evaluation.simulation.conversation import System
    from pecrs.evaluation.simulation.run import Simulation
    from pecrs.evaluation.simulation.start import UserKind
    from pecrs.evaluation.simulation.users import Goal
    from pecrs.inference.recommender import Recommender


def evaluate(
    model: Recommender | Path | str | None,
    data: Data,
    output: Path | str | None = None,
    *,
    split: str = "valid",
    protocol: str = "standard",
    baselines: Sequence[str] = (),
    answer_tokens: int | None = None,
    progress: Report | None = None,
) -> Evaluation:
    """Measure a model beside baselines, each ranking its whole catalogue.

    Popularity, and the item named last before popularity, are always among the baselines where there are training
    dialogues.

    Args:
        model: A recommender, a model folder, a training run, or the name of an installed model; None measures the
            baselines alone.
        data: A prepared folder, or a catalogue with dialogues, in one list or by split. Baselines learn from ``train``.
        output: Where predictions, metrics and answers of language models are kept; None keeps nothing.
        split: What is evaluated.
        protocol: ``standard``, ``pecrs`` or ``inspired``.
        baselines: More of them: ``neighbours``, ``sequential``, ``bm25``, ``minilm``, the name or path of a sentence
            encoder, or a language model: ``llm:NAME_OR_PATH`` or ``openai:MODEL``, or ``llm-listwise:...`` and
            ``openai-listwise:...`` to re-order the top of another baseline.
        answer_tokens: Longest answer of a language model; 320 for titles and 160 for a list if left out.
        progress: Is told how far the work has come; ``print`` will do.

    Returns:
        Metrics by model and variant; it prints as a table.

    Raises:
        ConfigError: If a library, a baseline or a key is missing.
        DataError: If there is nothing to evaluate, the model's catalogue lacks items of the dialogues, or a language
            model answers nothing at all; what was answered until then is kept.
    """
    from pecrs.data.loaders.prepare import as_prepared
    from pecrs.data.progress import silent
    from pecrs.evaluation.comparison import evaluate_split

    with TemporaryDirectory() if output is None else nullcontext(output) as folder:
        recommender = None if model is None else _recommender(model)
        report = progress or silent
        where = (as_prepared(data), split, protocol, Path(folder))
        return evaluate_split(recommender, *where, baselines, report, answer_tokens=answer_tokens)


def predict(
    model: Recommender | Path | str,
    data: Data,
    output: Path | str,
    *,
    split: str = "valid",
    protocol: str = "standard",
    depth: int = 100,
    ranker: ConversationalRecommender | None = None,
    progress: Report | None = None,
) -> int:
    """Write a file of predictions: one ranking of the whole catalogue for each message that a protocol asks for.

    Args:
        model: A recommender, a model folder, a training run, or the name of an installed model.
        data: As for :func:`evaluate`.
        output: ``predictions.jsonl``: conversation, message, ranking and scores, one message a line.
        split: What is predicted.
        protocol: ``standard``, ``pecrs`` or ``inspired``.
        depth: Items a ranking, 100 at least.
        ranker: Ranks in the model's place, as workers of a cluster do.
        progress: Is told how many messages are ranked.

    Returns:
        The number of rankings.

    Raises:
        DataError: If there is nothing to predict, or the model's catalogue lacks items of the dialogues.
    """
    from pecrs.data.loaders.prepare import as_prepared
    from pecrs.data.progress import silent
    from pecrs.evaluation.comparison import predict_split

    recommender, report = _recommender(model), progress or silent
    return predict_split(
        recommender, as_prepared(data), split, protocol, Path(output), depth, ranker=ranker, report=report
    )


def score(
    predictions: Path | str,
    data: Data,
    output: Path | str | None = None,
    *,
    split: str = "valid",
    protocol: str = "standard",
    baselines: Sequence[str] = (),
    answer_tokens: int | None = None,
    progress: Report | None = None,
) -> Evaluation:
    """Measure a file of predictions, of :func:`predict` or of any other program, beside baselines.

    Args:
        predictions: ``predictions.jsonl``.
        data: As for :func:`evaluate`; the rankings are of its catalogue.
        output: Where ``metrics.json`` goes; None keeps nothing.
        split: What was predicted.
        protocol: The protocol of the predictions.
        baselines: As for :func:`evaluate`.
        answer_tokens: As for :func:`evaluate`.
        progress: Is told how far the work has come.

    Raises:
        DataError: If the file does not hold exactly the protocol's predictions; it names the line and the field.
    """
    from pecrs.data.loaders.prepare import as_prepared
    from pecrs.data.progress import silent
    from pecrs.evaluation.comparison import score_file

    with TemporaryDirectory() if output is None else nullcontext(output) as folder:
        where = (Path(predictions), as_prepared(data), split, protocol, Path(folder))
        return score_file(*where, baselines, progress or silent, answer_tokens=answer_tokens)


def compare(
    left: Path | str, right: Path | str, data: Data, *, split: str = "valid", protocol: str = "standard"
) -> Comparison:
    """Compare two runs on the same instances by a paired bootstrap over dialogues.

    Args:
        left: A file of predictions, or the folder of an evaluation, which holds it.
        right: The same of another run.
        data: As for :func:`evaluate`.
        split: What was predicted.
        protocol: The protocol of the predictions.

    Returns:
        The difference of recall with its interval, by variant and K; it prints as a table.

    Raises:
        DataError: If there is no such file, or it does not hold exactly the protocol's predictions.
    """
    from pecrs.data.loaders.prepare import as_prepared
    from pecrs.evaluation.comparison import compare_files

    return compare_files(Path(left), Path(right), as_prepared(data), split, protocol)


def simulate(
    model: Recommender | System | Path | str | None = None,
    data: Data | None = None,
    output: Path | str | None = None,
    *,
    users: UserKind = "agenda",
    goal: Goal = "target",
    count: int = 200,
    rounds: int = 10,
    seed: int = 0,
    split: str = "valid",
    user_model: LanguageModel | None = None,
    progress: Report | None = None,
) -> Simulation:
    """Let simulated users talk to a model, and to three controls that must score lower: popularity, copying, sabotage.

    Args:
        model: As for :func:`evaluate`, or the address of a service that takes ``{"context": [...], "message": ...}``,
            or any object with ``reply``; None is the model that ``Recommender.from_pretrained()`` takes.
        data: As for :func:`evaluate`: users have the tastes of its dialogues, and popularity is counted in its
            ``train``. None draws tastes from the model's catalogue, and takes its popularity; services and objects need
            data.
        output: Where ``report.html``, ``curves.svg``, ``simulation.json`` and ``dialogues.jsonl`` go; None keeps
            nothing.
        users: ``agenda``, or ``llm``, whose words a language model writes.
        goal: ``target``: each user has one item in mind. ``free``: any that fits and is new will do.
        count: How many users.
        rounds: Most messages of a user.
        seed: Of the users; the same gives the same users, and the same words of those with an agenda.
        split: Whose tastes the users have.
        user_model: Writes for users of kind ``llm``, as
            :class:`pecrs.evaluation.baselines.language_models.Endpoint` does.
        progress: Is told how far the work has come.

    Returns:
        Measures by recommender, and whether the controls score lower; it prints as a table.

    Raises:
        ConfigError: If a setting is wrong, or a service cannot be reached.
        DataError: If data is missing or does not fit the model, or no item can be asked for.
    """
    from pecrs.data.loaders.prepare import as_prepared
    from pecrs.data.progress import silent
    from pecrs.evaluation.simulation.start import simulate_system

    prepared, folder = None if data is None else as_prepared(data), None if output is None else Path(output)
    return simulate_system(
        model, prepared, folder, users=users, goal=goal, count=count, rounds=rounds, seed=seed, split=split,
        user_model=user_model, report=progress or silent,
    )  # fmt: skip


def _recommender(model: Recommender | Path | str) -> Recommender:
    from pecrs.inference.recommender import Recommender

    return model if isinstance(model, Recommender) else Recommender.from_pretrained(model)
