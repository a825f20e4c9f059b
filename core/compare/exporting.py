"""Results as files: CSV, Parquet, JSON lines, and preference pairs for training."""

import io
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from core.compare.board_view import LETTERS
from core.compare.grid import Cell
from core.compare.records import Records
from core.compare.results import Results
from core.compare.votes import BAD, TIE
from core.errors import InvalidError

FORMATS = ("csv", "parquet", "jsonl", "preferences")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def export(found: Results, kind: str) -> bytes:
    """Raises InvalidError for a format there is not."""
    if kind == "csv":
        return found.cells.map(_cell).to_csv(index=False).encode()
    if kind == "parquet":
        buffer = io.BytesIO()
        found.cells.assign(cost=pd.to_numeric(found.cells["cost"], errors="coerce")).to_parquet(buffer, index=False)
        return buffer.getvalue()
    if kind == "jsonl":
        return _lines(_plain(row) for row in found.cells.to_dict("records"))
    if kind == "preferences":
        return _lines(preferences(found))
    raise InvalidError(f"There is no export format {kind!r}; known are {', '.join(FORMATS)}.")


def _cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula becomes plain text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): _json(value) for name, value in row.items()}


def _json(value: Any) -> Any:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, Decimal):
        return str(value)
    return value.item() if hasattr(value, "item") else value


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def preferences(found: Results) -> list[dict[str, Any]]:
    """Pairs {prompt, chosen, rejected, …}: what a judge preferred both ways round, else the better graded answer."""
    answers = {row["cell"]: row for row in found.cells.to_dict("records") if row["status"] == "ok"}
    if found.duels:
        ends = [
            (first, second) if end == "a" else (second, first) for first, second, end in found.duels if end != "tie"
        ]
        return [pair for chosen, rejected in ends if (pair := _pair(answers, chosen, rejected, "judge"))]
    pairs = []
    for _, group in found.cells[found.cells["status"] == "ok"].groupby(["case", "repeat"]):
        ranked = group.dropna(subset=["score"]).sort_values("score")
        if len(ranked) > 1 and ranked["score"].iloc[-1] > ranked["score"].iloc[0]:
            worst, best = ranked.iloc[0], ranked.iloc[-1]
            pairs.append(_told(best, worst, "graders"))
    return pairs


def _pair(answers: dict[Any, Any], chosen: Cell, rejected: Cell, by: str) -> dict[str, Any] | None:
    best, worst = answers.get(chosen.id), answers.get(rejected.id)
    return _told(best, worst, by) if best and worst else None


def _told(best: Any, worst: Any, by: str) -> dict[str, Any]:
    return {
        "prompt": best["question"], "chosen": best["answer"], "rejected": worst["answer"],
        "chosen_by": best["contender"], "rejected_by": worst["contender"], "by": by,
        "call_ids": [best["call_id"], worst["call_id"]],
    }  # fmt: skip


def voted_preferences(records: Records, limit: int = 5_000) -> bytes:
    """The same from people's votes: the winner against every other pane."""
    rows: list[dict[str, Any]] = []
    for ballot in records.ballots()[-limit:]:
        if ballot.winner in (TIE, BAD) or len(ballot.call_ids) != len(ballot.panes):
            continue
        best = LETTERS.find(ballot.winner)
        question = asked_question(records.question(ballot.call_ids[best]))
        chosen = records.answer(ballot.call_ids[best])
        for place, call in enumerate(ballot.call_ids):
            if place != best:
                rows.append(
                    {
                        "prompt": question, "chosen": chosen, "rejected": records.answer(call),
                        "chosen_by": ballot.panes[best], "rejected_by": ballot.panes[place], "by": "people",
                        "match_id": ballot.match_id,
                    }
                )  # fmt: skip
    return _lines(row for row in rows if row["chosen"] and row["rejected"])


def asked_question(messages: Sequence[dict[str, Any]], role: str = "user") -> str:
    """The text of the last question in a call's request, or of what another role said last."""
    last = next((message for message in reversed(messages) if message.get("role") == role), None)
    parts = last.get("content", []) if last else []
    return "".join(str(part.get("text") or "") for part in parts if part.get("type") == "text")
