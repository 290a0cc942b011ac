"""Columns as Arrow has them: every word on its row, wherever its text is kept."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from tickreel.market import arrow
from tickreel.market.arrow import public_schema, record_batch
from tickreel.market.block import Block
from tickreel.market.types import SCHEMAS, SIDES, DataType, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOK = SCHEMAS[DataType.INCREMENTAL_BOOK_L2]
TEXT = ("exchange", "symbol", "side")


def block(rows: int, exchange: str = "x", symbol: str = "BTCUSDT") -> Block:
    """Make rows of a book whose sides follow no pattern."""
    chance = np.random.default_rng(rows)
    times = np.arange(rows)
    return Block(
        BOOK,
        exchange,
        symbol,
        {
            "timestamp": times,
            "local_timestamp": times,
            "is_snapshot": chance.random(rows) < 0.5,
            "side": chance.integers(0, 2, rows).astype(np.int8),
            "price": chance.random(rows),
            "amount": chance.random(rows),
        },
    )


def spelled(asked: Block) -> dict[str, list[str]]:
    """Spell the text columns in plain Python."""
    words = SIDES[Kind.BOOK_SIDE]
    return {
        "exchange": [asked.exchange] * len(asked),
        "symbol": [str(asked.symbol)] * len(asked),
        "side": [words[code] for code in asked.array("side").tolist()],
    }


@pytest.fixture
def few_rows_shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let batches of more than 32 rows lay their words out for themselves."""
    kept = (arrow._shared_text, arrow._shared_offsets)
    for one in kept:
        one.cache_clear()
    monkeypatch.setattr(arrow, "SHARED_ROWS", 32)
    yield
    for one in kept:
        one.cache_clear()


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 31, 32, 33, 1_000])
@pytest.mark.parametrize("name", ["x", "binance-futures", "börse", "取引所", ""])
@pytest.mark.usefixtures("few_rows_shared")
def test_every_row_has_its_words(rows: int, name: str) -> None:
    asked = block(rows, name, name * 2)
    batch = record_batch(asked, BOOK.names)
    batch.validate(full=True)
    assert batch.schema == public_schema(BOOK)
    assert {column: batch[column].to_pylist() for column in TEXT} == spelled(asked)
    assert all(batch[column].null_count == 0 for column in BOOK.names)


def test_the_rows_of_a_cut_have_their_own_sides() -> None:
    whole = block(100)
    for low, high in ((0, 100), (3, 20), (8, 16), (99, 100), (50, 50)):
        asked = whole.cut(low, high)
        assert record_batch(asked, TEXT).to_pydict() == spelled(asked)


def test_batches_that_share_their_words_are_read_apart_joined_and_sent() -> None:
    first, second = block(5, "a", "LONG"), block(9, "a", "SHORT")
    batches = [record_batch(one, BOOK.names) for one in (first, second)]
    table = pa.Table.from_batches(batches).combine_chunks()
    assert table["symbol"].to_pylist() == ["LONG"] * 5 + ["SHORT"] * 9
    assert [batch["symbol"].to_pylist() for batch in batches] == [["LONG"] * 5, ["SHORT"] * 9]
    assert batches[0]["symbol"].nbytes == 5 * len("LONG") + 5 * 4, "only its own rows of what is shared"
    assert len(pickle.dumps(batches[0])) < 5_000, "other processes get no more either"
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
    sent = sink.getvalue()
    assert sent.size < 5_000, "no more than the rows are sent"
    assert pa.ipc.open_stream(sent).read_all().equals(pa.Table.from_batches(batches))


def test_columns_come_in_the_order_asked_for_each_time() -> None:
    asked = block(4)
    for names in (("price", "side"), ("side", "price"), ("local_timestamp",), BOOK.names):
        batch = record_batch(asked, names)
        assert tuple(batch.schema.names) == names
        assert batch.equals(record_batch(asked, list(names)))
