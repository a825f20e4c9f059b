"""An experiment's results: every cell with its grades and receipt, a summary per contender, and what changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from core.compare.graders import Answer, Grade, grader, label
from core.compare.grid import Cell, Stored, contender_id
from core.compare.judgements import Judgements
from core.compare.judging import Trust, settled, trust
from core.compare.paired import Paired, holm, paired, score_interval
from core.compare.panes import PaneSpec
from core.compare.records import Records

FIXED = ("cell", "case", "repeat", "contender", "contender_id", "question", "expected", "status", "answer", "error",
         "cost", "ttft_s", "total_s", "input_tokens", "output_tokens", "call_id", "turn_id")  # fmt: skip

_FLIPS, _FLIPS_PER_PAIR = 4_000, 200
"""Of the sampled test: many enough that a corrected p can still fall far below 5%."""


@dataclass(frozen=True, slots=True)
class Results:
    """`cells`: FIXED columns, then one per grader (0 to 1, NaN: not graded), then "score", their mean.
    `summary`: one row per contender, best first. `trust`: by pairwise grader. `spent`: door -> money."""

    cells: pd.DataFrame
    graders: tuple[str, ...]
    summary: pd.DataFrame
    trust: Mapping[str, Trust]
    duels: Sequence[tuple[Cell, Cell, str]]
    spent: Mapping[str, Any]
    sentence: str


def results(kept: Stored, records: Records, judgements: Judgements, name_of: Callable[[str], str]) -> Results:
    """`name_of`: a contender's key in words."""
    known = records.cells(kept.id)
    made = records.judgements(kept.id)
    labels = [label(spec) for spec in kept.plan.graders if spec.get("kind") != "pairwise"]
    names = _names(kept.plan.contenders, name_of)
    rows = [_row(cell, known.get(cell.id), records, names) for cell in kept.plan.cells(kept.id)]
    frame = pd.DataFrame(rows, columns=list(FIXED))
    for spec in kept.plan.graders:
        if spec.get("kind") == "rubric":
            scores = judgements.scores(kept, spec, made)
            frame[label(spec)] = [_score(scores[cell]) for cell in frame["cell"]]
        elif spec.get("kind") != "pairwise":
            grade = grader(spec)
            cells = {cell.id: cell for cell in kept.plan.cells(kept.id)}
            frame[label(spec)] = [_score(_graded(grade, row, cells)) for row in frame.to_dict("records")]
    frame["score"] = frame[labels].mean(axis=1) if labels else np.nan
    told, trusted = [], {}
    for spec in kept.plan.graders:
        if spec.get("kind") == "pairwise":
            words = judgements.words(kept, spec, made)
            trusted[label(spec)] = trust([(there, back) for _, there, back in words])
            ends = [(duel.first, duel.second, settled(there, back)) for duel, there, back in words]
            told += [(first, second, end) for first, second, end in ends if end is not None]
    summary = summarise(frame, labels)
    return Results(frame, tuple(labels), summary, trusted, told, records.spent(kept.id), _sentence(summary))


def _row(cell: Cell, told: Mapping[str, Any] | None, records: Records, names: Mapping[str, str]) -> dict[str, Any]:
    known = told or {}
    good = known.get("status") == "ok"
    key = contender_id(cell.spec)
    return {
        "cell": cell.id, "case": cell.case.id, "repeat": cell.repeat, "contender": names[key], "contender_id": key,
        "question": cell.case.question, "expected": cell.case.expected, "status": known.get("status", "not asked"),
        "answer": records.answer(known["call_id"]) if good else None, "error": known.get("error"),
        "cost": known.get("cost"), "ttft_s": known.get("ttft_s"), "total_s": known.get("total_s"),
        "input_tokens": known.get("input_tokens"), "output_tokens": known.get("output_tokens"),
        "call_id": known.get("call_id"), "turn_id": known.get("turn_id"),
    }  # fmt: skip


def _names(specs: Sequence[PaneSpec], name_of: Callable[[str], str]) -> dict[str, str]:
    """A name per contender, by its id; no two are the same."""
    names: dict[str, str] = {}
    for spec in specs:
        name = name_of(spec.key)
        while name in names.values():
            name += "′"
        names[contender_id(spec)] = name
    return names


def _graded(grade: Callable[[Answer], Grade], row: Mapping[Any, Any], cells: Mapping[str, Cell]) -> Grade:
    if row["status"] != "ok":
        return Grade(None, "no answer")
    cell = cells[row["cell"]]
    cost = row["cost"]
    return grade(
        Answer(
            row["answer"] or "",
            cell.case.expected,
            cell.case.variables,
            None if pd.isna(row["total_s"]) else float(row["total_s"]),
            None if cost is None or pd.isna(cost) else Decimal(str(cost)),
            None if pd.isna(row["output_tokens"]) else int(row["output_tokens"]),
        )
    )


def _score(grade: Grade) -> float:
    return float("nan") if grade.score is None else grade.score


def summarise(frame: pd.DataFrame, graders: Sequence[str]) -> pd.DataFrame:
    """contender, answered, failed, score with interval (over cases), spread over repeats, money, p95, first token, and
    the paired difference to the best with its Holm-corrected p. A case counts once, whatever its repeats."""
    rows = []
    per_case = frame.pivot_table(index="case", columns="contender", values="score", aggfunc="mean", dropna=False)
    for name, group in frame.groupby("contender", sort=False):
        good = group[group["status"] == "ok"]
        scores = per_case[name].dropna().to_numpy(dtype=float) if name in per_case else np.array([])
        low, high = score_interval(scores)
        costs = pd.to_numeric(good["cost"], errors="coerce")
        spread = group.groupby("case")["score"].std()
        rows.append(
            {
                "contender": name, "answered": len(good), "failed": int((group["status"] == "error").sum()),
                "score": scores.mean() if len(scores) else np.nan,
                "low": low, "high": high, "cases": len(scores),
                "repeat_spread": spread.mean(), "money": costs.mean() if costs.notna().all() else np.nan,
                "p95": good["total_s"].astype(float).quantile(0.95), "ttft": good["ttft_s"].astype(float).median(),
                **{column: group[column].mean() for column in graders},
            }
        )  # fmt: skip
    summary = pd.DataFrame(rows).sort_values("score", ascending=False, na_position="last", ignore_index=True)
    return _against_best(summary, per_case)


def _against_best(summary: pd.DataFrame, per_case: pd.DataFrame) -> pd.DataFrame:
    """Which contender is best is found in the same scores, so the p are corrected for all pairs there are."""
    best = summary["contender"].iloc[0] if len(summary) else None
    pairs = max(1, len(summary) * (len(summary) - 1) // 2)
    told: list[Paired | None] = []
    for name in summary["contender"]:
        if name == best or best not in per_case or name not in per_case:
            told.append(None)
            continue
        both = per_case[[best, name]].dropna()
        scores = both[name].to_numpy(dtype=float), both[best].to_numpy(dtype=float)
        told.append(paired(*scores, flips=max(_FLIPS, _FLIPS_PER_PAIR * pairs)))
    corrected = iter(holm([one.p for one in told if one is not None], looked_at=pairs))
    summary["difference"] = [np.nan if one is None else one.difference for one in told]
    summary["difference_low"] = [np.nan if one is None else one.low for one in told]
    summary["difference_high"] = [np.nan if one is None else one.high for one in told]
    summary["p"] = [np.nan if one is None else next(corrected) for one in told]
    summary["not_worse"] = [one is None or not p < 0.05 for one, p in zip(told, summary["p"], strict=True)]
    return summary


def _sentence(summary: pd.DataFrame) -> str:
    if summary.empty or summary["score"].isna().all():
        return "No graded answers yet."
    best = summary.iloc[0]
    if len(summary) == 1:
        return f"{best['contender']} scores {best['score']:.0%} over {int(best['cases'])} cases."
    worse = summary[~summary["not_worse"]]
    cases = int(best["cases"])
    if worse.empty:
        return f"No difference shown between the {len(summary)} contenders over {cases} cases."
    if len(worse) == len(summary) - 1:
        return f"{best['contender']} scores higher than every other contender over {cases} cases."
    return f"{best['contender']} leads; {', '.join(worse['contender'])} shown to be worse over {cases} cases."


def changes(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Cases whose mean score moved since the last run: contender, case, question, before, now; largest fall first."""
    keys = ["contender", "case"]
    left = before.groupby(keys)["score"].mean()
    right = now.groupby(keys)["score"].mean()
    questions = now.drop_duplicates("case").set_index("case")["question"]
    both = pd.DataFrame({"before": left, "now": right}).dropna().reset_index()
    both["question"] = both["case"].map(questions)
    moved = both[(both["now"] - both["before"]).abs() > 1e-9]
    return moved.assign(change=moved["now"] - moved["before"]).sort_values("change", ignore_index=True)
