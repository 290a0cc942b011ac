"""When a replay has something analysed: every so many messages or seconds, or because something happened.

What fires follows from the rows alone, to the microsecond, and not from the frames that they came in: two
replays of the same rows, at any speed, ask about the same windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, overload

import numpy as np

from tickreel.analysis.tape import sweep_moments
from tickreel.book.features import spread_bps
from tickreel.errors import UsageError
from tickreel.market.time import US_PER_SECOND
from tickreel.replay import BandKind, TradeSeries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from tickreel.replay import Band, Note, SymbolFrame, TouchSeries

    Times = NDArray[np.int64]

HEALTH_KINDS = frozenset(
    {BandKind.GAP, BandKind.CROSSED, BandKind.RESET, BandKind.SNAPSHOT_MISMATCH, BandKind.SPLIT_SNAPSHOT}
)
"""Intervals of the health report that are worth an analysis; the others are met in every sound feed."""
_MOST = 1_000_000_000


class Reason(StrEnum):
    """Why a window is analysed."""

    MESSAGES = "messages"
    """So many messages of order book and trades came since the replay began or was put elsewhere."""
    SECONDS = "seconds"
    """So many seconds of market time are over; counted from 1970, so that they are whole minutes, hours."""
    SPREAD = "spread"
    """The spread went over so many basis points."""
    SWEEP = "sweep"
    """A sweep took its third price, as the figures count sweeps."""
    HEALTH = "health"
    """An interval of the health report is over."""
    PAUSE = "pause"
    """The replay was paused; asked for by hand."""
    RANGE = "range"
    """A range was selected; asked for by hand."""
    ASKED = "asked"
    """A program asked for it."""


_COUNTED = (Reason.MESSAGES, Reason.SECONDS, Reason.SPREAD)
_EVENTS = (Reason.SWEEP, Reason.HEALTH)
BY_HAND = frozenset({Reason.PAUSE, Reason.RANGE, Reason.ASKED})
"""Reasons that no trigger has."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One rule by which a window is analysed.

    Raises:
        UsageError: there is no such rule.
    """

    reason: Reason
    value: float | None = None
    """Messages, seconds, or basis points; None of a rule without."""

    def __post_init__(self) -> None:
        if self.reason in _EVENTS and self.value is None:
            return
        if self.reason not in _COUNTED:
            raise UsageError(f"{self.spelled()!r} fires by nothing: choose {_words()}")
        value, is_whole = self.value, self.reason is Reason.MESSAGES
        if value is None or not isfinite(value) or not 0 < value <= _MOST or (is_whole and value % 1):
            kind = "a whole number" if is_whole else "a number"
            raise UsageError(
                f"{self.spelled()!r} says not how many: write {self.reason}=N, {kind} up to {_MOST}"
            )

    def spelled(self) -> str:
        """Write it as :func:`parse_triggers` reads it."""
        return self.reason.value if self.value is None else f"{self.reason.value}={self.value:.12g}"


def parse_triggers(text: str) -> tuple[Trigger, ...]:
    """Read rules such as ``messages=5000,seconds=60,spread=5,sweep,health``.

    Raises:
        UsageError: one of them is none, or one comes twice.
    """
    triggers = tuple(_read(piece.strip()) for piece in text.split(","))
    if len({one.reason for one in triggers}) < len(triggers):
        raise UsageError(f"{text!r} names one of them twice")
    return triggers


def _read(piece: str) -> Trigger:
    name, equals, number = piece.partition("=")
    if name not in (*_COUNTED, *_EVENTS):
        raise UsageError(f"{piece!r} fires by nothing: choose {_words()}")
    if not equals:
        return Trigger(Reason(name))
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    return Trigger(Reason(name), value)


def _words() -> str:
    return ", ".join([*(f"{reason}=N" for reason in _COUNTED), *_EVENTS])


@dataclass(frozen=True, slots=True)
class Moment:
    """The end of a window that is to be analysed, and all reasons that meet there."""

    to_us: int
    """The moment after the last microsecond that is known."""
    reasons: tuple[Reason, ...]


class Moments(Sequence[Moment]):
    """Moments in their order, each made when it is asked for: there may be thousands in a frame."""

    def __init__(self, ends_us: Mapping[Reason, Times]) -> None:
        self._by_reason = ends_us
        self._ends_us = np.unique(np.concatenate(list(ends_us.values()) or [np.empty(0, np.int64)]))
        self.merged = sum(map(len, ends_us.values())) - len(self._ends_us)
        """Reasons that meet another one."""

    def __len__(self) -> int:
        return len(self._ends_us)

    @overload
    def __getitem__(self, place: int) -> Moment: ...
    @overload
    def __getitem__(self, place: slice) -> list[Moment]: ...
    def __getitem__(self, place: int | slice) -> Moment | list[Moment]:
        if isinstance(place, slice):
            return [self[number] for number in range(len(self))[place]]
        to_us = int(self._ends_us[place])
        met = (reason for reason, ends_us in self._by_reason.items() if _holds(ends_us, to_us))
        return Moment(to_us, tuple(met))


def _holds(ends_us: Times, to_us: int) -> bool:
    place = int(np.searchsorted(ends_us, to_us))
    return place < len(ends_us) and bool(ends_us[place] == to_us)


class Watch:
    """Looks at the frames of one symbol, in their order, for moments at which a trigger fires.

    A spread, sweeps and health fire at most once in *rest_us* of market time each. *bands* is what the
    health report knows of the symbol.
    """

    def __init__(
        self, triggers: Sequence[Trigger], rest_us: int, bands: Iterable[Band], *, at_us: int
    ) -> None:
        self._triggers = {one.reason: one.value for one in triggers}
        self._rest_us = rest_us
        self._health_us = np.unique(
            np.array([one.to_us for one in bands if one.kind in HEALTH_KINDS], np.int64)
        )
        self.begin(at_us)

    def begin(self, at_us: int) -> None:
        """Begin anew where a replay was put."""
        self._at_us = at_us
        self._messages = 0
        self._is_wide = False
        self._tape = TradeSeries.joined([])
        self._fired_us: dict[Reason, int] = {}

    def take(self, frame: SymbolFrame, at_us: int, notes: Iterable[Note] = ()) -> Moments:
        """Find the moments in what was played since the last frame, up to and including *at_us*.

        *notes* are those of the frame: in what was jumped over no time passes.
        """
        since_us, self._at_us = self._at_us, at_us
        ends_us = {
            reason: self._ends(reason, value or 0.0, frame, since_us, at_us)
            for reason, value in self._triggers.items()
        }
        if Reason.SECONDS in ends_us:
            for note in notes:
                seconds_us = ends_us[Reason.SECONDS]
                is_passed = (seconds_us <= note.from_us) | (seconds_us >= note.to_us)
                ends_us[Reason.SECONDS] = seconds_us[is_passed]
        return Moments(ends_us)

    def _ends(self, reason: Reason, value: float, frame: SymbolFrame, since_us: int, at_us: int) -> Times:
        match reason:
            case Reason.MESSAGES:
                return self._by_messages(int(value), frame)
            case Reason.SECONDS:
                step_us = max(round(value * US_PER_SECOND), 1)
                # A window that ends with an instant is known the microsecond before.
                return np.arange((since_us + 1) // step_us * step_us + step_us, at_us + 2, step_us)
            case Reason.SPREAD:
                return self._rested(reason, self._by_spread(value, frame.touch))
            case Reason.SWEEP:
                moments_us, self._tape = sweep_moments(self._tape, frame.trades)
                return self._rested(reason, moments_us)
            case _:
                first, last = np.searchsorted(self._health_us, (since_us, at_us), side="right")
                return self._rested(reason, self._health_us[first:last])

    def _by_messages(self, every: int, frame: SymbolFrame) -> Times:
        """A message is the rows of one type at one instant."""
        both_us = np.concatenate((frame.touch.time_us, np.unique(frame.trades.time_us)))
        times_us = np.sort(both_us, kind="stable")
        first = every - 1 - self._messages % every
        self._messages += len(times_us)
        return np.unique(times_us[first::every] + 1)

    def _by_spread(self, over_bps: float, touch: TouchSeries) -> Times:
        if not len(touch):
            return touch.time_us
        is_wide = spread_bps(touch.as_touch()) > over_bps
        before = np.concatenate(([self._is_wide], is_wide[:-1]))
        self._is_wide = bool(is_wide[-1])
        return touch.time_us[is_wide & ~before]

    def _rested(self, reason: Reason, moments_us: Times) -> Times:
        """Give the ends of windows at those moments that come long enough after the last one."""
        ends_us, last_us = [], self._fired_us.get(reason)
        for moment_us in moments_us.tolist():
            if last_us is None or moment_us - last_us >= self._rest_us:
                last_us = moment_us
                ends_us.append(moment_us + 1)
        if last_us is not None:
            self._fired_us[reason] = last_us
        return np.array(ends_us, np.int64)
