"""Fetching from the window, against the vendor that is stood in for."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from support.accessibility import nameless_controls
from support.desks import desk_over, until
from support.faketardis import Kind
from support.fetchdesk import EXCHANGE, FIRST, SYMBOL, asked, fetch_desk, path_of, write_days
from support.qtloop import run_on_qt

from tickreel.fetch.states import FetchState
from tickreel.market.types import DatasetKey, DataType
from tickreel.sources import datasets
from tickreel.store import DayState
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.jobs import JobState, JobVerb

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication, QLineEdit
    from support.fetchdesk import Desk as Vendor

    from tickreel_desktop.desk import Desk
    from tickreel_desktop.fetching.dialog import FetchDialog
    from tickreel_desktop.fetching.preview import Preview
    from tickreel_desktop.theme import Theme

pytestmark = pytest.mark.long

LAST = FIRST + timedelta(days=2)
WISH_KEY = DatasetKey(EXCHANGE, SYMBOL, DataType.TRADES)
WISH = FetchWish(EXCHANGE, (SYMBOL,), (DataType.TRADES,), FIRST, LAST)


@pytest.fixture
def vendor(tmp_path: Path, home: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """Stand a vendor up for whatever reads the environment; its lists are asked for once."""
    monkeypatch.setattr(datasets, "_ASK_WAITS_S", ())
    write_days(tmp_path / "vendor", 3)
    with fetch_desk(tmp_path / "vendor", home) as made:
        for name, value in made.environ.items():
            if "MACHINE" not in name:
                monkeypatch.setenv(name, value)
        yield made


@asynccontextmanager
async def opened(vendor: Vendor, wish: FetchWish | None) -> AsyncIterator[tuple[Desk, FetchDialog]]:
    async with desk_over(vendor.cache) as desk:
        yield desk, await reopened(desk, wish)


async def reopened(desk: Desk, wish: FetchWish | None) -> FetchDialog:
    if wish is None:
        desk.actions["data.fetch"].trigger()
    else:
        desk.data_control.fetching.open(wish)
    await until(lambda: desk.data_control.fetching.dialog is not None)
    dialog = desk.data_control.fetching.dialog
    assert dialog is not None
    dialog.activateWindow()
    await until(dialog.isActiveWindow)
    return dialog


async def planned(dialog: FetchDialog) -> Preview:
    def is_final() -> bool:
        preview = dialog.preview()
        return preview is not None and preview.is_final and preview.wish == dialog.wish()

    await until(is_final)
    preview = dialog.preview()
    assert preview is not None
    return preview


def typed(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_days_are_chosen_by_keyboard_fetched_and_shown_as_done(qapp: QApplication, vendor: Vendor) -> None:
    async def check() -> None:
        async with opened(vendor, None) as (desk, dialog):
            assert (dialog.reason(), dialog.fetch_button.isEnabled()) == ("Choose an exchange", False)
            assert nameless_controls(dialog) == []
            form = dialog.form
            await until(lambda: "1 exchange" in form.exchange.state())
            typed(form.exchange.edit, "bin")
            assert form.exchange.exchange == EXCHANGE
            await until(lambda: not form.types[DataType.QUOTES].isVisible())
            QTest.keyClicks(form.symbols.edit, "btc")
            QTest.keyClick(form.symbols.edit, Qt.Key.Key_Return)
            typed(form.days.first_field, FIRST.isoformat())
            typed(form.days.last_field, LAST.isoformat())
            await planned(dialog)
            assert dialog.outcome.sentence.plain() == (
                "0 of 3 days are here already and 3 must be fetched from Tardis."
            )
            assert dialog.outcome.table.texts()[1][:2] == ("Tardis", "3")
            assert dialog.fetch_button.text() == "Fetch 3 days"
            assert f"tickreel fetch {EXCHANGE} {SYMBOL} trades 2024-07-01 2024-07-04" in (
                dialog.command_box.command()
            )
            assert not vendor.fake.downloads
            dialog.fetch_button.click()
            await until(lambda: desk.data_control.fetching.dialog is None)
            panel = desk.jobs.panel
            assert panel.isVisible()
            await until(lambda: any(row.state is JobState.DONE for row in panel._board.ended))
            (job,) = panel._board.ended
            assert (job.name, job.words) == (f"{EXCHANGE} {SYMBOL} trades", "3 fetched")
            await until(lambda: len(vendor.cache.days(EXCHANGE, SYMBOL, "trades")) == 3)
            again = await reopened(desk, None)
            assert again.form.symbols.symbols() == (SYMBOL,)
            assert again.form.chosen_types() == (DataType.TRADES,)

    run_on_qt(qapp, check())
    assert [day.state for day in vendor.cache.days(EXCHANGE, SYMBOL, "trades")] == [DayState.PRESENT] * 3


def test_days_that_were_pointed_at_are_fetched_at_once_unless_something_is_to_be_decided(
    qapp: QApplication, vendor: Vendor
) -> None:
    async def check() -> None:
        async with desk_over(vendor.cache) as desk:
            fetching = desk.data_control.fetching
            fetching.fetch_days(WISH)
            await until(lambda: len(vendor.cache.days(EXCHANGE, SYMBOL, "trades")) == 3)
            assert (fetching.dialog, desk.jobs.panel.isVisible()) == (None, True)
            unpublished = FetchWish.of_days(WISH_KEY, LAST, LAST + timedelta(days=1))
            fetching.fetch_days(unpublished)
            await until(lambda: fetching.dialog is not None)
            dialog = fetching.dialog
            assert dialog is not None
            assert dialog.wish() == unpublished

    run_on_qt(qapp, check())


def test_what_is_here_is_not_fetched_again_and_a_job_may_wait_paused(
    qapp: QApplication, vendor: Vendor
) -> None:
    vendor.fetch(asked(1))

    async def check() -> None:
        async with opened(vendor, FetchWish(EXCHANGE, (SYMBOL,), (DataType.TRADES,), FIRST, FIRST)) as (
            desk,
            dialog,
        ):
            await planned(dialog)
            assert dialog.outcome.sentence.plain() == "The day is here already: nothing has to be fetched."
            assert dialog.reason() == "All of it is here"
            typed(dialog.form.days.last_field, LAST.isoformat())
            await planned(dialog)
            dialog.pause_button.click()
            await until(lambda: desk.data_control.fetching.dialog is None)
            board = desk.jobs.panel._board
            await until(lambda: any(row.state is JobState.PAUSED for row in board.active))
            dialog = await reopened(desk, WISH)
            await planned(dialog)
            assert dialog.outcome.facts.texts()["On the way"].startswith("2 days are in other jobs")
            assert sum(vendor.fake.downloads.values()) == 1
            (paused,) = (row for row in board.active if row.state is JobState.PAUSED)
            board.act(paused.id, JobVerb.RESUME)
            await until(lambda: not board.active)

    run_on_qt(qapp, check())
    assert sum(vendor.fake.downloads.values()) == 3


def test_without_a_key_the_free_day_alone_is_fetched_and_a_link_leads_to_the_key(
    qapp: QApplication, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TARDIS_API_KEY")

    async def check() -> None:
        async with opened(vendor, WISH) as (desk, dialog):
            await planned(dialog)
            assert "2 are not free" in dialog.outcome.sentence.plain()
            assert dialog.fetch_button.text() == "Fetch 1 day"
            assert dialog.form.days.calendar.words(LAST).startswith("2024-07-03: not in the plan")
            dialog.outcome.facts.link("Key").click()
            assert desk.settings_control.dialog.isVisible()
            desk.settings_control.dialog.reject()
            monkeypatch.setenv("TARDIS_API_KEY", "wrong")
            dialog.look_again()
            await until(lambda: "refuses it" in dialog.outcome.facts.texts().get("Key", ""))

    run_on_qt(qapp, check())


def test_offline_what_was_read_before_serves_and_without_any_it_is_typed(
    qapp: QApplication, vendor: Vendor, home: Path
) -> None:
    async def check() -> None:
        async with desk_over(vendor.cache) as desk:
            with vendor.fake.down():
                dialog = await reopened(desk, None)
                await until(lambda: "Type the exchange as it is spelt" in dialog.form.exchange.state())
                typed(dialog.form.exchange.edit, EXCHANGE)
                dialog.form.symbols.add(SYMBOL)
                await planned(dialog)
                assert "The vendor cannot be asked" in dialog.outcome.offline.text()
                assert dialog.outcome.facts.texts()["Vendor's list"].startswith("never read")
                assert dialog.fetch_button.isEnabled()
            dialog.look_again()
            dialog.form.exchange.renew_button.click()
            await until(lambda: "1 exchange" in dialog.form.exchange.state())
            await until(lambda: not dialog.outcome.offline.isVisible() and dialog.preview() is not None)
            dialog.reject()
            for kept in (home / "metadata").glob("*.json"):
                told = json.loads(kept.read_bytes())
                kept.write_text(json.dumps({**told, "fetched_us": told["fetched_us"] - 7_200_000_000}))
            with vendor.fake.down():
                dialog = await reopened(desk, WISH)
                await planned(dialog)
                assert dialog.form.exchange.state() == "1 exchange, list read 2 h ago"
                assert dialog.outcome.facts.texts()["Vendor's list"].startswith("2 h ago")
                assert dialog.fetch_button.text() == "Fetch 3 days"

    run_on_qt(qapp, check())


def test_a_symbol_that_is_not_listed_is_named_and_a_machine_is_offered_where_one_is_set(
    qapp: QApplication, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_TARDIS_MACHINE_URL", vendor.fake.machine_url)

    async def check() -> None:
        wish = FetchWish(EXCHANGE, ("BTCUSTD",), (DataType.TRADES,), FIRST, LAST)
        async with opened(vendor, wish) as (_desk, dialog):
            await until(lambda: dialog.outcome.refusal.isVisible())
            assert "did you mean BTCUSDT?" in dialog.outcome.refusal.text()
            assert "did you mean BTCUSDT?" in dialog.form.symbols.problem()
            assert not dialog.fetch_button.isEnabled()
            dialog.form.symbols.near_button.click()
            await planned(dialog)
            assert dialog.fetch_button.isEnabled()
            await until(dialog.options.source.isVisible)
            machine = next(
                each for each in dialog.options.source.findChildren(QToolButton) if "machine" in each.text()
            )
            QTest.mouseClick(machine, Qt.MouseButton.LeftButton)
            await planned(dialog)
            assert dialog.outcome.sentence.plain().endswith("3 must be fetched from tardis-machine.")
            assert dialog.command_box.command().endswith("--source machine")

    run_on_qt(qapp, check())


def test_a_refused_submit_keeps_what_was_filled_in_and_a_failed_day_is_told_with_its_cause(
    qapp: QApplication, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.fake.plan(path_of(FIRST), [Kind.UNAUTHORIZED])

    async def check() -> None:
        async with opened(vendor, WISH) as (desk, dialog):
            preview = await planned(dialog)
            dialog.show_refusal("the catalog is locked")
            assert dialog.outcome.refusal.text() == "The catalog is locked"
            assert dialog.wish() == preview.wish
            dialog.fetch_button.click()
            await until(lambda: desk.data_control.fetching.dialog is None)
            board = desk.jobs.panel._board
            await until(lambda: any(row.state is JobState.FAILED for row in board.active))
            (job,) = board.active
            assert "2024-07-01" in job.words

    run_on_qt(qapp, check())
    with vendor.service() as service:
        (job,) = service.queue.jobs()
    assert job.days == {FetchState.DONE: 2, FetchState.FAILED: 1}


def test_a_standing_order_is_made_listed_looked_after_and_ended_with_undo(
    qapp: QApplication, vendor: Vendor
) -> None:
    vendor.fetch(asked(3))

    async def check() -> None:
        async with opened(vendor, WISH) as (desk, dialog):
            await planned(dialog)
            dialog.options.keep.setChecked(True)
            await planned(dialog)
            assert dialog.fetch_button.text() == "Keep complete"
            assert "tickreel jobs keep" in dialog.command_box.command()
            dialog.fetch_button.click()
            await until(lambda: desk.data_control.fetching.dialog is None)
            desk.data_control.fetching.open_standing()
            standing = desk.data_control.fetching.standing
            assert standing is not None
            await until(lambda: len(standing.model.orders) == 1)
            assert standing.model.orders[0].first_day == FIRST
            assert nameless_controls(standing) == []
            standing.watch.setChecked(True)
            with vendor.service() as service:
                await until(lambda: service.standing.all()[0].checked_us is not None)
            QTest.keyClick(standing.table, Qt.Key.Key_Delete)
            await until(lambda: not standing.model.orders)
            await until(lambda: desk.undo.undo_text.startswith("End the standing order"))
            desk.undo.undo()
            await until(lambda: len(standing.model.orders) == 1)
            standing.watch.setChecked(False)

    run_on_qt(qapp, check())


def test_the_missing_days_of_the_selected_dataset_are_filled_in(qapp: QApplication, vendor: Vendor) -> None:
    for first in (FIRST, LAST):
        vendor.fetch(asked(1, first=first))

    async def check() -> None:
        async with desk_over(vendor.cache) as desk:
            desk.window.go_to("data")
            await until(lambda: desk.actions["data.fetch_missing"].isEnabled())
            desk.actions["data.fetch_missing"].trigger()
            await until(lambda: desk.data_control.fetching.dialog is not None)
            dialog = desk.data_control.fetching.dialog
            assert dialog is not None
            assert (dialog.wish().first, dialog.wish().last) == (date(2024, 7, 2), date(2024, 7, 2))
            command = desk.actions.command("data.fetch_missing")
            assert command == dialog.command_box.command()
            await planned(dialog)
            dialog.reject()
            await until(lambda: desk.data_control.fetching.dialog is None)
            desk.welcome.fetch_requested.emit()
            await until(lambda: desk.data_control.fetching.dialog is not None)

    run_on_qt(qapp, check())
