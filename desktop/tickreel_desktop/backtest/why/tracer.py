"""Does the run of an order once more, as far as the order and under other models, and tells how far it is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer

from tickreel.backtest.why.othermodels import under_other_models
from tickreel.backtest.why.tracing import trace_order
from tickreel.errors import Cancelled, TickreelError
from tickreel_desktop.components import Banner, BannerKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.backtest.runs.service import Runs
    from tickreel.backtest.why.asking import Asked
    from tickreel.backtest.why.othermodels import Otherwise
    from tickreel.backtest.why.tracing import Way
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.theme import Theme

T = TypeVar("T")

_TELL_MS = 250


class TraceWatch:
    """The monitor of a trace: how far it is, and whether it is still wanted."""

    def __init__(self) -> None:
        self.share: float | None = None
        self._is_over = threading.Event()

    def stop(self) -> None:
        """Want it no more."""
        self._is_over.set()

    def report(self, done: int, total: int | None, _note: str = "") -> None:
        """Take progress; raises Cancelled once it is wanted no more."""
        self.share = done / total if total else None
        if self._is_over.is_set():
            raise Cancelled("the order is not shown any more")


class OrderTracer(QObject):
    """One thing at a time is done; a banner tells of it and offers to cancel."""

    def __init__(self, theme: Theme, keeper: RunsKeeper, parent: QObject) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._watch: TraceWatch | None = None
        self._what = ""
        self.banner = Banner(theme, BannerKind.NOTE, "", action="Cancel")
        self.banner.hide()
        self.banner.action_triggered.connect(self.stop)
        self._telling = QTimer(self)
        self._telling.setInterval(_TELL_MS)
        self._telling.timeout.connect(self._tell)

    async def way(self, asked: Asked) -> tuple[Way | None, str]:
        """Trace an order through its queue; without a way, say why there is none."""
        return await self._do(
            "Doing the run once more to trace this order",
            lambda runs, watch: trace_order(runs.cache, runs.run(asked.card.id), asked.order, watch),
            "Not traced",
        )

    async def others(self, asked: Asked) -> tuple[list[Otherwise] | None, str]:
        """Do an order under other models; without figures, say why there are none."""
        return await self._do(
            "Doing the order under other models",
            lambda runs, watch: under_other_models(runs.cache, runs.run(asked.card.id), asked.order, watch),
            "not done",
        )

    async def _do(
        self, what: str, work: Callable[[Runs, TraceWatch], T], otherwise: str
    ) -> tuple[T | None, str]:
        watch = self._watch = TraceWatch()
        self._what = what
        self._tell()
        self.banner.show()
        self._telling.start()
        try:
            return await self._keeper.ask(lambda runs: work(runs, watch)), ""
        except Cancelled:
            return None, f"{otherwise}: cancelled."
        except TickreelError as error:
            return None, f"{otherwise}: {error}."
        finally:
            watch.stop()
            if self._watch is watch:
                self._watch = None
                self._telling.stop()
                self.banner.hide()

    def _tell(self) -> None:
        share = None if self._watch is None else self._watch.share
        done = "" if share is None else f": {int(100 * share)} %"
        self.banner.set_text(f"{self._what}{done}", quietly=True)

    def stop(self) -> None:
        """Give up what is being done."""
        if self._watch is not None:
            self._watch.stop()
