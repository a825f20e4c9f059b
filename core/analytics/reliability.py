"""What went wrong: failures by kind, time and model; retries, fallbacks and truncations, and what they led to."""

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import FAILURE, dimension
from core.analytics.filters import Filters
from core.analytics.measures import FAILED
from core.analytics.reader import Reader
from core.analytics.zones import Grain

COUNTED = ("calls", "sent", "failed", "cancelled", "retries", "fallbacks")
CUT = "finish_reason IN ('length', 'max_tokens')"


class Reliability:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def over_time(self, filters: Filters, *, grain: Grain = "day") -> pd.DataFrame:
        """`at, key, calls`: failed calls per bucket and kind of error."""
        filters, at = self.reader.bucketed(filters, grain)
        keys = {"at": at, "key": FAILURE.sql}
        frame = self.reader.grouped(filters, keys, ("failed",), group=FAILURE, tail='ORDER BY "at", key')
        return frame[frame["failed"] > 0].rename(columns={"failed": "calls"}).reset_index(drop=True)

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
        group = dimension(by)
        tail = "ORDER BY failed DESC, calls DESC, key LIMIT 1000"
        frame = self.reader.grouped(filters, {"key": group.sql}, COUNTED, group=group, tail=tail)
        picked = clause(filters)
        cut = self.reader.log.frame(
            f"""SELECT {group.sql} AS key, count(*) FILTER (truncated_input) AS truncated,
                count(*) FILTER ({CUT}) AS cut
            FROM {group.table} WHERE {picked.sql} AND (truncated_input OR {CUT}) GROUP BY 1""",
            picked.parameters,
        )
        frame.insert(4, "rate", frame["failed"] / frame["sent"].where(frame["sent"] > 0))
        frame = frame.merge(cut, on="key", how="left")
        return frame.fillna({"truncated": 0, "cut": 0}).astype({"truncated": "int64", "cut": "int64"})

    def recovery(self, filters: Filters) -> pd.DataFrame:
        """`outcome, turns`: how questions ended: at once, after a retry, by a fallback, failed, stopped, refused.

        A turn ends as its last call did. Numbers are grouped, not names: several times quicker over millions of turns.
        """
        picked = clause(filters)
        return self.reader.log.frame(
            f"""WITH turns AS (
                SELECT max(attempt * 4 + CASE status WHEN 'ok' THEN 0 WHEN 'cancelled' THEN 1 WHEN 'refused' THEN 2
                    ELSE 3 END) % 4 AS ended, max(retry) > 0 AS retried, max(hop) > 0 AS fell
                FROM calls WHERE {picked.sql} GROUP BY hash(turn_id))
            SELECT CASE ended WHEN 1 THEN 'stopped' WHEN 2 THEN 'refused' WHEN 3 THEN 'failed'
                ELSE CASE WHEN fell THEN 'answered by a fallback' WHEN retried THEN 'answered after a retry'
                    ELSE 'answered at once' END END AS outcome, count(*) AS turns
            FROM turns GROUP BY 1 ORDER BY turns DESC""",
            picked.parameters,
        )
