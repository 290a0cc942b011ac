from __future__ import annotations

import csv
import gzip
import io
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.realdata import real_data
from support.vendorfiles import MIXED, START_US, csv_text, l2_line, line, write_csv

from tickreel.market.block import Texts, Words
from tickreel.market.types import MISSING_INTEGER, SCHEMAS, SIDES, DataType, Kind, Schema
from tickreel.progress import UNWATCHED
from tickreel.vendorcsv import open_csv
from tickreel.vendorcsv.checks import refusal
from tickreel.vendorcsv.columns import Fault, Parser
from tickreel.vendorcsv.kernels import PADDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tickreel.market.block import Block, ColumnData

_L2 = DataType.INCREMENTAL_BOOK_L2
_TRADES = DataType.TRADES


def _parse(parser: Parser, lines: Iterable[bytes]) -> Block | Fault:
    text = b"".join(one + b"\n" for one in lines)
    # What follows the lines is old text, as in a buffer that is used again.
    parsed = parser.parse(bytearray(text + b"1" * PADDING), 0, len(text))
    if isinstance(parsed, Fault):
        return parsed
    block, begin = parsed
    assert begin == len(text)
    return block


def _block(data_type: DataType, lines: Sequence[str]) -> Block:
    parsed = _parse(Parser(SCHEMAS[data_type]), [one.encode() for one in lines])
    assert not isinstance(parsed, Fault), parsed
    return parsed


def _value(kind: Kind, cell: str) -> object:
    """Read a cell as Python does; numbers by their bits."""
    if kind is Kind.NUMBER:
        return np.float64(float(cell) + 0.0 if cell else np.nan).tobytes()
    if kind is Kind.TIME:
        return int(cell) if cell else MISSING_INTEGER
    if kind is Kind.FLAG:
        return cell == "true"
    return cell if kind is Kind.TEXT else SIDES[kind].index(cell)


def _plain(data: str | ColumnData, rows: int) -> object:
    """Give a column as a list of Python values; numbers as their bytes."""
    match data:
        case str():
            return [data] * rows
        case Texts() | Words():
            return list(data.texts())
    return data.tobytes() if data.dtype == np.float64 else data.tolist()


def _rows_of(block: Block) -> list[tuple[object, ...]]:
    rows = []
    for index in range(len(block)):
        one = block.cut(index, index + 1)
        cells: list[Any] = [_plain(data, 1) for data in (one.symbol, *one.columns.values())]
        rows.append((block.exchange, *(cell if isinstance(cell, bytes) else cell[0] for cell in cells)))
    return rows


def _expected(schema: Schema, cells: Sequence[str]) -> tuple[object, ...]:
    return tuple(_value(column.kind, cell) for column, cell in zip(schema.columns, cells, strict=True))


def _walk(schema: Schema, lines: Sequence[bytes]) -> list[tuple[object, ...]] | Fault:
    """Read lines one after the other by the grammar and Python alone."""
    rows = []
    exchange = before_us = None
    for index, one in enumerate(lines):
        bare = one.removesuffix(b"\r")
        problem = refusal(schema, bare, exchange, before_us)
        if problem is not None:
            return Fault(index, problem)
        cells = bare.decode().split(",")
        exchange, before_us = cells[0], int(cells[3])
        rows.append(_expected(schema, cells))
    return rows


_NUMBER = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(0.01, 1000).map(repr),
    st.decimals(-(10**9), 10**9, places=8).map(str),
    st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{0,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"-?\.[0-9]{1,24}", fullmatch=True),
    st.sampled_from(["-0", "-0.0", "-.0e5", "-1e-999", "9007199254740993", "1e23", "0e999", "1e99999999999"]),
    st.just(""),
)
_TIME = st.one_of(
    st.integers(START_US, START_US + 3 * 10**9).map(str),
    st.integers(-(2**63) + 1, 2**63 - 1).map(str),
    st.sampled_from(["0", "-0", "007", "0" * 30 + "5", f"000{START_US}", "-12345678901234567", ""]),
)
_TEXT = st.one_of(
    st.sampled_from(["BTCUSDT", "A", "AB", "ABCDEFGH", "BTC-26JUL24-9875-P", "币安", "é", ""]),
    st.text(st.characters(codec="utf-8", exclude_characters=",\r\n"), max_size=20),
)
_ODD = st.text("0123456789+-.eExXnaif_ \t\"'\rtrubidask", max_size=8)


@st.composite
def _lines(draw: st.DrawFn) -> tuple[DataType, list[bytes]]:
    """Some rows of a type: mostly good, oddly spelled at times, and a few broken."""
    data_type = draw(st.sampled_from(DataType))
    columns = SCHEMAS[data_type].columns
    local_us = START_US
    lines = []
    for _ in range(draw(st.integers(1, 8))):
        local_us += draw(st.sampled_from([0, 0, 1, 70_000, 10**8, 10**10]))
        cells = line(data_type, local_us).split(",")
        for _ in range(draw(st.integers(0, 3))):
            place = draw(st.integers(0, len(columns) - 1))
            by_kind = {Kind.TEXT: _TEXT, Kind.NUMBER: _NUMBER, Kind.TIME: _TIME}
            words = SIDES.get(columns[place].kind, ("true", "false"))
            good = by_kind.get(columns[place].kind, st.sampled_from(words))
            cells[place] = draw(_ODD if draw(st.integers(0, 9)) == 0 else good)
            if columns[place].name == "local_timestamp" and draw(st.booleans()):
                cells[place] = f"{'0' * draw(st.integers(0, 12))}{local_us}"
            if columns[place].name == "exchange" and draw(st.booleans()):
                cells[place] = "binance-futures"
        one = ",".join(cells).encode() + draw(st.sampled_from([b"", b"", b"", b"\r"]))
        if draw(st.integers(0, 19)) == 0:
            cut = draw(st.integers(0, len(one)))
            one = one[:cut] + draw(st.sampled_from([b"", b",", b"\xff", b"\r"])) + one[cut:]
        lines.append(one)
    return data_type, lines


@settings(max_examples=300, deadline=None)
@given(_lines())
def test_rows_and_refusals_are_those_of_the_grammar_walked_line_by_line(
    given_lines: tuple[DataType, list[bytes]],
) -> None:
    data_type, lines = given_lines
    schema = SCHEMAS[data_type]
    parsed = _parse(Parser(schema), lines)
    assert (parsed if isinstance(parsed, Fault) else _rows_of(parsed)) == _walk(schema, lines)


@settings(max_examples=100, deadline=None)
@given(st.lists(_NUMBER.filter(bool), min_size=1, max_size=60))
def test_numbers_are_those_of_python_bit_for_bit(cells: list[str]) -> None:
    good = [cell for cell in cells if abs(float(cell)) < np.inf]
    lines = [line(_L2), *(line(_L2, price=cell) for cell in good)]
    prices = _block(_L2, lines).array("price")
    assert prices[1:].tobytes() == np.array([float(cell) + 0.0 for cell in good]).tobytes()


@pytest.mark.parametrize("data_type", DataType)
def test_every_type_keeps_its_cells(data_type: DataType) -> None:
    expected = [_expected(SCHEMAS[data_type], one.split(",")) for one in MIXED[data_type]]
    assert _rows_of(_block(data_type, MIXED[data_type])) == expected


@pytest.mark.parametrize("end", ["", "\r"])
def test_a_point_may_stand_anywhere_in_a_number_of_any_length(end: str) -> None:
    digits = "90817263548172639"
    whole = [digits[:length] for length in range(1, len(digits) + 1)]
    cells = whole + [f"{one[:place]}.{one[place:]}" for one in whole for place in range(len(one) + 1)]
    # A price is followed by a comma, an amount by the end of its line.
    block = _block(_L2, [line(_L2, price=cell, amount=cell) + end for cell in cells])
    assert block.array("price").tolist() == block.array("amount").tolist() == [float(cell) for cell in cells]


@pytest.mark.parametrize(
    "cell", [".", "1..2", "1.2.3", "12/4", "1:2", "1 2", "1\xb2", "12345678.", "--1", "1-2"]
)
def test_what_is_nearly_a_number_is_read_or_refused_as_by_the_grammar(cell: str) -> None:
    lines = [line(_L2, price=cell).encode(), line(_L2, amount=cell).encode()]
    for one in lines:
        parsed = _parse(Parser(SCHEMAS[_L2]), [line(_L2).encode(), one])
        walked = _walk(SCHEMAS[_L2], [line(_L2).encode(), one])
        assert (parsed if isinstance(parsed, Fault) else _rows_of(parsed)) == walked


@pytest.mark.parametrize("end", ["", "\r"])
def test_rows_of_a_book_that_are_written_oddly_are_read_wherever_they_stand(end: str) -> None:
    random = np.random.default_rng(11)
    lines = []
    for row in range(6_000):
        cells = {"price": f"{random.uniform(1, 99_999):.{row % 7}f}", "side": ("bid", "ask")[row % 3 == 0]}
        amount = float(random.uniform(0, 9))
        cells["amount"] = repr(amount) if row % 11 == 0 else f"{amount:.3f}"
        if row % 1_400 == 700:
            cells |= {"price": "1.25e3", "symbol": "ETHUSDT", "timestamp": "-5"}
        lines.append(line(_L2, START_US + row // 5, **cells) + end)
    parsed = _block(_L2, lines)
    assert _rows_of(parsed) == _walk(SCHEMAS[_L2], [one.encode() for one in lines])


def test_numbers_of_all_digits_are_those_of_python() -> None:
    random = np.random.default_rng(7)
    cells = [repr(number) for number in random.uniform(0, 1, 3_000).tolist()]
    cells += [str(2**64 + 5), str(2**53 + 1), f"{2**53 + 1}e3", f"{2**53 - 1}e22", "123e-22", "123e-23"]
    prices = _block(_L2, [line(_L2, price=cell) for cell in cells]).array("price")
    assert prices.tolist() == [float(cell) for cell in cells]


def test_a_time_is_read_anew_whichever_of_its_digits_differ() -> None:
    times = [
        (START_US + own, START_US + local) for local in (0, 1, 10**8) for own in (0, 3, 10**8, 10**8 + 3)
    ]
    block = _block(_L2, [line(_L2, local, timestamp=str(own)) for own, local in times])
    assert list(zip(block.array("timestamp").tolist(), block.local_us.tolist(), strict=True)) == times


@pytest.mark.parametrize("cell", [str(2**63), str(2**64 + 5), str(-(2**63)), f"-{2**64 + START_US}"])
@pytest.mark.parametrize("column", ["timestamp", "local_timestamp", "funding_timestamp"])
def test_a_time_beyond_64_bits_is_refused(column: str, cell: str) -> None:
    bad = line(DataType.DERIVATIVE_TICKER, **{column: cell}).encode()
    assert _parse(Parser(SCHEMAS[DataType.DERIVATIVE_TICKER]), [bad]) == Fault(
        0, f"{column} '{cell}' does not fit into 64 bits"
    )
    good = line(DataType.DERIVATIVE_TICKER).encode()
    parsed = _parse(Parser(SCHEMAS[DataType.DERIVATIVE_TICKER]), [good, good, bad])
    assert parsed == Fault(2, f"{column} '{cell}' does not fit into 64 bits")


@pytest.mark.parametrize(
    ("data_type", "column"),
    [(_TRADES, "id"), (_TRADES, "symbol"), (DataType.OPTIONS_CHAIN, "underlying_index")],
)
def test_text_that_is_not_utf8_is_refused_wherever_it_stands(data_type: DataType, column: str) -> None:
    good = line(data_type, **{column: "é"}).encode()
    parsed = _parse(Parser(SCHEMAS[data_type]), [good, good.replace("é".encode(), b"\xe9")])
    assert parsed == Fault(1, f"{column} '\\\\xe9' is not UTF-8 text")


def test_rows_beyond_the_room_that_was_guessed_come_in_blocks_of_their_own() -> None:
    lines = [line(_L2, price="1." + "0" * 80)] * 2_000 + [
        line(_L2, START_US + i, price="2") for i in range(20_000)
    ]
    text = b"".join(one.encode() + b"\n" for one in lines)
    parser = Parser(SCHEMAS[_L2])
    prices: list[float] = []
    sizes = []
    begin = 0
    while begin < len(text):
        parsed = parser.parse(bytearray(text + bytes(PADDING)), begin, len(text))
        assert not isinstance(parsed, Fault)
        block, begin = parsed
        sizes.append(len(block))
        prices += block.array("price").tolist()
    assert len(sizes) > 1
    assert prices == [1.0] * 2_000 + [2.0] * 20_000


def test_more_odd_numbers_than_are_kept_waiting_are_all_read() -> None:
    cells = [f"0.{index:017}" for index in range(1, 20_000)]
    block = _block(_L2, [l2_line(START_US, "bid", cell, cell) for cell in cells])
    expected = np.array([float(cell) for cell in cells])
    assert (block.array("price") == expected).all()
    assert (block.array("amount") == expected).all()


def test_a_refused_odd_number_before_another_fault_is_told_first() -> None:
    lines = [line(_L2), line(_L2, price="1e999"), line(_L2, amount="-0.12345678901234567"), "x"]
    parsed = _parse(Parser(SCHEMAS[_L2]), [one.encode() for one in lines])
    assert parsed == Fault(1, "price '1e999' is not a finite number")
    del lines[1]
    parsed = _parse(Parser(SCHEMAS[_L2]), [one.encode() for one in lines])
    assert parsed == Fault(1, "amount '-0.12345678901234567' is negative")


def test_a_symbol_is_one_name_until_a_block_has_another() -> None:
    parser = Parser(SCHEMAS[_L2])
    names = ["ETH", "BTC", "BTC", "ETHX", "币安", "ETH", "币安", "BTC-LONGER-THAN-THE-OTHERS"]
    one = _parse(parser, [line(_L2).encode()] * 3)
    many = _parse(parser, [line(_L2, symbol=name).encode() for name in names])
    again = _parse(parser, [line(_L2, symbol="币安").encode()] * 2)
    assert not isinstance(one, Fault)
    assert not isinstance(many, Fault)
    assert not isinstance(again, Fault)
    assert one.symbol == "BTCUSDT"
    assert isinstance(many.symbol, Words)
    assert list(many.symbol.texts()) == names
    assert many.symbol.words == ("ETH", "BTC", "ETHX", "币安", "BTC-LONGER-THAN-THE-OTHERS")
    assert again.symbol == "币安"


def test_as_many_symbols_as_rows_are_told_apart() -> None:
    names = [f"S{index}" for index in range(5_000)]
    block = _block(_L2, [line(_L2, symbol=name) for name in names])
    assert isinstance(block.symbol, Words)
    assert block.symbol.words == tuple(names)
    assert block.symbol.codes.tolist() == list(range(5_000))


def test_ids_are_texts_and_other_words_are_coded() -> None:
    trades = _block(_TRADES, MIXED[_TRADES])
    assert isinstance(trades.columns["id"], Texts)
    assert list(trades.columns["id"].texts())[1:] == ["", '0x"1f é ']
    options = _block(DataType.OPTIONS_CHAIN, MIXED[DataType.OPTIONS_CHAIN])
    assert options.columns["type"] == Words(options.columns["type"].codes, ("put", "call"))  # type: ignore[union-attr]
    assert isinstance(options.columns["underlying_index"], Words)
    assert list(options.columns["underlying_index"].texts())[-1] == ""


def test_a_block_keeps_nothing_of_the_buffer_it_was_parsed_from() -> None:
    text = b"".join(one.encode() + b"\n" for one in MIXED[_TRADES])
    buffer = bytearray(text + bytes(PADDING))
    parsed = Parser(SCHEMAS[_TRADES]).parse(buffer, 0, len(text))
    assert not isinstance(parsed, Fault)
    block, _ = parsed
    before = _rows_of(block)
    buffer[:] = b"x" * len(buffer)
    assert _rows_of(block) == before


def test_what_rows_must_agree_in_is_remembered_from_text_to_text() -> None:
    parser = Parser(SCHEMAS[_L2])
    assert not isinstance(_parse(parser, [line(_L2, START_US + 5).encode()]), Fault)
    back = _parse(parser, [line(_L2, START_US + 4).encode()])
    assert back == Fault(0, f"local_timestamp goes back from {START_US + 5} to {START_US + 4}")
    other = _parse(parser, [line(_L2, START_US + 5, exchange="okex").encode()])
    assert isinstance(other, Fault)
    assert other.problem.startswith("exchange 'okex' differs from 'binance-futures'")


def test_a_later_block_leaves_an_earlier_one_as_it_was(tmp_path: Path) -> None:
    lines = [l2_line(START_US + i, "bid", f"{i}.5", "1") for i in range(200_000)]
    with open_csv(write_csv(tmp_path / "x.csv.gz", _L2, lines)) as file:
        blocks = list(file.blocks(UNWATCHED))
    assert len(blocks) > 2
    assert (np.concatenate([block.array("price") for block in blocks]) == np.arange(200_000) + 0.5).all()
    assert (np.concatenate([block.local_us for block in blocks]) == START_US + np.arange(200_000)).all()


def _column_of(kind: Kind, cells: Sequence[str]) -> object:
    if kind is Kind.NUMBER:
        return np.array([float(cell) + 0.0 if cell else np.nan for cell in cells]).tobytes()
    return [_value(kind, cell) for cell in cells]


_PLAIN_BYTES = 1 << 20
"""Larger files would take Python half a minute; they are exported byte for byte in another test."""


def test_every_real_file_equals_what_python_reads() -> None:
    root = real_data()
    checked = 0
    for path in sorted(p for folder in ("datasets", "tardis_csv") for p in (root / folder).rglob("*.csv*")):
        if path.stat().st_size > _PLAIN_BYTES:
            continue
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = csv.reader(io.StringIO(data.decode()), quoting=csv.QUOTE_NONE)
        next(rows)
        with open_csv(path) as file:
            for block in file.blocks(UNWATCHED):
                cells = list(zip(*islice(rows, len(block)), strict=True))
                assert set(cells[0]) == {block.exchange}
                for column, spelled in zip(block.schema.columns[1:], cells[1:], strict=True):
                    data_read = block.symbol if column.name == "symbol" else block.columns[column.name]
                    assert _plain(data_read, len(block)) == _column_of(column.kind, spelled), path.name
        assert next(rows, None) is None
        checked += 1
    assert checked >= 20


def test_the_header_is_not_a_row() -> None:
    text = csv_text(_L2, [line(_L2)]).splitlines()
    assert _parse(Parser(SCHEMAS[_L2]), text) == Fault(
        0, "timestamp 'timestamp' is not a whole number of microseconds"
    )
