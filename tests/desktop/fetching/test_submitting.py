"""What is queued stays queued, and is told so, when the order to keep it complete cannot be made."""

from __future__ import annotations

import asyncio
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tickreel.errors import EnvironmentProblem
from tickreel.fetch.preflight import Action
from tickreel_desktop.fetching.vendor import Submitted, Vendor

if TYPE_CHECKING:
    from tickreel.store import Cache
    from tickreel_desktop.fetching.planner import Planner
    from tickreel_desktop.fetching.preview import Preview


class Standing:
    def all(self) -> list[object]:
        return []

    def add(self, key: str, first: date) -> None:
        raise EnvironmentProblem("the catalog is locked")


class DirectPlanner:
    """Does what it is asked with a service that queues, and can make no standing order."""

    def __init__(self, job_id: int | None) -> None:
        self.service = SimpleNamespace(submit=lambda _plan, **_options: job_id, standing=Standing())

    async def ask(self, work: Any) -> Any:
        return await work(self.service)


def submit(job_id: int | None) -> Submitted:
    vendor = Vendor(cast("Cache", None), cast("Planner", DirectPlanner(job_id)))
    wish = SimpleNamespace(goes_over_budget=False, keeps_on=True, first=date(2024, 7, 1))
    item = SimpleNamespace(key="a", action=Action.FETCH)
    preview = SimpleNamespace(wish=wish, plan=SimpleNamespace(items=[item]))
    return asyncio.run(vendor.submit(cast("Preview", preview), is_paused=False))


def test_a_job_that_was_queued_is_told_although_it_is_not_kept_complete() -> None:
    assert submit(7) == Submitted(7, "the catalog is locked")
    with pytest.raises(EnvironmentProblem, match="locked"):
        submit(None)
