"""What a turn came to, over all its calls."""

from decimal import Decimal
from time import monotonic

from core.events import AttemptReceipt, Receipt, Status, Usage
from core.ledger.facts import Call
from core.llm.run import Run

FROM_CACHE = "from cache"
"""Price source of an answer that was paid for earlier."""

BUCKETS = (
    "uncached_input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "image_input",
    "audio_input",
    "visible_output",
    "reasoning_output",
    "audio_output",
)


def attempt_receipt(call: Call, usage: Usage) -> AttemptReceipt:
    return AttemptReceipt(
        call.call_id,
        call.served_model,
        call.provider,
        call.status,
        call.hop,
        call.retry,
        call.error_kind,
        call.error_text,
        call.http_status,
        call.ttft_s,
        call.total_s or 0.0,
        usage,
        call.cost_total,
    )


def receipt_of(run: Run, status: Status) -> Receipt:
    served = next((call for call in reversed(run.receipts) if call.status == "ok"), None)
    last = served or (run.receipts[-1] if run.receipts else None)
    usage = usage_over(run.receipts)
    cost = total_cost(run.receipts)
    return Receipt(
        run.turn.id,
        status,
        run.asked,
        last.model if last and (served or (run.answer and run.answer.begun)) else None,
        last.provider if last else None,
        tuple(run.receipts),
        usage,
        cost,
        run.price_source if cost is not None else None,
        last.ttft_s if last else None,
        _seconds(run),
        speed_of(last),
        run.answer.finish if run.answer else None,
        run.cache_state,
        run.cache_similarity,
        run.saved,
        run.turn.sent_s,
        run.logged,
    )


def _seconds(run: Run) -> float:
    """What the answer took once it was asked for; a turn that asked nobody took what it waited."""
    if not run.receipts or run.turn.sent_at is None:
        return monotonic() - run.turn.started
    return run.receipts[0].total_s if len(run.receipts) == 1 else run.ended - run.turn.sent_at


def total_cost(calls: list[AttemptReceipt]) -> Decimal | None:
    """None when any call with usage has no price, and when no call had any usage. A cache hit cost nothing."""
    used = [call for call in calls if call.usage.source != "none" or call.cost is not None]
    if not used or any(call.cost is None for call in used):
        return None
    return sum((call.cost for call in used if call.cost is not None), Decimal(0))


def usage_over(calls: list[AttemptReceipt]) -> Usage:
    """Each bucket summed over the calls that know it."""
    known = [call.usage for call in calls if call.usage.source != "none"]
    if len(known) < 2:
        return known[0] if known else Usage()
    totals = {
        bucket: sum(values) if (values := [v for u in known if (v := getattr(u, bucket)) is not None]) else None
        for bucket in BUCKETS
    }
    source = "provider" if all(usage.source == "provider" for usage in known) else "estimated"
    return Usage(**totals, source=source)  # type: ignore[arg-type]


def speed_of(call: AttemptReceipt | None) -> float | None:
    """Output tokens per second between the first token and the end."""
    if call is None or call.ttft_s is None or not call.usage.output_tokens:
        return None
    seconds = call.total_s - call.ttft_s
    return call.usage.output_tokens / seconds if seconds > 0.001 else None
