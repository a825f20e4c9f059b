"""Paired comparison of two contenders on the same cases: difference, interval, and a test that holds its 5 percent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FLIPS = 4_000


@dataclass(frozen=True, slots=True)
class Paired:
    """`difference`: mean score of the first minus the second over `n` cases; interval 95%; `p` two-sided."""

    n: int
    difference: float
    low: float
    high: float
    p: float


def paired(first: Array, second: Array, seed: int = 0, flips: int = _FLIPS) -> Paired:
    """`first`, `second`: one score per case (its mean over repeats), in the same order."""
    gaps = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    n = len(gaps)
    if n == 0:
        return Paired(0, float("nan"), float("nan"), float("nan"), 1.0)
    low, high = interval(gaps)
    return Paired(n, float(gaps.mean()), low, high, float(sign_flip_p(gaps[None, :], seed, flips)[0]))


def score_interval(scores: Array, level: float = 0.95) -> tuple[float, float]:
    """Of a mean of scores from 0 to 1. Scores that are all 0 or 1, or all alike, get Wilson's interval of a share:
    six right answers out of six do not show that every answer is right."""
    n = len(scores)
    if n == 0:
        return float("nan"), float("nan")
    if scores.std() > 0 and not np.isin(scores, (0.0, 1.0)).all():
        low, high = interval(scores, level)
        return max(0.0, low), min(1.0, high)
    from scipy.special import ndtri  # slow and large, and no page but an experiment needs it

    z, share = float(ndtri(0.5 + level / 2)), float(scores.mean())
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def interval(values: Array, level: float = 0.95) -> tuple[float, float]:
    """Student's interval of a mean; unbounded for a single value."""
    if len(values) < 2:
        return -float("inf"), float("inf")
    from scipy.special import stdtrit  # slow and large, and no page but an experiment needs it

    half = float(stdtrit(len(values) - 1, 0.5 + level / 2) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half


def sign_flip_p(gaps: Array, seed: int = 0, flips: int = _FLIPS) -> Array:
    """(sets, cases) -> (sets,): how often a mean at least as far from zero arises when each gap's sign is a coin.

    Exact up to 11 cases, sampled above, the observed one counted in, so that it never claims too much.
    """
    cases = gaps.shape[1]
    observed = np.abs(gaps.sum(axis=1))
    if cases <= 11:
        codes = np.arange(2**cases)
        signs = 1.0 - 2.0 * ((codes[:, None] >> np.arange(cases)) & 1)
        return np.asarray((np.abs(gaps @ signs.T) >= observed[:, None] - 1e-12).mean(axis=1))
    chance = np.random.default_rng(seed)
    extreme = np.zeros(len(gaps))
    for start in range(0, flips, _FLIPS):
        signs = chance.choice((-1.0, 1.0), (min(_FLIPS, flips - start), cases))
        extreme += (np.abs(gaps @ signs.T) >= observed[:, None] - 1e-12).sum(axis=1)
    return np.asarray((extreme + 1) / (flips + 1))


def holm(p_values: list[float], looked_at: int | None = None) -> list[float]:
    """Corrected for how many were looked at: these, or more when these were picked by their results."""
    many = looked_at or len(p_values)
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, worst = [1.0] * len(p_values), 0.0
    for place, index in enumerate(order):
        worst = max(worst, min(1.0, p_values[index] * (many - place)))
        corrected[index] = worst
    return corrected
