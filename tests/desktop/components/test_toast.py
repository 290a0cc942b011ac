from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, QSize
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from support.accessibility import nameless_controls

from tickreel_desktop.components import Message, ToastHost, ToastKind
from tickreel_desktop.components.countdown import TimerCountdown

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


class HandClock:
    """A clock that moves only when the test says so."""

    def __init__(self) -> None:
        self.left_ms: int | None = None
        self.is_running = False
        self._expired: Callable[[], None] | None = None

    def start(self, duration_ms: int, expired: Callable[[], None]) -> None:
        self.left_ms, self._expired, self.is_running = duration_ms, expired, True

    def hold(self) -> None:
        self.is_running = False

    def go_on(self) -> None:
        self.is_running = self._expired is not None

    def stop(self) -> None:
        self.is_running, self._expired = False, None

    def pass_time(self, duration_ms: int) -> None:
        if not self.is_running or self.left_ms is None or self._expired is None:
            return
        self.left_ms -= duration_ms
        if self.left_ms <= 0:
            self.is_running = False
            self._expired()


class Stage:
    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.window = QWidget()
        self.window.resize(QSize(1000, 700))
        qtbot.addWidget(self.window)
        self.window.show()
        QCursor.setPos(0, 0)  # a toast under the pointer stays, wherever an earlier test left it
        self.clocks: list[HandClock] = []
        self.host = ToastHost(theme, self.window, make_countdown=self._make_clock)

    def _make_clock(self, parent: QObject) -> HandClock:
        self.clocks.append(HandClock())
        return self.clocks[-1]

    def pass_time(self, duration_ms: int) -> None:
        for clock in self.clocks:
            clock.pass_time(duration_ms)

    def headings(self) -> list[str]:
        return [message.heading for message in self.host.visible_messages()]


@pytest.fixture
def stage(theme: Theme, qtbot: QtBot) -> Stage:
    return Stage(theme, qtbot)


GOOD = Message(ToastKind.GOOD, "212 days moved to the trash", "They stay there for 30 days.")
WARNING = Message(ToastKind.WARNING, "The shared cache does not answer")
ERROR = Message(ToastKind.ERROR, "Import stopped", "trades.csv.gz: row 12: the price is a word.")


def test_good_news_leaves_after_6_s_a_warning_after_12_s_an_error_never(stage: Stage) -> None:
    for message in (ERROR, WARNING, GOOD):
        stage.host.say(message)
    stage.pass_time(5_999)
    assert len(stage.headings()) == 3
    stage.pass_time(1)
    assert stage.headings() == [WARNING.heading, ERROR.heading]
    stage.pass_time(6_000)
    assert stage.headings() == [ERROR.heading]
    stage.pass_time(10_000_000)
    assert stage.headings() == [ERROR.heading]


def test_at_most_three_are_in_view_and_errors_are_the_last_to_be_pushed_out(stage: Stage) -> None:
    stage.host.say(ERROR)
    for number in range(4):
        stage.host.say(Message(ToastKind.GOOD, f"Done {number}"))
    assert stage.headings() == ["Done 3", "Done 2", ERROR.heading]


def test_everything_that_was_said_is_kept(stage: Stage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(stage.host.shown):
        stage.host.say(GOOD)
    stage.host.say(ERROR)
    stage.pass_time(6_000)
    assert stage.host.history() == (GOOD, ERROR)


def test_what_is_only_kept_is_not_shown(stage: Stage, qtbot: QtBot) -> None:
    seen = Message(ToastKind.GOOD, "The run is done")
    with qtbot.waitSignal(stage.host.kept_changed):
        stage.host.keep(seen)
    assert stage.host.visible_messages() == ()
    assert stage.host.history() == (seen,)


def test_the_pointer_over_it_stops_the_clock(stage: Stage) -> None:
    toast = stage.host.say(GOOD)
    enter = QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5))
    QApplication.sendEvent(toast, enter)
    stage.pass_time(60_000)
    assert stage.headings() == [GOOD.heading]
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    stage.pass_time(6_000)
    assert stage.headings() == []


def test_the_focus_inside_stops_the_clock(stage: Stage, qtbot: QtBot) -> None:
    outside = QPushButton("Outside", stage.window)
    outside.show()
    stage.window.activateWindow()
    qtbot.waitUntil(stage.window.isActiveWindow)
    toast = stage.host.say(GOOD, [("Undo", lambda: None)])
    toast.findChildren(QPushButton)[0].setFocus()
    stage.pass_time(60_000)
    assert stage.headings() == [GOOD.heading]
    outside.setFocus()
    stage.pass_time(6_000)
    assert stage.headings() == []


def test_an_action_is_carried_out_once_and_closes_the_message(stage: Stage) -> None:
    done: list[str] = []
    toast = stage.host.say(
        ERROR, [("Retry", lambda: done.append("retry")), ("Cause", lambda: done.append("cause"))]
    )
    toast.findChildren(QPushButton)[0].click()
    assert done == ["retry"]
    assert stage.headings() == []


def test_messages_stay_at_the_upper_right_when_the_window_changes(stage: Stage) -> None:
    upper = stage.host.say(ERROR)
    stage.window.resize(700, 500)
    assert upper.width() == 470
    assert upper.geometry().right() == 700 - 12 - 1
    newer = stage.host.say(GOOD)
    assert newer.y() == 12
    assert upper.y() > newer.geometry().bottom()


def test_a_message_is_as_high_as_its_text_needs(stage: Stage) -> None:
    low = stage.host.say(WARNING)
    high = stage.host.say(Message(ToastKind.ERROR, "Import stopped", "a long sentence " * 20))
    assert high.height() > low.height() + 3 * low.fontMetrics().height()


def test_every_control_of_a_message_has_a_name(stage: Stage) -> None:
    stage.host.say(ERROR, [("Retry", lambda: None)])
    assert nameless_controls(stage.window) == []


def test_the_real_clock_can_be_held_and_goes_on(qtbot: QtBot) -> None:
    owner = QObject()
    expired: list[bool] = []
    clock = TimerCountdown(owner)
    clock.hold()
    clock.go_on()
    clock.start(20, lambda: expired.append(True))
    clock.hold()
    clock.go_on()
    qtbot.waitUntil(lambda: bool(expired))
    clock.stop()
    assert expired == [True]
