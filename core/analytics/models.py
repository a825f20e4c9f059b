"""The performance report per model: use, money, speed, failures, context, thumbs, votes, and how estimates held."""

import math
from typing import Any

import pandas as pd

from core.analytics.clause import SENT, UNPRICED, clause
from core.analytics.filters import Filters
from core.analytics.latency import METRICS, TIMED
from core.analytics.measures import FAILED
from core.analytics.reader import Reader


class Models:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def report(self, filters: Filters) -> pd.DataFrame:
        """One row per served model, busiest first. Shares are None where nothing stands behind them.

        `context_p95`: 95th percentile of input tokens over the context window. `up`, `down`: the newest thumbs per
        turn and person on turns this model answered. `wins`, `losses`, `ties`: people's votes in comparisons;
        `win_low`, `win_high`: the 95 % Wilson interval of the win rate, ties left out.
        """
        picked = clause(filters)
        frame = self.reader.log.frame(
            f"""WITH picked AS (SELECT * FROM calls WHERE {picked.sql}),
            thumbs AS (SELECT turn_id, arg_max(value, seq) AS value FROM feedback GROUP BY turn_id, user_id),
            answers AS (SELECT turn_id, arg_max(served_model, attempt) AS model FROM picked WHERE status = 'ok'
                        GROUP BY turn_id),
            rated AS (SELECT model, count(*) FILTER (value = 1) AS up, count(*) FILTER (value = -1) AS down
                      FROM thumbs JOIN answers USING (turn_id) GROUP BY model)
            SELECT served_model AS model, count(*) AS calls, count(*) FILTER (attempt = 1) AS turns,
                sum(cost_total)::DOUBLE AS cost, count(*) FILTER ({UNPRICED}) AS unpriced,
                avg(cost_total)::DOUBLE AS cost_per_call,
                coalesce(sum(input_tokens), 0)::BIGINT AS input_tokens,
                coalesce(sum(output_tokens), 0)::BIGINT AS output_tokens,
                count(*) FILTER ({SENT}) AS sent, count(*) FILTER ({FAILED}) AS failed,
                count(*) FILTER ({FAILED}) / nullif(count(*) FILTER ({SENT}), 0) AS error_rate,
                count(*) FILTER (NOT {SENT} AND status <> 'refused') AS cached,
                quantile_cont(ttft_s, 0.5) FILTER ({TIMED}) AS ttft_p50,
                quantile_cont(ttft_s, 0.95) FILTER ({TIMED}) AS ttft_p95,
                quantile_cont(total_s, 0.95) FILTER ({TIMED}) AS total_p95,
                quantile_cont({METRICS["speed"].sql}, 0.5) FILTER ({TIMED}) AS speed_p50,
                quantile_cont(input_tokens / context_window, 0.95) FILTER (context_window > 0) AS context_p95,
                any_value(up) AS up, any_value(down) AS down
            FROM picked LEFT JOIN rated ON rated.model = picked.served_model
            GROUP BY served_model ORDER BY calls DESC, model LIMIT 500""",
            picked.parameters,
        )
        return frame.merge(self.votes(filters), on="model", how="left")

    def votes(self, filters: Filters) -> pd.DataFrame:
        """`model, wins, losses, ties, win_rate, win_low, win_high` from people's votes between two or more models."""
        conditions: list[str] = ["judge IS NULL"]
        parameters: list[Any] = []
        for sql, value in (('"at" >= ?', filters.since), ('"at" < ?', filters.until)):
            if value is not None:
                conditions.append(sql)
                parameters.append(value)
        if filters.origin != "all":
            conditions.append("origin = ?")
            parameters.append(filters.origin)
        rows = self.reader.log.rows(
            f"SELECT winner, panes FROM votes WHERE {' AND '.join(conditions)}", parameters, max_rows=1_000_000
        )
        counts: dict[str, list[int]] = {}
        for winner, panes in rows:
            for place, pane in enumerate(panes):
                won = winner in (str(place), chr(ord("A") + place), chr(ord("a") + place), pane)
                tally = counts.setdefault(pane, [0, 0, 0])
                tally[0 if won else 2 if winner in ("tie", "bad") else 1] += 1
        found = []
        for model, (wins, losses, ties) in counts.items():
            low, high = wilson(wins, wins + losses)
            rate = wins / (wins + losses) if wins + losses else None
            found.append((model, wins, losses, ties, rate, low, high))
        return pd.DataFrame(found, columns=["model", "wins", "losses", "ties", "win_rate", "win_low", "win_high"])

    def estimates(self, filters: Filters) -> pd.DataFrame:
        """How estimates held, per model and for "all": `n` calls with an estimate, and the share of actual figures at
        or below the estimated median (`at_p50`, 0.5 is right) and 90th percentile (`at_p90`, 0.9 is right)."""
        picked = clause(filters)
        return self.reader.log.frame(
            f"""WITH picked AS (SELECT * FROM calls WHERE {picked.sql} AND {TIMED}),
            paired AS (
                SELECT served_model AS model, 'money' AS of, cost_total::DOUBLE AS actual,
                    estimate_cost_p50::DOUBLE AS p50, estimate_cost_p90::DOUBLE AS p90 FROM picked
                UNION ALL SELECT served_model, 'seconds', total_s, estimate_seconds_p50, estimate_seconds_p90
                FROM picked
            )
            SELECT CASE WHEN grouping(model) = 1 THEN 'all' ELSE model END AS model, of, count(*) AS n,
                avg((actual <= p50)::INTEGER) AS at_p50, avg((actual <= p90)::INTEGER) AS at_p90,
                median(abs(actual - p50) / nullif(actual, 0)) AS off
            FROM paired WHERE actual IS NOT NULL AND p50 IS NOT NULL AND p90 IS NOT NULL
            GROUP BY GROUPING SETS ((model, of), (of)) ORDER BY n DESC, model, of""",
            picked.parameters,
        )


def wilson(wins: int, games: int, z: float = 1.96) -> tuple[float | None, float | None]:
    if not games:
        return None, None
    share, square = wins / games, z * z
    middle = (share + square / (2 * games)) / (1 + square / games)
    half = z * math.sqrt(share * (1 - share) / games + square / (4 * games * games)) / (1 + square / games)
    return middle - half, middle + half
