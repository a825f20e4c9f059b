"""Sums that pages ask most: each model's figures side by side, counts per facet, comparisons and conversations.

A hash stands for the id of a comparison, a conversation or a turn: such rows are few and quick to tell apart.
"""

from core.ledger.rollup import HOUR, Rollup, plain

TOKENS_PER_S = "case when output_tokens > 1 and total_s - ttft_s > 0.001 then output_tokens / (total_s - ttft_s) end"
UNPRICED = (
    "count(*) filter (cost_total is null and status <> 'refused'"
    " and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null))"
)
_CACHED = "cache_state in ('exact', 'semantic')"
_SENT = f"(status <> 'refused' and not {_CACHED})"
GOOD = f"(status = 'ok' and not {_CACHED})"
_COUNTED = f"({_SENT} and input_tokens is not null and output_tokens is not null and cost_total is not null)"
_WRITTEN = f"({_SENT} and status = 'ok' and output_tokens > 0)"
_BROKEN = "status in ('error', 'interrupted', 'cancelled')"


def _count(condition: str) -> str:
    return f"count(*) filter ({condition})"


def _tokens(column: str, condition: str = "true") -> str:
    return f"(sum({column}) filter ({condition}))::bigint"


def _money(column: str, condition: str = "true") -> str:
    return f"(sum({column}) filter ({condition}))::decimal(18,9)"


def _held(actual: str, guess: str) -> dict[str, str]:
    """How many good answers had an estimate, and how many stayed at or below its median and 90th percentile."""
    known = f"{GOOD} and {actual} is not null and {guess}_p50 is not null and {guess}_p90 is not null"
    return {
        f"{guess}_n": _count(known),
        **{f"{guess}_{share}": _count(f"{known} and {actual} <= {guess}_{share}") for share in ("p50", "p90")},
    }


TRAFFIC = Rollup(
    "traffic_hourly",
    plain("origin", "provider", "served_model"),
    {
        "calls": "count(*)",
        "turns": _count("attempt = 1"),
        "sent": _count(_SENT),
        "ok": _count(f"status = 'ok' and {_SENT}"),
        "failed": _count("status in ('error', 'interrupted')"),
        "cancelled": _count("status = 'cancelled'"),
        "refused": _count("status = 'refused'"),
        "cached": _count(_CACHED),
        "fallbacks": _count("hop > 0"),
        "retries": _count("retry > 0"),
        "uncounted": _count(f"status = 'ok' and {_SENT} and input_tokens is null"),
        "unpriced": UNPRICED,
        "untagged": _count("coalesce(len(tags), 0) = 0"),
        "truncated": _count("truncated_input"),
        "cut": _count("finish_reason in ('length', 'max_tokens')"),
        "input_tokens": _tokens("input_tokens"),
        "output_tokens": _tokens("output_tokens"),
        "cache_read_tokens": _tokens("cache_read_tokens"),
        "reasoning_tokens": _tokens("reasoning_tokens"),
        "cost_total": _money("cost_total"),
        "saved": _money("saved"),
        "wasted": _money("cost_total", f"{_BROKEN} or retry > 0 or list_contains(tags, 'regenerated')"),
        "fallback_cost": _money("cost_total", "hop > 0"),
        "priced": "count(cost_total)",
        "priced_sent": f"count(cost_total) filter (not {_CACHED})",
        "priced_tokens": _tokens("input_tokens + output_tokens", f"cost_total is not null and not {_CACHED}"),
        "priced_read_tokens": _tokens("cache_read_tokens", "cost_input is not null"),
        "priced_uncached_tokens": _tokens("uncached_input_tokens", "cost_input is not null"),
        "cost_input": _money("cost_input"),
        "cost_cache_read": _money("cost_cache_read"),
        "counted": _count(_COUNTED),
        "counted_input": _tokens("input_tokens", _COUNTED),
        "counted_output": _tokens("output_tokens", _COUNTED),
        "counted_cost": _money("cost_total", _COUNTED),
        "written": _count(_WRITTEN),
        "written_tokens": _tokens("output_tokens", _WRITTEN),
        **_held("cost_total", "estimate_cost"),
        **_held("total_s", "estimate_seconds"),
    },
)

_FACETS = {
    "model": "served_model",
    "provider": "provider",
    "team": "coalesce(team_id, '')",
    "user": "coalesce(user_id, '')",
    "assistant": "coalesce(assistant_id, '')",
    "prompt": "coalesce(prompt_id, '')",
    "tag": "tag",
    "door": "door",
    "status": "status",
    "error": "coalesce(error_kind, '')",
    "cache": "cache_state",
}
_TAGGED = (
    "(select started_at, origin, unnest(case when len(tags) > 0 then tags else [''] end) as tag"
    " from calls where {condition})"
)
_EACH_FACET = " union all ".join(
    f"(select {HOUR} as hour, origin, '{facet}' as facet, {sql} as value, count(*) as calls"
    f" from {_TAGGED if facet == 'tag' else 'calls where {condition}'} group by all)"
    for facet, sql in _FACETS.items()
)
FACETS = Rollup(
    "facets_hourly",
    {name: name for name in ("hour", "origin", "facet", "value")},
    {"calls": "sum(calls)::bigint"},
    f"({_EACH_FACET})",
)

MATCHES = Rollup(
    "matches_hourly",
    {**plain("origin", "provider", "served_model"), "match": "hash(match_id)"},
    {
        f"{name}{part}": f"{function}({sql})"
        for name, sql in (("ttft_s", "ttft_s"), ("total_s", "total_s"), ("tokens_per_s", TOKENS_PER_S))
        for part, function in (("", "sum"), ("_known", "count"))
    },
    f"(select * from calls where {{condition}} and match_id is not null and {GOOD})",
)

CONVERSATIONS = Rollup(
    "conversations_hourly",
    {**plain("origin"), "conversation": "hash(conversation_id)"},
    {"calls": "count(*)"},
    "(select * from calls where {condition} and conversation_id is not null)",
)
