from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tickreel_desktop.view_costs import Costs, ViewCosts

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from pytestqt.qtbot import QtBot

_WORK_S = 0.02


def work() -> None:
    until_s = time.thread_time() + _WORK_S
    while time.thread_time() < until_s:
        pass


class Painted(QWidget):
    """Works hard to paint, to take a frame, and when its timer says so."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(50, 50)
        self.taken: list[object] = []
        self.painted = 0
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(work)

    def take(self, frame: object) -> None:
        self.taken.append(frame)
        work()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted += 1
        work()


class HardCurve(pg.PlotCurveItem):  # type: ignore[misc]
    """Works hard when its view moves, which pyqtgraph's scene does by itself."""

    def paint(self, *args: object) -> None:
        work()
        super().paint(*args)


def test_what_is_done_inside_of_something_else_counts_once() -> None:
    costs = Costs()
    began_s = time.thread_time()
    with costs.of("outer"):
        work()
        with costs.of("inner"):
            work()
    lasted_s = time.thread_time() - began_s
    outer_s, inner_s = costs.spent_s("outer"), costs.spent_s("inner")
    assert min(outer_s, inner_s) >= _WORK_S
    assert outer_s + inner_s <= lasted_s
    costs.clear()
    assert costs.spent_s("outer") == 0.0


def test_a_view_is_booked_for_frames_paints_and_timers(qtbot: QtBot) -> None:
    view, other = Painted(), Painted()
    views = ViewCosts(view)
    for name, each in (("one", view), ("other", other)):
        qtbot.addWidget(each)
        views.watch(name, each)
    assert views.names == ("one", "other")
    view.take("frame")
    assert view.taken == ["frame"]
    assert views.costs.spent_s("one") >= _WORK_S
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: view.painted > 0)
    assert views.costs.spent_s("one") >= 2 * _WORK_S
    before_s = views.costs.spent_s("one")
    view.timer.start(1)
    QTest.qWait(60)
    assert views.costs.spent_s("one") >= before_s + _WORK_S
    assert views.costs.spent_s("other") == 0.0


def test_the_work_of_pyqtgraph_is_its_views(qtbot: QtBot) -> None:
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    views = ViewCosts(plot)
    views.watch("plot", plot)
    curve = HardCurve([0.0, 1.0], [0.0, 1.0])
    plot.addItem(curve)
    with qtbot.waitExposed(plot):
        plot.show()
    QTest.qWait(50)
    before_s = views.costs.spent_s("plot")
    assert before_s >= _WORK_S
    curve.setData([0.0, 1.0], [0.0, 2.0])
    QTest.qWait(50)
    assert views.costs.spent_s("plot") >= before_s + _WORK_S
