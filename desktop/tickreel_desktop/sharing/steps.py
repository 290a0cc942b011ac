"""The steps of a test of the connection: what was tried, what came of it, and how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from tickreel.market.units import format_duration_s
from tickreel.shared.trouble import Trouble
from tickreel_desktop.components import ElidedLabel, IconLabel, label
from tickreel_desktop.components.sentences import sentence
from tickreel_desktop.sharing.standing import trouble_words
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.shared.trial import Tried
    from tickreel_desktop.theme import ColourName
    from tickreel_resources import IconName

_NAMES = {
    "reached": "Reached",
    "encrypted": "Encrypted",
    "signed in": "Signed in",
    "answers": "Answers",
    "takes days": "Takes days",
    "gives days": "Gives days",
    "grants leases": "Grants leases",
    "tells of changes": "Tells of changes",
    "has room": "Has room",
}
"""By the steps of the core, in their order."""
_LOOKS: dict[str, tuple[IconName, ColourName]] = {
    "good": ("check", "good"),
    "warning": ("warning", "warning"),
    "failed": ("x-circle", "error"),
    "skipped": ("minus", "text_3"),
}
_TROUBLES = frozenset(trouble.value for trouble in Trouble)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TrialSteps(QFrame):
    """Show all steps, also those that were not tried."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.CARD)
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(2, 1)
        self._rows = {}
        for row, (step, name) in enumerate(_NAMES.items()):
            icon = IconLabel(theme, *_LOOKS["skipped"], 14)
            told, took = ElidedLabel(), label("", Role.CAPTION)
            set_role(told, Role.CAPTION)
            took.setAlignment(_RIGHT)
            grid.addWidget(icon, row, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label(name, Role.SECONDARY), row, 1)
            grid.addWidget(told, row, 2)
            grid.addWidget(took, row, 3)
            self._rows[step] = (icon, told, took)
        self.clear()

    def clear(self) -> None:
        """Show that nothing was tried yet."""
        for icon, told, took in self._rows.values():
            icon.set_icon(*_LOOKS["skipped"])
            told.setText("")
            took.setText("")
        self.setAccessibleName("Steps of the test: not tested yet")

    def show_steps(self, tried: Sequence[Tried]) -> None:
        """Show what came of each."""
        for one in tried:
            icon, told, took = self._rows[one.step]
            icon.set_icon(*_LOOKS[one.outcome])
            words, advice = _words(one)
            told.setText(words)
            told.setToolTip("\n".join(filter(None, (words, advice))))
            took.setText("" if one.took_s is None else format_duration_s(one.took_s))
        self.setAccessibleName(f"Steps of the test: {self.text()}")

    def text(self) -> str:
        """Give what is shown, in one line."""
        return "; ".join(f"{_NAMES[step]}: {told.text()}" for step, (_, told, _) in self._rows.items())


def _words(one: Tried) -> tuple[str, str]:
    """Say what came of a step, and what to do."""
    if one.told in _TROUBLES:
        return trouble_words(Trouble(one.told))
    advice = sentence(one.advice) if one.advice else ""
    if one.outcome == "skipped":
        return one.told or "not tried", advice
    return one.told or ("yes" if one.outcome == "good" else one.outcome.value), advice


def verdict_of(tried: Sequence[Tried]) -> tuple[str, str]:
    """Sum a test up: how grave it is (an outcome), and a sentence."""
    for outcome in ("failed", "warning"):
        found = next((one for one in tried if one.outcome == outcome), None)
        if found is not None:
            words, advice = _words(found)
            return outcome, f"{_NAMES[found.step]}: {advice or sentence(words)}"
    return "good", "The server does all that a shared cache has to."
