"""Rankings from votes: strengths with intervals, who beats whom, and what can honestly be said at this number."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.compare.likelihood import Fit, Votes, difference_p, fit, profile_interval
from core.compare.paired import holm
from core.compare.votes import BAD, Ballot, pairs

RATER_SHARE = 0.25
_POWER_Z = 0.8416
_LEVEL_Z = 1.9600


@dataclass(frozen=True, slots=True)
class Rated:
    """One contender. `strength` in log-odds against the average contender, `win_rate` the same as a probability.
    `not_worse`: the votes do not show it to be worse than the best."""

    key: str
    strength: float
    low: float
    high: float
    wins: float
    votes: int
    not_worse: bool

    @property
    def win_rate(self) -> tuple[float, float, float]:
        low, middle, high = (float(np.exp(-np.logaddexp(0, -value))) for value in (self.low, self.strength, self.high))
        return low, middle, high


@dataclass(frozen=True, slots=True)
class Ranking:
    """`matrix[a][b]`: (wins of a over b with ties as half, votes). `length_effect`: log-odds that a wholly longer
    answer gains, None when not controlled for."""

    rated: tuple[Rated, ...]
    matrix: dict[str, dict[str, tuple[float, int]]]
    votes: int
    raters: int
    all_bad: int
    sentence: str
    length_effect: float | None
    left_share: float | None


def rank(ballots: Sequence[Ballot], length_control: bool = False) -> Ranking:
    """Every contender that at least one comparison speaks of, best first."""
    told = pairs(ballots)
    all_bad = sum(ballot.winner == BAD for ballot in ballots)
    raters = len({row[4] for row in told})
    if not told:
        return Ranking((), {}, len(ballots), raters, all_bad, "No votes yet.", None, None)
    keys = sorted({row[0] for row in told} | {row[1] for row in told})
    place = {key: index for index, key in enumerate(keys)}
    controlled = length_control and any(row[3] for row in told)
    votes = _votes(told, place, controlled)
    best = fit(votes)
    p_values, order = _against_best(votes, best, len(keys))
    rated = []
    wins, counts = _tallies(told)
    for index in order:
        contrast = np.full(votes.design.shape[1], 0.0)
        contrast[: len(keys)] = -1 / len(keys)
        contrast[index] += 1
        low, high = profile_interval(votes, best, contrast)
        rated.append(
            Rated(
                keys[index],
                float(best.parameters[0, index]),
                float(low[0]),
                float(high[0]),
                wins[keys[index]],
                counts[keys[index]],
                p_values[index] >= 0.05,
            )
        )
    decisive = [row for row in told if row[2] != 0.5]
    return Ranking(
        tuple(rated),
        _matrix(told, keys),
        len(ballots),
        raters,
        all_bad,
        sentence(rated, told, p_values[order[1]] if len(order) > 1 else 1.0),
        float(best.parameters[0, -1]) if controlled else None,
        sum(row[2] for row in decisive) / len(decisive) if decisive else None,
    )


def _votes(told: Sequence[tuple[str, str, float, float, str]], place: dict[str, int], controlled: bool) -> Votes:
    design = np.zeros((len(told), len(place) + controlled))
    for row, (left, right, _, longer, _) in enumerate(told):
        design[row, place[left]], design[row, place[right]] = 1.0, -1.0
        if controlled:
            design[row, -1] = longer
    weights = rater_weights(told)
    weight = np.array([weights[row[4]] for row in told])
    return Votes(design, np.array([[row[2] for row in told]]), weight[None, :], len(place))


def rater_weights(told: Sequence[tuple[str, str, float, float, str]]) -> dict[str, float]:
    """One rater's votes together count for at most a quarter of all, as soon as there are enough raters for that."""
    counts = Counter(row[4] for row in told)
    if len(counts) * RATER_SHARE < 1:
        return dict.fromkeys(counts, 1.0)
    weights = {rater: float(count) for rater, count in counts.items()}
    for _ in range(200):
        top = max(weights, key=lambda rater: weights[rater])
        others = sum(weights.values()) - weights[top]
        if weights[top] <= others * RATER_SHARE / (1 - RATER_SHARE) * (1 + 1e-6):
            break
        weights[top] = others * RATER_SHARE / (1 - RATER_SHARE)
    return {rater: weights[rater] / counts[rater] for rater in counts}


def _against_best(votes: Votes, best: Fit, models: int) -> tuple[list[float], list[int]]:
    """p of being equal to the leader, and the order best first. Which one leads is found in the same votes, so any pair
    could have been the one that is looked at: Holm's steps begin at the number of all pairs."""
    order = [int(index) for index in np.argsort(-best.parameters[0, :models], kind="stable")]
    raw = {index: float(difference_p(votes, best, order[0], index)[0]) for index in order[1:]}
    corrected = [1.0] * models
    for index, p in zip(raw, holm(list(raw.values()), looked_at=models * (models - 1) // 2), strict=True):
        corrected[index] = p
    return corrected, order


def _tallies(told: Sequence[tuple[str, str, float, float, str]]) -> tuple[dict[str, float], dict[str, int]]:
    wins: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for left, right, score, _, _ in told:
        wins[left] += score
        wins[right] += 1 - score
        counts[left] += 1
        counts[right] += 1
    return wins, counts


def _matrix(
    told: Sequence[tuple[str, str, float, float, str]], keys: Sequence[str]
) -> dict[str, dict[str, tuple[float, int]]]:
    cells: dict[str, dict[str, tuple[float, int]]] = {key: {} for key in keys}
    for left, right, score, _, _ in told:
        won, count = cells[left].get(right, (0.0, 0))
        cells[left][right] = (won + score, count + 1)
        won, count = cells[right].get(left, (0.0, 0))
        cells[right][left] = (won + 1 - score, count + 1)
    return cells


def votes_needed(share: float = 0.6) -> int:
    """Votes between two contenders that show a true preference of `share` four times out of five."""
    spread = _LEVEL_Z * 0.5 + _POWER_Z * math.sqrt(share * (1 - share))
    return math.ceil((spread / abs(share - 0.5)) ** 2)


def sentence(rated: Sequence[Rated], told: Sequence[tuple[str, str, float, float, str]], p: float) -> str:
    """What the votes between the two leaders show, or how many more would."""
    if len(rated) < 2:
        return "One contender only."
    first, second = rated[0].key, rated[1].key
    between = sum({row[0], row[1]} == {first, second} for row in told)
    if p < 0.05:
        return f"The leader is preferred to the next (n = {between}, p = {p:.3f})."
    more = votes_needed() - between
    if more > 0:
        return (
            f"No difference shown between the two leaders at n = {between}; "
            f"about {_rounded(more)} more votes would separate a 60/40 preference."
        )
    return f"No difference shown between the two leaders at n = {between}: they are closer than 60/40."


def _rounded(count: int) -> int:
    return count if count < 20 else round(count, -1)
