from __future__ import annotations

import json
from typing import Any

import pytest
from support.instruments import CHANGED_US, XBTUSD

from tickreel.errors import DataError
from tickreel.instruments.vendor import read_listing, read_listings


def listed(**changed: Any) -> dict[str, Any]:
    """Give a small answer; None leaves a key out."""
    answer = {"id": "BTC/USD", "exchange": "kraken", "priceIncrement": 0.1, **changed}
    return {name: value for name, value in answer.items() if value is not None}


def facts_now(**changed: Any) -> dict[str, Any]:
    return dict(read_listing("kraken", listed(**changed)).spans[-1].facts)


def test_every_fact_of_an_answer_is_read_under_its_own_name() -> None:
    (*_, now) = read_listing("bitmex", XBTUSD).spans
    assert now.facts == {
        "id": "XBTUSD",
        "type": "perpetual",
        "contract_type": "inverse_perpetual",
        "base": "BTC",
        "quote": "USD",
        "settlement": "BTC",
        "tick": 0.1,
        "lot": 100.0,
        "min_amount": 100.0,
        "multiplier": 1.0,
        "inverse": True,
        "maker_fee": 0.0005,
        "taker_fee": 0.0005,
        "underlying": ".BXBT",
        "available_since_us": 1_553_904_000_000_000,
    }
    assert facts_now(
        minNotional="5",
        quanto=True,
        underlyingType="native",
        strikePrice=9875,
        optionType="put",
        expirationType="quarterly",
        expiry="2024-09-27T08:00:00.000Z",
        listing="2023-04-24T13:00:02.000001Z",
        availableTo="2024-09-28",
        margin=False,
        marginMode="isolated",
        aliasFor="XBT/USD",
    ) == {
        "id": "BTC/USD",
        "tick": 0.1,
        "min_notional": 5.0,
        "quanto": True,
        "underlying_type": "native",
        "strike": 9875.0,
        "option_type": "put",
        "expiration_type": "quarterly",
        "expiry_us": 1_727_424_000_000_000,
        "listed_us": 1_682_341_202_000_001,
        "available_to_us": 1_727_481_600_000_000,
        "margin": False,
        "margin_mode": "isolated",
        "alias_of": "XBT/USD",
    }


def test_changes_become_spans_that_go_back_from_now() -> None:
    first, second, third = CHANGED_US
    spans = read_listing("bitmex", XBTUSD).spans
    assert [(span.from_us, span.to_us) for span in spans] == [
        (None, first),
        (first, second),
        (second, third),
        (third, None),
    ]
    told = [tuple(span.facts[name] for name in ("lot", "tick", "maker_fee", "taker_fee")) for span in spans]
    assert told == [
        (1.0, 0.5, 0.0002, 0.00075),
        (100.0, 0.5, 0.0002, 0.00075),
        (100.0, 0.1, 0.0002, 0.00075),
        (100.0, 0.1, 0.0005, 0.0005),
    ]
    assert {span.facts["multiplier"] for span in spans} == {1.0}, "what no change names was always so"
    shuffled = {**XBTUSD, "changes": XBTUSD["changes"][::-1]}
    assert read_listing("bitmex", shuffled).spans == spans


def test_changes_that_change_nothing_or_come_together_make_no_span_of_their_own() -> None:
    until = "2024-07-31T04:00:00.000Z"
    idle = listed(changes=[{"until": until, "priceIncrement": 0.1}, {"until": until, "somethingElse": 7}])
    assert len(read_listing("kraken", idle).spans) == 1
    together = listed(
        changes=[{"until": until, "priceIncrement": 0.5}, {"until": until, "contractMultiplier": 10}]
    )
    before, now = read_listing("kraken", together).spans
    assert (before.facts["tick"], before.facts["multiplier"]) == (0.5, 10.0)
    assert "multiplier" not in now.facts
    assert before.to_us == now.from_us == CHANGED_US[1]


def test_numbers_may_come_as_text_and_what_is_unknown_is_passed_over() -> None:
    raw = json.loads('{"id":"X","priceIncrement":"0.00000001","contractMultiplier":"10","news":{"a":[1]}}')
    (now,) = read_listing("kraken", raw).spans
    assert now.facts == {"id": "X", "tick": 1e-8, "multiplier": 10.0}


@pytest.mark.parametrize(
    "changed",
    [
        {"priceIncrement": 0},
        {"priceIncrement": -1},
        {"priceIncrement": "nan"},
        {"amountIncrement": "inf"},
        {"contractMultiplier": 0},
        {"minTradeAmount": -5},
        {"expiry": "1970-01-01T00:00:00.000Z"},
        {"settlementCurrency": ""},
    ],
)
def test_a_value_that_cannot_be_says_nothing(changed: dict[str, Any]) -> None:
    assert facts_now(**{"priceIncrement": None, **changed}) == {"id": "BTC/USD"}


def test_a_fee_may_be_below_zero_and_a_smallest_amount_zero() -> None:
    known = facts_now(makerFee=-0.0001, minTradeAmount=0, strikePrice=-37.63)
    assert (known["maker_fee"], known["min_amount"], known["strike"]) == (-0.0001, 0.0, -37.63)


def test_the_symbol_is_spelled_as_in_file_names() -> None:
    assert read_listing("kraken", listed()).symbol == "BTC-USD"
    assert read_listing("kraken", listed(id="btcusdt")).symbol == "BTCUSDT"
    assert read_listing("kraken", listed(id="btc.usd", datasetId="XBT-USD")).symbol == "XBT-USD"


@pytest.mark.parametrize(
    "raw",
    [
        {"priceIncrement": 0.1},
        listed(id=""),
        listed(id=7),
        listed(exchange="bitmex"),
        listed(priceIncrement="a tenth"),
        listed(priceIncrement=[0.1]),
        listed(expiry="soon"),
        listed(changes=[{"priceIncrement": 0.1}]),
        listed(changes=[{"until": "once", "priceIncrement": 0.1}]),
        listed(changes="none"),
        "BTC/USD",
        None,
    ],
)
def test_what_is_no_answer_about_this_instrument_is_refused(raw: Any) -> None:
    with pytest.raises(DataError, match="the vendor's answer about kraken"):
        read_listing("kraken", raw)


def test_one_bad_instrument_does_not_stop_the_others() -> None:
    listings, problems = read_listings(
        "kraken", [listed(), listed(id="ETH/USD", expiry="soon"), listed(id="Z")]
    )
    assert [one.symbol for one in listings] == ["BTC-USD", "Z"]
    (problem,) = problems
    assert str(problem) == "the vendor's answer about kraken ETH/USD cannot be read: 'soon' is not a time"
