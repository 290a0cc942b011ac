"""Blocks of rows for tests of segments: tidy ones, hostile ones, and how two are compared."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.filesystem import Disk
from tickreel.market.block import Block, Texts, Words
from tickreel.market.types import MISSING_INTEGER, SCHEMAS, SIDES, Column, DatasetKey, DataType, Kind
from tickreel.store.segments import SealFacts, SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from tickreel.market.block import ColumnData
    from tickreel.store.segments import Sealed

DAY = date(2024, 7, 23)
START_US = 1_721_692_800_000_000
ALWAYS = (-(2**63), 2**63 - 1)
FACTS = SealFacts("ab" * 32, "import", None, 1_721_800_000_000_000, is_whole=False)
FLAVOURS = ("tidy", "hostile", "bits")

_HOSTILE = np.array(
    [
        0.0,
        -0.0,
        5e-324,
        2.2e-308,
        1e22,
        1e21,
        0.1 + 0.2,
        -1.5,
        2.0**53,
        2.0**53 + 2,
        1e-7,
        3e-7,
        np.nan,
        123456789012345678.0,
        1.7976931348623157e308,
        556.9,
        642025.0,
        1 / 3,
        66000.1,
        np.inf,
    ]
)
_TIMES = np.array([MISSING_INTEGER, 2**63 - 1, -1, 0, START_US, START_US + 1_500_000], np.int64)


def some_rows(
    data_type: DataType, rows: int, *, seed: int = 0, flavour: str = "tidy", symbols: tuple[str, ...] = ()
) -> Block:
    """Make rows of any type; the same for the same arguments. With *symbols*, those of a grouped file."""
    random = np.random.default_rng(seed)
    local_us = START_US + np.cumsum(random.choice([0, 0, 0, 1, 250, 90_000], rows))
    columns: dict[str, ColumnData] = {}
    for column in SCHEMAS[data_type].columns:
        if column.name not in ("exchange", "symbol"):
            columns[column.name] = _column(column, local_us, flavour, random)
    symbol: str | Words = "BTCUSDT"
    if symbols:
        symbol = Words(random.integers(0, len(symbols), rows).astype(np.int32), symbols)
    return Block(SCHEMAS[data_type], "binance-futures", symbol, columns)


def _column(
    column: Column, local_us: NDArray[np.int64], flavour: str, random: np.random.Generator
) -> ColumnData:
    rows = len(local_us)
    match column.kind:
        case Kind.TIME if column.name == "local_timestamp":
            return local_us
        case Kind.TIME:
            if flavour == "tidy":
                return local_us - random.integers(-2_000, 9_000, rows)
            return random.choice(_TIMES, rows) if flavour == "hostile" else _bits(random, rows)
        case Kind.FLAG:
            return random.random(rows) < 0.3
        case Kind.BOOK_SIDE | Kind.TRADE_SIDE:
            return random.integers(0, len(SIDES[column.kind]), rows).astype(np.int8)
        case Kind.NUMBER:
            if flavour == "tidy":
                return np.round(66_000 + random.normal(0, 3, rows), random.integers(0, 4))
            return random.choice(_HOSTILE, rows) if flavour == "hostile" else _bits(random, rows).view(float)
        case Kind.TEXT if column.name == "id":
            return Texts.of(
                some_ids(random.choice(["integers", "uuids", "mixed", "zeros", "empty"]), rows, random)
            )
    return Words(random.integers(0, 3, rows).astype(np.int32), ("", "SYN.BTC-26JUL24", "é put"))


def _bits(random: np.random.Generator, rows: int) -> NDArray[np.int64]:
    return np.frombuffer(random.bytes(8 * rows), np.int64)


def some_ids(form: str, rows: int, random: np.random.Generator) -> list[str]:
    """Make ids of one of the forms that vendors use."""
    integers = [str(value) for value in random.integers(-(2**63), 2**63 - 1, rows).tolist()]
    match form:
        case "integers":
            return integers
        case "uuids":
            return [str(uuid.UUID(bytes=random.bytes(16))) for _ in range(rows)]
        case "zeros":
            return [f"0{value}" for value in integers]
        case "empty":
            return [""] * rows
    others = ["", "-0", "007", "é€", "9223372036854775808", str(uuid.uuid5(uuid.NAMESPACE_DNS, "a")).upper()]
    return [value if place % 2 else others[place % len(others)] for place, value in enumerate(integers)]


def key_of(block: Block) -> DatasetKey:
    """Name the dataset of a block; FUTURES where it has many symbols."""
    symbol = block.symbol if isinstance(block.symbol, str) else "FUTURES"
    return DatasetKey(block.exchange, symbol, block.schema.type)


def write_segment(path: Path, *blocks: Block, disk: Disk | None = None) -> Sealed:
    """Write and seal a segment of some blocks, at least one; give up as the store does when it fails."""
    writer = SegmentWriter(disk or Disk(), path, key_of(blocks[0]), DAY)
    try:
        for block in blocks:
            writer.append(block)
        return writer.seal(FACTS)
    except BaseException:
        writer.discard()
        raise


def cuts(block: Block, step: int) -> Iterator[Block]:
    """Cut a block into pieces of *step* rows."""
    for low in range(0, len(block), step):
        yield block.cut(low, min(low + step, len(block)))


def plain(block: Block) -> dict[str, list[Any]]:
    """Spell the rows of a block out, numbers by their bits, so that ``==`` compares them exactly."""
    columns: dict[str, ColumnData | str] = {"symbol": block.symbol, **block.columns}
    spelled: dict[str, list[Any]] = {}
    for name, column in columns.items():
        if isinstance(column, str):
            spelled[name] = [column] * len(block)
        elif isinstance(column, np.ndarray):
            is_number = column.dtype == np.float64
            spelled[name] = (
                np.ascontiguousarray(column).view(np.int64 if is_number else column.dtype).tolist()
            )
        else:
            spelled[name] = list(column.texts())
    return spelled
