"""The performance report per model: use, money, speed, failures, context, thumbs, votes, and how estimates held."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import DIMENSIONS
from core.analytics.filters import Filters
from core.analytics.latency import Latency
from core.analytics.metrics import TIMED
from core.analytics.reader import Reader

COUNTED = (
    "calls", "turns", "cost", "unpriced", "input_tokens", "output_tokens", "sent", "failed", "cached",
)  # fmt: skip
ESTIMATED = {"money": ("cost_total", "estimate_cost"), "seconds": ("total_s", "estimate_seconds")}
SPEEDS = {"ttft": ("p50", "p95"), "total": ("p95",), "speed": ("p50",)}


class Models:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.latency = Latency(reader)

    def report(self, filters: Filters) -> pd.DataFrame:
        """One row per served model, busiest first. Shares are None where nothing stands behind them.

        `context_p95`: 95th percentile of input tokens over the context window. `up`, `down`: the newest thumbs per
        turn and person on turns this model answered. `wins`, `losses`, `ties`: people's votes in comparisons;
        `win_low`, `win_high`: the 95 % Wilson interval of the win rate, ties left out.
        """
        votes, filters = self.votes(filters), self.reader.bounded(filters)
        model = DIMENSIONS["model"]
        frame = self.reader.grouped(
            filters, {"model": model.sql}, COUNTED, group=model, tail="ORDER BY calls DESC, model LIMIT 500"
        )
        frame["error_rate"] = frame["failed"] / frame["sent"].where(frame["sent"] > 0)
        for part in (*self._speeds(filters), self._means(filters), self._thumbs(filters), votes):
            frame = frame.merge(part, on="model", how="left")
        return frame

    def _speeds(self, filters: Filters) -> Iterator[pd.DataFrame]:
        for of, shares in SPEEDS.items():
            found = self.latency.percentiles(filters, of=of)
            yield found[["key", *shares]].rename(columns={"key": "model"} | {s: f"{of}_{s}" for s in shares})

    def _means(self, filters: Filters) -> pd.DataFrame:
        picked, histograms = clause(filters), self.latency.histograms
        context = "quantile_cont(input_tokens / context_window, 0.95) FILTER (context_window > 0)"
        large = histograms.serve(filters, "context", ("served_model",))
        means = self.reader.log.frame(
            f"""SELECT served_model AS model, avg(cost_total)::DOUBLE AS cost_per_call
                {"" if large else f", {context} AS context_p95"}
            FROM calls WHERE {picked.sql} GROUP BY 1""",
            picked.parameters,
        )
        if not large:
            return means
        merged = histograms.percentiles(filters, "context", {"model": "served_model"})[["model", "p95"]]
        return means.merge(merged.rename(columns={"p95": "context_p95"}), on="model", how="left")

    def _thumbs(self, filters: Filters) -> pd.DataFrame:
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
            f"SELECT winner, panes FROM votes WHERE {' AND '.join(conditions)}", parameters, max_rows=1_000_000
        )
        counts: dict[str, list[int]] = {}
        for winner, panes in rows:
            for place, pane in enumerate(panes):
                won = winner in (str(place), chr(ord("A") + place), chr(ord("a") + place), pane)
                tally = counts.setdefault(pane.partition(";")[0], [0, 0, 0])  # behind it, settings
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
        counts = ", ".join(
            f"count(*) FILTER ({known}) AS {of}_n, count(*) FILTER ({known} AND {actual} <= {guess}_p50) AS {of}_p50,"
            f" count(*) FILTER ({known} AND {actual} <= {guess}_p90) AS {of}_p90"
            for of, (actual, guess) in ESTIMATED.items()
            for known in (f"{actual} IS NOT NULL AND {guess}_p50 IS NOT NULL AND {guess}_p90 IS NOT NULL",)
        )
        frame = self.reader.log.frame(
            f"SELECT served_model AS model, {counts} FROM calls WHERE {picked.sql} AND {TIMED} GROUP BY 1",
            picked.parameters,
        )
        total = frame.drop(columns="model").sum().to_frame().T.assign(model="all")
        frame = pd.concat([frame, total], ignore_index=True)
        parts = [
            frame[["model"]].assign(
                of=of, n=frame[f"{of}_n"], at_p50=frame[f"{of}_p50"] / frame[f"{of}_n"],
                at_p90=frame[f"{of}_p90"] / frame[f"{of}_n"],
            )[frame[f"{of}_n"] > 0]
            for of in ESTIMATED
        ]  # fmt: skip
        return pd.concat(parts).sort_values(["n", "model", "of"], ascending=[False, True, True], ignore_index=True)


def wilson(wins: int, games: int, z: float = 1.96) -> tuple[float | None, float | None]:
    if not games:
        return None, None
    share, square = wins / games, z * z
    middle = (share + square / (2 * games)) / (1 + square / games)
    half = z * math.sqrt(share * (1 - share) / games + square / (4 * games * games)) / (1 + square / games)
    return middle - half, middle + half
