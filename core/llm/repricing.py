"""History priced again by the price book as it is now: first the difference, then, when it is wanted, the change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.events import Usage
from core.ledger.facts import RepricedCall, Repricing
from core.ledger.ids import uuid7
from core.llm.pricebook import PriceBook
from core.llm.prices import Cost, Price, cost_of, tier_in
from core.llm.record import Ledger, now

PAGE = 20_000
PER_FACT = 5_000
BUCKETS = {
    "uncached_input": "uncached_input_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write_5m": "cache_write_5m_tokens",
    "cache_write_1h": "cache_write_1h_tokens",
    "image_input": "image_input_tokens",
    "audio_input": "audio_input_tokens",
    "visible_output": "visible_output_tokens",
    "reasoning_output": "reasoning_tokens",
    "audio_output": "audio_output_tokens",
}
MONEY = ("cost_input", "cost_cache_read", "cost_cache_write", "cost_output", "cost_reasoning", "cost_total")
SELECT = f"""
select seq, call_id, served_model, started_at, total_s, usage_source, price_version,
       {", ".join(MONEY)}, {", ".join(BUCKETS.values())}
from calls
where origin = 'live' and wire <> 'cache' and status <> 'refused' and operation = 'chat' and seq > ?
  and started_at >= ? and started_at < ? and (? is null or served_model = ?)
order by seq limit {PAGE}
"""


@dataclass(frozen=True, slots=True)
class Change:
    """Of one model: how many calls, and their cost before and after; None where none of them had a price."""

    calls: int
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What repricing would change. `examined` counts the calls that were looked at."""

    examined: int
    by_model: Mapping[str, Change]
    calls: tuple[RepricedCall, ...]

    @property
    def before(self) -> Decimal:
        return sum((change.before or Decimal(0) for change in self.by_model.values()), Decimal(0))

    @property
    def after(self) -> Decimal:
        return sum((change.after or Decimal(0) for change in self.by_model.values()), Decimal(0))


class Repricer:
    def __init__(self, ledger: Ledger, book: PriceBook) -> None:
        self._ledger, self._book = ledger, book

    def compare(
        self, since: datetime | None = None, until: datetime | None = None, model: str | None = None
    ) -> Difference:
        """Changes nothing. A call whose model has no price now keeps the one it was made with."""
        examined, changed, by_model = 0, [], dict[str, Change]()
        for row in self._rows(since or datetime(1970, 1, 1), until or datetime(9999, 1, 1), model):
            examined += 1
            price = self._book.price(row["served_model"], row["started_at"], tier_in(row["price_version"]))
            if price is None:
                continue
            cost = cost_of(_usage(row), price, row["total_s"])
            before = tuple(row[name] for name in MONEY)
            if cost.total is None or before == _parts(cost):
                continue
            changed.append(_repriced(row["call_id"], cost, price))
            known = by_model.get(row["served_model"], Change(0, None, None))
            by_model[row["served_model"]] = Change(
                known.calls + 1, _plus(known.before, row["cost_total"]), _plus(known.after, cost.total)
            )
            self._book.used(row["served_model"], price)
        return Difference(examined, by_model, tuple(changed))

    def apply(self, difference: Difference, user_id: str | None = None) -> None:
        """Idempotent: applied twice it changes nothing more. Raises LedgerError when it could not be written."""
        for start in range(0, len(difference.calls), PER_FACT):
            calls = difference.calls[start : start + PER_FACT]
            fact = Repricing(repricing_id=uuid7(), at=now(), user_id=user_id, calls=calls)
            self._ledger.submit(fact).result(60)

    def _rows(self, since: datetime, until: datetime, model: str | None) -> Iterator[dict[str, Any]]:
        names = (
            "seq",
            "call_id",
            "served_model",
            "started_at",
            "total_s",
            "usage_source",
            "price_version",
            *MONEY,
            *BUCKETS.values(),
        )
        last = 0
        while page := self._ledger.rows(SELECT, [last, since, until, model, model]):
            for values in page:
                yield dict(zip(names, values, strict=True))
            last = page[-1][0]


def _usage(row: Mapping[str, Any]) -> Usage:
    return Usage(**{bucket: row[column] for bucket, column in BUCKETS.items()}, source=row["usage_source"])


def _parts(cost: Cost) -> tuple[Decimal | None, ...]:
    return (cost.input, cost.cache_read, cost.cache_write, cost.output, cost.reasoning, cost.total)


def _repriced(call_id: str, cost: Cost, price: Price) -> RepricedCall:
    return RepricedCall(call_id=call_id, **dict(zip(MONEY, _parts(cost), strict=True)), price_version=price.version)


def _plus(sum_: Decimal | None, more: Decimal | None) -> Decimal | None:
    return sum_ if more is None else (sum_ or Decimal(0)) + more
