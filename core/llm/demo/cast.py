"""Who plays: the simulated models with their paces, prices and manners."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from core.llm.models import ModelInfo

ABILITIES = frozenset({"tools", "images", "documents", "json_schema"})


@dataclass(frozen=True)
class Actor:
    """`first_s` to the first token, then `per_second` tokens. Prices are US dollars per million tokens, made up."""

    name: str
    label: str
    note: str
    first_s: float
    per_second: float
    in_per_million: str
    out_per_million: str
    verbosity: int
    """0 terse, 1 balanced, 2 thorough."""
    reasons: bool = False
    doubts: bool = False
    fault: str = ""
    """How it fails on purpose; see provider.py."""

    @property
    def id(self) -> str:
        return f"demo/{self.name}"

    @cached_property
    def prices(self) -> dict[str, Decimal]:
        """US dollars per token and bucket."""
        return {
            "uncached_input": _per_token(self.in_per_million),
            "visible_output": _per_token(self.out_per_million),
            "reasoning_output": _per_token(self.out_per_million),
        }

    @cached_property
    def info(self) -> ModelInfo:
        return ModelInfo(
            self.id,
            "demo",
            f"{self.label} (simulated)",
            context_window=128_000,
            max_output=8_192,
            supports=ABILITIES | {"reasoning"} if self.reasons else ABILITIES,
            price_in=_per_token(self.in_per_million),
            price_out=_per_token(self.out_per_million),
            local=True,
            simulated=True,
            note=self.note,
        )


def _per_token(per_million: str) -> Decimal:
    return Decimal(per_million) / 1_000_000


def _faulty(name: str, label: str, note: str, fault: str) -> Actor:
    return Actor(name, label, f"Fails on purpose: {note}", 0.2, 60, "1.00", "4.00", 1, fault=fault)


CAST = (
    Actor("swift", "Swift", "Quick and to the point.", 0.15, 160, "0.15", "0.60", 0),
    Actor("scholar", "Scholar", "Thorough; thinks before it answers.", 0.5, 75, "3.00", "15.00", 2, reasons=True),
    Actor("frugal", "Frugal", "The cheapest, and in no hurry.", 0.35, 45, "0.02", "0.08", 1),
    Actor("critic", "Critic", "Answers, then says what could be wrong.", 0.4, 90, "1.00", "4.00", 1, doubts=True),
    _faulty("faulty-busy", "Faulty: busy", "answers 429 and asks to wait a second.", "busy"),
    _faulty("faulty-down", "Faulty: down", "answers 503.", "down"),
    _faulty("faulty-flaky", "Faulty: flaky", "every other call fails, so a retry helps.", "flaky"),
    _faulty("faulty-key", "Faulty: bad key", "answers 401.", "key"),
    _faulty("faulty-silent", "Faulty: silent", "accepts the question and never answers.", "silent"),
    _faulty("faulty-cut", "Faulty: cut", "breaks off in the middle of its answer.", "cut"),
)


def actor(name: str) -> Actor | None:
    return next((known for known in CAST if known.name == name), None)
