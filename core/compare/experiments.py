"""Experiments: planned, estimated, run in the background, paused and resumed, also after the process was killed."""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.compare.casting import Casting
from core.compare.graders import grader
from core.compare.grid import Case, Cell, Plan, Stored, body_of, contenders, stored, with_prompts
from core.compare.judgements import Judgements
from core.compare.panes import PaneSpec
from core.compare.records import Records
from core.compare.runner import BROKEN_OFF, Job, Progress, Runner, at_the_cap
from core.compare.seams import Asks
from core.compare.shelf import EXPERIMENT, Shelf
from core.errors import InvalidError, PlatformError
from core.ledger.facts import Vote
from core.messages import Message, TurnRequest

log = logging.getLogger(__name__)

_SAMPLED = 30
MODELS_WORK = ("rubric", "pairwise")


@dataclass(frozen=True, slots=True)
class Forecast:
    """Before the start. Money and seconds None: unknown for some contender. `judgements`: judge calls on top."""

    cells: int
    judgements: int
    cost_p50: Decimal | None
    cost_p90: Decimal | None
    seconds: float | None


class Experiments:
    def __init__(
        self,
        ai: Asks,
        workspace: Any,
        shelf: Shelf,
        records: Records,
        casting: Casting,
        cast: Callable[[Vote], Any] = lambda _: None,
        finished: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`cast` writes a judge's vote; `finished` is told of every experiment that ran to its end."""
        self.ai, self.workspace, self.shelf, self.records, self.casting = ai, workspace, shelf, records, casting
        self.judgements = Judgements(ai, records)
        self.cast, self.finished = cast, finished
        self._runners: dict[str, Runner] = {}
        self._lock = threading.Lock()

    # planning

    def plan(
        self,
        name: str,
        dataset_id: str,
        models: Sequence[Any],
        *,
        prompts: Sequence[tuple[str, int | None]] = (),
        repeats: int = 1,
        graders: Sequence[Mapping[str, Any]] = (),
        cap_usd: float | None = None,
        at_once: int = 4,
        limit: int | None = None,
    ) -> Plan:
        """`models`: catalogue ids, assistant choices or pane objects. Raises InvalidError, NotFoundError."""
        cases = tuple(
            Case(case.id, dict(case.variables), case.expected)
            for case in self.workspace.datasets.cases(dataset_id, limit=limit)
        )
        specs = contenders([_pane(model) for model in models])
        for spec in graders:
            if spec.get("kind") not in MODELS_WORK:
                grader(spec)
        return Plan(
            name.strip() or "Experiment",
            dataset_id,
            cases,
            with_prompts(specs, prompts),
            int(repeats),
            tuple(dict(spec) for spec in graders),
            cap_usd,
            int(at_once),
        ).checked()

    def forecast(self, plan: Plan) -> Forecast:
        """From a sample of the cells, spread over all cases."""
        cells = plan.cells("forecast")
        step = max(1, len(cells) // _SAMPLED)
        sample = cells[::step] if step % len(plan.contenders) else cells[:_SAMPLED]
        found = [self.ai.estimate(self._request(cell, "forecast")) for cell in sample]
        share = len(cells) / len(found)
        seconds = _total([one.seconds_p50 for one in found])
        return Forecast(
            len(cells),
            self.judgements.count(plan),
            _money(_total([one.cost_p50 for one in found]), share),
            _money(_total([one.cost_p90 for one in found]), share),
            None if seconds is None else float(seconds) * share / plan.at_once,
        )

    def create(self, plan: Plan) -> str:
        """The experiment's id; nothing runs yet."""
        return self.shelf.put(EXPERIMENT, plan.name, body_of(plan.checked(), "draft"))

    # running

    def start(self, experiment_id: str) -> None:
        """Start or resume. Cells with a good answer in the ledger are not asked again."""
        kept = self.get(experiment_id)
        with self._lock:
            runner = self._runners.get(experiment_id)
            if runner is not None and runner.state == "running":
                return
            if runner is None or runner.state in ("cancelled", "finished", "capped"):
                runner = self._runners[experiment_id] = self._runner(kept)
        runner.add(self._jobs(kept))
        self._mark(experiment_id, "running")
        runner.start()

    def pause(self, experiment_id: str) -> None:
        runner = self._runners.get(experiment_id)
        if runner is not None:
            runner.pause()
        self._mark(experiment_id, "paused")

    def cancel(self, experiment_id: str) -> None:
        runner = self._runners.get(experiment_id)
        if runner is not None:
            runner.cancel()
        self._mark(experiment_id, "cancelled")

    def rerun(self, experiment_id: str) -> str:
        """The same plan over again, as a new experiment that knows what it is compared with."""
        kept = self.get(experiment_id)
        return self.create(replace(kept.plan, previous_id=kept.id))

    def close(self) -> None:
        for runner in list(self._runners.values()):
            runner.pause()

    # reading

    def get(self, experiment_id: str) -> Stored:
        return stored(self.shelf.get(EXPERIMENT, experiment_id))

    def all(self) -> list[Stored]:
        return [stored(document) for document in self.shelf.all(EXPERIMENT)]

    def progress(self, experiment_id: str) -> Progress:
        """Live, or read back from the ledger; one that ran when the process died is "paused"."""
        runner = self._runners.get(experiment_id)
        if runner is not None:
            return runner.progress()
        kept = self.get(experiment_id)
        good, failed, left = self._standing(kept)
        spent, unpriced = self.records.paid(experiment_id)
        state, note = kept.state, ""
        if state == "running":
            state, note = "paused", "The platform was stopped while this ran; press Resume."
        elif state == "capped":
            note = at_the_cap(kept.plan.cap_usd, spent)
        total = len(good) + len(failed) + left
        return Progress(state, len(good), len(failed), 0, total, spent, unpriced, 0.0, None, note)

    # inside

    def _standing(self, kept: Stored) -> tuple[set[str], set[str], int]:
        """What is done and what failed, cells and judgements alike, and how many are left; what was broken off is asked
        again on Resume and so is left. Judges come after the cells: until all are answered every judgement is expected,
        then those that have two answers to read."""
        cells = {cell.id for cell in kept.plan.cells(kept.id)}
        every = {cell: one["status"] for cell, one in self.records.cells(kept.id).items()}
        told = {cell: status for cell, status in every.items() if cell in cells and status not in BROKEN_OFF}
        judges = self.records.judged(kept.id)
        judged = {key: status for key, (_, status) in judges.items() if status not in BROKEN_OFF}
        asked = told | judged
        good = {one for one, status in asked.items() if status == "ok"}
        if len(told) < len(cells):
            left = len(cells) - len(told) + max(0, self.judgements.count(kept.plan) - len(judged))
        else:
            left = len({job.id for job in self.judgements.jobs(kept)} - asked.keys())
        return good, asked.keys() - good, left

    def _runner(self, kept: Stored) -> Runner:
        self.records.settle()
        spent, unpriced = self.records.paid(kept.id)
        cap = None if kept.plan.cap_usd is None else Decimal(str(kept.plan.cap_usd))
        return Runner(
            self.ai,
            kept.plan.at_once,
            cap,
            lambda runner: self._ended(kept.id, runner.state),
            spent,
            unpriced=unpriced,
            more=lambda runner: self._judging(kept, runner),
        )

    def _jobs(self, kept: Stored) -> list[Job]:
        self.records.settle()
        good, _, _ = self._standing(kept)
        runner = self._runners[kept.id]
        runner.done |= good
        every = kept.plan.cells(kept.id)
        cells = [cell for cell in every if cell.id not in good]
        judged = len(good) - (len(every) - len(cells))
        runner.later = max(0, self.judgements.count(kept.plan) - judged) if cells else 0
        providers = {spec.choice: self._provider(spec) for spec in kept.plan.contenders}
        jobs = [self._job(cell, kept.id, providers[cell.spec.choice]) for cell in cells]
        return jobs or self.judgements.jobs(kept)

    def _provider(self, spec: PaneSpec) -> str:
        """Whose limit of calls at once counts; a model that no list names still belongs to its provider."""
        model = spec.model
        if spec.assistant_id and not model:
            model = self.workspace.assistants.get(spec.assistant_id, spec.assistant_version).model
        return str(model or self.ai.default_model()).partition("/")[0]

    def _job(self, cell: Cell, experiment_id: str, provider: str) -> Job:
        return Job(cell.id, provider, lambda: self._request(cell, experiment_id))

    def _judging(self, kept: Stored, runner: Runner) -> list[Job]:
        """All cells are done: the judges' turn. When they are done too, their duels are votes."""
        self.records.settle()
        jobs = [job for job in self.judgements.jobs(kept) if job.id not in runner.done | set(runner.failed)]
        if not jobs:
            for vote in self.judgements.votes(kept):
                self.cast(vote)
        return jobs

    def _request(self, cell: Cell, experiment_id: str) -> TurnRequest:
        values = dict(cell.case.variables)
        question = (Message.of("user", cell.case.question),)
        request = self.casting.request(cell.spec, question, values)
        context = replace(
            request.context,
            door="experiment",
            experiment_id=experiment_id,
            tags=(f"cell:{cell.id}", f"case:{cell.case.id}", f"repeat:{cell.repeat}"),
        )
        return replace(request, context=context, cache="off", fallbacks=())

    def _ended(self, experiment_id: str, state: str) -> None:
        """Told before it is written down: a process that dies in between tells once more when it is resumed."""
        try:
            if state == "finished":
                self.finished(experiment_id)
        except PlatformError as error:
            log.warning("experiment %s could not be set beside a decision: %s", experiment_id, error)
        self._mark(experiment_id, state)

    def _mark(self, experiment_id: str, state: str) -> None:
        document = self.shelf.get(EXPERIMENT, experiment_id)
        if document.body.get("state") != state:
            self.shelf.put(EXPERIMENT, document.name, {**document.body, "state": state}, experiment_id)


def _pane(model: Any) -> Mapping[str, Any]:
    if isinstance(model, Mapping):
        return model
    name = str(model)
    if name.startswith("{"):
        try:
            return dict(json.loads(name))
        except ValueError:
            raise InvalidError("A contender is not readable JSON.") from None
    if not name.startswith("assistant:"):
        return {"model": name}
    assistant, _, version = name.removeprefix("assistant:").rpartition("@")
    return {"assistant_id": assistant, "assistant_version": int(version) if version.isdigit() else None}


def _total(values: Sequence[Any]) -> Any:
    return None if not values or any(value is None for value in values) else sum(values)


def _money(value: Any, share: float) -> Decimal | None:
    return None if value is None else Decimal(str(value)) * Decimal(str(round(share, 6)))
