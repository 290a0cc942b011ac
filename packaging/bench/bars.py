"""Bars as SVG that stand in a page: one a tool, the length by a figure, colours by the page's style sheet."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _ROW, _BAR = 960, 30, 16
_LEFT, _RIGHT = 230, 330
_MOST = _WIDTH - _LEFT - _RIGHT
_SHORTEST = 2.0
_EDGE = 6
_FAR = 8
"""So many times as long as the next is a bar that is cut."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure of somebody, larger than zero."""

    name: str
    value: float
    shown: str
    """The figure with its unit."""
    note: str = ""
    """What stands behind it."""
    is_own: bool = False
    """Of Tickreel: the others are drawn muted."""


def bars(title: str, shown: Sequence[Bar]) -> str:
    """Draw bars one below the other from zero on, all on one linear scale.

    One that is far longer than the next would leave nothing to see of the others: it is cut, and shown so.
    """
    height = _ROW * len(shown) + 2 * _EDGE
    longest = _longest([one.value for one in shown])
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title, quote=True)}">',
        f"<title>{escape(title)}</title>",
    ]
    for place, one in enumerate(shown):
        middle = _EDGE + _ROW * place + _ROW / 2
        length = min(_MOST, max(_SHORTEST, _MOST * one.value / longest))
        look = "own" if one.is_own else "peer"
        note = f' <tspan class="note">{escape(one.note)}</tspan>' if one.note else ""
        parts += [
            f'<text class="name {look}" x="{_LEFT - 12}" y="{middle + 4:.1f}" text-anchor="end">'
            f"{escape(one.name)}</text>",
            f'<rect class="bar {look}" x="{_LEFT}" y="{middle - _BAR / 2:.1f}" width="{length:.1f}" '
            f'height="{_BAR}" rx="2"/>',
            *(_cut(_LEFT + length, middle) if one.value > longest else ()),
            f'<text class="figure" x="{_LEFT + length + 8:.1f}" y="{middle + 4:.1f}">'
            f"{escape(one.shown)}{note}</text>",
        ]
    return "\n".join([*parts, "</svg>"])


def _longest(values: Sequence[float]) -> float:
    """Choose the value that fills the width."""
    ordered = sorted(values)
    while len(ordered) > 1 and ordered[-1] > _FAR * ordered[-2]:
        ordered.pop()
    return ordered[-1]


def _cut(end: float, middle: float) -> list[str]:
    """Draw the gap of a bar that goes on beyond the width."""
    top, bottom, x = middle - _BAR / 2 - 2, middle + _BAR / 2 + 2, end - 40
    return [
        f'<path class="gap" d="M{x:.1f} {bottom:.1f}L{x + 8:.1f} {top:.1f}h6L{x + 6:.1f} {bottom:.1f}z"/>'
    ]
