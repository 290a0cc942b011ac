"""The detail over a real store: what is read of a dataset, a day, a range, and what can be asked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from support.accessibility import nameless_controls
from support.vendorfiles import START_US, csv_text, l2_line, line, write_csv

from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.market.units import THIN_SPACE
from tickreel.store import Cache, DayState, open_cache
from tickreel.store.model import DayRange
from tickreel_desktop.data.detail import DatasetDetail, DetailReader
from tickreel_desktop.data.rows import DatasetRow, dataset_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

L2, TRADES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES
DAY = date(2024, 7, 23)
CALENDAR, HEALTH, ROWS, FILES, HISTORY = range(5)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


@pytest.fixture
def reader(cache: Cache, qtbot: QtBot) -> Iterator[DetailReader]:
    made = DetailReader(cache)
    made.bug_met.connect(lambda error: pytest.fail(f"unforeseen: {error!r}"))
    yield made
    made.stop()
    made.close()


@pytest.fixture
def detail(theme: Theme, zone: DisplayZone, reader: DetailReader, qtbot: QtBot) -> DatasetDetail:
    made = DatasetDetail(theme, zone, reader)
    qtbot.addWidget(made)
    made.resize(460, 980)
    made.show()
    return made


def store(cache: Cache, folder: Path, data_type: DataType, lines: list[str]) -> None:
    path = write_csv(folder / f"{data_type}-{hash(tuple(lines))}.csv.gz", data_type, lines)
    cache.import_file(path, type=data_type, complete=True, replace=True)


def book(day: int, *, crosses: bool = False) -> list[str]:
    begin = START_US + day * US_PER_DAY
    lines = [
        l2_line(begin + 5, "bid", "99", "1", snapshot=True),
        l2_line(begin + 5, "ask", "101", "1", snapshot=True),
        l2_line(begin + 3_600_000_000, "bid", "100", "2"),
    ]
    if crosses:
        lines.append(l2_line(begin + 7_200_000_000, "bid", "102", "2"))
        lines.append(l2_line(begin + 7_200_500_000, "bid", "102", "0"))
    return lines


def row_of(cache: Cache, data_type: DataType) -> DatasetRow:
    (found,) = [row for row in dataset_rows(cache.all_days()) if row.key.type is data_type]
    return found


def words(widget: QWidget) -> str:
    shown = [each.text() for each in widget.findChildren(QLabel) if each.isVisible() and each.text()]
    return " | ".join(shown).replace(THIN_SPACE, " ")


def button(widget: QWidget, name: str) -> QPushButton | QToolButton:
    buttons: list[QPushButton | QToolButton] = [
        *widget.findChildren(QPushButton),
        *widget.findChildren(QToolButton),
    ]
    (found,) = [each for each in buttons if name in (each.text(), each.accessibleName())]
    return found


def test_a_day_is_told_by_its_notes_its_minutes_and_its_rows(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, qtbot: QtBot
) -> None:
    store(cache, tmp_path, L2, book(0, crosses=True))
    detail.show_rows([row_of(cache, L2)])
    pane = detail.day_pane
    qtbot.waitUntil(lambda: not pane.chart.message and pane.rows.rows.rowCount() == 5, timeout=60_000)
    qtbot.waitUntil(lambda: pane.intervals.rows.rowCount() == 2)
    qtbot.waitUntil(lambda: "1 crossed | 1 reset" in words(pane))
    told = words(detail)
    assert "BTCUSDT | incremental_book_L2" in told
    assert "Tue 23 Jul 2024" in told
    assert pane.chart.accessibleDescription() == "Mid from 100.0 to 100.5, last 100.5"
    rows = pane.rows.rows
    head = [rows.headerData(column, Qt.Orientation.Horizontal) for column in range(rows.columnCount())]
    assert head == ["local_timestamp", "timestamp", "side", "price", "amount", "is_snapshot"]
    assert [rows.index(0, column).data() for column in (2, 3, 4)] == ["bid", "99", "1"]
    assert cache.all_days()[0].hits == 0, "to look at a day is no use of it"


def test_a_long_error_leaves_the_calendar_as_wide_as_it_is(
    cache: Cache, detail: DatasetDetail, tmp_path: Path
) -> None:
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    detail.show_rows([row_of(cache, TRADES)])
    text = "binance-futures BTCUSDT trades 2024-07-23 was taken away while it was being read: read it again"
    before = detail.calendar.minimumSizeHint().width(), detail.day_pane.minimumSizeHint().width()
    detail.day_pane._on_rows_failed(text)
    detail.day_pane._on_minutes_failed(text)
    assert (detail.calendar.minimumSizeHint().width(), detail.day_pane.minimumSizeHint().width()) == before
    assert text in words(detail.day_pane)


def test_a_day_that_is_not_held_says_why_and_offers_to_fetch_it(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, qtbot: QtBot
) -> None:
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    key = row_of(cache, TRADES).key
    cache.record_without_rows(key, [DAY + timedelta(2)], DayState.ABSENT)
    detail.show_rows([row_of(cache, TRADES)])
    held_px = detail.day_pane.minimumSizeHint().height()
    detail.open_day(DAY + timedelta(1))
    qtbot.waitUntil(lambda: "This day is not held" in words(detail))
    assert detail.day_pane.minimumSizeHint().height() < held_px, "it is in view without scrolling"
    with qtbot.waitSignal(detail.fetch_requested) as asked:
        QTest.mouseClick(button(detail, "Fetch this day"), LEFT)
    assert asked.args == [key, DAY + timedelta(1), DAY + timedelta(1)]
    detail.open_day(DAY + timedelta(2))
    assert "The vendor has no rows of this day" in words(detail)
    assert not button(detail, "Fetch this day").isVisible()


def test_chosen_days_are_counted_and_their_holes_fetched(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, qtbot: QtBot
) -> None:
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    row = row_of(cache, TRADES)
    detail.show_rows([row])
    detail.calendar.setFocus()
    with qtbot.waitSignal(detail.range_chosen) as chosen:
        for _ in range(3):
            QTest.keyClick(detail.calendar, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert chosen.args == [DAY, DAY + timedelta(1)]
    assert detail.chosen_days == (DAY, DAY + timedelta(3))
    assert "| 23 to 26 Jul |" in words(detail)
    (told,) = (each for each in detail.findChildren(QLabel) if each.text() == "23 to 26 Jul")
    assert told.accessibleName() == "4 days chosen: 23 to 26 Jul 2024"
    with qtbot.waitSignal(detail.fetch_requested) as asked:
        QTest.mouseClick(button(detail, "Fetch 3"), LEFT)
    assert asked.args == [row.key, DAY + timedelta(1), DAY + timedelta(3)]
    assert detail.chosen_days is not None
    detail.show_rows([])
    assert detail.chosen_days is None


def test_rows_are_read_from_a_typed_time_on_and_copied_as_csv(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, qtbot: QtBot
) -> None:
    lines = [line(TRADES, START_US + number * 60_000_000, id=str(number)) for number in range(1_200)]
    store(cache, tmp_path, TRADES, lines)
    detail.show_rows([row_of(cache, TRADES)])
    detail.tabs.setCurrentIndex(ROWS)
    tab, rows = detail.rows, detail.rows.table.rows
    qtbot.waitUntil(lambda: rows.rowCount() == 1_000)
    QTest.mouseClick(tab.later, LEFT)
    qtbot.waitUntil(lambda: rows.rowCount() == 200)
    assert not tab.later.isEnabled()
    tab.field.setText("19:58:30")
    QTest.keyClick(tab.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows.rowCount() == 1)
    tab.table.copy()
    assert QApplication.clipboard().text().encode() == csv_text(TRADES, lines[-1:])
    tab.field.setText("25:00")
    QTest.keyClick(tab.field, Qt.Key.Key_Return)
    assert "is no time of 2024-07-23 UTC" in words(tab)
    assert rows.rowCount() == 1


def test_notes_of_chosen_days_are_listed_and_lead_to_their_moment(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, qtbot: QtBot
) -> None:
    for number in range(3):
        store(cache, tmp_path, L2, book(number, crosses=number == 1))
    row = row_of(cache, L2)
    detail.show_rows([row])
    detail.tabs.setCurrentIndex(HEALTH)
    tab = detail.health
    qtbot.waitUntil(lambda: "2024: 3 days checked" in tab.summary.text())
    qtbot.waitUntil(lambda: "1 crossed | on 1 day" in words(tab))
    # What the counts mean has its room beside the table as well.
    told = [each for each in tab.findChildren(QLabel) if each.text().endswith("on 1 day")]
    qtbot.waitUntil(lambda: bool(told) and all(not each.visibleRegion().isEmpty() for each in told))
    detail.calendar.setFocus()
    detail.calendar.show_opened(DAY + timedelta(1))
    QTest.keyClick(detail.calendar, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "24 Jul 2024: 1 day checked" in tab.summary.text())
    rows = tab.table.rows
    qtbot.waitUntil(lambda: "1 reset | on 1 day" in words(tab))
    assert [rows.index(place, 3).data() for place in range(rows.rowCount())] == [
        "Crossed: bid at or above ask"
    ]
    with qtbot.waitSignal(detail.replay_requested) as asked:
        tab.table.doubleClicked.emit(rows.index(0, 1))
    assert asked.args == [row.key, START_US + US_PER_DAY + 7_200_000_000]


def test_files_are_told_with_their_digests_and_their_place(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, qtbot: QtBot
) -> None:
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    row = row_of(cache, TRADES)
    detail.show_rows([row])
    detail.tabs.setCurrentIndex(FILES)
    qtbot.waitUntil(lambda: detail.files.listed.rowCount() == 1)
    (part,) = row.days[0].parts
    QTest.mouseClick(button(detail.files, "Copy Source SHA-256"), LEFT)
    assert QApplication.clipboard().text() == part.source_sha256
    assert button(detail.files, "Copy Source SHA-256").isVisible()
    detail.files.facts.set_text("Source SHA-256", "")
    assert not button(detail.files, "Copy Source SHA-256").isVisible()
    with qtbot.waitSignal(detail.reveal_requested) as asked:
        QTest.mouseClick(button(detail.files, "Show in folder"), LEFT)
    assert asked.args == [cache.library.file_of(part)]
    assert asked.args[0].is_file()


def test_a_version_that_differed_is_seen_and_offered_back(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, qtbot: QtBot
) -> None:
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    store(cache, tmp_path, TRADES, [line(TRADES, START_US), line(TRADES, START_US + 1)])
    row = row_of(cache, TRADES)
    detail.show_rows([row])
    detail.tabs.setCurrentIndex(HISTORY)
    tab = detail.history
    qtbot.waitUntil(lambda: tab.listed.rowCount() == 2)
    assert [tab.listed.index(place, 1).data() for place in range(2)] == ["current", "trash, differs"]
    assert not tab.restore.isEnabled()
    tab.table.selectRow(1)
    assert "Its rows differ from those that are held now." in tab.words.text()
    with qtbot.waitSignal(detail.restore_requested) as asked:
        QTest.mouseClick(tab.restore, LEFT)
    (entry,) = cache.life.versions(DayRange(row.key, DAY, DAY)).trashed
    assert asked.args == [entry]
    # Until those of another day are read, nothing of the day before may be put back.
    detail.open_day(DAY.replace(day=DAY.day - 1))
    assert tab.listed.rowCount() == 0
    assert not tab.restore.isEnabled()


def test_none_and_several_datasets_have_pages_of_their_own(
    cache: Cache, detail: DatasetDetail, tmp_path: Path
) -> None:
    detail.show_rows([])
    assert "Nothing is selected" in words(detail)
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    store(cache, tmp_path, L2, book(0))
    detail.show_rows(dataset_rows(cache.all_days()))
    assert "2 datasets selected" in words(detail)
    assert detail.several.figures.text("Days") == "2 of 2"
    assert detail.several.figures.text("Rows") == "4"


def test_who_goes_on_sees_nothing_of_the_dataset_that_was_left(
    cache: Cache, theme: Theme, zone: DisplayZone, tmp_path: Path, qtbot: QtBot
) -> None:
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    store(cache, tmp_path, L2, book(0))
    reader = DetailReader(cache, is_ready=False)
    detail = DatasetDetail(theme, zone, reader)
    qtbot.addWidget(detail)
    detail.show()
    detail.show_rows([row_of(cache, TRADES)])
    qtbot.waitUntil(lambda: "Preparing the engine" in detail.day_pane.chart.message)
    for data_type in (L2, TRADES):
        detail.show_rows([row_of(cache, data_type)])
    reader.release()
    rows = detail.day_pane.rows.rows
    qtbot.waitUntil(lambda: rows.rowCount() == 1 and not detail.day_pane.chart.message)
    detail.show_rows([row_of(cache, L2)])
    qtbot.waitUntil(lambda: rows.rowCount() == 3 and not detail.day_pane.chart.message)
    reader.stop()
    reader.close()


def test_pins_are_named_and_every_control_has_a_name(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, qtbot: QtBot
) -> None:
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    row = row_of(cache, TRADES)
    cache.life.pins.pin(DayRange(row.key, DAY, DAY), "run 0412")
    detail.show_rows([row])
    qtbot.waitUntil(lambda: "pinned by run 0412" in words(detail))
    assert nameless_controls(detail) == []


@pytest.mark.parametrize(("width", "height"), [(400, 760), (460, 980), (1220, 300), (1220, 240)])
def test_it_fits_at_the_side_and_below_the_table(
    cache: Cache, detail: DatasetDetail, tmp_path: Path, width: int, height: int
) -> None:
    store(cache, tmp_path, TRADES, [line(TRADES, START_US)])
    detail.resize(width, height)
    detail.show_rows([row_of(cache, TRADES)])
    assert detail.calendar.width() >= detail.calendar.minimumSizeHint().width()
    for index in range(detail.tabs.count()):
        detail.tabs.setCurrentIndex(index)
        assert detail.width() == width, f"tab {index} asks for more width"
