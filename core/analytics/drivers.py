"""What drove a change in spend: volume, mix, tokens per call, price and caches, adding up to the change exactly.

Each model's money is calls × share × sent per call × tokens per sent call × full price per token × what the provider's
cache left of it; the change is split by logarithmic means (LMDI): no remainder, and no order matters.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from core.analytics.clause import clause
from core.analytics.filters import Filters
from core.analytics.metrics import CACHED
from core.analytics.reader import Reader

NAMES = ("Volume", "Mix of models", "Tokens per call", "Price", "Caches")


@dataclass(frozen=True, slots=True)
class Drivers:
    """Dollars; `before + sum(steps) == after`. Only priced calls take part; `unpriced` says how many do not."""

    before: float
    after: float
    steps: tuple[tuple[str, float], ...]
    unpriced: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """One model's priced calls in one period; `full` is what they had cost without the provider's cache discount."""

    calls: float = 0.0
    sent: float = 0.0
    tokens: float = 0.0
    full: float = 0.0
    cost: float = 0.0


def drivers(reader: Reader, before: Filters, after: Filters) -> Drivers:
    old, new = _traffic(reader, before), _traffic(reader, after)
    return split(old[0], new[0], unpriced=old[1] + new[1])


def split(old: Mapping[str, Traffic], new: Mapping[str, Traffic], *, unpriced: int = 0) -> Drivers:
    steps = dict.fromkeys(NAMES, 0.0)
    calls_old, calls_new = (sum(each.calls for each in side.values()) for side in (old, new))
    for model in sorted({*old, *new}):
        was, now = old.get(model, Traffic()), new.get(model, Traffic())
        for name, amount in _of_model(was, now, calls_old, calls_new).items():
            steps[name] += amount
    return Drivers(
        before=sum(each.cost for each in old.values()),
        after=sum(each.cost for each in new.values()),
        steps=tuple(steps.items()),
        unpriced=unpriced,
    )


def _of_model(was: Traffic, now: Traffic, calls_old: float, calls_new: float) -> dict[str, float]:
    change = now.cost - was.cost
    if was.calls == 0 or now.calls == 0:
        return {"Mix of models": change}
    if was.cost <= 0 or now.cost <= 0:
        used = was.tokens > 0 and now.tokens > 0
        return {"Price" if used else "Tokens per call": change}
    if min(was.sent, now.sent, was.tokens, now.tokens, was.full, now.full) <= 0:
        return {"Tokens per call": change}
    weight = was.cost if math.isclose(was.cost, now.cost) else change / math.log(now.cost / was.cost)
    ratios = {
        "Volume": calls_new / calls_old,
        "Mix of models": (now.calls / calls_new) / (was.calls / calls_old),
        "Tokens per call": (now.tokens / now.sent) / (was.tokens / was.sent),
        "Price": (now.full / now.tokens) / (was.full / was.tokens),
        "Caches": (now.sent / now.calls * now.cost / now.full) / (was.sent / was.calls * was.cost / was.full),
    }
    found = {name: weight * math.log(ratio) for name, ratio in ratios.items()}
    found["Mix of models"] += change - sum(found.values())  # what rounding left, some 1e-16
    return found


def _traffic(reader: Reader, filters: Filters) -> tuple[dict[str, Traffic], int]:
    picked = clause(filters)
    frame = reader.log.frame(
        f"""SELECT served_model AS model, count(cost_total) AS calls, count(*) - count(cost_total) AS unpriced,
            count(cost_total) FILTER (NOT {CACHED}) AS sent,
            coalesce(sum(input_tokens + output_tokens) FILTER (cost_total IS NOT NULL AND NOT {CACHED}), 0)::DOUBLE
                AS tokens,
            coalesce(sum(cost_total), 0)::DOUBLE AS cost,
            coalesce(sum(cache_read_tokens) FILTER (cost_input IS NOT NULL), 0)::DOUBLE AS read_tokens,
            coalesce(sum(cost_cache_read), 0)::DOUBLE AS read_cost,
            coalesce(sum(cost_input), 0)::DOUBLE AS input_cost,
            coalesce(sum(uncached_input_tokens) FILTER (cost_input IS NOT NULL), 0)::DOUBLE AS input_tokens
        FROM calls WHERE {picked.sql} AND status <> 'refused' GROUP BY 1""",
        picked.parameters,
    )
    found = {str(record["model"]): _one(record) for record in frame.to_dict("records") if record["calls"]}
    return found, int(frame["unpriced"].sum()) if not frame.empty else 0


def _one(record: Mapping[Hashable, Any]) -> Traffic:
    values = {name: float(record[name]) for name in _FIELDS}
    unit = values["input_cost"] / values["input_tokens"] if values["input_tokens"] > 0 else 0.0
    discount = values["read_tokens"] * unit - values["read_cost"] if unit > 0 and values["read_cost"] > 0 else 0.0
    return Traffic(
        calls=values["calls"],
        sent=values["sent"],
        tokens=values["tokens"],
        full=values["cost"] + max(discount, 0.0),
        cost=values["cost"],
    )


_FIELDS = ("calls", "sent", "tokens", "cost", "read_tokens", "read_cost", "input_cost", "input_tokens")
