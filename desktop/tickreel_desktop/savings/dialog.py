"""The dialog behind the card: what each figure rests on, plan and prices, and the article's claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from tickreel.fetch.economics import PriceTable, prices_path
from tickreel_desktop.components import Banner, BannerKind, ButtonKind, button, label
from tickreel_desktop.components.announce import announce
from tickreel_desktop.savings.ground import GroundPage
from tickreel_desktop.savings.plan_form import PlanForm
from tickreel_desktop.savings.rests import claim_rows, rest_rows
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel_desktop.savings.figures import SavingsFigures
    from tickreel_desktop.zone import DisplayZone

_SIZE_PX = (900, 640)
_SMALLEST_PX = (760, 480)
_HOW = "Counted and timed in this home, at the prices you entered. Nothing else is in any figure."


class SavingsDialog(QDialog):
    """Show what :meth:`show_figures` brings; plan and prices are taken on by whoever hears of them."""

    plan_wanted = Signal(PriceTable)
    """The user wants this to be kept; an empty table is to be removed."""

    def __init__(self, theme: Theme, zone: DisplayZone, home: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        zone.changed.connect(self._fill_page)
        self._home = home
        self._kept = PriceTable()
        self._figures: SavingsFigures | None = None
        self.setWindowTitle("Savings")
        self.setAccessibleName("What the cache spared, and what that rests on")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        px = theme.px
        self.rests = GroundPage(
            theme, "What each figure rests on", ("Figure", "Here", "How it is found"), (130, 210, 0)
        )
        self.form = PlanForm(theme)
        self.form.edited.connect(self._on_edited)
        self.claims = GroundPage(
            theme,
            "The founding article's claims, and what is measured here",
            ("Row", "Claimed", "Saving", "Measured here", "Saving", "How"),
            (110, 140, 56, 150, 76, 0),
        )
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Pages of the savings")
        for page, name in (
            (self.rests, "What was avoided"),
            (self._make_plan_page(), "Plan and prices"),
            (self.claims, "The article's claims"),
        ):
            self.tabs.addTab(page, name)
        self.tabs.currentChanged.connect(lambda _place: self._on_page_changed())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(4), 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs, 1)
        column.addWidget(self._make_foot())
        self.setMinimumSize(px(_SMALLEST_PX[0]), px(_SMALLEST_PX[1]))
        self.resize(px(_SIZE_PX[0]), px(_SIZE_PX[1]))
        self._renew_foot()

    def _make_plan_page(self) -> QWidget:
        page = QFrame()
        set_role(page, Role.PANEL)
        self._problem = Banner(self._theme, BannerKind.ERROR, "", action="Open the price file")
        self._problem.action_triggered.connect(self._open_file)
        self._problem.hide()
        inset = QVBoxLayout()
        margin = self._theme.px(16)
        inset.setContentsMargins(margin, margin, margin, 0)
        inset.addWidget(self._problem)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inset)
        column.addWidget(self.form, 1)
        return page

    def _make_foot(self) -> QFrame:
        px = self._theme.px
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        self._status = label(_HOW, Role.CAPTION, wrap=True)
        self.remove_button = button(self._theme, "Remove plan and prices")
        self.remove_button.clicked.connect(lambda: self.plan_wanted.emit(PriceTable()))
        self.save_button = button(self._theme, "Save plan and prices", ButtonKind.PRIMARY)
        self.save_button.clicked.connect(lambda: self._save())
        self.close_button = button(self._theme, "Close")
        self.close_button.clicked.connect(self.reject)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.setSpacing(px(8))
        row.addWidget(self._status, 1)
        for each in (self.close_button, self.remove_button, self.save_button):
            row.addWidget(each)
        return foot

    def show_figures(self, figures: SavingsFigures) -> None:
        """Show the figures of now; what is being typed stays."""
        self._figures = figures
        self._fill_page()
        self._problem.setVisible(bool(figures.problem))
        self._problem.set_text(figures.problem)
        self.form.setEnabled(not figures.problem)
        self.form.show_account(figures.account)
        table = figures.account.table
        if table != self._kept or not self.form.is_changed:
            self._kept = table
            self.form.show_table(table)
        self._renew_foot()

    def _fill_page(self) -> None:
        """Fill the page in front; the others are filled when they come there."""
        if self._figures is None:
            return
        match self.tabs.currentWidget():
            case self.rests:
                self.rests.show_rows(rest_rows(self._figures, self._zone.zone))
            case self.claims:
                self.claims.show_rows(claim_rows(self._figures))

    def _on_page_changed(self) -> None:
        self._fill_page()
        self._renew_foot()

    def show_plan(self) -> None:
        """Show the page of plan and prices."""
        self.tabs.setCurrentIndex(1)
        self.form.fields["name"].setFocus(Qt.FocusReason.OtherFocusReason)

    def status(self) -> str:
        """Give the line at the foot."""
        return self._status.text()

    def say(self, text: str, *, is_wrong: bool = False) -> None:
        """Say what became of a change, aloud too."""
        self._status.setText(text)
        set_style_property(self._status, "tone", "error" if is_wrong else "")
        announce(self._status, text)

    def _save(self) -> None:
        table = self.form.table()
        if table is not None:
            self.plan_wanted.emit(table)

    def _on_edited(self) -> None:
        self.say("Not saved yet" if self.form.is_changed else _HOW)
        self._renew_foot()

    def _renew_foot(self) -> None:
        is_plan = self.tabs.currentIndex() == 1
        table = self.form.table()
        self.save_button.setVisible(is_plan)
        self.remove_button.setVisible(is_plan)
        self.save_button.setEnabled(self.form.isEnabled() and table is not None and table != self._kept)
        self.remove_button.setEnabled(self.form.isEnabled() and self._kept != PriceTable())

    def _open_file(self) -> None:
        path = prices_path(self._home)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.say(f"No program opens {path}; open it with an editor of yours", is_wrong=True)
