"""Numbers are printed with the fewest digits that read back, in two notations."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tickreel.market.numbers import ecmascript, positional

_FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.0, "0"),
        (-0.0, "0"),
        (10.0, "10"),
        (10.5, "10.5"),
        (-1.5, "-1.5"),
        (123456789012345678.0, "123456789012345680"),
        (3e-7, "0.0000003"),
        (0.00002754, "0.00002754"),
        (642025.0, "642025"),
        (5e-324, "0." + "0" * 323 + "5"),
        (1.7976931348623157e308, "17976931348623157" + "0" * 292),
    ],
)
def test_positional_has_neither_exponent_nor_needless_digits(value: float, text: str) -> None:
    assert positional(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00002754, "0.00002754"),
        (3e-7, "3e-7"),
        (1e21, "1e+21"),
        (0.000001, "0.000001"),
        (0.0000012, "0.0000012"),
        (0.00000123, "0.00000123"),
        (0.00000099, "9.9e-7"),
        (999999999999999900000.0, "999999999999999900000"),
        (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1.5e21, "1.5e+21"),
        (1.2345e-10, "1.2345e-10"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (2**53 + 2.0, "9007199254740994"),
        (0.1, "0.1"),
        (16.0, "16"),
        (-0.0, "0"),
        (-1e-7, "-1e-7"),
        (-12.5, "-12.5"),
        (100.0, "100"),
        (1 / 3, "0.3333333333333333"),
        (1e23, "1e+23"),
        (4.35, "4.35"),
    ],
)
def test_ecmascript_prints_as_the_standard_says(value: float, text: str) -> None:
    assert ecmascript(value) == text


@given(_FINITE)
@example(9007199254740993.0)
@example(2.2250738585072014e-308)
def test_both_notations_read_back_to_the_same_float(value: float) -> None:
    for text in (positional(value), ecmascript(value)):
        read = float(text)
        assert read == value
        assert text == "0" or math.copysign(1, read) == math.copysign(1, value)


@given(_FINITE)
def test_positional_is_plain_and_no_longer_than_it_must_be(value: float) -> None:
    text = positional(value)
    assert set(text) <= set("-0123456789.")
    assert not text.startswith(("-.", "."))
    if "." in text:
        assert text[-1] not in "0."


@given(_FINITE)
def test_ecmascript_uses_an_exponent_just_where_the_standard_does(value: float) -> None:
    size = abs(value)
    is_plain = size == 0 or 1e-6 <= size < 1e21
    text = ecmascript(value)
    assert ("e" not in text) == is_plain
    if is_plain:
        assert text == positional(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    for write in (positional, ecmascript):
        with pytest.raises(ValueError, match="has no digits"):
            write(value)
