"""What a preview knows and how it is said, from the vendor that is stood in for; without a window."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from support.fetchdesk import EXCHANGE, FIRST, SYMBOL, asked, fetch_desk, write_days
from support.redisserver import RedisServer

from tickreel.errors import UsageError
from tickreel.fetch.economics import prices_path
from tickreel.fetch.request import Origin
from tickreel.market.types import DatasetKey, DataType
from tickreel.settings import save
from tickreel.sources import datasets
from tickreel.store.model import DayRange
from tickreel_desktop.fetching.facts import facts, is_plain
from tickreel_desktop.fetching.fates import Fate
from tickreel_desktop.fetching.planner import Planner
from tickreel_desktop.fetching.preview import Previewer
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.fetching.words import fetch_text, sentence, source_rows, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.fetchdesk import Desk

    from tickreel_desktop.fetching.preview import Preview

_SECOND = FIRST + timedelta(days=1)
_OUTAGE = {
    "from": f"{_SECOND}T02:00:00Z",
    "to": f"{_SECOND}T08:00:00Z",
    "status": "wontfix",
    "details": "down",
}
WISH = FetchWish(EXCHANGE, (SYMBOL,), (DataType.TRADES,), FIRST, FIRST + timedelta(days=4))


@pytest.fixture
def desk(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(datasets, "_ASK_WAITS_S", ())
    write_days(tmp_path / "vendor", 4)
    exchanges = {EXCHANGE: {"incidentReports": [_OUTAGE]}}
    with fetch_desk(tmp_path / "vendor", home, exchanges=exchanges) as made:
        yield made


def previews(desk: Desk, *wishes: FetchWish, is_down: bool = False) -> list[Preview]:
    """Ask for previews one after the other, as one dialog does."""

    async def work() -> list[Preview]:
        planner = Planner(desk.cache, lambda _cache: desk.service())
        previewer = Previewer(planner)
        try:
            return [await previewer.asked(wish) for wish in wishes]
        finally:
            await planner.close()

    if is_down:
        with desk.fake.down():
            return asyncio.run(work())
    return asyncio.run(work())


def said(preview: Preview) -> str:
    return "".join(piece.text for piece in sentence(preview))


def told(preview: Preview) -> dict[str, str]:
    return {fact.caption: fact.text for fact in facts(preview)}


def test_the_sentence_the_table_and_the_facts_tell_what_becomes_of_each_day(desk: Desk) -> None:
    desk.fetch(asked(1))
    left, all_of_it = previews(desk, WISH, replace(WISH, leaves_out_bad=False))
    assert said(left) == (
        "1 of 5 days is here already and 2 must be fetched from Tardis."
        " 1 day is known to be bad and left out. 1 is not published yet."
    )
    assert [(row.name, row.days) for row in source_rows(left)] == [
        *(("Already here", "1"), ("Tardis", "2"), ("Not published yet", "1"), ("Left out", "1")),
    ]
    assert told(left)["Bad days"] == "2\u00a0Jul: the vendor reports an incident of 6.0 h (down)"
    assert told(left)["Not published"] == "5\u00a0Jul: published so far: up to 2024-07-05"
    assert told(left)["Disk after"].endswith("free")
    assert (fetch_text(left), why_not(left)) == ("Fetch 2 days", "")
    assert "1 day is known to be bad and fetched all the same" in said(all_of_it)
    assert fetch_text(all_of_it) == "Fetch 3 days"


def test_days_of_the_shared_cache_are_counted_and_can_be_asked_for(desk: Desk) -> None:
    first = replace(WISH, last=FIRST)
    with RedisServer() as server:
        save(desk.cache.home, {"shared.url": server.url})
        desk.fetch(asked(1))
        desk.cache.life.trash.put(DayRange(DatasetKey(EXCHANGE, SYMBOL, DataType.TRADES), FIRST, FIRST))
        one, several = previews(desk, first, WISH)
    assert said(one) == "0 of 1 day are here already and 1 comes from the shared cache."
    assert (fetch_text(one), why_not(one), is_plain(one)) == ("Fetch 1 day", "", True)
    assert one.fates[FIRST].fate is Fate.SHARED
    assert said(several).startswith(
        "0 of 5 days are here already, 1 comes from the shared cache and 2 must be fetched from Tardis."
    )
    assert ("Shared cache", "1") in [(row.name, row.days) for row in source_rows(several)]
    assert fetch_text(several) == "Fetch 3 days"


def test_only_what_leaves_nothing_to_decide_is_plain(desk: Desk) -> None:
    first = replace(WISH, last=FIRST)
    later = replace(WISH, first=FIRST + timedelta(days=2), last=FIRST + timedelta(days=3))
    flawed = replace(WISH, first=_SECOND, last=_SECOND)
    unpublished = replace(later, last=WISH.last)
    found = previews(desk, first, later, flawed, replace(flawed, leaves_out_bad=False), unpublished)
    assert [is_plain(preview) for preview in found] == [True, True, False, False, False]
    prices_path(desk.cache.home).write_text("[rates]\nusd_per_request = 0.5\n", encoding="utf-8")
    desk.fetch(asked(1))
    here, priced = previews(desk, first, later)
    assert not is_plain(here), "there is nothing to fetch"
    assert (priced.usd, is_plain(priced)) == (1.0, False)
    (down,) = previews(desk, later, is_down=True)
    assert not is_plain(down)


def test_calls_that_do_not_suffice_and_prices_are_told_before_the_start(desk: Desk) -> None:
    prices_path(desk.cache.home).write_text(
        '[plan]\nname = "Tiny"\ncalls_per_month = 1\n[rates]\nusd_per_request = 0.5\n'
    )
    (preview,) = previews(desk, WISH)
    assert why_not(preview) == "The calls of the plan do not suffice"
    assert "the plan Tiny does not allow it" in told(preview)["Calls"]
    assert told(preview)["Price"] == "about $1.50 by your price table"
    (allowed,) = previews(desk, replace(WISH, goes_over_budget=True))
    assert why_not(allowed) == ""


def test_a_quota_says_what_would_leave_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKREEL_QUOTA_BYTES", "1500")  # a day of this vendor takes about 1000
    desk.fetch(asked(1))
    (preview,) = previews(desk, WISH)
    assert told(preview)["Quota after"].endswith("beyond it, though 1 day leaves for it")


def test_a_vendor_that_is_not_reached_is_asked_once_and_what_is_held_is_still_told(desk: Desk) -> None:
    desk.fetch(asked(1))
    for kept in (desk.cache.home / "metadata").glob("*.json"):
        kept.unlink()
    count = len(desk.fake.requests)
    first, second = previews(desk, WISH, replace(WISH, last=FIRST), is_down=True)
    assert len(desk.fake.requests) == count
    assert "127.0.0.1" in first.problem
    assert second.problem == first.problem
    assert said(first) == "1 of 5 days is here already and 4 must be fetched from Tardis."
    assert told(first)["Vendor's list"].startswith("never read")


def test_a_machine_is_asked_for_ranges_and_the_vendor_not_at_all(desk: Desk) -> None:
    (preview,) = previews(desk, replace(WISH, origin=Origin.MACHINE))
    assert said(preview) == "0 of 5 days are here already and 5 must be fetched from tardis-machine."
    assert {"Key", "Vendor's list"}.isdisjoint(told(preview))
    assert [request.path for request in desk.fake.requests] == ["/health-check"]
    with desk.fake.down():
        (preview,) = previews(desk, replace(WISH, origin=Origin.MACHINE))
    assert "the connection failed" in told(preview)["Note"]


def test_an_exchange_there_is_not_is_refused_and_a_planner_that_is_closed_does_nothing(desk: Desk) -> None:
    with pytest.raises(UsageError, match="did you mean binance-futures"):
        previews(desk, replace(WISH, exchange="binance-future"))

    async def closed() -> None:
        planner = Planner(desk.cache, lambda _cache: desk.service())
        await planner.close()
        with pytest.raises(asyncio.CancelledError):
            await Previewer(planner).kept(WISH)

    asyncio.run(closed())
