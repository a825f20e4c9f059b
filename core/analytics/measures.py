"""The questions' verbs: every additive figure, said once, so that a total and its parts cannot disagree."""

from dataclasses import dataclass
from decimal import Decimal

from core.analytics.metrics import CACHED, TIMED

SENT = f"(status <> 'refused' AND NOT {CACHED})"
UNPRICED = (
    "(cost_total IS NULL AND status <> 'refused' AND (status <> 'error' OR input_tokens IS NOT NULL"
    " OR output_tokens IS NOT NULL))"
)
"""No price is known although something was or may have been consumed: a failed call without any usage is not."""
REGENERATED = "regenerated"
"""The tag of an answer that was asked for again."""
WASTED = f"(status IN ('error', 'interrupted', 'cancelled') OR retry > 0 OR list_contains(tags, '{REGENERATED}'))"
FAILED = "status IN ('error', 'interrupted')"
CUT = "finish_reason IN ('length', 'max_tokens')"
MEASURES = {
    "calls": "count(*)",
    "turns": "count(*) FILTER (attempt = 1)",
    "sent": f"count(*) FILTER ({SENT})",
    "ok": f"count(*) FILTER (status = 'ok' AND {SENT})",
    "failed": f"count(*) FILTER ({FAILED})",
    "cancelled": "count(*) FILTER (status = 'cancelled')",
    "refused": "count(*) FILTER (status = 'refused')",
    "cached": f"count(*) FILTER ({CACHED})",
    "fallbacks": "count(*) FILTER (hop > 0)",
    "retries": "count(*) FILTER (retry > 0)",
    "input_tokens": "coalesce(sum(input_tokens), 0)::BIGINT",
    "output_tokens": "coalesce(sum(output_tokens), 0)::BIGINT",
    "cache_read_tokens": "coalesce(sum(cache_read_tokens), 0)::BIGINT",
    "reasoning_tokens": "coalesce(sum(reasoning_tokens), 0)::BIGINT",
    "uncounted": f"count(*) FILTER (status = 'ok' AND {SENT} AND input_tokens IS NULL)",
    "cost": f"CASE WHEN sum(cost_total) <> 0 OR count(*) FILTER ({UNPRICED}) = 0 THEN sum(cost_total) END",
    "unpriced": f"count(*) FILTER ({UNPRICED})",
    "saved": "sum(saved)",
    "wasted": f"sum(cost_total) FILTER ({WASTED})",
    "fallback_cost": "sum(cost_total) FILTER (hop > 0)",
}
SELDOM = {
    "untagged": "count(*) FILTER (coalesce(len(tags), 0) = 0)",
    "truncated": "count(*) FILTER (truncated_input)",
    "cut": f"count(*) FILTER ({CUT})",
}
"""Figures that are no part of a total."""
_COUNTED = f"{SENT} AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL AND cost_total IS NOT NULL"
_PRICED_SENT = f"cost_total IS NOT NULL AND NOT {CACHED}"
_WRITTEN = f"status = 'ok' AND {SENT} AND output_tokens > 0"
PRICED = {
    "priced": "count(cost_total)",
    "priced_sent": f"count(cost_total) FILTER (NOT {CACHED})",
    "priced_tokens": f"coalesce(sum(input_tokens + output_tokens) FILTER ({_PRICED_SENT}), 0)::BIGINT",
    "priced_read_tokens": "coalesce(sum(cache_read_tokens) FILTER (cost_input IS NOT NULL), 0)::BIGINT",
    "priced_uncached_tokens": "coalesce(sum(uncached_input_tokens) FILTER (cost_input IS NOT NULL), 0)::BIGINT",
    "cost_input": "sum(cost_input)",
    "cost_cache_read": "sum(cost_cache_read)",
    "counted": f"count(*) FILTER ({_COUNTED})",
    "counted_input": f"coalesce(sum(input_tokens) FILTER ({_COUNTED}), 0)::BIGINT",
    "counted_output": f"coalesce(sum(output_tokens) FILTER ({_COUNTED}), 0)::BIGINT",
    "counted_cost": f"sum(cost_total) FILTER ({_COUNTED})",
    "written": f"count(*) FILTER ({_WRITTEN})",
    "written_tokens": f"coalesce(sum(output_tokens) FILTER ({_WRITTEN}), 0)::BIGINT",
}
"""What prices are read from: calls with one, those with both token counts as well, and good answers of some length."""
ESTIMATED = {"money": ("cost_total", "estimate_cost"), "seconds": ("total_s", "estimate_seconds")}


def _held(actual: str, guess: str) -> dict[str, str]:
    known = f"{TIMED} AND {actual} IS NOT NULL AND {guess}_p50 IS NOT NULL AND {guess}_p90 IS NOT NULL"
    return {
        f"{guess}_n": f"count(*) FILTER ({known})",
        **{
            f"{guess}_{share}": f"count(*) FILTER ({known} AND {actual} <= {guess}_{share})" for share in ("p50", "p90")
        },
    }


ESTIMATES = {name: sql for pair in ESTIMATED.values() for name, sql in _held(*pair).items()}
"""Good answers with an estimate, and how many of them stayed at or below its median and 90th percentile."""
COUNTS = tuple(name for name in MEASURES if name not in ("cost", "saved", "wasted", "fallback_cost"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """One period's figures. Money is None when no call in it has a price; `unpriced` says how many have none. Free
    calls alone (failures, cache hits) say nothing of what unpriced ones beside them cost: `cost` is None then, too.

    `turns` are questions asked, `sent` are calls that reached a provider (no refusals, no cache hits), `failed` are
    errors and interruptions, `uncounted` are good answers whose provider reported no token counts.
    `wasted` is money for stopped, failed, interrupted and retried calls and for answers asked for again.
    """

    calls: int = 0
    turns: int = 0
    sent: int = 0
    ok: int = 0
    failed: int = 0
    cancelled: int = 0
    refused: int = 0
    cached: int = 0
    fallbacks: int = 0
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    reasoning_tokens: int = 0
    uncounted: int = 0
    cost: Decimal | None = None
    unpriced: int = 0
    saved: Decimal | None = None
    wasted: Decimal | None = None
    fallback_cost: Decimal | None = None
    users: int = 0

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def error_rate(self) -> float | None:
        """Failed calls among those sent; None when none was sent."""
        return self.failed / self.sent if self.sent else None

    @property
    def cost_per_turn(self) -> Decimal | None:
        return self.cost / self.turns if self.cost is not None and self.turns else None
