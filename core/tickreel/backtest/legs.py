"""Latencies of orders and answers, laid out for the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest import exchangekernels as kernels
from tickreel.replay.draws import lognormal_quantiles
from tickreel.replay.latency import (
    LONGEST_US,
    ConstantLatency,
    DistributionLatency,
    FileLatency,
    MeasuredLatency,
    file_steps,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.backtest.models import Latency

    Ints = NDArray[np.int64]


def laid_out(entry: Latency, response: Latency) -> tuple[tuple[int, int], Ints]:
    """Give the kinds of both, and an array of four rows: times and latencies of the one and of the other.

    Raises:
        DataError: a file of latencies cannot be read.
    """
    (entry_kind, *entry_rows), (response_kind, *response_rows) = _leg(entry), _leg(response)
    rows = (*entry_rows, *response_rows)
    length = max(len(row) for row in rows)
    legs = np.empty((4, length), np.int64)
    for place, row in enumerate(rows):
        legs[place, : len(row)] = row
        legs[place, len(row) :] = kernels.FAR
    return (entry_kind, response_kind), legs


def _leg(model: Latency) -> tuple[int, Ints, Ints]:
    none = np.zeros(1, np.int64)
    match model:
        case ConstantLatency():
            return kernels.STEPS, none, none + model.latency_us
        case FileLatency():
            steps = file_steps(model)
            return kernels.STEPS, steps.time_us, steps.latency_us
        case DistributionLatency():
            count = 2**kernels.DRAW_BITS
            share = (np.arange(count) + 0.5) / count
            above = lognormal_quantiles(
                share, model.median_us - model.floor_us, model.p99_us - model.floor_us
            )
            drawn = np.minimum(model.floor_us + np.rint(above), LONGEST_US).astype(np.int64)
            return kernels.DRAWN, np.zeros(count, np.int64), drawn
        case MeasuredLatency():
            return kernels.AS_FEED, none, none
