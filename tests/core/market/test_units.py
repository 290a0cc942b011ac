"""Figures read as the screens show them."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.market import units
from tickreel.market.time import parse_instant


def _plain(text: str) -> str:
    """Write thin spaces and true minus signs in ASCII, so that the tables below can be read."""
    return text.replace(units.THIN_SPACE, "_").replace(units.MINUS, "-")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (77, "77"),
        (1284, "1_284"),
        (9999, "9_999"),
        (10_000, "10.0 k"),
        (117_850, "117.8 k"),
        (999_949, "999.9 k"),
        (999_960, "1.0 M"),
        (3_200_000, "3.2 M"),
        (113_500_000, "113.5 M"),
        (999_960_000, "1.00 G"),
        (1_790_000_000, "1.79 G"),
        (21_020_000_000, "21.02 G"),
        (146_830_000_000, "146.8 G"),
        (5_000_000_000_000, "5.00 T"),
        (12_345_000_000_000_000, "12_345 T"),
        (-117_850, "-117.8 k"),
        (-5, "-5"),
    ],
)
def test_counts_are_short(count: int, text: str) -> None:
    assert _plain(units.format_count(count)) == text


def test_a_full_count_has_all_its_digits() -> None:
    assert _plain(units.format_full(61_944_207)) == "61_944_207"
    assert _plain(units.format_full(-1234)) == "-1_234"
    assert units.format_full(999) == "999"


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (74_900_000, "74.9 MB"),
        (998_400_000, "998.4 MB"),
        (999_960_000, "1.0 GB"),
        (63_500_000_000, "63.5 GB"),
        (1_420_000_000_000, "1.42 TB"),
    ],
)
def test_sizes_are_in_powers_of_ten(size_bytes: int, text: str) -> None:
    assert units.format_bytes(size_bytes) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.151, "0.151"),
        (0.22, "0.220"),
        (0.001, "0.001"),
        (0.0012, "0.001"),
        (0.00099, "0.00099"),
        (0.0000123456, "0.0000123"),
        (1e-8, "0.00000001"),
        (6.241, "6.241"),
        (9.9996, "10.00"),
        (15.5, "15.50"),
        (99.996, "100.0"),
        (117.23, "117.2"),
        (999.96, "1_000"),
        (1284.4, "1_284"),
        (9999.6, "10.0 k"),
        (12_345_678.0, "12.3 M"),
        (-0.34, "-0.340"),
        (math.nan, units.ABSENT),
        (math.inf, units.ABSENT),
    ],
)
def test_amounts_have_three_places_and_four_digits(amount: float, text: str) -> None:
    assert _plain(units.format_amount(amount)) == text


@pytest.mark.parametrize(
    ("price", "decimals", "text"),
    [
        (52377.4, 1, "52_377.4"),
        (52394.87, 2, "52_394.87"),
        (0.00002754, 8, "0.00002754"),
        (642025.0, 0, "642_025"),
        (-37.63, 2, "-37.63"),
        (-0.001, 2, "0.00"),
        (math.nan, 2, units.ABSENT),
    ],
)
def test_prices_have_the_decimals_of_their_tick(price: float, decimals: int, text: str) -> None:
    assert _plain(units.format_price(price, decimals)) == text


@pytest.mark.parametrize(
    ("prices", "decimals"),
    [
        ([], 0),
        ([math.nan, math.inf], 0),
        ([52377.0, 52378.0], 0),
        ([52377.4, 52378.0], 1),
        ([1.15, 4.35, 0.07], 2),
        ([3e-7], 7),
        ([0.00002754], 8),
        ([0.1 + 0.2], 12),
        ([1e22, 0.5, math.nan], 1),
        ([-1.005], 3),
    ],
)
def test_the_decimals_of_prices_are_the_fewest_that_show_all(prices: list[float], decimals: int) -> None:
    assert units.price_decimals(np.array(prices, dtype=np.float64)) == decimals


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.integers(0, 6))
def test_prices_on_a_grid_never_need_more_decimals_than_the_grid(ticks: list[int], places: int) -> None:
    prices = [float(Decimal(tick).scaleb(-places)) for tick in ticks]
    decimals = units.price_decimals(np.array(prices))
    assert decimals <= places
    for price in prices:
        shown = units.format_price(price, decimals).replace(units.THIN_SPACE, "")
        assert float(shown) == price


@pytest.mark.parametrize(
    ("basis_points", "text"),
    [
        (0.86, "0.86 bp"),
        (7.2, "7.20 bp"),
        (9.996, "10.0 bp"),
        (12.34, "12.3 bp"),
        (418.4, "418 bp"),
        (-1.0, "-1.00 bp"),
        (math.nan, units.ABSENT),
    ],
)
def test_basis_points_have_three_digits(basis_points: float, text: str) -> None:
    assert _plain(units.format_bps(basis_points)) == text


def test_per_cent_stands_after_a_space() -> None:
    assert units.format_percent(0.942) == "94.2 %"
    assert units.format_percent(0.62, 0) == "62 %"
    assert _plain(units.format_percent(-0.005)) == "-0.5 %"
    assert units.format_percent(math.nan) == units.ABSENT


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (0.0, "0x"),
        (0.25, "0.25x"),
        (1.0, "1x"),
        (2.5, "2.5x"),
        (99.96, "100x"),
        (940.4, "940x"),
        (999.7, "1000x"),
        (1000.0, "1000x"),
        (1584.0, "1580x"),
        (9996.0, "10_000x"),
        (12_440.0, "12_400x"),
        (1_236_000.0, "1_240_000x"),
        (math.inf, "max"),
    ],
)
def test_speeds_have_three_digits(factor: float, text: str) -> None:
    assert _plain(units.format_speed(factor)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0006, "0.6 ms"),
        (0.0421, "42 ms"),
        (0.99951, "1.0 s"),
        (2.71, "2.7 s"),
        (9.96, "10 s"),
        (40.4, "40 s"),
        (89.4, "89 s"),
        (360, "6 min"),
        (5390, "90 min"),
        (7560, "2.1 h"),
        (153_720, "42.7 h"),
        (449_280, "5.2 d"),
        (-2.7, "-2.7 s"),
        (math.inf, units.ABSENT),
    ],
)
def test_spans_are_in_the_unit_that_suits_them(seconds: float, text: str) -> None:
    assert _plain(units.format_duration_s(seconds)) == text


@pytest.mark.parametrize(
    ("then", "text"),
    [
        ("2024-08-05T13:31:30", "just now"),
        ("2024-08-05T13:40:00", "just now"),
        ("2024-08-05T13:29:59", "2 min ago"),
        ("2024-08-05T12:32:01", "59 min ago"),
        ("2024-08-05T09:00:00", "4 h ago"),
        ("2024-08-04T13:32:01", "23 h ago"),
        ("2024-08-04T13:32:00", "1 d ago"),
        ("2024-08-02T13:00:00", "3 d ago"),
        ("2024-07-06T13:00:00", "30 d ago"),
        ("2024-06-20T13:00:00", "2024-06-20"),
    ],
)
def test_ages_are_told_as_people_tell_them(then: str, text: str) -> None:
    assert units.format_age(parse_instant(then), parse_instant("2024-08-05T13:32:00")) == text


def test_clocks_are_cut_and_never_rounded_up() -> None:
    instant_us = parse_instant("2024-08-05T13:26:36.412999")
    assert units.format_clock(instant_us) == "13:26:36.412"
    assert units.format_clock(instant_us, 0) == "13:26:36"
    assert units.format_clock(instant_us, 1) == "13:26:36.4"
    assert _plain(units.format_clock(instant_us, 6)) == "13:26:36.412_999"
    assert units.format_stamp(instant_us) == "2024-08-05 13:26:36.412"
    assert units.format_stamp(instant_us, 0) == "2024-08-05 13:26:36"
    assert units.format_stamp(parse_instant("2024-12-31T23:59:59.999999")) == "2024-12-31 23:59:59.999"


@given(st.integers(-(10**15), 10**15))
def test_no_count_is_printed_with_more_than_five_digits(count: int) -> None:
    shown = units.format_count(count)
    assert 1 <= sum(character.isdigit() for character in shown) <= 5


@given(st.floats())
def test_every_float_can_be_shown(value: float) -> None:
    for show in (units.format_amount, units.format_bps, units.format_percent, units.format_duration_s):
        assert show(value)
    assert units.format_price(value, 2)
    assert units.format_speed(abs(value))
