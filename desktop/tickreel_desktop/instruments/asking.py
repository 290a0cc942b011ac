"""The vendor asked what it knows of instruments, one call at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.errors import Cancelled, TickreelError
from tickreel.market.units import format_full
from tickreel_desktop.components.sentences import sentence
from tickreel_desktop.instruments.vendor_call import VendorCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel_desktop.instruments.keeper import InstrumentKeeper
    from tickreel_desktop.instruments.vendor_form import VendorForm
    from tickreel_desktop.tasks import Tasks


class Asking(QObject):
    """Does what the form asks for; *say* tells what came of it."""

    def __init__(
        self,
        form: VendorForm,
        keeper: InstrumentKeeper,
        tasks: Tasks,
        say: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self._keeper = keeper
        self._tasks = tasks
        self._say = say
        self._call: VendorCall | None = None
        self._is_closed = False
        form.asking_wanted.connect(self._on_asking_wanted)
        form.cancelled.connect(self._on_cancelled)

    def close(self) -> None:
        """Call off what runs; it finds nobody to tell."""
        self._is_closed = True
        self._on_cancelled()

    def _on_cancelled(self) -> None:
        if self._call is not None:
            self._call.cancel()

    def _on_asking_wanted(self, exchange: str, symbol: str | None) -> None:
        if self._call is None:
            self._tasks.start(self._ask(exchange, symbol), "ask the vendor for instruments")

    async def _ask(self, exchange: str, symbol: str | None) -> None:
        form = self._form
        call = self._call = VendorCall(self._keeper.cache, exchange, symbol)
        form.show_running(True)
        problem, said = "", ""
        try:
            found = await self._keeper.ask(call)
            recorded = found.recorded
            said = (
                f"{exchange}: {format_full(recorded.instruments)} instruments, of which "
                f"{format_full(len(recorded.changed))} were new or had changed."
            )
            problem = " ".join(sentence(str(each)) for each in found.problems[:3])
        except Cancelled:
            problem = "Cancelled. What was recorded by then stays."
        except TickreelError as error:
            problem = sentence(str(error))
        finally:
            self._call = None
        if self._is_closed:
            return
        form.show_running(False)
        if problem:
            form.show_failure(problem)
        if said:
            self._say(said)
