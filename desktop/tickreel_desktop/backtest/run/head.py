"""The head of a run: what it is, how it ended, by which digests it is known, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from tickreel.backtest.runs.card import RunState
from tickreel_desktop.backtest.runs.rows import SHORT_ID
from tickreel_desktop.backtest.runs.words import days_words, short_strategy, symbol_words
from tickreel_desktop.components import ElidedLabel, Tag, Tone, button, label, tool_button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel.backtest.runs.card import RunCard
    from tickreel_desktop.theme import Theme

_STATES = {
    RunState.RUNNING: ("running", Tone.ACCENT),
    RunState.SUCCEEDED: ("complete", Tone.GOOD),
    RunState.FAILED: ("failed", Tone.ERROR),
    RunState.CANCELLED: ("cancelled", Tone.WARNING),
}
_DIGEST = 6
_MOST_TAGS = 4


class RunHead(QFrame):
    """Name a run, and offer what can be done with it."""

    replay_asked = Signal()
    rerun_asked = Signal()
    report_asked = Signal()
    more_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        px = theme.px
        self.name = ElidedLabel()
        set_role(self.name, Role.TITLE)
        self.run_id = label("", Role.SECONDARY)
        self.state = Tag("")
        self._tags: list[Tag] = []
        self.told = ElidedLabel()
        set_role(self.told, Role.CAPTION)
        self._words = QHBoxLayout()
        self._words.setSpacing(px(8))
        for each in (self.name, self.run_id, self.state):
            self._words.addWidget(each)
        self._words.addStretch(1)
        texts = QVBoxLayout()
        texts.setSpacing(px(2))
        texts.addLayout(self._words)
        texts.addWidget(self.told)
        self.replay_button = button(theme, "Replay this run", icon="play")
        self.rerun_button = button(theme, "Re-run", icon="arrow-clockwise")
        self.report_button = button(theme, "Report", icon="export")
        self.more_button = tool_button(theme, "dots-three", "More of this run")
        self.replay_button.clicked.connect(self.replay_asked)
        self.rerun_button.clicked.connect(self.rerun_asked)
        self.report_button.clicked.connect(self.report_asked)
        self.more_button.clicked.connect(self.more_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(14), px(8), px(10), px(8))
        row.setSpacing(px(8))
        row.addLayout(texts, 1)
        for act in (self.replay_button, self.rerun_button, self.report_button, self.more_button):
            row.addWidget(act)

    def show_card(self, card: RunCard) -> None:
        """Show a run."""
        name = short_strategy(str(card.strategy["name"]))
        self.name.setText(name)
        self.run_id.setText(f"run {card.id[:SHORT_ID]}")
        self.run_id.setToolTip(f"Run {card.id}")
        words, tone = _STATES[card.state]
        self.state.set_state(words, tone)
        self._show_tags(card.tags)
        self.told.setText(told_of(card))
        self.told.setToolTip(_digests(card, whole=True))
        for act in (self.replay_button, self.rerun_button, self.report_button):
            act.setEnabled(card.state.is_final)
        self.replay_button.setEnabled(bool(card.orders))

    def open_menu(self, menu: QMenu) -> None:
        """Open a menu below the last button."""
        menu.popup(self.more_button.mapToGlobal(self.more_button.rect().bottomLeft()))

    def tags(self) -> tuple[str, ...]:
        """Give the tags that are shown."""
        return tuple(tag.text() for tag in self._tags)

    def _show_tags(self, tags: tuple[str, ...]) -> None:
        for old in self._tags:
            self._words.removeWidget(old)
            old.hide()
            old.deleteLater()
        shown = list(tags[:_MOST_TAGS])
        if len(tags) > _MOST_TAGS:
            shown.append(f"+ {len(tags) - _MOST_TAGS}")
        self._tags = [Tag(text) for text in shown]
        for tag in self._tags:
            tag.setToolTip(", ".join(tags))
            self._words.insertWidget(self._words.count() - 1, tag)


def told_of(card: RunCard) -> str:
    """Say on what a run ran: symbols, days, digests of data, code and settings."""
    symbols = symbol_words([f"{one['exchange']}:{one['symbol']}" for one in card.instruments])
    missing = len({one["day"] for one in card.missing_days})
    without = f" without {missing} {'day' if missing == 1 else 'days'}" if missing else ""
    return f"{symbols}, {days_words(card.from_us, card.to_us)}{without}. {_digests(card, whole=False)}"


def _digests(card: RunCard, *, whole: bool) -> str:
    length = None if whole else _DIGEST
    parts = [
        ("data", card.data_sha256),
        ("code", card.strategy["sha256"]),
        ("settings", card.settings_sha256),
    ]
    said = [f"{name} {digest[:length]}" for name, digest in parts if digest]
    text = ("\n" if whole else ", ").join(said)
    return f"{text[:1].upper()}{text[1:]}"
