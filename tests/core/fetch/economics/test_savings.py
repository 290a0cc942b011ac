"""What was spared and spent: counted and timed in this home, and null where it cannot be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.fetchhistory import hold_fetched, record_fetched, record_requests
from support.storedhome import KEY, START_US, StoredHome, day

from tickreel.fetch.economics import (
    PRESETS,
    Bill,
    Plan,
    PriceTable,
    Rates,
    avoided,
    history_days,
    payback,
    spent,
)
from tickreel.market.time import US_PER_DAY
from tickreel.store.records.usage import UsageMeter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATES = Rates(usd_per_request=0.5, usd_per_gb=2.0, usd_per_waiting_hour=36.0)
TABLE = PriceTable(PRESETS["starter"], RATES)


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


def read(stored: StoredHome, *numbers: int) -> None:
    """Serve days from the cache."""
    meter = UsageMeter(stored.database, stored.disk)
    for number in numbers:
        meter.hit(KEY, day(number), 1_000_000)
    meter.close()


def test_nothing_done_is_nothing_spared_and_nothing_spent(stored: StoredHome) -> None:
    found = stored.life.statistics()
    assert avoided(found, Rates()) == spent(found, Rates()) == Bill(0, 0, 0, None)
    assert avoided(found, RATES) == spent(found, RATES) == Bill(0, 0, 0, 0)
    assert history_days(found, START_US) is None


def test_only_days_that_the_vendor_could_serve_are_spared(stored: StoredHome) -> None:
    stored.store(0)
    hold_fetched(stored, 1, source_bytes=3_000_000)
    hold_fetched(stored, 2, source_bytes=500_000)
    for download_s in (1.0, 30.0, 5.0):
        record_fetched(stored.database, download_s, 3.0)
    read(stored, 0, 0, 0, 1, 1, 2)
    spared = avoided(stored.life.statistics(), RATES)
    assert (spared.requests, spared.bytes, spared.seconds) == (3, 6_500_000, 3 * 8.0)
    assert spared.usd == pytest.approx(3 * 0.5 + 0.0065 * 2 + 24 / 3600 * 36)
    assert avoided(stored.life.statistics(), Rates()).usd is None
    assert str(spared) == "3 requests, 6.5 MB, 24 s of waiting, $1.75"


def test_what_is_not_known_is_not_guessed(stored: StoredHome) -> None:
    hold_fetched(stored, 0, source_bytes=None)
    read(stored, 0)
    assert avoided(stored.life.statistics(), RATES) == Bill(1, None, None, None)
    requests_alone = Rates(usd_per_request=0.5)
    assert avoided(stored.life.statistics(), requests_alone) == Bill(1, None, None, 0.5)
    assert str(avoided(stored.life.statistics(), requests_alone)) == "1 request, –, – of waiting, $0.50"
    record_fetched(stored.database, None, 3.0)  # its download outlived a fetcher
    assert avoided(stored.life.statistics(), RATES).seconds is None
    assert spent(stored.life.statistics(), RATES).seconds is None


def test_what_was_spent_counts_failures_and_all_months(stored: StoredHome) -> None:
    record_requests(stored.database, "2025-12", 3, 10**9)
    record_requests(stored.database, "2026-01", 2, 10**9)
    record_fetched(stored.database, 60.0, 40.0)
    paid = spent(stored.life.statistics(), RATES)
    assert (paid.requests, paid.bytes, paid.seconds) == (5, 2 * 10**9, 100.0)
    assert paid.usd == pytest.approx(2.5 + 4 + 1)


def test_history_begins_with_the_first_day_that_was_fetched(stored: StoredHome) -> None:
    stored.store(0)
    read(stored, 0)
    record_fetched(stored.database, 1.0, 1.0, began_us=START_US + US_PER_DAY)
    record_fetched(stored.database, 1.0, 1.0, began_us=START_US)
    found = stored.life.statistics()
    assert history_days(found, START_US + 3 * US_PER_DAY) == 3
    assert history_days(found, START_US - 1) == 0, "the clock went back"


def test_a_plan_pays_back_by_the_saving_of_a_month() -> None:
    paid = Bill(1, 1, 1.0, 10.0)
    told = payback(TABLE, Bill(10, 10, 10.0, 108.0), paid, 365.25 / 12)
    assert told.saved_usd_per_month == pytest.approx(98)
    assert told.months == pytest.approx(0.5)
    assert told.reason == ""
    in_two_months = payback(TABLE, Bill(10, 10, 10.0, 108.0), paid, 2 * 365.25 / 12)
    assert in_two_months.months == pytest.approx(1)


@pytest.mark.parametrize(
    ("table", "usd", "days", "reason"),
    [
        (PriceTable(None, RATES), 9.0, 30.0, "no plan with a price is set"),
        (PriceTable(Plan("Ours"), RATES), 9.0, 30.0, "no plan with a price is set"),
        (PriceTable(PRESETS["starter"]), None, 30.0, "no price of a request, a GB or an hour is set"),
        (TABLE, 9.0, None, "nothing was fetched yet"),
        (TABLE, 9.0, 0.99, "there is less than a day of history"),
        (TABLE, None, 30.0, "not all is known that has a price"),
        (TABLE, 2.0, 30.0, "no more was spared than spent so far"),
    ],
)
def test_without_a_payback_it_is_said_why(
    table: PriceTable, usd: float | None, days: float | None, reason: str
) -> None:
    told = payback(table, Bill(1, 1, 1.0, usd), Bill(1, 1, 1.0, 2.0), days)
    assert told.months is None
    assert reason in told.reason


def test_a_day_of_history_is_enough() -> None:
    told = payback(TABLE, Bill(1, 1, 1.0, 4.9), Bill(0, 0, 0.0, 0.0), 1.0)
    assert told.saved_usd_per_month == pytest.approx(4.9 * 365.25 / 12)
    assert told.months == pytest.approx(10 * 12 / 365.25)
