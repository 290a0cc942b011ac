"""Opens the dialog of instruments, beginning with the dataset that is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel_desktop.components import open_soon
from tickreel_desktop.instruments import InstrumentKeeper, InstrumentsDialog

if TYPE_CHECKING:
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.data import DataWorkspace
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone


class InstrumentsControl(QObject):
    """The instruments of one window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        zone: DisplayZone,
        data: DataWorkspace,
        cache: Cache,
        tasks: Tasks,
        undo: Undo,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._zone = zone
        self._data = data
        self._tasks = tasks
        self.keeper = InstrumentKeeper(cache, undo, self)
        self.dialog: InstrumentsDialog | None = None
        """The dialog that is open, or None."""
        actions.on("data.instruments", self.open_selected)
        data.instrument_requested.connect(self.open_selected)
        actions.offer_command("data.instruments", self._command)

    def open_selected(self) -> None:
        """Show the instruments, beginning with that of the selected dataset where there is one."""
        key = self._data.selected_key()
        if key is None or key.is_grouped:
            self.open()
        else:
            self.open(key.exchange, key.symbol)

    def open(self, exchange: str = "", symbol: str = "") -> None:
        """Show the instruments, beginning with one of them."""
        if self.dialog is None:
            dialog = self.dialog = InstrumentsDialog(
                self._theme, self._zone, self.keeper, self._tasks, self._window
            )
            dialog.finished.connect(self._on_finished)
            open_soon(self._window, dialog)
        if exchange:
            self.dialog.show_instrument(exchange, symbol)

    def close(self) -> None:
        """Close the dialog, and call off what it does."""
        if self.dialog is not None:
            self.dialog.reject()

    def _on_finished(self) -> None:
        self.dialog = None

    def _command(self) -> str:
        key = self._data.selected_key()
        if key is None or key.is_grouped:
            return "tickreel instruments list"
        return f"tickreel instruments show {key.exchange} {key.symbol}"
