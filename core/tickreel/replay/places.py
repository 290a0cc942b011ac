"""Finds the symbol and the moment that people mean by a few typed words.

One search box takes ``btcusdt 19 jul 2024 00:03``, ``nexo 2024-07-19 00:03:10.5``, ``19 jul``,
``00:03`` or a ``tickreel://`` link. What is half typed gives what is known so far, what makes no sense
gives nothing: nothing is ever refused here. Typed times are in the zone of the display, unless they
carry one. Dates in figures alone that can be read in two ways give both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_of, day_start_us
from tickreel.market.units import format_stamp
from tickreel.replay.link import SCHEME, ReplayLink, parse_link
from tickreel.replay.moments import OpenReplay, day_bounds, days_of, is_half_typed, moments_of, readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tickreel.market.zone import Zone
    from tickreel.replay.moments import Reading

MOST_CHARACTERS = 200
"""Longer text is not searched for."""
_MOST_SYMBOLS = 40
_SEPARATORS = re.compile(r"[-_/:. ]")


class Dataset(Protocol):
    """What is known of a dataset: its names, and its first and last UTC day; None when it has none."""

    @property
    def exchange(self) -> str: ...  # noqa: D102
    @property
    def symbol(self) -> str: ...  # noqa: D102
    @property
    def first_day(self) -> date | None: ...  # noqa: D102
    @property
    def last_day(self) -> date | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Place:
    """A symbol, and a moment of it when one was typed."""

    exchange: str
    symbol: str
    at_us: int | None
    words: str
    """What it is, for people: ``binance BTCUSDT at 2024-07-19 00:03:00 UTC``."""
    is_held: bool = True
    """Whether the moment lies between the first and the last day that is held of the symbol."""
    is_open: bool = False
    """Whether it is a moment of the replay on screen, so that to seek is enough."""
    typed: ReplayLink | None = None
    """The link that was typed, when one was."""

    @property
    def link(self) -> ReplayLink:
        """Name it as a link."""
        return self.typed or ReplayLink(self.exchange, self.symbol, at_us=self.at_us)


class _Symbol(NamedTuple):
    exchange: str
    symbol: str
    start_us: int
    """Start of the first day that is held; the end is that of the last one."""
    end_us: int
    haystack: str
    """In small letters: a line for each name, also without separators; then its parts after tabs."""


class PlaceFinder:
    """Search among known symbols; make a new one when they are others. Safe to use from any thread."""

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        """Take what is known; several datasets of one symbol count as one."""
        spans: dict[tuple[str, str], tuple[int, int]] = {}
        for each in datasets:
            key = (each.exchange, each.symbol)
            if each.first_day is None or each.last_day is None:
                continue
            start_us, end_us = day_start_us(each.first_day), day_start_us(each.last_day) + US_PER_DAY
            known = spans.get(key, (start_us, end_us))
            spans[key] = (min(known[0], start_us), max(known[1], end_us))
        self._symbols = [
            _Symbol(exchange, symbol, *span, _haystack(exchange, symbol))
            for (exchange, symbol), span in sorted(spans.items(), key=lambda entry: len(entry[0][1]))
        ]
        self._by_name = {(each.exchange, each.symbol): each for each in self._symbols}
        starts, ends = zip(*spans.values(), strict=True) if spans else ((0,), (0,))
        self._span = (min(starts), max(ends))

    def find(self, text: str, zone: Zone, replay: OpenReplay | None = None, *, most: int = 12) -> list[Place]:
        """List what a text may mean, the likeliest first, at most *most*; never raises for any text."""
        text = text.strip()
        if len(text) > MOST_CHARACTERS or most < 1:
            return []
        if text.casefold().startswith(f"{SCHEME}:"):
            return self._linked(text)
        found: dict[tuple[_Symbol, int | None], tuple[int, ...]] = {}
        for order, reading in enumerate(readings(text)):
            # Only what the whole text may become is searched for before it is typed to its end.
            for each, fit in self._candidates(reading, zone, replay, is_growing=order == 0):
                is_shown = _is_of(replay, each)
                held_us = (each.start_us, each.end_us)
                moments = moments_of(reading, held_us, zone, replay if is_shown else None)
                for number, at_us in enumerate(moments):
                    # What is no moment of data that is held comes last, however well its name fits.
                    misses = at_us is not None and not _is_known(each, at_us, replay)
                    if reading.words or is_shown or not misses:
                        score = (misses, order, fit, number, not is_shown, len(each.symbol))
                        found.setdefault((each, at_us), score)
        ranked = nsmallest(most, found.items(), key=lambda entry: (entry[1], entry[0][0].haystack))
        return [_place(each, at_us, zone, replay) for (each, at_us), _ in ranked]

    def _linked(self, text: str) -> list[Place]:
        try:
            link = parse_link(text)
        except UsageError:
            return []
        if not isinstance(link, ReplayLink):
            return []
        held = self._by_name.get((link.exchange, link.symbol))
        at_us = link.start_us if link.at_us is None else link.at_us
        when = "" if at_us is None else f" at {format_stamp(at_us, 0)} UTC"
        return [
            Place(
                link.exchange,
                link.symbol,
                at_us,
                f"{link.exchange} {link.symbol}{when}, by link",
                is_held=held is not None and (at_us is None or held.start_us <= at_us < held.end_us),
                typed=link,
            )
        ]

    def _candidates(
        self, reading: Reading, zone: Zone, replay: OpenReplay | None, *, is_growing: bool
    ) -> list[tuple[_Symbol, int]]:
        """Find the symbols that are meant, and how badly their names fit."""
        if not reading.words and not reading.has_moment:
            return []
        shown = [] if reading.words or replay is None else [(self._of_replay(replay), 0)]
        if not (reading.words or reading.names_day):
            return shown
        matches = self._matching(reading.words)
        if not matches and is_growing:
            # A date that is being typed is no symbol yet.
            kept = [word for word in reading.words if not is_half_typed(word)]
            matches = self._matching(kept) if kept else []
        windows = self._windows(reading, zone)
        held = [each for each in matches if any(each.end_us > a and each.start_us < b for a, b in windows)]
        fits = sorted(
            ((each, sum(_misfit(each.haystack, word) for word in reading.words)) for each in held or matches),
            key=lambda entry: entry[1],
        )
        return shown + fits[:_MOST_SYMBOLS]

    def _windows(self, reading: Reading, zone: Zone) -> list[tuple[int, int]]:
        """Give the stretches of time that a reading may mean, in any year in which something is held."""
        if reading.clock is not None and reading.clock.is_instant:
            return [(reading.clock.us, reading.clock.us + 1)]
        if reading.date is None:
            return []
        return [day_bounds(day, zone) for day in days_of(reading.date, self._span)]

    def _matching(self, words: Sequence[str]) -> list[_Symbol]:
        found = self._symbols
        for word in words:
            # A word with separators is also looked for without them.
            joined = _SEPARATORS.sub("", word) or word
            found = [each for each in found if joined in each.haystack or word in each.haystack]
        return found

    def _of_replay(self, replay: OpenReplay) -> _Symbol:
        """Give what is known of the symbol on screen; its range when nothing else is."""
        exchange, symbol = replay.exchange, replay.symbol
        unknown = _Symbol(exchange, symbol, replay.start_us, replay.end_us, _haystack(exchange, symbol))
        return self._by_name.get((exchange, symbol), unknown)


def _haystack(exchange: str, symbol: str) -> str:
    names = [exchange.casefold(), symbol.casefold()]
    joined = [_SEPARATORS.sub("", name) for name in names]
    parts = "".join(f"\t{part}" for name in names for part in _SEPARATORS.split(name))
    return "\n".join(("", *names, *joined, parts))


def _misfit(haystack: str, word: str) -> int:
    """Tell how badly a word names a symbol or its exchange: 0 is exactly, 3 by letters inside."""
    if f"\n{word}" in haystack:
        return 0 if f"\n{word}\n" in haystack else 1
    return 2 if f"\t{word}" in haystack else 3


def _place(each: _Symbol, at_us: int | None, zone: Zone, replay: OpenReplay | None) -> Place:
    name = f"{each.exchange} {each.symbol}"
    if at_us is None:
        first, last = day_of(each.start_us), day_of(each.end_us - 1)
        days = f"{first} (UTC)" if first == last else f"{first} to {last} (UTC)"
        return Place(each.exchange, each.symbol, None, f"{name}, {days}")
    decimals = 0 if at_us % US_PER_SECOND == 0 else 3 if at_us % 1000 == 0 else 6
    is_open = _is_of(replay, each) and _is_in(replay, at_us)
    is_held = _is_known(each, at_us, replay)
    words = f"{name} at {zone.stamp(at_us, decimals)} {zone.short_name(at_us)}"
    return Place(
        each.exchange,
        each.symbol,
        at_us,
        words if is_held else f"{words}, not held",
        is_held=is_held,
        is_open=is_open,
    )


def _is_of(replay: OpenReplay | None, each: _Symbol) -> bool:
    return replay is not None and (replay.exchange, replay.symbol) == (each.exchange, each.symbol)


def _is_in(replay: OpenReplay | None, at_us: int) -> bool:
    return replay is not None and replay.start_us <= at_us < replay.end_us


def _is_known(each: _Symbol, at_us: int, replay: OpenReplay | None) -> bool:
    return each.start_us <= at_us < each.end_us or (_is_of(replay, each) and _is_in(replay, at_us))
