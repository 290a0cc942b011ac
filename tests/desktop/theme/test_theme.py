from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QAction,
    QFontInfo,
    QFontMetrics,
    QFontMetricsF,
    QGuiApplication,
    QIcon,
    QImage,
    QPainter,
    QPalette,
)
from PySide6.QtWidgets import QComboBox, QPushButton, QSpinBox

from tickreel_desktop.components import label
from tickreel_desktop.theme import FontRole, Role, Theme, ThemeMode
from tickreel_desktop.theme.stylesheet import make_stylesheet
from tickreel_desktop.theme.tokens import DARK, LIGHT

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_the_style_sheet_is_filled_completely(tokens: object) -> None:
    sheet = make_stylesheet(DARK if tokens is DARK else LIGHT)
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_the_style_sheet_grows_with_the_scale_but_lines_stay_thin() -> None:
    sheet = make_stylesheet(DARK, 1.5)
    assert "border: 1px solid" in sheet
    assert "min-height: 36px; padding: 0 15px" in sheet


def test_qt_accepts_the_style_sheet_without_a_word(theme: Theme, qtbot: QtBot) -> None:
    button = QPushButton("Fetch 14 days")
    button.setProperty("kind", "primary")
    qtbot.addWidget(button)
    button.show()
    assert DARK.accent in colours(button.grab().toImage())


def test_changing_the_mode_changes_palette_sheet_and_tokens_and_says_so_once(
    theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    seen: list[str] = []
    theme.changed.connect(lambda: seen.append(theme.tokens.name))
    theme.set_mode(ThemeMode.LIGHT)
    theme.set_mode(ThemeMode.LIGHT)
    assert seen == ["light"]
    assert qapp.palette().color(QPalette.ColorRole.Text).name().upper() == LIGHT.text
    assert LIGHT.window in qapp.styleSheet()
    assert theme.colour("accent").name().upper() == LIGHT.accent


def test_the_system_mode_follows_the_system_and_a_chosen_mode_does_not(
    theme: Theme, qapp: QApplication
) -> None:
    # Qt's platform for tests has no scheme of its own, so that the system is played by its signal.
    system = QGuiApplication.styleHints().colorSchemeChanged
    theme.set_mode(ThemeMode.SYSTEM)
    assert theme.tokens is DARK
    system.emit(Qt.ColorScheme.Light)
    assert theme.tokens is LIGHT
    theme.set_mode(ThemeMode.DARK)
    system.emit(Qt.ColorScheme.Dark)
    system.emit(Qt.ColorScheme.Light)
    assert theme.tokens is DARK
    theme.set_mode(ThemeMode.SYSTEM)
    assert theme.tokens is LIGHT


@pytest.mark.parametrize("role", [role for role in FontRole if role is not FontRole.MONO])
def test_figures_are_tabular_in_every_size(theme: Theme, role: FontRole) -> None:
    font = theme.font(role)
    metrics = QFontMetricsF(font)
    assert QFontInfo(font).family() == "Inter"
    assert metrics.horizontalAdvance("1111.1") == metrics.horizontalAdvance("0808.8")


def test_commands_are_set_in_a_font_of_one_width(theme: Theme) -> None:
    font = theme.font(FontRole.MONO)
    assert QFontInfo(font).family() == "JetBrains Mono"
    assert QFontMetricsF(font).horizontalAdvance("iiii") == QFontMetricsF(font).horizontalAdvance("WWWW")


def test_commands_are_shown_sign_by_sign_without_ligatures(theme: Theme) -> None:
    font = theme.font(FontRole.MONO)
    image = QImage(80, 20, QImage.Format.Format_RGB32)
    pictures = []
    for text in ("->", "- >"):
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.setFont(font)
        painter.drawText(5, 15, text)
        painter.end()
        pictures.append(image.copy(5, 0, QFontMetrics(font).horizontalAdvance("-"), 20))
    assert pictures[0] == pictures[1]


def test_figures_stay_tabular_in_a_label_that_the_style_sheet_sizes(theme: Theme, qtbot: QtBot) -> None:
    caption = label("1", Role.CAPTION)
    qtbot.addWidget(caption)
    caption.show()
    metrics = QFontMetricsF(caption.font())
    assert caption.font().pixelSize() == 11
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("0000")


def test_an_icon_is_as_sharp_as_its_screen(theme: Theme) -> None:
    pixmap = theme.pixmap("database", "text", 16, 2.0)
    assert pixmap.size() == QSize(32, 32)
    assert pixmap.deviceIndependentSize().toSize() == QSize(16, 16)
    assert colours(pixmap.toImage()) == {DARK.text}


def test_a_bound_icon_follows_the_theme_and_the_state_of_its_button(theme: Theme, qtbot: QtBot) -> None:
    action = QAction("Replay")
    theme.bind_icon(action, "play-circle", "text_3", 20, on_colour="accent")

    def shown(state: QIcon.State) -> set[str]:
        pixmap = action.icon().pixmap(QSize(20, 20), 1.0, QIcon.Mode.Normal, state)
        return colours(pixmap.toImage())

    assert shown(QIcon.State.Off) == {DARK.text_3}
    assert shown(QIcon.State.On) == {DARK.accent}
    theme.set_mode(ThemeMode.LIGHT)
    assert shown(QIcon.State.Off) == {LIGHT.text_3}
    assert shown(QIcon.State.On) == {LIGHT.accent}


def test_binding_another_icon_replaces_the_first_for_good(theme: Theme, qtbot: QtBot) -> None:
    action = QAction("Play")
    theme.bind_icon(action, "play", "text")
    theme.bind_icon(action, "pause", "text")
    theme.set_mode(ThemeMode.LIGHT)
    shown = action.icon().pixmap(QSize(16, 16), 1.0).toImage()
    assert shown == theme.pixmap("pause", "text", 16, 1.0).toImage()


def test_fields_have_one_height(theme: Theme, qtbot: QtBot) -> None:
    combo, spin = QComboBox(), QSpinBox()
    for widget in (combo, spin):
        qtbot.addWidget(widget)
        assert widget.sizeHint().height() == 26


@pytest.mark.parametrize("mirrored", [False, True])
def test_an_icon_keeps_its_distance_from_the_words_of_its_button(
    theme: Theme, qtbot: QtBot, *, mirrored: bool
) -> None:
    made = QPushButton("Import files")
    qtbot.addWidget(made)
    if mirrored:
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    theme.bind_icon(made, "upload-simple", "text", 14)
    assert made.iconSize() == QSize(17, 14)
    picture = made.icon().pixmap(QSize(17, 14), 1.0).toImage()
    free = [all(picture.pixelColor(x, y).alpha() == 0 for y in range(14)) for x in range(17)]
    assert all(free[:3] if mirrored else free[-3:])
    assert not all(free[-3:] if mirrored else free[:3])


def test_an_icon_without_words_is_as_wide_as_high(theme: Theme, qtbot: QtBot) -> None:
    made = QPushButton("")
    qtbot.addWidget(made)
    theme.bind_icon(made, "play-fill", "on_accent", 16)
    assert made.iconSize() == QSize(16, 16)
