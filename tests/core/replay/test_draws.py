"""Draws: their distribution, and the very numbers, which no platform may change."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from tickreel.replay.draws import (
    GREATEST_UNIFORM,
    NORMAL_P99,
    lognormal_quantiles,
    normal_quantiles,
    uniforms,
)

TIMES_US = 1_721_692_800_000_000 + np.arange(100_000)
_WORD = 2**64


def test_uniforms_are_outputs_of_splitmix64() -> None:
    """Zero, the plain generator begun with 0, as its authors' program prints it, is output one of state 0."""

    def mixed(word: int) -> int:
        word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) % _WORD
        word = ((word ^ word >> 27) * 0x94D049BB133111EB) % _WORD
        return word ^ word >> 31

    assert mixed(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF, "the first output of SplitMix64 begun with 0"
    for seed in (0, 1, 2**63 - 1):
        wanted = [
            ((mixed((mixed(seed) + time_us * 0x9E3779B97F4A7C15) % _WORD) >> 12) + 0.5) / 2**52
            for time_us in TIMES_US[:20].tolist()
        ]
        assert uniforms(seed, TIMES_US[:20]).tolist() == wanted


def test_a_draw_belongs_to_its_time_wherever_it_is_drawn() -> None:
    whole = uniforms(5, TIMES_US)
    order = np.random.default_rng(1).permutation(len(TIMES_US))
    assert np.array_equal(uniforms(5, TIMES_US[order]), whole[order])
    assert np.array_equal(uniforms(5, TIMES_US[70_001:]), whole[70_001:])
    assert not np.any(uniforms(6, TIMES_US) == whole)


def test_uniforms_are_spread_evenly_and_do_not_hang_together() -> None:
    drawn = uniforms(7, TIMES_US)
    counts = np.bincount((drawn * 100).astype(int), minlength=100)
    chi_square = float(np.sum((counts - 1_000) ** 2 / 1_000))
    assert 50 < chi_square < 160, "99 degrees of freedom"
    for other in (drawn[1:], uniforms(8, TIMES_US)[1:]):
        assert abs(float(np.corrcoef(drawn[:-1], other)[0, 1])) < 0.02


def test_normal_quantiles_are_those_of_the_standard_library() -> None:
    shares = np.concatenate(
        (
            np.random.default_rng(2).random(5_000),
            10.0 ** -np.arange(1, 16),
            1 - 10.0 ** -np.arange(1, 15),
            [0.075, 0.5, 0.925, GREATEST_UNIFORM, 1 - GREATEST_UNIFORM],
        )
    )
    wanted = [NormalDist().inv_cdf(share) for share in shares.tolist()]
    np.testing.assert_allclose(normal_quantiles(shares), wanted, rtol=1e-14, atol=1e-15)
    assert NormalDist().inv_cdf(0.99) == NORMAL_P99


def test_lognormal_quantiles_meet_median_and_99th_percentile() -> None:
    for median, p99 in ((3_000, 20_000), (1, 3.6e9), (250, 251), (40, 40)):
        low, middle, high = lognormal_quantiles(np.array([0.01, 0.5, 0.99]), median, p99).tolist()
        assert np.isclose(low * p99, median * median, rtol=1e-12), "it is symmetric in its logarithm"
        assert middle == median
        assert np.isclose(high, p99, rtol=1e-13)
    sigma = np.log(20_000 / 3_000) / NORMAL_P99
    shares = uniforms(3, TIMES_US)
    wanted = 3_000 * np.exp(sigma * normal_quantiles(shares))
    np.testing.assert_allclose(lognormal_quantiles(shares, 3_000, 20_000), wanted, rtol=1e-13)


def test_the_very_digits_are_the_same_everywhere() -> None:
    drawn = lognormal_quantiles(uniforms(11, TIMES_US[:4]), 3_000, 20_000)
    assert [value.hex() for value in drawn.tolist()] == [
        "0x1.85a046267fae7p+11",
        "0x1.2bdcf725dbc68p+12",
        "0x1.35eacbe771f23p+13",
        "0x1.24af3c096311ap+11",
    ]
