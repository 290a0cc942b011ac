"""Figures from times: middles, bests and percentiles."""

from __future__ import annotations

import pytest

from tickreel.bench.figures import Figure, Machine, Measure, Unit, from_rounds, percentiles


def test_speeds_are_of_the_middle_round_and_of_the_quickest() -> None:
    made = from_rounds(Measure.SCAN, "day", "what", Unit.ROWS_PER_S, [2.0, 1.0, 4.0], 8.0)
    assert made == Figure(Measure.SCAN, "day", "what", 4.0, Unit.ROWS_PER_S, 8.0)


def test_waits_are_of_the_middle_round_and_of_the_quickest() -> None:
    made = from_rounds(Measure.START, "day", "what", Unit.MS, [0.003, 0.001, 0.009])
    assert made.value == pytest.approx(3.0)
    assert made.best == pytest.approx(1.0)


def test_one_round_has_no_best() -> None:
    made = from_rounds(Measure.GENERATE, "day", "what", Unit.ROWS_PER_S, [2.0], 8.0)
    assert (made.value, made.best) == (4.0, None)


@pytest.mark.parametrize(
    ("count", "middle", "nearly_worst"), [(1, 1, 1), (2, 1, 2), (100, 50, 99), (200, 100, 198)]
)
def test_percentiles_are_waits_that_happened(count: int, middle: int, nearly_worst: int) -> None:
    waits = [float(wait) for wait in range(count, 0, -1)]
    p50, p99 = percentiles(Measure.RANGE, "day", "a minute", waits)
    assert (p50.what, p50.value) == ("a minute, p50", 1e3 * middle)
    assert (p99.what, p99.value) == ("a minute, p99", 1e3 * nearly_worst)


def test_the_machine_is_described_with_its_load() -> None:
    machine = Machine.here()
    assert machine.cores >= 1
    assert machine.memory_bytes > 100_000_000
    assert len(machine.load) == 3
    assert machine.python.startswith("3.")
