"""Rows in memory: cut, taken, parted by instrument, and laid out for Arrow."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickreel.market.arrow import public_schema, record_batch
from tickreel.market.block import Block, Texts, Words
from tickreel.market.types import MISSING_INTEGER, SCHEMAS, SIDES, DataType, Kind

TRADES = SCHEMAS[DataType.TRADES]
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_SYMBOLS = ("A", "B", "C")
_ROWS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 2**60),
        _TEXT,
        st.integers(0, 3),
        st.floats(allow_infinity=False),
    ),
    max_size=12,
)


def _block(rows: list[tuple[int, int, str, int, float]], *, symbol: str | None = None) -> Block:
    """Make trades of (symbol code, local time, id, side code, price)."""
    symbols, times, ids, sides, prices = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    local_us = np.array(times, np.int64)
    return Block(
        TRADES,
        "x",
        symbol if symbol is not None else Words(np.array(symbols, np.int32), _SYMBOLS),
        {
            "timestamp": local_us - 1,
            "local_timestamp": local_us,
            "id": Texts.of(ids),
            "side": np.array(sides, np.int8),
            "price": np.array(prices, np.float64),
            "amount": np.ones(len(rows)),
        },
    )


def _listed(block: Block) -> list[tuple[object, ...]]:
    """Spell a block row by row, by way of Arrow."""
    columns = record_batch(block, TRADES.names).to_pydict()
    return list(zip(*columns.values(), strict=True))


def _expected(rows: list[tuple[int, int, str, int, float]]) -> list[tuple[object, ...]]:
    words = SIDES[Kind.TRADE_SIDE]
    return [
        ("x", _SYMBOLS[code], time - 1, time, name, words[side], None if price != price else price, 1.0)
        for code, time, name, side, price in rows
    ]


@settings(deadline=None)
@given(rows=_ROWS, data=st.data())
def test_cuts_of_cuts_are_the_rows_between(
    rows: list[tuple[int, int, str, int, float]], data: st.DataObject
) -> None:
    low = data.draw(st.integers(0, len(rows)))
    high = data.draw(st.integers(low, len(rows)))
    inner = data.draw(st.integers(0, high - low))
    block = _block(rows)
    assert len(block) == len(rows)
    assert _listed(block) == _expected(rows)
    assert _listed(block.cut(low, high).cut(inner, high - low)) == _expected(rows[low + inner : high])


@settings(deadline=None)
@given(rows=_ROWS.filter(bool), data=st.data())
def test_rows_are_taken_in_the_order_asked_from_a_cut_as_well(
    rows: list[tuple[int, int, str, int, float]], data: st.DataObject
) -> None:
    low = data.draw(st.integers(0, len(rows) - 1))
    chosen = data.draw(st.lists(st.integers(0, len(rows) - low - 1), max_size=10))
    taken = _block(rows).cut(low, len(rows)).take(np.array(chosen, np.intp))
    assert _listed(taken) == _expected([rows[low + place] for place in chosen])


@settings(deadline=None)
@given(rows=_ROWS)
def test_parts_by_symbol_keep_file_order_and_lose_nothing(
    rows: list[tuple[int, int, str, int, float]],
) -> None:
    block = _block(rows)
    parts = dict(block.by_symbol())
    assert sorted(parts) == sorted({_SYMBOLS[row[0]] for row in rows})
    for code, name in enumerate(_SYMBOLS):
        own = [row for row in rows if row[0] == code]
        assert _listed(block.only(name)) == _expected(own)
        if own:
            assert parts[name].symbol == name
            assert _listed(parts[name]) == _expected(own)
    assert len(block.only("unheard of")) == 0


def test_a_block_of_one_symbol_is_its_own_part() -> None:
    block = _block([(0, 5, "a", 0, 1.0)], symbol="A")
    assert [(name, part is block) for name, part in block.by_symbol()] == [("A", True)]
    assert block.only("A") is block
    assert len(block.only("B")) == 0


def test_a_cut_is_a_view_and_taken_rows_are_a_copy() -> None:
    block = _block([(0, n, str(n), 0, float(n)) for n in range(6)])
    block.cut(2, 4).array("price")[0] = 99.0
    assert block.array("price")[2] == 99.0
    block.take(np.array([1], np.intp)).array("price")[0] = 77.0
    assert block.array("price")[1] == 1.0
    with pytest.raises(KeyError):
        block.array("nothing")


@settings(deadline=None)
@given(st.lists(_TEXT, max_size=8), st.lists(_TEXT, max_size=3), st.data())
def test_texts_need_not_begin_at_zero(texts: list[str], before: list[str], data: st.DataObject) -> None:
    laid = Texts.of([*before, *texts, "behind"]).cut(len(before), len(before) + len(texts))
    assert list(laid.texts()) == texts
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=6)) if texts else []
    taken = laid.take(np.array(rows, np.intp))
    assert list(taken.texts()) == [texts[row] for row in rows]
    assert taken.offsets[0] == 0


def test_empty_cells_are_null_and_empty_text_is_text() -> None:
    schema = SCHEMAS[DataType.DERIVATIVE_TICKER]
    numbers = [column.name for column in schema.columns if column.kind is Kind.NUMBER]
    block = Block(
        schema,
        "x",
        "A",
        {
            "timestamp": np.array([1, 2], np.int64),
            "local_timestamp": np.array([1, 2], np.int64),
            "funding_timestamp": np.array([MISSING_INTEGER, 7], np.int64),
            **{name: np.array([np.nan, 0.5]) for name in numbers},
        },
    )
    batch = record_batch(block, schema.names)
    batch.validate(full=True)
    assert batch.schema == public_schema(schema)
    assert batch.column("funding_timestamp").to_pylist() == [None, 7]
    assert batch.column("last_price").to_pylist() == [None, 0.5]
    assert batch.column("last_price").null_count == 1
    empty = record_batch(_block([(0, 1, "", 3, 1.0)]), TRADES.names)
    assert (empty.column("id").to_pylist(), empty.column("side").to_pylist()) == ([""], [""])


def test_flags_and_chosen_columns_come_in_the_order_asked() -> None:
    schema = SCHEMAS[DataType.INCREMENTAL_BOOK_L2]
    flags = [n % 3 == 0 for n in range(21)]
    block = Block(
        schema,
        "x",
        "A",
        {
            "local_timestamp": np.arange(21, dtype=np.int64),
            "is_snapshot": np.array(flags),
            "side": np.array([n % 2 for n in range(21)], np.int8),
        },
    )
    batch = record_batch(block.cut(3, 20), ("side", "symbol", "is_snapshot"))
    batch.validate(full=True)
    assert batch.schema.names == ["side", "symbol", "is_snapshot"]
    assert batch.column("is_snapshot").to_pylist() == flags[3:20]
    assert batch.column("side").to_pylist() == [("bid", "ask")[n % 2] for n in range(3, 20)]


def test_numbers_and_times_are_not_copied() -> None:
    block = _block([(0, n, "", 0, float(n)) for n in range(4)])
    batch = record_batch(block, ("local_timestamp", "price"))
    for name in ("local_timestamp", "price"):
        assert batch.column(name).buffers()[1].address == block.array(name).ctypes.data


def test_batches_are_made_without_pandas() -> None:
    script = (
        "import sys, numpy as np\n"
        "from tickreel.market.arrow import record_batch\n"
        "from tickreel.market.block import Block, Texts, Words\n"
        "from tickreel.market.types import SCHEMAS, DataType\n"
        "times = np.arange(2, dtype=np.int64)\n"
        "columns = {'timestamp': times, 'local_timestamp': times, 'id': Texts.of(['a', '']),\n"
        "           'side': np.zeros(2, np.int8), 'price': np.array([1, np.nan]), 'amount': np.ones(2)}\n"
        "schema = SCHEMAS[DataType.TRADES]\n"
        "block = Block(schema, 'x', Words(np.zeros(2, np.int32), ('A',)), columns)\n"
        "record_batch(block, schema.names)\n"
        "assert 'pandas' not in sys.modules, 'pandas was loaded'\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
