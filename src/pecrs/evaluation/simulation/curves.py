"""Success by round as a figure: plain SVG, the same for the same figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Okabe and Ito's, which people with any colour vision tell apart."""
_DASHES = ("", "6 3", "2 3", "8 3 2 3")
_WIDTH, _HEIGHT = 640, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 130, 16, 44
_TICKS = range(0, 101, 20)
_GAP = 15


def success_curves(curves: Mapping[str, Sequence[float]]) -> str:
    """Return an SVG of the share of users with success, by round.

    Args:
        curves: By recommender, a share from 0 to 1 a round; all equally long.
    """
    rounds = max(map(len, curves.values()))
    body = [_axes(rounds)]
    ends = _apart({name: _y(curve[-1]) for name, curve in curves.items()})
    for number, (name, curve) in enumerate(curves.items()):
        colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]
        points = [(_x(t, rounds), _y(share)) for t, share in enumerate(curve, start=1)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        body.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
        )
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        body.append(f'<text x="{_WIDTH - _RIGHT + 12}" y="{ends[name] + 4:.1f}" fill="{colour}">{escape(name)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img"'
    title = "Share of users with success, by round"
    return (
        f'{head} aria-label="{title}" font-family="system-ui, sans-serif" font-size="12">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>{"".join(body)}</svg>\n'
    )


def _axes(rounds: int) -> str:
    parts = []
    for share in _TICKS:
        y = _y(share / 100)
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{share} %</text>')
    for t in range(1, rounds + 1):
        x, y = _x(t, rounds), _HEIGHT - _BOTTOM + 18
        parts.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle" fill="#444">{t}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle" fill="#444">round</text>')
    return "".join(parts)


def _x(t: int, rounds: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (t - 0.5) / rounds


def _y(share: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - share)


def _apart(places: Mapping[str, float]) -> dict[str, float]:
    """Return heights of labels that do not cover each other, moved up as little as that takes."""
    free, moved = float("inf"), {}
    for name, place in sorted(places.items(), key=lambda entry: -entry[1]):
        moved[name] = free = min(place, free - _GAP)
    return moved
