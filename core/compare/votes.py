"""Votes: cast once, kept in the ledger for ever, read back for rankings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.compare.board import Board
from core.compare.board_view import LETTERS
from core.compare.match import call_ids
from core.errors import InvalidError
from core.ledger.facts import Vote
from core.ledger.ids import uuid7

TIE, BAD = "tie", "bad"


def cast(board: Board, winner: str, reason: str = "", tags: Sequence[str] = ()) -> Vote:
    """The fact for the board's current match. `winner`: a pane's letter, "tie" or "bad". Raises InvalidError."""
    if not board.matches:
        raise InvalidError("Ask a question before you vote.")
    match = board.matches[-1]
    if match.running:
        raise InvalidError("The panes are still answering; vote when they are done.")
    if match.match_id in board.votes:
        raise InvalidError("This question has been voted on; ask another one.")
    if winner not in (*LETTERS[: len(board.panes)], TIE, BAD):
        raise InvalidError("Vote for one of the panes, a tie, or all bad.")
    lots = [match.lots.get(pane.key) for pane in board.panes]
    stood = [
        lot.spec if lot is not None and lot.spec else pane.spec for lot, pane in zip(lots, board.panes, strict=True)
    ]
    calls = tuple(call for lot in lots if lot is not None for call in call_ids(lot.view.receipt))
    vote = Vote(
        vote_id=uuid7(),
        match_id=match.match_id,
        at=datetime.now(UTC).replace(tzinfo=None),
        user_id=board.user_id,
        winner=winner,
        panes=tuple(spec.key for spec in stood),
        call_ids=calls,
        blind=board.hidden,
        fair=bool(board.view().verdict.comparable),
        reason=reason.strip()[:2_000] or None,
        tags=tuple(sorted({tag.strip().casefold()[:60] for tag in tags if tag.strip()})),
    )
    board.votes[match.match_id] = winner
    return vote


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote as rankings need it. `panes` are spec keys, left to right; `winner` a letter, "tie" or "bad"."""

    match_id: str
    at: datetime
    user_id: str | None
    winner: str
    panes: tuple[str, ...]
    tags: tuple[str, ...]
    lengths: tuple[int | None, ...] = ()
    """Visible tokens of each answer, left to right, where known."""
    judge: str | None = None
    call_ids: tuple[str, ...] = ()


def pairs(ballots: Sequence[Ballot]) -> list[tuple[str, str, float, float, str]]:
    """(left, right, score of left, length difference left - right, rater) for every pair a vote speaks of.

    A win counts 1 against every other pane, a tie 1/2; "all bad" says nothing about who is better and gives no pair.
    The same model in both places gives none either.
    """
    told: list[tuple[str, str, float, float, str]] = []
    for ballot in ballots:
        if ballot.winner == BAD:
            continue
        best = LETTERS.find(ballot.winner) if ballot.winner != TIE else -1
        for left in range(len(ballot.panes)):
            for right in range(left + 1, len(ballot.panes)):
                if ballot.panes[left] == ballot.panes[right] or (best not in (left, right, -1)):
                    continue
                score = 0.5 if best == -1 else float(best == left)
                rater = ballot.judge or ballot.user_id or "unknown"
                told.append((ballot.panes[left], ballot.panes[right], score, _longer(ballot, left, right), rater))
    return told


def _longer(ballot: Ballot, left: int, right: int) -> float:
    """Relative length difference in [-1, 1]; 0 when a length is not known."""
    if len(ballot.lengths) <= right:
        return 0.0
    first, second = ballot.lengths[left], ballot.lengths[right]
    if not first or not second:
        return 0.0
    return (first - second) / (first + second)


def from_rows(rows: Sequence[tuple[Any, ...]], lengths: dict[str, int | None]) -> list[Ballot]:
    """Rows: match_id, at, user_id, winner, panes, tags, call_ids, judge. The newest of a rater on a match counts."""
    newest: dict[tuple[str, str | None], Ballot] = {}
    for match_id, at, user_id, winner, panes, tags, calls, judge in rows:
        sizes = tuple(lengths.get(call) for call in calls or ()) if len(calls or ()) == len(panes) else ()
        rater = judge or user_id
        newest[match_id, rater] = Ballot(
            match_id, at, user_id, winner, tuple(panes), tuple(tags or ()), sizes, judge, tuple(calls or ())
        )
    return list(newest.values())
