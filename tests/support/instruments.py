"""Versions of what is known of instruments, and answers of the vendor's, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.instruments.instrument import Evidence, FactSource, Instrument, Version
from tickreel.instruments.merging import timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.instruments.facts import Value

EXCHANGE, SYMBOL = "binance-futures", "BTCUSDT"

XBTUSD: dict[str, Any] = {
    "id": "XBTUSD",
    "datasetId": "XBTUSD",
    "exchange": "bitmex",
    "baseCurrency": "BTC",
    "quoteCurrency": "USD",
    "settlementCurrency": "BTC",
    "type": "perpetual",
    "active": True,
    "availableSince": "2019-03-30T00:00:00.000Z",
    "priceIncrement": 0.1,
    "amountIncrement": 100,
    "minTradeAmount": 100,
    "makerFee": 0.0005,
    "takerFee": 0.0005,
    "inverse": True,
    "contractType": "inverse_perpetual",
    "contractMultiplier": 1,
    "underlyingIndex": ".BXBT",
    "changes": [
        {"until": "2021-06-08T04:30:00.000Z", "amountIncrement": 1, "minTradeAmount": 1},
        {"until": "2024-07-31T04:00:00.000Z", "priceIncrement": 0.5},
        {"until": "2024-10-22T00:00:00.000Z", "makerFee": 0.0002, "takerFee": 0.00075},
    ],
}
"""An instrument in the vendor's form, with a history."""
CHANGED_US = (1_623_126_600_000_000, 1_722_398_400_000_000, 1_729_555_200_000_000)
"""When its history changed."""


def version(
    facts: Mapping[str, Value | None],
    source: FactSource = FactSource.TYPED,
    *,
    number: int = 1,
    span: tuple[int | None, int | None] = (None, None),
    evidence: Evidence | None = None,
) -> Version:
    """Give a version as the table would."""
    return Version(number, EXCHANGE, SYMBOL, source, *span, facts, 1_735_689_600_000_000 + number, evidence)


def instrument(*versions: Version) -> Instrument:
    """Give what versions that hold for all time tell."""
    (known,) = timeline(EXCHANGE, SYMBOL, versions)
    return known
