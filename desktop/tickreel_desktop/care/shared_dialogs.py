"""What goes into the shared cache, and what leaves it, before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox

from tickreel.market.units import format_bytes
from tickreel_desktop.care.commands import cache_command, warm_command
from tickreel_desktop.care.dialog import CareDialog, HeadedCommand
from tickreel_desktop.care.shared_outlook import COLUMNS
from tickreel_desktop.care.survey import days_do, days_words
from tickreel_desktop.care.table import make_table
from tickreel_desktop.components import Banner, BannerKind, ButtonKind, EmptyState, label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.store.model import DayRange
    from tickreel_desktop.care.shared_outlook import SharedOutlook
    from tickreel_desktop.theme import Theme

_WARM_WIDTH_PX = 560
_DROP_SIZE_PX = (880, 480)


class WarmDialog(CareDialog):
    """Ask whether days are to be put into the shared cache; accepted means that they shall."""

    def __init__(
        self,
        theme: Theme,
        outlook: SharedOutlook,
        ranges: Sequence[DayRange],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Put into the shared cache", parent)
        self._outlook = outlook
        self._ranges = tuple(ranges)
        self.heading = label("", Role.TITLE, wrap=True)
        self.text = label(_warm_sentence(outlook), Role.SECONDARY, wrap=True)
        self.fetch = QCheckBox(f"Fetch the {days_words(outlook.nowhere)} that are neither here nor there")
        self.fetch.setVisible(bool(outlook.nowhere))
        self.fetch.toggled.connect(lambda _is_on: self._renew())
        self._command = HeadedCommand(theme)
        self.add_cancel()
        self.put_button = self.add_button("Put", ButtonKind.PRIMARY)
        self.put_button.clicked.connect(self.accept)
        self.body.addWidget(self.heading)
        self.body.addWidget(self.text)
        if outlook.trouble:
            self.body.addWidget(Banner(theme, BannerKind.WARNING, _not_known(outlook)))
        self.body.addWidget(self.fetch)
        self.body.addWidget(label("It runs among the jobs and can be cancelled.", Role.CAPTION))
        self.body.addSpacing(theme.px(4))
        self.body.addWidget(self._command)
        self.fit(_WARM_WIDTH_PX)
        self._renew()

    def _renew(self) -> None:
        outlook = self._outlook
        count = outlook.to_put + (outlook.nowhere if self.fetch.isChecked() else 0)
        told = f"Put {days_words(count)} there" if count else "Nothing has to go there"
        self.heading.setText(told)
        self.put_button.setText(f"Put {days_words(count)}" if count else "Put")
        self.put_button.setEnabled(bool(count))
        self._command.set_command(warm_command(self._ranges, asks_vendor=self.fetch.isChecked()))


def _warm_sentence(outlook: SharedOutlook) -> str:
    told = [f"Of {days_words(outlook.days)}, {days_do(len(outlook.there), 'is', 'are')} there already"]
    if outlook.to_put:
        told.append(
            f"{days_do(outlook.to_put, 'is', 'are')} held here alone, {format_bytes(outlook.put_bytes)}"
        )
    if outlook.nowhere:
        told.append(f"{days_do(outlook.nowhere, 'is', 'are')} in neither place")
    return f"{'; '.join(told)}."


def _not_known(outlook: SharedOutlook) -> str:
    return f"Of {days_words(outlook.unknown)} it is not known: {outlook.trouble.replace('`', '')}."


class DropDialog(CareDialog):
    """Show which days would leave the shared cache; accepted means that they shall."""

    def __init__(
        self,
        theme: Theme,
        outlook: SharedOutlook,
        ranges: Sequence[DayRange],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Drop from the shared cache", parent)
        count, lost = len(outlook.there), sum(not one.is_here for one in outlook.there)
        size = format_bytes(outlook.there_bytes)
        self.heading = label(
            f"Drop {days_words(count)}, {size}" if count else "None of these days is there", Role.TITLE
        )
        told = "They leave for everybody on the desk; what is held on a machine stays there."
        if lost:
            told += (
                f" {days_do(lost, 'is', 'are')} not on this machine: whoever wants one then has to fetch it."
            )
        self.table, self._model = make_table(theme, "Days in the shared cache", COLUMNS)
        self._model.show_rows(outlook.there)
        self._command = HeadedCommand(theme)
        self._command.set_command(cache_command("evict", ranges, "--tier", "shared"))
        self.add_cancel()
        self.drop_button = self.add_button(
            f"Drop {days_words(count)}" if count else "Drop", ButtonKind.DANGER
        )
        self.drop_button.setEnabled(bool(count))
        self.drop_button.clicked.connect(self.accept)
        self.body.addWidget(self.heading)
        self.body.addWidget(label(told if count else "Nothing would change.", Role.SECONDARY, wrap=True))
        if outlook.trouble:
            self.body.addWidget(Banner(theme, BannerKind.WARNING, _not_known(outlook)))
        if count:
            self.body.addWidget(self.table, 1)
        else:
            self.table.hide()
            self.body.addWidget(EmptyState(theme, "users", "None of these days is there", ""), 1)
        self.body.addSpacing(theme.px(4))
        self.body.addWidget(self._command)
        self.fit(*_DROP_SIZE_PX)
