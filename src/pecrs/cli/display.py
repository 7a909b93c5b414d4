"""How results look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pecrs.evaluation.behaviour.run import Report
from pecrs.evaluation.evaluator import HEADER, table_rows
from pecrs.evaluation.human.report import Report as PreferenceReport
from pecrs.evaluation.metrics.conversation import ROUGE, ConversationMetrics
from pecrs.evaluation.results import Comparison, Evaluation
from pecrs.evaluation.simulation.run import Simulation
from pecrs.inference.chat import Explanation
from pecrs.inference.types import Reply

_SHOWN = 3
_STRONGEST = 4


def evaluation_table(evaluation: Evaluation) -> RenderableType:
    """Return the metrics of a model beside the baselines, in per cent, and where it does not beat them."""
    table = Table(header_style="bold", caption="per cent; ranking over the full catalogue", caption_justify="left")
    for number, name in enumerate(HEADER):
        table.add_column(name, justify="left" if number < 2 else "right")
    variant = None
    for row in table_rows(evaluation.metrics):
        if variant is not None and row[1] != variant:
            table.add_section()
        variant = row[1]
        table.add_row(*(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    counts = ", ".join(
        f"{name}: {m.instances:,} instances, {m.labels:,} labels"
        for name, m in next(iter(evaluation.metrics.values())).items()
    )
    lines = (counts, *evaluation.remarks, *evaluation.verdicts)
    return Group(table, *map(Text, lines))


def difference_table(comparison: Comparison) -> RenderableType:
    """Return two runs side by side, with their paired difference."""
    table = counts_table(comparison.rows, comparison.HEADER)
    table.caption = "per cent; difference with its 95 % interval over dialogues, paired"
    table.columns[-1].justify = "left"
    return table


def simulation_table(simulation: Simulation) -> Group:
    """Return what simulated users found of a model beside its controls, and whether these score lower."""
    table = counts_table(simulation.rows, ("", *simulation.measures))
    table.caption, table.caption_justify = "shares in per cent; satisfaction from 1 to 5", "left"
    order = [Text(str(entry), style="" if entry.holds else "red") for entry in simulation.order]
    return Group(table, Text(str(simulation.settings)), *order)


def preference_table(report: PreferenceReport) -> Group:
    """Return what annotators voted on two models, each aspect a row, as in table 4 of the paper."""
    table = counts_table((), ("", "first", "second", "tie", "pairs first : second", "sign test", "kappa"))
    table.caption = "per cent of votes, mean (deviation) over annotators"
    for name, found in report.aspects.items():
        shares = [f"{share.mean:.1f} ({share.deviation:.1f})" for share in (found.first, found.second, found.tie)]
        pairs, agreement = f"{found.pairs_first} : {found.pairs_second}", found.agreement
        table.add_row(name, *shares, pairs, f"p = {found.p:.3g}", "" if agreement is None else f"{agreement:.2f}")
    voted = ", ".join(f"{name} {count:,}" for name, count in report.votes.items())
    lines = (f"first: {report.first}", f"second: {report.second}", f"pairs voted on: {voted}; by all {report.shared:,}")
    return Group(table, *map(Text, lines))


def conversation_table(metrics: ConversationMetrics) -> Group:
    """Return the metrics of a model's words beside those of the people whose turns it answered."""
    table = counts_table((), ("responses", "ROUGE-1", "ROUGE-2", "ROUGE-L", "Dist-2", "Dist-2/resp.", "F1"))
    for name, wording in metrics.wording.items():
        rouge = [f"{100 * wording.rouge[kind]:.1f}" if wording.rouge else "" for kind in ROUGE]
        f1 = f"{100 * metrics.decision[name].f1:.1f}" if name in metrics.decision else ""
        table.add_row(name, *rouge, f"{wording.ratio[2]:.3f}", f"{wording.per_response[2]:.2f}", f1)
    lines = [f"{metrics.turns:,} turns; always recommending has an F1 of {100 * metrics.decision['always'].f1:.1f}"]
    if metrics.perplexity is not None and metrics.bits_per_byte is not None:
        lines.append(
            f"the person's words, given their items: perplexity {metrics.perplexity:.2f} per token of this model's "
            f"tokeniser, {metrics.bits_per_byte:.3f} bits per byte"
        )
    return Group(table, *map(Text, lines))


def counts_table(rows: Iterable[Sequence[str]], header: Sequence[str]) -> Table:
    """Return a table of figures; the first column names them.

    Args:
        rows: Cells as text.
        header: Column names.
    """
    table = Table(header_style="bold")
    for number, name in enumerate(header):
        table.add_column(name, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    return table


def show_reply(console: Console, reply: Reply) -> None:
    """Print a reply, and below it the best items with genres and scores.

    Args:
        console: Where to.
        reply: The answer.
    """
    seconds = sum(reply.timings.values())
    console.print(f"[bold cyan]pecrs[/]  {escape(reply.text)}")
    for entry in reply.items[:_SHOWN]:
        genres = ", ".join(entry.item.values("genres")[:3])
        console.print(f"       [dim]{entry.rank}. {escape(entry.item.name)}  {escape(genres)}  {entry.score:.2f}[/]")
    wanted = "" if reply.state is None else str(reply.state)
    asked = f", looking for: {escape(wanted)}" if reply.items and wanted else ""
    console.print(f"       [dim]recommends: {reply.probability:.0%}, {seconds * 1000:.0f} ms{asked}[/]")


def show_report(console: Console, report: Report) -> None:
    """Print the conversations of a suite, what did not hold in them, and the counts.

    Args:
        console: Where to.
        report: What came of the suite.
    """
    for name, replies in report.conversations.items():
        console.print(f"\n[bold]{escape(name)}[/]")
        for played in replies:
            console.print(f"  you    {escape(played.exchange.message.text)}")
            console.print(f"  [cyan]pecrs[/]  {escape(played.exchange.reply.text)}")
            for failure in played.failures:
                console.print(f"         [red]✗ {escape(failure)}[/]")
    table = Table("kind", "conversations", "checks", title="What held, by kind")
    for kind, (clean, conversations, held, checks) in report.kinds.items():
        table.add_row(escape(kind), f"{clean} of {conversations}", f"{held} of {checks} ({held / checks:.0%})")
    console.print(table)
    held, total = report.checks
    console.print(
        f"\n{held} of {total} checks hold; {report.clean} of {len(report.conversations)} conversations are clean"
    )


def show_explanation(console: Console, explanation: Explanation) -> None:
    """Print why an item was recommended.

    Args:
        console: Where to.
        explanation: The strongest turns come first.
    """
    scores = [("retrieval", explanation.retrieval), ("re-ranking", explanation.rerank)]
    shown = ", ".join(f"{name} {value:.2f}" for name, value in scores if value is not None)
    console.print(f"{escape(explanation.title)}{': ' + shown if shown else ''}")
    for effect in explanation.effects[:_STRONGEST]:
        turn = explanation.turns[effect.turn]
        console.print(f"  {effect.change:+.2f}  {turn.speaker.value}: {escape(turn.text)}")
