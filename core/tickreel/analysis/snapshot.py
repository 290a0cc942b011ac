"""A window of market as figures: small, typed, and the same whenever it is made from the same rows.

It is what an analyst is given, and what an answer is checked against. Names of instruments and data
stand beside the figures and not among them: no text from a feed goes where it could be read as one.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tickreel.analysis.figures import BY_ID, BY_NAME, FIGURES, Group
from tickreel.analysis.measuring import Value, measure
from tickreel.analysis.moments import moments_of
from tickreel.analysis.observation import Source, observe, observe_replay
from tickreel.errors import DataError, UsageError
from tickreel.market.types import DataType
from tickreel.progress import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tickreel.analysis.observation import Observation
    from tickreel.market.time import Instant
    from tickreel.progress import Monitor
    from tickreel.replay import Replay
    from tickreel.store import Cache

SCHEMA_VERSION = 2
"""Raised when the form changes. Of 2 on figures have moments."""
MEASURING_VERSION = 1
"""Raised when the way in which a figure is measured changes: answers of before are stale then."""
_DIGITS = 10
"""Significant digits that are kept: beyond them machines add in different orders."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures of [from_us, to_us) of one instrument."""

    exchange: str
    symbol: str
    from_us: int
    to_us: int
    values: Mapping[str, Value] = field(repr=False)
    """By figure id, of every figure; None where one has no meaning in this window."""
    sources: tuple[Source, ...] = field(default=(), repr=False)
    """What it was made from."""
    moments: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Microseconds by figure id, of those that have a value and happened at a moment of the window."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in the window: neither a message nor a trade."""
        return not (self["book_messages"] or self["trades"])

    def __getitem__(self, name: str) -> Value:
        """Give a figure by its name; raises KeyError for one that there is not."""
        return self.values[BY_NAME[name].id]

    def number(self, name: str) -> float | None:
        """Give a figure that is a number; None where it has no value."""
        value = self[name]
        return None if value is None or isinstance(value, str) else float(value)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of which any figure has a value, in the order of the table."""
        return tuple(dict.fromkeys(each.group for each in FIGURES if self.values[each.id] is not None))

    def only(self, groups: Collection[Group]) -> Snapshot:
        """Keep the figures of some groups, and of the window itself; the others have no value any more.

        Raises:
            UsageError: nothing of what happened in the window is among them.
        """
        kept = {Group.WINDOW, *groups}
        narrowed = replace(
            self,
            values={
                each: value if BY_ID[each].group in kept else None for each, value in self.values.items()
            },
            moments={each: at_us for each, at_us in self.moments.items() if BY_ID[each].group in kept},
        )
        if not self.is_empty and (narrowed.is_empty or set(narrowed.groups) == {Group.WINDOW}):
            raise UsageError("nothing of what happened in this window is chosen: choose more of its figures")
        return narrowed

    def span_of(self, figure_id: str) -> tuple[int, int]:
        """Give the stretch that a figure speaks of: its own moment where it has one, else its part."""
        at_us = self.moments.get(figure_id)
        if at_us is None:
            return BY_ID[figure_id].part.span(self.from_us, self.to_us)
        return at_us, at_us + 1

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        form = self._measured()
        for figure in form["figures"]:
            figure["at_us"] = self.moments.get(figure["id"])
        return form | {"schema_version": SCHEMA_VERSION}

    def _measured(self) -> dict[str, Any]:
        return {
            "schema_version": MEASURING_VERSION,
            "exchange": self.exchange,
            "symbol": self.symbol,
            "from_us": self.from_us,
            "to_us": self.to_us,
            "figures": [
                {
                    "id": figure.id,
                    "name": figure.name,
                    "unit": figure.unit.value,
                    "value": self.values[figure.id],
                    "definition": figure.definition,
                }
                for figure in FIGURES
            ],
            "data": [
                {"type": source.type.value, "day": source.day, "rows_sha256": source.rows_sha256}
                for source in self.sources
            ],
        }

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> Snapshot:
        """Read what :meth:`to_form` gave.

        Raises:
            DataError: it is of another version, or not of that form.
        """
        if form.get("schema_version") != SCHEMA_VERSION:
            raise DataError(
                f"a snapshot of schema_version {form.get('schema_version')!r} is not known here, "
                f"only {SCHEMA_VERSION}: make it anew"
            )
        try:
            figures = {one["id"]: one for one in form["figures"]}
            return cls(
                str(form["exchange"]),
                str(form["symbol"]),
                int(form["from_us"]),
                int(form["to_us"]),
                {figure.id: figures[figure.id]["value"] for figure in FIGURES},
                tuple(
                    Source(DataType(one["type"]), str(one["day"]), str(one["rows_sha256"]))
                    for one in form["data"]
                ),
                {name: int(one["at_us"]) for name, one in figures.items() if one["at_us"] is not None},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"this is no snapshot: {error}") from None

    @property
    def digest(self) -> str:
        """SHA-256 of all but the moments, by which an analysis names what it was made from.

        Moments follow from the same rows, and are told to no analyst.
        """
        return hashlib.sha256(_canonical(self._measured())).hexdigest()


def take_snapshot(
    cache: Cache,
    exchange: str,
    symbol: str,
    start: Instant,
    end: Instant,
    *,
    cuts: bool = False,
    monitor: Monitor = UNWATCHED,
) -> Snapshot:
    """Measure [start, end) of an instrument; with *cuts* it begins later where days before are missing.

    The *monitor* hears of days that come from the shared cache for it.

    Raises:
        NotHeldError: neither order book nor trades are held of it, or days are missing.
        UsageError: a time that there is not, a group, or more than a day.
        DataError: a day is damaged.
        Cancelled: the monitor said so.
    """
    return snapshot_of(observe(cache, exchange, symbol, start, end, cuts=cuts, monitor=monitor))


def take_snapshot_of_replay(
    cache: Cache, replay: Replay, exchange: str, symbol: str, last_us: int
) -> Snapshot:
    """Measure the last *last_us* microseconds up to where a replay stands; nothing later has a part in it.

    Raises:
        NotHeldError, UsageError, DataError: as :func:`take_snapshot`.
    """
    return snapshot_of(observe_replay(cache, replay, exchange, symbol, last_us))


def snapshot_of(seen: Observation) -> Snapshot:
    """Measure what was observed."""
    found, moments = measure(seen), moments_of(seen)
    values = {figure.id: _rounded(found.get(figure.name)) for figure in FIGURES}
    return Snapshot(
        seen.exchange,
        seen.symbol,
        seen.start_us,
        seen.end_us,
        values,
        seen.sources,
        {
            figure.id: moments[figure.name]
            for figure in FIGURES
            if figure.name in moments and values[figure.id] is not None
        },
    )


def _rounded(value: Value) -> Value:
    """Keep ten significant digits of a number, none of what is no number, and no minus before zero."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.{_DIGITS - 1}e}") + 0.0 if math.isfinite(value) else None


def _canonical(form: Mapping[str, Any]) -> bytes:
    return json.dumps(form, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
