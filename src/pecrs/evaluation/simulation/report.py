"""The report of a simulation: one HTML page with measures, curves and conversations to read, and the curves alone."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from pecrs.data.catalogue import Catalogue
from pecrs.data.files import atomic_write
from pecrs.evaluation.pages import fill_page
from pecrs.evaluation.simulation.conversation import Played, Verdict
from pecrs.evaluation.simulation.curves import success_curves
from pecrs.evaluation.simulation.run import Simulation
from pecrs.evaluation.simulation.users import Profile

REPORT, CURVES = "report.html", "curves.svg"
"""Names of the files."""

_SHOWN = 40
_GOOD = (Verdict.ACCEPTED, Verdict.ANSWERED)
_BAD = (Verdict.VIOLATES, Verdict.REPEAT, Verdict.UNANSWERED)


def save_report(simulation: Simulation, catalogue: Catalogue, folder: Path) -> None:
    """Write ``report.html`` and ``curves.svg``.

    Args:
        simulation: What came of it.
        catalogue: Names of the items.
        folder: Destination.

    Raises:
        DataError: If they cannot be written.
    """
    with atomic_write(folder / REPORT) as stream:
        stream.write(render_report(simulation, catalogue))
    with atomic_write(folder / CURVES) as stream:
        stream.write(_curves(simulation))


def render_report(simulation: Simulation, catalogue: Catalogue) -> str:
    """Return the page; it stands alone and loads nothing."""
    shown = min(_SHOWN, len(simulation.profiles))
    return fill_page(
        "pecrs.evaluation.simulation",
        about=escape(str(simulation.settings)),
        table=_table(simulation),
        order="".join(
            f'<li class="{"good" if entry.holds else "bad"}">{escape(str(entry))}</li>' for entry in simulation.order
        ),
        curves=_curves(simulation),
        shown=f"The first {shown} of {len(simulation.profiles)} users; dialogues.jsonl has all.",
        dialogues="\n".join(_users(simulation, catalogue, shown)),
    )


def _curves(simulation: Simulation) -> str:
    return success_curves({name: measures.success for name, measures in simulation.measures.items()})


def _table(simulation: Simulation) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("", *simulation.measures))
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for name, *cells in simulation.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _users(simulation: Simulation, catalogue: Catalogue, shown: int) -> Iterator[str]:
    for place, profile in enumerate(simulation.profiles[:shown]):
        talks = {name: several[place] for name, several in simulation.played.items()}
        ends = ", ".join(f"{name} {_end(played)}" for name, played in talks.items())
        columns = "".join(f"<div><h3>{escape(name)}</h3>{_talk(played)}</div>" for name, played in talks.items())
        about = f"User {profile.id}: {escape(_wants(profile, catalogue))} <small>({escape(ends)})</small>"
        inside = f'<summary>{about}</summary><div class="talks">{columns}</div>'
        yield f"<details{' open' if place == 0 else ''}>{inside}</details>"


def _wants(profile: Profile, catalogue: Catalogue) -> str:
    wants = ", ".join(map(str, profile.wants))
    return wants if profile.target is None else f"{catalogue[profile.target].name}: {wants}"


def _end(played: Played) -> str:
    if played.success is not None:
        return f"success in round {played.success}"
    return "title said" if played.leaked else "gave up" if played.gave_up else "no success"


def _talk(played: Played) -> str:
    lines = []
    for exchange in played.exchanges:
        verdict = exchange.judgement.verdict
        kind = "good" if verdict in _GOOD else "bad" if verdict in _BAD else ""
        lines.append(f'<p class="user">{escape(exchange.message.text)}</p>')
        told = f'<small class="{kind}">{escape(verdict.value)}</small>'
        lines.append(f'<p class="recommender">{escape(exchange.reply.turn.text)}{told}</p>')
    if played.closing:
        lines.append(f'<p class="user">{escape(played.closing)}</p>')
    return "".join(lines)
