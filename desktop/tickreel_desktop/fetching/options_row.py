"""How it is to be done: what is left out, what is replaced, whether it goes on, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from tickreel.fetch.request import Origin
from tickreel.market.units import format_full
from tickreel_desktop.components import Segment, Segments, label
from tickreel_desktop.fetching.fates import Fate
from tickreel_desktop.fetching.words import fate_counts
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from tickreel_desktop.fetching.preview import Preview
    from tickreel_desktop.fetching.wish import FetchWish
    from tickreel_desktop.theme import Theme

_ANY = Qt.AlignmentFlag(0)


class FetchOptions(QWidget):
    """Ask how; an option that would change nothing is not shown."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bad = QCheckBox("Fetch days that are known to be bad as well")
        self.replace = QCheckBox("Replace days that are held in part")
        self.replace.setChecked(True)
        self._replace_note = label(
            "The old parts go to the trash once the whole day is here.", Role.CAPTION, wrap=True
        )
        self.pin = QCheckBox("Pin the days, those that are here as well")
        self.keep = QCheckBox("Keep doing this: fetch new days as they are published")
        self._keep_note = label("", Role.CAPTION, wrap=True)
        self.over = QCheckBox("Go on beyond the calls of the plan")
        self.source = Segments(
            theme,
            "Where the rows come from",
            (Segment(Origin.DATASETS.value, "Tardis files"), Segment(Origin.MACHINE.value, "tardis-machine")),
            small=True,
        )
        self.source.choose(Origin.DATASETS.value)
        self.source.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(7))
        column.addWidget(self.source, 0, Qt.AlignmentFlag.AlignLeft)
        boxes = (self.bad, self.replace, self.pin, self.keep, self.over)
        for widget in (*boxes[:2], self._replace_note, *boxes[2:4], self._keep_note, self.over):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if isinstance(widget, QCheckBox) else _ANY)
        for note in (self._replace_note, self._keep_note):
            note.setContentsMargins(theme.px(22), 0, 0, theme.px(2))
        for box in boxes:
            box.toggled.connect(lambda _on: self.changed.emit())
        self.source.chosen.connect(lambda _key: self.changed.emit())
        self.show_preview(None)
        self.show_watch(is_watching=False)

    @property
    def origin(self) -> Origin:
        """Give what serves the rows."""
        return Origin(self.source.value())

    def offer_machine(self, *, is_there: bool) -> None:
        """Let a tardis-machine be chosen where one is set."""
        self.source.setVisible(is_there)

    def show_watch(self, *, is_watching: bool) -> None:
        """Say who will look after what is kept complete."""
        self._keep_note.setText(
            "This window looks for new days while it is open; so does “tickreel jobs run --watch”."
            if is_watching
            else "“tickreel jobs run --watch” looks for new days, and this window if Standing orders says so."
        )

    def fill(self, wish: FetchWish) -> None:
        """Show how a wish wants it, without telling anyone."""
        ticked = (
            (self.bad, not wish.leaves_out_bad),
            (self.replace, not wish.keeps_partial),
            (self.pin, wish.pins),
            (self.keep, wish.keeps_on),
            (self.over, wish.goes_over_budget),
        )
        for box, is_on in ticked:
            box.blockSignals(True)
            box.setChecked(is_on)
            box.blockSignals(False)
        self.source.choose(wish.origin.value)

    def show_preview(self, preview: Preview | None) -> None:
        """Offer what would change something."""
        flawed = sum(bool(item.flaw) for item in preview.plan.items) if preview else 0
        counts = fate_counts(preview) if preview else {}
        partial = counts.get(Fate.REPLACE, 0) + counts.get(Fate.PARTIAL, 0)
        has_files = self.origin is Origin.DATASETS
        bad = "day" if flawed == 1 else f"{format_full(flawed)} days"
        self.bad.setText(f"Fetch the {bad} known to be bad as well")
        self.bad.setVisible(bool(flawed))
        held = "day that is" if partial == 1 else f"{format_full(partial)} days that are"
        self.replace.setText(f"Replace the {held} held in part")
        self.replace.setVisible(bool(partial) and has_files)
        self._replace_note.setVisible(self.replace.isVisibleTo(self) and self.replace.isChecked())
        self.keep.setVisible(has_files)
        self._keep_note.setVisible(has_files and self.keep.isChecked())
        verdict = preview.verdict if preview else None
        is_over = verdict is not None and not verdict.is_allowed
        self.over.setVisible(is_over or self.over.isChecked())
