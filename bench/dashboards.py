"""How quickly the dashboards answer: each chart over a log of N calls, checked against the rows, and PostgreSQL beside.

python -m bench dashboards --rows 1000000 [--json] [--postgres 1000000] [--folder KEEP]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.postgres import Postgres, available
from core.analytics.analytics import Analytics
from core.analytics.calls import Place
from core.analytics.filters import Filters
from core.analytics.reader import Reader
from core.analytics.sources import CALLS, Source
from core.analytics.what_if import Price
from core.ledger.ledger import Ledger

REPEATS = 7
DAYS = 180
PRICES = [Price("openai/gpt-5-mini", Decimal("2.5e-7"), Decimal("2e-6")), Price("new/one", Decimal("1e-6"), Decimal(0))]
CALLS_SQL, DAY = "FROM calls WHERE origin = 'sample'", "date_trunc('day', started_at)"
QUANTILES = "percentile_cont(ARRAY[0.5,0.9,0.95,0.99]) WITHIN GROUP (ORDER BY ttft_s)"
GOOD = f"{CALLS_SQL} AND status = 'ok' AND cache_state NOT IN ('exact','semantic')"


@dataclass(frozen=True)
class Question:
    """`ask` is what a page calls. `sql` is the same for PostgreSQL; `equal` compares an answer with the rows."""

    name: str
    ask: Callable[[], Any]
    sql: str = ""
    equal: Callable[[Any], bool] | None = None


def questions(analytics: Analytics, exact: "Exact", now: datetime) -> list[Question]:
    return [*of_money(analytics, exact, now), *of_time(analytics, exact, now)]


def spans(now: datetime) -> tuple[Filters, Filters, Filters]:
    """All of it, the last month, and all of it by another wall clock."""
    whole = Filters(origin="sample", since=_hour(now - timedelta(days=DAYS)), until=_hour(now) + timedelta(hours=1))
    return whole, whole.but(since=_hour(now - timedelta(days=30))), whole.but(time_zone="Europe/Berlin")


def of_money(analytics: Analytics, exact: "Exact", now: datetime) -> list[Question]:
    whole, month, berlin = spans(now)
    half, cut = _hour(now - timedelta(days=15)), month.but(since=now - timedelta(days=30), until=now)
    return [
        Question(
            "overview totals",
            lambda: analytics.spend.totals(whole),
            f"SELECT count(*), sum(cost_total), count(*) FILTER (WHERE status = 'error') {CALLS_SQL}",
            lambda found: found == exact.totals(whole),
        ),
        Question(
            "spend by day and model",
            lambda: analytics.spend.over_time(berlin, by="model", top=20),
            f"SELECT {DAY}, served_model, sum(cost_total), count(*) {CALLS_SQL} GROUP BY 1, 2",
            lambda found: exact.same_sums(found, berlin),
        ),
        Question(
            "spend by user",
            lambda: analytics.spend.by(whole, "user"),
            f"SELECT user_id, sum(cost_total), count(*) {CALLS_SQL} GROUP BY 1 ORDER BY 2 DESC LIMIT 1000",
            lambda found: exact.same_sums(found, whole),
        ),
        Question(
            "spend by assistant version",
            lambda: analytics.spend.over_time(whole, by="assistant version", grain="week"),
            f"SELECT date_trunc('week', started_at), assistant_id, assistant_version, sum(cost_total) {CALLS_SQL}"
            " GROUP BY 1, 2, 3",
            lambda found: exact.same_sums(found, whole),
        ),
        Question(
            "overview totals to this minute",
            lambda: analytics.spend.totals(cut),
            equal=lambda found: found == exact.totals(cut),
        ),
        Question("origins of calls", lambda: Analytics(analytics.reader.log).origins()),
        Question("what drove the change", lambda: analytics.drivers(month.but(until=half), month.but(since=half))),
        Question("forecast of the month", lambda: analytics.forecast(whole, now)),
        Question("what if", lambda: analytics.what_if(whole, PRICES)),
        Question("unusual use", lambda: analytics.unusual(whole, now)),
        *of_both("unit costs", analytics.spend.unit_costs, exact.rows.spend.unit_costs, now),
        *of_both("usage report", analytics.get_usage_report, exact.rows.get_usage_report, now),
    ]


def of_both(name: str, ask: Callable[[Filters], Any], exact: Callable[[Filters], Any], now: datetime) -> list[Question]:
    """The same for all of it and for the last month; `exact` answers from the rows."""
    whole, month, _ = spans(now)
    return [
        Question(name, lambda: ask(whole), equal=lambda found: alike(found, exact(whole))),
        Question(f"{name}, 30 days", lambda: ask(month), equal=lambda found: alike(found, exact(month))),
    ]


def of_time(analytics: Analytics, exact: "Exact", now: datetime) -> list[Question]:
    whole, month, berlin = spans(now)
    return [
        Question(
            "first token by model",
            lambda: analytics.latency.percentiles(whole),
            f"SELECT served_model, {QUANTILES} {GOOD} GROUP BY 1",
            lambda found: exact.near(found, whole),
        ),
        Question(
            "first token by day",
            lambda: analytics.latency.over_time(whole),
            f"SELECT {DAY}, {QUANTILES} {GOOD} GROUP BY 1",
        ),
        Question(
            "first token, 30 days, exact",
            lambda: analytics.latency.percentiles(month),
            f"SELECT served_model, {QUANTILES} {GOOD} AND started_at > now() - INTERVAL '30 days' GROUP BY 1",
        ),
        Question("latency distribution", lambda: analytics.latency.histogram(whole)),
        Question(
            "hours of the week",
            lambda: analytics.latency.week(berlin),
            f"SELECT extract(isodow FROM started_at), extract(hour FROM started_at), {QUANTILES} {GOOD} GROUP BY 1, 2",
        ),
        Question(
            "failures by day",
            lambda: analytics.reliability.over_time(whole),
            f"SELECT {DAY}, error_kind, count(*) {CALLS_SQL} AND status IN ('error','interrupted') GROUP BY 1, 2",
        ),
        Question("reliability by model", lambda: analytics.reliability.by(whole)),
        Question("how questions ended, 30 days", lambda: analytics.reliability.recovery(month)),
        Question("how questions ended", lambda: analytics.reliability.recovery(whole)),
        *of_both("model report", analytics.models.report, exact.rows.models.report, now),
        *of_both("how estimates held", analytics.models.estimates, exact.rows.models.estimates, now),
        *of_both("same questions", analytics.same_questions, exact.rows.same_questions, now),
        *of_both("facets of calls", analytics.calls.facets, exact.rows.calls.facets, now),
        Question("choices of filters", lambda: analytics.choices(whole)),
        Question("count of calls", lambda: analytics.calls.count(whole)),
        Question("headline percentiles", lambda: analytics.latency.overall(whole)),
        Question("what percentiles leave out", lambda: analytics.latency.coverage(whole)),
        Question("first token by day and model", lambda: analytics.latency.over_time(whole, by="model")),
        Question(
            "newest page of calls",
            lambda: analytics.calls.page(whole),
            f"SELECT * {CALLS_SQL} ORDER BY started_at DESC, seq DESC LIMIT 50",
        ),
        Question("a page of calls in the middle", lambda: analytics.calls.page(whole, older=exact.middle)),
        Question(
            "ad hoc: long prompts that failed",
            lambda: analytics.calls.page(whole.but(statuses=("error",), min_tokens=4000)),
            f"SELECT * {CALLS_SQL} AND status = 'error' AND input_tokens + output_tokens >= 4000"
            " ORDER BY started_at DESC LIMIT 50",
        ),
        Question("ad hoc: totals of one tag", lambda: analytics.spend.totals(whole.but(tags=("trial",)))),
    ]


class Exact:
    """The same figures from the rows alone."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.rows = Analytics(ledger, reader=_RowsOnly(ledger))
        self.rows.latency.histograms.large = self.rows.models.latency.histograms.large = 10**12
        ((at, seq),) = ledger.rows(
            "SELECT started_at, seq FROM calls WHERE origin = 'sample' ORDER BY started_at LIMIT 1"
            " OFFSET (SELECT count(*) // 2 FROM calls WHERE origin = 'sample')"
        )
        self.middle = Place(at, seq)

    def totals(self, filters: Filters) -> Any:
        return self.rows.spend.totals(filters)

    def same_sums(self, frame: Any, filters: Filters) -> bool:
        totals = self.totals(filters)
        sums = [int(frame[name].sum()) for name in ("calls", "unpriced", "input_tokens", "output_tokens")]
        wanted = [totals.calls, totals.unpriced, totals.input_tokens, totals.output_tokens]
        return sums == wanted and abs(float(frame["cost"].sum()) - float(totals.cost)) < 1e-6 * float(totals.cost)

    def near(self, frame: Any, filters: Filters) -> bool:
        wanted = self.rows.latency.percentiles(filters).set_index("key")
        found = frame.set_index("key").loc[wanted.index]
        return bool(((found[["p50", "p95"]] / wanted[["p50", "p95"]] - 1).abs() <= 0.0101).all(axis=None))


class _RowsOnly(Reader):
    def source(self, *_: Any, **__: Any) -> Source:
        return CALLS

    def rolled(self, *_: Any, **__: Any) -> None:
        return None


def alike(found: Any, exact: Any) -> bool:
    """Counts and money are equal, percentiles and what is divided by within one per cent."""
    if isinstance(found, pd.DataFrame):
        if list(found.columns) != list(exact.columns) or len(found) != len(exact):
            return False
        keys = [str(name) for name in found if found[name].dtype.kind not in "iuf"]
        pair = [frame.sort_values(keys, ignore_index=True) if keys else frame for frame in (found, exact)]
        return all(_near(pair[0][name], pair[1][name]) for name in found)
    if is_dataclass(found):
        return all(alike(getattr(found, each.name), getattr(exact, each.name)) for each in fields(found))
    return bool(found == exact)


def _near(found: pd.Series, exact: pd.Series) -> bool:
    if (found.dtype.kind in "iu" and exact.dtype.kind in "iu") or found.dtype.kind not in "iuf":
        return bool(found.equals(exact))
    measured = any(word in str(found.name) for word in ("p50", "p95", "ratio"))
    return bool(np.allclose(found, exact, rtol=0.0101 if measured else 1e-9, atol=1e-12, equal_nan=True))


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="python -m bench dashboards")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--postgres", type=int, default=1_000_000, help="rows for PostgreSQL; 0 leaves it out")
    options.add_argument("--folder", type=Path, help="keep the log here and use it again")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.folder or Path(scratch) / "log"
        ledger = Ledger.open(folder)
        try:
            run(ledger, chosen.rows, chosen.postgres, Path(scratch), as_json=chosen.json)
        finally:
            ledger.close()


def run(ledger: Ledger, rows: int, postgres_rows: int, scratch: Path, *, as_json: bool) -> None:
    if not ledger.has_sample():
        ledger.load_sample(calls=rows, days=DAYS)
    rolled(ledger)
    asked = questions(Analytics(ledger), Exact(ledger), datetime.now(UTC).replace(tzinfo=None))
    ratios: dict[str, float] = {}
    if postgres_rows and available():
        ratios = beside_postgres(asked, postgres_rows, scratch)
    for question in asked:
        times, answer = measured(question.ask)
        line = {
            "chart": question.name,
            "rows": rows,
            "p50_ms": round(statistics.median(times), 1),
            "p95_ms": round(sorted(times)[-1], 1),
            "equal": question.equal(answer) if question.equal else None,
            "postgres_ratio": ratios.get(question.name),
        }
        ratio = f"{line['postgres_ratio']}x" if line["postgres_ratio"] else "–"
        text = f"{question.name:36} {line['p50_ms']:9.1f} {line['p95_ms']:9.1f} ms  equal {line['equal']!s:5}  {ratio}"
        print(json.dumps(line) if as_json else text, flush=True)


def rolled(ledger: Ledger) -> None:
    """Waits until the rollups have caught up with a load of a million calls at once."""
    ledger.settle(3600)
    query = "SELECT (SELECT max(seq) FROM calls) > (SELECT coalesce(max(seq), 0) FROM rollup_progress)"
    while ledger.rows(query)[0][0]:
        time.sleep(0.2)


def measured(ask: Callable[[], Any]) -> tuple[list[float], Any]:
    answer = ask()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer = ask()
        times.append((time.perf_counter() - start) * 1000)
    return times, answer


def beside_postgres(asked: list[Question], rows: int, scratch: Path) -> dict[str, float]:
    """How many times longer PostgreSQL takes for the same question over `rows` calls on this machine."""
    ledger = Ledger.open(scratch / "small")
    try:
        ledger.load_sample(calls=rows, days=DAYS)
        rolled(ledger)
        ours = {
            question.name: statistics.median(measured(question.ask)[0])
            for question in questions(Analytics(ledger), Exact(ledger), datetime.now(UTC).replace(tzinfo=None))
            if question.sql
        }
        with Postgres(scratch / "postgres") as postgres:
            postgres.fill(ledger)
            theirs = {
                question.name: statistics.median(postgres.times(question.sql, 3)) for question in asked if question.sql
            }
        return {name: float(f"{theirs[name] / ours[name]:.2g}") for name in ours}
    finally:
        ledger.close()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
