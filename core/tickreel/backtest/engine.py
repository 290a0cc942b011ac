"""The one entry to the engine: a request and a cache in, an outcome out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.backtest.aftermath import Aftermath
from tickreel.backtest.analyses import Analyses
from tickreel.backtest.context import Context
from tickreel.backtest.facts import terms_of
from tickreel.backtest.floor import Floor
from tickreel.backtest.loading import StrategyError, load_strategy
from tickreel.backtest.market import Market
from tickreel.backtest.outcome import Outcome
from tickreel.backtest.running import Runner, Stopped
from tickreel.backtest.tape import PLAYED, Tape
from tickreel.backtest.watching import RunWatcher
from tickreel.errors import Cancelled, NotHeldError, TickreelError, UsageError
from tickreel.market.types import DataType
from tickreel.progress import UNWATCHED
from tickreel.store import refuse_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tickreel.backtest.outcome import Traded
    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.strategy import StrategyClass
    from tickreel.backtest.watching import OutcomeKeeper
    from tickreel.progress import Monitor
    from tickreel.store import Cache, MissingDay

_MOST_SAMPLES = 20_000
_SAMPLE_STEPS_US = tuple(1_000_000 * step for step in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600))


def simulate(
    request: BacktestRequest,
    cache: Cache,
    *,
    progress: Monitor = UNWATCHED,
    cancelled: Callable[[], bool] = lambda: False,
    traced: Collection[int] = (),
    strategy: StrategyClass | None = None,
    keeper: OutcomeKeeper | None = None,
) -> Outcome:
    """Run a strategy over what the cache holds, in this thread.

    At the start everybody knows the books after all messages recorded before it; nothing recorded at or
    after the end is played.

    Args:
        request: what to run.
        cache: where the market data and the instrument table are; only read.
        progress: told of microseconds of the range that are done, some times a second.
        cancelled: asked as often; once it says so, the run ends with what there is, as a whole outcome
            that is marked. A monitor that raises Cancelled ends it without one.
        traced: orders, by id, whose way through the queue is wanted; the run is the same with and without.
        strategy: a class that is at hand, instead of the one that the request names.
        keeper: handed the outcome so far whenever it wants it; the run is the same with and without.

    Raises:
        UsageError: the strategy, a parameter or a model cannot be.
        NotHeldError: days, an order book or a fact of an instrument are not there; it is named.
        StrategyError: the strategy failed; with file and line, and with what there was by then.
    """
    if request.start_us == request.end_us:
        raise UsageError("a backtest needs a range that is not empty")
    found = strategy or load_strategy(request.strategy)
    params = found.values(request.params)
    run = _Run(request, cache, found, params, progress, cancelled, traced, keeper)
    return run.outcome()


class _Run:
    """One run, from what it needs to what comes of it."""

    def __init__(
        self,
        request: BacktestRequest,
        cache: Cache,
        found: StrategyClass,
        params: dict[str, Any],
        progress: Monitor,
        cancelled: Callable[[], bool],
        traced: Collection[int],
        keeper: OutcomeKeeper | None,
    ) -> None:
        self._request = request
        self._found = found
        self._params = params
        self._progress = progress
        self._watcher = progress if isinstance(progress, RunWatcher) else None
        self._cancelled = cancelled
        self._keeper = keeper
        self._reached_us = request.start_us
        terms = terms_of(request, cache)
        self._traded: tuple[Traded, ...] = tuple(one.traded for one in terms)
        self._has_one_currency = len({one.currency for one in self._traded}) == 1
        self._tapes, self._missing = _tapes(request, cache, found.levels, progress)
        self._step_us = _sample_step_us(request.end_us - request.start_us)
        self._market = Market(self._tapes, request.start_us, request.end_us)
        self._floor = Floor(
            terms,
            self._market,
            request.models,
            seed=request.seed,
            start_us=request.start_us,
            sample_step_us=self._step_us,
            traced=traced,
            on_stretch=self._pass,
        )
        self._aftermath = Aftermath(self._floor)
        self._analyses = Analyses(
            cache, model=request.analyst, record=request.analysis_record, look=self._look
        )
        self._context = Context(
            self._floor,
            self._traded,
            seed=request.seed,
            capital=request.capital,
            analyses=self._analyses,
        )

    def outcome(self) -> Outcome:
        """Run it, and gather what came of it."""
        try:
            with self._analyses:
                self._play()
        except Stopped:
            return self._ended(self._context.now_us, is_partial=True)
        except StrategyError as error:
            is_over = self._context.is_over or self._floor.is_over
            reached_us = self._request.end_us if is_over else self._context.now_us
            error.outcome = self._ended(reached_us, is_partial=not is_over)
            raise
        finally:
            self._market.close()
        return self._ended(self._request.end_us, is_partial=False)

    def _ended(self, reached_us: int, *, is_partial: bool) -> Outcome:
        self._floor.close(reached_us)
        return self._gathered(self._floor, reached_us, is_partial=is_partial)

    def _gathered(self, floor: Floor, reached_us: int, *, is_partial: bool) -> Outcome:
        """Gather what there is at an instant at which a floor was closed."""
        context = self._context
        self._aftermath.note(reached_us)
        return Outcome(
            instruments=self._traded,
            strategy_name=self._found.name,
            strategy_sha256=self._found.sha256,
            strategy_beside=self._found.beside,
            params=self._params,
            orders=floor.order_table(),
            fills=floor.fill_table(),
            mids_after=self._aftermath.mids(floor),
            equity=floor.equity_table(),
            equity_step_us=self._step_us,
            messages=floor.messages,
            rows=floor.rows,
            trades=floor.trades,
            reached_us=reached_us,
            is_partial=is_partial,
            log=context.log_of_run(),
            series=context.recorded(),
            clock_shifts_us={
                (one.exchange_name, one.symbol, one.type.value): shifts_us
                for one, shifts_us in zip(self._tapes, floor.shifts_us, strict=True)
            },
            missing=self._missing,
            analyses=self._analyses.use,
            traces=floor.trace_table(),
        )

    def _play(self) -> None:
        try:
            if self._found.is_compiled:
                self._play_compiled()
                return
            strategy = self._found.type()
            for name, value in self._params.items():
                setattr(strategy, name, value)
            runner = Runner(
                strategy,
                self._context,
                self._floor,
                books=self._found.tells_books(strategy),
                timer_us=self._found.timer_us(strategy),
                start_us=self._request.start_us,
                look=self._look,
            )
            _call(strategy, "on_start", self._context)
            runner.run()
            self._context.is_over = True
            _call(strategy, "on_stop", self._context)
        except (Stopped, Cancelled):
            raise
        except (Exception, SystemExit) as error:
            if isinstance(error, TickreelError) and not _comes_from(error, self._found.path):
                raise  # rows that cannot be read, or somebody who ended the run
            raise StrategyError.of(self._found.path, error) from error

    def _play_compiled(self) -> None:
        # Here and not above: Numba is not wanted by who runs none.
        from tickreel.backtest.compiled import run_compiled

        found = self._found
        timed = type("Timed", (), {**vars(found.type), **self._params})
        run_compiled(
            found,
            self._params,
            self._floor,
            books=found.tells_books(found.type),
            timer_us=found.timer_us(timed),
            start_us=self._request.start_us,
        )

    def _pass(self, horizon_us: int) -> None:
        """Note what the stretch before a horizon had, and look whether to go on."""
        self._aftermath.note(horizon_us)
        self._aftermath.go_on()
        self._reached_us = horizon_us
        self._look()

    def _look(self) -> None:
        start_us, end_us = self._request.start_us, self._request.end_us
        if self._watcher is not None and self._has_one_currency and (newest := self._floor.newest_equity()):
            self._watcher.tell_equity(*newest)
        self._progress.report(max(self._context.now_us, self._reached_us) - start_us, end_us - start_us)
        if self._cancelled():
            raise Stopped
        if self._keeper is not None and self._keeper.is_due():
            now_us = self._context.now_us
            self._keeper.keep(self._gathered(self._floor.closed_copy(now_us), now_us, is_partial=True))


def _call(strategy: object, name: str, context: Context) -> None:
    callback = getattr(strategy, name, None)
    if callback is not None:
        callback(context)


def _comes_from(error: BaseException, path: str) -> bool:
    """Tell whether a call that a strategy's file made raised an error."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            return True
        trace = trace.tb_next
    return False


def _tapes(
    request: BacktestRequest, cache: Cache, levels: int, monitor: Monitor
) -> tuple[list[Tape], tuple[MissingDay, ...]]:
    """Open what is played, in the order in which equal times come.

    Raises:
        NotHeldError: no order book is held of an instrument, or days are missing.
    """
    library = cache.library
    start_us, end_us = request.start_us, request.end_us
    plans = []
    library.bring(request.instruments, PLAYED, start_us, end_us, monitor)
    for who, (exchange, symbol) in enumerate(request.instruments):
        held = library.held_types(exchange, symbol, PLAYED)
        if DataType.INCREMENTAL_BOOK_L2 not in held:
            raise NotHeldError(
                f"no order book is held of {exchange} {symbol}, without which no order can be filled: import "
                f"or fetch {DataType.INCREMENTAL_BOOK_L2}"
            )
        for data_type in DataType:
            if data_type in held:
                selection = library.select(exchange, symbol, data_type)
                plans.append((who, library.plan(selection, start_us, end_us)))
    missing = tuple(day for _, plan in plans for day in plan.missing)
    library.count_misses(missing)
    if not request.allow_missing:
        refuse_missing(missing)
    tapes = [
        Tape(library, plan, request.models.feed, who, request.instruments[who], levels) for who, plan in plans
    ]
    return tapes, missing


def _sample_step_us(range_us: int) -> int:
    return next((step for step in _SAMPLE_STEPS_US if range_us // step < _MOST_SAMPLES), _SAMPLE_STEPS_US[-1])
