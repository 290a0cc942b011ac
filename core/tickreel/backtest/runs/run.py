"""A run that is kept, as Python has it: its card, and its tables as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.folder import checked
from tickreel.errors import NotHeldError, TickreelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.runs.records import Recorded


class RunFailed(TickreelError):
    """Say that a run failed after it had begun; what is kept of it is there all the same."""

    def __init__(self, run: Run) -> None:
        failure = run.card.failure
        super().__init__(f"run {run.id} failed: {failure}")
        self.run = run


class Run:
    """A run of a home; frames are read when they are asked for, each checked by its checksum.

    Reading raises DataError when a file of it is gone or was changed.
    """

    def __init__(self, home: Path, recorded: Recorded) -> None:
        self._home = home
        self._recorded = recorded

    def __repr__(self) -> str:
        return f"Run({self.id!r}, {self.card.state.value}, pnl={self.metrics.get('pnl')})"

    @property
    def id(self) -> str:
        """Its name in the home."""
        return self.card.id

    @property
    def card(self) -> RunCard:
        """All that is told of it."""
        return self._recorded.card

    @property
    def request(self) -> Mapping[str, Any]:
        """What was asked for."""
        return self._recorded.request

    @property
    def metrics(self) -> Mapping[str, Any]:
        """Its figures; empty where nothing came of it."""
        return self.card.metrics

    @property
    def orders(self) -> pd.DataFrame:
        """Every order, in the order of sending."""
        return _frame(self.table("orders"))

    @property
    def fills(self) -> pd.DataFrame:
        """Every fill, in the order of the exchange."""
        return _frame(self.table("fills"))

    @property
    def equity(self) -> pd.DataFrame:
        """Samples of position, cash and equity, a row for each time and instrument."""
        return _frame(self.table("equity"))

    @property
    def logs(self) -> pd.DataFrame:
        """What the strategy and the engine said."""
        return _frame(self.table("logs"))

    def series(self, name: str) -> pd.DataFrame:
        """Give what the strategy recorded under a name: time_us, value.

        Raises:
            NotHeldError: it recorded nothing under that name.
        """
        if name not in self.card.series:
            known = ", ".join(self.card.series) or "none"
            raise NotHeldError(f"run {self.id} recorded no series {name!r}; there are: {known}")
        return _frame(self._read(self.card.series[name]))

    def table(self, name: str) -> pa.Table:
        """Give one of the tables orders, fills, equity and logs."""
        return self._read(f"{name}.parquet")

    def file(self, name: str) -> Path:
        """Give the path of one of its files, checked."""
        return checked(self._home, self.id, self._recorded.files, name)

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its files."""
        return tuple(self._recorded.files)

    def to_form(self) -> dict[str, Any]:
        """Give its card as values that JSON knows, as ``runs show`` prints it."""
        return self.card.to_form()

    def _read(self, name: str) -> pa.Table:
        import pyarrow.parquet as pq

        return pq.read_table(self.file(name))


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame
