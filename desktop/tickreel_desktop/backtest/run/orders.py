"""The orders of a run as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel_desktop.backtest.run.coded import Coded, between, coded, numbers, times

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """Orders (n,), in the order of sending."""

    id: NDArray[np.int64]
    instrument: Coded
    side: Coded
    kind: Coded
    force: Coded
    status: Coded
    reason: Coded
    price: NDArray[np.float64]
    amount: NDArray[np.float64]
    filled: NDArray[np.float64]
    submit_us: NDArray[np.int64]
    arrive_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    way_us: NDArray[np.int64]
    """From sending to the exchange; :data:`NEVER` where one of both never was."""
    answer_us: NDArray[np.int64]
    """From there until the strategy knew."""
    queue_ahead: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.id)


def orders_of(table: pa.Table) -> Orders:
    """Read the table ``orders`` of a run."""
    submit_us, arrive_us = times(table, "submit_us"), times(table, "arrive_us")
    return Orders(
        id=np.asarray(table["id"].to_numpy(), np.int64),
        instrument=coded(table, "instrument"),
        side=coded(table, "side"),
        kind=coded(table, "kind"),
        force=coded(table, "force"),
        status=coded(table, "status"),
        reason=coded(table, "reason"),
        price=numbers(table, "price"),
        amount=numbers(table, "amount"),
        filled=numbers(table, "filled"),
        submit_us=submit_us,
        arrive_us=arrive_us,
        end_us=times(table, "end_us"),
        way_us=between(submit_us, arrive_us),
        answer_us=between(arrive_us, times(table, "ack_us")),
        queue_ahead=numbers(table, "queue_ahead"),
    )
