"""Charts of a ranking: every contender has a place of its own, however long and alike the names are."""

import pandas as pd
import pytest

from charts.ratings import strengths, value_map, win_matrix

ALIKE = [f"Swift (simulated) · temperature 0.7, system prompt number {number}" for number in (1, 2, 3)]


@pytest.fixture
def table() -> pd.DataFrame:
    figures = {"win_rate": 0.5, "low": 0.3, "high": 0.7, "votes": 9, "not_worse": True, "money": 0.001, "p95": 2.0}
    front = {"pareto_money": True, "pareto_p95": True}
    return pd.DataFrame([{"key": f"demo/swift;seed={name[-1]}", "name": name, **figures, **front} for name in ALIKE])


def test_names_that_begin_alike_keep_their_own_rows(table: pd.DataFrame) -> None:
    figure = strengths(table, "Preferred answers")
    assert len({mark.y[0] for mark in figure.data}) == len(ALIKE)
    pairs = [(left, right) for left in ALIKE for right in ALIKE if left != right]
    matrix = win_matrix(
        pd.DataFrame([{"left": left, "right": right, "share": 0.5, "votes": 2} for left, right in pairs]), "Who"
    )
    (heat,) = matrix.data
    assert len(set(heat.x)) == len(set(heat.y)) == len(ALIKE)
    places = {(label.x, label.y) for label in matrix.layout.annotations if "n = 2" in label.text}
    assert places == {(x, y) for i, x in enumerate(heat.x) for j, y in enumerate(heat.y) if i != j}
    assert not any(str(x).isdigit() for x in heat.x), "such a label would be drawn at that position, not in its cell"


@pytest.mark.parametrize("cost", ["money", "p95"])
def test_a_mark_carries_its_number_in_the_list_also_when_others_are_left_out(table: pd.DataFrame, cost: str) -> None:
    table.loc[1, cost] = None
    figure = value_map(table, "Quality", cost=cost)
    assert sorted(mark.text[0] for mark in figure.data if mark.text) == ["1", "3"]
    assert "1 without a known" in str(figure.layout.title.text) + str(figure.layout)
