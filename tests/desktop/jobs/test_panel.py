"""The panel under real keys and a real pointer, over jobs that are only listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget
from support.accessibility import nameless_controls
from support.jobsource import ListedJobs, job_row

from tickreel_desktop.components import EmptyState, Message, ToastHost, ToastKind, keyboard
from tickreel_desktop.jobs import JobAccount, JobBoard, JobPart, JobsPanel, JobState, JobVerb
from tickreel_desktop.jobs.model import JobColumn
from tickreel_desktop.jobs.row_tools import CAUSE, row_tools
from tickreel_desktop.tasks import Tasks
from tickreel_desktop.undo import Undo
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

S, V = JobState, JobVerb
LEFT = Qt.MouseButton.LeftButton
GOING = (V.PAUSE, V.UP, V.DOWN, V.CANCEL)


class Stage:
    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.theme = theme
        self.qtbot = qtbot
        self.zone = DisplayZone()
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.source = ListedJobs()
        self.board = JobBoard([self.source], self.window)
        self.toasts = ToastHost(theme, self.window)
        self.errors: list[BaseException] = []
        self.undo = Undo(Tasks(self.errors.append), self.toasts, self.errors.append, self.window)
        self.panel = JobsPanel(theme, self.zone, self.board, self.toasts, self.undo)
        self.captions: list[str] = []
        self.failures: list[int] = []
        self.panel.caption_changed.connect(self.captions.append)
        self.panel.failures_changed.connect(self.failures.append)
        column = QVBoxLayout(self.window)
        for tool in self.panel.tools():
            column.addWidget(tool)
        column.addWidget(self.panel, 1)
        self.window.resize(1300, 500)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitExposed(self.window)

    def list(self, *rows: object) -> None:
        self.source.show(*rows)  # type: ignore[arg-type]
        wanted = tuple(row for row in self.source.listed if not row.state.is_ended)
        self.qtbot.waitUntil(lambda: set(self.board.active) == set(wanted))

    def tool(self, name: str) -> QPushButton:
        (found,) = [
            each
            for each in self.window.findChildren(QPushButton)
            if each.text() == name and each.isVisible() and not self.panel.details.isAncestorOf(each)
        ]
        return found

    def segment(self, word: str) -> QToolButton:
        (found,) = [each for each in self.window.findChildren(QToolButton) if each.text().startswith(word)]
        return found

    def place_of(self, job_id: str, key: str) -> QPoint:
        table = self.panel.table
        place = table.jobs.position_of(job_id)
        assert place is not None
        cell = table.visualRect(table.jobs.index(place, JobColumn.STATE))
        tools = row_tools(self.theme, table.tool_metrics, table.jobs.row_at(place), cell)
        (rect,) = [tool.rect for tool in tools if tool.key == key]
        return rect.center()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.panel.table, key, modifier)


@pytest.fixture
def stage(theme: Theme, qtbot: QtBot) -> Stage:
    return Stage(theme, qtbot)


def test_every_control_has_a_name(stage: Stage) -> None:
    assert nameless_controls(stage.window) == []
    stage.list(job_row("a", verbs=GOING))
    stage.panel.open_job("a")
    assert nameless_controls(stage.window) == []


def test_the_title_says_what_goes_on_and_the_rail_what_failed(stage: Stage) -> None:
    stage.list(job_row("a", bytes_per_s=38e6, left_s=840.0), job_row("b", S.QUEUED), job_row("c", S.FAILED))
    assert stage.captions[-1] == "1 running, 1 queued, 1 failed. 38.0 MB/s, about 14 min left"
    assert stage.failures == [1]
    assert [stage.segment(word).text() for word in ("Active", "Done")] == ["Active 3", "Done"]
    stage.list()
    stage.qtbot.waitUntil(lambda: stage.captions[-1] == "")
    assert stage.failures == [1, 0]
    (empty,) = stage.window.findChildren(EmptyState)
    assert empty.isVisible()


def test_the_buttons_of_a_row_do_what_they_say(stage: Stage) -> None:
    stage.list(
        job_row("a", verbs=GOING),
        job_row("q", S.WAITING, verbs=(V.ANSWER, V.CANCEL)),
        job_row("f", S.FAILED, verbs=(V.REPLACE, V.RETRY, V.DISMISS)),
    )
    table = stage.panel.table
    of_a = [("a", key) for key in (V.CANCEL, V.PAUSE, V.UP, V.DOWN)]
    for job_id, key in (*of_a, ("q", V.ANSWER), ("f", V.REPLACE)):
        QTest.mouseClick(table.viewport(), LEFT, pos=stage.place_of(job_id, key))
        assert stage.source.asked[-1] == (job_id, key)
    QTest.mousePress(table.viewport(), LEFT, pos=stage.place_of("a", V.CANCEL))
    QTest.mouseRelease(table.viewport(), LEFT, pos=stage.place_of("a", V.PAUSE))
    assert len(stage.source.asked) == 6
    QTest.mouseClick(table.viewport(), LEFT, pos=stage.place_of("f", CAUSE))
    assert stage.panel.details.isVisible()


def test_backspace_cancels_where_the_keyboard_has_no_del(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.list(job_row("a", verbs=GOING))
    stage.panel.table.setFocus()
    stage.key(Qt.Key.Key_Backspace)
    assert stage.source.asked == []
    monkeypatch.setattr(keyboard, "has_mac_keys", lambda: True)
    stage.key(Qt.Key.Key_Backspace)
    assert stage.source.asked == [("a", V.CANCEL)]


def test_everything_can_be_done_by_keys(stage: Stage) -> None:
    stage.list(
        job_row("a", verbs=GOING),
        job_row("q", S.WAITING, verbs=(V.ANSWER, V.CANCEL), order=1),
        job_row("f", S.FAILED, words="no room", verbs=(V.RETRY, V.DISMISS)),
    )
    table, details = stage.panel.table, stage.panel.details
    table.setFocus()
    stage.key(Qt.Key.Key_Delete)
    stage.key(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    stage.key(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    stage.key(Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier)  # which this job does not offer
    stage.key(Qt.Key.Key_Down)
    stage.key(Qt.Key.Key_Return)
    assert stage.source.asked == [("a", V.CANCEL), ("a", V.UP), ("a", V.DOWN), ("q", V.ANSWER)]
    stage.key(Qt.Key.Key_Down)
    stage.key(Qt.Key.Key_Return)
    assert details.isVisible()
    assert "no room" in [each.text() for each in details.findChildren(QLabel)]
    (retry,) = [each for each in details.findChildren(QPushButton) if each.text() == "Retry"]
    retry.setFocus()
    stage.key(Qt.Key.Key_Space)
    assert stage.source.asked[-1] == ("f", V.RETRY)
    stage.key(Qt.Key.Key_Escape)
    assert not details.isVisible()
    assert table.hasFocus()
    stage.key(Qt.Key.Key_Delete)
    assert stage.source.asked[-1] == ("f", V.DISMISS)


def test_the_menu_of_a_row_has_all_that_can_be_done_with_it(stage: Stage) -> None:
    stage.list(job_row("a", verbs=(V.RETRY, *GOING, V.LAST)))
    menu: QMenu = stage.panel.table.make_menu(stage.board.active[0])
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Show details",
        "Retry",
        "Pause",
        "Move up",
        "Move down",
        "Cancel",
        "Move to the back",
    ]
    menu.actions()[-1].trigger()
    assert stage.source.asked == [("a", V.LAST)]
    menu.close()


def test_details_follow_the_selection_tell_all_and_can_be_copied(stage: Stage) -> None:
    evidence = Path("kept") / "14.csv.gz"
    part = JobPart("2024-03-14", S.FAILED, "failed", "1 MB", "3 failed", "checksum differs", evidence)
    stage.source.accounts["f"] = JobAccount((("Asked for", "2024-03-20"),), (part,), evidence)
    stage.list(job_row("a"), job_row("f", S.FAILED, words="2024-03-14: checksum differs"))
    panel = stage.panel
    panel.open_job("a")
    assert not panel.details.parts.isVisible()
    panel.table.select_job("f")
    assert panel.details.parts.isVisible()
    panel.details.copy()
    assert QGuiApplication.clipboard().text().splitlines() == [
        "Fetch binance f 2024-07-23",
        "2024-03-14: checksum differs",
        "Asked for: 2024-03-20",
        f"2024-03-14  failed  1 MB  3 failed  checksum differs  kept: {evidence}",
    ]
    with stage.qtbot.waitSignal(panel.reveal_requested) as told:
        panel.details.parts.row_opened.emit(0)
    assert told.args == [evidence]
    stage.list(job_row("a"))
    stage.qtbot.waitUntil(lambda: not panel.details.isVisible())


def test_a_selection_stays_with_its_job_while_others_come_and_go(stage: Stage) -> None:
    stage.list(job_row("a"), job_row("b", order=1))
    stage.panel.table.select_job("b")
    stage.list(job_row("z", order=-1), job_row("b", order=1, words="further"))
    selected = stage.panel.table.selected_job()
    assert selected is not None
    assert (selected.id, selected.words) == ("b", "further")


def test_all_are_paused_and_resumed_together(stage: Stage) -> None:
    stage.list(job_row("a", verbs=(V.PAUSE,)), job_row("b", S.PAUSED, verbs=(V.RESUME,)))
    QTest.mouseClick(stage.tool("Pause all"), LEFT)
    assert stage.source.asked == [("a", V.PAUSE)]
    stage.list(*(replace(row, verbs=(V.RESUME,)) for row in stage.board.active))
    QTest.mouseClick(stage.tool("Resume all"), LEFT)
    assert stage.source.asked[1:] == [("a", V.RESUME), ("b", V.RESUME)]


def test_what_is_cleared_comes_back_by_undo(stage: Stage) -> None:
    stage.list(*(job_row(name, S.DONE, verbs=(V.DISMISS,)) for name in "ab"), job_row("c"))
    QTest.mouseClick(stage.segment("Done 2"), LEFT)
    QTest.mouseClick(stage.tool("Clear done"), LEFT)
    stage.qtbot.waitUntil(lambda: stage.board.ended == ())
    (kept,) = stage.toasts.kept()
    assert kept.message.heading == "2 jobs taken off the list"
    stage.undo.undo()
    stage.qtbot.waitUntil(lambda: len(stage.board.ended) == 2)
    stage.undo.redo()
    stage.qtbot.waitUntil(lambda: stage.board.ended == ())
    assert [row.id for row in stage.board.active] == ["c"]


def test_messages_are_read_acted_upon_copied_and_cleared(stage: Stage) -> None:
    done: list[str] = []
    stage.toasts.say(Message(ToastKind.GOOD, "Stored"))
    stage.toasts.say(
        Message(ToastKind.ERROR, "Not stored", "No room."), (("Retry", lambda: done.append("retry")),)
    ).close_message()
    QTest.mouseClick(stage.segment("Messages 2"), LEFT)
    messages = stage.panel.messages
    assert messages.isVisible()
    assert [messages.messages.index(row, 0).data() for row in (0, 1)] == ["Error", "Done"]
    messages.setFocus()
    stage.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().endswith("Error: Not stored\nNo room.")
    stage.key(Qt.Key.Key_Return)
    (retry,) = [each for each in stage.panel.details.findChildren(QPushButton) if each.text() == "Retry"]
    QTest.mouseClick(retry, LEFT)
    assert done == ["retry"]
    assert stage.toasts.kept()[-1].actions() == ()
    messages.setFocus()
    stage.key(Qt.Key.Key_Delete)
    assert [message.heading for message in stage.toasts.history()] == ["Stored"]
    QTest.mouseClick(stage.tool("Clear messages"), LEFT)
    assert stage.toasts.history() == ()
    stage.undo.undo()
    assert [message.heading for message in stage.toasts.history()] == ["Stored"]


def test_five_thousand_jobs_are_shown_and_only_those_in_view_are_painted(stage: Stage) -> None:
    rows = [job_row(f"j{number}", S.QUEUED, order=number) for number in range(5000)]
    stage.list(*rows)
    asked: list[int] = []
    jobs = stage.panel.table.jobs
    data = jobs.data

    def counted(index: object, role: int = 0) -> object:
        asked.append(1)
        return data(index, role)  # type: ignore[arg-type]

    jobs.data = counted  # type: ignore[method-assign]
    rows[17] = replace(rows[17], words="further")
    stage.list(*rows)
    stage.window.grab()
    assert jobs.rowCount() == 5000
    assert 0 < len(asked) < 20_000


@pytest.mark.parametrize(("width", "height"), [(700, 140), (700, 400), (1300, 400), (2400, 400)])
def test_list_and_details_find_room_at_every_size(stage: Stage, width: int, height: int) -> None:
    stage.list(job_row("f", S.FAILED, words="no room " * 20, verbs=(V.RETRY, V.DISMISS)))
    stage.panel.open_job("f")
    stage.panel.setFixedSize(width, height)
    stage.qtbot.waitUntil(lambda: stage.panel.details.width() >= min(width, 300))
    details, table = stage.panel.details, stage.panel.table
    assert details.width() <= width
    if table.isVisible():
        stage.qtbot.waitUntil(lambda: table.horizontalHeader().length() <= table.viewport().width())
        assert table.columnWidth(JobColumn.STATE) >= 150
    stage.panel.close_details()
    stage.qtbot.waitUntil(lambda: table.width() == width)
    stage.qtbot.waitUntil(lambda: table.horizontalHeader().length() <= table.viewport().width())


def test_a_bar_of_unknown_length_takes_its_steps_only_while_it_is_seen(stage: Stage) -> None:
    stage.list(job_row("a", fraction=None))
    table = stage.panel.table
    before = table.busy_step
    stage.qtbot.waitUntil(lambda: table.busy_step > before + 1)
    stage.window.hide()
    assert table._timer_id == 0
    stage.window.show()
    stage.list(job_row("a", fraction=0.5))
    assert table._timer_id == 0


def test_fetching_is_offered_beside_what_is_queued(stage: Stage) -> None:
    stage.list(job_row("a", S.QUEUED))
    stage.panel.show_idle_fetches(True)
    with stage.qtbot.waitSignal(stage.panel.fetch_requested):
        QTest.mouseClick(stage.tool("Fetch now"), LEFT)
    QTest.mouseClick(stage.segment("Done"), LEFT)
    assert not any(
        each.text() == "Fetch now" and each.isVisible() for each in stage.window.findChildren(QPushButton)
    )
    stage.panel.show_active()
    stage.panel.show_idle_fetches(False)
    assert not any(
        each.text() == "Fetch now" and each.isVisible() for each in stage.window.findChildren(QPushButton)
    )


def test_a_job_that_ends_stays_the_one_that_was_opened(stage: Stage) -> None:
    stage.list(job_row("a"), job_row("b", order=1))
    stage.panel.open_job("a")
    stage.list(job_row("a", S.DONE, words="1 day stored"), job_row("b", order=1))
    stage.qtbot.waitUntil(lambda: len(stage.board.ended) == 1)
    shown = [each.text() for each in stage.panel.details.findChildren(QLabel)]
    assert {"Fetch binance a 2024-07-23", "1 day stored"} <= set(shown)
