"""When what a figure tells happened, for those that have a moment of their own inside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.analysis.tape import tape_moments
from tickreel.book.features import mid, spread_bps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tickreel.analysis.observation import Observation
    from tickreel.book.series import Touch


def moments_of(seen: Observation) -> dict[str, int]:
    """Give microseconds by the names of figures; of several moments alike the first one.

    What stood before the window and goes on into it is of the window's beginning.
    """
    found: dict[str, int] = {}
    if seen.end_us > seen.start_us:
        if seen.touch is not None:
            found |= dict(_touch(seen.touch, seen.start_us, seen.end_us))
        if seen.trades is not None:
            found |= tape_moments(seen.trades)
    return {name: max(at_us, seen.start_us) for name, at_us in found.items()}


def _touch(touch: Touch, start_us: int, end_us: int) -> Iterator[tuple[str, int]]:
    price, gap = mid(touch), spread_bps(touch)[1:]
    for name, value, time_us in (
        ("mid_low", price, touch.time_us),
        ("mid_high", -price, touch.time_us),
        ("spread_low", gap, touch.time_us[1:]),
        ("spread_high", -gap, touch.time_us[1:]),
    ):
        if (place := _least(value)) is not None:
            yield name, int(time_us[place])
    times_us = touch.time_us[touch.time_us >= start_us]
    longest = np.argmax(np.diff(times_us, prepend=start_us, append=end_us))
    # A silence is told by its last microsecond, before the next message or the end.
    yield "silence", int(np.append(times_us, end_us)[longest]) - 1


def _least(value: NDArray[np.float64]) -> int | None:
    return None if np.isnan(value).all() else int(np.nanargmin(value))
