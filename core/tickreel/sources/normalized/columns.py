"""Messages of one type as columns: where each cell of a row comes from, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tickreel.market.types import MISSING_INTEGER, SCHEMAS, SIDES, Column, DataType, Kind, Schema
from tickreel.sources.normalized.instants import instant_us
from tickreel.sources.normalized.messages import LineError, id_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tickreel.sources.normalized.messages import BookSnapshot, Level

NOT_IN_CELLS = ",\n\r\x1f"
"""What would end a cell of the vendor's CSV, or of what its digest is made of."""

Columns: TypeAlias = "dict[str, NDArray[Any] | list[str]]"
"""Columns by name; texts as a list."""

_FIELDS: dict[DataType, dict[str, str]] = {
    DataType.OPTIONS_CHAIN: {
        "type": "option_type",
        "expiration": "expiration_date",
        "bid_price": "best_bid_price",
        "bid_amount": "best_bid_amount",
        "bid_iv": "best_bid_iv",
        "ask_price": "best_ask_price",
        "ask_amount": "best_ask_amount",
        "ask_iv": "best_ask_iv",
    }
}
"""Fields that are not named as their column is."""
_DEPTHS = {DataType.QUOTES: 1, DataType.BOOK_SNAPSHOT_5: 5, DataType.BOOK_SNAPSHOT_25: 25}
_SIDE_CODES = {word or None: code for code, word in enumerate(SIDES[Kind.TRADE_SIDE])}
_FIRST_OWN = 4  # after exchange, symbol, timestamp, local_timestamp


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages whose rows are of one type, with what is already known of each."""

    messages: list[Any] = field(default_factory=list)
    symbols: list[int] = field(default_factory=list)
    local_us: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def refuse(self, index: int, problem: str) -> LineError:
        """Word what is wrong with one of them."""
        return LineError(self.lines[index], problem)


def columns_of(data_type: DataType, batch: Batch) -> Columns:
    """Make all columns but exchange and symbol.

    Raises:
        LineError: a time cannot be read, an amount is negative, a text would break a CSV line, or
            there are more levels than were asked for.
    """
    columns: Columns = {
        "timestamp": times_of(batch, "timestamp"),
        "local_timestamp": np.array(batch.local_us, np.int64),
    }
    if data_type in _DEPTHS:
        return columns | _levels_of(SCHEMAS[data_type], _DEPTHS[data_type], batch)
    fields = _FIELDS.get(data_type, {})
    for column in SCHEMAS[data_type].columns[_FIRST_OWN:]:
        columns[column.name] = _cells_of(column, fields.get(column.name, column.name), batch)
    return columns


def times_of(batch: Batch, name: str) -> NDArray[np.int64]:
    """Read a time of every message, missing where there is none.

    Raises:
        LineError: one cannot be read.
    """
    get = attrgetter(name)
    texts = map(get, batch.messages)
    try:
        return np.array([MISSING_INTEGER if text is None else instant_us(text) for text in texts], np.int64)
    except ValueError:
        for index, message in enumerate(batch.messages):
            _check_time(batch, index, get(message), name)
        raise


def refuse_negative(
    batch: Batch, name: str, amounts: NDArray[np.float64], indices: NDArray[np.intp] | None = None
) -> None:
    """Raise LineError where an amount is negative.

    *amounts* has an entry, or several, for each message; *indices* tells which message an entry is
    of where they are not one to one.
    """
    is_bad = amounts < 0
    if is_bad.any():
        place = np.unravel_index(int(is_bad.argmax()), amounts.shape)
        index = int(place[0]) if indices is None else int(indices[place[0]])
        raise batch.refuse(index, f"{name} is negative: {amounts[place]}")


def _check_time(batch: Batch, index: int, text: str | None, name: str) -> None:
    try:
        if text is not None:
            instant_us(text)
    except ValueError as error:
        raise batch.refuse(index, f"{name} {error}") from None


def _cells_of(column: Column, name: str, batch: Batch) -> NDArray[Any] | list[str]:
    get: Callable[[Any], Any] = attrgetter(name)
    values = map(get, batch.messages)
    match column.kind:
        case Kind.TEXT:
            return _texts_of(batch, column.name, [id_text(value) for value in values])
        case Kind.TIME:
            return times_of(batch, name)
        case Kind.TRADE_SIDE:
            return np.array([_SIDE_CODES[side] for side in values], np.int8)
    # NumPy makes its one NaN of None; adding zero turns a zero below zero into zero.
    numbers = np.array(list(values), np.float64) + 0.0
    if column.is_amount:
        refuse_negative(batch, column.name, numbers)
    return numbers


def _texts_of(batch: Batch, name: str, texts: list[str]) -> list[str]:
    joined = "".join(texts)
    if any(character in joined for character in NOT_IN_CELLS):
        index = next(place for place, text in enumerate(texts) if breaks_a_cell(text))
        raise batch.refuse(
            index, f"{name} {texts[index]!r} has a character that no cell of a CSV file may hold"
        )
    return texts


def breaks_a_cell(text: str) -> bool:
    """Tell whether a text cannot stand in a cell of the vendor's CSV."""
    return any(character in text for character in NOT_IN_CELLS)


def _levels_of(schema: Schema, depth: int, batch: Batch) -> Columns:
    """Spread the levels of computed snapshots; one that does not exist has empty cells."""
    messages: Sequence[BookSnapshot] = batch.messages
    sides = {
        side: np.array(
            [
                _flat(batch, index, side, getattr(message, side), depth)
                for index, message in enumerate(messages)
            ],
            np.float64,
        ).reshape(-1, depth, 2)
        + 0.0
        for side in ("asks", "bids")
    }
    for side, levels in sides.items():
        refuse_negative(batch, f"an amount of {side}", levels[:, :, 1])
    if schema.type is DataType.QUOTES:
        return {
            "ask_amount": sides["asks"][:, 0, 1],
            "ask_price": sides["asks"][:, 0, 0],
            "bid_price": sides["bids"][:, 0, 0],
            "bid_amount": sides["bids"][:, 0, 1],
        }
    return {
        f"{side}[{level}].{what}": levels[:, level, place]
        for level in range(depth)
        for side, levels in sides.items()
        for place, what in enumerate(("price", "amount"))
    }


def _flat(batch: Batch, index: int, side: str, levels: list[Level], depth: int) -> list[float | None]:
    if len(levels) > depth:
        raise batch.refuse(index, f"{side} has {len(levels)} levels where {depth} were asked for")
    cells = [cell for level in levels for cell in (level.price, level.amount)]
    return cells + [None] * (2 * depth - len(cells))
