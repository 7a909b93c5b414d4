"""Table 1, data; table 2, recommendation; table 6, fields of item text; table 7, language models without training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch

from pecrs.data.dialogue import merge_turns
from pecrs.data.loaders.prepare import statistics
from pecrs.data.splits import Prepared
from pecrs.evaluation.baselines.registry import BASELINES
from pecrs.evaluation.metrics.ranking import Estimate
from pecrs.inference.recommender import Recommender
from pecrs.model.item_states import encode_items
from pecrs.reproduce.measures import conversation, recommendation
from pecrs.reproduce.published import published
from pecrs.reproduce.runs import ExperimentRunner, Judged
from pecrs.reproduce.shared import PAPER_RUN, base_run, beside, preset_runs, published_rows, table
from pecrs.reproduce.tables import ResultTable, Row, point

_BASELINES = (*BASELINES, "neighbours", "bm25")
OWN_TITLES = "the package's backbone, asked for titles"
OWN_LIST = "the package's backbone, re-ordering neighbours"
PRUNED: Mapping[str, str] = {"inspired": "", "redial": "ReDial: "}
"""Where fields are left out, and how the rows of each begin; the published ones have no prefix."""
_SIZE = "PECRS-small"
"""The published row that runs of ours stand beside."""


def data_table(runner: ExperimentRunner) -> list[ResultTable]:
    """Make table 1: counts of the data sets as they were read, whatever the scale.

    The paper's data join consecutive messages of one speaker, so its counts stand beside those of turns.
    """
    rows, notes = [], ["Counted over all dialogues of the data, whatever the scale keeps of them."]
    notes.append(
        "The published counts are of turns, all that one speaker says in a row; messages are what people sent."
    )
    for role, printed in (("redial", "ReDial"), ("inspired", "INSPIRED")):
        domain = runner.domains.get(role)
        if domain is None:
            rows.append(beside("table1", printed, {}))
            continue
        splits = {name: tuple(map(merge_turns, some)) for name, some in domain.whole.splits.items()}
        rows.append(
            beside("table1", f"{printed}, turns", _counts(replace(domain.whole, splits=splits)), printed=printed)
        )
        rows.append(beside("table1", f"{printed}, messages", _counts(domain.whole)))
        notes.append(f"{printed}: splits {', '.join(name for name, some in splits.items() if some)}.")
    return [table(runner, "table1", rows, notes, "redial", "inspired")]


def _counts(data: Prepared) -> dict[str, Estimate]:
    total = statistics(data).total
    counts = (
        total.items, total.dialogues, total.utterances, total.recommender_utterances, total.without_items,
        total.with_items,
    )  # fmt: skip
    return dict(zip(published()["table1"].columns, map(point, counts), strict=True))


def recommendation_tables(runner: ExperimentRunner) -> list[ResultTable]:
    """Make table 2, one part a data set, and ReDial again under protocol standard."""
    parts: list[tuple[str, str, str | None, str]] = [("table2-redial", "redial", None, "all")]
    parts += [("table2-inspired", "inspired", None, "all")]
    parts += [(f"table2-standard-{variant}", "redial", "standard", variant) for variant in ("all", "novel")]
    if "books" in runner.domains:
        parts.append(("table2-books", "books", None, "all"))
    return [_recommendation_table(runner, *part) for part in parts]


def _recommendation_table(
    runner: ExperimentRunner, name: str, role: str, protocol: str | None, variant: str
) -> ResultTable:
    standard = protocol is not None
    rows = published_rows(name, without=() if standard else (_SIZE,))
    notes = [f"Protocol {protocol or ('pecrs' if role == 'redial' else 'inspired')}, variant {variant}."]
    if role not in runner.domains:
        rows.append(beside(name, PAPER_RUN, {}, printed=_SIZE))
        return table(runner, name, rows, notes, role)
    for baseline, recommender in runner.baseline_models(role, _BASELINES).items():
        rows.append(_judged_row(name, baseline, runner.judged_baseline(recommender, role, protocol), variant, ""))
    for run in preset_runs(runner, [role]):
        rows.append(_judged_row(name, run.title, runner.judged(run, protocol=protocol), variant, _SIZE))
    if not standard:
        notes.append(f"Runs of ours stand beside the published {_SIZE}; the backbone is another.")
    return table(runner, name, rows, notes, role)


def _judged_row(name: str, row: str, judged: Mapping[str, Judged], variant: str, printed: str) -> Row:
    return beside(name, row, recommendation(judged[variant].results), printed=printed)


def pruning_table(runner: ExperimentRunner) -> list[ResultTable]:
    """Make table 6: one field of every item's text is left empty at inference, after training with all."""
    names = [row.name for row in published()["table6"].rows]
    rows = [row for role, prefix in PRUNED.items() for row in _pruned_rows(runner, role, prefix, names)]
    notes = [
        "An item without the field reads like one whose source does not tell it: the separators stay.",
        "The paper has INSPIRED alone.",
    ]
    return [table(runner, "table6", rows, notes, *PRUNED)]


def _pruned_rows(runner: ExperimentRunner, role: str, prefix: str, names: Sequence[str]) -> Iterator[Row]:
    if role not in runner.domains:
        yield from (beside("table6", prefix + name, {}, printed=prefix + name) for name in names)
        return
    recommender = runner.recommender(base_run(runner, role))
    for name in names:
        pruned = _without(recommender, name) if name != "nothing" else recommender
        judged = runner.judged_baseline(pruned, role)
        yield _judged_row("table6", prefix + name, judged, "all", prefix + name)


@torch.no_grad()
def _without(recommender: Recommender, field: str) -> Recommender:
    """Return a recommender whose item vectors are made without a field of the items' texts."""
    model, catalogue = recommender.model, recommender.catalogue
    left_out = catalogue.fields.index(field)
    whole = map(catalogue.text_fields, catalogue)
    texts = [(*text[:left_out], "", *text[left_out + 1 :]) for text in whole]
    tokens = model.vocabulary.encode_items(texts, model.data.max_item_tokens)
    states = encode_items(model.reader, tokens).to(model.device)
    vectors = model.item_encoder(states, torch.arange(len(catalogue)))
    return Recommender(model, catalogue, replace(recommender.index, vectors=vectors), recommender.settings)


def language_model_table(runner: ExperimentRunner) -> list[ResultTable]:
    """Make table 7: language models that are asked without training, those that are given beside the published ones."""
    name, role = "table7", "inspired"
    rows = [beside(name, PAPER_RUN, {}, printed=_SIZE)]
    if role in runner.domains:
        run = base_run(runner, role)
        ranked = recommendation(runner.judged(run)["all"].results)
        words = conversation(runner.turns(run), gated=True)
        rows = [beside(name, PAPER_RUN, {**ranked, **words}, printed=_SIZE)]
        titles = {model: model for model in runner.language_models}
        if not titles:
            own = runner.backbone()
            titles = {f"llm:{own}": OWN_TITLES, f"llm-listwise:{own}": OWN_LIST}
        for model, recommender in runner.baseline_models(role, list(titles)).items():
            rows.append(_judged_row(name, titles[model], runner.judged_baseline(recommender, role), "all", ""))
    rows += published_rows(name, without=(_SIZE,))
    notes = ["RG is that of gated responses, as in table 3; a language model is asked for titles alone."]
    if not runner.language_models:
        notes.append("No language model was given, so the package's own small backbone is asked.")
    return [table(runner, name, rows, notes, role)]
