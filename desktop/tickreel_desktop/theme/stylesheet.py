"""One style sheet for all standard widgets, filled from the tokens.

Ground, edges, type and spacing stand here; marks that need drawing (ticks,
arrows, combo and spin boxes, rows of tables) are in :mod:`tickreel_desktop.theme.style`.
Lengths are written for a scale of 1; a line of one pixel stays one pixel at every scale.
"""

from __future__ import annotations

import re
from dataclasses import fields
from string import Template
from typing import TYPE_CHECKING

from tickreel_desktop.theme.fonts import SIZES_PX

if TYPE_CHECKING:
    from tickreel_desktop.theme.tokens import Tokens

_TEMPLATE = Template(
    """
/* grounds */
QMainWindow, QFrame[role="window"] { background: $window; }
QDialog, QFrame[role="panel"], QFrame[role="rail"] {
    background: $panel; border: 0;
}
QFrame[role="bar"], QFrame[role="dock-title"] {
    background: $panel; border: 0; border-bottom: 1px solid $line;
}
QFrame[role="foot"] { background: $panel; border: 0; border-top: 1px solid $line; }
QFrame[role="dialog-head"] { background: $raised; border: 0; border-bottom: 1px solid $line; }
QFrame[role="dialog-foot"] { background: $raised; border: 0; border-top: 1px solid $line; }
QFrame[role="card"] { background: $panel; border: 1px solid $line; border-radius: 4px; }
QFrame[role="palette"] { background: $panel; border: 1px solid $control; }
QFrame[role="line"] { background: $line; border: 0; }
QFrame[role="rail"] { border-right: 1px solid $line; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $line; width: 1px; height: 1px; }
QSplitter::handle:hover { background: $accent; }
QScrollArea { background: transparent; border: 0; }
QToolTip {
    background: $raised; color: $text; border: 1px solid $control; padding: 4px 6px;
}

/* words */
QLabel { background: transparent; }
QLabel[role="welcome"] { font-size: $size_welcome; font-weight: 600; }
QLabel[role="metric"] { font-size: $size_metric; font-weight: 600; }
QLabel[role="title"] { font-size: $size_title; font-weight: 600; }
QLabel[role="heading"] { font-size: $size_heading; font-weight: 600; }
QLabel[role="lead"] { font-size: $size_heading; color: $text_2; }
QLabel[role="section"] { font-weight: 600; }
QLabel[role="label"] { color: $text_2; font-size: $size_caption; font-weight: 500; }
QLabel[role="secondary"], QLabel[role="tag"] { color: $text_2; }
QLabel[role="caption"] { color: $text_3; font-size: $size_caption; }
QLabel[role="error"] { color: $error; font-size: $size_caption; }
QLabel[role="mono"] { font-family: "JetBrains Mono", "DejaVu Sans Mono"; font-size: $size_mono; }
QLabel[role="mono"][quiet="true"] { color: $text_2; }
QLabel[tone="bid"] { color: $bid; }
QLabel[tone="ask"] { color: $ask; }
QLabel[tone="good"] { color: $good; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="note"] { color: $note; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="error"] { color: $error; }
QLabel:disabled { color: $text_3; }

/* buttons */
QPushButton {
    min-height: 24px; padding: 0 10px; border: 1px solid $line_strong; border-radius: 4px;
    background: $raised; color: $text; font-weight: 500; icon-size: 14px;
}
QPushButton:hover { background: $hover; border-color: $control; }
QPushButton:pressed, QPushButton:checked { background: $accent_bg; border-color: $accent; }
QPushButton[kind="primary"] {
    background: $accent; border-color: $accent; color: $on_accent; font-weight: 600;
}
QPushButton[kind="primary"]:hover { border-color: $text; }
QPushButton[kind="primary"]:pressed { background: $accent_bg; border-color: $accent; color: $text; }
QPushButton[kind="danger"] { color: $error; border-color: $error; }
QPushButton[kind="danger"]:hover, QPushButton[kind="danger"]:pressed { background: $error_bg; }
QPushButton[kind="flat"] { background: transparent; border-color: transparent; color: $text_2; }
QPushButton[kind="flat"]:hover { background: $hover; color: $text; }
QPushButton[kind="flat"]:pressed { background: $accent_bg; }
QPushButton:disabled, QPushButton[kind="primary"]:disabled, QPushButton[kind="danger"]:disabled {
    background: $raised; border-color: $line_strong; color: $text_3; font-weight: 500;
}
QPushButton[kind="flat"]:disabled { background: transparent; border-color: transparent; color: $text_3; }
QPushButton[kind="link"] {
    background: transparent; border: 0; padding: 0; min-height: 16px; color: $accent;
    font-weight: 500; text-decoration: underline;
}
QPushButton[kind="link"]:hover { color: $text; }
QPushButton[kind="link"]:disabled { background: transparent; border: 0; color: $text_3; }
QToolButton {
    background: transparent; border: 1px solid transparent; border-radius: 4px;
    padding: 0 3px; color: $text_2; font-weight: 500;
}
QToolButton:hover { background: $hover; color: $text; }
QToolButton:pressed { background: $accent_bg; }
QToolButton:checked { background: $accent_bg; border-color: $accent; color: $accent; }
QToolButton:disabled { background: transparent; border-color: transparent; color: $text_3; }
QToolButton::menu-indicator { image: none; }

QPushButton[kind="command-field"] {
    background: $field; border: 1px solid $control; border-radius: 4px; min-height: 0; padding: 0;
}
QPushButton[kind="command-field"]:hover { border-color: $accent; }
QToolButton[kind="layout"] { padding: 0 6px; }
QToolButton[kind="chooser"], QToolButton[kind="add"] {
    background: $raised; border: 1px solid $line_strong; padding: 0 8px; color: $text;
}
QToolButton[kind="add"] {
    background: transparent; border: 1px dashed $control; color: $text_2;
}
QToolButton[kind="chooser"]:hover, QToolButton[kind="add"]:hover {
    background: $hover; border-color: $control;
}
QPushButton[kind="status"] {
    background: transparent; border: 0; border-right: 1px solid $line; border-radius: 0;
    min-height: 0; padding: 0;
}
QPushButton[kind="status"]:hover { background: $hover; }
QPushButton[kind="status"][place="end"] { border-right: 0; border-left: 1px solid $line; }

QPushButton[kind="entry"] {
    background: transparent; border: 0; border-bottom: 1px solid $line; border-radius: 0;
    min-height: 0; padding: 0;
}
QPushButton[kind="entry"]:hover { background: $hover; }

/* the rail */
QToolButton[role="rail-item"] {
    border: 0; border-left: 3px solid transparent; border-radius: 0; padding: 5px 3px 4px 0;
    color: $text_3; font-size: $size_caption; font-weight: 400;
}
QToolButton[role="rail-item"]:hover { color: $text; }
QToolButton[role="rail-item"]:checked { background: transparent; color: $text; }
QToolButton[role="rail-item"]:disabled { color: $text_3; }
QToolButton[role="rail-item"][kind="workspace"]:checked {
    background: $accent_bg; border-left-color: $accent;
}

/* segments */
QFrame[role="segments"] { background: $field; border: 1px solid $control; border-radius: 4px; }
QToolButton[role="segment"] {
    border: 0; border-radius: 0; border-right: 1px solid $line_strong; padding: 0 9px;
    color: $text_2; font-weight: 400;
}
QToolButton[role="segment"][place="last"] { border-right: 0; }
QToolButton[role="segment"]:checked {
    background: $accent_bg; color: $text; font-weight: 600;
    border-bottom: 2px solid $accent; padding-top: 2px;
}
QToolButton[role="segment"]:disabled { color: $text_3; }

/* fields */
QLineEdit {
    min-height: 24px; padding: 0 6px; border: 1px solid $control; border-radius: 4px;
    background: $field; color: $text; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit[kind="palette"] { border: 0; background: transparent; font-size: $size_heading; padding: 0; }
QLineEdit[kind="bare"] { border: 0; background: transparent; min-height: 22px; padding: 0 2px; }
QFrame[role="chips"] { background: $field; border: 1px solid $control; border-radius: 4px; }
QFrame[role="chips"][error="true"] { border-color: $error; }
QLineEdit:disabled { background: $raised; border-color: $line_strong; color: $text_3; }
QLineEdit[locked="true"] { background: $raised; border-style: dashed; color: $text_2; }
QLineEdit[error="true"] { border-color: $error; }
QComboBox QLineEdit, QAbstractSpinBox QLineEdit {
    min-height: 0; padding: 0; border: 0; border-radius: 0; background: transparent;
}
QPlainTextEdit, QTextEdit {
    background: $field; border: 1px solid $control; border-radius: 4px; padding: 4px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit[role="code"] { border: 0; border-radius: 0; padding: 8px 12px; }
QTextEdit[role="page"] { background: $panel; border: 0; border-radius: 0; padding: 0; }
QListView[role="choices"] { background: $raised; border: 1px solid $control; }
QComboBox QAbstractItemView {
    background: $raised; border: 1px solid $control; padding: 4px 0;
}
QComboBox QAbstractItemView::item, QListView[role="choices"]::item { padding: 0 5px; }
QGroupBox { border: 0; margin-top: 22px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; top: 2px; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 22px; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; }

/* sliders and progress */
QSlider::groove:horizontal { height: 3px; border-radius: 1px; background: $line_strong; }
QSlider::sub-page:horizontal { height: 3px; border-radius: 1px; background: $accent; }
QSlider::handle:horizontal {
    width: 6px; margin: -6px 0; border-radius: 2px; background: $text; border: 1px solid $halo;
}
QSlider::groove:vertical { width: 3px; border-radius: 1px; background: $line_strong; }
QSlider::add-page:vertical { width: 3px; border-radius: 1px; background: $accent; }
QSlider::handle:vertical {
    height: 6px; margin: 0 -6px; border-radius: 2px; background: $text; border: 1px solid $halo;
}
QSlider::handle:hover { background: $accent; }
QSlider::sub-page:disabled, QSlider::add-page:vertical:disabled { background: $line_strong; }
QSlider::handle:disabled { background: $control; }
QProgressBar {
    background: $hover; border: 1px solid $line_strong; border-radius: 2px;
    min-height: 4px; max-height: 4px;
}
QProgressBar::chunk { background: $accent; border-radius: 1px; }
QProgressBar[state="waiting"]::chunk { background: $text_3; }
QProgressBar[state="failed"]::chunk { background: $error; }
QProgressBar[state="slowed"]::chunk { background: $warning; }

/* tables, trees and lists */
QAbstractItemView {
    background: $panel; border: 0; outline: 0; gridline-color: $line;
    selection-background-color: $selected; selection-color: $text;
}
QHeaderView { background: $raised; border: 0; }
QHeaderView::section {
    background: $raised; color: $text_2; border: 0; border-bottom: 1px solid $line_strong;
    padding: 0 8px; min-height: 25px; font-size: $size_caption; font-weight: 500;
}
QHeaderView::section:hover { background: $hover; }
QHeaderView::section:vertical { border-bottom: 1px solid $line; }
QTableCornerButton::section { background: $raised; border: 0; border-bottom: 1px solid $line_strong; }

/* tabs */
QTabWidget::tab-bar { left: 4px; }
QTabWidget::pane { border: 0; border-top: 1px solid $line; }
QTabBar { background: $panel; }
QTabBar::tab {
    background: $panel; color: $text_2; padding: 0 12px; min-height: 28px; font-weight: 500;
    border: 0; border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:disabled { color: $text_3; }

/* frame of the window */
QMenuBar { background: $panel; border-bottom: 1px solid $line; padding: 2px 4px; }
QMenuBar::item { background: transparent; padding: 3px 9px; border-radius: 3px; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $accent_bg; }
QMenu { background: $raised; border: 1px solid $control; padding: 4px; icon-size: 16px; }
QMenu::item { padding: 5px 24px 5px 10px; border-radius: 3px; }
QMenu::item:selected { background: $accent_bg; color: $text; }
QMenu::item:disabled { color: $text_3; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $line_strong; margin: 4px 6px; }
QToolBar { background: $panel; border: 0; border-bottom: 1px solid $line; padding: 0 10px; spacing: 6px; }
QToolBar::separator { background: $line_strong; width: 1px; margin: 10px 4px; }
QStatusBar { background: $panel; color: $text_2; border-top: 1px solid $line; font-size: $size_caption; }
QStatusBar::item { border: 0; }
QStatusBar QLabel { color: $text_3; font-size: $size_caption; padding: 0; }
QStatusBar QLabel[role="status"] { color: $text_2; }
QLabel[role="status"][tone="warning"] { color: $warning; }
QToolBar[role="rail"] { border: 0; padding: 0; spacing: 0; background: $panel; }
QDockWidget { background: $panel; }
QDockWidget::title { background: $panel; padding: 6px 10px; border-bottom: 1px solid $line; }
QScrollBar { background: transparent; border: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $control; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover { background: $text_3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: 0; }

/* banners and toasts */
QFrame[role="banner"] { border: 1px solid $note; border-radius: 4px; background: $note_bg; }
QFrame[role="banner"][kind="warning"] { border-color: $warning; background: $warning_bg; }
QFrame[role="banner"][kind="error"] { border-color: $error; background: $error_bg; }
QFrame[role="toast"] {
    background: $raised; border: 1px solid $control; border-left: 4px solid $good;
    border-top-right-radius: 4px; border-bottom-right-radius: 4px;
}
QFrame[role="toast"][kind="warning"] { border-left-color: $warning; }
QFrame[role="toast"][kind="error"] { border-left-color: $error; }

/* chips and tags */
QFrame[role="chip"] { background: $raised; border: 1px solid $line_strong; border-radius: 3px; }
QFrame[role="chip"][on="true"] { background: $accent_bg; border-color: $accent; }
QFrame[role="chip"] QLabel { font-size: $size_caption; }
QLabel[role="tag"] {
    border: 1px solid $line_strong; border-radius: 3px; padding: 0 5px;
    min-height: 14px; max-height: 14px; font-size: $size_caption; font-weight: 500;
}
QLabel[role="tag"][tone="good"] { border-color: $good; }
QLabel[role="tag"][tone="accent"] { border-color: $accent; }
QLabel[role="tag"][tone="warning"] { border-color: $warning; }
QLabel[role="tag"][tone="error"] { border-color: $error; }
QLabel[role="tag"][tone="note"] { border-color: $note; }
"""
)
_LENGTH = re.compile(r"\b(\d+)px")


def make_stylesheet(tokens: Tokens, scale: float = 1.0) -> str:
    """Fill the style sheet for a theme and a user interface scale."""
    names = {
        f.name: getattr(tokens, f.name) for f in fields(tokens) if f.name not in ("name", "heat", "sweep")
    }
    sizes = {f"size_{role}": f"{size}px" for role, size in SIZES_PX.items()}

    def scaled(length: re.Match[str]) -> str:
        px = int(length[1])
        return f"{px if px <= 1 else round(px * scale)}px"

    return _LENGTH.sub(scaled, _TEMPLATE.substitute(names | sizes))
