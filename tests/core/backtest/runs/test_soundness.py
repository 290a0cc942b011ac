"""Days of a run that are not known to be sound: named, kept on the card, and told by whatever shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from support.backtests import PAIR, request

from tickreel.backtest.reports.page import report
from tickreel.backtest.runs.card import RunCard
from tickreel.backtest.runs.data import days_of
from tickreel.backtest.runs.soundness import unsound_days, unsound_words
from tickreel.cli.runwords import card_lines
from tickreel.market.types import DataType
from tickreel.store import DayState
from tickreel.store.model import Grade

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.runs.service import Runs

HELD = (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES)


class Judged:
    """A cache whose days are known to be what a test says, by type."""

    def __init__(self, runs: Runs, **known: Any) -> None:
        self._cache, self._known = runs.cache, known

    def day(self, exchange: str, symbol: str, data_type: DataType, day: Any) -> Any:
        found = self._cache.day(exchange, symbol, data_type, day)
        assert found is not None
        return replace(found, **self._known)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"grade": Grade.BAD, "issues": ("gap", "crossed")}, "bad (gap, crossed)"),
        ({"grade": None, "issues": None}, "unchecked"),
        ({"grade": Grade.USABLE, "issues": ("gap",), "state": DayState.PARTIAL}, "partial"),
        ({"grade": Grade.BAD, "issues": ("gap",), "state": DayState.PARTIAL}, "bad (gap), partial"),
        ({"grade": Grade.USABLE, "issues": ("gap",)}, None),
        ({"grade": Grade.GOOD, "issues": ()}, None),
        ({"grade": None, "issues": None, "state": DayState.ABSENT}, None),
    ],
)
def test_bad_unchecked_and_partial_days_are_named_and_no_others(
    runs: Runs, strategy: Path, known: dict[str, Any], words: str | None
) -> None:
    days = days_of(runs.cache, request(strategy))
    judged = {"state": DayState.PRESENT, **known}
    found = unsound_days(Judged(runs, **judged), days)  # type: ignore[arg-type]  # it is asked for days alone
    assert [unsound_words(one.to_form()) for one in found] == [words] * (len(days) if words else 0)
    assert len(days) == len(HELD)


@pytest.mark.long
def test_the_card_keeps_what_a_run_was_done_over_and_a_report_tells_it(runs: Runs, strategy: Path) -> None:
    expected = [one.to_form() for one in unsound_days(runs.cache, days_of(runs.cache, request(strategy)))]
    assert expected, "a minute is a part of a day"
    run = runs.backtest(request(strategy))
    assert list(run.card.unsound_days) == expected
    assert RunCard.from_form(json.loads(json.dumps(run.to_form()))) == run.card
    words = unsound_words(expected[0])
    assert f"{PAIR[0]} {PAIR[1]} {expected[0]['type']} {expected[0]['day']}, {words}" in "\n".join(
        card_lines(run.card)
    )
    assert f"not known to be sound: {words}" in report(run)


@pytest.mark.long
def test_a_card_of_before_and_one_that_says_nonsense(runs: Runs, strategy: Path) -> None:
    form = runs.backtest(request(strategy)).to_form()
    before = {name: value for name, value in form.items() if name != "unsound_days"}
    assert RunCard.from_form(before).unsound_days == ()
    (first, *_) = form["unsound_days"]
    for wrong in ({**first, "doubts": 3}, {**first, "issues": [1]}, {"day": "2024-07-23"}):
        with pytest.raises((ValueError, KeyError)):
            RunCard.from_form({**form, "unsound_days": [wrong]})
