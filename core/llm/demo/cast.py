"""Who plays: the simulated models with their paces, prices and manners."""

from dataclasses import dataclass
from decimal import Decimal

from core.llm.models import ModelInfo
from core.llm.prices import Price

ABILITIES = frozenset({"tools", "images", "documents", "json_schema"})


@dataclass(frozen=True, slots=True)
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
    fault: str = ""

    @property
    def id(self) -> str:
        return f"demo/{self.name}"

    @property
    def price(self) -> Price:
        each = {"uncached_input": self._per_token(self.in_per_million)}
        each |= {bucket: self._per_token(self.out_per_million) for bucket in ("visible_output", "reasoning_output")}
        return Price("demo-1", "simulated price", each)

    @staticmethod
    def _per_token(per_million: str) -> Decimal:
        return Decimal(per_million) / 1_000_000

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(
            self.id,
            "demo",
            f"{self.label} (simulated)",
            context_window=128_000,
            max_output=8_192,
            supports=ABILITIES | {"reasoning"} if self.reasons else ABILITIES,
            price_in=self._per_token(self.in_per_million),
            price_out=self._per_token(self.out_per_million),
            local=True,
            simulated=True,
            note=self.note,
        )


CAST = (
    Actor("swift", "Swift", "Quick and to the point.", 0.15, 160, "0.15", "0.60", 0),
    Actor("scholar", "Scholar", "Thorough, thinks before it answers.", 0.6, 70, "3.00", "15.00", 2, reasons=True),
    Actor("frugal", "Frugal", "The cheapest, in no hurry.", 0.35, 45, "0.02", "0.08", 1),
    Actor("critic", "Critic", "Answers, then says what could be wrong.", 0.4, 90, "1.00", "4.00", 1),
)
