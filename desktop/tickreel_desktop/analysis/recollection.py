"""What the panel shows of before: calls of the day, the history, pins and opinions, exports."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.analysis.exporting import json_of, markdown_of
from tickreel.analysis.history import Mark, Query, find_history, set_mark
from tickreel.analysis.keeping import KeptAnalysis, measured_again
from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.market.time import US_PER_DAY
from tickreel_desktop.analysis.earlier import Entry
from tickreel_desktop.analysis.history_page import ALL, DAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.analysis.history import Kept
    from tickreel.store import Cache
    from tickreel_desktop.analysis.panel import AnalysisPanel
    from tickreel_desktop.analysis.scope import Scope, Subject
    from tickreel_desktop.tasks import Tasks


class Recollection(QObject):
    """Find, mark and export analyses of before; reads and writes on worker threads."""

    opened = Signal(object, object)
    """A :class:`Kept` is to be shown, with its :class:`KeptAnalysis`, None where it has no answer."""
    marked = Signal(object, int, object)
    """A finding of this :class:`Kept`, by its number from 0 on, was pinned or rated: its :class:`Mark`."""
    exported = Signal(str)
    """To this path."""

    def __init__(
        self,
        panel: AnalysisPanel,
        scope: Scope,
        cache: Cache,
        tasks: Tasks,
        tell: Callable[[BaseException], None],
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._scope = scope
        self._cache = cache
        self._tasks = tasks
        self._tell = tell
        self._marking = asyncio.Lock()
        """Marks are written and shown in the order in which they were given."""
        self._earlier: Query | None = None
        """What the calls of the day were last looked for by."""
        panel.earlier.chosen.connect(self.open)
        panel.history.chosen.connect(self.open)
        for wish in (panel.history.wanted, panel.history_wanted):
            wish.connect(lambda: tasks.start(self._renew_history(), "read the history of analyses"))

    def open(self, kept: Kept) -> None:
        """Have a call of before shown, with its figures where its rows are still the same."""
        self._tasks.start(self._open(kept), "open an analysis")

    async def _open(self, kept: Kept) -> None:
        self.opened.emit(kept, await asyncio.to_thread(measured_again, self._cache, kept))

    async def _renew_history(self) -> None:
        page = self._panel.history
        query = self._query(page.reach(), page.text(), is_pinned=page.pinned.isChecked())
        page.show_entries(await self._found(query))

    def is_elsewhere(self) -> bool:
        """Tell whether another day or instrument is in view than that of the calls that are shown."""
        return self._query(DAY) != self._earlier

    async def renew_earlier(self) -> None:
        """Show the calls about the day that is in view."""
        self._earlier = query = self._query(DAY)
        entries = await self._found(query)
        if query == self._earlier:
            self._panel.earlier.show_entries(entries)

    async def count_stored(self, subject: Subject) -> int:
        """Count the answers about a window that are here."""
        return len(
            await self._found(
                Query(
                    subject.exchange,
                    subject.symbol,
                    subject.from_us,
                    subject.to_us,
                    is_answered=True,
                    limit=100,
                )
            )
        )

    async def pinned(self, exchange: str, symbol: str) -> list[Kept]:
        """Find the analyses of an instrument that have a pinned finding."""
        return [one.kept for one in await self._found(Query(exchange, symbol, is_pinned=True))]

    def _query(self, reach: str, text: str = "", *, is_pinned: bool = False) -> Query | None:
        subject = self._scope.subject
        if reach == ALL:
            return Query(text=text, is_pinned=is_pinned)
        if subject is None:
            return None
        exchange, symbol = subject.exchange, subject.symbol
        if reach != DAY:
            return Query(exchange, symbol, text=text, is_pinned=is_pinned)
        if len(subject.spans) > 1:
            return Query(exchange, symbol, subject.from_us, subject.to_us, text, is_pinned=is_pinned)
        day_us = (subject.to_us - 1) // US_PER_DAY * US_PER_DAY
        return Query(exchange, symbol, day_us, day_us + US_PER_DAY, text, is_pinned=is_pinned)

    async def _found(self, query: Query | None) -> list[Entry]:
        if query is None:
            return []
        try:
            return await asyncio.to_thread(self._find, query)
        except TickreelError as error:
            self._tell(error)
            return []

    def _find(self, query: Query) -> list[Entry]:
        with closing(self._cache.connect()) as database:
            found = find_history(database, query)
        return [Entry(kept, kept.is_changed(self._cache)) for kept in found]

    def mark(
        self,
        analysis: KeptAnalysis,
        finding: int,
        *,
        is_pinned: bool | None = None,
        rating: int | None = None,
    ) -> None:
        """Pin a finding or say how good it was; what is None stays."""
        work = self._mark(analysis.kept, finding, is_pinned, rating)
        self._tasks.start(work, "note what is thought of a finding")

    async def _mark(self, kept: Kept, finding: int, is_pinned: bool | None, rating: int | None) -> None:
        def write() -> Mark:
            now_us = self._cache.disk.now_us()
            with closing(self._cache.connect()) as database:
                return set_mark(database, kept, finding, now_us, is_pinned=is_pinned, rating=rating)

        async with self._marking:
            try:
                mark = await asyncio.to_thread(write)
            except TickreelError as error:
                self.marked.emit(kept, finding, kept.marks.get(finding, Mark()))
                self._tell(error)
                return
            self.marked.emit(kept, finding, mark)
        await self.renew_earlier()

    def export(self, kept: Kept, path: Path) -> None:
        """Write an analysis as JSON where the name of the file says so, else as Markdown."""
        self._tasks.start(self._export(kept, path), "export an analysis")

    async def _export(self, kept: Kept, path: Path) -> None:
        def write() -> None:
            analysis = measured_again(self._cache, kept)
            if analysis is not None:
                form = json_of if path.suffix.lower() == ".json" else markdown_of
                path.write_text(form(analysis), encoding="utf-8")

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            self._tell(EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}"))
        else:
            self.exported.emit(str(path))
