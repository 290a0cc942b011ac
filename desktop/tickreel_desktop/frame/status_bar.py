"""The status bar: what the cache holds and spares, what is being worked on, the zone of all times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStatusBar, QWidget

from tickreel.market.units import format_bytes, format_count
from tickreel_desktop.components import BarState, StatusItem
from tickreel_desktop.frame.engine_status import EngineStatus

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_NEARLY_FULL = 0.9


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What is said of the cache."""

    bytes: int
    rows: int
    days: int
    quota_bytes: int | None
    disk_free_bytes: int


class StatusBar(QStatusBar):
    """Show the figures that are always of interest; each leads to where more is told."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self.setSizeGripEnabled(False)
        self.setFixedHeight(theme.px(26))
        self.setContentsMargins(0, 1, 0, 0)
        self.cache = StatusItem(theme, "hard-drives", "Cache")
        self.hits = StatusItem(theme, "stack", "Hit rate")
        self.jobs = StatusItem(theme, "queue")
        self.shared = StatusItem(theme, "users", "Shared cache")
        self.engine = EngineStatus(theme)
        self.llm = StatusItem(theme, "sparkle", "LLM today")
        self.llm.setProperty("place", "end")
        self.zone = StatusItem(theme, "clock")
        self.zone.setProperty("place", "end")
        for item in (self.cache, self.hits, self.jobs, self.shared, self.engine):
            self.addWidget(item)
        self.addPermanentWidget(self.llm)
        self.addPermanentWidget(self.zone)
        self.cache.tell("reading")
        self.hits.tell("no reads yet")
        self.jobs.tell("no jobs")
        self.tell_shared("", "", is_alarming=False)
        self.llm.tell("$0.00")
        zone.changed.connect(self._tell_zone)
        self._tell_zone()

    def tell_cache(self, figures: CacheFigures) -> None:
        """Say what the cache holds, and of how much it may hold."""
        size = format_bytes(figures.bytes)
        about = (
            f"{format_count(figures.rows)} rows in {format_count(figures.days)} days. "
            f"{format_bytes(figures.disk_free_bytes)} free on the disk."
        )
        if figures.quota_bytes:
            part = figures.bytes / figures.quota_bytes
            state = BarState.SLOWED if part > _NEARLY_FULL else BarState.MOVING
            self.cache.show_part(part, state)
            self.cache.tell(f"{size} of {format_bytes(figures.quota_bytes)}", about)
            self.cache.set_alarmed(part > _NEARLY_FULL)
        else:
            self.cache.show_part(None)
            self.cache.set_alarmed(False)
            self.cache.tell(size, f"{about} No quota is set.")

    def tell_hit_rate(self, rate: str, about: str) -> None:
        """Say how often reads found their day here, and of which reads that is."""
        self.hits.tell(rate, about)

    def tell_jobs(self, text: str) -> None:
        """Say what is being worked on, and how much of it has failed."""
        self.jobs.tell(text, "Open the list of jobs")

    def tell_llm(self, text: str, about: str, *, is_nearly_all: bool) -> None:
        """Say what models have cost today, of how much they may."""
        self.llm.tell(text, about)
        self.llm.set_alarmed(is_nearly_all)

    def tell_shared(self, text: str, about: str, *, is_alarming: bool) -> None:
        """Say how the shared cache stands; empty hides it, as where none is set."""
        self.shared.tell(text, about)
        self.shared.set_alarmed(is_alarming)
        self.shared.setVisible(bool(text))

    def set_narrow(self, *, is_narrow: bool) -> None:
        """Leave to the tool-tip what has no room in a narrow window."""
        self.llm.set_bare(is_bare=is_narrow)

    def _tell_zone(self) -> None:
        name = self._zone.name
        self.zone.tell(name, f"Times are shown and typed in {name}; days of data are UTC days.")
