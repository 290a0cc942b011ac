"""Intervals, held as numbers, against the joining of one after the other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tickreel.market.time import US_PER_SECOND
from tickreel.store.health.intervals import MOST, Intervals
from tickreel.store.health.model import Interval, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_MET = st.tuples(
    st.integers(0, 30 * US_PER_SECOND),
    st.integers(1, 2 * US_PER_SECOND),
    st.integers(1, 5),
    st.sampled_from(["", "a", "b"]),
)


def _joined(kind: Kind, met: Iterable[tuple[int, int, int, str]]) -> list[Interval]:
    closest_us = -1 if kind is Kind.GAP else US_PER_SECOND
    joined: list[Interval] = []
    for from_us, to_us, rows, note in sorted(met, key=lambda one: one[:2]):
        last = joined[-1] if joined else None
        if last is None or from_us - last.to_us >= closest_us:
            joined.append(Interval(kind, from_us, to_us, rows, note))
            continue
        kept = note if note == last.note else ""
        joined[-1] = Interval(kind, last.from_us, max(last.to_us, to_us), last.rows + rows, kept)
    return joined


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([Kind.GAP, Kind.CROSSED]), st.lists(_MET, max_size=40))
def test_neighbours_are_joined_and_keep_the_note_they_share(
    kind: Kind, met: list[tuple[int, int, int, str]]
) -> None:
    found = Intervals(kind)
    spans = [(from_us, from_us + length_us, rows, note) for from_us, length_us, rows, note in met]
    for from_us, to_us, rows, note in spans:
        found.add(from_us, to_us, rows, note)
    assert found.listed() == _joined(kind, spans)
    assert found.total == sum(rows for _, _, rows, _ in spans)


def test_of_too_many_the_closest_are_joined_and_nothing_is_lost() -> None:
    found = Intervals(Kind.RESET)
    starts_us = np.cumsum(np.random.default_rng(3).integers(2, 60, 3 * MOST)) * US_PER_SECOND
    for at_us in starts_us[:MOST].tolist():
        found.add(at_us, at_us + 1, 1)
    found.add_instants(starts_us[MOST:])
    listed = found.listed()
    assert len(listed) <= MOST
    assert sum(one.rows for one in listed) == found.total == len(starts_us)
    assert (listed[0].from_us, listed[-1].to_us) == (starts_us[0], starts_us[-1] + 1)
    assert all(one.to_us < other.from_us for one, other in pairwise(listed))
    found.forget()
    assert (found.listed(), found.total) == ([], 0)
