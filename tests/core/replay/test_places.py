"""The search box: which symbol and moment is meant, in which order, and that nothing typed is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.market.time import format_us, parse_instant
from tickreel.market.zone import UTC_ZONE, Zone
from tickreel.replay.moments import OpenReplay
from tickreel.replay.places import Place, PlaceFinder

LONDON = Zone.named("Europe/London")
KOLKATA = Zone.named("Asia/Kolkata")


@dataclass(frozen=True, slots=True)
class Known:
    exchange: str
    symbol: str
    first_day: date | None
    last_day: date | None


FINDER = PlaceFinder(
    [
        Known("binance", "BTCUSDT", date(2024, 7, 1), date(2024, 7, 10)),
        Known("binance", "BTCUSDT", date(2024, 7, 5), date(2024, 7, 21)),
        Known("binance-futures", "BTCUSDT", date(2023, 7, 19), date(2024, 7, 21)),
        Known("binance", "NEXOUSDT", date(2024, 7, 19), date(2024, 7, 21)),
        Known("deribit", "BTC-19JUL24-60000-C", date(2024, 7, 1), date(2024, 7, 19)),
        Known("kraken", "XBT/USD", date(2024, 7, 1), date(2024, 7, 19)),
        Known("gone", "EMPTY", None, None),
    ]
)
NEXO = OpenReplay(
    "binance",
    "NEXOUSDT",
    parse_instant("2024-07-19T06:00"),
    parse_instant("2024-07-21"),
    parse_instant("2024-07-20T12:00"),
)


def _spelled(place: Place) -> str:
    when = "" if place.at_us is None else f" {format_us(place.at_us)[:-1].removesuffix('.000000')}"
    return f"{place.exchange} {place.symbol}{when}"


def _first(text: str, zone: Zone = UTC_ZONE, replay: OpenReplay | None = None) -> str:
    found = FINDER.find(text, zone, replay)
    return _spelled(found[0]) if found else ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("futures btcusdt 19 jul 2024 00:03", "binance-futures BTCUSDT 2024-07-19T00:03:00"),
        ("nexo 2024-07-19 00:03:10.5", "binance NEXOUSDT 2024-07-19T00:03:10.500000"),
        ("NEXO 2024-07-19T00:03:10.123456Z", "binance NEXOUSDT 2024-07-19T00:03:10.123456"),
        ("nexo 2024-07-19T02:03+02:00", "binance NEXOUSDT 2024-07-19T00:03:00"),
        ("binance:nexousdt 20 july 2024", "binance NEXOUSDT 2024-07-20T00:00:00"),
        ("July 20, 2024 10:00 nexo", "binance NEXOUSDT 2024-07-20T10:00:00"),
        ("nexo at 10:00 on 20jul2024", "binance NEXOUSDT 2024-07-20T10:00:00"),
        ("nexo 20.7.2024 9:05", "binance NEXOUSDT 2024-07-20T09:05:00"),
        ("btcusdt fut 20 jul", "binance-futures BTCUSDT 2024-07-20T00:00:00"),
        ("xbtusd 19 jul", "kraken XBT/USD 2024-07-19T00:00:00"),
        ("xbt/usd", "kraken XBT/USD"),
        ("nexo 1721347390500000", "binance NEXOUSDT 2024-07-19T00:03:10.500000"),
        ("btc 19jul24", "deribit BTC-19JUL24-60000-C"),
        ("nexo 00:03", "binance NEXOUSDT 2024-07-21T00:03:00"),
        ("nexo", "binance NEXOUSDT"),
    ],
)
def test_a_symbol_and_a_moment_are_found_as_people_type_them(text: str, found: str) -> None:
    assert _first(text) == found


@pytest.mark.parametrize("end", range(1, len("nexo 19 jul 2024 00:03:10.5") + 1))
def test_half_typed_text_finds_the_symbol_all_the_way(end: int) -> None:
    text = "nexo 19 jul 2024 00:03:10.5"[:end]
    assert _first(text).startswith("binance NEXOUSDT" if end > 1 else "binance")


def test_what_makes_no_sense_finds_nothing() -> None:
    for text in (
        "",
        "  ",
        "zzz",
        "nexo zzz",
        "25:00",
        "00:03",
        "tickreel://nowhere",
        "x" * 201,
    ):
        assert FINDER.find(text, UTC_ZONE) == []


def test_a_date_that_reads_two_ways_is_offered_both_ways() -> None:
    found = [_spelled(place) for place in FINDER.find("futures 4/7/2024 10:00", UTC_ZONE)]
    assert found == [
        "binance-futures BTCUSDT 2024-07-04T10:00:00",
        "binance-futures BTCUSDT 2024-04-07T10:00:00",
    ]
    assert [_spelled(place) for place in FINDER.find("nexo 19/7/2024", UTC_ZONE)] == [
        "binance NEXOUSDT 2024-07-19T00:00:00"
    ]


def test_a_date_without_a_year_is_offered_in_each_year_that_is_held() -> None:
    found = [_spelled(place) for place in FINDER.find("futures 20 jul", UTC_ZONE)]
    assert found == [
        "binance-futures BTCUSDT 2024-07-20T00:00:00",
        "binance-futures BTCUSDT 2023-07-20T00:00:00",
    ]


def test_typed_times_are_of_the_display_zone() -> None:
    assert _first("nexo 20 jul 2024 05:30", KOLKATA) == "binance NEXOUSDT 2024-07-20T00:00:00"
    assert _first("nexo 20 jul 2024 05:30z", KOLKATA) == "binance NEXOUSDT 2024-07-20T05:30:00"
    assert _first("nexo 20 jul 2024 05:30 utc", KOLKATA) == "binance NEXOUSDT 2024-07-20T05:30:00"
    assert "01:00:00 BST" in FINDER.find("nexo 20 jul 2024 01:00", LONDON)[0].words


def test_a_date_alone_begins_with_the_data_of_that_day() -> None:
    assert _first("nexo 20 jul 2024", KOLKATA) == "binance NEXOUSDT 2024-07-19T18:30:00"
    assert _first("nexo 19 jul 2024", KOLKATA) == "binance NEXOUSDT 2024-07-19T00:00:00"
    assert _first("19 jul 2024", UTC_ZONE, NEXO) == "binance NEXOUSDT 2024-07-19T06:00:00"


def test_a_time_alone_is_one_of_the_replay_on_screen() -> None:
    (place,) = FINDER.find("00:03", UTC_ZONE, NEXO)
    assert _spelled(place) == "binance NEXOUSDT 2024-07-20T00:03:00"
    assert place.is_open
    # Of the first day of the replay only the time from 06:00 on is in it; the next one has it.
    early = OpenReplay("binance", "NEXOUSDT", NEXO.start_us, NEXO.end_us, NEXO.start_us + 1)
    assert _first("05:00", UTC_ZONE, early) == "binance NEXOUSDT 2024-07-20T05:00:00"
    assert _first("05:00", KOLKATA, NEXO) == "binance NEXOUSDT 2024-07-19T23:30:00"


def test_the_replay_on_screen_comes_first_for_a_date_alone() -> None:
    found = [_spelled(place) for place in FINDER.find("20 jul", UTC_ZONE, NEXO)]
    assert found[0] == "binance NEXOUSDT 2024-07-20T00:00:00"
    assert "binance BTCUSDT 2024-07-20T00:00:00" in found
    assert "kraken XBT/USD 2024-07-20T00:00:00" not in found


def test_a_repeated_hour_is_offered_twice_and_a_missing_one_not_at_all() -> None:
    found = FINDER.find("binance btcusdt 27 oct 2024 01:30", LONDON)
    moments = [_spelled(place)[-19:] for place in found if place.exchange == "binance" and place.at_us]
    assert moments == ["2024-10-27T00:30:00", "2024-10-27T01:30:00"]
    assert "01:30:00 +01:00 BST, not held" in found[0].words
    assert FINDER.find("nexo 31 mar 2024 01:30", LONDON) == []


def test_what_is_not_held_is_said_and_comes_last() -> None:
    found = FINDER.find("btcusdt 20 mar 2024 10:00", UTC_ZONE)
    assert [(place.exchange, place.is_held) for place in found] == [("binance-futures", True)]
    found = FINDER.find("futures 4/8/2024", UTC_ZONE)
    assert [(_spelled(place)[-19:-9], place.is_held) for place in found] == [
        ("2024-04-08", True),
        ("2024-08-04", False),
    ]
    (place,) = FINDER.find("nexo 20 mar 2024 10:00", UTC_ZONE)
    assert not place.is_held
    assert place.words.endswith(", not held")


def test_a_link_is_read_as_it_is() -> None:
    text = "tickreel://replay/binance/NEXOUSDT?from=2024-07-19&to=2024-07-20&at=2024-07-19T00:03:00Z"
    (place,) = FINDER.find(text, KOLKATA)
    assert _spelled(place) == "binance NEXOUSDT 2024-07-19T00:03:00"
    assert place.link.start_us == parse_instant("2024-07-19")
    assert FINDER.find(text[:26], KOLKATA) == []
    (typed,) = FINDER.find("nexo 2024-07-19 00:03", UTC_ZONE)
    assert typed.link.text() == "tickreel://replay/binance/NEXOUSDT?at=2024-07-19T00:03:00.000000Z"


def test_an_exact_name_comes_before_a_longer_one() -> None:
    finder = PlaceFinder(
        [Known("a", name, date(2024, 1, 1), date(2024, 1, 2)) for name in ("XBTC", "BTCUSDT", "BTC")]
    )
    assert [place.symbol for place in finder.find("btc", UTC_ZONE)] == ["BTC", "BTCUSDT", "XBTC"]
    assert len(finder.find("btc", UTC_ZONE, most=2)) == 2


_PIECES = st.sampled_from(
    [
        *(
            "btc",
            "nexo",
            "19",
            "jul",
            "2024",
            "2024-07-19",
            "00:03",
            "24:00",
            "31/2/2024",
            "4/7/2024",
            "feb 29",
        ),
        *(
            "9999-12-31",
            "2010-01-01",
            "2099-12-31",
            "+99:99",
            "z",
            "utc",
            "00:03:10.5",
            "tickreel://replay/a/b?at=",
        ),
        *("1721347390500000", "9" * 16, "-", "/", ":", "t", "\u0130", "\u2009", "1:", "0001-01-01"),
    ]
)


@given(
    st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=4)), max_size=8).map(" ".join)),
    st.sampled_from([UTC_ZONE, LONDON, KOLKATA, Zone.named("Pacific/Apia")]),
    st.sampled_from([None, NEXO]),
)
def test_no_text_is_refused(text: str, zone: Zone, replay: OpenReplay | None) -> None:
    for place in FINDER.find(text, zone, replay, most=5):
        assert place.words
        if not text.strip().casefold().startswith("tickreel:"):
            assert place.link.text()
    assert PlaceFinder([]).find(text, zone, replay) is not None
