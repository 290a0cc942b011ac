"""The form in the real window: what it says is what is typed, read from disk, and held."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from support.accessibility import nameless_controls
from support.backtests import PAIR, TAKER, hold_market, strategy_file
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.store import open_cache
from tickreel_desktop.backtest.form.draft import Draft
from tickreel_desktop.backtest.form.health_gate import HealthGate
from tickreel_desktop.backtest.form.holding import DayMark, Extent, extent_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.theme import Theme

DAY = "2024-07-19"


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        hold_market(opened, tmp_path)
        yield opened


def typed(field: object, text: str) -> None:
    assert isinstance(field, QLineEdit)
    field.clear()
    QTest.keyClicks(field, text)


async def filled(desk: Desk, strategy: str) -> None:
    day = desk.cache.days(*PAIR, "trades")[0].day.isoformat()
    desk.backtest_control.new_run()
    desk.backtest_control.form.take(Draft(strategy=strategy, symbols=(PAIR,), first=day, last=day))
    await desk.backtest_control.form.settled()


def test_four_fields_make_a_run(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.backtest_control.new_run()
            pane, foot = desk.backtest.form, desk.backtest.form.foot
            assert foot.said() == "Choose a strategy"
            assert not foot.run_button.isEnabled()
            place = next(
                n for n in range(pane.strategy.box.count()) if pane.strategy.box.itemText(n) == "twap"
            )
            pane.strategy.box.setCurrentIndex(place)
            pane.strategy.box.activated.emit(place)
            assert foot.said() == "Add a symbol"
            QTest.keyClicks(pane.symbols.search, PAIR[1][:4].lower())
            QTest.keyClick(pane.symbols.search, Qt.Key.Key_Return)
            assert pane.symbols.symbols() == (PAIR,)
            day = cache.days(*PAIR, "trades")[0].day.isoformat()
            typed(pane.days.first, day)
            typed(pane.days.last, day)
            await desk.backtest_control.form.settled()
            assert pane.obstacle() == ""
            assert foot.run_button.text() == "Run 1 day"
            assert "rows" in foot.said()
            assert "--param" not in pane.command()
            assert pane.command().startswith(f"tickreel backtest twap {PAIR[0]}:{PAIR[1]} {day}")
            assert desk.operations.command() == pane.command()
            assert nameless_controls(pane) == []

    run_on_qt(qapp, journey())


def test_a_parameter_is_checked_as_it_is_typed(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            await filled(desk, str(strategy_file(tmp_path)))
            pane = desk.backtest.form
            every = pane.params.fields["every"]
            typed(every, "0")
            assert "every is 1 or more" in every.accessibleDescription()
            assert pane.foot.said() == "every is 1 or more, not 0"
            assert not desk.actions["backtest.run"].isEnabled()
            typed(every, "7")
            assert pane.obstacle() == ""
            request = pane.reading().request
            assert request is not None
            assert request.params == {"every": 7}
            pane.params.reset()
            assert pane.draft().params == {}
            typed(every, "0")
            wanted = msgspec.structs.replace(pane.draft(), params={"amount": "2"})
            desk.backtest_control.form.take(wanted)
            await desk.backtest_control.form.settled()
            assert pane.draft() == wanted
            assert pane.obstacle() == ""

    run_on_qt(qapp, journey())


def test_a_syntax_error_is_named_and_gone_when_the_file_is_saved(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[Path, int]] = []
    path = strategy_file(
        tmp_path, "class Broken:\n    def on_book(self, ctx, book)\n        pass\n", "mine.py"
    )

    async def journey() -> None:
        async with desk_over(cache) as desk:
            monkeypatch.setattr(desk.backtest_control.form, "open_file", lambda *at: opened.append(at))
            await filled(desk, str(path))
            pane = desk.backtest.form
            assert pane.obstacle() == "The strategy does not load"
            assert pane.strategy.fault.isVisible()
            assert pane.strategy.fault.text().startswith("Line 2: SyntaxError")
            button = pane.strategy.fault.action_button
            assert button is not None
            button.click()
            assert opened == [(path, 2)]
            path.write_text(TAKER, encoding="utf-8")
            os.utime(path, ns=(time.time_ns(), time.time_ns() + 1_000_000))
            await until(lambda: pane.declaration() is not None)
            assert not pane.strategy.fault.isVisible()
            await until(lambda: pane.obstacle() == "")

    run_on_qt(qapp, journey())


def test_missing_days_are_named_and_asked_for_by_one_button(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            await filled(desk, "twap")
            pane = desk.backtest.form
            first = cache.days(*PAIR, "trades")[0].day
            typed(pane.days.last, first.replace(day=first.day + 2).isoformat())
            assert pane.obstacle() == "2 days are missing"
            button = pane.days.fetch_button
            assert button.text() == "Fetch 2 days"
            asked: list[object] = []
            desk.backtest_control.fetch_wanted.connect(asked.append)
            button.click()
            (ranges,) = asked
            assert {(one.key.symbol, one.last - one.first) for one in ranges} == {  # type: ignore[attr-defined]
                (PAIR[1], first.replace(day=first.day + 2) - first.replace(day=first.day + 1))
            }
            await until(lambda: desk.data_control.fetching.dialog is not None)
            desk.data_control.fetching.dialog.reject()  # type: ignore[union-attr]
            pane.days.leave_out.click()
            assert pane.obstacle() == ""
            assert "--allow-missing" in pane.command()

    run_on_qt(qapp, journey())


def test_a_bad_day_is_named_before_it_is_run(qapp: QApplication, cache: Cache) -> None:
    with closing(sqlite3.connect(cache.home / "catalog.sqlite")) as connection, connection:
        connection.execute("UPDATE day SET grade = 'bad', issues = 'gap crossed'")

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await filled(desk, "twap")
            pane = desk.backtest.form
            gate = pane.days.gate
            assert gate.isVisible()
            assert "known to be bad: " in gate.banner.text()
            assert "known to be bad" in pane.obstacle()
            assert not pane.foot.run_button.isEnabled()
            assert not gate.leave_button.isVisible()  # nothing would be left
            gate.accept_box.click()
            assert pane.obstacle() == ""
            assert pane.foot.run_button.isEnabled()
            gate.accept_box.click()
            assert "known to be bad" in pane.obstacle()

    run_on_qt(qapp, journey())


def test_bad_days_are_left_out_by_one_press_and_accepted_by_another(qapp: QApplication, theme: Theme) -> None:
    first = date(2025, 3, 1)
    marks = [DayMark.HERE, DayMark.BAD, DayMark.HERE, DayMark.NOTES, DayMark.BAD, DayMark.HERE]
    days = tuple((first + timedelta(days=place), mark) for place, mark in enumerate(marks))
    bad = tuple((day, ("gap",)) for day, mark in days if mark is DayMark.BAD)
    gate, left, told = HealthGate(theme), [], []
    gate.left_out.connect(lambda *days: left.append(days))
    gate.changed.connect(lambda: told.append(gate.reason()))
    gate.show_extent(Extent(days, (), 1, "", bad))
    assert gate.reason() == "2 days are known to be bad"
    gate.leave_button.click()
    assert left == [(date(2025, 3, 3), date(2025, 3, 4))]
    gate.accept_box.click()
    assert told == [""]
    # The same days in another range are accepted; one that was not seen yet is not.
    gate.show_extent(Extent(days[:3], (), 1, "", bad[:1]))
    assert gate.reason() == ""
    gate.show_extent(Extent(days, (), 1, "", (*bad, (first, ()))))
    assert gate.reason() == "3 days are known to be bad"
    gate.show_extent(None)
    assert gate.reason() == ""
    assert gate.isHidden()
    gate.deleteLater()


@pytest.mark.long
def test_the_form_is_as_it_was_left_and_templates_are_kept(
    qapp: QApplication, home: Path, tmp_path: Path
) -> None:
    left = Draft(strategy="twap", symbols=(PAIR,), first=DAY, last=DAY, preset="careful", capital="500")

    async def leave() -> None:
        with open_cache(home) as cache:
            hold_market(cache, tmp_path)
            async with desk_over(cache) as desk:
                control = desk.backtest_control.form
                control.take(left)
                await control.settled()
                desk.backtest.form.changed.emit()
                control.keep_template("  Careful   twap ")

    async def come_back() -> None:
        with open_cache(home) as cache:
            async with desk_over(cache) as desk:
                control = desk.backtest_control.form
                await control.settled()
                assert desk.backtest.form.draft() == left
                assert control.book.names() == ["Careful twap"]
                control.choose("market_maker")
                control.use_template("Careful twap")
                assert desk.backtest.form.draft().strategy == "twap"
                control.delete_template("Careful twap")
                assert control.book.names() == []
                desk.actions["edit.undo"].trigger()
                assert control.book.names() == ["Careful twap"]

    run_on_qt(qapp, leave())
    run_on_qt(qapp, come_back())


def test_an_example_is_edited_as_a_copy(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    async def journey() -> None:
        async with desk_over(cache) as desk:
            control = desk.backtest_control.form
            monkeypatch.setattr(control, "open_file", lambda file: opened.append(str(file)))
            await filled(desk, "twap")
            desk.actions["backtest.strategy"].trigger()
            copy = cache.home / "strategies" / "my_twap.py"
            await until(lambda: opened == [str(copy)])
            await control.settled()
            assert desk.backtest.form.strategy.reference == str(copy)
            assert desk.backtest.form.declaration() is not None

    run_on_qt(qapp, journey())


def test_days_stand_in_the_strip_as_they_are_held(cache: Cache) -> None:
    from tickreel.market.time import US_PER_DAY, day_start_us
    from tickreel_desktop.replay.collecting import held_symbol

    day = cache.days(*PAIR, "trades")[0].day
    start_us = day_start_us(day)
    extent = extent_of([held_symbol(cache, *PAIR)], start_us, start_us + 2 * US_PER_DAY)
    assert [mark for _, mark in extent.days] == [DayMark.PARTIAL, DayMark.MISSING]
    assert extent.rows == sum(
        each.rows for kind in ("incremental_book_L2", "trades") for each in cache.days(*PAIR, kind)
    )
    assert extent.held_days == 1
