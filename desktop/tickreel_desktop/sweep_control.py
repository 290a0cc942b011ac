"""The verbs of a sweep in view, and of why an order was filled: in the menu and in the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton

    from tickreel_desktop.actions import Actions
    from tickreel_desktop.backtest import BacktestWorkspace
    from tickreel_desktop.frame import MainWindow

_NO_REGION = "Select a region of a sweep first"
_NO_ORDER = "Ask why an order was filled first"


class SweepControl(QObject):
    """Each verb presses the button that is in view."""

    def __init__(self, *, window: MainWindow, actions: Actions, workspace: BacktestWorkspace) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        sweep, why = workspace.sweep, workspace.why
        self._buttons: dict[str, tuple[QAbstractButton, str]] = {
            "sweep.refine": (sweep.setup.refine, _NO_REGION),
            "sweep.compare": (sweep.setup.compare, _NO_REGION),
            "why.last": (why.head.previous, _NO_ORDER),
            "why.next": (why.head.next, _NO_ORDER),
            "why.replay": (why.head.replay, _NO_ORDER),
            "why.analyse": (why.head.analyse, _NO_ORDER),
        }
        """What each presses, and what is missing where it cannot be pressed."""
        for action_id, (button, _) in self._buttons.items():
            actions.on(action_id, button.click)
        window.workspace_changed.connect(lambda _before, _now: self._renew_possible())
        for changed in (
            workspace.title_changed,
            sweep.map.region_changed,
            sweep.renewed,
            why.order_shown,
            why.closed,
        ):
            changed.connect(self._renew_possible)
        self._renew_possible()

    def _renew_possible(self) -> None:
        is_front = self._window.front == "backtest"
        for action_id, (button, missing) in self._buttons.items():
            is_possible = is_front and button.isVisible() and button.isEnabled()
            self._actions.enable(action_id, is_possible, missing if is_front else "Go to Backtest first")
