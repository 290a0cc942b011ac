"""Calls that are under way, of all programs on a home: who was before whom, and who asks the same.

A call stands in the line by its entry in the ledger, and so needs to give nothing back: it leaves when
what became of it is entered, and that of a program that has ended is passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.analysis.calls import CallState
from tickreel.market.time import US_PER_SECOND
from tickreel.processes import is_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tickreel.store.records.database import Database

LONGEST_US = 3_600 * US_PER_SECOND
"""Nobody waits for a call that began longer ago: its program hangs, or could not enter what became of it."""
_UNDER_WAY = (
    "SELECT call.id, call.session, program.pid, program.began_s FROM analysis_call AS call"
    " LEFT JOIN analysis_session AS program ON program.session = call.session"
    f" WHERE call.state = '{CallState.UNDER_WAY}' AND call.began_us > ? AND "
)


class Line:
    """Look at the calls under way of a home, as the program *session* that takes part in them."""

    def __init__(self, database: Database, session: str, now_us: Callable[[], int]) -> None:
        self._database = database
        self._session = session
        self._now_us = now_us

    def before(self, call_id: int) -> int:
        """Count the calls that were entered before one and are not over."""
        return sum(1 for _ in self._living("call.id < ?", call_id))

    def has(self, call_id: int) -> bool:
        """Tell whether a call is not over, and its program still runs."""
        return any(True for _ in self._living("call.id = ?", call_id))

    def asking(self, request_sha256: str) -> int | None:
        """Find the call that asks the same now; None where none does."""
        return next(self._living("call.request_sha256 = ?", request_sha256), None)

    def _living(self, where: str, value: int | str) -> Iterator[int]:
        known = {self._session: True}
        rows = self._database.tuples(f"{_UNDER_WAY}{where}", (self._now_us() - LONGEST_US, value))
        for number, session, pid, began_s in rows:
            if session not in known:
                known[session] = pid is not None and is_running(pid, began_s)
            if known[session]:
                yield number
