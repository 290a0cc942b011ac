"""Rows made of the vendor's own samples: books, trades, computed snapshots, and the shapes of exchanges."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest
from support.blocks import rows_of
from support.dictbook import Row
from support.l2csv import l2_rows
from support.normalized import MessageBook, answer_of, combined_sample, json_lines, mapped_samples
from support.realdata import real_data

from tickreel import open_cache
from tickreel.book import BookBuilder
from tickreel.market.time import EARLIEST_US, LATEST_US, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.sources.normalized import MACHINE_TYPES, ReplayRequest, RowReader
from tickreel.store import Provenance, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.normalized import Message

L2 = DataType.INCREMENTAL_BOOK_L2
FOLDER = "tardis_normalized"
COMBINED = "combine.test.ts.snap.gz"
COMPUTED = "computed_bitmex_XBTUSD_2019-04-01_first20s.jsonl.gz"
MAPPED = "mappers.test.snapshot"
DAY_US = day_start_us(datetime(2019, 4, 1, tzinfo=UTC).date())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(text: str) -> int:
    """Read a time by another way than the product's."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def rows_by_type(
    messages: Sequence[Message], exchange: str, *types: DataType, symbols: tuple[str, ...] = ()
) -> dict[DataType, list[dict[str, Any]]]:
    """Read an answer that holds *messages*, all of which must be taken."""
    request = ReplayRequest(exchange, symbols, types, EARLIEST_US, LATEST_US)
    reader, text = RowReader(request), answer_of(messages)
    given = [block for at in range(0, len(text), 4000) for block in reader.feed(text[at : at + 4000])]
    rows: dict[DataType, list[dict[str, Any]]] = {data_type: [] for data_type in types}
    for block in given + reader.rest():
        rows[block.schema.type] += rows_of(block)
    summary = reader.summary
    assert summary.rows == {data_type: len(made) for data_type, made in rows.items()}
    assert (summary.lines, summary.outside) == (len(messages), 0)
    return rows


def by_instant(rows: list[dict[str, Any]]) -> Iterator[tuple[int, list[Row]]]:
    for local_us, group in groupby(rows, key=lambda row: row["local_timestamp"]):
        own = ("is_snapshot", "side", "price", "amount")
        yield local_us, [Row(local_us, *(row[name] for name in own)) for row in group]


@dataclass
class RowBook:
    """A book on two dicts that follows the rules of the rows, and is quick enough for deep books."""

    sides: dict[str, dict[float, float]] = field(default_factory=lambda: {"bid": {}, "ask": {}})
    previous: Row | None = None
    is_known: bool = False

    def apply(self, rows: list[Row]) -> None:
        for row in rows:
            before, self.previous = self.previous, row
            goes_on = before is not None and before.is_snapshot and before.local_us == row.local_us
            if row.is_snapshot and not goes_on:
                self.sides, self.is_known = {"bid": {}, "ask": {}}, True
            if self.is_known and row.amount:
                self.sides[row.side][row.price] = row.amount
            elif self.is_known:
                self.sides[row.side].pop(row.price, None)

    def best(self, side: str) -> list[list[float]]:
        """List the five best levels."""
        levels = sorted(self.sides[side].items(), reverse=side == "bid")
        return [list(level) for level in levels[:5]]


@pytest.fixture(scope="module")
def combined() -> list[Message]:
    return combined_sample(real_data(FOLDER, COMBINED))


@pytest.fixture(scope="module")
def computed() -> list[Message]:
    return json_lines(real_data(FOLDER, COMPUTED))


def assert_books_agree(messages: list[Message], exchange: str, symbol: str) -> RowBook:
    """Compare the books after every message of one symbol; gives the last."""
    rows = rows_by_type(messages, exchange, L2, symbols=(symbol,))[L2]
    waiting = dict(by_instant(rows))
    own = [one for one in messages if (one["type"], one["symbol"]) == ("book_change", symbol)]
    expected, made, builder = MessageBook(), RowBook(), BookBuilder()
    for text, group in groupby(own, key=lambda one: one["localTimestamp"]):
        for message in group:
            expected.apply(message)
        arrived = waiting.pop(microseconds(text))
        made.apply(arrived)
        assert made.sides == {"bid": expected.bids, "ask": expected.asks}
        builder.apply(l2_rows(arrived))
        assert builder.levels == (len(expected.bids), len(expected.asks))
    assert not waiting
    book = builder.view()
    assert (book.bids.tolist(), book.asks.tolist()) == expected.levels()
    assert builder.counts.resets == sum(one["isSnapshot"] for one in own)
    return made


@pytest.mark.parametrize(("exchange", "symbol"), [("bitmex", "XBTUSD"), ("deribit", "BTC-PERPETUAL")])
def test_the_book_is_the_same_after_every_message_of_two_merged_feeds(
    combined: list[Message], exchange: str, symbol: str
) -> None:
    book = assert_books_agree(combined, exchange, symbol)
    assert min(len(side) for side in book.sides.values()) > 100
    assert book.best("bid")[0][0] < book.best("ask")[0][0]


def test_every_message_of_the_merged_feeds_makes_its_rows(combined: list[Message]) -> None:
    assert len(combined) == 8254
    made = {
        exchange: rows_by_type(combined, exchange, L2, DataType.TRADES) for exchange in ("bitmex", "deribit")
    }
    levels = sum(len(one.get("bids", [])) + len(one.get("asks", [])) for one in combined)
    assert sum(len(rows[L2]) for rows in made.values()) == levels
    trades = [one for one in combined if one["type"] == "trade"]
    for exchange, rows in made.items():
        own = [one for one in trades if one["exchange"] == exchange]
        assert rows[DataType.TRADES] == [cells_of(one) for one in own]
    assert sum(len(rows[DataType.TRADES]) for rows in made.values()) == len(trades) == 765


def test_what_the_vendors_client_computed_is_what_our_rows_give(computed: list[Message]) -> None:
    five = DataType.BOOK_SNAPSHOT_5
    rows = rows_by_type(computed, "bitmex", L2, DataType.TRADES, five, symbols=("XBTUSD",))
    wanted = [one for one in computed if one.get("name") == MACHINE_TYPES[five]]
    assert rows[five] == [cells_of(one) for one in wanted]
    assert rows[DataType.TRADES] == [cells_of(one) for one in computed if one["type"] == "trade"]
    # Of several snapshots at one instant the last stands for the book that can be seen.
    last = {microseconds(one["localTimestamp"]): one for one in wanted}
    book, compared = RowBook(), 0
    for local_us, arrived in by_instant(rows[L2]):
        book.apply(arrived)
        snapshot = last.pop(local_us, None)
        if snapshot is not None:
            for side in ("bid", "ask"):
                levels = [[level["price"], level["amount"]] for level in snapshot[f"{side}s"]]
                assert levels == book.best(side)
            compared += 1
    assert not last
    assert compared > 490
    assert_books_agree(computed, "bitmex", "XBTUSD")


def test_a_range_inside_the_sample_holds_exactly_its_rows(combined: list[Message]) -> None:
    low, high = DAY_US + 10_000_001, DAY_US + 20_123_456
    reader = RowReader(ReplayRequest("deribit", ("BTC-PERPETUAL",), (L2, DataType.TRADES), low, high))
    given = reader.feed(answer_of(combined)) + reader.rest()
    inside = [
        one
        for one in combined
        if one["exchange"] == "deribit" and low <= microseconds(one["localTimestamp"]) < high
    ]
    assert sum(reader.summary.messages.values()) == len(inside) > 100
    assert sum(len(block) for block in given if block.schema.type is L2) == sum(
        len(one["bids"]) + len(one["asks"]) for one in inside if one["type"] == "book_change"
    )


def test_a_cache_that_was_given_the_blocks_holds_the_books_and_the_trades(combined: list[Message]) -> None:
    symbol = "BTC-PERPETUAL"
    reader = RowReader(
        ReplayRequest("deribit", (symbol,), (L2, DataType.TRADES), DAY_US, DAY_US + 60_000_000)
    )
    given = reader.feed(answer_of(combined)) + reader.rest()
    own = [one for one in combined if one["exchange"] == "deribit"]
    instants = [microseconds(one["localTimestamp"]) for one in own]
    with open_cache() as cache:
        for data_type in (L2, DataType.TRADES):
            with cache.ingest(DatasetKey("deribit", symbol, data_type)) as ingest:
                for block in given:
                    if block.schema.type is data_type:
                        ingest.append(block)
                ingest.commit(Provenance(Source.TARDIS_MACHINE, None))
        trades = cache.frame("deribit", symbol, "trades", DAY_US, DAY_US + 60_000_000)
        assert trades["id"].tolist() == [one["id"] for one in own if one["type"] == "trade"]
        for at in range(200, len(own), 700):
            at_us = instants[at]
            book = MessageBook()
            for message, local_us in zip(own, instants, strict=True):
                if message["type"] == "book_change" and local_us <= at_us:
                    book.apply(message)
            held = cache.book("deribit", symbol, at_us)
            assert (held.bids.tolist(), held.asks.tolist()) == book.levels()


# The shapes of every exchange.

PLAIN = {
    "trade": {"id": "id", "side": "side", "price": "price", "amount": "amount"},
    "liquidation": {"id": "id", "side": "side", "price": "price", "amount": "amount"},
    "book_ticker": {
        "askAmount": "ask_amount",
        "askPrice": "ask_price",
        "bidPrice": "bid_price",
        "bidAmount": "bid_amount",
    },
    "derivative_ticker": {
        "fundingTimestamp": "funding_timestamp",
        "fundingRate": "funding_rate",
        "predictedFundingRate": "predicted_funding_rate",
        "openInterest": "open_interest",
        "lastPrice": "last_price",
        "indexPrice": "index_price",
        "markPrice": "mark_price",
    },
    "option_summary": {
        "optionType": "type",
        "strikePrice": "strike_price",
        "expirationDate": "expiration",
        "openInterest": "open_interest",
        "lastPrice": "last_price",
        "bestBidPrice": "bid_price",
        "bestBidAmount": "bid_amount",
        "bestBidIV": "bid_iv",
        "bestAskPrice": "ask_price",
        "bestAskAmount": "ask_amount",
        "bestAskIV": "ask_iv",
        "markPrice": "mark_price",
        "markIV": "mark_iv",
        "underlyingIndex": "underlying_index",
        "underlyingPrice": "underlying_price",
        "delta": "delta",
        "gamma": "gamma",
        "vega": "vega",
        "theta": "theta",
        "rho": "rho",
    },
}
"""Columns by the fields of a message whose row they make."""
TIMES = {"fundingTimestamp", "expirationDate"}
TEXTS = {"id", "underlying_index", "type", "side"}


def cells_of(message: Message) -> dict[str, Any]:
    """Make the row of a message that has one, by hand; fails where a field has no place in it."""
    left = dict(message)
    cells: dict[str, Any] = {
        "exchange": left.pop("exchange"),
        "symbol": left.pop("symbol").upper(),
        "timestamp": microseconds(left.pop("timestamp")),
        "local_timestamp": microseconds(left.pop("localTimestamp")),
    }
    kind = left.pop("type")
    if kind == "book_snapshot":
        left.pop("name")
        left.pop("interval")
        sides = {side: left.pop(side) for side in ("asks", "bids")}
        for level in range(left.pop("depth")):
            for side, levels in sides.items():
                for what in ("price", "amount"):
                    cells[f"{side}[{level}].{what}"] = levels[level].get(what)
    else:
        for name, column in PLAIN[kind].items():
            value = left.pop(name, "" if column in TEXTS else None)
            cells[column] = microseconds(value) if name in TIMES and value is not None else value
    assert not left, f"no place for {left}"
    return cells


TYPE_OF = {name: data_type for data_type, name in MACHINE_TYPES.items()}


def test_every_shape_of_every_exchange_is_understood_without_loss() -> None:
    messages = mapped_samples(real_data(FOLDER, MAPPED))
    assert len({one["exchange"] for one in messages}) > 50
    assert {one["type"] for one in messages} == {*PLAIN, "book_change"}
    empty = 0
    for message in messages:
        data_type = TYPE_OF[message["type"]]
        rows = rows_by_type([message], message["exchange"], data_type, symbols=(message["symbol"],))[
            data_type
        ]
        if data_type is not L2:
            assert rows == [cells_of(message)]
            continue
        flag, levels = message["isSnapshot"], []
        for side in ("bid", "ask"):
            levels += [(flag, side, level["price"], level["amount"]) for level in message[f"{side}s"]]
        if flag and not levels:
            levels, empty = [(True, "bid", 0, 0)], empty + 1
        assert [(row["is_snapshot"], row["side"], row["price"], row["amount"]) for row in rows] == levels
        assert {row["timestamp"] for row in rows} <= {microseconds(message["timestamp"])}
        assert {row["symbol"] for row in rows} <= {message["symbol"].upper()}
    assert empty == 4
    assert len(messages) == 672
