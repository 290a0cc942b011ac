"""What is filled in, as a request, a command line, and the reason why it is not whole yet."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import date

import pytest

from tickreel.cli.main import main
from tickreel.fetch.request import Origin
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DataType
from tickreel_desktop.fetching.wish import FetchWish

FIRST, LAST = date(2024, 9, 1), date(2024, 9, 30)
WHOLE = FetchWish("binance-futures", ("BTCUSDT", "ETHUSDT"), (DataType.TRADES,), FIRST, LAST)


def test_the_last_day_is_included_and_choices_go_with_the_request() -> None:
    request = replace(WHOLE, keeps_partial=True, pins=True).request()
    assert (request.from_us, request.to_us) == (day_start_us(FIRST), day_start_us(LAST) + US_PER_DAY)
    assert (request.leave_out_bad, request.keep_partial, request.pin) == (True, True, True)
    machine = replace(WHOLE, origin=Origin.MACHINE).request()
    assert (machine.leave_out_bad, machine.origin) == (False, Origin.MACHINE)


def test_the_command_line_is_one_that_the_program_takes(capsys: pytest.CaptureFixture[str]) -> None:
    wish = replace(WHOLE, keeps_on=True, keeps_partial=True, goes_over_budget=True, pins=True)
    fetch, _, keep = wish.command().partition(" && ")
    assert fetch == (
        "tickreel fetch binance-futures BTCUSDT,ETHUSDT trades 2024-09-01 2024-10-01"
        " --leave-out-bad --keep-partial --allow-over-budget --pin"
    )
    assert keep == "tickreel jobs keep binance-futures BTCUSDT,ETHUSDT trades 2024-09-01"
    future = replace(
        wish, first=date(2099, 1, 1), last=date(2099, 1, 1), origin=Origin.MACHINE, keeps_on=False
    )
    assert main([*shlex.split(future.command())[1:], "--dry-run"]) == 0
    assert "pending" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"exchange": ""}, "Choose an exchange"),
        ({"symbols": ()}, "Choose a symbol"),
        ({"types": ()}, "Choose a data type"),
        ({"last": None}, "Choose the days"),
        ({"last": date(2024, 8, 31)}, "The last day lies before the first"),
        ({"first": date(2010, 1, 1), "symbols": tuple(map(str, range(50)))}, "are too many"),
        ({}, ""),
    ],
)
def test_what_is_missing_is_said(change: dict[str, object], said: str) -> None:
    told = replace(WHOLE, **change).missing()  # type: ignore[arg-type]
    assert said in told
    assert bool(said) == bool(told)
