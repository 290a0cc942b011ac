"""The article's six rows: quoted as claims, computed where a saving is told, measured or said not to be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.fetchhistory import hold_fetched, record_fetched, record_requests
from support.storedhome import KEY, StoredHome, day

from tickreel.fetch.economics import Rates, Sides, Unit, compare, read_work
from tickreel.market.time import US_PER_DAY
from tickreel.store.records.usage import UsageMeter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.fetch.economics import Claim

RATES = Rates(usd_per_request=0.5)


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


def rows_of(stored: StoredHome, rates: Rates = RATES) -> dict[str, Claim]:
    return {
        claim.name: claim for claim in compare(stored.life.statistics(), rates, read_work(stored.database))
    }


def test_the_claims_are_the_article_s_and_their_savings_are_computed(stored: StoredHome) -> None:
    rows = rows_of(stored)
    assert {name: (row.unit, row.claimed) for name, row in rows.items()} == {
        "billion_ticks": (Unit.USD, Sides(6500, 950, per="a month")),
        "api_calls": (Unit.CALLS, Sides(10_000_000, 500_000, per="a month")),
        "latency_p99": (Unit.SECONDS, Sides(0.25, 0.045)),
        "backtest_of_a_day": (Unit.SECONDS, Sides(2700, 270)),
        "ai_analysis": (Unit.USD, Sides(None, 0.42, per="a million tokens")),
        "hit_rate": (Unit.SHARE, Sides(0, 0.85, 0.92)),
    }
    savings = [row.claimed.saving for row in rows.values()]
    assert savings == [
        pytest.approx(1 - 950 / 6500),
        pytest.approx(0.95),
        pytest.approx(0.82),
        0.9,
        None,
        None,
    ]
    assert savings[0] != pytest.approx(0.85, abs=0.001), "the article's own percentage is not quoted"


def test_a_home_that_did_nothing_has_measured_nothing(stored: StoredHome) -> None:
    rows = rows_of(stored)
    assert [row.measured for row in rows.values()] == [None] * 6
    assert [name for name, row in rows.items() if row.command is None] == []


def test_what_was_counted_is_told(stored: StoredHome) -> None:
    for number in (0, 1):
        hold_fetched(stored, number, source_bytes=1000)
    record_fetched(stored.database, 4.0, 1.0, rows=4000)
    record_fetched(stored.database, 8.0, 1.0, rows=6000)
    record_requests(stored.database, "2026-01", 4, 2500)
    meter = UsageMeter(stored.database, stored.disk)
    for number in (0, 0, 0, 1, 1, 1):
        meter.hit(KEY, day(number), 2_000_000)
    meter.miss(2)
    meter.close()
    rows = rows_of(stored)
    measured = {name: row.measured for name, row in rows.items()}
    cost, calls, latency = (measured[name] for name in ("billion_ticks", "api_calls", "latency_p99"))
    assert cost is not None
    assert cost.direct == pytest.approx(6 * 0.5 * 1e9 / 10_000)
    assert cost.cached == pytest.approx(4 * 0.5 * 1e9 / 10_000)
    assert cost.per == "a billion ticks fetched"
    assert calls == Sides(6, 4, per="since 2026-01-01")
    assert calls.saving == pytest.approx(1 / 3)
    assert latency is not None
    assert latency.direct == 8
    assert latency.cached == pytest.approx(0.002, rel=0.13)
    assert measured["hit_rate"] == Sides(None, 0.75)
    assert Sides(None, 0.75).saving is None
    assert measured["backtest_of_a_day"] is measured["ai_analysis"] is None
    assert {name for name, row in rows.items() if row.command} == {"backtest_of_a_day", "ai_analysis"}


def record_run(stored: StoredHome, run_id: str, *, state: str, took_s: float | None, span_us: int) -> None:
    card = json.dumps(
        {
            "strategy": {"name": "market_maker"},
            "instruments": [{"exchange": "binance", "symbol": "BTCUSDT"}],
            "params": {},
            "from_us": 0,
            "to_us": span_us,
            "partial": False,
            "backtest_duration_s": took_s,
        }
    )
    with stored.database.writing() as connection:
        connection.execute(
            "INSERT INTO run (id, kind, state, created_us, pid, began_s, request, card)"
            " VALUES (?, 'backtest', ?, 1, 1, 1.0, '{}', ?)",
            (run_id, state, card),
        )


def test_backtests_are_told_by_the_median_of_whole_runs_scaled_to_a_day(stored: StoredHome) -> None:
    record_run(stored, "a", state="succeeded", took_s=8.0, span_us=2 * US_PER_DAY)
    record_run(stored, "b", state="succeeded", took_s=1.0, span_us=US_PER_DAY // 12)
    record_run(stored, "c", state="succeeded", took_s=6.0, span_us=US_PER_DAY)
    record_run(stored, "short", state="succeeded", took_s=1.0, span_us=60_000_000)
    record_run(stored, "failed", state="failed", took_s=50.0, span_us=US_PER_DAY)
    record_run(stored, "running", state="running", took_s=None, span_us=US_PER_DAY)
    row = rows_of(stored)["backtest_of_a_day"]
    assert (row.measured, row.command) == (Sides(None, 6.0), None)
    assert "the newest 3 runs" in row.how


def test_analyses_are_told_by_what_a_million_tokens_cost(stored: StoredHome) -> None:
    with stored.database.writing() as connection:
        for sent, received, cost in ((700, 300, 2_000_000), (1_000, 2_000, 1_000_000), (500, 0, 0)):
            connection.execute(
                "INSERT INTO analysis_call (request_sha256, session, day, began_us, state, model, place,"
                " tokens_in, tokens_out, nano_usd_in, nano_usd_out, charged_nano_usd)"
                " VALUES ('', 's', '2026-01-01', 1, 'done', 'm', '', ?, ?, 1, 1, ?)",
                (sent, received, cost),
            )
    row = rows_of(stored)["ai_analysis"]
    assert row.command is None
    assert row.measured is not None
    assert row.measured.cached == pytest.approx(0.003 * 1e6 / 4_000)
    assert row.measured.direct is None


def test_a_cost_needs_a_price_and_a_read(stored: StoredHome) -> None:
    record_fetched(stored.database, 4.0, 1.0)
    cost = rows_of(stored, Rates())["billion_ticks"]
    assert (cost.measured, cost.how) == (None, "no price is set")
    assert str(cost.command).startswith("tickreel plan set --usd-per-request")
    cost = rows_of(stored)["billion_ticks"]
    assert (cost.measured, cost.how) == (None, "no fetched day was read yet")
    hold_fetched(stored, 0, source_bytes=None)
    meter = UsageMeter(stored.database, stored.disk)
    meter.hit(KEY, day(0), 1)
    meter.close()
    cost = rows_of(stored, Rates(usd_per_gb=1.0))["billion_ticks"]
    assert (cost.measured, cost.how) == (None, "of what was spared, not all is known that has a price")


def test_one_side_alone_is_told_with_what_measures_the_other(stored: StoredHome) -> None:
    record_fetched(stored.database, 4.0, 1.0)
    latency = rows_of(stored)["latency_p99"]
    assert latency.measured == Sides(4.0, None)
    assert latency.measured.saving is None
    assert str(latency.command).startswith("tickreel rows")


def test_a_saving_may_be_a_loss() -> None:
    assert Sides(2.0, 3.0).saving == -0.5
