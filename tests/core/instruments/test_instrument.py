from __future__ import annotations

import dataclasses

import pytest
from support.instruments import instrument, version

from tickreel.errors import NotHeldError, UsageError
from tickreel.instruments import FACTS, FactSource, Instrument
from tickreel.instruments.facts import FactKind

_ANNOTATIONS = {
    FactKind.TEXT: "str | None",
    FactKind.NUMBER: "float | None",
    FactKind.SIZE: "float | None",
    FactKind.STEP: "float | None",
    FactKind.FLAG: "bool | None",
    FactKind.TIME: "int | None",
}


def test_an_instrument_has_a_field_for_each_fact_and_knows_none_at_first() -> None:
    fields = {one.name: one for one in dataclasses.fields(Instrument)}
    own = ["exchange", "symbol", "valid_from_us", "valid_to_us", "versions"]
    assert [name for name in fields if name not in own] == list(FACTS)
    for name, fact in FACTS.items():
        assert fields[name].type == _ANNOTATIONS[fact.kind], name
        assert fields[name].default is None, name


def test_what_is_required_comes_back_in_the_order_asked_for() -> None:
    known = instrument(version({"lot": 0.001, "tick": 0.1, "inverse": False, "maker_fee": 0.0}))
    assert known.require("tick", "lot") == (0.1, 0.001)
    assert known.require("inverse", "maker_fee") == (False, 0.0), "false and zero are known"
    assert known.require() == ()


def test_what_is_required_and_not_known_is_refused_by_name_with_three_ways_to_supply_it() -> None:
    known = instrument(version({"tick": 0.1}))
    with pytest.raises(NotHeldError) as refused:
        known.require("multiplier", "tick", "lot", "inverse")
    assert str(refused.value) == (
        "of binance-futures BTCUSDT multiplier, lot and inverse are not known; "
        "ask the vendor (`tickreel instruments fetch binance-futures BTCUSDT`), "
        "find tick and lot in rows that are held "
        "(`tickreel instruments infer binance-futures BTCUSDT FROM TO`), "
        "or type in what you know (`tickreel instruments set binance-futures BTCUSDT multiplier=VALUE "
        "lot=VALUE inverse=VALUE`)"
    )


def test_a_refusal_names_the_time_for_which_a_fact_is_not_known() -> None:
    first, second = 1_600_000_000_000_000, 1_700_000_000_000_000
    after = dataclasses.replace(instrument(), valid_from_us=first, valid_to_us=second)
    with pytest.raises(
        NotHeldError, match=r"BTCUSDT from 2020-09-13T\S+Z to 2023-11-14T\S+Z tick is not known"
    ):
        after.require("tick")


def test_a_fact_is_asked_for_by_name_and_so_is_who_says_it() -> None:
    known = instrument(version({"tick": 0.1}, FactSource.INFERRED, number=1), version({"lot": 1.0}, number=2))
    assert (known.value("tick"), known.source("tick")) == (0.1, FactSource.INFERRED)
    assert (known.value("lot"), known.source("lot")) == (1.0, FactSource.TYPED)
    assert (known.value("strike"), known.source("strike")) == (None, None)
    for ask in (known.value, known.source, known.require):
        with pytest.raises(UsageError, match="no fact 'versions'"):
            ask("versions")
