"""What the same traffic would cost on another model: exact for what was sent, a range for what would be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from core.analytics.dimensions import DIMENSIONS
from core.analytics.filters import Filters
from core.analytics.reader import Reader

MODEL = DIMENSIONS["model"]
BASIS = ("sent", "counted", "counted_input", "counted_output", "counted_cost")
MONTH_DAYS = 30.44
ENOUGH = 30


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per token."""

    model: str
    input: Decimal
    output: Decimal


def what_if(reader: Reader, filters: Filters, prices: Sequence[Price]) -> pd.DataFrame:
    """`model, low, middle, high, now, saving` in dollars a month, cheapest first; `calls` and `left_out` say the basis.

    Input tokens are taken as they were counted. A model writes between as much as today's models do and as much as it
    writes elsewhere on this platform; one that was never used, between what the tersest and the wordiest here write.
    Calls without token counts or without a price are left out on both sides.
    """
    since, until = reader.span(filters)
    filters = filters.but(since=since, until=until)
    traffic = reader.grouped(filters, {}, BASIS).fillna(0.0).iloc[0]
    calls, left_out = int(traffic["counted"]), int(traffic["sent"] - traffic["counted"])
    tokens_in, tokens_out, cost = (float(traffic[f"counted_{name}"]) for name in ("input", "output", "cost"))
    habits = _habits(reader, filters)
    columns = ["model", "low", "middle", "high", "now", "saving", "calls", "left_out"]
    if not calls or not tokens_out:
        return pd.DataFrame([], columns=columns)
    mean = tokens_out / calls
    days = max((until - since).total_seconds() / 86400, 1 / 24)
    month = MONTH_DAYS / days
    rows = []
    for price in prices:
        sent, written = tokens_in * float(price.input), tokens_out * float(price.output)
        ratios = [1.0, *_ratios(price.model, habits, mean)]
        low, high = (month * (sent + written * ratio) for ratio in (min(ratios), max(ratios)))
        middle = month * (sent + written * sum(ratios) / len(ratios))
        rows.append((price.model, low, middle, high, month * cost, month * cost - middle, calls, left_out))
    return pd.DataFrame(rows, columns=columns).sort_values("middle", ignore_index=True)


def _habits(reader: Reader, filters: Filters) -> dict[str, float]:
    """Output tokens per good answer of each model that is used enough to tell, whenever and by whomever."""
    ever = Filters(origin=filters.origin if filters.origin != "all" else "live")
    frame = reader.grouped(ever, {"model": MODEL.sql}, ("written", "written_tokens"), group=MODEL)
    frame = frame[frame["written"] >= ENOUGH]
    return dict(zip(frame["model"], frame["written_tokens"] / frame["written"], strict=True))


def _ratios(model: str, habits: dict[str, float], mean: float) -> list[float]:
    if model in habits:
        return [habits[model] / mean]
    return [min(habits.values()) / mean, max(habits.values()) / mean] if habits else []
