"""Models on the same questions: only calls of one comparison stand side by side, since questions differ in length."""

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import dimension
from core.analytics.filters import Filters
from core.analytics.metrics import METRICS, TIMED
from core.analytics.reader import Reader


def same_questions(reader: Reader, filters: Filters, *, by: str = "model", of: str = "ttft") -> pd.DataFrame:
    """`key, questions, p50, ratio, first`: best first. Questions are matches in which at least two keys answered.

    `ratio` is the median of a key's value over the mean of the others' in the same match (below 1 is less), `first`
    the share of its matches in which no other key had a lower value.
    """
    group, picked = dimension(by), clause(filters)
    return reader.log.frame(
        f"""WITH answers AS (
            SELECT match_id, {group.sql} AS key, avg({METRICS[of].sql}) AS x
            FROM calls WHERE {picked.sql} AND {TIMED} AND match_id IS NOT NULL AND ({METRICS[of].sql}) IS NOT NULL
            GROUP BY ALL
        ), paired AS (
            SELECT *, count(*) OVER each_match AS keys, sum(x) OVER each_match AS total, min(x) OVER each_match AS least
            FROM answers WINDOW each_match AS (PARTITION BY match_id)
        )
        SELECT key, count(*) AS questions, quantile_cont(x, 0.5) AS p50,
            quantile_cont(x * (keys - 1) / nullif(total - x, 0), 0.5) AS ratio, avg((x <= least)::INTEGER) AS first
        FROM paired WHERE keys > 1 GROUP BY key ORDER BY ratio, key LIMIT 100""",
        picked.parameters,
    )
