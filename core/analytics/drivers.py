"""What drove a change in spend: volume, mix, tokens per call, price and caches, adding up to the change exactly.

Each model's money is calls × share × sent per call × tokens per sent call × full price per token × what the provider's
cache left of it; the change is split by logarithmic means (LMDI): no remainder, and no order matters.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.analytics.dimensions import DIMENSIONS
from core.analytics.filters import Filters
from core.analytics.reader import Reader

MODEL = DIMENSIONS["model"]
COUNTED = (
    "unpriced", "cost", "priced", "priced_sent", "priced_tokens", "priced_read_tokens",
    "priced_uncached_tokens", "cost_input", "cost_cache_read",
)  # fmt: skip
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
    frame = reader.grouped(filters, {"model": MODEL.sql}, COUNTED, group=MODEL, tail="ORDER BY model")
    found = {str(record["model"]): _one(record) for record in frame.to_dict("records") if record["priced"]}
    return found, int(frame["unpriced"].sum())


def _one(record: Mapping[Hashable, Any]) -> Traffic:
    values = {name: 0.0 if pd.isna(record[name]) else float(record[name]) for name in COUNTED}
    sent_tokens, read_tokens = values["priced_uncached_tokens"], values["priced_read_tokens"]
    unit = values["cost_input"] / sent_tokens if sent_tokens > 0 else 0.0
    read_cost = values["cost_cache_read"]
    discount = read_tokens * unit - read_cost if unit > 0 and read_cost > 0 else 0.0
    return Traffic(
        calls=values["priced"],
        sent=values["priced_sent"],
        tokens=values["priced_tokens"],
        full=values["cost"] + max(discount, 0.0),
        cost=values["cost"],
    )
