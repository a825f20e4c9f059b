"""A judge's votes on people's matches, and how often both agree."""

from datetime import datetime

from core.compare.agreement import agreement
from core.compare.votes import Ballot
from core.messages import Message
from core.platform import Platform

MOMENT = datetime(2026, 11, 1)


def ballot(match: str, winner: str, judge: str | None = None) -> Ballot:
    return Ballot(match, MOMENT, "u", winner, ("a", "b"), (), judge=judge)


def test_agreement_counts_matches_that_both_decided() -> None:
    people = [ballot("1", "A"), ballot("2", "A"), ballot("3", "tie"), ballot("4", "B")]
    judges = [ballot("1", "A", "j"), ballot("2", "B", "j"), ballot("3", "A", "j"), ballot("9", "A", "j")]
    assert agreement(people, judges) == (0.5, 2)
    assert agreement(people, []) == (None, 0)


def test_a_judge_is_asked_in_both_orders_and_paid_apart(platform: Platform) -> None:
    board = platform.compare.board()
    board.ask(Message.of("user", "What is a receipt?"))
    board.matches[-1].wait()
    platform.compare.vote(board, "A")
    platform.ledger.settle()
    found = platform.compare.jury.judge("", limit=5)
    assert found.duels == 1
    rows = platform.ledger.rows("SELECT count(*), count(DISTINCT match_id) FROM calls WHERE door = 'judge'")
    assert rows == [(2, 1)]
