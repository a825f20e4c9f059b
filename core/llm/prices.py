"""What a call costs: usage in disjoint buckets times unit prices, in exact decimals; unknown stays unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.events import Usage

STANDARD = frozenset({"default", "standard", "auto", "on_demand"})
"""Providers' words for the class of service that their usual prices are for."""
NANO = Decimal("0.000000001")
PER_HOUR = "hour"
"""A bucket of its own: US dollars per hour of the machine, for models on hardware that is paid by time."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per token and bucket (keys as in Usage). `source` is said in receipts, `version` stands in rows.

    `tiers`: (threshold, prices), rising. A call whose whole input exceeds a threshold pays that tier's prices for all
    its tokens; a bucket that the tier does not name keeps its price.
    """

    version: str
    source: str
    per_token: Mapping[str, Decimal] = field(default_factory=dict)
    tiers: tuple[tuple[int, Mapping[str, Decimal]], ...] = ()

    def at(self, input_tokens: int) -> Mapping[str, Decimal]:
        prices = dict(self.per_token)
        for threshold, tier in self.tiers:
            if input_tokens > threshold:
                prices.update(tier)
        return prices

    @property
    def flat(self) -> dict[str, str]:
        """As a price line keeps it: bucket -> decimal text, and `bucket_above_N` for a tier."""
        lines = {bucket: format(each, "f") for bucket, each in self.per_token.items()}
        for threshold, tier in self.tiers:
            lines |= {f"{bucket}_above_{threshold}": format(each, "f") for bucket, each in tier.items()}
        return lines

    @classmethod
    def from_flat(cls, version: str, source: str, lines: Mapping[str, str]) -> "Price":
        base: dict[str, Decimal] = {}
        tiers: dict[int, dict[str, Decimal]] = {}
        for name, text in lines.items():
            bucket, above, threshold = name.partition("_above_")
            (tiers.setdefault(int(threshold), {}) if above else base)[bucket] = Decimal(text)
        return cls(version, source, base, tuple(sorted(tiers.items(), key=lambda tier: tier[0])))


def special_tier(said: str | None) -> str:
    """The class of service when it has prices of its own, else empty."""
    return "" if said is None or said in STANDARD else said


def tier_in(version: str | None) -> str:
    """The class of service that a row's `price_version` names, so that history is never priced as another."""
    return version.rpartition(", tier ")[2] if version and ", tier " in version else ""


@dataclass(frozen=True, slots=True)
class Cost:
    """The parts of a call's cost as the ledger keeps them; `total` None is unpriced."""

    input: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None
    reasoning: Decimal | None = None
    total: Decimal | None = None


def cost_of(usage: Usage, price: Price | None, seconds: float | None = None) -> Cost:
    """Parts and total. A bucket with tokens but without a price makes the whole call unpriced."""
    if price is None:
        return Cost()
    if PER_HOUR in price.per_token:
        return _by_time(price.per_token[PER_HOUR], seconds)
    if usage.source == "none" or (usage.input_tokens is None and usage.output_tokens is None):
        return Cost()
    sums = _Sums(usage, price.at(usage.input_tokens or 0))
    parts = {
        "input": sums.part("uncached_input", "image_input", "audio_input"),
        "cache_read": sums.part("cache_read"),
        "cache_write": sums.part("cache_write_5m", "cache_write_1h"),
        "output": sums.part("visible_output", "audio_output"),
        "reasoning": sums.part("reasoning_output"),
    }
    total = None if sums.unpriced else sum((part for part in parts.values() if part is not None), Decimal(0))
    return Cost(**parts, total=total)


class _Sums:
    def __init__(self, usage: Usage, prices: Mapping[str, Decimal]) -> None:
        self._usage, self._prices = usage, prices
        self.unpriced = False

    def part(self, *buckets: str) -> Decimal | None:
        """The sum over `buckets`; None when none of them was reported, or when one of them has no price."""
        money: Decimal | None = None
        for bucket in buckets:
            tokens, each = getattr(self._usage, bucket), self._prices.get(bucket)
            if tokens is None:
                continue
            if tokens and each is None:
                self.unpriced = True
                return None
            money = (money or Decimal(0)) + tokens * (each or Decimal(0))
        return None if money is None else money.quantize(NANO)


def _by_time(per_hour: Decimal, seconds: float | None) -> Cost:
    if seconds is None:
        return Cost()
    money = (per_hour * Decimal(repr(seconds)) / 3600).quantize(NANO)
    return Cost(output=money, total=money)
