"""Models on the same questions: only calls of one comparison stand side by side, since questions differ in length."""

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import dimension
from core.analytics.filters import Filters
from core.analytics.metrics import METRICS, TIMED
from core.analytics.reader import Reader

SUMMED = {"ttft": "ttft_s", "total": "total_s", "speed": "tokens_per_s"}
"""The metrics that the rollup of comparisons adds up."""


def same_questions(reader: Reader, filters: Filters, *, by: str = "model", of: str = "ttft") -> pd.DataFrame:
    """`key, questions, p50, ratio, first`: best first. Questions are matches in which at least two keys answered.

    `ratio` is the median of a key's value over the mean of the others' in the same match (below 1 is less), `first`
    the share of its matches in which no other key had a lower value.
    """
    group, picked = dimension(by), clause(filters)
    rolled = reader.rolled("matches_hourly", filters, ("served_model", "provider")) if of in SUMMED else None
    if rolled:
        total = SUMMED[of]
        answers = f"""SELECT match, {group.sql} AS key, sum({total}) / sum({total}_known) AS x
            FROM {rolled} WHERE {picked.sql} GROUP BY ALL HAVING sum({total}_known) > 0"""
    else:
        answers = f"""SELECT hash(match_id) AS match, {group.sql} AS key, avg({METRICS[of].sql}) AS x
            FROM calls WHERE {picked.sql} AND {TIMED} AND match_id IS NOT NULL AND ({METRICS[of].sql}) IS NOT NULL
            GROUP BY ALL"""
    return reader.log.frame(
        f"""WITH answers AS ({answers}), matches AS (
            SELECT match, count(*) AS keys, sum(x) AS total, min(x) AS least FROM answers GROUP BY match
            HAVING count(*) > 1)
        SELECT key, count(*) AS questions, quantile_cont(x, 0.5) AS p50,
            quantile_cont(x * (keys - 1) / nullif(total - x, 0), 0.5) AS ratio, avg((x <= least)::INTEGER) AS first
        FROM answers JOIN matches USING (match) GROUP BY key ORDER BY ratio, key LIMIT 100""",
        picked.parameters,
    )
