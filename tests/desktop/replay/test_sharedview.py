"""What all charts look at: following, zooming, panning, the cursor that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tickreel_desktop.replay.sharedview import LONGEST_US, NO_CURSOR, SHORTEST_US, Cursor, SharedView

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

START_US = 1_721_692_800_000_000
END_US = START_US + 3_600_000_000
MINUTE_US = 60_000_000


@pytest.fixture
def view(qapp: QApplication) -> SharedView:
    made = SharedView()
    made.begin(START_US, END_US)
    made.set_width(MINUTE_US)
    return made


def heard(view: SharedView) -> list[str]:
    names: list[str] = []
    for name in ("span_changed", "prices_changed", "cursor_changed", "selection_changed"):
        getattr(view, name).connect(lambda name=name: names.append(name))
    return names


def test_it_follows_what_is_played_until_it_is_moved(view: SharedView) -> None:
    view.set_now(START_US + 5 * MINUTE_US)
    assert (view.from_us, view.to_us) == (START_US + 4 * MINUTE_US, START_US + 5 * MINUTE_US)
    told: list[bool] = []
    view.following_changed.connect(told.append)
    view.pan(-MINUTE_US)
    view.set_now(START_US + 6 * MINUTE_US)
    assert view.to_us == START_US + 4 * MINUTE_US
    view.follow()
    assert (view.to_us, told) == (START_US + 6 * MINUTE_US, [False, True])


def test_zooming_keeps_the_end_while_it_follows_and_the_pointed_moment_else(view: SharedView) -> None:
    view.set_now(START_US + 30 * MINUTE_US)
    view.zoom(2, view.from_us)
    assert (view.width_us, view.to_us) == (2 * MINUTE_US, START_US + 30 * MINUTE_US)
    view.pan(0)
    around_us = view.from_us + view.width_us // 4
    view.zoom(0.5, around_us)
    assert view.width_us == MINUTE_US
    assert (around_us - view.from_us) / view.width_us == pytest.approx(0.25, abs=1e-6)


def test_it_neither_zooms_nor_pans_out_of_reach(view: SharedView) -> None:
    view.zoom(0, START_US)
    assert view.width_us == SHORTEST_US
    view.zoom(1e12, START_US)
    assert view.width_us == LONGEST_US
    view.pan(-(10**15))
    assert view.to_us == START_US + 1, "something of the range stays in view"
    view.pan(10**15)
    assert view.from_us == END_US - 1


def test_a_cursor_that_is_held_stays(view: SharedView) -> None:
    names = heard(view)
    view.set_cursor(Cursor(START_US + 5, 101.5))
    view.hold_cursor(is_held=True)
    view.set_cursor(NO_CURSOR)
    assert view.cursor == Cursor(START_US + 5, 101.5)
    view.hold_cursor(is_held=False)
    view.set_cursor(NO_CURSOR)
    assert (view.cursor, names) == (NO_CURSOR, ["cursor_changed"] * 4)


def test_nothing_is_told_that_is_no_change(view: SharedView) -> None:
    view.set_prices(99.0, 101.0)
    names = heard(view)
    view.set_prices(99.0, 101.0)
    view.set_prices(101.0, 99.0)
    view.set_cursor(view.cursor)
    view.select((5, 5))
    view.set_width(view.width_us)
    assert (names, view.prices, view.selection) == ([], (99.0, 101.0), None)


def test_another_replay_is_looked_at_from_its_beginning(view: SharedView) -> None:
    view.pan(-5)
    view.set_prices(1.0, 2.0)
    view.set_cursor(Cursor(START_US, 1.0))
    view.hold_cursor(is_held=True)
    view.select((START_US, START_US + 1))
    view.begin(END_US, END_US + 5)
    assert (view.to_us, view.follows, view.prices, view.selection) == (END_US, True, None, None)
    assert (view.cursor, view.is_cursor_held) == (NO_CURSOR, False)
