"""Rollups: sums and histograms per hour, added up in the order in which calls arrive, so a late call is never missed.

A rollup row covers the calls of one hour that were loaded between two runs. Later runs add rows, they change none;
every figure is a sum, so readers add the rows up. The views join what is rolled with the calls that came since. Each
run has a number; a view shows the rows of finished runs, because DuckDB 2.0.0 shows the rows of a large insert to other
transactions some moments before they are committed (docs/decisions/rollup-runs.md).
Histogram buckets have the ratio 1.02: bucket b holds values near 1.02^b, and reading that value errs by 1% at most.
"""

from duckdb import DuckDBPyConnection

from core.ledger.page_sums import CONVERSATIONS, FACETS, GOOD, MATCHES, TOKENS_PER_S, TRAFFIC, UNPRICED
from core.ledger.rollup import HOUR, Rollup, plain
from core.ledger.turn_sums import THUMBS, TURNS

RATIO = 1.02
ZERO_BUCKET = -100_000
"""The bucket of values that are not above zero."""

METRICS = {"total_s": "total_s", "ttft_s": "ttft_s", "tokens_per_s": TOKENS_PER_S, "cost_total": "cost_total::double"}

_FEW = {
    "calls": "count(*)",
    "turns": "count(*) filter (attempt = 1)",
    "errors": "count(*) filter (status = 'error')",
    "unpriced": UNPRICED,
    "input_tokens": "sum(input_tokens)::bigint",
    "output_tokens": "sum(output_tokens)::bigint",
    "cost_total": "sum(cost_total)::decimal(18,9)",
    "saved": "sum(saved)::decimal(18,9)",
}
_AGAIN = {
    "again_cost": "(sum(cost_total) filter (list_contains(tags, 'regenerated') and retry = 0"
    " and status not in ('error', 'interrupted', 'cancelled')))::decimal(18,9)"
}
_MANY = {
    **_FEW,
    "usage_unknown": "count(*) filter (input_tokens is null)",
    "usage_estimated": "count(*) filter (usage_source = 'estimated')",
    "uncached_input_tokens": "sum(uncached_input_tokens)::bigint",
    "cache_read_tokens": "sum(cache_read_tokens)::bigint",
    "cache_write_tokens": "case when count(cache_write_5m_tokens) + count(cache_write_1h_tokens) > 0 then"
    " (coalesce(sum(cache_write_5m_tokens), 0) + coalesce(sum(cache_write_1h_tokens), 0))::bigint end",
    "reasoning_tokens": "sum(reasoning_tokens)::bigint",
    "cost_input": "sum(cost_input)::decimal(18,9)",
    "cost_cache_read": "sum(cost_cache_read)::decimal(18,9)",
    "cost_cache_write": "sum(cost_cache_write)::decimal(18,9)",
    "cost_output": "sum(cost_output)::decimal(18,9)",
    "cost_reasoning": "sum(cost_reasoning)::decimal(18,9)",
    "total_s": "sum(total_s)",
    "total_known": "count(total_s)",
    "ttft_s": "sum(ttft_s)",
    "ttft_known": "count(ttft_s)",
    "overhead_s": "sum(overhead_s)",
    "overhead_known": "count(overhead_s)",
    "queue_s": "sum(queue_s)",
    "queue_known": "count(queue_s)",
    "tool_calls": "sum(tool_calls)::bigint",
    **_AGAIN,
}


_USUAL = {
    **_FEW,
    **{name: _MANY[name] for name in ("usage_unknown", "cache_read_tokens", "reasoning_tokens")},
    "untagged": "count(*) filter (coalesce(len(tags), 0) = 0)",
    "truncated": "count(*) filter (truncated_input)",
    "cut": "count(*) filter (finish_reason in ('length', 'max_tokens'))",
    **_AGAIN,
}


_HISTOGRAM_KEYS = ("hour", "origin", "provider", "requested_model", "served_model", "status", "cached")
_VALUES = " union all ".join(
    f"select {HOUR} as hour, origin, provider, requested_model, served_model, status,"
    f" cache_state in ('exact', 'semantic') as cached, '{metric}' as metric, {sql} as value"
    " from calls where {condition}"
    for metric, sql in METRICS.items()
)


def _spread(name: str, value: str, which: str = GOOD) -> Rollup:
    """How many of the calls `which` had a value near each bucket's; one value each, so that reading one is quick."""
    return Rollup(
        name,
        {
            **plain("origin", "provider", "requested_model", "served_model"),
            "bucket": f"case when value > 0 then round(ln(value) / ln({RATIO}))::integer else {ZERO_BUCKET} end",
        },
        {"calls": "count(*)"},
        f"(select *, {value} as value from calls where {{condition}} and {which}) where value is not null",
    )


ROLLUPS = (
    Rollup(
        "calls_hourly",
        {
            **plain("origin", "operation", "door", "team_id", "provider", "requested_model", "served_model"),
            "status": "status",
            "error_kind": "error_kind",
            "cache_state": "cache_state",
            "fallback": "hop > 0",
            "retried": "retry > 0",
        },
        _MANY,
    ),
    Rollup("users_hourly", plain("origin", "user_id", "team_id"), _FEW),
    Rollup(
        "assistants_hourly",
        plain("origin", "assistant_id", "assistant_version", "prompt_id", "prompt_version", "served_model"),
        _FEW,
    ),
    Rollup(
        "tags_hourly",
        plain("origin", "tag", "served_model"),
        _FEW,
        "(select * exclude tags, unnest(tags) as tag from calls where {condition})",
    ),
    Rollup(
        "histogram_hourly",
        {
            **{name: name for name in _HISTOGRAM_KEYS},
            "metric": "metric",
            "bucket": f"case when value > 0 then round(ln(value) / ln({RATIO}))::integer else {ZERO_BUCKET} end",
        },
        {"calls": "count(*)"},
        f"({_VALUES}) where value is not null",
    ),
    Rollup(
        "models_hourly",
        {
            **plain("origin", "provider", "requested_model", "served_model", "status", "error_kind", "cache_state"),
            "fallback": "hop > 0",
            "retried": "retry > 0",
        },
        _USUAL,
    ),
    TURNS,
    _spread("ttft_hourly", METRICS["ttft_s"]),
    _spread("total_hourly", METRICS["total_s"]),
    _spread("speed_hourly", METRICS["tokens_per_s"]),
    _spread("context_hourly", "input_tokens / context_window", "context_window > 0"),
    TRAFFIC,
    FACETS,
    MATCHES,
    CONVERSATIONS,
    THUMBS,
)


def roll(cursor: DuckDBPyConnection, upto: int) -> None:
    """Add the calls numbered up to `upto` that are not yet rolled, within the caller's transaction."""
    low = rolled(cursor)
    if upto <= low:
        return
    run = next_run(cursor)
    for rollup in ROLLUPS:
        add(cursor, rollup, f"seq > {low} and seq <= {upto}", run)
    cursor.execute("insert into rollup_progress (seq, run) values (?, ?)", [upto, run])


def add(cursor: DuckDBPyConnection, rollup: Rollup, condition: str, run: int) -> None:
    """Roll up the calls that meet `condition`."""
    cursor.execute(
        f"insert into {rollup.table} by name select *, {run} as run from ({rollup.select(condition)}) order by hour"
    )


def rolled(cursor: DuckDBPyConnection) -> int:
    """The highest number that the rollups cover."""
    return int(cursor.execute("select coalesce(max(seq), 0) from rollup_progress").fetchall()[0][0])


def next_run(cursor: DuckDBPyConnection) -> int:
    """A number above that of every finished run."""
    return int(cursor.execute("select coalesce(max(run), 0) + 1 from rollup_progress").fetchall()[0][0])
