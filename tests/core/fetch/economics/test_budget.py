"""The call budget: the month that counts, the warning, and the end of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fetchhistory import record_requests
from support.storedhome import START_US, StoredHome

from tickreel.fetch.economics import PRESETS, Budget, BudgetState, Plan, read_budget
from tickreel.market.time import day_start_us
from tickreel.market.units import THIN_SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


def budget(calls: int, limit: int | None) -> Budget:
    return Budget("2026-01", day_start_us(date(2026, 2, 1)), calls, "Starter", limit)


def test_only_the_current_utc_month_counts(stored: StoredHome) -> None:
    for month, requests in (("2025-12", 5), ("2026-01", 700_000), ("2026-01", 100_000), ("2026-02", 7)):
        record_requests(stored.database, month, requests, 10)
    found = read_budget(stored.database, PRESETS["starter"], START_US)
    assert (found.month, found.calls, found.limit, found.left) == ("2026-01", 800_000, 1_000_000, 200_000)
    assert (found.share, found.state) == (0.8, BudgetState.WARN)
    last_us = found.ends_us - 1
    assert read_budget(stored.database, PRESETS["starter"], last_us) == found
    after = read_budget(stored.database, PRESETS["starter"], found.ends_us)
    assert (after.month, after.calls, after.state) == ("2026-02", 7, BudgetState.FINE)
    quiet = read_budget(stored.database, PRESETS["starter"], after.ends_us)
    assert (quiet.month, quiet.calls) == ("2026-03", 0)
    december = read_budget(stored.database, None, START_US - 1)
    assert (december.month, december.ends_us, december.calls) == ("2025-12", START_US, 5)


@pytest.mark.parametrize(
    ("calls", "limit", "state"),
    [
        (0, 10, BudgetState.FINE),
        (7, 10, BudgetState.FINE),
        (8, 10, BudgetState.WARN),
        (9, 10, BudgetState.WARN),
        (10, 10, BudgetState.SPENT),
        (11, 10, BudgetState.SPENT),
        (0, 0, BudgetState.SPENT),
        (10**9, None, BudgetState.FINE),
    ],
)
def test_a_budget_warns_from_80_percent_on_and_is_spent_at_100(
    calls: int, limit: int | None, state: BudgetState
) -> None:
    assert budget(calls, limit).state is state


def test_the_last_calls_may_be_made_and_none_after_them() -> None:
    verdict = budget(90, 100).check(10)
    assert (verdict.is_allowed, verdict.state) == (True, BudgetState.SPENT)
    assert (
        verdict.reason == "this makes 100 of the 100 calls that the plan Starter allows in 2026-01 (100.0 %)"
    )
    verdict = budget(90, 100).check(11)
    assert not verdict.is_allowed
    assert verdict.reason == (
        "this needs 11 requests and would make 101 of the 100 calls that the plan Starter allows in 2026-01: "
        "ask for less, wait until 2026-02-01 UTC, allow it with --allow-over-budget, or change the plan with "
        "`tickreel plan set`"
    )
    assert not budget(100, 100).check(1).is_allowed
    assert budget(100, 100).check(0).is_allowed
    verdict = budget(90, 100).check(11, allow_over_budget=True)
    assert (verdict.is_allowed, verdict.state) == (True, BudgetState.SPENT)
    assert verdict.reason.endswith("in 2026-01, and was allowed")


def test_a_warning_is_told_before_it_is_too_late() -> None:
    verdict = budget(799_999, 1_000_000).check(1)
    assert (verdict.is_allowed, verdict.state) == (True, BudgetState.WARN)
    assert f"this makes 800{THIN_SPACE}000 of the 1{THIN_SPACE}000{THIN_SPACE}000 calls" in verdict.reason
    assert budget(0, 1_000_000).check(1).reason == ""


@given(calls=st.integers(0, 200), limit=st.integers(0, 200), wanted=st.integers(0, 200))
def test_nothing_is_allowed_beyond_the_limit(calls: int, limit: int, wanted: int) -> None:
    held = budget(calls, limit)
    assert held.check(wanted).is_allowed == (wanted == 0 or calls + wanted <= limit)
    assert held.check(wanted, allow_over_budget=True).is_allowed
    assert held.check(wanted).state is budget(calls + wanted, limit).state


def test_without_a_limit_everything_is_allowed(stored: StoredHome) -> None:
    record_requests(stored.database, "2026-01", 10**7, 10)
    for plan in (None, PRESETS["enterprise"], Plan("Ours", 30.0)):
        found = read_budget(stored.database, plan, START_US)
        assert (found.calls, found.limit, found.left, found.share) == (10**7, None, None, None)
        verdict = found.check(10**9)
        assert (verdict.is_allowed, verdict.state, verdict.reason) == (True, BudgetState.FINE, "")
