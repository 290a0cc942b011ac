"""What is refused although it is well spelled: values that no book, trade or quote can have.

All checks run over whole columns; each tells its first offending row, and the lowest wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tickreel.errors import UsageError
from tickreel.market.time import EARLIEST_US, LATEST_US, parse_instant
from tickreel.market.types import MISSING_INTEGER, SIDES, Column, Kind, Schema
from tickreel.vendorcsv.grammar import Fault, problem_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_CELL = "{cell}"  # replaced by the spelled cell once the row is known


class RowChecks:
    """Check the batches of one file in order; what must agree between batches is remembered."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._exchange: str | None = None
        self._last_local_us: int | None = None

    def first_fault(self, batch: pa.RecordBatch, block: bytes) -> Fault | None:
        """Find the first row that is refused in *batch*, which was parsed from *block* and is not empty."""
        first: Fault | None = None
        for position, column in enumerate(self._schema.columns):
            for index, problem in self._faults_of(column, batch.column(position)):
                if first is None or index < first.index:
                    first = Fault(index, problem_at(block, index, column, position, problem))
        return first

    def _faults_of(self, column: Column, cells: pa.Array) -> Iterator[tuple[int, str]]:
        """Yield the index of the first offender of each rule, and what to say of it."""
        match column.kind:
            case Kind.TEXT:
                if column.required:
                    yield from _first(_mask(pc.equal(pc.binary_length(cells), 0)), "is empty")
                if column.name == "exchange":
                    yield from self._faults_of_exchange(cells)
            case Kind.TIME:
                yield from _faults_of_times(column, cells)
                if column.name == "local_timestamp":
                    yield from self._faults_of_order(cells)
            case Kind.FLAG:
                if column.required:
                    yield from _first(_nulls(cells), "is empty")
            case Kind.BOOK_SIDE | Kind.TRADE_SIDE:
                words = ", ".join(word for word in SIDES[column.kind] if word)
                yield from _first(_nulls(cells.indices), f"{_CELL} is none of {words}")
            case Kind.NUMBER:
                yield from _faults_of_numbers(column, cells)

    def _faults_of_exchange(self, cells: pa.StringArray) -> Iterator[tuple[int, str]]:
        if self._exchange is None:
            self._exchange = cells[0].as_py()
        yield from _first(
            _mask(pc.not_equal(cells, self._exchange)),
            f"{_CELL} differs from {self._exchange!r} of the rows before it; a file holds one exchange",
        )

    def _faults_of_order(self, cells: pa.Int64Array) -> Iterator[tuple[int, str]]:
        times = _filled(cells)
        before = np.empty_like(times)
        before[0] = times[0] if self._last_local_us is None else self._last_local_us
        before[1:] = times[:-1]
        self._last_local_us = int(times[-1])
        for index in np.flatnonzero(times < before)[:1].tolist():
            yield index, f"goes back from {before[index]} to {times[index]}"


def _faults_of_times(column: Column, cells: pa.Int64Array) -> Iterator[tuple[int, str]]:
    if column.required:
        yield from _first(_nulls(cells), "is empty")
    times = _filled(cells)
    if column.name == "local_timestamp":  # it decides the day; what an exchange calls its time is its own
        outside = (times < EARLIEST_US) | (times >= LATEST_US)
        for index in np.flatnonzero(outside)[:1].tolist():
            yield index, _say_outside(int(times[index]))
    else:
        yield from _first(times == MISSING_INTEGER, f"{_CELL} does not fit into 64 bits")


def _faults_of_numbers(column: Column, cells: pa.DoubleArray) -> Iterator[tuple[int, str]]:
    if column.required:
        yield from _first(_nulls(cells), "is empty")
    numbers = _filled(cells)
    yield from _first(~np.isfinite(numbers), f"{_CELL} is not a finite number")
    if column.is_amount:
        yield from _first(numbers < 0, f"{_CELL} is negative")


def _say_outside(instant_us: int) -> str:
    try:
        parse_instant(instant_us)
    except UsageError as error:
        return str(error)
    raise AssertionError(f"{instant_us} lies inside")


def _first(mask: NDArray[np.bool_] | None, problem: str) -> Iterator[tuple[int, str]]:
    if mask is not None and mask.any():
        yield int(mask.argmax()), problem


def _nulls(cells: pa.Array) -> NDArray[np.bool_] | None:
    return _mask(cells.is_null()) if cells.null_count else None


def _mask(flags: pa.BooleanArray) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = flags.to_numpy(zero_copy_only=False)
    return mask


def _filled(cells: pa.Array) -> NDArray[Any]:
    """View the values, without a copy where none is missing; a missing one is 0."""
    full = pc.fill_null(cells, 0) if cells.null_count else cells
    values: NDArray[Any] = full.to_numpy()
    return values
