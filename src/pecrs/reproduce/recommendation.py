"""Table 1, data; table 2, recommendation; table 6, fields of item text; table 7, language models without training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from pecrs.data.prepare import statistics
from pecrs.evaluation.baselines import ConversationalRecommender, LatestMentionThenPopularity, Neighbours, Popularity
from pecrs.evaluation.text_baselines import BM25
from pecrs.index import ItemIndex
from pecrs.model.item_states import encode_items, item_texts
from pecrs.recommender import Recommender
from pecrs.reproduce.domains import ROLES, Domain
from pecrs.reproduce.measures import conversation, recommendation
from pecrs.reproduce.plan import Run
from pecrs.reproduce.published import published
from pecrs.reproduce.runs import Judged, Workshop
from pecrs.reproduce.shared import CODE_RUN, OUR_RUN, PAPER_RUN, base_run, beside, published_rows, table
from pecrs.reproduce.tables import ResultTable, Row, point

_SIZE = "PECRS-small"
"""The published row that runs of ours stand beside."""


def data_table(workshop: Workshop) -> list[ResultTable]:
    """Make table 1: counts of the data sets as they were read, whatever the scale."""
    columns = published()["table1"].columns
    rows, notes = [], ["Counted over all dialogues of the data, whatever the scale keeps of them."]
    for role, printed in (("redial", "ReDial"), ("inspired", "INSPIRED")):
        domain = workshop.domains.get(role)
        counts: list[int] = []
        if domain is not None:
            total = statistics(domain.whole).total
            counts = [total.items, total.dialogues, total.utterances, total.recommender_utterances]
            counts += [total.without_items, total.with_items]
            notes.append(f"{printed}: splits {', '.join(name for name, some in domain.whole.splits.items() if some)}.")
        rows.append(beside("table1", printed, dict(zip(columns, map(point, counts), strict=False))))
    return [table(workshop, "table1", rows, notes, "redial", "inspired")]


def recommendation_runs(workshop: Workshop) -> list[Run]:
    """Return the runs of table 2: each preset on each data set."""
    return [run for role in ROLES if role in workshop.domains for run in _preset_runs(workshop, role)]


def recommendation_tables(workshop: Workshop) -> list[ResultTable]:
    """Make table 2, one part a data set, and ReDial again under protocol standard."""
    parts: list[tuple[str, str, str | None, str]] = [("table2-redial", "redial", None, "all")]
    parts += [("table2-inspired", "inspired", None, "all")]
    parts += [(f"table2-standard-{variant}", "redial", "standard", variant) for variant in ("all", "novel")]
    if "books" in workshop.domains:
        parts.append(("table2-books", "books", None, "all"))
    return [_recommendation_table(workshop, *part) for part in parts]


def _recommendation_table(workshop: Workshop, name: str, role: str, protocol: str | None, variant: str) -> ResultTable:
    standard = protocol is not None
    rows = published_rows(name, without=() if standard else (_SIZE,))
    notes = [f"Protocol {protocol or ('pecrs' if role == 'redial' else 'inspired')}, variant {variant}."]
    if role not in workshop.domains:
        rows.append(beside(name, PAPER_RUN, {}, printed=_SIZE))
        return table(workshop, name, rows, notes, role)
    domain = workshop.domains[role]
    for baseline, recommender in _baselines(domain).items():
        rows.append(_judged_row(name, baseline, workshop.judged_baseline(recommender, role, protocol), variant, ""))
    for run in _preset_runs(workshop, role):
        rows.append(_judged_row(name, run.title, workshop.judged(run, protocol=protocol), variant, _SIZE))
    if not standard:
        notes.append(f"Runs of ours stand beside the published {_SIZE}; the backbone is another.")
    return table(workshop, name, rows, notes, role)


def _preset_runs(workshop: Workshop, role: str) -> list[Run]:
    return [
        base_run(workshop, role),
        workshop.run(CODE_RUN, role, "authors_code"),
        workshop.run(OUR_RUN, role, "ours"),
    ]


def _baselines(domain: Domain) -> Mapping[str, ConversationalRecommender]:
    popularity = Popularity(domain.kept.train, domain.kept.catalogue)
    return {
        "popularity": popularity,
        "latest mention, then popularity": LatestMentionThenPopularity(popularity),
        "neighbours": Neighbours(domain.kept.train, popularity),
        "BM25": BM25(domain.kept.catalogue),
    }


def _judged_row(name: str, row: str, judged: Mapping[str, Judged], variant: str, printed: str) -> Row:
    return beside(name, row, recommendation(judged[variant].results), printed=printed)


def pruning_runs(workshop: Workshop) -> list[Run]:
    """Return the run of tables 6 and 7."""
    return [base_run(workshop, "inspired")] if "inspired" in workshop.domains else []


def pruning_table(workshop: Workshop) -> list[ResultTable]:
    """Make table 6: one field of every item's text is left empty at inference, after training with all."""
    names = [row.name for row in published()["table6"].rows]
    if "inspired" not in workshop.domains:
        return [table(workshop, "table6", [beside("table6", name, {}) for name in names], [], "inspired")]
    recommender = workshop.recommender(base_run(workshop, "inspired"))
    rows = []
    for name in names:
        pruned = _without(recommender, name) if name != "nothing" else recommender
        judged = workshop.judged_baseline(pruned, "inspired")
        rows.append(_judged_row("table6", name, judged, "all", name))
    notes = ["An item without the field reads like one whose source does not tell it: the separators stay."]
    return [table(workshop, "table6", rows, notes, "inspired")]


@torch.no_grad()
def _without(recommender: Recommender, field: str) -> Recommender:
    """Return a recommender whose item vectors are made without a field of the items' texts."""
    model, catalogue = recommender.model, recommender.catalogue
    fields = ["" if name == field else name for name in catalogue.fields]  # no item has a fact of that name
    reader = model.reader
    texts = item_texts(reader, catalogue.items, fields, model.config.data.max_item_tokens)  # type: ignore[arg-type]
    states = encode_items(reader, texts).to(model.device)  # type: ignore[arg-type]
    vectors = model.item_encoder(states, torch.arange(len(catalogue)))
    return Recommender(model, catalogue, replace(ItemIndex.of_model(model), vectors=vectors))


def language_model_table(workshop: Workshop) -> list[ResultTable]:
    """Make table 7: what the paper reports of language models that were asked without training."""
    name, role = "table7", "inspired"
    rows: Sequence[Row] = published_rows(name, without=(_SIZE,))
    if role in workshop.domains:
        run = base_run(workshop, role)
        ranked = recommendation(workshop.judged(run)["all"].results)
        ours = beside(name, PAPER_RUN, {**ranked, **conversation(workshop.turns(run), gated=True)}, printed=_SIZE)
    else:
        ours = beside(name, PAPER_RUN, {}, printed=_SIZE)
    notes = ["RG is that of gated responses, as in table 3."]
    return [table(workshop, name, [ours, *rows], notes, role)]
