"""The questions' verbs: every additive figure, said once, so that a total and its parts cannot disagree."""

from dataclasses import dataclass
from decimal import Decimal

from core.analytics.metrics import CACHED

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
    "cost": "sum(cost_total)",
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
COUNTS = tuple(name for name in MEASURES if name not in ("cost", "saved", "wasted", "fallback_cost"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """One period's figures. Money is None when no call in it has a price; `unpriced` says how many have none.

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
