"""A question before something that is not wholly taken back by Undo: what would happen, and to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from tickreel_desktop.care.dialog import CareDialog
from tickreel_desktop.components import ButtonKind, label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QLabel, QWidget

    from tickreel_desktop.theme import Theme

_WIDTH_PX = 480
_LISTED_AT_MOST = 8


class Question(CareDialog):
    """Ask with one heading, some sentences and a list of names; accepted means that it shall be done."""

    def __init__(
        self,
        theme: Theme,
        heading: str,
        sentences: Sequence[str],
        do_it: str,
        *,
        names: Sequence[str] = (),
        is_danger: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, heading, parent)
        self.heading = heading
        self.text = " ".join(sentences)
        self.body.addWidget(label(heading, Role.TITLE, wrap=True))
        for sentence in sentences:
            self.body.addWidget(label(sentence, Role.SECONDARY, wrap=True))
        if names:
            self.body.addSpacing(theme.px(4))
            self.body.addWidget(self._list(names))
        self.cancel_button = self.add_cancel()
        kind = ButtonKind.DANGER if is_danger else ButtonKind.PRIMARY
        self.do_button = self.add_button(do_it, kind)
        self.do_button.clicked.connect(self.accept)
        self.fit(_WIDTH_PX)
        self.cancel_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _list(self, names: Sequence[str]) -> QLabel:
        more = len(names) - _LISTED_AT_MOST
        lines = [*names[:_LISTED_AT_MOST], *([f"and {more} more"] if more > 0 else [])]
        made = label("\n".join(lines), Role.MONO, wrap=True)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made
