"""Which files answer a question, and their rows: ranges, gaps, and what a book needs from before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tickreel.errors import NotHeldError, UsageError
from tickreel.market.time import day_of, day_start_us, days_touched
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.model import Day, DayState, Part
from tickreel.store.segment import read_segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tickreel.store.catalog import Catalog
    from tickreel.store.home import Home

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a reader asks for: a dataset, or one instrument inside a grouped one."""

    key: DatasetKey
    member: str | None = None

    def __str__(self) -> str:
        return f"{self.key} ({self.member})" if self.member else str(self.key)


@dataclass(frozen=True, slots=True)
class MissingDay:
    """A day that a range touches and whose rows should be there but are not."""

    selection: Selection
    day: date
    state: DayState

    def __str__(self) -> str:
        return f"{self.selection} {self.day} ({self.state})"


@dataclass(frozen=True, slots=True)
class RangePlan:
    """The parts that hold a range, and the days of it that are missing."""

    selection: Selection
    start_us: int
    end_us: int
    parts: tuple[Part, ...]
    missing: tuple[MissingDay, ...]
    breaks_us: tuple[int, ...]
    """Midnights in [start_us, end_us) at which a day begins that is not held: no book is carried into it."""


class Library:
    """Read access to the days of one home."""

    def __init__(self, home: Home, catalog: Catalog) -> None:
        self._home = home
        self._catalog = catalog

    def select(self, exchange: str, symbol: str, data_type: DataType) -> Selection:
        """Find what is held under a name: a dataset, or an instrument in a group's files.

        Raises:
            NotHeldError: neither is held; the message says what is.
        """
        key = DatasetKey(exchange, symbol, data_type)
        if self._catalog.days(key):
            return Selection(key)
        group = self._catalog.group_with(exchange, symbol, data_type)
        if group is not None:
            return Selection(group, symbol)
        raise NotHeldError(f"nothing is held of {key}{self._nearest(key)}")

    def _nearest(self, key: DatasetKey) -> str:
        """Say what comes nearest to a name that is not held."""
        keys = self._catalog.keys()
        same = sorted({k.type.value for k in keys if (k.exchange, k.symbol) == (key.exchange, key.symbol)})
        if same:
            return f"; of {key.exchange} {key.symbol} there are {', '.join(same)}"
        folded = (key.exchange.casefold(), key.symbol.casefold())
        alike = sorted({f"{k.exchange} {k.symbol}" for k in keys if k.symbol.casefold() == folded[1]})
        if alike:
            return f"; did you mean {' or '.join(alike)}?"
        return "; `tickreel datasets` lists what is held"

    def held_types(self, exchange: str, symbol: str, types: Iterable[DataType]) -> list[DataType]:
        """Tell which of some types are held of a symbol, in the order given."""
        return [
            data_type
            for data_type in types
            if self._catalog.days(DatasetKey(exchange, symbol, data_type))
            or self._catalog.group_with(exchange, symbol, data_type)
        ]

    def members(self, selection: Selection) -> list[str]:
        """List the instruments that a selection reads, sorted."""
        if selection.member:
            return [selection.member]
        if selection.key.is_grouped:
            return self._catalog.members(selection.key)
        return [selection.key.symbol]

    def plan(self, selection: Selection, start_us: int, end_us: int) -> RangePlan:
        """Find the parts of [start_us, end_us) and what is missing of it."""
        recorded = {day.day: day for day in self._catalog.days(selection.key)}
        touched = days_touched(start_us, end_us)
        states = {day: recorded[day].state if day in recorded else DayState.MISSING for day in touched}
        return RangePlan(
            selection=selection,
            start_us=start_us,
            end_us=end_us,
            parts=tuple(
                part
                for day in touched
                if states[day].is_held
                for part in recorded[day].parts
                if part.start_us < end_us and start_us < part.end_us
            ),
            missing=tuple(
                MissingDay(selection, day, state) for day, state in states.items() if state.is_hole
            ),
            breaks_us=tuple(
                day_start_us(day)
                for day in touched
                if day_start_us(day) >= start_us and not states[day].is_held
            ),
        )

    def rows(
        self, plan: RangePlan, columns: Sequence[str], parts: Sequence[Part] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Read the rows of a plan in file order, whole messages at a time, in ``inside_schema`` form."""
        for part in plan.parts if parts is None else parts:
            yield from self.part_rows(plan.selection, part, plan.start_us, plan.end_us, columns)

    def part_rows(
        self, selection: Selection, part: Part, start_us: int, end_us: int, columns: Sequence[str]
    ) -> Iterator[pa.RecordBatch]:
        """Read the rows of one part whose local time lies in [start_us, end_us)."""
        path = self._home.segment_path(part.segment_id)
        wanted = columns if selection.member is None else tuple(dict.fromkeys((*columns, "symbol")))
        for batch in read_segment(path, selection.key, start_us, end_us, wanted):
            if selection.member is None:
                yield batch
                continue
            own = batch.filter(pc.equal(batch.column("symbol"), selection.member))
            if own.num_rows:
                yield own.select(list(columns))

    def day(self, selection: Selection, day: date) -> Day:
        """Find a held day of a selection.

        Raises:
            NotHeldError: the day is not held.
        """
        found = next((d for d in self._catalog.days(selection.key) if d.day == day), None)
        if found is None or not found.state.is_held:
            state = found.state if found else DayState.MISSING
            raise NotHeldError(f"{selection} {day} is not held ({state})")
        return found

    def chain_before(self, selection: Selection, end_us: int) -> list[Part]:
        """List the parts from which the book just before *end_us* follows, oldest first.

        Goes back from the day of the last microsecond before *end_us*, day by day while
        days are held, to a part that opens with a snapshot: nothing older matters.
        """
        if selection.key.type is not DataType.INCREMENTAL_BOOK_L2:
            raise UsageError(f"{selection.key.type} makes no order book")
        recorded = {day.day: day for day in self._catalog.days(selection.key)}
        chain: list[Part] = []
        day = day_of(end_us - 1)
        while _is_held(recorded, day):
            for part in reversed(recorded[day].parts):
                if part.first_local_us is None or part.first_local_us >= end_us:
                    continue
                chain.append(part)
                if part.opens_with_snapshot:
                    return chain[::-1]
            day -= _ONE_DAY
        return chain[::-1]


def _is_held(recorded: dict[date, Day], day: date) -> bool:
    return day in recorded and recorded[day].state.is_held


def refuse_missing(missing: Iterable[MissingDay]) -> None:
    """Stop before any output when days of a range are missing.

    Raises:
        NotHeldError: names every one of them.
    """
    named = [str(day) for day in missing]
    if named:
        shown = ", ".join(named[:20]) + (f" and {len(named) - 20} more" if len(named) > 20 else "")
        raise NotHeldError(
            f"{len(named)} day{'s are' if len(named) > 1 else ' is'} missing: {shown}; "
            "import them, or read over the gap with --allow-missing"
        )
