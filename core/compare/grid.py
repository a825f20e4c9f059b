"""An experiment's plan: cases times contenders times repeats, every cell with an id that never changes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.compare.panes import PaneSpec, Setup, from_json, to_json
from core.errors import InvalidError

MOST_CELLS = 50_000
MOST_CONTENDERS = 64
QUESTION = ("question", "input", "text", "prompt")


@dataclass(frozen=True, slots=True)
class Case:
    """A frozen copy of a dataset's case, so that editing the dataset changes no finished experiment."""

    id: str
    variables: Mapping[str, Any]
    expected: str | None = None

    @property
    def question(self) -> str:
        """What a contender without a prompt is asked: the variable meant for it, or the only one."""
        for name in QUESTION:
            if self.variables.get(name):
                return str(self.variables[name])
        return "\n\n".join(str(value) for value in self.variables.values())


@dataclass(frozen=True, slots=True)
class Cell:
    id: str
    case: Case
    spec: PaneSpec
    repeat: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `cap_usd` None: no cap. `at_once`: calls per provider at the same time."""

    name: str
    dataset_id: str
    cases: tuple[Case, ...]
    contenders: tuple[PaneSpec, ...]
    repeats: int = 1
    graders: tuple[Mapping[str, Any], ...] = ()
    cap_usd: float | None = None
    at_once: int = 4
    previous_id: str | None = None

    def cells(self, experiment_id: str) -> list[Cell]:
        """Case by case, so that an experiment stopped half-way still compares like with like."""
        return [
            Cell(cell_id(experiment_id, case, spec, repeat), case, spec, repeat)
            for repeat in range(self.repeats)
            for case in self.cases
            for spec in self.contenders
        ]

    def checked(self) -> "Plan":
        """Raises InvalidError: one sentence."""
        if not self.cases:
            raise InvalidError("The dataset has no test cases yet; add some first.")
        if not self.contenders:
            raise InvalidError("Choose at least one model or assistant.")
        if len({contender_id(spec) for spec in self.contenders}) != len(self.contenders):
            raise InvalidError("The same contender is listed twice; use repeats to ask it more often.")
        if not 1 <= self.repeats <= 100 or not 1 <= self.at_once <= 64:
            raise InvalidError("Repeats go from 1 to 100, calls at once from 1 to 64.")
        if len(self.cases) * len(self.contenders) * self.repeats > MOST_CELLS:
            raise InvalidError(f"An experiment has at most {MOST_CELLS:,} cells; take fewer cases or repeats.")
        return self


@dataclass(frozen=True, slots=True)
class Stored:
    """An experiment as it lies in the workspace. `state`: draft, running, paused, cancelled, capped or finished."""

    id: str
    plan: Plan
    state: str
    created_at: Any = field(default=None, compare=False)


def contender_id(spec: PaneSpec) -> str:
    """Tells contenders apart also when only their parameters or system prompts differ."""
    return json.dumps(to_json(Setup((spec,)))["panes"][0], sort_keys=True, ensure_ascii=False)


def cell_id(experiment_id: str, case: Case, spec: PaneSpec, repeat: int) -> str:
    text = "\x1f".join((experiment_id, case.id, contender_id(spec), str(repeat)))
    return hashlib.blake2s(text.encode(), digest_size=10).hexdigest()


def body_of(plan: Plan, state: str) -> dict[str, Any]:
    return {
        "state": state,
        "dataset_id": plan.dataset_id,
        "cases": [{"id": one.id, "variables": dict(one.variables), "expected": one.expected} for one in plan.cases],
        "contenders": [to_json(Setup((spec,)))["panes"][0] for spec in plan.contenders],
        "repeats": plan.repeats,
        "graders": [dict(grader) for grader in plan.graders],
        "cap_usd": plan.cap_usd,
        "at_once": plan.at_once,
        "previous_id": plan.previous_id,
    }


def stored(document: Any) -> Stored:
    body = document.body
    plan = Plan(
        name=document.name,
        dataset_id=body["dataset_id"],
        cases=tuple(Case(one["id"], one["variables"], one["expected"]) for one in body["cases"]),
        contenders=contenders(body["contenders"]),
        repeats=body["repeats"],
        graders=tuple(body["graders"]),
        cap_usd=body["cap_usd"],
        at_once=body["at_once"],
        previous_id=body["previous_id"],
    )
    return Stored(document.id, plan, body["state"], document.created_at)


def contenders(found: Sequence[Any]) -> tuple[PaneSpec, ...]:
    """From JSON, any number of them. Raises InvalidError."""
    if not 1 <= len(found) <= MOST_CONTENDERS:
        raise InvalidError(f"An experiment has 1 to {MOST_CONTENDERS} contenders.")
    return tuple(from_json({"panes": [one]}).panes[0] for one in found)


def with_prompts(specs: Sequence[PaneSpec], prompts: Sequence[tuple[str, int | None]]) -> tuple[PaneSpec, ...]:
    """Every model with every prompt version; without prompts the models as they are."""
    if not prompts:
        return tuple(specs)
    return tuple(
        replace(spec, prompt_id=prompt_id, prompt_version=version) for spec in specs for prompt_id, version in prompts
    )
