"""The figures again, in plain Python from the calls themselves: what the tests hold the product's answers against."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.analytics.filters import Filters
from core.analytics.zones import Grain
from core.ledger.facts import Call


def kept(call: Call, filters: Filters) -> bool:
    return (
        (filters.since is None or call.started_at >= filters.since)
        and (filters.until is None or call.started_at < filters.until)
        and filters.origin in ("all", call.origin)
        and (not filters.models or call.served_model in filters.models)
        and (not filters.providers or call.provider in filters.providers)
        and (not filters.users or (call.user_id or "") in filters.users)
        and (not filters.teams or (call.team_id or "") in filters.teams)
        and (not filters.doors or call.door in filters.doors)
        and (not filters.statuses or call.status in filters.statuses)
        and (not filters.errors or call.error_kind in filters.errors)
        and (not filters.caches or call.cache_state in filters.caches)
        and (not filters.assistants or f"{call.assistant_id}@{call.assistant_version}" in filters.assistants)
        and (not filters.tags or any(tag in filters.tags for tag in call.tags or ("",)))
    )


def cached(call: Call) -> bool:
    return call.cache_state in ("exact", "semantic")


def sent(call: Call) -> bool:
    return call.status != "refused" and not cached(call)


def unpriced(call: Call) -> bool:
    used = call.input_tokens is not None or call.output_tokens is not None
    return call.cost_total is None and call.status != "refused" and (call.status != "error" or used)


def added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount.quantize(Decimal("1e-9")) for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def spent(calls: list[Call]) -> Decimal | None:
    """Calls that cost nothing say nothing of what the unpriced ones beside them cost."""
    total = added(call.cost_total for call in calls)
    return None if total == 0 and any(map(unpriced, calls)) else total


FIGURES: dict[str, Callable[[list[Call]], object]] = {
    "calls": len,
    "turns": lambda calls: sum(call.attempt == 1 for call in calls),
    "sent": lambda calls: sum(map(sent, calls)),
    "ok": lambda calls: sum(call.status == "ok" and sent(call) for call in calls),
    "uncounted": lambda calls: sum(call.status == "ok" and sent(call) and call.input_tokens is None for call in calls),
    "reasoning_tokens": lambda calls: sum(call.reasoning_tokens or 0 for call in calls),
    "fallback_cost": lambda calls: added(call.cost_total for call in calls if call.hop > 0),
    "failed": lambda calls: sum(call.status in ("error", "interrupted") for call in calls),
    "cancelled": lambda calls: sum(call.status == "cancelled" for call in calls),
    "refused": lambda calls: sum(call.status == "refused" for call in calls),
    "cached": lambda calls: sum(map(cached, calls)),
    "fallbacks": lambda calls: sum(call.hop > 0 for call in calls),
    "retries": lambda calls: sum(call.retry > 0 for call in calls),
    "input_tokens": lambda calls: sum(call.input_tokens or 0 for call in calls),
    "output_tokens": lambda calls: sum(call.output_tokens or 0 for call in calls),
    "cache_read_tokens": lambda calls: sum(call.cache_read_tokens or 0 for call in calls),
    "cost": spent,
    "unpriced": lambda calls: sum(map(unpriced, calls)),
    "saved": lambda calls: added(call.saved for call in calls),
    "wasted": lambda calls: added(
        call.cost_total
        for call in calls
        if call.status in ("error", "interrupted", "cancelled") or call.retry > 0 or "regenerated" in call.tags
    ),
    "users": lambda calls: len({call.user_id for call in calls if call.user_id}),
}


def wall(moment: datetime, zone: str, grain: Grain) -> datetime:
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if grain == "hour":
        return local.replace(minute=0, second=0, microsecond=0)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[grain]


def alike(found: object, expected: object) -> bool:
    if expected is None:
        return found is None or found != found
    return float(found) == pytest.approx(float(expected), rel=1e-9, abs=1e-12)  # type: ignore[arg-type]
