"""Rankings: known strengths are recovered, intervals cover, equal contenders are not told apart."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from core.compare.likelihood import Votes, difference_p, fit, profile_interval
from core.compare.paired import holm
from core.compare.ratings import rank, rater_weights, votes_needed
from core.compare.votes import Ballot, pairs

MOMENT = datetime(2026, 11, 1)


def simulated(strengths: list[float], each: int, sets: int, seed: int) -> Votes:
    """`each` votes between every two contenders, in `sets` independent data sets."""
    chance = np.random.default_rng(seed)
    models = len(strengths)
    duels = [(left, right) for left in range(models) for right in range(left + 1, models)]
    design = np.zeros((len(duels), models))
    for row, (left, right) in enumerate(duels):
        design[row, left], design[row, right] = 1, -1
    truth = expit(design @ np.array(strengths))
    score = chance.binomial(each, truth, (sets, len(duels))) / each
    return Votes(design, score, np.full(score.shape, float(each)), models)


@pytest.mark.parametrize("strengths", [[0.6, 0.1, -0.2, -0.5], [0.9, 0.0, -0.9]])
def test_intervals_cover_the_truth_in_93_to_97_percent(strengths: list[float]) -> None:
    votes = simulated(strengths, each=40, sets=1_000, seed=7)
    best = fit(votes)
    covered = []
    for index, truth in enumerate(strengths):
        contrast = np.full(len(strengths), -1 / len(strengths))
        contrast[index] += 1
        low, high = profile_interval(votes, best, contrast)
        covered.append(((low <= truth) & (truth <= high)).mean())
    assert 0.93 <= np.mean(covered) <= 0.97, covered


def test_strengths_are_recovered() -> None:
    strengths = [0.8, 0.2, -0.3, -0.7]
    found = fit(simulated(strengths, each=400, sets=200, seed=3)).parameters.mean(axis=0)
    assert np.abs(found - strengths).max() < 0.03


def test_equal_contenders_are_told_apart_in_at_most_5_percent() -> None:
    votes = simulated([0.0, 0.0], each=60, sets=1_000, seed=11)
    assert (difference_p(votes, fit(votes), 0, 1) < 0.05).mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 1_000)


def ballot(winner: str, panes: tuple[str, ...] = ("a", "b"), user: str = "u", **more) -> Ballot:
    return Ballot(f"m{np.random.default_rng().integers(1 << 60)}", MOMENT, user, winner, panes, (), **more)


def test_few_votes_show_no_difference_and_say_how_many_would() -> None:
    ranking = rank([ballot("A")] * 8 + [ballot("B")] * 6)
    assert ranking.sentence.startswith("No difference shown between the two leaders at n = 14; about 180 more votes")
    assert all(one.not_worse for one in ranking.rated)
    assert votes_needed() == 194


def test_a_clear_preference_is_said() -> None:
    ranking = rank([ballot("A")] * 40 + [ballot("B")] * 10)
    assert ranking.rated[0].key == "a"
    assert not ranking.rated[1].not_worse
    assert ranking.rated[0].low > 0


def test_all_bad_ties_and_equal_panes() -> None:
    ranking = rank([ballot("bad"), ballot("tie"), ballot("A", ("a", "a"))])
    assert ranking.all_bad == 1
    assert [one.strength for one in ranking.rated] == pytest.approx([0, 0], abs=1e-6)
    assert rank([]).sentence == "No votes yet."


def test_undefeated_contenders_have_an_open_end() -> None:
    ranking = rank([ballot("A")] * 5)
    assert ranking.rated[0].high == np.inf
    assert ranking.rated[0].win_rate[2] == 1


def test_one_rater_cannot_dominate() -> None:
    crowd = [ballot("B", user=f"u{number}") for number in range(8)]
    ranking = rank([ballot("A", user="zealot")] * 1_000 + crowd)
    assert ranking.rated[0].key == "b"
    weights = rater_weights(pairs([ballot("A", user="zealot")] * 1_000 + crowd))
    assert weights["zealot"] * 1_000 <= 0.2501 * (weights["zealot"] * 1_000 + 8)


def test_length_control_takes_the_gain_of_mere_length_away() -> None:
    chance = np.random.default_rng(5)
    ballots = []
    for _ in range(600):
        lengths = (300, 100) if chance.random() < 0.8 else (100, 300)
        share = expit(2.0 * (lengths[0] - lengths[1]) / 400)
        ballots.append(ballot("A" if chance.random() < share else "B", lengths=lengths))
    plain, controlled = rank(ballots), rank(ballots, length_control=True)
    assert plain.rated[0].low > 0
    assert controlled.rated[0].low < 0 < controlled.rated[0].high
    assert controlled.length_effect == pytest.approx(2.0, abs=0.7)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["A", "B", "C", "tie", "bad"]), st.sampled_from("xyz")), max_size=30))
def test_any_votes_give_a_ranking(cast: list[tuple[str, str]]) -> None:
    ranking = rank([ballot(winner, ("m1", "m2", "m3"), user) for winner, user in cast])
    assert sum(one.strength for one in ranking.rated) == pytest.approx(0, abs=1e-6)
    for one in ranking.rated:
        assert one.low <= one.strength + 1e-6
        assert one.strength <= one.high + 1e-6


@pytest.mark.parametrize("contenders", [2, 3, 5])
def test_no_winner_is_called_among_equals(contenders: int) -> None:
    """Ranked by the same votes that name the leader: the leader may beat nobody in more than 5% of rankings."""
    sets = 1_000
    votes = simulated([0.0] * contenders, each=40, sets=sets, seed=contenders)
    best = fit(votes)
    p = np.ones((sets, contenders))
    leaders = best.parameters[:, :contenders].argmax(axis=1)
    for first in range(contenders):
        for second in range(contenders):
            if first != second:
                led = leaders == first
                p[led, second] = difference_p(votes, best, first, second)[led]
    smallest = p.min(axis=1)
    called = np.mean([holm([one], looked_at=contenders * (contenders - 1) // 2)[0] < 0.05 for one in smallest])
    assert called <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / sets)
