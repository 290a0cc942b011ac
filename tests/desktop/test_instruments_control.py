"""Instruments in the whole window: opened for the selected dataset, and closed with the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.desks import desk_over, until
from support.feeds import import_walk
from support.qtloop import run_on_qt

from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication


def test_the_instrument_of_the_selected_dataset_is_shown_and_undone_in_the_window(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def check() -> None:
        with open_cache() as cache:
            import_walk(cache, tmp_path)
            async with desk_over(cache) as desk:
                control = desk.data_control.instruments
                (wanted,) = [
                    action
                    for action in desk.data.make_menu(on_row=True).actions()
                    if action.text() == "Instrument..."
                ]
                wanted.trigger()
                dialog = control.dialog
                assert dialog is not None
                await until(lambda: dialog.sheet is not None)
                assert dialog.sheet is not None
                assert (dialog.sheet.exchange, dialog.sheet.symbol) == ("binance-futures", "BTCUSDT")
                dialog.parts.facts.show_row(dialog.parts.fact_model.row_of("tick") or 0)
                dialog.parts.change.entry.field.setText("0.1")
                dialog.parts.change.set_button.click()
                await until(lambda: desk.undo.undo_text == "Set tick of BTCUSDT")
                assert desk.actions.command("data.instruments") == (
                    "tickreel instruments show binance-futures BTCUSDT"
                )
                dialog.reject()
                assert control.dialog is None
                desk.undo.undo()
                await until(lambda: desk.undo.redo_text == "Set tick of BTCUSDT")
                assert (await control.keeper.sheet("binance-futures", "BTCUSDT")).line("tick").span is None
                desk.actions["data.instruments"].trigger()
                assert control.dialog is not None

    run_on_qt(qapp, check())
