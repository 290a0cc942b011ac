"""The stretch of time that charts below each other show, and the one cursor through all of them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

_SHORTEST_US = 1_000


class Span(QObject):
    """A range, the part of it in view, a cursor and a chosen part; all in microseconds since 1970."""

    view_changed = Signal()
    cursor_changed = Signal()
    chosen_changed = Signal()
    """The user has chosen another part, or none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.range_us = (0, 1)
        self.from_us, self.to_us = self.range_us
        """The part in view."""
        self.cursor_us: int | None = None
        self.chosen: tuple[int, int] | None = None

    def show_range(self, from_us: int, to_us: int) -> None:
        """Begin with another range, all of it in view; the cursor and what was chosen are gone."""
        self.range_us = self.from_us, self.to_us = from_us, max(to_us, from_us + _SHORTEST_US)
        self.cursor_us = self.chosen = None
        self.view_changed.emit()
        self.cursor_changed.emit()
        self.chosen_changed.emit()

    @property
    def length_us(self) -> int:
        """How much time is in view."""
        return self.to_us - self.from_us

    @property
    def is_whole(self) -> bool:
        """Whether all of the range is in view."""
        return (self.from_us, self.to_us) == self.range_us

    def look_at(self, from_us: int, to_us: int) -> None:
        """Bring a part into view, as much of it as there is."""
        first_us, last_us = self.range_us
        length_us = min(max(to_us - from_us, _SHORTEST_US), last_us - first_us)
        from_us = min(max(from_us, first_us), last_us - length_us)
        view = from_us, from_us + length_us
        if view != (self.from_us, self.to_us):
            self.from_us, self.to_us = view
            self.view_changed.emit()

    def look_at_all(self) -> None:
        """Bring all of it into view."""
        self.look_at(*self.range_us)

    def zoom(self, factor: float, around_us: int) -> None:
        """Show a part that is *factor* times as long, the instant around which staying where it is."""
        length_us = max(_SHORTEST_US, round(self.length_us * factor))
        share = (around_us - self.from_us) / self.length_us
        from_us = around_us - round(share * length_us)
        self.look_at(from_us, from_us + length_us)

    def pan(self, by_us: int) -> None:
        """Show an earlier or later part of the same length."""
        self.look_at(self.from_us + by_us, self.to_us + by_us)

    def bring(self, at_us: int) -> None:
        """Put the cursor at an instant, and that into view."""
        if not self.from_us <= at_us <= self.to_us:
            self.look_at(at_us - self.length_us // 2, at_us - self.length_us // 2 + self.length_us)
        self.set_cursor(at_us)

    def set_cursor(self, at_us: int | None) -> None:
        """Put the cursor at an instant of the range, or take it away."""
        if at_us is not None:
            at_us = min(max(at_us, self.range_us[0]), self.range_us[1])
        if at_us != self.cursor_us:
            self.cursor_us = at_us
            self.cursor_changed.emit()

    def choose(self, chosen: tuple[int, int] | None) -> None:
        """Choose a part, or none."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.chosen_changed.emit()
