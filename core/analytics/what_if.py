"""What the same traffic would cost on another model: exact for what was sent, a range for what would be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from core.analytics.clause import clause
from core.analytics.filters import Filters
from core.analytics.measures import SENT
from core.analytics.reader import Reader

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
    picked, counted = (
        clause(filters),
        "input_tokens IS NOT NULL AND output_tokens IS NOT NULL AND cost_total IS NOT NULL",
    )
    ((calls, left_out, tokens_in, tokens_out, cost),) = reader.log.rows(
        f"""SELECT count(*) FILTER ({counted}), count(*) FILTER (NOT ({counted})),
            coalesce(sum(input_tokens) FILTER ({counted}), 0)::DOUBLE,
            coalesce(sum(output_tokens) FILTER ({counted}), 0)::DOUBLE,
            coalesce(sum(cost_total) FILTER ({counted}), 0)::DOUBLE
        FROM calls WHERE {picked.sql} AND {SENT}""",
        picked.parameters,
    )
    habits = {
        str(model): float(mean)
        for model, mean in reader.log.rows(
            f"""SELECT served_model, avg(output_tokens) FROM calls WHERE status = 'ok' AND origin = ? AND {SENT}
            AND output_tokens > 0 GROUP BY 1 HAVING count(*) >= {ENOUGH}""",
            [filters.origin if filters.origin != "all" else "live"],
        )
    }
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


def _ratios(model: str, habits: dict[str, float], mean: float) -> list[float]:
    if model in habits:
        return [habits[model] / mean]
    return [min(habits.values()) / mean, max(habits.values()) / mean] if habits else []
