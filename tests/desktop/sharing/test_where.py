"""Where days lie: in the tables and the calendar, over a real server; nothing of it without one."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from support.caredays import KEY, fill, nth, span
from support.desks import desk_over, until
from support.holdings import varied_holdings
from support.qtloop import run_on_qt
from support.shareddesk import stored_day

from tickreel.settings import load, save
from tickreel.shared.opening import open_supply, supply_of
from tickreel.store import Cache, open_cache
from tickreel.store.model import DayRange
from tickreel_desktop.data import residence as residence_module
from tickreel_desktop.data.dataset_model import DatasetTableModel
from tickreel_desktop.data.days_model import DaysTableModel
from tickreel_desktop.data.model import DatasetRole
from tickreel_desktop.data.residence import UNKNOWN, Residence, Where
from tickreel_desktop.data.sheets import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from support.redisserver import RedisServer

    from tickreel.settings import LoadedSettings
    from tickreel.shared.supply import SharedSupply
    from tickreel_desktop.data import DatasetRow
    from tickreel_desktop.desk import Desk

SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)


@pytest.fixture
def cache(home: Path, tmp_path: Path, server: RedisServer) -> Iterator[Cache]:
    """Hold days 0 to 3, of which 1 lies on the server as well; day 2 lies there alone."""
    with open_cache(home) as opened:
        fill(opened, tmp_path)
        save(home, {"shared.url": server.url})
        supply = supply_for(opened, load(home))
        for number in (1, 2):
            day = opened.day(KEY.exchange, KEY.symbol, KEY.type, nth(number))
            assert day is not None
            supply.share(day)
        supply.close()
        opened.life.trash.put(span(2, 2))
        yield opened


def supply_for(cache: Cache, settings: LoadedSettings) -> SharedSupply:
    supply = open_supply(cache, settings)
    assert supply is not None
    return supply


def where(desk: Desk, row: int) -> Any:
    model = desk.data.table.model()
    return model.index(row, desk.data._sheets.model.column_of("where")).data(DatasetRole.WHERE)


def offers_where(desk: Desk) -> bool:
    menu = desk.data.table.columns_menu(QWidget(desk.window))
    return any(action.text() == "Where" for action in menu.actions())


def test_the_tables_and_the_calendar_say_where_days_lie(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            await until(lambda: desk.data.select(KEY))
            column = desk.data._sheets.model.column_of("where")
            row = desk.data.table.currentIndex().row()
            await until(lambda: where(desk, row) == Where(3, 2, 4))
            assert not desk.data.table.isColumnHidden(column)
            assert offers_where(desk)
            spoken = desk.data.table.model().index(row, column).data(SPOKEN)
            assert spoken == "On this machine: 3 of 4 days. Shared cache: 2 of 4 days"
            calendar = desk.data.detail.calendar
            assert calendar.words_at(nth(2)).endswith("missing, in the shared cache")
            assert calendar.words_at(nth(1)).endswith("in the shared cache")
            assert "shared" not in calendar.words_at(nth(0))
            assert "in the shared cache" in desk.data.detail.calendar_pane.legend.accessibleDescription()

            desk.data._sheets.bring_front(DAYS)
            await until(lambda: desk.data.table.model().rowCount() == 3)
            assert [where(desk, place) for place in range(3)] == [
                Where(1, 0, 1),
                Where(1, 1, 1),
                Where(1, 0, 1),
            ]
            desk.data.table.sortByColumn(
                desk.data._sheets.model.column_of("where"), Qt.SortOrder.DescendingOrder
            )
            assert where(desk, 0) == Where(1, 1, 1)

            desk.actions["data.shared_use"].trigger()
            await until(lambda: where(desk, 0) is None)
            assert desk.data.table.isColumnHidden(desk.data._sheets.model.column_of("where"))
            assert not offers_where(desk)
            assert "shared" not in calendar.words_at(nth(2))
            assert "shared" not in desk.data.detail.calendar_pane.legend.accessibleDescription()

    run_on_qt(qapp, journey())


def test_a_dataset_that_lies_there_alone_is_listed_and_comes_here_and_goes(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    with Cache(tmp_path / "other") as other:
        alone = stored_day(other, rows=2_000, symbol="ALONE")
        with closing(supply_for(other, load(cache.home))) as supply:
            supply.share(alone)
    key = alone.key

    def row(desk: Desk) -> DatasetRow | None:
        return next((row for row in desk.data._sheets.holdings.datasets.rows if row.key == key), None)

    def where_alone(desk: Desk) -> Any:
        model = desk.data._sheets.model
        return where(desk, int(model.places_of(np.array([model.listing.datasets.index(key)]))[0]))

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            await until(lambda: row(desk) is not None)
            assert desk.data.select(KEY)
            assert desk.actions["data.pin"].isEnabled()
            assert desk.data.select(key)
            await until(lambda: where_alone(desk) == Where(0, 1, 1))
            found = row(desk)
            assert found is not None
            assert not found.is_here
            model, at = desk.data._sheets.model, desk.data.table.currentIndex().row()
            assert model.index(at, model.column_of("health")).data() == "In the shared cache only"
            assert "fetch" in str(
                model.index(at, model.column_of("health")).data(Qt.ItemDataRole.ToolTipRole)
            )
            assert desk.data.selected_ranges() == (DayRange(key, alone.day, alone.day),)
            for name in ("data.pin", "data.delete", "data.export"):
                assert not desk.actions[name].isEnabled()
                assert "Nothing of it is on this machine" in desk.actions[name].toolTip()
            for name in ("data.warm", "data.drop", "data.fetch_missing"):
                assert desk.actions[name].isEnabled()
            desk.data.table.row_opened.emit(at)  # as a double click does; it has no book
            await until(lambda: any("ALONE" in kept.message.text for kept in desk.window.toasts.kept()))
            assert desk.opener.player is None

            supply = supply_of(cache)  # as a read of it, or a fetch, would
            assert supply is not None
            await asyncio.to_thread(supply.bring, {key: [alone.day]})
            await desk.operations.refresh()
            await until(lambda: (found := row(desk)) is not None and found.is_here)
            await until(lambda: where_alone(desk) == Where(1, 1, 1))
            assert desk.data.selected_key() == key
            assert desk.actions["data.pin"].isEnabled()

            cache.life.trash.put(DayRange(key, alone.day, alone.day))
            await desk.operations.refresh()
            desk.shared_control.renew_elsewhere()
            await until(lambda: (found := row(desk)) is not None and not found.is_here)
            desk.actions["data.shared_use"].trigger()  # and without the server it is nowhere
            await until(lambda: row(desk) is None)

    run_on_qt(qapp, journey())


def test_a_long_list_is_marked_by_a_worker(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residence_module, "_QUICK", 0)
    threads: set[int] = set()
    placed = Residence._placed

    def watched(self: Residence, listing: Any) -> Any:
        if listing.datasets:
            threads.add(threading.get_ident())
        return placed(self, listing)

    monkeypatch.setattr(Residence, "_placed", watched)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            await until(lambda: desk.data.select(KEY))
            row = desk.data.table.currentIndex().row()
            await until(lambda: where(desk, row) == Where(3, 2, 4))
            desk.data._sheets.bring_front(DAYS)
            await until(lambda: where(desk, 1) == Where(1, 1, 1))
            desk.actions["data.shared_use"].trigger()
            await until(lambda: where(desk, 0) is None)

    run_on_qt(qapp, journey())
    assert threads
    assert threading.get_ident() not in threads


def test_what_changes_there_is_found_out_after_a_change_here(
    qapp: QApplication, cache: Cache, server: RedisServer
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            await until(lambda: desk.data.select(KEY))
            row = desk.data.table.currentIndex().row()
            await until(lambda: where(desk, row) == Where(3, 2, 4))
            with server.admin() as admin:
                admin.flushall()
            desk.shared_control.days_there.forget([str(KEY)])
            await until(lambda: where(desk, row) == Where(3, 0, 4))

    run_on_qt(qapp, journey())


def test_a_dead_server_leaves_what_was_known(qapp: QApplication, cache: Cache, server: RedisServer) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            await until(lambda: desk.data.select(KEY))
            row = desk.data.table.currentIndex().row()
            await until(lambda: where(desk, row) == Where(3, 2, 4))
            server.kill()
            desk.shared_control.days_there.forget()
            desk.shared_control.watch.look_now()
            await until(lambda: "not reached" in desk.window.status.shared.text())
            assert where(desk, row) == Where(3, 2, 4)
            server.start()

    run_on_qt(qapp, journey())


def test_a_list_knows_of_each_row_and_sorts_by_it(qapp: QApplication) -> None:
    holdings = varied_holdings(12)
    keys = holdings.datasets.datasets
    rows = holdings.datasets.rows
    first = rows[0]
    ordinals = np.array([first.first_day.toordinal()], np.int64)
    residence = Residence({keys[0]: ordinals, keys[1]: np.empty(0, np.int64)})
    datasets = DatasetTableModel()
    datasets.show(residence.placed(holdings.datasets))
    found = {
        datasets.listing.rows[place].key: datasets.listing.shared[place]  # type: ignore[index]
        for place in range(len(rows))
    }
    assert (found[keys[0]], found[keys[1]]) == (1, 0)
    assert all(found[key] == UNKNOWN for key in keys[2:])
    datasets.sort(datasets.column_of("where"), Qt.SortOrder.DescendingOrder)
    assert datasets.listing.rows[datasets.shown[0]].key == keys[0]
    days = DaysTableModel()
    days.show(residence.placed(holdings.days))
    shared = days.listing.shared
    assert shared is not None
    there = {(day.key, day.day) for day, count in zip(days.listing.rows, shared, strict=True) if count == 1}
    assert there == {(keys[0], first.first_day)}
    assert residence.dates(keys[0]) == {first.first_day}
    assert residence.dates(None) == frozenset()


def test_of_no_rows_nothing_is_known() -> None:
    from tickreel_desktop.data.listing import NOTHING

    residence = Residence({})
    assert len(residence.placed(NOTHING.days).rows) == 0
    assert residence.dates(KEY) == frozenset()
    assert Where(0, UNKNOWN, 3).words() == "On this machine: none. Shared cache: not known yet"
