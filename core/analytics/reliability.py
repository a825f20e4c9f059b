"""What went wrong: failures by kind, time and model; retries, fallbacks and truncations, and what they led to."""

import pandas as pd

from core.analytics.clause import SENT, clause
from core.analytics.dimensions import dimension
from core.analytics.filters import Filters
from core.analytics.measures import FAILED
from core.analytics.reader import Reader
from core.analytics.zones import Grain


class Reliability:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def over_time(self, filters: Filters, *, grain: Grain = "day") -> pd.DataFrame:
        """`at, key, calls`: failed calls per bucket and kind of error."""
        filters, at = self.reader.bucketed(filters, grain)
        picked = clause(filters)
        return self.reader.log.frame(
            f"""SELECT {at} AS "at", coalesce(error_kind, status) AS key, count(*) AS calls
            FROM calls WHERE {picked.sql} AND {FAILED} GROUP BY 1, 2 ORDER BY 1, 2""",
            picked.parameters,
        )

    def kinds(self, filters: Filters) -> pd.DataFrame:
        """`kind, calls, last_at, example`: what failed, most frequent first; the newest sentence as an example."""
        picked = clause(filters)
        return self.reader.log.frame(
            f"""SELECT coalesce(error_kind, status) AS kind, count(*) AS calls, max(started_at) AS last_at,
                arg_max(error_text, started_at) AS example
            FROM calls WHERE {picked.sql} AND {FAILED} GROUP BY 1 ORDER BY calls DESC, kind""",
            picked.parameters,
        )

    def by(self, filters: Filters, by: str = "model") -> pd.DataFrame:
        """`key, calls, sent, failed, rate, cancelled, retries, fallbacks, truncated, cut` (at the output limit)."""
        group, picked = dimension(by), clause(filters)
        return self.reader.log.frame(
            f"""SELECT {group.sql} AS key, count(*) AS calls, count(*) FILTER ({SENT}) AS sent,
                count(*) FILTER ({FAILED}) AS failed,
                count(*) FILTER ({FAILED}) / nullif(count(*) FILTER ({SENT}), 0) AS rate,
                count(*) FILTER (status = 'cancelled') AS cancelled, count(*) FILTER (retry > 0) AS retries,
                count(*) FILTER (hop > 0) AS fallbacks, count(*) FILTER (truncated_input) AS truncated,
                count(*) FILTER (finish_reason IN ('length', 'max_tokens')) AS cut
            FROM {group.table} WHERE {picked.sql} GROUP BY 1 ORDER BY failed DESC, calls DESC, key LIMIT 1000""",
            picked.parameters,
        )

    def recovery(self, filters: Filters) -> pd.DataFrame:
        """`outcome, turns`: how questions ended: at once, after a retry, by a fallback, failed, stopped, refused."""
        picked = clause(filters)
        return self.reader.log.frame(
            f"""WITH turns AS (SELECT turn_id, arg_max(status, attempt) AS status, max(retry) AS retry, max(hop) AS hop
                FROM calls WHERE {picked.sql} GROUP BY turn_id)
            SELECT CASE WHEN status = 'ok' AND hop > 0 THEN 'answered by a fallback'
                        WHEN status = 'ok' AND retry > 0 THEN 'answered after a retry'
                        WHEN status = 'ok' THEN 'answered at once' WHEN status = 'cancelled' THEN 'stopped'
                        WHEN status = 'refused' THEN 'refused' ELSE 'failed' END AS outcome, count(*) AS turns
            FROM turns GROUP BY 1 ORDER BY turns DESC""",
            picked.parameters,
        )
