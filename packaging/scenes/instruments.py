"""The states of the dialog that tells what is known of instruments."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio

from scenes.stage import Stage
from tickreel.instruments import InstrumentTable
from tickreel.instruments.vendor import read_listing


class InstrumentScenes(Stage):
    """Brings the instruments into one state after the other."""

    async def instruments(self) -> None:
        await asyncio.to_thread(self._say_of_instruments)
        await self._instruments("tickreel-sim", "BTCUSDT")
        dialog = self._desk.data_control.instruments.dialog
        assert dialog is not None
        dialog.parts.facts.show_row(dialog.parts.fact_model.row_of("taker_fee") or 0)

    async def instruments_inferred(self) -> None:
        await self._instruments("tickreel-sim", "ETHUSDT")
        dialog = self._desk.data_control.instruments.dialog
        assert dialog is not None
        dialog.parts.show_form("infer")
        dialog.parts.infer.infer_button.click()
        await self._until(lambda: dialog.parts.infer.found is not None)

    async def instruments_refused(self) -> None:
        await self._instruments("tickreel-sim", "BTCUSDT")
        dialog = self._desk.data_control.instruments.dialog
        assert dialog is not None
        dialog.parts.change.entry.field.setText("0.1 USD")

    async def instruments_none(self) -> None:
        self._desk.data_control.instruments.open()
        await asyncio.sleep(0.3)

    async def _instruments(self, exchange: str, symbol: str) -> None:
        control = self._desk.data_control.instruments
        control.open(exchange, symbol)
        await self._until(lambda: control.dialog is not None and control.dialog.sheet is not None)
        await asyncio.sleep(0.2)

    def _say_of_instruments(self) -> None:
        listed = {
            "id": "BTCUSDT",
            "type": "perpetual",
            "contractType": "linear_perpetual",
            "baseCurrency": "BTC",
            "quoteCurrency": "USDT",
            "settlementCurrency": "USDT",
            "priceIncrement": 0.01,
            "amountIncrement": 0.001,
            "minTradeAmount": 0.001,
            "inverse": False,
            "makerFee": 0.0002,
            "takerFee": 0.0005,
            "listing": "2019-09-08T00:00:00.000Z",
            "availableSince": "2019-11-17T00:00:00.000Z",
            "changes": [{"until": "2022-03-01T00:00:00.000Z", "priceIncrement": 0.1, "takerFee": 0.0004}],
        }
        other = [{**listed, "id": f"{name}USDT", "baseCurrency": name} for name in ("ADA", "SOL", "XRP")]
        with InstrumentTable(self._desk.cache) as table:
            table.record_listings("tickreel-sim", [read_listing("tickreel-sim", listed)])
            table.record_listings(
                "binance-futures", [read_listing("binance-futures", each) for each in (listed, *other)]
            )
            table.type_in("tickreel-sim", "BTCUSDT", {"taker_fee": 0.00035}, start="2025-01-01")
