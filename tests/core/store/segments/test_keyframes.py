"""Keyframes: books come back as they were, the right one for every moment, and damage is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickreel.errors import DataError
from tickreel.filesystem import Disk
from tickreel.store.segments import Keyframes, KeyframeWriter

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NUMBERS = st.one_of(
    st.sampled_from([0.0, 5e-324, 1e22, 0.1 + 0.2, -1.5, 66000.1, 2.0**53 + 2]),
    st.floats(allow_nan=False, allow_infinity=False),
)
SIDES = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=12)


def side(levels: list[tuple[float, float]]) -> NDArray[np.float64]:
    return np.array(levels, np.float64).reshape(-1, 2)


def book(levels: int, first: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    steps = np.arange(levels) / 10
    amounts = (np.arange(levels) * 7919 % 1000 + 1) / 1000
    return np.stack([first - steps, amounts], 1), np.stack([first + 0.1 + steps, amounts], 1)


@settings(deadline=None, max_examples=60)
@given(books=st.lists(st.tuples(SIDES, SIDES), max_size=5))
def test_books_come_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory,
    books: list[tuple[list[tuple[float, float]], list[tuple[float, float]]]],
) -> None:
    path = tmp_path_factory.mktemp("keyframes") / "a.keys"
    writer = KeyframeWriter(Disk(), path)
    for place, (bids, asks) in enumerate(books):
        writer.add(10 * place, side(bids), side(asks))
    assert writer.seal() == path.stat().st_size
    with Keyframes.open(path) as keyframes:
        assert keyframes.times_us.tolist() == [10 * place for place in range(len(books))]
        for place, (bids, asks) in enumerate(books):
            keyframe = keyframes.before(10 * place)
            assert keyframe is not None
            assert keyframe.bids.tobytes() == side(bids).tobytes()
            assert keyframe.asks.tobytes() == side(asks).tobytes()


def test_the_keyframe_before_a_moment_is_the_last_that_is_not_later(tmp_path: Path) -> None:
    writer = KeyframeWriter(Disk(), tmp_path / "a.keys")
    for at_us in (100, 200, 300):
        writer.add(at_us, *book(at_us, 66_000.0))
    writer.seal()
    with Keyframes.open(tmp_path / "a.keys") as keyframes:
        found = {at_us: keyframes.before(at_us) for at_us in (0, 99, 100, 199, 200, 299, 300, 10**18)}
    times = [None if keyframe is None else keyframe.local_us for keyframe in found.values()]
    assert times == [None, None, 100, 100, 200, 200, 300, 300]
    assert [len(found[at_us].bids) for at_us in (100, 299, 300)] == [100, 200, 300]  # type: ignore[union-attr]


def test_keyframes_come_in_order_of_time(tmp_path: Path) -> None:
    writer = KeyframeWriter(Disk(), tmp_path / "a.keys")
    writer.add(100, *book(3, 10.0))
    with pytest.raises(ValueError, match="not later"):
        writer.add(100, *book(3, 10.0))
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_damage_anywhere_is_noticed(tmp_path: Path) -> None:
    writer = KeyframeWriter(Disk(), tmp_path / "good.keys")
    writer.add(100, *book(4, 66_000.0))
    writer.add(200, *book(5, 66_001.0))
    writer.seal()
    path = tmp_path / "good.keys"
    content = path.read_bytes()

    def is_refused() -> bool:
        try:
            with Keyframes.open(path) as keyframes:
                keyframes.verify()
        except DataError as error:
            return "keyframes good cannot be read" in str(error)
        return False

    for position in range(len(content)):
        for bit in range(8):
            flipped = bytearray(content)
            flipped[position] ^= 1 << bit
            path.write_bytes(flipped)
            assert is_refused(), f"bit {bit} of byte {position}"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert is_refused(), f"{length} bytes"
    path.unlink()
    assert is_refused()


def test_a_whole_book_takes_few_bytes(tmp_path: Path) -> None:
    writer = KeyframeWriter(Disk(), tmp_path / "a.keys")
    for place in range(10):
        writer.add(place, *book(5_000, 66_000.0 + place))
    assert writer.seal() < 10 * 10_000 * 2.5
