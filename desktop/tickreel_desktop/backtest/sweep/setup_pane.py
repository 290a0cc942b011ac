"""What a sweep was asked, how far it is, how far to trust it, and what can be done with a region of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from tickreel.backtest.sweeps.trials import TrialState
from tickreel.market.units import ABSENT, format_duration_s
from tickreel_desktop.backtest.sweep.figures import ratio_period, short, value_text
from tickreel_desktop.components import (
    Banner,
    BannerKind,
    BarState,
    ButtonKind,
    ElidedLabel,
    KeyValues,
    ProgressBar,
    Tag,
    Tone,
    button,
    label,
)
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import range_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.sweeps.trials import GridAxis, Trials
    from tickreel.backtest.sweeps.trust import Trust
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_TRIALS, _BEST, _LUCK, _DEFLATED, _REGION = (
    "Trials so far on this data",
    "Best Sharpe as measured",
    "Best expected by luck",
    "Deflated Sharpe ratio of the best",
    "Same for the region median",
)
_DEFLATED_TIP = (
    "The chance that the true ratio is above what luck alone gives so many trials, from the skewness and "
    "kurtosis of the returns: Bailey and Lopez de Prado, The Deflated Sharpe Ratio, 2014."
)
_CERTAIN = 0.95
"""Deflated ratio below which the warning stays."""


@dataclass(frozen=True, slots=True)
class SweepWork:
    """What is told of a sweep that this program is doing."""

    workers: int
    left_s: float | None = None
    is_paused: bool = False
    shares: Mapping[int, float] = field(default_factory=dict)
    """How far trials under way have come, by their place, 0 to 1."""


class SetupPane(QFrame):
    """The left column of a sweep."""

    pause_asked = Signal(bool)
    """Begin no new trial, or go on."""
    cancel_asked = Signal()
    resume_asked = Signal()
    refine_asked = Signal()
    compare_asked = Signal()

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self._work: SweepWork | None = None
        self._trials: Trials | None = None
        self._strategy = label("", Role.SECTION)
        self._span = label("", Role.CAPTION, wrap=True)
        self.state = Tag("")
        self._bar = ProgressBar("Trials done")
        self._count = label("", Role.SECTION)
        self._under = ElidedLabel("")
        self._left = label("", Role.CAPTION)
        set_role(self._under, Role.CAPTION)
        self.pause = button(theme, "Pause new", icon="pause")
        self.cancel = button(theme, "Cancel", ButtonKind.DANGER, icon="stop")
        self.resume = button(theme, "Resume", ButtonKind.PRIMARY, icon="play")
        self._kept = label(
            "Finished trials are kept. A closed window or a crash resumes here.", Role.CAPTION, wrap=True
        )
        self._grid = QGridLayout()
        self._grid_names: tuple[str, ...] = ()
        self.trust = KeyValues(theme, (_TRIALS, _BEST, _LUCK, _DEFLATED, _REGION))
        self.trust.setToolTip(_DEFLATED_TIP)
        self._rests = label("", Role.CAPTION)
        self._rests.hide()
        self.warning = Banner(theme, BannerKind.WARNING, "")
        self.warning.hide()
        self._region = label("", Role.SECONDARY, wrap=True)
        self.refine = button(theme, "Refine in region", ButtonKind.PRIMARY)
        self.compare = button(theme, "Compare")
        self._build()
        self.pause.clicked.connect(self._on_pause_clicked)
        self.cancel.clicked.connect(lambda: self.cancel_asked.emit())
        self.resume.clicked.connect(lambda: self.resume_asked.emit())
        self.refine.clicked.connect(lambda: self.refine_asked.emit())
        self.compare.clicked.connect(lambda: self.compare_asked.emit())
        zone.changed.connect(self._renew)

    def _on_pause_clicked(self) -> None:
        self.pause_asked.emit(self._work is None or not self._work.is_paused)

    def _build(self) -> None:
        px = self._theme.px
        page = QFrame()
        set_role(page, Role.PANEL)
        column = QVBoxLayout(page)
        column.setContentsMargins(px(14), px(12), px(14), px(12))
        column.setSpacing(px(6))

        def row(*widgets: QWidget, stretch: int | None = None) -> None:
            line = QHBoxLayout()
            line.setSpacing(px(8))
            for place, widget in enumerate(widgets):
                line.addWidget(widget, int(place == stretch))
            if stretch is None:
                line.addStretch(1)
            column.addLayout(line)

        def section(text: str) -> None:
            rule = QFrame()
            set_role(rule, Role.LINE)
            rule.setFixedHeight(1)
            column.addSpacing(px(8))
            column.addWidget(rule)
            column.addSpacing(px(4))
            column.addWidget(label(text, Role.SECTION))

        row(self._strategy, self.state, stretch=0)
        column.addWidget(self._span)
        row(self._bar, self._count, stretch=0)
        row(self._under, self._left, stretch=0)
        row(self.pause, self.cancel, self.resume)
        column.addWidget(self._kept)
        section("Grid")
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(4))
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        section("How far to trust this")
        self.trust.set_margins(0, 0)
        column.addWidget(self.trust)
        column.addWidget(self._rests)
        column.addWidget(self.warning)
        section("Selected region")
        column.addWidget(self._region)
        row(self.refine, self.compare)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)
        self.setMinimumWidth(px(280))

    def show_trials(self, trials: Trials) -> None:
        """Tell of a sweep as it stands."""
        self._trials = trials
        self._show_grid(trials)
        self._renew()

    def show_work(self, work: SweepWork | None) -> None:
        """Tell of what this program is doing of it; None where it does nothing."""
        self._work = work
        self._renew()

    def _renew(self) -> None:
        trials, work = self._trials, self._work
        if trials is None:
            return
        base = trials.request.base
        self._strategy.setText(next((t.card.strategy["name"] for t in trials.all if t.card), base.strategy))
        symbols = ", ".join(symbol for _, symbol in base.instruments)
        self._span.setText(f"{symbols}, {range_text(self._zone.zone, base.start_us, base.end_us)}")
        done, failed, running = (
            trials.count(state) for state in (TrialState.DONE, TrialState.FAILED, TrialState.RUNNING)
        )
        total, ended = len(trials.all), done + failed
        is_moving = work is not None or running > 0
        if trials.is_over:
            self.state.set_state("done" if not failed else f"{failed} failed", Tone.NEUTRAL)
        elif work is not None and work.is_paused:
            self.state.set_state("paused", Tone.NEUTRAL)
        else:
            self.state.set_state(
                "running" if is_moving else "stopped", Tone.ACCENT if is_moving else Tone.WARNING
            )
        is_waiting = not is_moving or (work is not None and work.is_paused)
        self._bar.set_fraction(ended / total, BarState.WAITING if is_waiting else BarState.MOVING)
        self._count.setText(f"{ended} of {total}")
        parts = [f"{running} running"] if running else []
        parts += [f"{failed} failed"] if failed else []
        self._under.setText(", ".join(parts))
        self._under.setVisible(bool(parts) or work is not None)
        left = "" if work is None or work.left_s is None else f"{format_duration_s(work.left_s)} left on "
        workers = "" if work is None else f"{work.workers} {'worker' if work.workers == 1 else 'workers'}"
        self._left.setText(f"{left}{workers}")
        self._left.setVisible(work is not None)
        self.pause.setVisible(work is not None)
        self.pause.setText("Go on" if work is not None and work.is_paused else "Pause new")
        self.cancel.setVisible(work is not None)
        self.resume.setVisible(work is None and not running and not trials.is_over)
        self._kept.setVisible(not trials.is_over)

    def _show_grid(self, trials: Trials) -> None:
        given = {**trials.request.base.params}
        names = (*(axis.name for axis in trials.axes), *given)
        if names == self._grid_names:
            return
        self._grid_names = names
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for place, axis in enumerate(trials.axes):
            self._grid_row(place, axis.name, steps_text(axis), Role.SECTION)
        for place, (name, value) in enumerate(given.items(), len(trials.axes)):
            self._grid_row(place, name, value_text(value), Role.SECONDARY)

    def _grid_row(self, place: int, name: str, text: str, role: Role) -> None:
        value = ElidedLabel(text)
        set_role(value, role)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        caption: QLabel = label(name, Role.MONO)
        self._grid.addWidget(caption, place, 0)
        self._grid.addWidget(value, place, 1)

    def show_trust(self, trust: Trust) -> None:
        """Tell what the results are worth."""

        def text(value: float | None, decimals: int = 0) -> str:
            return "" if value is None else f"{value:.{decimals}f}" if decimals else short(value)

        self.trust.set_value(_TRIALS, str(trust.trials))
        self.trust.set_value(_BEST, text(trust.best))
        self.trust.set_value(_LUCK, text(trust.by_luck))
        self.trust.set_value(_DEFLATED, text(trust.deflated, 2))
        self.trust.set_value(_REGION, text(trust.region_deflated, 2))
        rests = "annual" if trust.is_annual else f"per {ratio_period(trust.period_s)}"
        self._rests.setText(f"Sharpe ratios are {rests}." if trust.best is not None else "")
        self._rests.setVisible(trust.best is not None)
        words = trust.problem or self._doubts(trust)
        self.warning.set_kind(BannerKind.NOTE if trust.problem else BannerKind.WARNING)
        self.warning.set_text(words)
        self.warning.setVisible(bool(words))

    def show_problem(self, problem: str) -> None:
        """Say why the results cannot be weighed."""
        self.warning.set_kind(BannerKind.ERROR)
        self.warning.set_text(problem)
        self.warning.show()

    def _doubts(self, trust: Trust) -> str:
        if self._trials is None or trust.trials < 2:
            return ""
        if trust.deflated is not None and trust.deflated >= _CERTAIN:
            return ""
        base = self._trials.request.base
        length = format_duration_s((base.end_us - base.start_us) / 1e6)
        count = len(base.instruments)
        symbols = "one symbol" if count == 1 else f"{count} symbols"
        return f"{trust.trials} trials on {length} of {symbols}. Keep other days back as an untouched test."

    def show_region(self, words: str, count: int, *, can_refine: bool) -> None:
        """Say what the region holds: *count* runs that can be compared."""
        self._region.setText(words)
        self.refine.setEnabled(can_refine)
        self.refine.setToolTip("" if can_refine else "Select cells along an axis of numbers")
        self.compare.setText(f"Compare {count}" if count else "Compare")
        self.compare.setEnabled(count > 1)
        self.compare.setToolTip("" if count > 1 else "Select two trials or more that are done")


def steps_text(axis: GridAxis) -> str:
    """Say what an axis goes through: ``0.4 to 4, 10 steps``."""
    values = axis.values
    if len(values) == 1:
        return value_text(values[0])
    if len(values) > 3 and all(isinstance(value, int | float) for value in values):
        return f"{value_text(min(values))} to {value_text(max(values))}, {len(values)} steps"
    return ", ".join(map(value_text, values)) or ABSENT
