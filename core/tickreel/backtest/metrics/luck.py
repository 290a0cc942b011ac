"""How good the best of many trials must look by luck alone, and how far its Sharpe ratio is beyond that.

D. H. Bailey and M. Lopez de Prado, "The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest
Overfitting and Non-Normality", Journal of Portfolio Management 40 (5), 2014, https://ssrn.com/abstract=2460551.

All ratios here are of one period, not annualised: mean / standard deviation of returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import e, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EULER = 0.5772156649015329
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Shape:
    """What the deflated ratio must know of the returns of one trial."""

    periods: int
    """How many returns there are."""
    ratio: float
    """Mean over standard deviation (n - 1), of one period."""
    skewness: float
    """Third central moment over the third power of the deviation (n): 0 of a normal distribution."""
    kurtosis: float
    """Fourth central moment over the fourth power: 3 of a normal distribution."""


def shape_of(returns: NDArray[np.float64]) -> Shape | None:
    """Sum up returns, float64 (n,); None for under two of them, or where all are alike."""
    if len(returns) < 2:
        return None
    mean = float(np.mean(returns))
    away = returns - mean
    spread = float(np.sqrt(np.mean(np.square(away))))
    if spread <= 0:
        return None
    ratio = mean / float(np.std(returns, ddof=1))
    return Shape(
        len(returns),
        ratio,
        float(np.mean(away**3)) / spread**3,
        float(np.mean(away**4)) / spread**4,
    )


def expected_best(deviation: float, trials: int) -> float:
    """Give the ratio that the best of *trials* independent ones has by luck, if none has any merit.

    deviation x ((1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e))): g is Euler's constant, Z the quantile of the normal
    distribution, N the trials, and *deviation* the standard deviation of the ratios of the trials. Trials
    that resemble each other count for fewer than they are, so that this errs on the careful side. 0 for one.
    """
    if trials < 2:
        return 0.0
    first, second = _NORMAL.inv_cdf(1 - 1 / trials), _NORMAL.inv_cdf(1 - 1 / (trials * e))
    return deviation * ((1 - _EULER) * first + _EULER * second)


def deflated(shape: Shape, by_luck: float) -> float | None:
    """Give the chance, 0 to 1, that the true ratio is above what luck gives: the deflated Sharpe ratio.

    Phi((SR - SR0) sqrt(T - 1) / sqrt(1 - s SR + (k - 1) / 4 SR^2)): SR is the trial's ratio, SR0 that by
    luck, T its periods, s and k skewness and kurtosis of its returns. None where the root is of nothing,
    as returns of a few values can have it.
    """
    spread = 1 - shape.skewness * shape.ratio + (shape.kurtosis - 1) / 4 * shape.ratio**2
    if spread <= 0:
        return None
    return _NORMAL.cdf((shape.ratio - by_luck) * sqrt(shape.periods - 1) / sqrt(spread))
