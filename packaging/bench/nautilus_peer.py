"""nautilus_trader: its book of levels in Rust, and its backtest engine under a strategy that does nothing.

The book is given all its deltas at once, which is its fastest way. More than a bare book: each level can
hold orders, and every delta is an object with an instrument, flags, a sequence and two times. Less: it
reads nothing, since its deltas, made by its own reader of vendor files, lie ready as objects.

So they do for the engine, a message in one object. It tells a strategy in Python of each message, keeps the
exchange's own book and would match orders against it; its log is off.
"""

from __future__ import annotations

from itertools import groupby

from contest import Contest, say, timed_book, timed_run
from nautilus_trader.core.nautilus_pyo3 import (  # type: ignore[import-not-found]
    BookAction,
    BookType,
    InstrumentId,
    OrderBook,
    OrderBookDeltas,
    load_tardis_deltas,
)

contest = Contest()
instrument = InstrumentId.from_str("ANY.BENCH")


def _measure() -> dict[str, float]:
    deltas = load_tardis_deltas(str(contest.csv), instrument_id=instrument)
    # A snapshot begins with one that no row stands behind.
    rows = sum(delta.action != BookAction.CLEAR for delta in deltas)
    together = OrderBookDeltas(instrument, deltas)
    del deltas

    def fresh():  # type: ignore[no-untyped-def]
        book = OrderBook(instrument, BookType.L2_MBP)

        def build() -> tuple[float, float]:
            book.apply_deltas(together)
            bid, ask = book.best_bid_price(), book.best_ask_price()
            return float("nan") if bid is None else float(bid), float("nan") if ask is None else float(ask)

        return build

    return timed_book(rows, fresh)


def _told() -> dict[str, float]:
    from nautilus_trader.adapters.tardis.loaders import (  # type: ignore[import-not-found]
        TardisCSVDataLoader,
    )
    from nautilus_trader.backtest.engine import (  # type: ignore[import-not-found]
        BacktestEngine,
        BacktestEngineConfig,
    )
    from nautilus_trader.config import LoggingConfig  # type: ignore[import-not-found]
    from nautilus_trader.model import enums, objects  # type: ignore[import-not-found]
    from nautilus_trader.model.data import OrderBookDeltas  # type: ignore[import-not-found]
    from nautilus_trader.model.instruments import CryptoPerpetual  # type: ignore[import-not-found]
    from nautilus_trader.test_kit.providers import (  # type: ignore[import-not-found]
        TestInstrumentProvider,
    )
    from nautilus_trader.trading.strategy import Strategy  # type: ignore[import-not-found]

    form = CryptoPerpetual.to_dict(TestInstrumentProvider.btcusdt_perp_binance())
    known = CryptoPerpetual.from_dict(form).id
    deltas = TardisCSVDataLoader(instrument_id=known).load_deltas(str(contest.csv))
    own = next(delta.order for delta in deltas if delta.action != enums.BookAction.CLEAR)
    for name, precision in (("price", own.price.precision), ("size", own.size.precision)):
        form |= {f"{name}_precision": precision, f"{name}_increment": f"{10.0**-precision:.{precision}f}"}
    form |= dict.fromkeys(("max_quantity", "min_quantity", "max_price", "min_price", "lot_size"))
    instrument = CryptoPerpetual.from_dict(form)
    rows = sum(delta.action != enums.BookAction.CLEAR for delta in deltas)
    messages = [OrderBookDeltas(known, list(own)) for _, own in groupby(deltas, lambda delta: delta.ts_init)]
    del deltas

    class Told(Strategy):  # type: ignore[misc]
        def on_start(self) -> None:
            self.told = 0
            self.subscribe_order_book_deltas(known, book_type=enums.BookType.L2_MBP)

        def on_order_book_deltas(self, deltas: object) -> None:
            self.told += 1

    def fresh():  # type: ignore[no-untyped-def]
        engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
        engine.add_venue(
            venue=known.venue,
            oms_type=enums.OmsType.NETTING,
            account_type=enums.AccountType.MARGIN,
            starting_balances=[objects.Money(1_000_000, instrument.quote_currency)],
            book_type=enums.BookType.L2_MBP,
        )
        engine.add_instrument(instrument)
        engine.add_data(messages)
        strategy = Told()
        engine.add_strategy(strategy)

        def run() -> tuple[int, int]:
            engine.run()
            if strategy.told != len(messages):
                raise SystemExit(f"the strategy was told {strategy.told} of {len(messages)} messages")
            engine.dispose()
            return rows, 0

        return run

    return timed_run(fresh)


say(_told() if contest.measure == "told" else _measure())
