"""Paired statistics: equals are hardly ever called different, real differences are found, certainty is not claimed."""

import numpy as np
import pytest

from core.compare.paired import holm, paired, score_interval, sign_flip_p


def test_equal_contenders_win_at_most_5_percent() -> None:
    chance = np.random.default_rng(2)
    for cases in (9, 40):
        gaps = chance.binomial(1, 0.6, (1_000, cases)) - chance.binomial(1, 0.6, (1_000, cases)).astype(float)
        assert (sign_flip_p(gaps) < 0.05).mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 1_000)


@pytest.mark.parametrize("contenders", [2, 3, 5])
def test_an_experiment_among_equals_calls_a_winner_in_at_most_5_percent(contenders: int) -> None:
    chance, sets, cases, pairs = np.random.default_rng(contenders), 1_000, 24, contenders * (contenders - 1) // 2
    scores = chance.binomial(1, 0.6, (sets, cases, contenders)).astype(float)
    order = np.argsort(-scores.mean(axis=1), axis=1, kind="stable")
    best = np.take_along_axis(scores, order[:, None, :1], axis=2)[..., 0]
    against = [
        best - np.take_along_axis(scores, order[:, None, one : one + 1], axis=2)[..., 0] for one in range(1, contenders)
    ]
    p = np.stack([sign_flip_p(gaps) for gaps in against], axis=1)
    called = [min(holm(list(row), looked_at=pairs)) < 0.05 for row in p]
    assert np.mean(called) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / sets)


def test_intervals_of_scores_never_claim_certainty() -> None:
    low, high = score_interval(np.ones(6))
    assert (0.5 < low < 0.7, high) == (True, 1.0)
    low, high = score_interval(np.array([0.25, 0.5, 0.75, 0.5]))
    assert 0 < low < 0.5 < high < 1


def test_a_real_difference_is_found() -> None:
    chance = np.random.default_rng(3)
    better, worse = chance.binomial(1, 0.9, 80), chance.binomial(1, 0.5, 80)
    told = paired(better, worse)
    assert told.p < 0.01
    assert told.low > 0
