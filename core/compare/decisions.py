"""Decision records: what was compared, what the numbers were on that day, what was chosen, by whom, and why."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.compare.league import League, Question
from core.compare.results import Results
from core.compare.shelf import DECISION, Shelf
from core.errors import InvalidError

_MOST_CALLS = 2_000


@dataclass(frozen=True, slots=True)
class Decision:
    """Frozen: `rows` are the numbers of the day it was made. Money in US dollars, times in seconds, None unknown."""

    id: str
    title: str
    question: str
    choice: str
    reason: str
    who: str
    made_at: str
    source: str
    sentence: str
    rows: tuple[Mapping[str, Any], ...]
    n: int
    calls: tuple[str, ...]
    experiment_id: str | None = None


def from_league(found: League, asked: Question) -> dict[str, Any]:
    rows = [
        {
            "name": row["name"], "key": row["key"], "score": row["win_rate"], "low": row["low"], "high": row["high"],
            "n": row["votes"], "money": row["money"], "p95": row["p95"], "not_worse": row["not_worse"],
        }
        for row in found.table.to_dict("records")
    ]  # fmt: skip
    told = " ".join(part for part in (found.ranking.sentence, found.cheapest) if part)
    scope = f"votes{f' tagged {asked.tag}' if asked.tag else ''}{', blind only' if asked.blind_only else ''}"
    return {"source": scope, "sentence": told, "rows": rows, "n": found.ranking.votes,
            "calls": list(found.calls[:_MOST_CALLS])}  # fmt: skip


def from_experiment(found: Results, experiment_id: str, name: str) -> dict[str, Any]:
    rows = [
        {
            "name": row["contender"], "key": row["contender"], "score": row["score"], "low": row["low"],
            "high": row["high"], "n": row["cases"], "money": row["money"], "p95": row["p95"],
            "not_worse": row["not_worse"],
        }
        for row in found.summary.to_dict("records")
    ]  # fmt: skip
    calls = [str(call) for call in found.cells["call_id"].dropna()][:_MOST_CALLS]
    n = int(found.cells["case"].nunique())
    return {"source": f"experiment {name}", "sentence": found.sentence, "rows": rows, "n": n, "calls": calls,
            "experiment_id": experiment_id}  # fmt: skip


class Decisions:
    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def save(
        self, frozen: Mapping[str, Any], *, title: str, question: str, choice: str, reason: str, who: str = "local"
    ) -> str:
        """`frozen` from `from_league` or `from_experiment`. Raises InvalidError without title or choice."""
        if not title.strip() or not choice.strip():
            raise InvalidError("A decision needs a title and a choice.")
        if not frozen["rows"]:
            raise InvalidError("There is nothing to decide on yet: no votes and no graded answers.")
        body = {
            **frozen,
            "rows": [{name: _finite(value) for name, value in row.items()} for row in frozen["rows"]],
            "question": question.strip(), "choice": choice.strip(), "reason": reason.strip(), "who": who,
            "made_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        }  # fmt: skip
        return self.shelf.put(DECISION, title.strip(), body)

    def get(self, decision_id: str) -> Decision:
        return _decision(self.shelf.get(DECISION, decision_id))

    def all(self) -> list[Decision]:
        return [_decision(document) for document in self.shelf.all(DECISION)]


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: unknown, or unbounded, is None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _decision(document: Any) -> Decision:
    body = document.body
    return Decision(
        document.id, document.name, body["question"], body["choice"], body["reason"], body["who"], body["made_at"],
        body["source"], body["sentence"], tuple(body["rows"]), body["n"], tuple(body["calls"]),
        body.get("experiment_id"),
    )  # fmt: skip


def facts(decision: Decision) -> Sequence[tuple[str, str]]:
    """The record's head, in words."""
    return (
        ("Question", decision.question or "–"),
        ("Decided", decision.choice),
        ("Why", decision.reason or "–"),
        ("By", f"{decision.who}, {decision.made_at}"),
        ("Based on", f"{decision.source}, n = {decision.n}"),
        ("Finding", decision.sentence),
    )
