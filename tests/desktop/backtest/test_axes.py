"""Values of a sweep as they are typed."""

from __future__ import annotations

import pytest

from tickreel.backtest.declaring import Declaration, Parameter, declare
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.sweeps.grid import Axis
from tickreel.errors import UsageError
from tickreel_desktop.backtest.form.axes import plan_of, sweep_command, values_of
from tickreel_desktop.backtest.form.draft import Draft

RATE = Parameter("rate", "float", 1.0, "Rate", 0.0, 10.0, (), "")
COUNT = Parameter("count", "int", 1, "Count", 0.0, 100.0, (), "")
FLAG = Parameter("flag", "bool", False, "Flag", None, None, (), "")


@pytest.mark.parametrize(
    ("text", "parameter", "values"),
    [
        ("1, 2,4", RATE, (1.0, 2.0, 4.0)),
        ("0.4 to 4 in 10", RATE, (0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 2.8, 3.2, 3.6, 4.0)),
        ("0 to 0.3 by 0.1", RATE, (0.0, 0.1, 0.2, 0.3)),
        ("0 to 1 by 0.4", RATE, (0.0, 0.4, 0.8)),
        ("1, 1.0, 2", RATE, (1.0, 2.0)),
        ("1 to 3 by 1, 10", COUNT, (1, 2, 3, 10)),
        ("true, false", FLAG, (True, False)),
        (" ", RATE, ()),
    ],
)
def test_values_are_read(text: str, parameter: Parameter, values: tuple[object, ...]) -> None:
    assert values_of(text, parameter) == values


@pytest.mark.parametrize(
    ("text", "parameter", "words"),
    [
        ("11", RATE, "from 0 to 10"),
        ("0 to 1 by 0", RATE, "goes nowhere"),
        ("2 to 1 by 0.1", RATE, "goes nowhere"),
        ("0 to 10 in 1", RATE, "two values"),
        ("0 to 10 in 100000", RATE, "at most 1000"),
        ("0 to 1 in 3", COUNT, "whole number"),
        ("some", RATE, "a number"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, parameter: Parameter, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        values_of(text, parameter)


def test_a_plan_is_a_sweep_of_the_form() -> None:
    declared = declare("market_maker")
    assert isinstance(declared, Declaration)
    base = BacktestRequest.of(
        "market_maker",
        [("x", "A"), ("x", "B")],
        "2024-08-01",
        "2024-08-03",
        params={"amount": 0.02, "most_quotes": 3},
    )
    plan = plan_of(base, declared, {"amount": "0.01, 0.02", "lean_ticks": "1 to 3 in 3"}, (Axis.DAYS,))
    assert plan.request is not None
    assert plan.request.count() == 2 * 3 * 2
    assert plan.request.base.params == {"most_quotes": 3}
    assert sweep_command(Draft(strategy="market_maker"), plan.request) == (
        "tickreel sweep market_maker x:A,x:B 2024-08-01 2024-08-03 --param most_quotes=3 "
        "--grid amount=0.01,0.02 --grid lean_ticks=1.0,2.0,3.0 --apart days"
    )
    assert not plan_of(base, declared, {}, ()).request
    assert "several values" in plan_of(base, declared, {}, ()).problems[""]
    assert "amount" in plan_of(base, declared, {"amount": "x"}, ()).problems
