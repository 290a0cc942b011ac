"""What goes on, as the list of runs and the screen of a sweep show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.jobs import fraction_done
from tickreel_desktop.backtest.running.words import rest_of, strategy_name
from tickreel_desktop.backtest.runs import RunningRow
from tickreel_desktop.backtest.sweep.setup_pane import SweepWork

if TYPE_CHECKING:
    from tickreel.market.zone import Zone
    from tickreel_desktop.backtest.running.work import Work


def running_row(work: Work, zone: Zone) -> RunningRow:
    """Give the row of the list."""
    name = strategy_name(work.base.strategy)
    return RunningRow(
        work.row_id,
        f"sweep: {name}" if work.is_sweep else name,
        rest_of(work.request, zone).removeprefix("on "),
        fraction_done(work.job.progress),
        left_s(work),
        work.live.id,
        not work.job.is_cancel_asked,
    )


def sweep_work(work: Work) -> SweepWork:
    """Give what the screen of a sweep tells of it."""
    return SweepWork(len(work.live.shares), left_s(work), work.live.is_paused, work.live.shares)


def left_s(work: Work) -> float | None:
    """Estimate the seconds that are left; None while that would be a guess."""
    progress = work.job.progress
    return work.meter.left_s(progress.total - progress.done) if progress.total else None
