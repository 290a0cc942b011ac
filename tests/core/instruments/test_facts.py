from __future__ import annotations

from datetime import date

import pytest

from tickreel.errors import UsageError
from tickreel.instruments.facts import FACTS, FactKind, checked_names, read_value


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("tick", "0.1", 0.1),
        ("tick", "1e-8", 1e-8),
        ("tick", 5, 5.0),
        ("lot", ".5", 0.5),
        ("min_amount", "0", 0.0),
        ("maker_fee", "-0.0001", -0.0001),
        ("maker_fee", "-0", 0.0),
        ("inverse", "true", True),
        ("inverse", False, False),
        ("settlement", " BTC ", "BTC"),
        ("type", "perpetual", "perpetual"),
        ("option_type", "put", "put"),
        ("expiry_us", "2024-09-27T08:00", 1_727_424_000_000_000),
        ("expiry_us", "1727424000000000", 1_727_424_000_000_000),
        ("expiry_us", date(2024, 9, 27), 1_727_395_200_000_000),
    ],
)
def test_a_value_is_read_as_what_the_fact_is(name: str, given: object, value: object) -> None:
    read = read_value(name, given)
    assert (read, type(read)) == (value, type(value))
    assert str(read) == str(value), "zero has no sign"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("tick", "0"),
        ("tick", "-0.1"),
        ("tick", "nan"),
        ("tick", "inf"),
        ("tick", "1e400"),
        ("tick", "1_000"),
        ("tick", "0,1"),
        ("tick", True),
        ("tick", None),
        ("min_amount", "-1"),
        ("maker_fee", "2bp"),
        ("inverse", "yes"),
        ("inverse", 1),
        ("settlement", "  "),
        ("settlement", 5),
        ("type", "perp"),
        ("expiry_us", "soon"),
        ("expiry_us", "1727424000"),
        ("expiry_us", 1.5),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, given: object) -> None:
    with pytest.raises(UsageError):
        read_value(name, given)


def test_a_refusal_says_what_the_fact_is_and_what_it_takes() -> None:
    with pytest.raises(UsageError) as refused:
        read_value("type", "perp")
    assert str(refused.value) == (
        "'perp' cannot be the type of an instrument (what it is): give one of spot, perpetual, future, "
        "option, combo, prediction"
    )


def test_a_name_that_is_no_fact_is_refused_with_what_may_have_been_meant() -> None:
    with pytest.raises(UsageError, match=r"no fact 'Tick': did you mean tick or strike\?"):
        checked_names(["lot", "Tick"])
    with pytest.raises(UsageError, match="no fact 'zzz': choose from id, type"):
        read_value("zzz", "1")


def test_times_are_named_by_their_unit_and_nothing_else_is() -> None:
    assert {name for name, fact in FACTS.items() if fact.kind is FactKind.TIME} == {
        name for name in FACTS if name.endswith("_us")
    }
