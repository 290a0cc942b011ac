"""Whether the vendor may be asked now: within the calls of the plan, and not while it wants to be left alone.

Every request is counted before it is made, so that no end of the process hides it, and taken back when
it proves never to have reached the vendor.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tickreel.fetch.economics import read_budget
from tickreel.fetch.history import count_requests, take_back_request
from tickreel.market.time import format_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.fetch.economics import Plan
    from tickreel.fetch.hold import HoldRecord
    from tickreel.store.records.database import Database


class Admission:
    """The budget and the hold of a home, asked before each request; for any thread.

    In a home that can only be read nothing is counted, and what is counted already still binds.
    """

    def __init__(
        self, database: Database, hold: HoldRecord, plan: Plan | None, now_us: Callable[[], int]
    ) -> None:
        self._database = database
        self._hold = hold
        self._plan = plan
        self._now_us = now_us

    def admit(self, *, may_overspend: bool = False, can_be_allowed: bool = True) -> str:
        """Count a request unless the plan allows no more calls in this month: why, else empty.

        *can_be_allowed* says whether whoever is refused can ask again beyond the plan.
        """
        now_us = self._now_us()
        if self._database.read_only:
            return "" if may_overspend else self._over_budget(now_us, can_be_allowed)
        with self._database.writing(survives_power=False) as connection:
            if not may_overspend and (refusal := self._over_budget(now_us, can_be_allowed)):
                return refusal
            count_requests(connection, _month(now_us), 1, 0)
        return ""

    def take_back(self) -> None:
        """Uncount a request that never reached the vendor."""
        if not self._database.read_only:
            with self._database.writing(survives_power=False) as connection:
                take_back_request(connection, _month(self._now_us()))

    def held(self) -> str:
        """Tell why nothing may be asked at all for now; empty when the vendor may be asked."""
        hold = self._hold.current()
        if hold is None:
            return ""
        return f"nothing is asked of the vendor until {format_us(hold.until_us)}: {hold.reason}"

    def _over_budget(self, now_us: int, can_be_allowed: bool) -> str:
        verdict = read_budget(self._database, self._plan, now_us).check(1, can_be_allowed=can_be_allowed)
        return "" if verdict.is_allowed else verdict.reason


class ListCalls:
    """The calls for lists of one client: by the user's own act, or by the program itself."""

    def __init__(
        self,
        admission: Admission,
        *,
        by_hand: bool = True,
        may_overspend: bool = False,
        can_be_allowed: bool = False,
    ) -> None:
        """Ask *admission*; what is not *by_hand* is not asked for during a hold."""
        self._admission = admission
        self._by_hand = by_hand
        self._may_overspend = may_overspend
        self._can_be_allowed = can_be_allowed

    async def admit(self) -> str:
        """Count a request for a list before it is made; why it may not be made, else empty."""
        return await asyncio.to_thread(self._admit)

    def _admit(self) -> str:
        if not self._by_hand and (held := self._admission.held()):
            return held
        return self._admission.admit(may_overspend=self._may_overspend, can_be_allowed=self._can_be_allowed)

    async def take_back(self) -> None:
        """Uncount one that never reached the vendor."""
        await asyncio.to_thread(self._admission.take_back)


def _month(now_us: int) -> str:
    return format_us(now_us)[:7]
