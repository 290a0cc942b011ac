"""The orders of a run as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel_desktop.backtest.run.coded import Coded, coded, numbers, times

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
    ack_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    queue_ahead: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.id)


def orders_of(table: pa.Table) -> Orders:
    """Read the table ``orders`` of a run."""
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
        submit_us=times(table, "submit_us"),
        arrive_us=times(table, "arrive_us"),
        ack_us=times(table, "ack_us"),
        end_us=times(table, "end_us"),
        queue_ahead=numbers(table, "queue_ahead"),
    )
