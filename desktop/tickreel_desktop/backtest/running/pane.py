"""A run that goes on: how far it is, its equity so far, what the strategy prints, and a way to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from tickreel.jobs import fraction_done
from tickreel_desktop.backtest.running.curve import EquityCurve
from tickreel_desktop.backtest.running.words import failure_words, rest_of, strategy_name
from tickreel_desktop.components import BarState, ButtonKind, ProgressBar, button, label
from tickreel_desktop.jobs.rates import left_words
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent

    from tickreel_desktop.backtest.running.work import Work
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_RENEW_MS = 200


class RunningPane(QFrame):
    """Follow one run as long as it is in view."""

    cancel_asked = Signal(object)
    retry_asked = Signal(object)
    line_asked = Signal(object)

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        px = theme.px
        self._zone = zone
        self._work: Work | None = None
        self._name = label("", Role.TITLE)
        self._rest = label("", Role.SECONDARY)
        self._state = label("", Role.SECONDARY, wrap=True)
        self.bar = ProgressBar("Progress of the run")
        self.curve = EquityCurve(theme)
        self.output = QPlainTextEdit()
        self.output.setReadOnly(True)
        self.output.setAccessibleName("What the strategy prints")
        self.output.setMaximumHeight(px(140))
        set_role(self.output, Role.CODE)
        self.cancel_button = button(theme, "Cancel", ButtonKind.DANGER, icon="stop")
        self.cancel_button.clicked.connect(lambda: self.cancel_asked.emit(self._work))
        self.retry_button = button(theme, "Retry", icon="arrow-clockwise")
        self.retry_button.clicked.connect(lambda: self.retry_asked.emit(self._work))
        self.line_button = button(theme, "Open the line", icon="file-text")
        self.line_button.clicked.connect(lambda: self.line_asked.emit(self._work))
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(self._name)
        head.addWidget(self._rest, 1)
        for each in (self.line_button, self.retry_button, self.cancel_button):
            head.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(12), px(16), px(16))
        column.setSpacing(px(8))
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self._state)
        column.addSpacing(px(4))
        column.addWidget(label("Equity so far", Role.SECTION))
        column.addWidget(self.curve, 1)
        self._printed = label("What the strategy prints", Role.SECTION)
        column.addWidget(self._printed)
        column.addWidget(self.output)
        self._timer = QTimer(self)
        self._timer.setInterval(_RENEW_MS)
        self._timer.timeout.connect(self._renew)

    @property
    def work(self) -> Work | None:
        """What is followed."""
        return self._work

    def state(self) -> str:
        """Give what is said of how it stands."""
        return self._state.text()

    def show_work(self, work: Work) -> None:
        """Follow another run."""
        self._work = work
        self._name.setText(strategy_name(work.base.strategy))
        self._rest.setText(rest_of(work.request, self._zone.zone))
        self.output.clear()
        self._renew()

    def showEvent(self, event: QShowEvent) -> None:
        """Look anew while it is seen."""
        super().showEvent(event)
        self._timer.start()
        self._renew()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        super().hideEvent(event)
        self._timer.stop()

    def _renew(self) -> None:
        work = self._work
        if work is None:
            return
        state, share = work.job.state, fraction_done(work.job.progress)
        has_failed = work.job.error is not None
        self.cancel_button.setVisible(not state.is_final)
        self.cancel_button.setEnabled(not work.job.is_cancel_asked)
        self.retry_button.setVisible(state.is_final)
        failure = work.failure
        self.line_button.setVisible(failure is not None and failure.line is not None)
        is_done = state.is_final and work.job.result is not None
        self.bar.set_fraction(
            1.0 if is_done else share or 0.0, BarState.FAILED if has_failed else BarState.MOVING
        )
        self._state.setText(self._words(work, share))
        none = "It ended before its equity was told a first time" if state.is_final else "No equity yet"
        self.curve.show_samples(work.live.equity(), work.base.start_us, work.base.end_us, none)
        for each in (self._printed, self.output):
            each.setVisible(bool(work.live.said))
        if self.output.toPlainText() != work.live.said:
            self.output.setPlainText(work.live.said)
            bar = self.output.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _words(self, work: Work, share: float | None) -> str:
        if work.job.error is not None:
            return failure_words(work)
        if work.job.state.is_final:
            return "Cancelled, what there was of it is kept" if work.job.result is None else "Done"
        if work.job.is_cancel_asked:
            return "Stopping"
        if not work.live.equity():
            return "Waiting for its turn" if work.live.id is None else "Reading the days"
        progress = work.job.progress
        left = work.meter.left_s(progress.total - progress.done) if progress.total else None
        done = "" if share is None else f"{100 * share:.0f} % done"
        return ", ".join(filter(None, (done, f"about {left_words(left)} left" if left is not None else "")))
