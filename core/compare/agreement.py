"""Judges measured against people: a model votes on matches that people have voted on, in both orders."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from core.compare.exporting import asked_question
from core.compare.judging import Trust, duel_request, read_winner, settled, trust
from core.compare.records import Records
from core.compare.seams import Asks, Running
from core.compare.votes import BAD, TIE, Ballot
from core.ledger.facts import Vote
from core.ledger.ids import uuid7

AT_ONCE = 8
_PATIENCE_S = 120.0


@dataclass(frozen=True)
class Jury:
    """`ledger` takes the judges' votes as facts, marked with the judge's name."""

    ai: Asks
    records: Records
    ledger: Any

    def judge(self, judge: str, rubric: str = "", limit: int = 50) -> Trust:
        """Lets `judge` vote on up to `limit` of people's newest two-pane matches that it has not judged. Blocks."""
        judge = judge or self.ai.default_model()
        seen = {ballot.match_id for ballot in self.records.ballots(judged=True) if ballot.judge == judge}
        people = [
            ballot
            for ballot in self.records.ballots()
            if len(ballot.panes) == len(ballot.call_ids) == 2 and ballot.winner != BAD and ballot.match_id not in seen
        ][-limit:]
        orders: list[tuple[str | None, str | None]] = []
        for start in range(0, len(people), AT_ONCE):
            turns = [self._duel(ballot, judge, rubric) for ballot in people[start : start + AT_ONCE]]
            for ballot, (there, back) in zip(people[start : start + AT_ONCE], turns, strict=True):
                words = read_winner(there.wait(_PATIENCE_S).text), read_winner(back.wait(_PATIENCE_S).text)
                orders.append(words)
                self._cast(ballot, judge, settled(*words))
        self.ledger.settle()
        share, count = agreement(self.records.ballots(), self.records.ballots(judged=True), judge)
        return replace(trust(orders), agreement=share, agreed_on=count)

    def _duel(self, ballot: Ballot, judge: str, rubric: str) -> tuple[Running, Running]:
        question = asked_question(self.records.question(ballot.call_ids[0]))
        first, second = (self.records.answer(call) for call in ballot.call_ids)
        spec: Mapping[str, Any] = {"judge": judge, "rubric": rubric}

        def ask(left: str, right: str) -> Running:
            request = duel_request(spec, question, left, right)
            return self.ai.start(replace(request, context=replace(request.context, match_id=ballot.match_id)))

        return ask(first, second), ask(second, first)

    def _cast(self, ballot: Ballot, judge: str, end: str | None) -> None:
        if end is None:
            return
        winner = {"a": "A", "b": "B"}.get(end, TIE)
        vote = Vote(
            vote_id=uuid7(), match_id=ballot.match_id, at=datetime.now(UTC).replace(tzinfo=None), user_id=None,
            winner=winner, panes=ballot.panes, call_ids=ballot.call_ids, blind=True, tags=ballot.tags, judge=judge,
        )  # fmt: skip
        self.ledger.submit(vote).result(timeout=10.0)


def agreement(people: Sequence[Ballot], judges: Sequence[Ballot], judge: str | None = None) -> tuple[float | None, int]:
    """The share of matches on which both decided for the same side, and on how many both decided at all."""
    by_match = {ballot.match_id: ballot.winner for ballot in judges if judge in (None, ballot.judge)}
    both = [
        (ballot.winner, by_match[ballot.match_id])
        for ballot in people
        if ballot.winner not in (TIE, BAD) and by_match.get(ballot.match_id) not in (None, TIE, BAD)
    ]
    return (sum(one == other for one, other in both) / len(both), len(both)) if both else (None, 0)


@dataclass(frozen=True, slots=True)
class Judging:
    """One judge's votes, and on how many matches both it and people decided, and for the same side (None: none)."""

    judge: str
    votes: int
    agreed: float | None
    both: int


def judges(people: Sequence[Ballot], votes: Sequence[Ballot]) -> list[Judging]:
    """Every judge there is, most votes first."""
    counts = Counter(ballot.judge for ballot in votes if ballot.judge)
    return [Judging(name, count, *agreement(people, votes, name)) for name, count in counts.most_common()]
