"""Figures as PNG and SVG, drawn from their tables; the same table gives the same file."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pecrs.errors import ConfigError, DataError
from pecrs.reproduce.tables import ResultTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Okabe and Ito's, which people with any colour vision tell apart."""
_SMALL = 6.5
_WIDE = 130


def draw(table: ResultTable, folder: Path, plot: Callable[[Axes, ResultTable], None]) -> list[Path]:
    """Write ``NAME.png`` and ``NAME.svg`` with the table's label below the plot, and return their paths.

    Args:
        table: What is drawn.
        folder: Destination.
        plot: Draws a table.

    Raises:
        ConfigError: If matplotlib is not installed.
        DataError: If a file cannot be written.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise ConfigError("figures need pip install 'pecrs[eval]'") from None
    paths = [folder / f"{table.name}.{ending}" for ending in ("png", "svg")]
    with matplotlib.rc_context({"svg.hashsalt": table.name, "font.size": 9}):
        figure = Figure(figsize=(7.2, 5.0), layout="constrained")
        axes = figure.add_subplot()
        plot(axes, table)
        axes.set_title("\n".join(textwrap.wrap(table.title, 90)), fontsize=10)
        about = [part for line in (*table.label.lines, *table.notes) for part in textwrap.wrap(line, _WIDE)]
        figure.supxlabel("\n".join(about), fontsize=_SMALL, x=0.01, ha="left", color="#444444")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            figure.savefig(paths[0], dpi=150)
            figure.savefig(paths[1], metadata={"Date": None})
        except OSError as error:
            raise DataError(f"cannot be written: {error.strerror or error}", path=folder) from None
    return paths


def grid(axes: Axes, table: ResultTable) -> None:
    """Draw a table of one quantity as a heat map with its values; what is missing stays white."""
    values = [[float("nan") if cell is None else cell.value for cell in row.ours] for row in table.rows]
    image = axes.imshow(values, cmap="viridis", aspect="auto")
    low, high = image.get_clim()
    for y, row in enumerate(table.rows):
        for x, cell in enumerate(row.ours):
            if cell is not None:
                dark = cell.value < (low + high) / 2
                axes.text(x, y, f"{cell.value:.1f}", ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(len(table.columns)), [name.replace(" = ", " =\n") for name in table.columns])
    axes.set_yticks(range(len(table.rows)), [row.name for row in table.rows])


def bands(axes: Axes, table: ResultTable) -> None:
    """Draw each column but the first, which counts, as a line over the rows, with its interval as a band."""
    places = range(len(table.rows))
    for column, name in enumerate(table.columns[1:], start=1):
        cells = [row.ours[column] for row in table.rows]
        drawn = [(place, cell) for place, cell in zip(places, cells, strict=True) if cell is not None]
        colour = _COLOURS[(column - 1) % len(_COLOURS)]
        xs = [place for place, _ in drawn]
        axes.plot(xs, [cell.value for _, cell in drawn], marker="o", color=colour, label=name)
        axes.fill_between(xs, [c.low for _, c in drawn], [c.high for _, c in drawn], color=colour, alpha=0.15, lw=0)
    counts = [row.ours[0] for row in table.rows]
    names = [
        row.name if count is None else f"{row.name}\n({count.value:.0f})"
        for row, count in zip(table.rows, counts, strict=True)
    ]
    axes.set_xticks(places, names)
    axes.set_xlabel("turns before the response (points)")
    axes.set_ylabel("R@50, per cent; band: 95 %")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
