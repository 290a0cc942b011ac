"""The overview: what it draws of known outlines, and what pointer and keys do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tickreel.market.types import DataType
from tickreel.replay import Band, BandKind, DayOutline, OutlineColumns
from tickreel.store import DayState
from tickreel_desktop.replay.bookmarks import Bookmark
from tickreel_desktop.replay.overview import Overview
from tickreel_desktop.replay.sharedview import SharedView
from tickreel_desktop.theme import ThemeMode

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QImage
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_desktop.zone import DisplayZone

DAY_US = 1_722_816_000_000_000
HOUR_US = 3_600_000_000
LEFT = 6
"""Where the range begins, in pixels; an hour is 50 of them."""


@pytest.fixture
def shared() -> SharedView:
    made = SharedView()
    made.begin(DAY_US, DAY_US + 24 * HOUR_US)
    made.set_width(2 * HOUR_US)
    return made


@pytest.fixture
def overview(theme: Theme, zone: DisplayZone, shared: SharedView, qtbot: QtBot) -> Overview:
    made = Overview(theme, zone, shared)
    qtbot.addWidget(made)
    made.set_compact(False)
    made.resize(24 * 50 + 2 * LEFT, 76)
    with qtbot.waitExposed(made):
        made.show()
    made.set_range(DAY_US, DAY_US + 24 * HOUR_US)
    return made


def outline(hours: int = 24, *, bands: tuple[Band, ...] = ()) -> DayOutline:
    """Make a day whose mid rises by 1 an hour, with volume in its third hour only."""
    last = np.arange(24.0)
    volume = np.zeros(24)
    volume[2] = 5.0
    columns = OutlineColumns(DAY_US, HOUR_US, last, last, last, np.ones(24), volume)
    end_us = DAY_US + 24 * HOUR_US
    read_us = DAY_US + hours * HOUR_US
    return DayOutline(date(2024, 8, 5), DAY_US, end_us, read_us, DayState.PRESENT, columns, bands)


def band(kind: BandKind, from_h: float, to_h: float) -> Band:
    from_us, to_us = (DAY_US + round(hour * HOUR_US) for hour in (from_h, to_h))
    return Band(from_us, to_us, kind, "x", "y", DataType.TRADES)


def rows_with(image: QImage, x: int, colour: QColor) -> list[int]:
    return [y for y in range(image.height()) if image.pixelColor(x, y) == colour]


def x_of(hours: float) -> int:
    return LEFT + round(50 * hours)


def test_mid_and_volume_stand_where_they_belong_in_both_themes(overview: Overview, theme: Theme) -> None:
    overview.show_outline(outline())
    for mode in (ThemeMode.DARK, ThemeMode.LIGHT):
        theme.set_mode(mode)
        image = overview.grab().toImage()
        ground = theme.colour("plot")
        plot = overview.layout_now().plot
        tops = []
        for hour in (4, 10, 16, 22):
            inked = [
                y
                for y in range(int(plot.top()) + 1, int(plot.bottom()))
                if image.pixelColor(x_of(hour + 0.5), y) != ground
            ]
            assert inked
            tops.append(min(inked))
        assert tops == sorted(tops, reverse=True), "the mid rises, so it is drawn ever higher"
        assert tops[0] - tops[-1] > plot.height() / 3
        foot = int(plot.bottom()) - 1
        has_volume = [image.pixelColor(x_of(hour + 0.5), foot) != ground for hour in (2, 3, 12)]
        assert has_volume == [True, False, False]


def test_each_kind_of_band_has_a_shape_of_its_own(overview: Overview, theme: Theme) -> None:
    overview.show_outline(
        outline(
            bands=(
                band(BandKind.GAP, 4, 5),
                band(BandKind.CROSSED, 8, 9),
                band(BandKind.DUPLICATE, 12, 13),
                band(BandKind.RESET, 16, 17),
            )
        )
    )
    image = overview.grab().toImage()
    place = overview.layout_now().band
    warning, present = theme.colour("warning"), theme.colour("present")

    def filled(hour: float, colour: QColor) -> float:
        ys = range(int(place.top()), int(place.bottom()))
        cells = [(x, y) for x in range(x_of(hour) + 5, x_of(hour) + 45) for y in ys]
        return sum(image.pixelColor(x, y) == colour for x, y in cells) / len(cells)

    assert filled(4, warning) == 1.0
    assert 0.1 < filled(8, warning) < 0.7, "hatched"
    assert filled(12, warning) == 0.5
    assert filled(16, warning) == 0.0
    assert filled(16, present) == 0.5, "quiet"
    assert overview.words_at(QPointF(x_of(4.5), 40)).splitlines() == [
        "2024-08-05 04:30:00 UTC",
        "Mid 4.00",
        "Widest spread 1.00",
        "Volume 0",
        "Gap, trades: 04:00:00.000 to 05:00:00.000 (60 min)",
    ]
    assert "Book sent anew" in overview.words_at(QPointF(x_of(16.5), 40))


@pytest.mark.parametrize(
    ("state", "word"), [(DayState.MISSING, "missing"), (DayState.ABSENT, "not at the vendor")]
)
def test_a_day_without_rows_is_a_gap_with_a_word(
    overview: Overview, theme: Theme, state: DayState, word: str
) -> None:
    bands = (band(BandKind.MISSING, 0, 24),) if state is DayState.MISSING else ()
    overview.show_outline(replace(outline(bands=bands), columns=None, state=state))
    image = overview.grab().toImage()
    y = int(overview.layout_now().plot.top()) + 3
    assert image.pixelColor(x_of(3), y) == theme.colour("raised")
    assert word in overview.words_at(QPointF(x_of(3), 40))
    assert not rows_with(image, x_of(3), theme.colour("present"))


def test_a_day_grows_while_it_is_read(overview: Overview, theme: Theme) -> None:
    present = theme.colour("present")
    overview.show_outline(outline(6))
    image = overview.grab().toImage()
    assert rows_with(image, x_of(3), present)
    assert not rows_with(image, x_of(9), present)
    assert "not read yet" in overview.words_at(QPointF(x_of(9), 40))
    overview.show_outline(outline(12))
    assert rows_with(overview.grab().toImage(), x_of(9), present)
    assert len(overview.outlines) == 1
    overview.set_range(DAY_US, DAY_US + HOUR_US)
    assert not overview.outlines


def test_the_pointer_previews_while_it_drags_and_seeks_when_let_go(overview: Overview, qtbot: QtBot) -> None:
    with qtbot.waitSignal(overview.moved) as moved, qtbot.assertNotEmitted(overview.chosen):
        QTest.mousePress(overview, Qt.MouseButton.LeftButton, pos=QPoint(x_of(6), 40))
    assert moved.args == [DAY_US + 6 * HOUR_US]
    # The replay goes on below, but the mark stays with the pointer.
    overview.set_now(DAY_US + HOUR_US)
    assert overview.position_us == DAY_US + 6 * HOUR_US
    with qtbot.waitSignal(overview.moved):
        QTest.mouseMove(overview, QPoint(x_of(12), 40))
    with qtbot.waitSignal(overview.chosen) as chosen:
        QTest.mouseRelease(overview, Qt.MouseButton.LeftButton, pos=QPoint(x_of(12), 40))
    assert chosen.args == [DAY_US + 12 * HOUR_US]
    assert not overview.is_dragged


def drag(overview: Overview, from_px: int, to_px: int) -> None:
    QTest.mousePress(overview, Qt.MouseButton.LeftButton, pos=QPoint(from_px, 40))
    QTest.mouseMove(overview, QPoint(to_px, 40))
    QTest.mouseRelease(overview, Qt.MouseButton.LeftButton, pos=QPoint(to_px, 40))


def test_the_window_in_view_is_dragged_and_resized(
    overview: Overview, shared: SharedView, theme: Theme, qtbot: QtBot
) -> None:
    shared.set_now(DAY_US + 12 * HOUR_US)
    accent = theme.colour("accent")
    plot = overview.layout_now().plot
    column = rows_with(overview.grab().toImage(), x_of(10), accent)
    assert len(column) >= plot.height() - 1, "the frame begins two hours before now"
    with qtbot.assertNotEmitted(overview.chosen):
        drag(overview, x_of(11), x_of(6))
        assert (shared.from_us, shared.to_us) == (DAY_US + 5 * HOUR_US, DAY_US + 7 * HOUR_US)
        assert not shared.follows
        drag(overview, x_of(5), x_of(3))
        assert (shared.from_us, shared.to_us) == (DAY_US + 3 * HOUR_US, DAY_US + 7 * HOUR_US)
        drag(overview, x_of(7), x_of(8))
        assert (shared.from_us, shared.to_us) == (DAY_US + 3 * HOUR_US, DAY_US + 8 * HOUR_US)
    # Only pressed, the frame is no hindrance.
    with qtbot.waitSignal(overview.chosen) as chosen:
        QTest.mouseClick(overview, Qt.MouseButton.LeftButton, pos=QPoint(x_of(5), 40))
    assert chosen.args == [DAY_US + 5 * HOUR_US]


def test_the_keyboard_goes_by_pixels_pages_and_ends(overview: Overview, qtbot: QtBot) -> None:
    overview.set_now(DAY_US + 12 * HOUR_US)
    pixel_us = HOUR_US // 50
    shift, plain = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
    expected = (
        (Qt.Key.Key_Right, plain, DAY_US + 12 * HOUR_US + pixel_us),
        (Qt.Key.Key_Left, plain, DAY_US + 12 * HOUR_US),
        (Qt.Key.Key_Right, shift, DAY_US + 12 * HOUR_US + 10 * pixel_us),
        (Qt.Key.Key_Left, shift, DAY_US + 12 * HOUR_US),
        (Qt.Key.Key_PageUp, plain, DAY_US + round(14.4 * HOUR_US)),
        (Qt.Key.Key_PageDown, plain, DAY_US + 12 * HOUR_US),
        (Qt.Key.Key_Home, plain, DAY_US),
        (Qt.Key.Key_Left, plain, DAY_US),
        (Qt.Key.Key_End, plain, DAY_US + 24 * HOUR_US - 1),
        (Qt.Key.Key_Right, plain, DAY_US + 24 * HOUR_US - 1),
    )
    for key, modifier, at_us in expected:
        with qtbot.waitSignal(overview.chosen) as chosen:
            QTest.keyClick(overview, key, modifier)
        assert chosen.args == [at_us]
    assert overview.accessibleDescription() == "2024-08-05 23:59:59 UTC"


def test_bookmarks_are_ribbons_that_lead_there(overview: Overview, theme: Theme, qtbot: QtBot) -> None:
    marks = [Bookmark(DAY_US + 3 * HOUR_US, "Low of the day", "why"), Bookmark(DAY_US - 1, "before")]
    before = overview.grab().toImage()
    overview.set_bookmarks(marks)
    image = overview.grab().toImage()
    note: ColourName = "note"
    assert len(rows_with(image, x_of(3), theme.colour(note))) > overview.layout_now().plot.height()
    named = {x for x in range(image.width()) for y in range(14) if image.pixel(x, y) != before.pixel(x, y)}
    assert max(named) > x_of(3) + 60, "its name stands beside it"
    assert overview.words_at(QPointF(x_of(3), 5)).splitlines() == [
        "Low of the day",
        "2024-08-05 03:00:00.000 UTC",
        "why",
    ]
    with qtbot.waitSignal(overview.chosen) as chosen:
        QTest.mouseClick(overview, Qt.MouseButton.LeftButton, pos=QPoint(x_of(3) + 3, 5))
    assert chosen.args == [DAY_US + 3 * HOUR_US]
    overview.set_compact(True)
    image = overview.grab().toImage()
    text = theme.colour("text_2")
    assert not any(rows_with(image.copy(0, 0, image.width(), 8), x, text) for x in range(x_of(4), x_of(6)))


def test_a_loop_is_bracketed_and_said(overview: Overview, theme: Theme) -> None:
    overview.set_loop((DAY_US + 8 * HOUR_US, DAY_US + 9 * HOUR_US))
    top = int(overview.layout_now().plot.top())
    image = overview.grab().toImage()
    assert image.pixelColor(x_of(8.5), top) == theme.colour("note")
    assert image.pixelColor(x_of(9.5), top) != theme.colour("note")
    assert "In the loop, 08:00:00.000 to 09:00:00.000" in overview.words_at(QPointF(x_of(8.5), 40))


@pytest.mark.parametrize("span_us", [1, 1000, 60_000_000, 40 * 24 * HOUR_US])
def test_any_range_is_drawn_and_says_what_cannot_be_read(overview: Overview, span_us: int) -> None:
    overview.set_range(DAY_US, DAY_US + span_us)
    overview.show_outline(outline())
    overview.set_now(DAY_US + span_us // 3)
    overview.show_problem("the disk is gone")
    assert not overview.grab().isNull()
