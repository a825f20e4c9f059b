"""What a decision freezes: the numbers of a ranking, an experiment or a board, as they are at this moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from core.compare.board import Board, Pane
from core.compare.board_view import LETTERS
from core.compare.league import League, Question
from core.compare.match import Match
from core.compare.panes import Setup, to_json
from core.compare.results import Results
from core.compare.votes import BAD, TIE
from core.errors import InvalidError
from core.llm.record import said

_MOST_CALLS = 2_000
Voted = Mapping[str, tuple[str, Sequence[str]]]
"""Match id -> the winner and what stood in the panes, left to right."""


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
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(asked).items()}
    return {"source": scope, "sentence": told, "rows": rows, "n": found.ranking.votes,
            "calls": list(found.calls[:_MOST_CALLS]), "votes": plain}  # fmt: skip


def question_of(plain: Mapping[str, Any]) -> Question:
    """The ranking question again, as `from_league` wrote it down."""
    times = {name: datetime.fromisoformat(plain[name]) for name in ("since", "until") if plain.get(name)}
    return Question(**{**plain, **times})


def from_experiment(found: Results, experiment_id: str, name: str) -> dict[str, Any]:
    ids = dict(zip(found.cells["contender"], found.cells["contender_id"], strict=True))
    rows = [
        {
            "name": row["contender"], "key": ids[row["contender"]], "score": row["score"], "low": row["low"],
            "high": row["high"], "n": row["cases"], "money": row["money"], "p95": row["p95"],
            "not_worse": row["not_worse"],
        }
        for row in found.summary.to_dict("records")
    ]  # fmt: skip
    calls = [str(call) for call in found.cells["call_id"].dropna()][:_MOST_CALLS]
    n = int(found.cells["case"].nunique())
    return {"source": f"experiment {name}", "sentence": found.sentence, "rows": rows, "n": n, "calls": calls,
            "experiment_id": experiment_id}  # fmt: skip


def from_board(board: Board, voted: Voted, name_of: Callable[[str], str]) -> dict[str, Any]:
    """`name_of`: a contender's key in words. Raises InvalidError while it runs, and before a blind board's vote."""
    matches, panes = list(board.matches), list(board.panes)
    if not matches:
        raise InvalidError("There is nothing to decide on yet: ask a question first.")
    if board.hidden:
        raise InvalidError("This comparison is blind, and a record says who answered: vote first.")
    if board.running:
        raise InvalidError("The panes are still answering; record the decision when they are done.")
    rows = [_row(LETTERS[index], pane, matches, voted, name_of) for index, pane in enumerate(panes)]
    if not any(row["n"] for row in rows):
        raise InvalidError("There is nothing to decide on yet: no pane has answered as it stands now.")
    calls = dict.fromkeys(call for pane in panes for call in _calls(pane, matches))
    setup = Setup(tuple(pane.spec for pane in panes), board.fair, False, board.synced)  # it names who answered
    return {
        "source": f"comparison of {len(panes)} panes", "sentence": _finding(board, matches, voted), "rows": rows,
        "n": len(matches), "calls": list(calls)[:_MOST_CALLS],
        "board": {"id": board.board_id, "setup": to_json(setup),
                  "questions": list(said([match.question for match in matches]))},
    }  # fmt: skip


def _row(
    letter: str, pane: Pane, matches: Sequence[Match], voted: Voted, name_of: Callable[[str], str]
) -> dict[str, Any]:
    """Every figure as measured; answers that something else gave in this pane do not count."""
    key = pane.spec.key
    views = [lot.view for lot in _lots(pane, matches)]
    paid = [view.receipt for view in views if view.status == "ok" and view.receipt is not None]
    costs = [one.cost for one in paid if one.cost is not None]
    return {
        "name": f"{letter} · {name_of(key)}", "key": key, "letter": letter, "n": len(paid), "asked": len(matches),
        "money": float(sum(costs) / len(costs)) if costs and len(costs) == len(paid) else None,
        "first": [one.ttft_s for one in paid if one.ttft_s is not None],
        "total": [one.total_s for one in paid if one.total_s is not None],
        "won": sum(_won(key, letter, *vote) for vote in voted.values()), "votes": len(voted),
    }  # fmt: skip


def _lots(pane: Pane, matches: Sequence[Match]) -> list[Any]:
    found = [match.lots.get(pane.key) for match in matches]
    return [lot for lot in found if lot is not None and lot.spec in (None, pane.spec)]


def _won(key: str, letter: str, winner: str, stood: Sequence[str]) -> bool:
    if winner in (TIE, BAD):
        return False
    return stood[LETTERS.index(winner)] == key and (stood.count(key) == 1 or letter == winner)


def _calls(pane: Pane, matches: Sequence[Match]) -> list[str]:
    receipts = [lot.view.receipt for lot in _lots(pane, matches)]
    return [attempt.call_id for receipt in receipts if receipt is not None for attempt in receipt.attempts]


def _finding(board: Board, matches: Sequence[Match], voted: Voted) -> str:
    """No difference is claimed: a comparison is a few measurements."""
    once = len(matches) == 1
    told = ["Each figure was measured once." if once else "Money is a mean, times are medians with their range."]
    fair, answers = board.view().verdict, "The answers" if once else "The last answers"
    told.append(f"{answers} are comparable." if fair.comparable else f"Not comparable: {' '.join(fair.reasons)}")
    winners = [winner for winner, _ in voted.values()]
    if winners:
        ties, bad = winners.count(TIE), winners.count(BAD)
        told.append(f"Voted on {len(winners)} of {len(matches)} questions: {ties} tied, {bad} all bad.")
    return " ".join(told)
