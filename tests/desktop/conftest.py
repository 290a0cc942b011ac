"""What holds for every test of the desktop: no window outlives it."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDS_WITHIN_S = 20
_OF_THE_PROCESS = ("tickreel-decode",)
"""Begun at the first need, whichever test that is, and ended with the process."""


def _windows() -> set[QWidget]:
    # Menus and tool-tips without a parent are left out: Qt and pyqtgraph keep some for themselves.
    return {
        widget
        for widget in QApplication.topLevelWidgets()
        if widget.isVisible() or isinstance(widget, QMainWindow | QDialog)
    }


@pytest.fixture(autouse=True)
def no_surviving_thread() -> Iterator[None]:
    """Fail a test after which a thread of Tickreel still runs."""
    before = set(threading.enumerate())
    yield
    after = [each for each in threading.enumerate() if each.name not in _OF_THE_PROCESS]
    left = [each for each in after if each not in before and each.name.startswith("tickreel")]
    for each in left:
        each.join(_ENDS_WITHIN_S)  # one that was told to end may need a moment
    names = sorted(each.name for each in left if each.is_alive())
    if names:
        pytest.fail("threads that outlive the test: " + ", ".join(names), pytrace=False)


@pytest.fixture(autouse=True)
def no_surviving_window(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test after which a window is still there; ``qtbot.addWidget`` closes those it is given."""
    if not {"qapp", "qtbot"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("qapp")
    before = _windows()
    yield
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = sorted(f"{type(widget).__name__} {widget.objectName()!r}" for widget in _windows() - before)
    # What has survived, all modules above all, need not be looked through after each later test:
    # that took a seventh of a second every time.
    gc.freeze()
    if left:
        pytest.fail("windows that outlive the test: " + ", ".join(left), pytrace=False)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """Dress the application; only one theme may be applied at a time, so it goes with the test."""
    made = Theme(ThemeMode.DARK)
    made.apply(qapp)
    yield made
    shiboken6.delete(made)


@pytest.fixture
def zone(qapp: QApplication) -> DisplayZone:
    """Show times in UTC, until the test chooses another zone."""
    return DisplayZone()
