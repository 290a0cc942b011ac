"""Brings the vendor's lists into the form: kept ones at once, and asked for only where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from tickreel.errors import TickreelError, UsageError
from tickreel_desktop.components.sentences import capital

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tickreel.sources.metadata import ExchangeList
    from tickreel_desktop.fetching.form import FetchForm
    from tickreel_desktop.fetching.vendor import Vendor
    from tickreel_desktop.tasks import Tasks


class FormLists(QObject):
    """Fill the lists of one form; it lives as long as the form."""

    asked = Signal()
    """The vendor is asked for a list."""
    refused = Signal(str)
    """The vendor has no such exchange: what it says."""

    def __init__(self, form: FetchForm, vendor: Vendor, tasks: Tasks) -> None:
        super().__init__(form)
        self._form = form
        self._vendor = vendor
        self._tasks = tasks
        self._generation = 0
        form.exchange_changed.connect(lambda _name: self.list_symbols())
        form.exchange.renew_wanted.connect(lambda: self._start(self._renew_exchanges(), "exchanges"))

    def begin(self) -> None:
        """Show the exchanges that are kept; ask for them only where there are none."""
        self._start(self._begin(), "list exchanges")
        self.list_symbols()

    def list_symbols(self) -> None:
        """Complete symbols of the exchange that is filled in."""
        self._generation += 1
        exchange = self._form.exchange.exchange
        if exchange:
            self._start(self._show_listing(exchange, self._generation), "list symbols")

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        self._tasks.start(work, name)

    async def _begin(self) -> None:
        try:
            found = await self._vendor.kept_exchanges()
        except TickreelError as error:
            self._tell_exchanges(None, str(error))
            return
        if found is None:
            await self._renew_exchanges()
        else:
            self._tell_exchanges(found)

    async def _renew_exchanges(self) -> None:
        if not isValid(self):
            return
        self._form.exchange.show_asking()
        self.asked.emit()
        problem = ""
        found: ExchangeList | None = None
        try:
            found = await self._vendor.renew_exchanges()
        except TickreelError as error:
            problem = str(error)
            found = await self._vendor.kept_exchanges()
        self._tell_exchanges(found, problem)

    def _tell_exchanges(self, found: ExchangeList | None, problem: str = "") -> None:
        if isValid(self):
            self._form.exchange.show_list(found, self._vendor.now_us(), problem)

    async def _show_listing(self, exchange: str, generation: int) -> None:
        """Show what is kept of an exchange; a newer list comes with the preview."""
        problem = ""
        try:
            listing = await self._vendor.kept_listing(exchange)
            if listing is None and isValid(self):
                self.asked.emit()
                listing = await self._vendor.renew_listing(exchange)
        except UsageError as error:
            listing, problem = None, capital(str(error))
        except TickreelError:
            return  # the preview tells it
        if isValid(self) and generation == self._generation:
            self._form.show_listing(listing)
            self._form.exchange.set_problem(problem)
            if problem:
                self.refused.emit(problem)
