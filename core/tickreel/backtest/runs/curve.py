"""Equity of a run as curves, from the table that is kept of it, and the few points that a list shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.metrics.returns import held

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

SPARK_POINTS = 60
_SPARK_DTYPE = np.dtype("<f4")


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Samples of (n,) instants and (k,) instruments; where no mid was known yet, what held before holds."""

    at_us: NDArray[np.int64]
    """int64 (n,), ascending."""
    names: tuple[str, ...]
    """``EXCHANGE:SYMBOL`` of each instrument."""
    equity: NDArray[np.float64]
    """float64 (n, k), after fees and funding, in the currency of settlement."""
    fees: NDArray[np.float64]
    """float64 (n, k): their sum so far."""
    position: NDArray[np.float64]
    """float64 (n, k), in amounts."""
    mid: NDArray[np.float64]
    """float64 (n, k); NaN where none is known."""


def curves_of(table: pa.Table) -> Curves:
    """Read the table ``equity`` of a run, a row for each instant and instrument."""
    instruments = table["instrument"].combine_chunks().dictionary_encode()
    names = tuple(instruments.dictionary.to_pylist())
    count = max(1, len(names))

    def column(name: str) -> NDArray[np.float64]:
        values = table[name].to_numpy(zero_copy_only=False).astype(np.float64)
        return np.ascontiguousarray(values.reshape(-1, count))

    return Curves(
        np.ascontiguousarray(table["time_us"].to_numpy()[::count]),
        names,
        held(column("equity")),
        column("fees"),
        column("position"),
        column("mid"),
    )


def values_at(
    at_us: NDArray[np.int64], values: NDArray[np.float64], instants_us: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give what was last known of values (n,) at each instant (m,), that instant included; 0 before."""
    known = np.concatenate((values, [0.0]))  # place -1 is before the first
    return np.asarray(known[np.searchsorted(at_us, instants_us, side="right") - 1], np.float64)


def drawdown_of(equity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how far equity (n,) stands below its height before, which begins at 0; 0 or less."""
    return np.asarray(equity - np.maximum.accumulate(np.maximum(equity, 0.0)), np.float64)


def spark_of(folder: Path, from_us: int, to_us: int) -> bytes | None:
    """Take the spark of a run, whose files lie in a folder, over [from_us, to_us]; None without equity.

    Raises:
        OSError: its equity cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "equity.parquet"
    if not path.exists():
        return None
    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise OSError(f"{path} is no table of equity: {error}") from error
    if not len(table):
        return None
    curves = curves_of(table)
    instants_us = np.linspace(from_us, max(to_us, from_us + 1), SPARK_POINTS).astype(np.int64)
    points = values_at(curves.at_us, curves.equity.sum(axis=1), instants_us)
    return points.astype(_SPARK_DTYPE).tobytes()


def spark_points(spark: bytes) -> NDArray[np.float32]:
    """Give what :func:`spark_of` took; float32 (SPARK_POINTS,)."""
    return np.frombuffer(spark, _SPARK_DTYPE)
