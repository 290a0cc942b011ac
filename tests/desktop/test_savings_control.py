"""Savings in the whole window: plan and prices kept and undone, the card closed and kept closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from support.desks import desk_over, until
from support.qtloop import run_on_qt
from support.storedhome import StoredHome

from tickreel.fetch.economics import PRESETS, PriceTable, read_prices
from tickreel.settings import load
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication


def test_a_plan_is_kept_and_undone_with_its_quota(qapp: QApplication, home: Path) -> None:
    async def journey() -> None:
        with open_cache(home) as cache:
            async with desk_over(cache) as desk:
                desk.window.go_to("data")
                await until(desk.data_control.savings.card.isVisible)
                await until(lambda: "Set your plan" in desk.data_control.savings.card.money.text())
                desk.data_control.savings.open_plan()
                dialog = desk.data_control.savings.dialog
                assert dialog is not None
                dialog.form.fields["name"].setText("Own")
                QTest.keyClicks(dialog.form.fields["storage_bytes"], "5 GB")
                QTest.keyClicks(dialog.form.fields["usd_per_gb"], "0.5")
                QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
                await until(lambda: dialog.status().startswith("Saved"))
                assert "the quota is 5.0 GB" in dialog.status()
                kept = read_prices(home)
                await until(lambda: "Set your plan" not in desk.data_control.savings.card.money.text())
                assert desk.undo.undo_text == "Change plan and prices"

                desk.undo.undo()
                await until(lambda: desk.undo.redo_text == "Change plan and prices")
                assert read_prices(home) == PriceTable()
                assert load(home).values.store.quota_bytes is None
                await until(lambda: dialog.form.fields["name"].text() == "")
                desk.undo.redo()
                await until(lambda: desk.undo.undo_text == "Change plan and prices")
                assert (read_prices(home), load(home).values.store.quota_bytes) == (kept, 5_000_000_000)

                dialog.plan_wanted.emit(PriceTable(PRESETS["enterprise"]))
                await until(lambda: "Enterprise" in dialog.form.fields["name"].text())
                assert load(home).values.store.quota_bytes == 10**12, (
                    "the quota of the plan before is no own one"
                )
                desk.undo.undo()
                await until(lambda: dialog.form.fields["name"].text() == "Own")
                dialog.plan_wanted.emit(PriceTable())
                await until(lambda: dialog.form.fields["name"].text() == "")
                assert load(home).values.store.quota_bytes is None, (
                    "no plan's storage is taken for the user's own"
                )
                (home / "prices.toml").write_text("plan = 3\n")
                dialog.plan_wanted.emit(PriceTable())
                await until(lambda: "prices.toml" in dialog.status())
                assert (home / "prices.toml").read_text() == "plan = 3\n"
                dialog.reject()
                assert desk.data_control.savings.dialog is None

    stored = StoredHome(home)
    stored.store(0)
    stored.close()
    run_on_qt(qapp, journey())


@pytest.mark.long
def test_a_card_that_was_closed_stays_closed(qapp: QApplication, home: Path) -> None:
    async def journey(*, closes: bool) -> None:
        with open_cache(home) as cache:
            async with desk_over(cache) as desk:
                desk.window.go_to("data")
                card = desk.data_control.savings.card
                assert card.isVisible() == closes
                if closes:
                    QTest.mouseClick(card.close_button, Qt.MouseButton.LeftButton)
                else:
                    desk.actions["view.savings"].trigger()
                assert card.isVisible() != closes

    stored = StoredHome(home)
    stored.store(0)
    stored.close()
    run_on_qt(qapp, journey(closes=True))
    run_on_qt(qapp, journey(closes=False))
