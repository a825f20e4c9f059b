"""Decision records: what was compared, what the numbers were on that day, what was chosen, by whom, and why."""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.compare.shelf import DECISION, Shelf
from core.errors import InvalidError

_LONGEST_ASKED = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """The same measured again on a later day."""

    made_at: str
    sentence: str
    rows: tuple[Mapping[str, Any], ...]
    n: int
    calls: tuple[str, ...]


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
    votes: Mapping[str, Any] | None = None
    """Which votes counted, as a ranking question."""
    board: Mapping[str, Any] | None = None
    """The comparison: its id, set-up and questions."""
    again: tuple[Run, ...] = ()
    expected: Mapping[str, str] = field(default_factory=dict)
    """Experiments run again whose figures are still to come: their id -> when they were asked for."""

    @property
    def asked(self) -> tuple[str, ...]:
        """A comparison's questions: their text, and the names of what was attached."""
        return tuple(_text(question) for question in (self.board or {}).get("questions", ()))

    @property
    def runs(self) -> tuple["Decision | Run", ...]:
        """The record itself, and what was measured later."""
        return (self, *self.again)

    @property
    def repeatable(self) -> bool:
        return bool(self.experiment_id or self.board) or self.votes is not None


class Decisions:
    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._lock = threading.Lock()

    def save(
        self, frozen: Mapping[str, Any], *, title: str, question: str, choice: str, reason: str, who: str = "local"
    ) -> str:
        """`frozen`: what a function of `freezing` gives. Raises InvalidError without title or choice."""
        if not title.strip() or not choice.strip():
            raise InvalidError("A decision needs a title and a choice.")
        if not frozen["rows"]:
            raise InvalidError("There is nothing to decide on yet: no votes and no graded answers.")
        body = {
            **frozen,
            "rows": _rows(frozen),
            "question": question.strip(), "choice": choice.strip(), "reason": reason.strip(), "who": who,
            "made_at": _today(),
        }  # fmt: skip
        return self.shelf.put(DECISION, title.strip(), body)

    def expect(self, decision_id: str, experiment_id: str) -> None:
        """The figures of this experiment are to be set beside the record once it has finished."""
        with self._lock:
            document = self.shelf.get(DECISION, decision_id)
            expected = {**document.body.get("expected", {}), experiment_id: _today()}
            self.shelf.put(DECISION, document.name, {**document.body, "expected": expected}, decision_id)

    def expecting(self, experiment_id: str) -> list[str]:
        """The records that wait for this experiment."""
        return [one.id for one in self.all() if experiment_id in one.expected]

    def set_beside(self, decision_id: str, frozen: Mapping[str, Any]) -> None:
        """Adds what the same showed today; nothing that is there changes."""
        if not frozen["rows"]:
            raise InvalidError("There is nothing to set beside this record: the votes it rests on are gone.")
        run = {
            "made_at": _today(),
            "rows": _rows(frozen),
            **{name: frozen[name] for name in ("sentence", "n", "calls")},
        }
        with self._lock:
            document = self.shelf.get(DECISION, decision_id)
            expected = dict(document.body.get("expected", {}))
            expected.pop(str(frozen.get("experiment_id")), None)
            body = {**document.body, "again": [*document.body.get("again", ()), run], "expected": expected}
            self.shelf.put(DECISION, document.name, body, decision_id)

    def get(self, decision_id: str) -> Decision:
        return _decision(self.shelf.get(DECISION, decision_id))

    def all(self) -> list[Decision]:
        return [_decision(document) for document in self.shelf.all(DECISION)]


def _today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _rows(frozen: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{name: _finite(value) for name, value in row.items()} for row in frozen["rows"]]


def _text(question: Mapping[str, Any]) -> str:
    parts = [part["text"] if part["type"] == "text" else f"[{part['name']}]" for part in question["content"]]
    told = " ".join(parts)
    return told if len(told) <= _LONGEST_ASKED else f"{told[:_LONGEST_ASKED]}…"


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
        body.get("experiment_id"), body.get("votes", {} if body["source"] == "votes" else None), body.get("board"),
        tuple(_run(run) for run in body.get("again", ())), body.get("expected", {}),
    )  # fmt: skip


def _run(kept: Mapping[str, Any]) -> Run:
    return Run(kept["made_at"], kept["sentence"], tuple(kept["rows"]), kept["n"], tuple(kept["calls"]))


def facts(decision: Decision) -> Sequence[tuple[str, str]]:
    """The record's head, in words."""
    return (
        ("Question", decision.question or "–"),
        *(("Asked", asked) for asked in decision.asked),
        ("Decided", decision.choice),
        ("Why", decision.reason or "–"),
        ("By", f"{decision.who}, {decision.made_at}"),
        ("Based on", f"{decision.source}, n = {decision.n}"),
        ("Finding", decision.sentence),
        *(("Run again", f"{run.made_at}, n = {run.n}: {run.sentence}") for run in decision.again),
        *(("Run again", f"{asked}; its figures follow when it has finished.") for asked in decision.expected.values()),
    )
