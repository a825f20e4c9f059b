"""The ranking page's figures in one frame: quality by votes beside what the answers really cost and took."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.compare.panes import bare
from core.compare.ratings import Ranking, rank
from core.compare.records import Records

NOTHING = (0, None, None, None)


@dataclass(frozen=True, slots=True)
class Question:
    """Which votes count."""

    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    blind_only: bool = False
    fair_only: bool = False
    length_control: bool = False
    judged: bool = False
    experiment_id: str | None = None


@dataclass(frozen=True, slots=True)
class League:
    """`table`: one row per contender, best first: key, name, win_rate, low, high, votes, not_worse, money, p95, length,
    answers, pareto_money, pareto_p95. `matrix`: left, right, share, votes."""

    ranking: Ranking
    table: pd.DataFrame
    matrix: pd.DataFrame
    cheapest: str
    calls: tuple[str, ...] = ()
    """The calls that were voted on, newest vote first."""


def league(records: Records, question: Question, name_of: Callable[[str], str]) -> League:
    ballots = records.ballots(
        tag=question.tag,
        since=question.since,
        until=question.until,
        judged=question.judged,
        blind_only=question.blind_only,
        fair_only=question.fair_only,
        experiment_id=question.experiment_id,
    )
    ranking = rank(ballots, question.length_control)
    took = {
        f"assistant:{assistant}@{version or 0}" if assistant else model: rest
        for model, assistant, version, *rest in records.took()
    }
    furnished = {key: rest for key, *rest in records.took_furnished()}
    rows = []
    for one in ranking.rated:
        low, middle, high = one.win_rate
        answers, money, p95, length = (furnished if bare(one.key) != one.key else took).get(one.key, NOTHING)
        rows.append(
            {
                "key": one.key, "name": name_of(one.key), "win_rate": middle, "low": low, "high": high,
                "votes": one.votes, "not_worse": one.not_worse, "money": money, "p95": p95, "length": length,
                "answers": answers,
            }
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS[:-2])
    table = table.astype({"money": "float64", "p95": "float64", "length": "float64"})
    table["pareto_money"], table["pareto_p95"] = front(table, "money"), front(table, "p95")
    matrix = matrix_frame(ranking.matrix, [one.key for one in ranking.rated], name_of)
    calls = dict.fromkeys(call for ballot in reversed(ballots) for call in ballot.call_ids)
    return League(ranking, table, matrix, cheapest(table), tuple(calls))


COLUMNS = (
    "key", "name", "win_rate", "low", "high", "votes", "not_worse", "money", "p95", "length", "answers",
    "pareto_money", "pareto_p95",
)  # fmt: skip


def front(table: pd.DataFrame, cost: str) -> "pd.Series[bool]":
    """True where no other contender is at least as good and costs no more; unknown costs are never on the front."""
    rows = [row for row in table.to_dict("records") if not pd.isna(row[cost])]

    def beats(other: Any, row: Any) -> bool:
        as_good = other["win_rate"] >= row["win_rate"] and other[cost] <= row[cost]
        return bool(as_good and (other["win_rate"] > row["win_rate"] or other[cost] < row[cost]))

    on_front = {row["key"] for row in rows if not any(beats(other, row) for other in rows)}
    return table["key"].isin(on_front)


def cheapest(table: pd.DataFrame) -> str:
    """One sentence: the cheapest contender that the votes do not show to be worse than the best."""
    if len(table) < 2:
        return ""
    fit = table[table["not_worse"] & table["money"].notna()]
    if fit.empty:
        return "No contender has a known price, so none can be called the cheapest."
    pick, best = fit.sort_values(["money", "win_rate"], ascending=[True, False]).iloc[0], table.iloc[0]
    if pick["key"] == best["key"]:
        return f"{best['name']} leads, and nothing cheaper is as good by these votes."
    return f"{pick['name']} is the cheapest that is not shown to be worse than {best['name']}."


def matrix_frame(
    matrix: Mapping[str, Mapping[str, tuple[float, int]]], order: Sequence[str], name_of: Callable[[str], str]
) -> pd.DataFrame:
    """`order`: keys, best first."""
    rows = [
        {"left": name_of(left), "right": name_of(right), "share": won / count, "votes": count}
        for left in order
        for right, (won, count) in matrix[left].items()
    ]
    return pd.DataFrame(rows, columns=["left", "right", "share", "votes"])
