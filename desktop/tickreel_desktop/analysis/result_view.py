"""One analysis: when and by whom, its words, its findings, what of it could not be taken, what it cost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tickreel.analysis import CallState, check_text
from tickreel.analysis.answers import prose_so_far
from tickreel.market.units import format_duration_s
from tickreel_desktop.analysis.figure_text import FigureText
from tickreel_desktop.analysis.finding_card import FindingCard
from tickreel_desktop.analysis.words import account_words, match_words, stop_words
from tickreel_desktop.components import ElidedLabel, Tag, Tone, label
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel.analysis import Snapshot
    from tickreel.analysis.history import Kept, Mark
    from tickreel.analysis.keeping import KeptAnalysis
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class ResultView(QFrame):
    """Show an analysis while it comes, as it is, or as far as it came."""

    figure_chosen = Signal(str)
    finding_chosen = Signal(int)
    """The moment of a finding, by its number from 0 on, shall be shown."""
    pin_wanted = Signal(int, bool)
    rating_wanted = Signal(int, int)

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self._span = (0, 0)
        self._text = ""
        self.cards: list[FindingCard] = []
        self._analysis: KeptAnalysis | None = None
        self._coming = QTimer(self)
        self._coming.timeout.connect(self._make_next)
        px = theme.px
        self.heading = ElidedLabel("")
        set_role(self.heading, Role.SECTION)
        self.tag = Tag("")
        self.question = label("", Role.SECONDARY, wrap=True)
        self.prose = FigureText(theme, "What the analyst says")
        self.prose.figure_chosen.connect(self.figure_chosen)
        self.match = label("", Role.CAPTION, wrap=True)
        self.problems = label("", Role.CAPTION, wrap=True)
        set_style_property(self.problems, "tone", str(Tone.WARNING))
        self.account = label("", Role.CAPTION, wrap=True)
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(self.tag)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(8))
        self._column.addLayout(head)
        for each in (self.question, self.prose, self.match, self.problems, self.account):
            self._column.addWidget(each)
        zone.changed.connect(self._tell_span)
        self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self._text = ""
        self._coming.stop()
        self._drop_cards()
        self.hide()

    def begin(self, from_us: int, to_us: int, question: str, state: str) -> None:
        """Show that an answer about a window is awaited."""
        self.clear()
        self._head((from_us, to_us), question, state, Tone.ACCENT)
        self.prose.show_unchecked("", is_coming=True)
        for each in (self.match, self.problems, self.account):
            each.hide()
        self.show()

    def say(self, text: str) -> None:
        """Add to what is said."""
        self._text += text
        self.tag.set_state("streaming", Tone.ACCENT)
        self.prose.show_unchecked(self._text, is_coming=True)

    def set_state(self, text: str) -> None:
        """Say what is waited for."""
        self.tag.set_state(text, Tone.ACCENT)

    def show_analysis(self, analysis: KeptAnalysis) -> None:
        """Show an analysis that is over."""
        kept, answer, figures = analysis.kept, analysis.answer, analysis.figures
        self.clear()
        state, tone = _state_of(analysis)
        self._head((kept.from_us, kept.to_us), kept.question, state, tone)
        self._show_prose(answer.prose, figures)
        self._analysis = analysis
        if answer.findings:
            self._coming.start()
        problems = [*answer.problems]
        if not kept.is_whole:
            problems.append("the answer was cut at its greatest length")
        self._show_line(self.problems, "\n".join(f"{each[:1].upper()}{each[1:]}." for each in problems))
        part = "" if kept.windows == 1 else f", window {kept.number + 1} of {kept.windows} of one call"
        self._show_line(self.account, f"{kept.exchange} {kept.symbol}{part}. {account_words(kept)}.")
        self.show()

    @property
    def is_complete(self) -> bool:
        """Whether all findings are shown; each is made in a turn of its own, to not keep the window."""
        return not self._coming.isActive()

    def _make_next(self) -> None:
        analysis, number = self._analysis, len(self.cards)
        assert analysis is not None  # the timer runs for one
        kept, figures, finding = analysis.kept, analysis.figures, analysis.answer.findings[number]
        check = None if figures is None else check_text(finding.text, figures, cited=finding.figures)
        card = FindingCard(self._theme, number + 1, finding, check, figures, kept.marks.get(number))
        card.allow_marks(is_possible=kept.answered_by is not None)
        card.figure_chosen.connect(self.figure_chosen)
        card.moment_wanted.connect(partial(self.finding_chosen.emit, number))
        card.pin_wanted.connect(partial(self.pin_wanted.emit, number))
        card.rating_wanted.connect(partial(self.rating_wanted.emit, number))
        self._column.insertWidget(self._column.indexOf(self.problems), card)
        self.cards.append(card)
        if len(self.cards) == len(analysis.answer.findings):
            self._coming.stop()

    def show_part(self, kept: Kept, text: str) -> None:
        """Show how far a call came that was stopped or failed, and what that cost."""
        self.clear()
        is_stopped = kept.call.state is CallState.STOPPED
        self._head(
            (kept.from_us, kept.to_us),
            kept.question,
            "stopped by you" if is_stopped else "failed",
            Tone.WARNING if is_stopped else Tone.ERROR,
        )
        said = prose_so_far(kept.partial) or text
        self.prose.show_unchecked(f"{said} …" if said else "Nothing had come yet.")
        told = stop_words(kept.call) if is_stopped else f"{account_words(kept)}."
        self._show_line(self.match, "Not checked: the answer did not end.")
        set_style_property(self.match, "tone", "")
        self._show_line(self.problems, "" if is_stopped else kept.call.reason)
        self._show_line(self.account, told)
        self.show()

    def show_mark(self, finding: int, mark: Mark) -> None:
        """Show what was noted of a finding."""
        if finding < len(self.cards):
            self.cards[finding].show_mark(mark)

    def text(self) -> str:
        """Give what is said, without its findings."""
        return self.prose.toPlainText()

    def _show_prose(self, text: str, figures: Snapshot | None) -> None:
        self.prose.setVisible(bool(text))
        if figures is None:
            self.prose.show_unchecked(text)
            self._show_line(
                self.match, "Not checked: the figures that it was made from are not here any more."
            )
            set_style_property(self.match, "tone", str(Tone.WARNING))
            return
        check = check_text(text, figures)
        self.prose.show_checked(text, check, figures)
        told, is_good = match_words((check,))
        is_worth_telling = not (check.is_true and check.is_directed)
        self._show_line(self.match, f"{told[:1].upper()}{told[1:]}." if is_worth_telling else "")
        set_style_property(self.match, "tone", str(Tone.GOOD if is_good else Tone.WARNING))

    def _head(self, span: tuple[int, int], question: str, state: str, tone: Tone) -> None:
        self._span = span
        self._tell_span()
        self.tag.set_state(state, tone)
        self.tag.setVisible(bool(state))
        self._show_line(self.question, question)

    def _tell_span(self) -> None:
        from_us, to_us = self._span
        length = format_duration_s((to_us - from_us) / 1e6)
        self.heading.setText(f"{self._zone.zone.clock(to_us, 0)}, last {length}")

    def _show_line(self, line: QLabel, text: str) -> None:
        line.setText(text)
        line.setVisible(bool(text))

    def _drop_cards(self) -> None:
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []


def _state_of(analysis: KeptAnalysis) -> tuple[str, Tone]:
    if analysis.is_stale:
        return "stale: the day's data changed", Tone.WARNING
    if analysis.kept.call.state is CallState.CACHED:
        return "from store", Tone.NEUTRAL
    return "", Tone.NEUTRAL
