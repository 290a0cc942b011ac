"""What a tick may hold comes back as it was; everything else is refused by its key."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.errors import UsageError
from tickreel.ticks.compression import Compression, dictionary_of
from tickreel.ticks.values import MOST_BYTES, MOST_DEPTH, pack, unpack

if TYPE_CHECKING:
    from tickreel.ticks import Value

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | _TEXT
VALUES = st.dictionaries(
    _TEXT,
    st.recursive(
        _PLAIN,
        lambda held: st.lists(held, max_size=4) | st.dictionaries(_TEXT, held, max_size=4),
        max_leaves=12,
    ),
    max_size=8,
)


@given(value=VALUES)
def test_a_value_comes_back_with_its_types_and_digits(value: dict[str, Value]) -> None:
    # repr tells True from 1, -0.0 from 0.0 and 1.0 from 1, which == does not.
    assert repr(unpack(pack(value, "tick"))) == repr(value)


@given(values=st.lists(VALUES, min_size=1, max_size=5))
def test_compression_is_undone_exactly(values: list[dict[str, Value]]) -> None:
    packed = [pack(value, "tick") for value in values]
    compression = Compression(dictionary_of(packed[:2]))
    assert [compression.decompress(compression.compress(raw), len(raw)) for raw in packed] == packed


@given(st.binary(max_size=64), st.integers(0, 1 << 20))
def test_damaged_compression_is_told_and_takes_no_memory(stored: bytes, raw_bytes: int) -> None:
    compression = Compression(b"dictionary of some length")
    with suppress(ValueError):
        assert len(compression.decompress(stored, raw_bytes)) == raw_bytes


@given(st.binary(max_size=64))
def test_damaged_values_are_told(packed: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(unpack(packed), dict)


def test_not_a_number_and_infinities_come_back() -> None:
    value = unpack(pack({"a": math.nan, "b": math.inf, "c": -math.inf}, "tick"))
    assert repr(value) == "{'a': nan, 'b': inf, 'c': -inf}"


class _Float(float):
    pass


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": {1, 2}}, r"tick 3: a is a set"),
        ({"a": (1, 2)}, r"tick 3: a is a tuple"),
        ({"a": b"raw"}, r"tick 3: a is a bytes"),
        ({"a": bytearray(b"raw")}, r"tick 3: a is a bytearray"),
        ({"a": msgpack.Timestamp(1)}, r"tick 3: a is a Timestamp"),
        ({"a": _Float(1)}, r"tick 3: a is a _Float"),
        ({"bids": [[1.0, {"amount": 1j}]]}, r"tick 3: bids\[0\]\[1\]\.amount is a complex"),
        ({"a": 2**64}, r"tick 3: a is the integer 0x10000000000000000"),
        ({"a": -(2**63) - 1}, r"tick 3: a is the integer"),
        ({1: "a"}, r"tick 3 has the key 1, and keys must be text"),
        ({"a": {None: 1}}, r"tick 3: a has the key None"),
        ({"a": "\ud800"}, r"tick 3: a is no valid Unicode"),
        ({"\ud800": 1}, r"tick 3 has the key '\\ud800'"),
        ({"a": "x" * MOST_BYTES}, r"tick 3 takes 1,0\d\d,\d\d\d bytes"),
        (["a"], r"tick 3 is a list, not a dict"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_its_key(value: dict[str, Value], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        pack(value, "tick 3")


def test_nesting_has_a_limit() -> None:
    value: dict[str, Value] = {}
    for _ in range(MOST_DEPTH - 1):
        value = {"a": value}
    assert unpack(pack(value, "tick")) == value
    with pytest.raises(UsageError, match="deeper than 32"):
        pack({"a": value}, "tick")


@pytest.mark.parametrize(
    "value", [[1], {1: 2}, {"a": b"x"}, {"a": msgpack.ExtType(5, b"x")}, {"a": msgpack.Timestamp(1)}]
)
def test_msgpack_that_no_tick_is_made_of_is_not_read(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError is what the caller catches
        unpack(msgpack.packb(value))
