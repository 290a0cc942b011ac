"""Asks before the window closes over work that would be lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout

from tickreel_desktop.components import ButtonKind, button, label, open_over
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import Theme

_WIDTH_PX = 460
_MOST_NAMED = 5


class LeaveDialog(QDialog):
    """Name what is still being worked on, and let the user stay."""

    def __init__(self, theme: Theme, running: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        px = theme.px
        self.setWindowTitle("Quit Tickreel")
        self.setMinimumWidth(px(_WIDTH_PX))
        count = "1 job is" if len(running) == 1 else f"{len(running)} jobs are"
        body = QVBoxLayout()
        body.setContentsMargins(px(20), px(18), px(20), px(18))
        body.setSpacing(px(6))
        body.addWidget(label(f"{count} still running", Role.TITLE))
        for name in running[:_MOST_NAMED]:
            body.addWidget(label(name, Role.SECONDARY, wrap=True))
        if len(running) > _MOST_NAMED:
            body.addWidget(label(f"and {len(running) - _MOST_NAMED} more", Role.SECONDARY))
        body.addSpacing(px(6))
        body.addWidget(
            label(
                "What is not finished is rolled back: nothing is left half stored.",
                Role.SECONDARY,
                wrap=True,
            )
        )
        self.stay_button = button(theme, "Keep working", ButtonKind.PRIMARY)
        self.stay_button.clicked.connect(self.reject)
        self.leave_button = button(theme, "Cancel jobs and quit", ButtonKind.DANGER)
        self.leave_button.clicked.connect(self.accept)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        foot_row = QHBoxLayout(foot)
        foot_row.setContentsMargins(px(16), px(9), px(16), px(8))
        foot_row.setSpacing(px(8))
        foot_row.addStretch(1)
        foot_row.addWidget(self.leave_button)
        foot_row.addWidget(self.stay_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(foot)
        self.stay_button.setDefault(True)


async def may_leave(theme: Theme, running: Sequence[str], window: QWidget) -> bool:
    """Ask whether to quit while jobs run; without any, yes."""
    if not running:
        return True
    dialog = LeaveDialog(theme, running, window)
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    dialog.finished.connect(answer.set_result)
    open_over(window, dialog)
    try:
        return await answer == QDialog.DialogCode.Accepted.value
    finally:
        dialog.deleteLater()
