"""The judges' share of an experiment: which calls to make, and what the finished ones said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from core.compare.graders import Grade, label
from core.compare.grid import Cell, Plan, Stored, contender_id
from core.compare.judging import duel_request, judgement_id, read_score, read_winner, rubric_request, settled
from core.compare.records import Records
from core.compare.runner import Job
from core.compare.seams import Asks
from core.compare.votes import TIE
from core.ledger.facts import Vote
from core.messages import TurnRequest


@dataclass(frozen=True, slots=True)
class Duel:
    """Two cells of one case and repeat; `there` and `back` are the judgement ids of both orders."""

    first: Cell
    second: Cell
    there: str
    back: str


class Judgements:
    def __init__(self, ai: Asks, records: Records) -> None:
        self.ai, self.records = ai, records

    def count(self, plan: Plan) -> int:
        cells = len(plan.cases) * len(plan.contenders) * plan.repeats
        pairs = len(plan.contenders) * (len(plan.contenders) - 1) // 2
        rubrics = sum(spec.get("kind") == "rubric" for spec in plan.graders)
        duels = sum(spec.get("kind") == "pairwise" for spec in plan.graders)
        return cells * rubrics + len(plan.cases) * plan.repeats * pairs * 2 * duels

    def jobs(self, kept: Stored) -> list[Job]:
        """Every judgement that is not in the ledger yet and whose answers are."""
        if not any(spec.get("kind") in ("rubric", "pairwise") for spec in kept.plan.graders):
            return []
        known, made = self.records.cells(kept.id), self.records.judgements(kept.id)
        calls = {cell: told["call_id"] for cell, told in known.items() if told["status"] == "ok"}
        jobs: list[Job] = []
        for spec in kept.plan.graders:
            if spec.get("kind") == "rubric":
                answered = [cell for cell in kept.plan.cells(kept.id) if cell.id in calls]
                jobs += [self._rubric(kept.id, spec, cell, calls[cell.id]) for cell in answered]
            elif spec.get("kind") == "pairwise":
                for duel in duels(kept, spec):
                    if duel.first.id in calls and duel.second.id in calls:
                        jobs += self._duel(kept.id, spec, duel, calls)
        return [job for job in jobs if job.id not in made]

    def _rubric(self, experiment_id: str, spec: Mapping[str, Any], cell: Cell, call: str) -> Job:
        key = judgement_id(cell.id, label(spec))

        def make() -> TurnRequest:
            answer = self.records.answer(call)
            return tagged(rubric_request(spec, cell.case.question, answer, cell.case.expected), experiment_id, key)

        return Job(key, self._provider(spec), make)

    def _duel(self, experiment_id: str, spec: Mapping[str, Any], duel: Duel, calls: Mapping[str, str]) -> list[Job]:
        def order(key: str, first: Cell, second: Cell) -> Job:
            def make() -> TurnRequest:
                texts = self.records.answer(calls[first.id]), self.records.answer(calls[second.id])
                return tagged(duel_request(spec, first.case.question, *texts), experiment_id, key)

            return Job(key, self._provider(spec), make)

        return [order(duel.there, duel.first, duel.second), order(duel.back, duel.second, duel.first)]

    def _provider(self, spec: Mapping[str, Any]) -> str:
        return "judge:" + str(spec.get("judge") or self.ai.default_model()).partition("/")[0]

    def scores(self, kept: Stored, spec: Mapping[str, Any], made: Mapping[str, str]) -> dict[str, Grade]:
        """Rubric grades by cell."""
        found = {}
        for cell in kept.plan.cells(kept.id):
            call = made.get(judgement_id(cell.id, label(spec)))
            found[cell.id] = read_score(self.records.answer(call)) if call else Grade(None, "not judged yet")
        return found

    def words(
        self, kept: Stored, spec: Mapping[str, Any], made: Mapping[str, str]
    ) -> list[tuple[Duel, str | None, str | None]]:
        """Every duel that was judged in both orders, with the judge's two words."""
        return [
            (duel, self._word(made[duel.there]), self._word(made[duel.back]))
            for duel in duels(kept, spec)
            if duel.there in made and duel.back in made
        ]

    def votes(self, kept: Stored) -> list[Vote]:
        """Every duel as its judge's vote. The ids are the duel's own, so that saying it twice changes nothing."""
        calls = {cell: told["call_id"] for cell, told in self.records.cells(kept.id).items()}
        made, cast = self.records.judgements(kept.id), self.records.cast(kept.id)
        votes = []
        for spec in kept.plan.graders:
            if spec.get("kind") != "pairwise":
                continue
            for duel, there, back in self.words(kept, spec, made):
                end = settled(there, back)
                if end is None or duel.there in cast:
                    continue
                votes.append(
                    Vote(
                        vote_id=duel.there, match_id=duel.there, at=datetime.now(UTC).replace(tzinfo=None),
                        user_id=None, winner={"a": "A", "b": "B"}.get(end, TIE),
                        panes=(duel.first.spec.key, duel.second.spec.key),
                        call_ids=(calls[duel.first.id], calls[duel.second.id]),
                        blind=True, fair=True, tags=("experiment", f"experiment:{kept.id}"),
                        judge=str(spec.get("judge") or self.ai.default_model()),
                    )
                )  # fmt: skip
        return votes

    def _word(self, call: str) -> str | None:
        return read_winner(self.records.answer(call))


def duels(kept: Stored, spec: Mapping[str, Any]) -> list[Duel]:
    groups: dict[tuple[str, int], list[Cell]] = {}
    for cell in kept.plan.cells(kept.id):
        groups.setdefault((cell.case.id, cell.repeat), []).append(cell)
    return [
        Duel(
            first,
            second,
            judgement_id(first.id, second.id, label(spec)),
            judgement_id(second.id, first.id, label(spec)),
        )
        for cells in groups.values()
        for first, second in combinations(_ordered(cells), 2)
    ]


def _ordered(cells: Sequence[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: contender_id(cell.spec))


def tagged(request: TurnRequest, experiment_id: str, key: str) -> TurnRequest:
    context = replace(request.context, experiment_id=experiment_id, tags=(f"judgement:{key}",))
    return replace(request, context=context)
