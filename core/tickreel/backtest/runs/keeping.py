"""Writes what came of a run to its folder, and sums it up for its card; done by the child that ran it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.backtest.metrics.figures import figures
from tickreel.backtest.runs.digest import result_sha256
from tickreel.backtest.runs.folder import BESIDE, series_file, write_table
from tickreel.backtest.runs.messages import TRACES_FILE
from tickreel.backtest.runs.tables import (
    equity_table,
    fill_table,
    log_table,
    order_table,
    series_table,
    trace_table,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.outcome import Outcome, Traded
    from tickreel.backtest.request import BacktestRequest


def keep(folder: Path, request: BacktestRequest, outcome: Outcome, took_s: float) -> dict[str, Any]:
    """Write the tables and series of a run; give what its card says of them, as values that JSON knows.

    Raises:
        OSError: they cannot be written.
    """
    write_table(folder / "orders.parquet", order_table(outcome))
    write_table(folder / "fills.parquet", fill_table(outcome))
    write_table(folder / "equity.parquet", equity_table(outcome))
    write_table(folder / "logs.parquet", log_table(outcome.log))
    series = {name: series_file(number, name) for number, name in enumerate(sorted(outcome.series))}
    for name, file in series.items():
        write_table(folder / file, series_table(outcome.series[name]))
    for name, code in outcome.strategy_beside.items():
        (folder / BESIDE / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / BESIDE / name).write_bytes(code)
    use = outcome.analyses
    return {
        "strategy": {
            "name": outcome.strategy_name,
            "sha256": outcome.strategy_sha256,
            "modules": sorted(outcome.strategy_beside),
        },
        "params": dict(outcome.params),
        "instruments": [_instrument(one) for one in outcome.instruments],
        "backtest_duration_s": took_s,
        "ticks_processed": outcome.messages,
        "rows": outcome.rows,
        "total_trades": len(outcome.fills),
        "orders": len(outcome.orders),
        "reached_us": outcome.reached_us,
        "partial": outcome.is_partial,
        "metrics": figures(outcome, request.start_us, request.capital),
        "ai": {
            "calls": use.calls,
            "tokens_in": use.tokens_in,
            "tokens_out": use.tokens_out,
            "cost_usd": use.cost_usd,
        },
        "result_sha256": result_sha256(outcome.orders, outcome.fills, outcome.equity),
        "clock_shift_us": {
            f"{exchange}:{symbol} {data_type}": {day.isoformat(): shift for day, shift in days.items()}
            for (exchange, symbol, data_type), days in outcome.clock_shifts_us.items()
        },
        "missing_days": [
            {
                "exchange": one.selection.key.exchange,
                "symbol": one.selection.member or one.selection.key.symbol,
                "type": one.selection.key.type.value,
                "day": one.day.isoformat(),
                "state": one.state.value,
            }
            for one in outcome.missing
        ],
        "series": series,
    }


def keep_traces(folder: Path, outcome: Outcome) -> None:
    """Write the ways of the orders that were traced; raises OSError."""
    write_table(folder / TRACES_FILE, trace_table(outcome))


def _instrument(traded: Traded) -> dict[str, Any]:
    return {
        "exchange": traded.exchange,
        "symbol": traded.symbol,
        "tick": traded.tick,
        "lot": traded.lot,
        "multiplier": traded.multiplier,
        "inverse": traded.is_inverse,
        "currency": traded.currency or None,
        "maker_fee": traded.maker_fee,
        "taker_fee": traded.taker_fee,
        "fee_source": traded.fee_source,
    }
