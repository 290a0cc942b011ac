"""The parallel axes of a sweep with their title, and a chip for each brush."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel_desktop.backtest.sweep.parallel_view import MOST_DRAWN, ParallelView
from tickreel_desktop.components import Chip, DockTitle
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.sweeps.trials import Trial
    from tickreel_desktop.backtest.sweep.parallel_axes import ParallelAxis
    from tickreel_desktop.theme import Theme


class LinesPane(QFrame):
    """Show the trials that are done as lines."""

    brushes_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._chips: dict[str, Chip] = {}
        self._count = 0
        self.lines = ParallelView(theme)
        self._title = DockTitle(theme, "Parallel coordinates")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self.lines, 1)
        self.lines.brushes_changed.connect(self._on_brushes_changed)

    def show_trials(self, trials: Sequence[Trial], axes: Sequence[ParallelAxis]) -> None:
        """Draw other trials; brushes on axes that are still there stay."""
        self._count = len(trials)
        self.lines.show_trials(trials, axes)
        self._caption()

    def inside(self) -> frozenset[int] | None:
        """Give the places of the trials inside all brushes; None where there is no brush."""
        return frozenset(trial.place for trial in self.lines.inside()) if self.lines.brushes else None

    def _caption(self) -> None:
        inside = self.inside()
        told = self._count if inside is None else len(inside)
        words = f"{told} trials" if inside is None else f"{told} of {self._count} trials inside the brushes"
        words += f", {MOST_DRAWN} of them drawn; " if told > MOST_DRAWN else "; "
        self._title.set_caption(f"{words}drag on an axis to brush, double click clears")

    def _on_brushes_changed(self) -> None:
        brushes = self.lines.brushes
        for name in set(self._chips) - set(brushes):
            self._chips.pop(name).deleteLater()
        for name in brushes:
            if name not in self._chips:
                chip = self._chips[name] = Chip(self._theme, "", on=True)
                chip.removed.connect(lambda name=name: self.lines.set_brush(name, None))
                self._title.add_control(chip)
            self._chips[name].set_text(self.lines.brush_words(name))
        self._caption()
        self.brushes_changed.emit()
