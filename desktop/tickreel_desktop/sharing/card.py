"""The card of the connection: how the shared cache stands, its figures, a test, and whether it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from tickreel_desktop.components import (
    Banner,
    BannerKind,
    ButtonKind,
    CommandLine,
    EmptyState,
    IconLabel,
    KeyValues,
    Segment,
    Segments,
    Tone,
    button,
    label,
)
from tickreel_desktop.components.announce import announce
from tickreel_desktop.sharing.figures import CAPTIONS, figures
from tickreel_desktop.sharing.standing import standing_of
from tickreel_desktop.sharing.steps import TrialSteps, verdict_of
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.shared.trial import Tried
    from tickreel_desktop.sharing.look import SharedLook
    from tickreel_desktop.sharing.standing import Standing
    from tickreel_desktop.theme import ColourName
    from tickreel_resources import IconName

_WIDTH_PX = 620
_ROOM_PX = 40
_LEAST_PX = 320
_LOOKS: dict[Tone, tuple[IconName, ColourName]] = {
    Tone.GOOD: ("check-circle", "good"),
    Tone.NEUTRAL: ("stack", "text_2"),
    Tone.WARNING: ("warning", "warning"),
    Tone.ERROR: ("x-circle", "error"),
}
_KINDS = {
    Tone.GOOD: BannerKind.NOTE,
    Tone.NEUTRAL: BannerKind.NOTE,
    Tone.WARNING: BannerKind.WARNING,
    Tone.ERROR: BannerKind.ERROR,
}
_VERDICTS: dict[str, tuple[IconName, ColourName]] = {
    "good": ("check-circle", "good"),
    "warning": ("warning", "warning"),
    "failed": ("x-circle", "error"),
}
_HOW = "Each step of the way to the server, over a connection of its own. Nothing that is there is touched."


class SharedCard(QDialog):
    """Show what :meth:`show_look` brings. Use ``open()``."""

    cure_wanted = Signal(object)
    """The :class:`Cure` that the user wants for what is wrong."""
    test_wanted = Signal()
    """Ends with :meth:`show_tried` or :meth:`show_no_test`."""
    tiers_chosen = Signal(str)
    """Where days are to be kept: a value of the setting ``shared.tiers``."""
    settings_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._standing: Standing | None = None
        self.setWindowTitle("Shared cache")
        self.setAccessibleName("Connection to the shared cache")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self._icon = IconLabel(theme, *_LOOKS[Tone.NEUTRAL], 20)
        self._heading = label("", Role.TITLE)
        self._address = label("", Role.MONO)
        self._address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.banner = Banner(theme, BannerKind.WARNING, "")
        self.banner.action_triggered.connect(self._on_cure)
        self.figures = KeyValues(theme, CAPTIONS)
        self.tiers = Segments(
            theme,
            "Where days are kept",
            (
                Segment("local", "On this machine"),
                Segment("local + shared", "On this machine and the server"),
            ),
            small=True,
        )
        self.tiers.chosen.connect(self.tiers_chosen)
        self._tiers_note = label("", Role.CAPTION, wrap=True)
        self.test_button = button(theme, "Test")
        self.test_button.setAccessibleName("Test the connection")
        self.test_button.clicked.connect(lambda: self._on_test())
        self._verdict_icon = IconLabel(theme, "check", "good", 14)
        self._verdict_icon.hide()
        self._verdict = label(_HOW, Role.CAPTION, wrap=True)
        self.steps = TrialSteps(theme)
        self._command = CommandLine(theme)
        self._command.set_command("tickreel doctor")
        self._none = EmptyState(
            theme,
            "stack",
            "No shared cache is set",
            "With the address of a Redis server, each day is fetched once for a whole desk.",
            [self._settings_button(ButtonKind.PRIMARY)],
        )
        self._lay_out()
        self.show_look(None)

    def _settings_button(self, kind: ButtonKind = ButtonKind.PLAIN) -> QPushButton:
        made = button(self._theme, "Settings", kind)
        made.setAccessibleName("Settings of the shared cache")
        made.clicked.connect(lambda: self.settings_wanted.emit())
        return made

    def _lay_out(self) -> None:
        px = self._theme.px
        # From the outside in: what is filled already is dressed anew wherever it is put.
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = QFrame()
        set_role(self._body, Role.PANEL)
        self._area.setWidget(self._body)
        foot = self._foot = QFrame(self)
        set_role(foot, Role.DIALOG_FOOT)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._none, 1)
        outer.addWidget(self._area, 1)
        outer.addWidget(foot)
        self.setFixedWidth(px(_WIDTH_PX))
        self._fill_body()
        self._fill_foot()

    def _fill_body(self) -> None:
        px = self._theme.px
        column = QVBoxLayout(self._body)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(8))
        head = QHBoxLayout()
        head.setSpacing(px(10))
        head.addWidget(self._icon)
        head.addWidget(self._heading)
        head.addStretch(1)
        head.addWidget(self._address)
        column.addLayout(head)
        column.addWidget(self.banner)
        figures_card = QFrame()
        set_role(figures_card, Role.CARD)
        inset = QVBoxLayout(figures_card)
        inset.setContentsMargins(1, 1, 1, 1)
        inset.addWidget(self.figures)
        column.addWidget(figures_card)
        tiers = QHBoxLayout()
        tiers.setSpacing(px(12))
        tiers.addWidget(label("Days are kept", Role.LABEL))
        tiers.addWidget(self.tiers)
        tiers.addWidget(self._tiers_note, 1)
        column.addLayout(tiers)
        column.addSpacing(px(4))
        test = QHBoxLayout()
        test.setSpacing(px(8))
        test.addWidget(self._verdict_icon, 0, Qt.AlignmentFlag.AlignVCenter)
        test.addWidget(self._verdict, 1)
        test.addWidget(self.test_button)
        column.addLayout(test)
        column.addWidget(self.steps)
        column.addWidget(self._command)
        column.addStretch(1)

    def _fill_foot(self) -> None:
        px = self._theme.px
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.setSpacing(px(8))
        help_button = button(self._theme, "Help", ButtonKind.FLAT)
        help_button.clicked.connect(lambda: self.help_wanted.emit())
        self.close_button = button(self._theme, "Close")
        self.close_button.clicked.connect(self.reject)
        row.addWidget(help_button)
        row.addStretch(1)
        row.addWidget(self._settings_button())
        row.addWidget(self.close_button)

    def heading(self) -> str:
        """Give how it stands, in a few words."""
        return self._heading.text()

    def verdict(self) -> str:
        """Give what the last test came to."""
        return self._verdict.text()

    def show_look(self, look: SharedLook | None) -> None:
        """Show how it stands now; None where none is set."""
        self._none.setVisible(look is None)
        self._area.setVisible(look is not None)
        if look is None:
            self._standing = None
        else:
            self._show_standing(standing_of(look))
            address = look.tier.address or ""
            self._address.setText(address)
            self._address.setAccessibleName(f"Address: {address}")
            for caption, text in figures(look).items():
                self.figures.set_value(caption, text)
        self._fit()

    def show_tiers(self, value: str, *, why_fixed: str = "") -> None:
        """Show where days are kept, and why that cannot be changed here; empty where it can."""
        self.tiers.choose(value)
        self.tiers.setEnabled(not why_fixed)
        self._tiers_note.setText(why_fixed)

    def show_tried(self, tried: Sequence[Tried]) -> None:
        """Show what came of a test."""
        self.test_button.setEnabled(True)
        self.steps.show_steps(tried)
        outcome, text = verdict_of(tried)
        self._say_verdict(*_VERDICTS[outcome], text)

    def show_no_test(self, why: str) -> None:
        """Show why nothing could be tested."""
        self.test_button.setEnabled(True)
        self._say_verdict(*_VERDICTS["failed"], why)

    def _on_test(self) -> None:
        self.test_button.setEnabled(False)
        self.steps.clear()
        self._say_verdict("clock", "text_2", "Testing…")
        self.test_wanted.emit()

    def _say_verdict(self, icon: IconName, colour: ColourName, text: str) -> None:
        self._verdict_icon.set_icon(icon, colour)
        self._verdict_icon.show()
        self._verdict.setText(text)
        announce(self._verdict, text)
        self._fit()

    def _show_standing(self, standing: Standing) -> None:
        is_other = self._standing is None or standing.heading != self._standing.heading
        self._standing = standing
        self._icon.set_icon(*_LOOKS[standing.tone])
        self._heading.setText(standing.heading)
        self.banner.setVisible(bool(standing.advice))
        self.banner.set_kind(_KINDS[standing.tone])
        self.banner.set_text(standing.advice, quietly=not is_other)
        self.banner.set_action("" if standing.cure is None else standing.cure.value)

    def _on_cure(self) -> None:
        if self._standing is not None and self._standing.cure is not None:
            self.cure_wanted.emit(self._standing.cure)

    def _fit(self) -> None:
        """Be as high as the words need, or as the window allows; then the body scrolls."""
        body, layout = (self._body if self._standing else self._none), self.layout()
        inner = body.layout()
        assert inner is not None
        assert layout is not None
        for part in reversed(
            body.findChildren(QWidget)
        ):  # from the inside out, or it would not hear of it yet
            if (held := part.layout()) is not None:
                held.activate()
        inner.activate()
        high = inner.totalHeightForWidth(self.width()) if inner.hasHeightForWidth() else -1
        high = (high if high > 0 else inner.totalSizeHint().height()) + self._foot.sizeHint().height()
        parent = self.parentWidget()
        room = high if parent is None else parent.window().height() - self._theme.px(_ROOM_PX)
        self.setFixedHeight(min(high, max(room, self._theme.px(_LEAST_PX))))
