from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.blocks import Row, any_rows, block_of
from support.vendorfiles import START_US

from tickreel.market.block import Block, Words
from tickreel.market.types import SCHEMAS, DataType, Kind, Schema
from tickreel.store.digest import RowsDigest

_CODES = {"": 3, "bid": 0, "ask": 1, "buy": 0, "sell": 1, "unknown": 2}


def _cell_bytes(kind: Kind, value: Any) -> bytes:
    """Give the bytes of one cell as the definition of rows_sha256 says it."""
    match kind:
        case Kind.TEXT:
            return str(value).encode("utf-8") + b"\x1f"
        case Kind.TIME:
            return struct.pack("<q", -(2**63) if value is None else value)
        case Kind.FLAG:
            return b"\x01" if value else b"\x00"
        case Kind.BOOK_SIDE | Kind.TRADE_SIDE:
            return bytes([_CODES[value]])
        case Kind.NUMBER:
            if value is None:
                return bytes.fromhex("000000000000f87f")
            return struct.pack("<d", 0.0 if value == 0 else value)


def _by_definition(schema: Schema, rows: list[Row], *, grouped: bool) -> str:
    whole = hashlib.sha256()
    for column in schema.columns:
        if column.name == "exchange" or (column.name == "symbol" and not grouped):
            continue
        cells = b"".join(_cell_bytes(column.kind, row[column.name]) for row in rows)
        whole.update(hashlib.sha256(cells).digest())
    return whole.hexdigest()


def _digest(schema: Schema, blocks: list[Block], *, grouped: bool = False) -> str:
    digest = RowsDigest(schema, grouped=grouped)
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def test_a_day_without_rows_has_the_digest_of_empty_columns() -> None:
    schema = SCHEMAS[DataType.TRADES]
    empty = block_of(DataType.TRADES, [])
    assert _digest(schema, []) == _digest(schema, [empty]) == _by_definition(schema, [], grouped=False)


def test_a_digest_that_is_known_by_heart() -> None:
    # Fixed once from the definition, so that no change of both sides together goes unseen.
    schema = SCHEMAS[DataType.DERIVATIVE_TICKER]
    row: Row = dict.fromkeys(schema.names)
    row |= {"exchange": "e", "symbol": "s", "timestamp": START_US, "local_timestamp": START_US + 1}
    row |= {"funding_rate": -0.0, "mark_price": 0.1}
    block = block_of(DataType.DERIVATIVE_TICKER, [row])
    assert _digest(schema, [block]) == "22e851713fd65fbc631aba95ae7306958a14ef499884359ff1462b71f65e6ba1"


def _row(data_type: DataType, **cells: Any) -> Row:
    row: Row = dict.fromkeys(SCHEMAS[data_type].names)
    return row | {"exchange": "e", "symbol": "s", "timestamp": 1, "local_timestamp": 2} | cells


def test_the_exchange_never_counts_and_the_symbol_only_in_a_group() -> None:
    data_type = DataType.QUOTES
    schema = SCHEMAS[data_type]
    first, other = ([block_of(data_type, [_row(data_type, exchange=name, symbol=name)])] for name in "ab")
    assert _digest(schema, first) == _digest(schema, other)
    assert _digest(schema, first, grouped=True) != _digest(schema, other, grouped=True)


@settings(deadline=None)
@given(data=st.data(), data_type=st.sampled_from(DataType), grouped=st.booleans())
def test_any_rows_cut_anywhere_have_the_digest_of_the_definition(
    data: st.DataObject, data_type: DataType, grouped: bool
) -> None:
    schema = SCHEMAS[data_type]
    rows = data.draw(any_rows(data_type))
    block = block_of(data_type, rows)
    cut = data.draw(st.integers(0, len(rows)))
    expected = _by_definition(schema, rows, grouped=grouped)
    assert _digest(schema, [block], grouped=grouped) == expected
    assert _digest(schema, [block.cut(0, cut), block.cut(cut, len(rows))], grouped=grouped) == expected


@pytest.mark.parametrize("texts", [["a", "", "bc", "a"], [""], ["é", "x" * 300]])
def test_text_counts_the_same_in_words_and_in_texts(texts: list[str]) -> None:
    data_type = DataType.OPTIONS_CHAIN
    block = block_of(data_type, [_row(data_type, type=text, underlying_index="u") for text in texts])
    names = tuple(dict.fromkeys(texts))
    words = Words(np.array([names.index(text) for text in texts], np.int32), names)
    worded = replace(block, columns={**block.columns, "type": words})
    assert _digest(block.schema, [worded]) == _digest(block.schema, [block])
