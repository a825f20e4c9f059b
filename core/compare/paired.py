"""Paired comparison of two contenders on the same cases: difference, interval, and a test that holds its 5 percent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FLIPS = 4_000


@dataclass(frozen=True, slots=True)
class Paired:
    """`difference`: mean score of the first minus the second over `n` cases; interval 95 %; `p` two-sided."""

    n: int
    difference: float
    low: float
    high: float
    p: float


def paired(first: Array, second: Array, seed: int = 0) -> Paired:
    """`first`, `second`: one score per case (its mean over repeats), in the same order."""
    gaps = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    n = len(gaps)
    if n == 0:
        return Paired(0, float("nan"), float("nan"), float("nan"), 1.0)
    low, high = interval(gaps)
    return Paired(n, float(gaps.mean()), low, high, float(sign_flip_p(gaps[None, :], seed)[0]))


def interval(values: Array, level: float = 0.95) -> tuple[float, float]:
    """Student's interval of a mean; unbounded for a single value."""
    if len(values) < 2:
        return -float("inf"), float("inf")
    from scipy.special import stdtrit  # slow and large, and no page but an experiment needs it

    half = float(stdtrit(len(values) - 1, 0.5 + level / 2) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half


def sign_flip_p(gaps: Array, seed: int = 0) -> Array:
    """(sets, cases) -> (sets,): how often a mean at least as far from zero arises when each gap's sign is a coin.

    Exact up to 11 cases, sampled above, the observed one counted in, so that it never claims too much.
    """
    cases = gaps.shape[1]
    observed = np.abs(gaps.sum(axis=1))
    if cases <= 11:
        codes = np.arange(2**cases)
        signs = 1.0 - 2.0 * ((codes[:, None] >> np.arange(cases)) & 1)
        return np.asarray((np.abs(gaps @ signs.T) >= observed[:, None] - 1e-12).mean(axis=1))
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (_FLIPS, cases))
    extreme = (np.abs(gaps @ signs.T) >= observed[:, None] - 1e-12).sum(axis=1)
    return np.asarray((extreme + 1) / (_FLIPS + 1))


def holm(p_values: list[float]) -> list[float]:
    """Corrected for how many were looked at."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, worst = [1.0] * len(p_values), 0.0
    for place, index in enumerate(order):
        worst = max(worst, min(1.0, p_values[index] * (len(p_values) - place)))
        corrected[index] = worst
    return corrected
