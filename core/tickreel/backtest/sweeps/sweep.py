"""A sweep from what is asked to its runs, begun or gone on with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.backtest.runs.card import RunKind, RunState
from tickreel.backtest.runs.data import days_of
from tickreel.backtest.runs.process import Child
from tickreel.backtest.runs.run import Run
from tickreel.backtest.runs.running import placed
from tickreel.backtest.runs.service import limits_of, workers_of
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.backtest.sweeps.manifest import manifest_of
from tickreel.backtest.sweeps.pool import Pool
from tickreel.backtest.sweeps.ranking import DEFAULT_FIGURE, Ranked, checked_figure, rank, words_of
from tickreel.backtest.watching import RunWatcher
from tickreel.errors import Cancelled, UsageError
from tickreel.progress import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.runs.data import RunDay
    from tickreel.backtest.runs.process import Limits
    from tickreel.backtest.runs.records import Recorded
    from tickreel.backtest.runs.running import Simulator
    from tickreel.backtest.runs.service import Runs
    from tickreel.backtest.sweeps.grid import Point
    from tickreel.progress import Monitor

_KEPT_SHARE = 4
"""The part of a run's memory that a worker may use to keep the rows of its days for its next run."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep that came to its end."""

    id: str
    request: SweepRequest
    runs: tuple[Run, ...]
    """In the order of the grid."""
    ranking: tuple[Ranked, ...]
    """The best first."""


def begin(
    runs: Runs,
    request: SweepRequest,
    monitor: Monitor = UNWATCHED,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    figure: str = DEFAULT_FIGURE,
    on_ranked: Callable[[Sequence[Ranked]], object] = lambda _: None,
) -> Sweep:
    """Do all runs of a sweep; *workers* at once, as many as are set without, or on a Dask cluster.

    *on_ranked* is told of the ranking by *figure* as runs come in.

    Raises:
        Cancelled: the monitor said so; :func:`resume` goes on with it, and the message says how.
        TickreelError: a run was refused.
    """
    checked_figure(figure)
    request = msgspec.structs.replace(request, base=placed(request.base))
    sweep_id = runs.records.new_id()
    kind = RunKind.BAND if request.is_band else RunKind.SWEEP
    runs.records.begin_sweep(sweep_id, kind, request.to_form(), request.count())
    if isinstance(monitor, RunWatcher):
        monitor.tell_begun(sweep_id)
    return _Doing(runs, sweep_id, request, kind, figure, on_ranked).run(monitor, workers, scheduler)


def resume(
    runs: Runs,
    sweep_id: str,
    monitor: Monitor = UNWATCHED,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    figure: str = DEFAULT_FIGURE,
    on_ranked: Callable[[Sequence[Ranked]], object] = lambda _: None,
) -> Sweep:
    """Go on with a sweep that was cancelled, or whose program ended: what is done is not done again.

    Raises:
        NotHeldError: there is no such sweep.
        Cancelled, TickreelError: as :func:`begin`.
    """
    checked_figure(figure)
    found = runs.records.sweep(sweep_id)
    request = SweepRequest.from_form(found.request)
    return _Doing(runs, found.id, request, found.kind, figure, on_ranked).run(monitor, workers, scheduler)


class _Doing:
    """A sweep under way."""

    def __init__(
        self,
        runs: Runs,
        sweep_id: str,
        request: SweepRequest,
        kind: RunKind,
        figure: str,
        on_ranked: Callable[[Sequence[Ranked]], object],
    ) -> None:
        self._runs = runs
        self._id = sweep_id
        self._request = request
        self._kind = kind
        self._figure = figure
        self._on_ranked = on_ranked
        self._points: list[Point] = request.points()
        self._ended: dict[int, Recorded] = {}

    def run(self, monitor: Monitor, workers: int | None, scheduler: str | None) -> Sweep:
        for recorded in self._runs.records.runs(self._id):
            if is_done(recorded) and recorded.place is not None:
                self._ended[recorded.place] = recorded
        left = [(number, point) for number, point in enumerate(self._points) if number not in self._ended]
        if workers is not None and workers < 1:
            raise UsageError(f"a sweep needs at least one worker, not {workers}")
        days: set[RunDay] = set()
        for request in _on_other_data(point.request for _, point in left):
            # What is missing is refused before anything runs.
            days.update(days_of(self._runs.cache, request, monitor))
        if left and scheduler is None:
            self._do(left, monitor, workers or workers_of(self._runs.cache), self._child)
        elif left and scheduler is not None:
            from tickreel.backtest.sweeps.cluster import Cluster

            manifest = manifest_of(self._runs.cache, sorted(days, key=lambda one: (str(one.key), one.day)))
            with Cluster(scheduler) as cluster:
                self._do(left, monitor, cluster.workers, lambda: cluster.child(manifest, self._limits))
        ended = (Run(self._runs.cache.home, self._ended[number]) for number in range(len(self._points)))
        return Sweep(self._id, self._request, tuple(ended), tuple(self._ranking()))

    @property
    def _limits(self) -> Limits:
        limits = limits_of(self._runs.cache)
        return replace(limits, keeps_bytes=limits.memory_bytes // _KEPT_SHARE)

    def _child(self) -> Simulator:
        return Child(self._runs.cache.home, self._limits)

    def _do(
        self,
        left: list[tuple[int, Point]],
        monitor: Monitor,
        workers: int,
        new_child: Callable[[], Simulator],
    ) -> None:
        cache, records, count = self._runs.cache, self._runs.records, len(self._points)
        with Pool(cache, records, new_child, min(workers, len(left)), self._kind) as pool:
            try:
                pool.do(self._id, left, count, monitor, self._note)
            except Cancelled:
                raise Cancelled(
                    f"sweep {self._id} was cancelled, {len(self._ended)} of {count} runs are done: "
                    f"`tickreel sweep --resume {self._id}` goes on with it"
                ) from None

    def _note(self, number: int, recorded: Recorded) -> str:
        self._ended[number] = recorded
        ranking = self._ranking()
        self._on_ranked(ranking)
        return words_of(ranking, self._figure)

    def _ranking(self) -> list[Ranked]:
        return rank(
            ((self._ended[number].card, self._points[number].at) for number in sorted(self._ended)),
            self._figure,
        )


def _on_other_data(requests: Iterable[BacktestRequest]) -> list[BacktestRequest]:
    """Choose of requests one for each range of data that they read."""
    found = {(one.instruments, one.start_us, one.end_us): one for one in requests}
    return list(found.values())


def is_done(recorded: Recorded) -> bool:
    """Tell whether a run of a sweep ended by itself; one whose program was killed kept nothing."""
    return recorded.card.state in (RunState.SUCCEEDED, RunState.FAILED) and bool(recorded.files)


def band_of(sweep: Sweep) -> dict[str, Any]:
    """Sum up a band: profit and loss of each pair of models, and its least, middle and most.

    Runs that failed are named without a figure, and the band is of those that came to their end.
    """
    models = [_models_of(point.at) for point in sweep.request.points()]
    pnl = [run.metrics.get("pnl") if run.card.state is RunState.SUCCEEDED else None for run in sweep.runs]
    known = sorted(value for value in pnl if value is not None)
    middle = len(known) // 2
    return {
        "sweep_id": sweep.id,
        "least_pnl": known[0] if known else None,
        "median_pnl": (known[middle] + known[~middle]) / 2 if known else None,
        "most_pnl": known[-1] if known else None,
        "runs": [
            {"run_id": run.id, **at, "pnl": value}
            for run, at, value in zip(sweep.runs, models, pnl, strict=True)
        ],
    }


def _models_of(at: Mapping[str, Any]) -> dict[str, Any]:
    return {"latency": at.get("latency"), "queue": at.get("queue")}
