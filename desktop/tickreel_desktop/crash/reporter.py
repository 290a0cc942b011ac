"""Where every unexpected error ends: in the log, and in one dialog at a time."""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from tickreel.diagnostics import Redaction
from tickreel.market.units import format_full
from tickreel_desktop.components import open_over
from tickreel_desktop.crash.dialog import CrashDialog
from tickreel_desktop.crash.report import CrashReport, report_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import TracebackType

    from tickreel_desktop.theme import Theme

_SAY_AGAIN_S = 10.0
"""An error that one has gone on from is told of again, quietly, but not more often than this."""

_LOGGER = logging.getLogger(__name__)


class _Known:
    """What is known of an error that came before."""

    def __init__(self, now_s: float) -> None:
        self.count = 1
        self.told_s = now_s


class CrashReporter(QObject):
    """Log errors that nobody caught, and open a dialog for them over *window*.

    :meth:`report` may be called from any thread. An error in a handler that runs many times a second
    makes one dialog, one traceback in the log, and counts.
    """

    quit_requested = Signal()
    diagnostics_requested = Signal(QWidget)
    """Open the diagnostics over this dialog."""
    repeated = Signal(str)
    """An error came again after one has gone on from it; a sentence for a toast, now and then."""

    _arrived = Signal(object, bool)

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        *,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._window = window
        self._clock = clock
        self._redaction = Redaction.of_user()
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._repeats = 0
        self._others = 0
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self.dialog: CrashDialog | None = None
        self._arrived.connect(self._on_arrived)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take what escapes slots, threads and tasks, until :meth:`close`."""

        def on_exception(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            self.report(error)

        def on_thread_exception(failed: threading.ExceptHookArgs) -> None:
            if failed.exc_value is not None and failed.exc_type is not SystemExit:
                self.report(failed.exc_value)

        def on_loop_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error = context.get("exception")
            self.report(error if isinstance(error, BaseException) else RuntimeError(context["message"]))

        self._loop = loop
        sys.excepthook = on_exception
        threading.excepthook = on_thread_exception
        loop.set_exception_handler(on_loop_exception)

    def report(self, error: BaseException) -> None:
        """Take an error; Ctrl+C in the terminal is a wish to quit and none."""
        if isinstance(error, KeyboardInterrupt):
            self.quit_requested.emit()
            return
        report = report_of(error, self._redaction)
        with self._lock:
            known = self._known.get(report.place)
            if known is None:
                self._known[report.place] = _Known(self._clock())
            else:
                known.count += 1
        if known is None:
            _LOGGER.error("unexpected: %s", report.sentence, exc_info=error)
        self._arrived.emit(report, known is None)

    def close(self) -> None:
        """Only log from now on, and let errors go where they went before."""
        self._is_closed = True
        if self._loop is not None:
            sys.excepthook = sys.__excepthook__
            threading.excepthook = threading.__excepthook__
            self._loop.set_exception_handler(None)
        if self.dialog is not None:
            self.dialog.close()

    def _on_arrived(self, report: CrashReport, is_new: bool) -> None:
        if self._is_closed:
            return
        if self.dialog is not None:
            if report.place == self.dialog.report.place:
                self._repeats += 1
            else:
                self._others += 1
            self.dialog.show_counts(self._repeats, self._others)
            return
        if is_new:
            self._open(report)
            return
        known = self._known[report.place]
        now_s = self._clock()
        if now_s - known.told_s >= _SAY_AGAIN_S:
            known.told_s = now_s
            told = f"{report.sentence}. {format_full(known.count)} times so far."
            _LOGGER.error("unexpected, again: %s", told)
            self.repeated.emit(told)

    def _open(self, report: CrashReport) -> None:
        self._repeats = self._others = 0
        dialog = self.dialog = CrashDialog(self._theme, report, self._window)
        dialog.quit_requested.connect(self.quit_requested)
        dialog.diagnostics_requested.connect(lambda: self.diagnostics_requested.emit(dialog))
        dialog.finished.connect(lambda _code: self._on_finished(dialog))
        open_over(self._window, dialog)

    def _on_finished(self, dialog: CrashDialog) -> None:
        known = self._known[dialog.report.place]
        known.told_s = self._clock()
        self.dialog = None
        dialog.deleteLater()
