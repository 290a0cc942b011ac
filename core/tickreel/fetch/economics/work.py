"""What backtests took and analyses cost in this home, as its catalog has them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, US_PER_SECOND

if TYPE_CHECKING:
    from tickreel.store.records.database import Database

_MOST_RUNS = 1_000
"""The newest ones; older ones tell of an older program."""
_LEAST_US = 3_600 * US_PER_SECOND
"""Of a range: what a run of a few minutes takes is its start, which scaled to a day is no day."""


@dataclass(frozen=True, slots=True)
class Work:
    """Backtests that succeeded, and calls of models that cost something."""

    runs: int = 0
    """Of a range of an hour and more, those of sweeps included."""
    backtest_day_s: float | None = None
    """Median of what a run took, scaled to a day of its range; None without a run."""
    tokens: int = 0
    """Sent and received."""
    usd: float = 0.0
    """What those tokens cost."""


def read_work(database: Database) -> Work:
    """Sum up; call it on a worker thread."""
    took = database.tuples(
        "SELECT json_extract(card, '$.backtest_duration_s'),"
        " json_extract(card, '$.to_us') - json_extract(card, '$.from_us')"
        " FROM run WHERE state = 'succeeded' ORDER BY created_us DESC LIMIT ?",
        (_MOST_RUNS,),
    )
    days_s = [
        took_s * US_PER_DAY / span_us
        for took_s, span_us in took
        if took_s is not None and span_us >= _LEAST_US
    ]
    ((tokens, nano_usd),) = database.tuples(
        "SELECT COALESCE(SUM(tokens_in + tokens_out), 0), COALESCE(SUM(charged_nano_usd), 0)"
        " FROM analysis_call WHERE charged_nano_usd > 0 AND tokens_in + tokens_out > 0"
    )
    return Work(len(days_s), statistics.median(days_s) if days_s else None, tokens, nano_usd / 1e9)
