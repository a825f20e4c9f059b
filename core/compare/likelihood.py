"""Bradley-Terry by maximum likelihood, many data sets at once: fits, profile intervals, likelihood-ratio tests."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_RIDGE = 1e-3
"""Keeps strengths finite when somebody has won or lost every vote; far below any real information."""
_FAR = 12.0
_NEWTON_STEPS = 30
_BISECTIONS = 26


@dataclass(frozen=True)
class Fit:
    """`parameters` (sets, p): strengths that sum to zero, then covariates. `loglik` (sets,)."""

    parameters: Array
    loglik: Array


@dataclass(frozen=True)
class Votes:
    """`design` (rows, p): +1 left, -1 right, covariates behind. `score`, `weight` (sets, rows): left's share of the
    votes and how many there were. `models`: how many of the p columns are strengths."""

    design: Array
    score: Array
    weight: Array
    models: int

    def loglik(self, parameters: Array) -> Array:
        linear = parameters @ self.design.T
        told = -self.score * np.logaddexp(0, -linear) - (1 - self.score) * np.logaddexp(0, linear)
        return np.asarray((self.weight * told).sum(axis=1) - _RIDGE / 2 * (parameters**2).sum(axis=1))


def free_directions(models: int, covariates: int = 0) -> Array:
    """(p, p - 1): columns span all parameters whose strengths sum to zero."""
    basis = np.linalg.svd(np.ones((1, models)))[2][1:].T
    whole = np.zeros((models + covariates, models - 1 + covariates))
    whole[:models, : models - 1] = basis
    whole[models:, models - 1 :] = np.eye(covariates)
    return whole


def maximise(votes: Votes, directions: Array, start: Array) -> Fit:
    """The best parameters in start + span(directions), by damped Newton steps for every set at once."""
    parameters = start.copy()
    columns = votes.design @ directions
    for _ in range(_NEWTON_STEPS):
        expected = np.exp(-np.logaddexp(0, -(parameters @ votes.design.T)))
        slope = (votes.weight * (votes.score - expected)) @ columns - _RIDGE * parameters @ directions
        bend = np.einsum("sr,rp,rq->spq", votes.weight * expected * (1 - expected), columns, columns, optimize=True)
        bend += _RIDGE * directions.T @ directions + 1e-9 * np.eye(columns.shape[1])
        step = np.linalg.solve(bend, slope[..., None])[..., 0]
        step *= np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-12))
        parameters = parameters + step @ directions.T
        if np.abs(step).max(initial=0.0) < 1e-8:
            break
    return Fit(parameters, votes.loglik(parameters))


def fit(votes: Votes) -> Fit:
    covariates = votes.design.shape[1] - votes.models
    start = np.zeros((votes.score.shape[0], votes.design.shape[1]))
    return maximise(votes, free_directions(votes.models, covariates), start)


def profile_interval(votes: Votes, best: Fit, contrast: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Where the likelihood-ratio test would not reject `contrast @ parameters`; `contrast` (p,) sums to zero over the
    strengths. An end that the votes do not bound is infinite."""
    directions = free_directions(votes.models, votes.design.shape[1] - votes.models)
    along = directions @ (directions.T @ contrast)
    along = along / (contrast @ along)
    rest = directions @ np.linalg.svd((directions.T @ contrast)[None, :])[2][1:].T
    centre = best.parameters @ contrast
    from scipy.special import chdtri  # slow and large, and no page but a ranking needs it

    allowed = float(chdtri(1, 1 - level)) / 2
    ends = []
    for sign in (-1.0, 1.0):
        near, far = np.zeros_like(centre), np.full_like(centre, _FAR)
        guess = best.parameters
        for _ in range(_BISECTIONS):
            middle = (near + far) / 2
            moved = guess + ((centre + sign * middle) - guess @ contrast)[:, None] * along
            held = maximise(votes, rest, moved) if rest.shape[1] else Fit(moved, votes.loglik(moved))
            inside = best.loglik - held.loglik < allowed
            near, far = np.where(inside, middle, near), np.where(inside, far, middle)
        unbounded = near > _FAR * 0.99
        ends.append(np.where(unbounded, sign * np.inf, centre + sign * (near + far) / 2))
    return ends[0], ends[1]


def difference_p(votes: Votes, best: Fit, first: int, second: int) -> Array:
    """p of the likelihood-ratio test that two strengths are equal."""
    covariates = votes.design.shape[1] - votes.models
    directions = free_directions(votes.models, covariates)
    contrast = np.zeros(votes.design.shape[1])
    contrast[first], contrast[second] = 1.0, -1.0
    rest = directions @ np.linalg.svd((directions.T @ contrast)[None, :])[2][1:].T
    start = np.zeros_like(best.parameters)
    equal = maximise(votes, rest, start) if rest.shape[1] else Fit(start, votes.loglik(start))
    from scipy.special import chdtrc  # slow and large, and no page but a ranking needs it

    return np.asarray(chdtrc(1, np.maximum(0.0, 2 * (best.loglik - equal.loglik))))
