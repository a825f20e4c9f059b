"""The performance report per model: use, money, speed, failures, context, thumbs, votes, and how estimates held."""

import math
from functools import partial
from typing import Any

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import DIMENSIONS
from core.analytics.filters import Filters
from core.analytics.latency import Latency
from core.analytics.measures import ESTIMATED, ESTIMATES
from core.analytics.reader import Reader
from core.analytics.thumbs import thumbs

COUNTED = (
    "calls", "turns", "cost", "unpriced", "input_tokens", "output_tokens", "sent", "failed", "cached", "priced",
)  # fmt: skip
PERCENTILES = {"ttft": ("p50", "p95"), "total": ("p95",), "speed": ("p50",), "context": ("p95",)}
"""Of what the report shows which percentiles; "context" stands for `context_p95`."""


class Models:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.latency = Latency(reader)

    def report(self, filters: Filters) -> pd.DataFrame:
        """One row per served model, busiest first. Shares are None where nothing stands behind them.

        `context_p95`: 95th percentile of input tokens over the context window. `up`, `down`: the newest thumbs per
        turn and person on turns this model answered. `wins`, `losses`, `ties`: people's votes in comparisons;
        `win_low`, `win_high`: the 95% Wilson interval of the win rate, ties left out.
        """
        asked, filters = filters, self.reader.bounded(filters)
        frame, *parts = self.reader.together(
            partial(self._figures, filters), partial(self._thumbs, filters), partial(self.votes, asked)
        )
        for part in parts:
            frame = frame.merge(part, on="model", how="left")
        return frame

    def _figures(self, filters: Filters) -> pd.DataFrame:
        model = DIMENSIONS["model"]
        frame = self.reader.grouped(
            filters, {"model": model.sql}, COUNTED, group=model, tail="ORDER BY calls DESC, model LIMIT 500"
        )
        frame["error_rate"] = frame["failed"] / frame["sent"].where(frame["sent"] > 0)
        frame["cost_per_call"] = frame["cost"] / frame["priced"].where(frame["priced"] > 0)
        return frame.merge(self._percentiles(filters, int(frame["calls"].sum())), on="model", how="left")

    def _percentiles(self, filters: Filters, calls: int) -> pd.DataFrame:
        """`model`, and what PERCENTILES says; `calls`: how many the filters pick."""
        histograms, model = self.latency.histograms, DIMENSIONS["model"]
        if histograms.serve(filters, "context", model.columns, calls=calls):
            shares = sorted({share for several in PERCENTILES.values() for share in several})
            found = histograms.percentiles_of(filters, tuple(PERCENTILES), {"model": model.sql}, shares)
        else:
            asks = [partial(self.latency.ranked, filters, of, model) for of in PERCENTILES if of != "context"]
            *speeds, context = self.reader.together(*asks, partial(self._context, filters))
            known = (*(each.rename(columns={"key": "model"}) for each in speeds), context)
            found = dict(zip(PERCENTILES, known, strict=True))
        parts = [found[of].set_index("model")[list(shares)].add_prefix(f"{of}_") for of, shares in PERCENTILES.items()]
        return pd.concat(parts, axis=1).rename_axis("model").reset_index()

    def _context(self, filters: Filters) -> pd.DataFrame:
        picked = clause(filters)
        return self.reader.log.frame(
            f"""SELECT served_model AS model, quantile_cont(input_tokens / context_window, 0.95) AS p95
            FROM calls WHERE {picked.sql} AND context_window > 0 GROUP BY 1""",
            picked.parameters,
        )

    def _thumbs(self, filters: Filters) -> pd.DataFrame:
        picked, known = clause(filters), thumbs(self.reader, filters)
        if known:
            return self.reader.log.frame(
                f"""{known} SELECT answered AS model, sum(up)::BIGINT AS up, sum(down)::BIGINT AS down
                FROM thumbs WHERE answered IS NOT NULL GROUP BY answered HAVING sum(up) > 0 OR sum(down) > 0""",
                picked.parameters,
            )
        return self._thumbs_on_rows(filters)

    def _thumbs_on_rows(self, filters: Filters) -> pd.DataFrame:
        """A thumb is given after its call began, so older ones need not be looked at; numbers are joined, not names."""
        picked = clause(filters)
        return self.reader.log.frame(
            f"""WITH given AS (SELECT * FROM feedback WHERE "at" >= ?),
            thumbs AS (SELECT hash(turn_id) AS turn, arg_max(value, seq) AS value FROM given GROUP BY turn_id, user_id),
            answers AS (SELECT turn, arg_max(served_model, attempt) AS model FROM (
                    SELECT hash(turn_id) AS turn, served_model, attempt FROM calls
                    WHERE {picked.sql} AND status = 'ok' AND turn_id IN (SELECT turn_id FROM given))
                GROUP BY turn)
            SELECT model, count(*) FILTER (value = 1) AS up, count(*) FILTER (value = -1) AS down
            FROM thumbs JOIN answers USING (turn) GROUP BY model""",
            [filters.since, *picked.parameters],
        )

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
            f"SELECT winner, panes, count(*) FROM votes WHERE {' AND '.join(conditions)} GROUP BY ALL",
            parameters,
            max_rows=1_000_000,
        )
        counts: dict[str, list[int]] = {}
        for winner, panes, times in rows:
            for place, pane in enumerate(panes):
                won = winner in (str(place), chr(ord("A") + place), chr(ord("a") + place), pane)
                tally = counts.setdefault(pane.partition(";")[0], [0, 0, 0])  # behind it, settings
                tally[0 if won else 2 if winner in ("tie", "bad") else 1] += times
        found = []
        for model, (wins, losses, ties) in counts.items():
            low, high = wilson(wins, wins + losses)
            rate = wins / (wins + losses) if wins + losses else None
            found.append((model, wins, losses, ties, rate, low, high))
        return pd.DataFrame(found, columns=["model", "wins", "losses", "ties", "win_rate", "win_low", "win_high"])

    def estimates(self, filters: Filters) -> pd.DataFrame:
        """How estimates held, per model and for "all": `n` calls with an estimate, and the share of actual figures at
        or below the estimated median (`at_p50`, 0.5 is right) and 90th percentile (`at_p90`, 0.9 is right)."""
        filters, model = self.reader.bounded(filters), DIMENSIONS["model"]
        frame = self.reader.grouped(filters, {"model": model.sql}, tuple(ESTIMATES), group=model)
        total = frame.drop(columns="model").sum().to_frame().T.assign(model="all")
        frame = pd.concat([frame, total], ignore_index=True)
        parts = [
            frame[["model"]].assign(
                of=of, n=frame[f"{guess}_n"], at_p50=frame[f"{guess}_p50"] / frame[f"{guess}_n"],
                at_p90=frame[f"{guess}_p90"] / frame[f"{guess}_n"],
            )[frame[f"{guess}_n"] > 0]
            for of, (_, guess) in ESTIMATED.items()
        ]  # fmt: skip
        return pd.concat(parts).sort_values(["n", "model", "of"], ascending=[False, True, True], ignore_index=True)


def wilson(wins: int, games: int, z: float = 1.96) -> tuple[float | None, float | None]:
    if not games:
        return None, None
    share, square = wins / games, z * z
    middle = (share + square / (2 * games)) / (1 + square / games)
    half = z * math.sqrt(share * (1 - share) / games + square / (4 * games * games)) / (1 + square / games)
    return middle - half, middle + half
