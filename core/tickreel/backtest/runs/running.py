"""One run from what is asked to what is kept: checked, recorded, pinned, simulated by a child, sealed."""

from __future__ import annotations

import json
import logging
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from tickreel.backtest.runs import checkpoints
from tickreel.backtest.runs.card import RunCard, RunKind, RunState
from tickreel.backtest.runs.data import days_of, pin
from tickreel.backtest.runs.folder import clear_tables, remove_unfinished, seal, unfinished_folder
from tickreel.backtest.runs.messages import Task
from tickreel.backtest.runs.records import holder_of
from tickreel.backtest.runs.soundness import unsound_days
from tickreel.backtest.runs.versions import versions_here
from tickreel.backtest.watching import RunWatcher
from tickreel.errors import EnvironmentProblem
from tickreel.market.time import format_us

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.runs.data import RunDay
    from tickreel.backtest.runs.process import Ending, Limits
    from tickreel.backtest.runs.records import Recorded, RunRecords
    from tickreel.progress import Monitor
    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)

OUTPUT = "output.txt"
"""What the strategy printed, and the tracebacks of what went wrong."""
CODE = "strategy.py"
CARD = "card.json"
REQUEST = "request.json"
_STRATEGY_FILE = re.compile(r"(?P<file>.+\.py)(?P<rest>:[^/\\:]+)?", re.DOTALL)


class Simulator(Protocol):
    """What does tasks, one at a time: a process here, or a worker of a cluster."""

    limits: Limits

    def do(self, task: Task, output: Path, monitor: Monitor) -> Ending:
        """Have a task done, its files written beside *output*, and say how it ended."""

    def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands in a sweep."""

    sweep_id: str
    number: int
    trials: int


def placed(request: BacktestRequest) -> BacktestRequest:
    """Give a request whose strategy is named by its whole path, so that it can be done from anywhere."""
    match = _STRATEGY_FILE.fullmatch(request.strategy)
    if match is None:
        return request
    path = Path(match["file"]).expanduser().absolute()
    return msgspec.structs.replace(request, strategy=f"{path}{match['rest'] or ''}")


def strategy_file(request: BacktestRequest) -> Path | None:
    """Give the file of a strategy; None where it is an example by its name."""
    match = _STRATEGY_FILE.fullmatch(request.strategy)
    return None if match is None else Path(match["file"])


def run(
    cache: Cache,
    records: RunRecords,
    child: Simulator,
    request: BacktestRequest,
    monitor: Monitor,
    *,
    kind: RunKind = RunKind.BACKTEST,
    place: Place | None = None,
) -> Recorded:
    """Do one run and keep it, however it ends.

    Raises:
        TickreelError: it was refused before its first message, and nothing is kept of it.
        EnvironmentProblem: the home cannot be written.
    """
    request = placed(request)
    days = days_of(cache, request, monitor)
    card = _card_before(cache, records, request, days, kind, place)
    records.begin(card, request.to_form(), None if place is None else place.number)
    if isinstance(monitor, RunWatcher):
        monitor.tell_begun(card.id)
    try:
        pin(cache, days, holder_of(card))
        folder = unfinished_folder(cache.home, card.id)
        _make(folder, request)
        task = Task(card.id, str(folder), request, child.limits.keeps_bytes)
        ending = child.do(task, folder / OUTPUT, monitor)
        if ending.refusal is not None:
            raise ending.refusal
        digests, card = keep_ended(cache, records, _card_ended(card, ending), request, ending.summary)
    except BaseException as error:
        _drop(cache, records, card, error)
        raise
    records.end(card, digests)
    return records.run(card.id)


def _card_before(
    cache: Cache,
    records: RunRecords,
    request: BacktestRequest,
    days: Sequence[RunDay],
    kind: RunKind,
    place: Place | None,
) -> RunCard:
    return RunCard(
        id=records.new_id(),
        state=RunState.RUNNING,
        kind=kind,
        strategy=_strategy(request, {"name": request.strategy, "sha256": None}),
        params=dict(request.params),
        instruments=tuple(
            {"exchange": exchange, "symbol": symbol} for exchange, symbol in request.instruments
        ),
        from_us=request.start_us,
        to_us=request.end_us,
        seed=request.seed,
        models=msgspec.to_builtins(request.models),
        capital=request.capital,
        data=tuple(day.to_form() for day in days),
        unsound_days=tuple(day.to_form() for day in unsound_days(cache, days)),
        versions=versions_here(),
        created_us=cache.disk.now_us(),
        trials=1 if place is None else place.trials,
        sweep_id=None if place is None else place.sweep_id,
    )


def _strategy(request: BacktestRequest, named: Mapping[str, Any]) -> dict[str, Any]:
    file = strategy_file(request)
    return {**named, "path": None if file is None else str(file)}


def _make(folder: Path, request: BacktestRequest) -> None:
    """Make the folder of a run, with the code that it runs."""
    try:
        folder.mkdir(parents=True)
        file = strategy_file(request)
        if file is not None and file.is_file():
            (folder / CODE).write_bytes(file.read_bytes())
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be written: {error.strerror or error}") from error


def keep_ended(
    cache: Cache,
    records: RunRecords,
    card: RunCard,
    request: BacktestRequest,
    summary: Mapping[str, Any] | None,
) -> tuple[dict[str, str], RunCard]:
    """Seal the unfinished folder of a run that has ended; give the digest of each file, and its whole card.

    Without a *summary* its child was killed, and what is kept is its last checkpoint, where there is one.

    Raises:
        EnvironmentProblem: the disk is full, or cannot be written.
    """
    folder = unfinished_folder(cache.home, card.id)
    try:
        if summary is None:
            clear_tables(folder)  # it was killed while it wrote them, perhaps
            summary = checkpoints.take(folder)
            if summary is not None and card.failure is not None:
                told = f"what is kept is what there was at {format_us(summary['reached_us'])}"
                failure = replace(card.failure, message=f"{card.failure.message}; {told}")
                card = card.with_(failure=failure)
        else:
            checkpoints.remove(folder)
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be written: {error.strerror or error}") from error
    card = _card_summed_up(records, card, summary or {})
    _write(folder / CARD, card.to_form())
    _write(folder / REQUEST, request.to_form())
    return seal(cache.disk, cache.home, card.id), card


def _card_ended(card: RunCard, ending: Ending) -> RunCard:
    """Put on the card how it ended."""
    state = RunState.SUCCEEDED
    if ending.failure is not None:
        state = RunState.FAILED
    elif ending.is_cancelled:
        state = RunState.CANCELLED
    return card.with_(
        state=state,
        failure=ending.failure,
        peak_memory_bytes=ending.peak_memory_bytes,
        partial=state is not RunState.SUCCEEDED,
    )


def _card_summed_up(records: RunRecords, card: RunCard, told: Mapping[str, Any]) -> RunCard:
    """Put on the card what came of it."""
    summary = dict(told)
    if not summary:
        return card
    partial = bool(summary.pop("partial")) or card.partial
    strategy = {**card.strategy, **summary.pop("strategy")}
    lists = {name: tuple(summary.pop(name)) for name in ("instruments", "missing_days")}
    card = card.with_(**summary, **lists, strategy=strategy, partial=partial)
    return card.with_(trials_before=records.count_before(card))


def _write(path: Path, form: Mapping[str, Any]) -> None:
    try:
        path.write_text(json.dumps(form, indent=2, allow_nan=False), encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error


def _drop(cache: Cache, records: RunRecords, card: RunCard, error: BaseException) -> None:
    """Keep nothing of a run that was refused, or that could not be kept."""
    _LOGGER.info("run %s is not kept: %s", card.id, error)
    records.forget(card)
    with suppress(OSError):  # settling clears it
        remove_unfinished(cache.home, card.id)
