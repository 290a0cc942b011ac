from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton, QVBoxLayout, QWidget
from support.accessibility import accessible_name, nameless_controls
from support.clipping import clipped_labels

from tickreel_desktop.components import (
    Banner,
    BannerKind,
    ButtonKind,
    Chip,
    DockTitle,
    ElidedLabel,
    EmptyState,
    IconLabel,
    KeyValues,
    ProgressBar,
    Tag,
    Tone,
    action_button,
    button,
    label,
    tool_button,
)
from tickreel_desktop.theme import ThemeMode
from tickreel_desktop.theme.motion import reduce_motion
from tickreel_desktop.theme.tokens import DARK, LIGHT

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


def shown(widget: QWidget, qtbot: QtBot, width: int = 600) -> None:
    qtbot.addWidget(widget)
    widget.resize(width, widget.sizeHint().height())
    widget.show()


def texts(widget: QWidget) -> list[str]:
    return [each.text() for each in widget.findChildren(ElidedLabel)]


def test_every_control_of_the_kit_has_an_accessible_name(theme: Theme, qtbot: QtBot) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    copy = QAction("&Copy the values…")
    for widget in (
        button(theme, "Import files", ButtonKind.PRIMARY, icon="upload-simple"),
        tool_button(theme, "crosshair", "Hold the cursor", checkable=True),
        action_button(theme, copy),
        Banner(theme, BannerKind.NOTE, "The book is held as last known.", action="Skip it", closable=True),
        EmptyState(theme, "database", "No datasets yet", "Drop files here.", [button(theme, "Open sample")]),
        DockTitle(theme, "Depth", "cumulative", [copy]),
        KeyValues(theme, ["Mid", "Spread"]),
        Chip(theme, "Year: 2024"),
    ):
        column.addWidget(widget)
    shown(page, qtbot)
    assert nameless_controls(page) == []
    assert accessible_name(page.findChildren(QToolButton)[1]) == "Copy the values"


def test_the_walker_finds_a_control_without_a_name(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    QVBoxLayout(page).addWidget(QPushButton())
    assert nameless_controls(page) == ["QPushButton '' in QWidget"]


def test_targets_are_large_enough_to_hit(theme: Theme, qtbot: QtBot) -> None:
    small = tool_button(theme, "x", "Close", size=14)
    usual = tool_button(theme, "x", "Close")
    plain = button(theme, "Go")
    for widget in (small, usual, plain):
        shown(widget, qtbot, 24)
        assert widget.width() >= 22
        assert widget.height() >= 20
    assert (usual.width(), usual.height()) == (24, 22)


def test_a_button_that_plays_shows_the_pause_while_it_is_on(theme: Theme, qtbot: QtBot) -> None:
    play = tool_button(theme, "play-fill", "Play", on_icon="pause-fill", checkable=True)
    shown(play, qtbot, 24)
    before = play.grab().toImage()
    play.setChecked(True)
    assert play.grab().toImage() != before


def test_an_icon_beside_words_follows_the_theme(theme: Theme, qtbot: QtBot) -> None:
    icon = IconLabel(theme, "warning", "warning")
    shown(icon, qtbot, 16)

    def seen() -> set[str]:
        image = icon.grab().toImage()
        return {image.pixelColor(x, y).name().upper() for x in range(16) for y in range(16)}

    assert DARK.warning in seen()
    theme.set_mode(ThemeMode.LIGHT)
    assert LIGHT.warning in seen()


def test_a_banner_has_the_height_that_its_sentence_needs_and_no_more(theme: Theme, qtbot: QtBot) -> None:
    place = QWidget()
    column = QVBoxLayout(place)
    words = "11 trials on 60 s of one symbol. Keep other days back as an untouched test of the best."
    banner = Banner(theme, BannerKind.WARNING, words)
    column.addWidget(banner)
    column.addStretch(1)
    shown(place, qtbot)
    heights = []
    for width in (260, 700):
        place.resize(width, 400)
        qtbot.waitUntil(lambda: not clipped_labels(banner))
        qtbot.waitUntil(lambda: banner.height() == banner.heightForWidth(banner.width()))
        heights.append(banner.height())
    assert heights[0] > heights[1]


def test_a_banner_offers_its_action_and_can_be_closed(theme: Theme, qtbot: QtBot) -> None:
    banner = Banner(theme, BannerKind.WARNING, "1 day is missing.", action="Fetch 1 day", closable=True)
    shown(banner, qtbot)
    with qtbot.waitSignal(banner.action_triggered):
        banner.findChildren(QPushButton)[0].click()
    with qtbot.waitSignal(banner.closed):
        banner.findChildren(QToolButton)[0].click()
    assert not banner.isVisible()


def test_a_banner_says_its_sentence_to_a_reader_too(theme: Theme, qtbot: QtBot) -> None:
    banner = Banner(theme, BannerKind.NOTE, "Playing at 940x.")
    shown(banner, qtbot)
    banner.set_text("Playing at 320x.")
    assert banner.text() == accessible_name(banner) == "Playing at 320x."


def test_text_from_a_file_is_never_taken_for_markup(theme: Theme, qtbot: QtBot) -> None:
    made = label("<b>BTC</b>")
    qtbot.addWidget(made)
    assert made.textFormat() == Qt.TextFormat.PlainText


def test_a_long_text_is_shortened_and_shown_whole_in_the_tool_tip(theme: Theme, qtbot: QtBot) -> None:
    name = ElidedLabel("binance-futures_incremental_book_L2_2024-08-05_BTCUSDT.csv.gz")
    shown(name, qtbot, 120)
    assert name.shown_text().endswith("…")
    assert name.toolTip() == name.text()
    name.resize(900, name.height())
    assert name.shown_text() == name.text()
    assert name.toolTip() == ""


def test_an_id_is_shortened_in_the_middle(theme: Theme, qtbot: QtBot) -> None:
    digest = ElidedLabel("7b1f0c42" * 8, Qt.TextElideMode.ElideMiddle)
    shown(digest, qtbot, 120)
    assert digest.shown_text().startswith("7b1f")
    assert digest.shown_text().endswith("c42")


def test_a_dock_title_gives_way_before_its_tools_do(theme: Theme, qtbot: QtBot) -> None:
    title = DockTitle(theme, "Depth", "cumulative, both sides, in BTC, ±0.5 %", [QAction("More")])
    shown(title, qtbot, 160)
    more = title.findChildren(QToolButton)[0]
    assert title.rect().contains(more.geometry())
    title.set_caption("per level")
    assert texts(title) == ["per level"]


def test_values_are_named_with_their_caption_and_can_be_selected(theme: Theme, qtbot: QtBot) -> None:
    values = KeyValues(theme, ["Mid", "Spread"])
    shown(values, qtbot)
    values.set_value("Spread", "4.50 (0.86 bp)", Tone.WARNING)
    assert values.value("Spread") == "4.50 (0.86 bp)"
    names = [accessible_name(each) for each in values.findChildren(QWidget) if each.focusPolicy().value]
    assert names == ["Mid: none", "Spread: 4.50 (0.86 bp)"]
    values.set_value("Spread", "")
    assert values.value("Spread") == "–"


def test_an_unknown_caption_is_a_mistake_of_the_program(theme: Theme, qtbot: QtBot) -> None:
    values = KeyValues(theme, ["Mid"])
    qtbot.addWidget(values)
    with pytest.raises(KeyError):
        values.set_value("Middle", "1")


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_a_chip_is_removed_by_its_button_or_by_the_keyboard(theme: Theme, qtbot: QtBot, key: Qt.Key) -> None:
    chip = Chip(theme, "Year: 2024", on=True)
    shown(chip, qtbot, 100)
    with qtbot.waitSignal(chip.removed):
        chip.findChildren(QToolButton)[0].click()
    with qtbot.waitSignal(chip.removed):
        QTest.keyClick(chip.findChildren(QToolButton)[0], key)


def test_a_tag_changes_its_word_and_colour(theme: Theme, qtbot: QtBot) -> None:
    tag = Tag("running", Tone.ACCENT)
    shown(tag, qtbot, 80)
    tag.set_state("2 gaps", Tone.WARNING)
    image = tag.grab().toImage()
    assert image.pixelColor(image.width() // 2, 0).name().upper() == DARK.warning


def test_a_bar_shows_its_part_and_keeps_within_its_ends(qtbot: QtBot) -> None:
    bar = ProgressBar("Progress of the import")
    qtbot.addWidget(bar)
    bar.set_fraction(0.625)
    assert bar.value() == 625
    bar.set_fraction(7.0)
    assert bar.value() == bar.maximum()


def test_a_bar_of_unknown_length_goes_in_three_steps_and_then_on(qtbot: QtBot) -> None:
    bar = ProgressBar("Progress of the import")
    qtbot.addWidget(bar)
    bar.set_fraction(None)
    first = bar.value()
    qtbot.waitUntil(lambda: bar.value() != first, timeout=20_000)
    assert bar.maximum() == 3
    bar.set_fraction(0.5)
    assert bar.value() / bar.maximum() == 0.5


def test_a_bar_of_unknown_length_stands_still_for_those_who_want_that(qtbot: QtBot) -> None:
    reduce_motion(True)
    try:
        bar = ProgressBar("Progress of the import")
        qtbot.addWidget(bar)
        bar.set_fraction(None)
        assert (bar.value(), bar.maximum()) == (2, 3)
        assert bar.is_still()
    finally:
        reduce_motion(False)
