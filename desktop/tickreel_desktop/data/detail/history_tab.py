"""The versions of the opened day: the one that is held, and those in the trash that could come back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from tickreel.market.units import ABSENT, format_bytes, format_full
from tickreel.store.model import DayRange
from tickreel_desktop.components import button, label
from tickreel_desktop.data.detail.day_words import long_day
from tickreel_desktop.data.detail.facts import Facts
from tickreel_desktop.data.detail.list_tab import ListTab
from tickreel_desktop.data.detail.plain_table import PlainColumn
from tickreel_desktop.data.detail.reader import DetailReader, Question
from tickreel_desktop.data.detail.reading import Version, versions_of

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.data.detail.subject import Subject
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_FACTS = ("Rows SHA-256",)


class HistoryTab(ListTab[Version]):
    """List the versions of a day."""

    restore_requested = Signal(object)
    """The ``TrashEntry`` that is to become the held version again."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, reader: DetailReader, parent: QWidget | None = None
    ) -> None:
        self._zone = zone
        self._reader = reader
        self._shown: DayRange | None = None
        columns: tuple[PlainColumn[Version], ...] = (
            PlainColumn("Stored", self._stored_text, 154),
            PlainColumn("Version", _state_text, 92),
            PlainColumn("Source", lambda version: version.source or ABSENT, 62),
            PlainColumn("Rows", lambda version: format_full(version.rows), 80, is_number=True),
            PlainColumn("Size", lambda version: format_bytes(version.bytes), 70, is_number=True),
        )
        super().__init__(
            theme,
            "Versions of the day",
            columns,
            icon="clock-counter-clockwise",
            secondary=frozenset({2}),
            parent=parent,
        )
        self.words = label("", wrap=True)
        self.words.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), 0)
        self.facts = Facts(theme, _FACTS)
        self.restore = button(theme, "Restore this version", icon="clock-counter-clockwise")
        self.restore.clicked.connect(lambda: self._on_restore())
        self._tell_by((self.words, self.facts), self.restore)
        zone.changed.connect(self.listed.renew)

    def leave(self) -> None:
        """Let go of what is asked."""
        self._reader.drop("history")

    def show_subject(self, subject: Subject) -> None:
        """List the versions of the opened day; the trash may have changed although the day has not."""
        self.title.setText(long_day(subject.opened))
        days = DayRange(subject.key, subject.opened, subject.opened)
        if days != self._shown:
            # What stands here is of another day, and none of it may be put back meanwhile.
            self._shown = days
            self.listed.replace(())
            self._show_selected()
        self._reader.ask(
            "history",
            Question(
                work=lambda cache, _monitor: versions_of(cache, days),
                done=self._on_versions,
                failed=partial(self._list_none, "The versions are not known"),
            ),
        )

    def _on_versions(self, versions: tuple[Version, ...]) -> None:
        if not versions:
            self._list_none("No versions", "Nothing is held of this day, nor in the trash.")
            return
        before = self._selected()
        self._list(versions, versions.index(before) if before in versions else 0)

    def _show_selected(self) -> None:
        version = self._selected()
        is_trashed = version is not None and version.entry is not None
        reason = self._reader.reason_read_only
        if not reason and not is_trashed:
            reason = "Choose a version in the trash first"
        self.restore.setEnabled(not reason)
        self.restore.setToolTip(reason or "Put this version back; what is held now goes to the trash")
        self.words.setText("" if version is None else self._words_of(version))
        self.facts.set_text("Rows SHA-256", "" if version is None else version.rows_sha256)

    def _words_of(self, version: Version) -> str:
        entry = version.entry
        if entry is None:
            return "This version is held now."
        zone = self._zone.zone
        words = [f"In the trash since {zone.stamp(entry.trashed_us, 0)} {zone.short_name(entry.trashed_us)}"]
        if entry.reason:
            words[0] += f" ({entry.reason})"
        words[0] += "."
        if version.differs:
            words.append("Its rows differ from those that are held now.")
        if entry.holders:
            words.append(f"Needed by {', '.join(entry.holders)}.")
        return " ".join(words)

    def _stored_text(self, version: Version) -> str:
        return ABSENT if version.stored_us is None else self._zone.zone.stamp(version.stored_us, 0)

    def _on_restore(self) -> None:
        version = self._selected()
        if version is not None and version.entry is not None:
            self.restore_requested.emit(version.entry)


def _state_text(version: Version) -> str:
    if version.entry is None:
        return "current"
    return "trash, differs" if version.differs else "trash"
