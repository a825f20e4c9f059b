"""The price book: what a token of each kind costs with each model, from when on, and who says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.events import Usage

NANO = Decimal("0.000000001")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per token and bucket (keys as in Usage). `source` is said in receipts, `version` stands in rows."""

    version: str
    source: str
    per_token: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cost:
    """The parts of a call's cost as the ledger keeps them; `total` None is unpriced."""

    input: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None
    reasoning: Decimal | None = None
    total: Decimal | None = None


class Prices:
    def __init__(self) -> None:
        self._lines: dict[str, Price] = {}

    def put(self, model: str, price: Price) -> None:
        self._lines[model] = price

    def current(self, model: str) -> Price | None:
        return self._lines.get(model)


def cost_of(usage: Usage, price: Price | None) -> Cost:
    if price is None or usage.source == "none":
        return Cost()
    per = price.per_token

    def part(*buckets: str) -> Decimal | None:
        known = [(getattr(usage, bucket), per.get(bucket)) for bucket in buckets]
        if all(tokens is None for tokens, _ in known):
            return None
        if any(tokens and each is None for tokens, each in known):
            return Decimal("NaN")
        return sum(((tokens or 0) * (each or Decimal(0)) for tokens, each in known), Decimal(0)).quantize(NANO)

    parts = (
        part("uncached_input", "image_input", "audio_input"),
        part("cache_read"),
        part("cache_write_5m", "cache_write_1h"),
        part("visible_output", "audio_output"),
        part("reasoning_output"),
    )
    into, read, written, out, thought = (None if money is not None and money.is_nan() else money for money in parts)
    whole = not any(money is not None and money.is_nan() for money in parts)
    total = (
        sum((money for money in (into, read, written, out, thought) if money is not None), Decimal(0))
        if whole
        else None
    )
    return Cost(into, read, written, out, thought, total)
