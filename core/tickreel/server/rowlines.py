"""Rows of each stored type as the normalized messages that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.block import Words
from tickreel.market.types import SIDES, DataType, Kind
from tickreel.server.datatypes import PLAIN
from tickreel.server.lines import Lines, Times, flat_lines, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.market.block import Block
    from tickreel.server.lines import Cells

_TRADE = {"id": "id", "price": "price", "amount": "amount", "side": "side"}
_FIELDS: Mapping[DataType, Mapping[str, str]] = {
    DataType.TRADES: _TRADE,
    DataType.LIQUIDATIONS: _TRADE,
    DataType.DERIVATIVE_TICKER: {
        "lastPrice": "last_price",
        "openInterest": "open_interest",
        "fundingRate": "funding_rate",
        "fundingTimestamp": "funding_timestamp",
        "predictedFundingRate": "predicted_funding_rate",
        "indexPrice": "index_price",
        "markPrice": "mark_price",
    },
    DataType.BOOK_TICKER: {
        "askAmount": "ask_amount",
        "askPrice": "ask_price",
        "bidPrice": "bid_price",
        "bidAmount": "bid_amount",
    },
    DataType.OPTIONS_CHAIN: {
        "optionType": "type",
        "strikePrice": "strike_price",
        "expirationDate": "expiration",
        "bestBidPrice": "bid_price",
        "bestBidAmount": "bid_amount",
        "bestBidIV": "bid_iv",
        "bestAskPrice": "ask_price",
        "bestAskAmount": "ask_amount",
        "bestAskIV": "ask_iv",
        "lastPrice": "last_price",
        "openInterest": "open_interest",
        "markPrice": "mark_price",
        "markIV": "mark_iv",
        "delta": "delta",
        "gamma": "gamma",
        "vega": "vega",
        "theta": "theta",
        "rho": "rho",
        "underlyingPrice": "underlying_price",
        "underlyingIndex": "underlying_index",
    },
}
"""Which column each field of a message is, in the order of the vendor's JSON."""


def opening(kind: str, symbol: str, exchange: str) -> bytes:
    """Give what every message begins with."""
    named = f'{{"type":"{kind}","symbol":"'.encode() + quoted(symbol)
    return named + b'","exchange":"' + quoted(exchange) + b'"'


def row_lines(block: Block, symbol: str) -> Lines:
    """Write rows of one instrument, each of which is a message."""
    stored = block.schema.type
    fields: list[tuple[str, Cells]] = []
    for name, column_name in _FIELDS[stored].items():
        data = block.columns[column_name]
        if not isinstance(data, np.ndarray):
            fields.append((name, data))
            continue
        kind = block.schema.column(column_name).kind
        if kind is Kind.TIME:
            fields.append((name, Times.of_exchange(data)))
        elif kind is Kind.TRADE_SIDE:
            fields.append((name, Words(data.astype(np.int32), SIDES[kind])))
        else:
            fields.append((name, np.ascontiguousarray(data)))
    fields.append(("timestamp", Times.of_exchange(block.array("timestamp"), block.local_us)))
    fields.append(("localTimestamp", Times.local(block.local_us)))
    return flat_lines(opening(PLAIN[stored], symbol, block.exchange), fields, len(block))
