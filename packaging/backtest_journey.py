"""Counts the actions of one journey: from the welcome screen to a compared pair of backtests.

The real window over an empty home is driven by clicks; the sample is made and the runs are real. A click or a
typed word counts as one action; waiting and looking count as none. What must be true on the way is checked.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from hand import Hand
from PySide6.QtWidgets import QAbstractButton

from travelling import travel, window_of_nothing  # isort: skip  (it finds the tests' support)
from support.desks import until

from tickreel.jobs import State

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel_desktop.backtest.running.work import Work
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.theme import Theme

_TAKES_AT_MOST_S = 600


async def _run_ended(desk: Desk, number: int) -> Work:
    await until(lambda: len(desk.backtests.works()) == number and bool(desk.backtests.works()[-1].ended_us))
    work = desk.backtests.works()[-1]
    await until(lambda: _is_shown(desk, work))
    return work


def _is_shown(desk: Desk, work: Work) -> bool:
    record = desk.backtest.run_view.record
    return record is not None and record.card.id == work.live.id


def _button(desk: Desk, text: str) -> QAbstractButton:
    found = [
        each for each in desk.window.findChildren(QAbstractButton) if each.isVisible() and each.text() == text
    ]
    if not found:
        raise SystemExit(f"     there is no {text}")
    return found[0]


async def _go(desk: Desk) -> Hand:
    hand = Hand()
    hand.see("the welcome screen is in front", is_so=desk.window.front == "welcome")
    hand.click("Backtest the sample", desk.welcome.backtest_button)
    first = await _run_ended(desk, 1)
    hand.see("the first run is done and in view", is_so=first.job.state is State.SUCCEEDED)
    hand.click("Careful", _button(desk, "Careful"))
    foot = desk.backtest.form.foot
    hand.see("the form can be run", is_so=not desk.backtest.form.obstacle())
    hand.click(foot.run_button.text(), foot.run_button)
    second = await _run_ended(desk, 2)
    hand.see("the second run is done and in view", is_so=second.job.state is State.SUCCEEDED)
    hand.click("Compare with the run before", _button(desk, "Compare with the run before"))
    compare = desk.backtest.compare
    await until(lambda: compare.compared is not None)
    hand.see("both stand side by side", is_so=compare.run_ids == [first.live.id, second.live.id])
    hand.see("the comparison is in view", is_so=compare.isVisible())
    return hand


async def _travel(home: Path, theme: Theme) -> Hand:
    async with window_of_nothing(home, theme) as desk, asyncio.timeout(_TAKES_AT_MOST_S):
        return await _go(desk)


if __name__ == "__main__":
    sys.exit(travel(_travel))
