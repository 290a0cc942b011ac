"""``tickreel.backtest()`` and ``tickreel.sweep()``: runs as Python asks for them."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.backtest.presets import TYPICAL, preset, with_models
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.run import Run, RunFailed
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.sweeps import grid as grids
from tickreel.backtest.sweeps.grid import Axis, SweepRequest
from tickreel.backtest.sweeps.ranking import DEFAULT_FIGURE
from tickreel.backtest.sweeps.sweep import band_of, begin
from tickreel.errors import Cancelled, UsageError
from tickreel.progress import UNWATCHED
from tickreel.shared.opening import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tickreel.backtest.models import Fees, Latency, Models, Queue
    from tickreel.backtest.request import Value
    from tickreel.market.time import Instant
    from tickreel.progress import Monitor
    from tickreel.store import Cache


def backtest(
    strategy: str | type,
    instruments: Iterable[tuple[str, str] | str],
    start: Instant,
    end: Instant,
    *,
    params: Mapping[str, Value] | None = None,
    latency: str | Latency | None = None,
    queue: str | Queue | None = None,
    fees: str | Fees | None = None,
    capital: float | None = None,
    seed: int = 0,
    cache: Cache | None = None,
    models: Models | str = TYPICAL,
    allow_missing: bool = False,
    monitor: Monitor = UNWATCHED,
) -> Run:
    """Run a strategy over [start, end) in a process of its own, and keep the run.

    *strategy* is a file with or without its class (``file.py:Class``), the name of an example, or a class
    that a file defines; *instruments* are (exchange, symbol) or ``EXCHANGE:SYMBOL``. *models* is a preset by
    its name or a whole set; *latency* (of orders, both ways), *queue* and *fees* stand above it. Without
    *cache* the home is opened for this call.

    Raises:
        RunFailed: it failed after it had begun; what there is of it is kept, and is its ``run``.
        Cancelled: the monitor said so; what there is of it is kept.
        TickreelError: it was refused before it began, and nothing is kept.
    """
    request = request_of(
        strategy,
        instruments,
        start,
        end,
        params=params,
        latency=latency,
        queue=queue,
        fees=fees,
        capital=capital,
        seed=seed,
        models=models,
        allow_missing=allow_missing,
    )
    with _opened(cache) as held, opened_runs(held) as runs:
        return ended_well(runs.backtest(request, monitor))


def sweep(
    strategy: str | type,
    instruments: Iterable[tuple[str, str] | str],
    start: Instant,
    end: Instant,
    *,
    grid: Mapping[str, Sequence[Value]],
    workers: int | None = None,
    scheduler: str | None = None,
    apart: Sequence[Axis | str] = (),
    figure: str = DEFAULT_FIGURE,
    cache: Cache | None = None,
    monitor: Monitor = UNWATCHED,
    **options: Any,
) -> list[Run]:
    """Run a strategy for every combination of a grid, several at once, and keep all runs.

    *grid* gives values by parameter; *apart* takes ``"symbols"`` and ``"days"`` into runs of their own. The
    runs are given in the order of the grid, failed ones among them; *figure* is what the progress ranks
    them by. *scheduler* is the address of a Dask cluster that does them (``tickreel[dask]``). Other
    *options* are those of :func:`backtest`.

    Raises:
        Cancelled: the monitor said so; the message says how to go on.
        TickreelError: a run was refused.
    """
    base = request_of(strategy, instruments, start, end, **options)
    values = {name: tuple(each) for name, each in grid.items()}
    request = SweepRequest(base=base, grid=values, apart=axes(apart))
    with _opened(cache) as held, opened_runs(held) as runs:
        done = begin(runs, request, monitor, workers=workers, scheduler=scheduler, figure=figure)
        return list(done.runs)


def band(
    strategy: str | type,
    instruments: Iterable[tuple[str, str] | str],
    start: Instant,
    end: Instant,
    *,
    workers: int | None = None,
    cache: Cache | None = None,
    monitor: Monitor = UNWATCHED,
    **options: Any,
) -> dict[str, Any]:
    """Run a strategy over latencies x queue models: profit and loss as a band instead of a point.

    Gives ``least_pnl``, ``median_pnl``, ``most_pnl`` and the run of each pair under ``runs``; other *options*
    are those of :func:`backtest`. Raises as :func:`sweep`.
    """
    base = request_of(strategy, instruments, start, end, **options)
    with _opened(cache) as held, opened_runs(held) as runs:
        return band_of(begin(runs, grids.band(base), monitor, workers=workers))


def request_of(
    strategy: str | type,
    instruments: Iterable[tuple[str, str] | str],
    start: Instant,
    end: Instant,
    *,
    params: Mapping[str, Value] | None = None,
    latency: str | Latency | None = None,
    queue: str | Queue | None = None,
    fees: str | Fees | None = None,
    capital: float | None = None,
    seed: int = 0,
    models: Models | str = TYPICAL,
    allow_missing: bool = False,
    analyst: str | None = None,
    analysis_record: int | None = None,
) -> BacktestRequest:
    """Make a request of what :func:`backtest` takes.

    Raises:
        UsageError: one of them cannot be.
    """
    request = BacktestRequest.of(
        reference_of(strategy),
        [_instrument(one) for one in instruments],
        start,
        end,
        params=params,
        models=preset(models) if isinstance(models, str) else models,
        capital=capital,
        seed=seed,
        allow_missing=allow_missing,
        analyst=analyst,
        analysis_record=analysis_record,
    )
    chosen = with_models(request.models, orders=latency, queue=queue, fees=fees)
    return msgspec.structs.replace(request, models=chosen)


def reference_of(strategy: str | type) -> str:
    """Write a strategy as text: a class by the file that defines it, which the run reads anew.

    Raises:
        UsageError: no file defines the class, or only something inside it.
    """
    if isinstance(strategy, str):
        return strategy
    try:
        file = inspect.getsourcefile(strategy)
    except TypeError:
        file = None
    if file is None or not file.endswith(".py") or "." in strategy.__qualname__:
        raise UsageError(
            f"{strategy.__qualname__} is defined in no file, or inside something: a run reads its strategy "
            "from a file, at the top of which the class stands"
        )
    return f"{file}:{strategy.__name__}"


def axes(names: Iterable[Axis | str]) -> tuple[Axis, ...]:
    """Read what a sweep takes apart.

    Raises:
        UsageError: one of them cannot be taken apart.
    """
    found = []
    for name in names:
        try:
            found.append(Axis(name))
        except ValueError:
            raise UsageError(f"{name!r} cannot be taken apart: choose {', '.join(Axis)}") from None
    return tuple(dict.fromkeys(found))


def ended_well(run: Run) -> Run:
    """Give a run that came to its end.

    Raises:
        RunFailed, Cancelled: it did not.
    """
    if run.card.state is RunState.FAILED:
        raise RunFailed(run)
    if run.card.state is RunState.CANCELLED:
        raise Cancelled(f"run {run.id} was cancelled; what there is of it is kept")
    return run


def _instrument(one: tuple[str, str] | str) -> tuple[str, str]:
    if isinstance(one, str):
        exchange, colon, symbol = one.partition(":")
        if not colon or not exchange or not symbol:
            raise UsageError(f"{one!r} is no instrument: write EXCHANGE:SYMBOL, or (exchange, symbol)")
        return exchange, symbol
    exchange, symbol = one
    return exchange, symbol


@contextmanager
def _opened(cache: Cache | None) -> Iterator[Cache]:
    if cache is not None:
        yield cache
        return
    with open_cache() as opened:
        yield opened
