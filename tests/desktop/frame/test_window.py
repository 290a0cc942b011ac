"""The frame with real panels: opening, closing, layouts, screens that are gone, the keyboard."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QMenuBar, QToolBar, QToolButton
from support.clipping import clipped_labels
from support.desks import desk_over, import_of_one_begun, import_previewed, until
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk
from support.qtloop import run_on_qt

from tickreel.store import Cache, open_cache
from tickreel_desktop import app
from tickreel_desktop.actions import Actions
from tickreel_desktop.components import Message, ToastKind
from tickreel_desktop.data.columns import DATASET_COLUMNS
from tickreel_desktop.frame import MainWindow
from tickreel_desktop.frame.arranging import is_reachable
from tickreel_desktop.frame.command_field import CommandField
from tickreel_desktop.frame.layouts import Arrangement, LayoutBook
from tickreel_desktop.leaving import LeaveDialog, may_leave
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.progress import Monitor
    from tickreel.store import ImportRequest, Ingested
    from tickreel_desktop.desk import Desk


HITS = next(place for place, column in enumerate(DATASET_COLUMNS) if column.id == "hits")


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def open_panels(desk: Desk) -> set[str]:
    return {key for key, dock in desk.window.docks.items() if dock.is_open}


def checked_panels(desk: Desk) -> set[str]:
    return {key for key in desk.window.docks if desk.actions[f"panel.{key}"].isChecked()}


def test_the_first_start_welcomes_and_the_next_ones_do_not(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            assert desk.window.front == "welcome"
            assert desk.window.windowTitle() == "Welcome - Tickreel"
            assert open_panels(desk) == set()
            for width, height in ((1024, 640), (1280, 800), (2560, 1440)):
                desk.window.resize(width, height)
                await asyncio.sleep(0.05)
                assert clipped_labels(desk.welcome) == []
            desk.window.go_to("data")
        async with desk_over(cache) as desk:
            assert desk.window.front == "data"

    run_on_qt(qapp, journey())


def test_panels_open_and_close_by_their_actions_and_their_crosses(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            assert open_panels(desk) == checked_panels(desk) == {"jobs"}
            desk.actions["panel.log"].trigger()
            assert open_panels(desk) == checked_panels(desk) == {"jobs", "log"}
            await until(lambda: desk.window.docks["jobs"].is_behind)
            desk.actions["panel.jobs"].trigger()
            await until(lambda: not desk.window.docks["jobs"].is_behind)
            assert "jobs" in open_panels(desk), "what is covered comes forward and is not closed"
            cross = next(
                each
                for each in desk.window.docks["jobs"].titleBarWidget().findChildren(QToolButton)
                if each.accessibleName() == "Close Jobs"
            )
            cross.click()
            assert open_panels(desk) == checked_panels(desk) == {"log"}

    run_on_qt(qapp, journey())


def test_a_panel_that_opens_does_not_cover_what_is_told(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            toast = desk.window.toasts.say(Message(ToastKind.ERROR, "A file was not imported", "Row 1."))
            desk.actions["panel.analysis"].trigger()
            await until(lambda: "analysis" in open_panels(desk))
            await asyncio.sleep(0.05)
            found = desk.window.childAt(toast.geometry().center())
            assert found is not None
            assert found is toast or toast.isAncestorOf(found)

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_each_workspace_has_its_own_panels_and_they_are_remembered(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            desk.window.show_panel("log")
            desk.window.go_to("replay")
            assert open_panels(desk) == set(), "there is no room for the analysis beside the ladder"
            desk.window.go_to("data")
            assert open_panels(desk) == {"jobs", "log"}
        async with desk_over(cache) as desk:
            assert desk.window.front == "data"
            assert open_panels(desk) == {"jobs", "log"}
            desk.window.go_to("replay")
            assert open_panels(desk) == checked_panels(desk) == set()
        async with desk_over(cache) as desk:
            assert desk.window.front == "replay"
            desk.window.go_to("data")
            assert open_panels(desk) == {"jobs", "log"}, "also after a start in another workspace"

    run_on_qt(qapp, journey())


def test_a_panel_that_needs_room_is_open_at_first_where_there_is_some(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.resize(1600, 900)
            desk.window.go_to("replay")
            assert open_panels(desk) == checked_panels(desk) == {"analysis"}

    run_on_qt(qapp, journey())


def test_a_layout_is_saved_chosen_reset_and_had_back(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            desk.window.show_panel("analysis")
            desk.actions["layout.save"].trigger()
            dialog = desk.window.findChild(QInputDialog)
            assert dialog is not None
            dialog.setTextValue("  With   analysis ")
            dialog.accept()
            assert desk.layout_control.names() == ["Default", "With analysis"]
            assert desk.window.layout_button.text() == "Layout: With analysis"
            desk.actions["layout.reset"].trigger()
            assert open_panels(desk) == {"jobs"}
            desk.actions["edit.undo"].trigger()
            await until(lambda: open_panels(desk) == {"jobs", "analysis"})
            desk.layout_control.choose("Default")
            assert open_panels(desk) == {"jobs"}
            desk.layout_control.choose("With analysis")
            assert open_panels(desk) == {"jobs", "analysis"}
            desk.layout_control.forget("With analysis")
            assert desk.layout_control.names() == ["Default"]
            desk.actions["edit.undo"].trigger()
            await until(lambda: desk.layout_control.names() == ["Default", "With analysis"])

    run_on_qt(qapp, journey())


def last_parts(path: Path) -> list[bytes]:
    """Read how Data stood; nothing as long as no write has come so far, or it stood as at first."""
    if not path.exists():
        return []
    kept = msgspec.json.decode(path.read_bytes())
    last = kept["workspaces"].get("data", {}).get("last")
    return [] if last is None else [base64.b64decode(each) for each in last["parts"].values()]


@pytest.mark.long
def test_columns_belong_to_the_layout_and_are_kept_soon(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            table = desk.data.table
            first_px = table.columnWidth(1)
            table.setColumnWidth(1, first_px + 70)
            table.show_column("hits", False)
            desk.layout_control.save("Wide")
            desk.layout_control.choose("Default")
            assert (table.columnWidth(1), table.isColumnHidden(HITS)) == (first_px, False)
            desk.layout_control.choose("Wide")
            assert (table.columnWidth(1), table.isColumnHidden(HITS)) == (first_px + 70, True)
            desk.layout_control.reset()
            assert (table.columnWidth(1), table.isColumnHidden(HITS)) == (first_px, False)
            desk.actions["edit.undo"].trigger()
            await until(lambda: table.columnWidth(1) == first_px + 70)
            table.setColumnWidth(1, first_px + 90)
            kept = cache.home / "desktop" / "layouts.json"
            stood = bytes(table.saveState().data())
            await until(lambda: stood in last_parts(kept))
        async with desk_over(cache) as desk:
            assert (desk.window.front, desk.data.table.columnWidth(1)) == ("data", first_px + 90)

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_what_the_window_does_before_it_is_restored_is_not_how_it_was_left(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill, read = MainWindow.fill, LayoutBook.read

    def fill_and_note(window: MainWindow, *parts: Any) -> None:
        fill(window, *parts)
        window.note_arranging()

    def read_slowly(book: LayoutBook) -> str:
        problem = read(book)
        time.sleep(0.1)  # so that what was noted has settled long before the panels are put in place
        return problem

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            wanted_px = desk.data.table.columnWidth(1) + 70
            desk.data.table.setColumnWidth(1, wanted_px)
            desk.window.show_panel("log")
        monkeypatch.setattr("tickreel_desktop.frame.window._SETTLED_AFTER_MS", 0)
        monkeypatch.setattr(MainWindow, "fill", fill_and_note)
        monkeypatch.setattr(LayoutBook, "read", read_slowly)
        for _ in range(2):
            async with desk_over(cache) as desk:
                assert desk.data.table.columnWidth(1) == wanted_px
                assert open_panels(desk) == {"jobs", "log"}

    run_on_qt(qapp, journey())


def test_an_arrangement_that_cannot_be_understood_gives_way_to_the_first(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            desk.window.show_panel("log")
            assert not desk.window.arrange("data", Arrangement(b"nonsense"))
            assert open_panels(desk) == checked_panels(desk) == {"jobs"}

    run_on_qt(qapp, journey())


def test_a_broken_layout_file_is_told_and_the_window_opens(qapp: QApplication, cache: Cache) -> None:
    (cache.home / "desktop").mkdir()
    (cache.home / "desktop" / "layouts.json").write_bytes(b"\x00 no json")

    async def journey() -> None:
        async with desk_over(cache) as desk:
            (message,) = desk.window.toasts.visible_messages()
            assert "layouts.json.bad-1" in message.text
            assert desk.window.isVisible()

    run_on_qt(qapp, journey())


@pytest.mark.parametrize(
    ("window", "is_reached"),
    [
        (QRect(100, 100, 800, 600), True),
        (QRect(-700, 100, 800, 600), True),
        (QRect(-790, 100, 800, 600), False),
        (QRect(3000, 100, 800, 600), False),
        (QRect(100, -500, 800, 600), False),
        (QRect(100, 1070, 800, 600), True),
        (QRect(1900, 100, 800, 600), False),
    ],
)
def test_a_window_counts_as_reachable_by_its_upper_edge(window: QRect, is_reached: bool) -> None:
    assert is_reachable(window, [QRect(0, 0, 1920, 1080)]) == is_reached


def test_a_panel_that_floats_off_all_screens_comes_back(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            dock = desk.window.docks["jobs"]
            dock.setFloating(True)
            dock.move(20_000, 20_000)
            desk.window.arranger.rescue()
            assert not dock.isFloating()

    run_on_qt(qapp, journey())


def test_f6_goes_through_the_parts_of_the_window(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            assert desk.data.table.hasFocus()
            QTest.keyClick(desk.window, Qt.Key.Key_F6)
            focus = QApplication.focusWidget()
            assert focus is not None
            assert desk.window.docks["jobs"].isAncestorOf(focus)
            QTest.keyClick(desk.window, Qt.Key.Key_F6)
            assert desk.data.table.hasFocus()
            QTest.keyClick(desk.window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
            assert desk.window.docks["jobs"].isAncestorOf(QApplication.focusWidget() or desk.window)

    run_on_qt(qapp, journey())


def test_f6_leads_to_the_detail_where_it_stands_beside_the_table(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.resize(1920, 1080)
            desk.window.go_to("data")
            calendar = desk.data.detail.calendar
            await until(calendar.isVisible)
            assert desk.data.table.hasFocus()
            QTest.keyClick(desk.window, Qt.Key.Key_F6)
            assert calendar.hasFocus()
            QTest.keyClick(desk.window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
            assert desk.data.table.hasFocus()
            desk.data.detail.tabs.setCurrentIndex(1)
            QTest.keyClick(desk.window, Qt.Key.Key_F6)
            assert desk.data.detail.tabs.tabBar().hasFocus()

    run_on_qt(qapp, journey())


def test_what_another_program_imports_appears_by_itself(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            assert desk.data.selected_key() is None

            def elsewhere() -> None:
                with open_cache(cache.home) as other:
                    import_walk(other, tmp_path)

            await asyncio.to_thread(elsewhere)
            await until(lambda: desk.data.selected_key() is not None)

    run_on_qt(qapp, journey())


def test_the_palette_leads_to_a_replay_in_view_and_back_to_a_dataset(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}")
            desk.actions["view.palette"].trigger()
            palette = desk.palette_control.palette
            assert palette is not None
            palette.field.setText("@ l2")
            QTest.keyClick(palette.field, Qt.Key.Key_Return)
            assert desk.window.front == "data"
            assert desk.palette_control.palette is None

    run_on_qt(qapp, journey())


def test_all_files_that_wait_count_as_work_that_would_be_lost(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    for number in range(5):
        feed_files(tmp_path / str(number), shift_us=number * 86_400_000_000)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            assert desk.running() == []
            desk.drops.dropped.emit([tmp_path])
            await import_previewed(desk)
            await until(lambda: len(desk.running()) == 10)
            assert all(name.startswith("Import of ") for name in desk.running())
            await until(lambda: desk.running() == [])

    run_on_qt(qapp, journey())


def test_an_undone_deletion_leaves_the_panels_where_they_are(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            desk.window.show_panel("log")
            desk.layout_control.save("With log")
            desk.layout_control.forget("With log")
            desk.window.show_panel("log", is_open=False)
            desk.actions["edit.undo"].trigger()
            await until(lambda: "With log" in desk.layout_control.names())
            desk.window.go_to("replay")
            desk.window.go_to("data")
            assert open_panels(desk) == {"jobs"}

    run_on_qt(qapp, journey())


def test_a_name_that_is_none_is_refused_aloud(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.layout_control.save(" default ")
            (message,) = desk.window.toasts.visible_messages()
            assert "'default' is no name for a layout" in message.text

    run_on_qt(qapp, journey())


def test_leaving_while_jobs_run_is_asked_for(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            theme = Theme(ThemeMode.DARK)
            assert await may_leave(theme, [], desk.window)
            for button, wanted in (("stay_button", False), ("leave_button", True)):
                asking = asyncio.ensure_future(may_leave(theme, ["Import a.csv"] * 7, desk.window))
                await until(lambda: desk.window.findChild(LeaveDialog) is not None)
                dialog = desk.window.findChild(LeaveDialog)
                assert dialog is not None
                getattr(dialog, button).click()
                assert await asking == wanted
                await until(lambda: desk.window.findChild(LeaveDialog) is None)

    run_on_qt(qapp, journey())


def test_an_import_under_way_is_asked_for_and_taken_back(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, _trades = feed_files(tmp_path / "in")
    import_path = Cache.import_path

    class Stalled:
        """The import reports for ever that it is at its first rows, until it is cancelled."""

        def __init__(self, monitor: Monitor) -> None:
            self._monitor = monitor

        def report(self, done: int, total: int | None, note: str = "") -> None:
            while True:
                self._monitor.report(done, total, note)
                time.sleep(0.01)

    def stall(held: Cache, request: ImportRequest, monitor: Monitor) -> list[Ingested]:
        return import_path(held, request, Stalled(monitor))

    monkeypatch.setattr(Cache, "import_path", stall)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.drops.dropped.emit([book])
            await import_of_one_begun(desk)
            ending, told = asyncio.Event(), asyncio.Event()
            desk.window.close_requested.connect(ending.set)
            left = asyncio.ensure_future(app._until_left(desk, desk.theme, ending, told))
            for button in ("stay_button", "leave_button"):
                assert not desk.window.close()
                await until(lambda: desk.window.findChild(LeaveDialog) is not None)
                dialog = desk.window.findChild(LeaveDialog)
                assert dialog is not None
                assert desk.running() == [f"Import of {book.name}"]
                getattr(dialog, button).click()
                await until(lambda: desk.window.findChild(LeaveDialog) is None)
                assert desk.window.isVisible()
            await left

    run_on_qt(qapp, journey())
    assert cache.all_days() == []
    assert list((cache.home / "staging").glob("*")) == []


def test_the_command_field_has_a_bar_of_its_own_where_the_system_shows_the_menus(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for is_native in (False, True):
        monkeypatch.setattr(QMenuBar, "isNativeMenuBar", lambda _bar, answer=is_native: answer)
        window = MainWindow(theme, DisplayZone(), Actions(theme))
        qtbot.addWidget(window)
        field = window.findChild(CommandField)
        assert field is not None
        bar = window.findChild(QToolBar, "bar.commands")
        assert (bar is not None and bar.isAncestorOf(field)) == is_native
        assert (window.menuBar().cornerWidget() is None) == is_native
