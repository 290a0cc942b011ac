"""The card that a start shows when the last session did not come to its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tickreel.errors import TickreelError
from tickreel.market.units import format_full
from tickreel.replay import parse_link
from tickreel.replay.link import ReplayLink
from tickreel_desktop.components import ButtonKind, IconLabel, button, label
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from tickreel.market.zone import Zone
    from tickreel.session import Interrupted
    from tickreel_desktop.zone import DisplayZone

_SMALLEST_PX = 380
_LARGEST_PX = 640


def heading_of(interrupted: Interrupted, now_us: int, zone: Zone) -> str:
    """Say when the last session was last well; its day only if that is not today."""
    seen_us = interrupted.seen_us
    day = zone.day_of(seen_us)
    on = "" if day == zone.day_of(now_us) else f" on {day.isoformat()}"
    return f"Tickreel closed unexpectedly{on} at {zone.clock(seen_us, 0)[:5]} {zone.short_name(seen_us)}"


def kept_words(interrupted: Interrupted, fetch_jobs: int, zone: Zone) -> str:
    """Say what is there of the last session; *fetch_jobs* are those still in the queue."""
    words = ["Nothing that was stored is lost."]
    if fetch_jobs == 1:
        words.append("A fetch job is still in the queue.")
    elif fetch_jobs:
        words.append(f"{format_full(fetch_jobs)} fetch jobs are still in the queue.")
    link = replay_of(interrupted)
    if link is not None:
        at = "" if link.at_us is None else f" at {moment_text(zone, link.at_us)}"
        words.append(f"The replay of {link.exchange} {link.symbol}{at} can go on.")
    return " ".join(words)


def replay_of(interrupted: Interrupted) -> ReplayLink | None:
    """Give the replay that was open, if there was one and its link is understood."""
    if interrupted.link is None:
        return None
    try:
        link = parse_link(interrupted.link)
    except TickreelError:
        return None
    return link if isinstance(link, ReplayLink) else None


class RecoveryCard(QFrame):
    """Tell of an interrupted session and offer to go on where it was. Hides itself when answered."""

    go_on_requested = Signal(str)
    """Open this link."""
    diagnostics_requested = Signal()
    closed = Signal()
    """It was answered, one way or the other."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        interrupted: Interrupted,
        *,
        fetch_jobs: int = 0,
        now_us: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.CARD)
        px = theme.px
        self.setMinimumWidth(px(_SMALLEST_PX))
        self.setMaximumWidth(px(_LARGEST_PX))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._interrupted = interrupted
        self._fetch_jobs = fetch_jobs
        self._now_us = time.time_ns() // 1000 if now_us is None else now_us
        self._zone = zone
        self._heading = label("", Role.SECTION, wrap=True)
        self._text = label("", Role.SECONDARY, wrap=True)
        zone.changed.connect(self._renew)
        self._renew()
        self._link = interrupted.link if replay_of(interrupted) is not None else None
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(IconLabel(theme, "warning", "warning", 16), 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._heading, 1)
        self.go_on_button = button(theme, "Continue", ButtonKind.PRIMARY)
        self.go_on_button.clicked.connect(lambda: self._go_on())
        self.afresh_button = button(theme, "Start fresh")
        self.afresh_button.clicked.connect(lambda: self._close())
        self.afresh_button.setVisible(self._link is not None)
        self.save_button = button(theme, "Save diagnostics...", ButtonKind.FLAT)
        self.save_button.clicked.connect(lambda: self.diagnostics_requested.emit())
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        buttons.addWidget(self.go_on_button)
        buttons.addWidget(self.afresh_button)
        buttons.addStretch(1)
        buttons.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(12), px(12), px(12))
        column.setSpacing(px(8))
        column.addLayout(head)
        column.addWidget(self._text)
        column.addSpacing(px(2))
        column.addLayout(buttons)

    def _renew(self) -> None:
        heading = heading_of(self._interrupted, self._now_us, self._zone.zone)
        text = kept_words(self._interrupted, self._fetch_jobs, self._zone.zone)
        self._heading.setText(heading)
        self._text.setText(text)
        self.setAccessibleName(f"{heading}. {text}")

    def _go_on(self) -> None:
        if self._link is not None:
            self.go_on_requested.emit(self._link)
        self._close()

    def _close(self) -> None:
        self.hide()
        self.closed.emit()
