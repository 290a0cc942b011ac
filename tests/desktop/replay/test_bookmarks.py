"""Bookmarks: kept by symbol, in a file that loses nothing, in a list that changes them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tickreel_desktop.replay.bookmark_list import BookmarkList
from tickreel_desktop.replay.bookmarks import Bookmark, BookmarkBook, Bookmarks, csv_text

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

AT_US = 1_722_816_000_000_000


@pytest.fixture
def bookmarks(tmp_path: Path) -> Bookmarks:
    made = Bookmarks(BookmarkBook(tmp_path))
    made.open("binance", "BTCUSDT")
    for number, name in ((3, "third"), (1, "first"), (2, "second")):
        made.put(Bookmark(AT_US + number, name))
    return made


@pytest.fixture
def listed(theme: Theme, zone: DisplayZone, bookmarks: Bookmarks, qtbot: QtBot) -> BookmarkList:
    made = BookmarkList(theme, zone, bookmarks)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_they_are_kept_by_symbol(tmp_path: Path) -> None:
    book = BookmarkBook(tmp_path)
    bookmarks = Bookmarks(book)
    bookmarks.open("binance", "BTCUSDT")
    bookmarks.put(Bookmark(AT_US, "Low of the day", 'note, with "quotes" and \u2026'))
    bookmarks.open("binance", "ETHUSDT")
    assert bookmarks.all == ()
    bookmarks.put(Bookmark(AT_US, "other"))
    book.write()
    again = BookmarkBook(tmp_path)
    assert again.read() == ""
    assert again.of("binance:BTCUSDT") == (
        Bookmark(AT_US, "Low of the day", 'note, with "quotes" and \u2026'),
    )
    assert again.of("binance:ETHUSDT") == (Bookmark(AT_US, "other"),)


def test_a_file_that_cannot_be_understood_is_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "desktop" / "bookmarks.json"
    file.parent.mkdir()
    file.write_text('{"version": 1, "symbols": {"a:b": [{"at_us": "late"}]}}')
    book = BookmarkBook(tmp_path)
    assert "was set aside as bookmarks.json.bad-1" in book.read()
    book.put("a:b", (Bookmark(1, "new"),))
    book.write()
    assert (file.parent / "bookmarks.json.bad-1").read_text().startswith('{"version": 1, "symbols"')


def test_they_stand_in_order_and_are_told_as_marks(bookmarks: Bookmarks, qtbot: QtBot) -> None:
    assert [one.name for one in bookmarks.all] == ["first", "second", "third"]
    assert bookmarks.after(AT_US + 1) == Bookmark(AT_US + 2, "second")
    assert bookmarks.before(AT_US + 1) is None
    marks: list[list[tuple[int, str, str]]] = []
    bookmarks.marks_changed.connect(marks.append)
    with qtbot.waitSignal(bookmarks.edited):
        bookmarks.remove(AT_US + 2)
    assert marks == [[(AT_US + 1, "bookmark", "first"), (AT_US + 3, "bookmark", "third")]]
    with qtbot.assertNotEmitted(bookmarks.edited):
        bookmarks.remove(AT_US + 2)
        bookmarks.put(Bookmark(AT_US + 1, "first"))
    assert bookmarks.free_name() == "Bookmark 1"


def test_csv_is_what_a_reader_of_csv_reads_back(bookmarks: Bookmarks) -> None:
    bookmarks.put(Bookmark(AT_US + 1, 'first, "and" best', "line"))
    rows = list(csv.DictReader(io.StringIO(csv_text(bookmarks.key, bookmarks.all))))
    assert rows[0] == {
        "exchange": "binance",
        "symbol": "BTCUSDT",
        "local_timestamp": str(AT_US + 1),
        "time": "2024-08-05T00:00:00.000001Z",
        "name": 'first, "and" best',
        "note": "line",
    }
    assert len(rows) == 3


def test_the_list_finds_renames_and_notes(listed: BookmarkList, bookmarks: Bookmarks, qtbot: QtBot) -> None:
    listed.changed.connect(lambda _before, after: bookmarks.put(after))
    listed.filter.setText("secon")
    assert listed.table.model().rowCount() == 1
    listed.table.selectRow(0)
    listed.name.setFocus()
    listed.name.setText("Spread over 20")
    with qtbot.waitSignal(listed.changed):
        QTest.keyClick(listed.name, Qt.Key.Key_Return)
    assert bookmarks.at(AT_US + 2) == Bookmark(AT_US + 2, "Spread over 20")
    listed.select(AT_US + 2)
    listed.note.setFocus()
    QTest.keyClicks(listed.note, "why")
    with qtbot.waitSignal(listed.changed):
        listed.filter.setFocus()
    assert bookmarks.at(AT_US + 2) == Bookmark(AT_US + 2, "Spread over 20", "why")
    # A name is never lost.
    listed.name.setText("  ")
    listed.name.editingFinished.emit()
    assert listed.name.text() == "Spread over 20"


def test_the_list_goes_deletes_and_says_when_it_is_empty(
    listed: BookmarkList, bookmarks: Bookmarks, qtbot: QtBot
) -> None:
    listed.delete_requested.connect(lambda mark: bookmarks.remove(mark.at_us))
    listed.select(AT_US + 3)
    with qtbot.waitSignal(listed.go_requested) as asked:
        listed.go_button.click()
    assert asked.args == [AT_US + 3]
    for left in (2, 1, 0):
        listed.delete_button.click()
        assert len(bookmarks.all) == left
    assert listed._pages.currentWidget() is listed._empty
    assert not listed.go_button.isEnabled()
    assert not listed.export_button.isEnabled()
    bookmarks.put(Bookmark(AT_US, "again"))
    listed.filter.setText("nothing like it")
    assert listed._pages.currentWidget() is listed._nothing
