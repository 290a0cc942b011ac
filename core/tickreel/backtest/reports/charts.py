"""Charts as SVG that stands in a page: no script, no network, colours by the classes of its style sheet."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.reports.scale import Scale, range_of, thinned, tick_label, ticks, time_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WIDTH, HEIGHT = 960, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 16, 12, 28
MOST_POINTS = 1600
MOST_MARKS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """A line over time; with *is_stepped* a value holds until the next, with *is_filled* down to zero."""

    name: str
    at_us: NDArray[np.int64]
    values: NDArray[np.float64]
    look: str
    """Class of the style sheet."""
    is_stepped: bool = False
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """Points over time: triangles that point up or down."""

    name: str
    at_us: NDArray[np.int64]
    values: NDArray[np.float64]
    look: str
    is_up: bool


def over_time(
    title: str,
    span: tuple[int, int],
    lines: Sequence[Line],
    marks: Sequence[Marks] = (),
    *,
    height: int = HEIGHT,
) -> str:
    """Draw lines and marks over [start_us, end_us); titles and names are told to screen readers as well."""
    start_us, end_us = span[0], max(span[1], span[0] + 1)
    shown = [*(one.values for one in lines), *(one.values for one in marks)]
    if any(line.is_filled for line in lines):
        shown.append(np.zeros(1))
    low, high = range_of(np.concatenate(shown) if shown else np.zeros(0))
    across = Scale(start_us, end_us, _LEFT, WIDTH - _RIGHT)
    up = Scale(low, high, height - _BOTTOM, _TOP)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title, quote=True)}">',
        f"<title>{escape(title)}</title>",
        *_grid(across, up, span, height),
    ]
    parts += [_line(line, across, up) for line in lines]
    parts += [_marks(one, across, up) for one in marks]
    return "\n".join([*parts, "</svg>"])


def _grid(across: Scale, up: Scale, span: tuple[int, int], height: int) -> list[str]:
    parts = []
    values = ticks(up.low, up.high, 5)
    for value in values:
        y = up.at(value)
        look = "grid zero" if value == 0 else "grid"
        parts.append(f'<line class="{look}" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="axis" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{tick_label(value, values)}</text>"
        )
    for at_us, label in time_ticks(span[0], span[1], 8):
        x = across.at(at_us)
        bottom = height - _BOTTOM
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        if _LEFT + 16 <= x <= WIDTH - _RIGHT - 16:
            parts.append(
                f'<text class="axis" x="{x:.1f}" y="{height - 8}" text-anchor="middle">{label}</text>'
            )
    return parts


def _line(line: Line, across: Scale, up: Scale) -> str:
    at, values = thinned(line.at_us.astype(np.float64), line.values, MOST_POINTS)
    if not len(values):
        return ""
    xs, ys = across.places(at), up.places(values)
    points = [f"{xs[0]:.1f},{ys[0]:.1f}"]
    for place in range(1, len(xs)):
        if line.is_stepped:
            points.append(f"{xs[place]:.1f},{ys[place - 1]:.1f}")
        points.append(f"{xs[place]:.1f},{ys[place]:.1f}")
    name = escape(line.name)
    path = " ".join(points)
    drawn = f'<polyline class="{line.look}" points="{path}"><title>{name}</title></polyline>'
    if not line.is_filled:
        return drawn
    base = up.at(0.0)
    area = f"{xs[0]:.1f},{base:.1f} {path} {xs[-1]:.1f},{base:.1f}"
    return f'<polygon class="{line.look} area" points="{area}"/>\n{drawn}'


def _marks(marks: Marks, across: Scale, up: Scale) -> str:
    step = max(1, -(-len(marks.values) // MOST_MARKS))
    xs = across.places(marks.at_us[::step].astype(np.float64))
    ys = up.places(marks.values[::step])
    sign = 1 if marks.is_up else -1
    drawn = "".join(
        f"M{x:.1f},{y + sign * 2:.1f}l3.5,{sign * 6}h-7z"
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True)
        if np.isfinite(y)
    )
    return f'<path class="{marks.look} mark" d="{drawn}"><title>{escape(marks.name)}</title></path>'


def bars(title: str, named: Sequence[tuple[str, float | None]], *, unit: str = "", height: int = 180) -> str:
    """Draw a bar for each name, from zero; None leaves its place empty."""
    known = np.array([value for _, value in named if value is not None] or [0.0])
    low, high = range_of(np.concatenate((known, [0.0])))
    up = Scale(low, high, height - _BOTTOM, _TOP)
    values = ticks(low, high, 4)
    width = (WIDTH - _LEFT - _RIGHT) / max(1, len(named))
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title, quote=True)}">',
        f"<title>{escape(title)}</title>",
    ]
    for value in values:
        y = up.at(value)
        look = "grid zero" if value == 0 else "grid"
        parts.append(f'<line class="{look}" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="axis" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{tick_label(value, values)}</text>"
        )
    for number, (name, height_of) in enumerate(named):
        middle = _LEFT + (number + 0.5) * width
        parts.append(
            f'<text class="axis" x="{middle:.1f}" y="{height - 8}" text-anchor="middle">{escape(name)}</text>'
        )
        if height_of is not None:
            top, bottom = sorted((up.at(height_of), up.at(0.0)))
            half = min(36.0, 0.35 * width)
            look = "ask-bar" if height_of > 0 else "bid-bar"
            parts.append(
                f'<rect class="{look}" x="{middle - half:.1f}" y="{top:.1f}" width="{2 * half:.1f}" '
                f'height="{max(1.0, bottom - top):.1f}"><title>{escape(name)}: {height_of:.4g} '
                f"{escape(unit)}</title></rect>"
            )
    return "\n".join([*parts, "</svg>"])
