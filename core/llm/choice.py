"""Choosing a model from what this installation knows: prices, measured speed, votes, abilities; with its reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Literal

from core.errors import BudgetError, InvalidError, SettingsError
from core.events import Usage
from core.llm.catalog import Catalog
from core.llm.demo.cast import actor
from core.llm.history import ENOUGH, History
from core.llm.models import ModelInfo
from core.llm.pricebook import PriceBook
from core.llm.prices import cost_of
from core.llm.tokens import count_messages
from core.messages import Message

Complexity = Literal["low", "medium", "high"]
WEIGHT = {"low": 0.15, "medium": 0.5, "high": 1.0}
TYPICAL_INPUT, TYPICAL_OUTPUT = 1_000, 400
"""Tokens of the answer that prices are compared by, where a model has no history of its own."""
SHORTEST = 64
"""An answer that must be cut below this is no answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`max_tokens`: the cap on the answer that keeps it within the money asked for, None when none is needed."""

    model: str
    reasons: tuple[str, ...]
    alternatives: tuple[str, ...] = ()
    max_tokens: int | None = None
    expected_cost: Decimal | None = None


@dataclass(slots=True)
class _Candidate:
    """Each mark from 0 (worst of those that can be asked) to 1 (best); 0.5 where nothing is known."""

    info: ModelInfo
    cost: Decimal | None
    seconds: float | None
    skill: float | None
    marks: dict[str, float]


class Chooser:
    def __init__(self, catalog: Catalog, prices: PriceBook, history: History) -> None:
        self._catalog, self._prices, self._history = catalog, prices, history

    def select(
        self, complexity: str, cost_sensitive: bool, speed_priority: bool, needs: frozenset[str], resting: set[str]
    ) -> Choice:
        """Raises InvalidError for an unknown complexity, SettingsError when no model can do what is needed."""
        if complexity not in WEIGHT:
            raise InvalidError(f"complexity is low, medium or high, not {complexity!r}.")
        candidates = [self._candidate(info) for info in self._able(needs, resting)]
        _mark(candidates)
        weights = {"skill": WEIGHT[complexity], "cost": 1.0 if cost_sensitive else 0.2}
        weights["speed"] = 1.0 if speed_priority else 0.2
        ordered = sorted(candidates, key=lambda c: (-_worth(c.marks, weights), c.info.id))
        best = ordered[0]
        reasons = self._reasons(best, len(ordered), weights, needs)
        return Choice(best.info.id, reasons, tuple(c.info.id for c in ordered[1:4]), None, best.cost)

    def within(self, messages: Sequence[Message], max_cost: Decimal, resting: set[str]) -> Choice:
        """The most able model whose answer stays within `max_cost` US dollars. Raises BudgetError when none does."""
        affordable: list[tuple[_Candidate, int | None, Decimal]] = []
        cheapest: Decimal | None = None
        candidates = [self._candidate(info) for info in self._able(frozenset(), resting)]
        _mark(candidates)
        for candidate in candidates:
            spent, cap = self._spend(candidate.info, messages, max_cost)
            if spent is not None and (cheapest is None or spent < cheapest):
                cheapest = spent
            if spent is not None and spent <= max_cost:
                affordable.append((candidate, cap, spent))
        if not affordable:
            least = f"; the cheapest would take about ${_brief(cheapest)}" if cheapest is not None else ""
            raise BudgetError(f"No model with a known price answers this for ${max_cost:f}{least}.")
        ordered = sorted(affordable, key=lambda item: (item[1] is not None, -item[0].marks["skill"], item[2]))
        best, cap, spent = ordered[0]
        reasons = [f"{best.info.id} is expected to cost ${_brief(spent)}, within ${max_cost:f}."]
        if len(ordered) > 1:
            reasons.append(
                f"Of {len(ordered)} models that fit, it is the most able: {_skill_words(best, self._history)}"
            )
        if cap is not None:
            reasons.append(f"Its answer must be capped at {cap:,} tokens to stay within the money.")
        return Choice(best.info.id, tuple(reasons), tuple(c.info.id for c, _, _ in ordered[1:4]), cap, spent)

    def _able(self, needs: frozenset[str], resting: set[str]) -> list[ModelInfo]:
        """Real models before simulated ones: those are chosen only where there is nothing else."""
        known = [info for info in self._catalog.models() if info.available and needs <= info.supports]
        known = [info for info in known if not _fails_on_purpose(info)]
        healthy = [info for info in known if info.id not in resting] or known
        chosen = [info for info in healthy if not info.simulated] or healthy
        if not chosen:
            wanted = f" that supports {', '.join(sorted(needs))}" if needs else ""
            raise SettingsError(f"No configured model{wanted} can be asked; set another provider's key or address.")
        return chosen

    def _candidate(self, info: ModelInfo) -> _Candidate:
        past, judged = self._history.of(info.id), self._history.judged(info.id)
        output = round(past.output_p50) if past.output_p50 and past.answered >= ENOUGH else TYPICAL_OUTPUT
        cost = self._cost(info, TYPICAL_INPUT, output)
        skill = (judged.won + 1) / (judged.votes + 2) if judged and judged.votes >= ENOUGH else None
        seconds = past.seconds_p50 if past.answered >= ENOUGH else None
        return _Candidate(info, cost, seconds, skill, {})

    def _cost(self, info: ModelInfo, input_tokens: int, output: int) -> Decimal | None:
        usage = Usage(uncached_input=input_tokens, visible_output=output, source="estimated")
        return cost_of(usage, self._prices.price(info.id), self._history.of(info.id).seconds_p50).total

    def _spend(
        self, info: ModelInfo, messages: Sequence[Message], max_cost: Decimal
    ) -> tuple[Decimal | None, int | None]:
        """Expected cost, and the cap that makes it fit when the usual length would not."""
        tokens = count_messages(info.id, messages).tokens
        past = self._history.of(info.id)
        usual = round(past.output_p90) if past.output_p90 and past.answered >= ENOUGH else TYPICAL_OUTPUT
        full = self._cost(info, tokens, usual)
        if full is None or full <= max_cost:
            return full, None
        least = self._cost(info, tokens, 0) or Decimal(0)
        per_token = (full - least) / usual
        cap = int((max_cost - least) / per_token) if per_token > 0 else 0
        return (self._cost(info, tokens, cap), cap) if cap >= SHORTEST else (full, None)

    def _reasons(
        self, best: _Candidate, count: int, weights: dict[str, float], needs: frozenset[str]
    ) -> tuple[str, ...]:
        said = [f"Chosen from {count} model{'s' if count != 1 else ''} that can be asked."]
        if needs:
            said.append(f"It supports {', '.join(sorted(needs))}.")
        if weights["skill"] >= 0.5 and count > 1:
            said.append(_skill_words(best, self._history))
        price = f"about ${_brief(best.cost)} for a usual answer" if best.cost is not None else "no known price"
        said.append(f"Price: {price}{', which weighed most' if weights['cost'] == 1.0 else ''}.")
        if best.seconds is not None:
            said.append(f"Measured here: half of its answers took under {best.seconds:.1f} s.")
        elif weights["speed"] == 1.0:
            said.append("Its speed has not been measured here yet.")
        if best.info.simulated:
            said.append("It is simulated: no real model is configured.")
        return tuple(said)


def _worth(marks: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The better a mark is already, the less a step more of it is worth: wishes that pull apart, such as a demanding
    question and a low price, meet between the extremes."""
    return sum(weight * sqrt(marks[name]) for name, weight in weights.items())


def _brief(amount: Decimal) -> str:
    """Two significant digits, without trailing zeros."""
    return f"{Decimal(f'{amount:.2g}').normalize():f}"


def _skill_words(best: _Candidate, history: History) -> str:
    judged = history.judged(best.info.id)
    if best.skill is not None and judged is not None:
        return f"It won {judged.won:g} of {judged.votes} comparisons here."
    return "Nobody has compared it here, so its price stood in for its skill."


def _fails_on_purpose(info: ModelInfo) -> bool:
    played = actor(info.id.partition("/")[2]) if info.simulated else None
    return played is not None and bool(played.fault)


def _mark(candidates: Iterable[_Candidate]) -> None:
    known = list(candidates)
    costs = _ranked([(at, c.cost) for at, c in enumerate(known)])
    seconds = _ranked([(at, c.seconds) for at, c in enumerate(known)])
    skills = _ranked([(at, None if c.skill is None else -c.skill) for at, c in enumerate(known)])
    for at, candidate in enumerate(known):
        dear = 1.0 - costs[at] if candidate.cost is not None else 0.5
        candidate.marks = {
            "cost": costs[at],
            "speed": seconds[at],
            "skill": skills[at] if candidate.skill is not None else dear,
        }


def _ranked(values: list[tuple[int, Decimal | float | None]]) -> dict[int, float]:
    """Smallest is best: 1 for it, 0 for the largest, evenly between; 0.5 for the unknown."""
    known = sorted({value for _, value in values if value is not None})
    steps = max(1, len(known) - 1)
    return {at: 0.5 if value is None else 1.0 - known.index(value) / steps for at, value in values}
