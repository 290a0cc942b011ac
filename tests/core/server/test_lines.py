"""The bytes of messages: numbers as ECMAScript prints them, times, texts, what is absent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tickreel.market.block import Texts, Words
from tickreel.market.numbers import ecmascript
from tickreel.server.lines import LevelRows, Lines, Times, book_lines, flat_lines, framed, gathered

_NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9), max_value=10**9).map(
        float
    )
    | st.integers(-(2**53), 2**53).map(float)
)


def texts(lines: Lines) -> list[str]:
    data = lines.data.tobytes().decode()
    assert len(lines.ends) == 0 or lines.ends[-1] == len(data.encode())
    return data.splitlines()


@settings(deadline=None)  # whatever comes first may load what prints
@given(st.lists(_NUMBERS, min_size=1, max_size=30))
@example([0.0, 5e-324, 1.7976931348623157e308, 1e21, 1e-7, 0.1 + 0.2, 999999999999999.0, 1e15, 123456.789e-9])
@example([0.000001, 0.0000123, 1.5, 100.0, 27140.1, 1e-6, 9.99e-7, -0.5, 1e22, 2**53 + 0.0])
def test_numbers_are_printed_as_ecmascript_prints_them(values: list[float]) -> None:
    lines = flat_lines(b'{"a":1', [("b", np.array(values) + 0.0)], len(values))
    assert texts(lines) == [f'{{"a":1,"b":{ecmascript(value)}}}' for value in values]


@given(
    st.lists(
        st.datetimes(datetime(2010, 1, 1), datetime(2099, 12, 31)).map(
            lambda moment: (
                (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
            )
        ),
        min_size=1,
        max_size=20,
    )
)
def test_times_have_six_digits_where_they_need_them(times_us: list[int]) -> None:
    us = np.array(times_us)
    lines = flat_lines(b"{", [("t", Times.of_exchange(us)), ("l", Times.local(us))], len(us))
    for text, time_us in zip(texts(lines), times_us, strict=True):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)
        digits = f"{moment.microsecond:06}"
        short = digits if time_us % 1000 else digits[:3]
        second = f"{moment:%Y-%m-%dT%H:%M:%S}"
        assert text == f'{{,"t":"{second}.{short}Z","l":"{second}.{digits}Z"}}'


def test_the_exchanges_time_that_stands_for_the_arrival_has_six_digits() -> None:
    us = np.array([1_000_000, 2_000_000])
    times = Times.of_exchange(us, np.array([1_000_000, 2_000_001]))
    assert texts(flat_lines(b"{", [("t", times)], 2)) == [
        '{,"t":"1970-01-01T00:00:01.000000Z"}',
        '{,"t":"1970-01-01T00:00:02.000Z"}',
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=10))
def test_texts_read_back(given_texts: list[str]) -> None:
    words = Words(np.arange(len(given_texts), dtype=np.int32), tuple(given_texts))
    lines = flat_lines(b'{"a":0', [("id", Texts.of(given_texts)), ("word", words)], len(given_texts))
    for text, given_text in zip(lines.data.tobytes().decode().split("\n"), given_texts, strict=False):
        expected = {"a": 0} | ({"id": given_text, "word": given_text} if given_text else {})
        assert json.loads(text) == expected


def test_what_is_absent_has_no_field_unless_it_was_computed() -> None:
    cells = np.array([np.nan, 1.0])
    missing = Times.of_exchange(np.array([-(2**63), 0]))
    assert texts(flat_lines(b'{"a":0', [("n", cells), ("t", missing)], 2)) == [
        '{"a":0}',
        '{"a":0,"n":1,"t":"1970-01-01T00:00:00.000Z"}',
    ]
    assert texts(flat_lines(b'{"a":0', [("n", cells)], 2, absent_is_null=True))[0] == '{"a":0,"n":null}'


def test_levels_go_to_their_side_in_their_order() -> None:
    rows = LevelRows(
        np.array([0, 3]),
        np.array([3, 3]),
        np.array([1, 0, 1], np.int8),
        np.array([2.0, 1.0, np.nan]),
        np.array([5.0, 0.0, np.nan]),
    )
    times = Times.local(np.array([0, 0]))
    told = texts(book_lines((b"{",), np.zeros(2, np.int32), rows, times, times))
    ends = '"timestamp":"1970-01-01T00:00:00.000000Z","localTimestamp":"1970-01-01T00:00:00.000000Z"}'
    assert told == [
        '{,"bids":[{"price":1,"amount":0}],"asks":[{"price":2,"amount":5},{}],' + ends,
        '{,"bids":[],"asks":[],' + ends,
    ]


@given(st.lists(st.integers(0, 70_000), min_size=1, max_size=5))
def test_frames_hold_the_messages_without_their_line_ends(lengths: list[int]) -> None:
    data = b"".join(b"x" * length + b"\n" for length in lengths)
    ends = np.cumsum([length + 1 for length in lengths])
    frames, found = framed(Lines(np.frombuffer(bytearray(data), np.uint8), ends)), []
    while frames:
        assert frames[0] == 0x81
        wide = {126: 2, 127: 8}.get(frames[1], 0)
        length = int.from_bytes(frames[2 : 2 + wide], "big") if wide else frames[1]
        found.append(length)
        assert frames[2 + wide : 2 + wide + length] == b"x" * length
        frames = frames[2 + wide + length :]
    assert found == lengths


def test_messages_are_gathered_in_any_order() -> None:
    def of(*words: str) -> Lines:
        data = "".join(f"{word}\n" for word in words).encode()
        return Lines(np.frombuffer(bytearray(data), np.uint8), np.cumsum([len(word) + 1 for word in words]))

    made = gathered([of("a", "bb"), of("ccc")], np.array([2, 0, 1]))
    assert texts(made) == ["ccc", "a", "bb"]
    assert made.ends.tolist() == [4, 6, 9]
