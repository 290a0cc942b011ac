"""Links: what is written is read back, and what is not ours is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tickreel.errors import UsageError
from tickreel.market.time import EARLIEST_US, LATEST_US
from tickreel.replay import BacktestLink, DataLink, ReplayLink, RunLink, parse_link, parse_speed

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
instants = st.none() | st.integers(EARLIEST_US, LATEST_US - 1)
speeds = st.none() | st.just("max") | st.floats(1e-3, 1e9, allow_nan=False)


exchanges = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)
pairs = st.lists(st.tuples(exchanges, names.filter(lambda name: "," not in name)), max_size=3).map(tuple)


@given(st.builds(ReplayLink, names, names, instants, instants, instants, speeds, pairs))
@example(ReplayLink("bitfinex", "BTC", others=(("bitfinex-derivatives", "BTCF0:USTF0"), ("x", "y"))))
@example(ReplayLink("binance-futures", "BTCUSDT", speed=1234567.0))
@example(ReplayLink("x", "a/b c?d#e%2F&f=g:h+i"))
@example(ReplayLink("x", "."))
@example(ReplayLink("x", ".."))
def test_a_replay_link_comes_back_as_it_was(link: ReplayLink) -> None:
    assert parse_link(link.text()) == link


def test_links_are_spelled_for_people() -> None:
    link = ReplayLink("binance", "NEXOUSDT", 1_721_692_800_000_000, None, 1_721_692_800_500_000, 10.0)
    assert link.text() == (
        "tickreel://replay/binance/NEXOUSDT"
        "?from=2024-07-23T00:00:00.000000Z&at=2024-07-23T00:00:00.500000Z&speed=10"
    )
    assert ReplayLink("x", "y", speed="max").text() == "tickreel://replay/x/y?speed=max"
    assert ReplayLink("x", "y", speed=0.5).text() == "tickreel://replay/x/y?speed=0.5"


def test_the_data_workspace_has_a_link() -> None:
    assert parse_link(DataLink().text()) == DataLink()
    assert parse_link("tickreel://data/") == DataLink()


def test_the_backtest_workspace_has_a_link() -> None:
    assert parse_link(BacktestLink().text()) == BacktestLink()
    assert BacktestLink().text() == "tickreel://backtest"


@given(names)
@example("3f09ab12cd")
def test_a_link_to_a_run_comes_back_as_it_was(run_id: str) -> None:
    assert parse_link(RunLink(run_id).text()) == RunLink(run_id)


def test_what_a_person_may_type_is_understood() -> None:
    link = parse_link("tickreel://replay/binance/NEXOUSDT?from=2024-07-23&to=&at=1721692800000001&speed=100x")
    start_us = 1_721_692_800_000_000
    assert link == ReplayLink("binance", "NEXOUSDT", start_us, None, start_us + 1, 100.0)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "begin with tickreel://"),
        ("https://replay/a/b", "begin with tickreel://"),
        ("tickreel:replay/a/b", "leads nowhere"),
        ("tickreel://", "leads nowhere"),
        ("tickreel://data/more", "leads nowhere"),
        ("tickreel://replay/only", "leads nowhere"),
        ("tickreel://replay/a/b/c", "leads nowhere"),
        ("tickreel://elsewhere/a/b", "leads nowhere"),
        ("tickreel://replay/a/b?symbols=ETHUSDT", "EXCHANGE:SYMBOL"),
        ("tickreel://replay/a/b?colour=red&zoom=2", "no colour, zoom"),
        ("tickreel://replay/a/b?from=yesterday", "not a time"),
        ("tickreel://replay/a/b?at=1700000000", "looks like seconds"),
        ("tickreel://replay/a/b?speed=0", "not a speed"),
        ("tickreel://replay/a/b?speed=-3", "not a speed"),
        ("tickreel://replay/a/b?speed=nan", "not a speed"),
        ("tickreel://replay/a/b?speed=inf", "not a speed"),
        ("tickreel://replay/a/b?speed=fast", "not a speed"),
        ("tickreel://[replay/a/b", "not a Tickreel link"),
        ("tickreel://re]play/a/b", "not a Tickreel link"),
    ],
)
def test_what_is_not_a_link_of_ours_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_link(text)


@given(st.text(max_size=40))
def test_no_text_at_all_does_worse_than_a_refusal(text: str) -> None:
    for candidate in (text, f"tickreel://{text}", f"tickreel://replay/a/b?{text}"):
        with suppress(UsageError):
            parse_link(candidate)


@pytest.mark.parametrize(("text", "speed"), [("1", 1.0), ("0.5", 0.5), ("1000x", 1000.0), ("1e3", 1000.0)])
def test_speeds_are_read_with_or_without_the_x(text: str, speed: float) -> None:
    assert parse_speed(text) == speed
