"""What went wrong: failures by kind, time and model; retries, fallbacks and truncations, and what they led to."""

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import FAILURE, dimension
from core.analytics.filters import Filters
from core.analytics.measures import FAILED
from core.analytics.outcomes import OUTCOME, asked
from core.analytics.reader import Reader
from core.analytics.zones import Grain

COUNTED = ("calls", "sent", "failed", "cancelled", "retries", "fallbacks")


class Reliability:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def over_time(self, filters: Filters, *, grain: Grain = "day") -> pd.DataFrame:
        """`at, key, calls`: failed calls per bucket and kind of error."""
        filters, at = self.reader.bucketed(filters, grain)
        keys = {"at": at, "key": FAILURE.sql}
        picked = filters if filters.statuses else filters.but(statuses=("error", "interrupted"))
        frame = self.reader.grouped(picked, keys, ("failed",), group=FAILURE, tail='ORDER BY "at", key')
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
        cut = self.reader.grouped(filters, {"key": group.sql}, ("truncated", "cut"), group=group)
        frame.insert(4, "rate", frame["failed"] / frame["sent"].where(frame["sent"] > 0))
        frame = frame.merge(cut, on="key", how="left")
        return frame.fillna({"truncated": 0, "cut": 0}).astype({"truncated": "int64", "cut": "int64"})

    def cooldowns(self, filters: Filters, limit: int = 200) -> pd.DataFrame:
        """`at, deployment, seconds`: when a deployment began to rest after repeated failures, newest first."""
        filters = self.reader.bounded(filters)
        return self.reader.log.frame(
            """SELECT "at", subject AS deployment, (detail ->> 'seconds')::DOUBLE AS seconds FROM audit
            WHERE action = 'cooldown' AND "at" >= ? AND "at" < ? ORDER BY seq DESC LIMIT ?""",
            [filters.since, filters.until, limit],
        )

    def recovery(self, filters: Filters) -> pd.DataFrame:
        """`outcome, turns`: how questions ended: at once, after a retry, by a fallback, failed, stopped, refused.

        The questions are those whose first call the filters pick; each ended as its last call did, whenever that was
        and whichever model it asked. So they are as many as the turns of the same filters.
        """
        filters = self.reader.bounded(filters)
        picked = clause(filters)
        rolled = self.reader.rolled("turns_hourly", filters)
        questions = f"{rolled} WHERE {picked.sql}" if rolled else asked(picked.sql)
        return self.reader.log.frame(
            f"""SELECT {OUTCOME} AS outcome, sum(turns)::BIGINT AS turns
            FROM {questions} GROUP BY 1 HAVING sum(turns) > 0 ORDER BY turns DESC, outcome""",
            picked.parameters,
        )
