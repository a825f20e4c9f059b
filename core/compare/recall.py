"""Answers read back from the ledger: what a turn said, what it took and how it ended, from the rows of its calls."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from core.compare.records import Records
from core.events import AttemptReceipt, Notice, Receipt, Status, Step, TurnView, Usage
from core.llm.receipts import BUCKETS, FROM_CACHE, speed_of, total_cost, usage_over

CUT = "The platform was stopped while this answered; ask again."
NOT_KEPT = "The text of this answer was not kept."
PROMPT_CUT = "The server left out a part of the prompt."
_STATUS: Mapping[str, Status] = {"ok": "ok", "cancelled": "cancelled", "refused": "refused"}
_COLUMNS = (
    "call_id", "served_model", "provider", "status", "hop", "retry", "error_kind", "error_text", "http_status",
    "ttft_s", "total_s", "cost_total", "requested_model", "started_at", "ended_at", "finish_reason", "cache_state",
    "usage_source", "price_version", "truncated_input", "queue_s",
    "uncached_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
    "image_input_tokens", "audio_input_tokens", "visible_output_tokens", "reasoning_tokens", "audio_output_tokens",
)  # fmt: skip


def recalled(records: Records, turn_id: str, model: str) -> TurnView:
    """The turn as it ended. One that left no row was stopped before it was asked."""
    found = records.calls_of(turn_id, _COLUMNS)
    if not found:
        return TurnView(turn_id, "cancelled", model, error="Stopped before it was asked.")
    last = found[-1]
    status = _STATUS.get(last["status"], "error")
    error = CUT if last["status"] == "interrupted" else last["error_text"] if status != "ok" else None
    text, reasoning, steps = _said(records, found)
    if status == "ok" and not text and records.response(last["call_id"]) is None:
        error = NOT_KEPT
    return TurnView(
        turn_id,
        status,
        last["served_model"],
        text,
        reasoning,
        steps,
        notices=(Notice("truncated", PROMPT_CUT),) if any(call["truncated_input"] for call in found) else (),
        receipt=_receipt(records, turn_id, status, found),
        error=error,
        error_kind=last["error_kind"],
    )


def _said(records: Records, found: Sequence[Mapping[str, Any]]) -> tuple[str, str, tuple[Step, ...]]:
    """Text and reasoning over all rounds of tools, as far as they were kept, and the tools' results."""
    heard = [records.response(call["call_id"]) or {} for call in found if call["status"] == "ok" or call is found[-1]]
    texts = [str(one.get("text") or "") for one in heard]
    reasonings = [str(one.get("reasoning") or "") for one in heard]
    results = {
        str(message.get("tool_call_id")): "".join(str(part.get("text") or "") for part in message.get("content") or ())
        for message in records.question(found[-1]["call_id"])
        if message.get("role") == "tool"
    }
    steps = tuple(
        Step(call["id"], call["name"], call["arguments"], results.get(call["id"]))
        for one in heard
        for call in one.get("tool_calls") or ()
    )
    return "\n\n".join(filter(None, texts)), "".join(reasonings), steps


def _receipt(records: Records, turn_id: str, status: Status, found: Sequence[Mapping[str, Any]]) -> Receipt:
    calls = [_attempt(call) for call in found]
    cost = total_cost(calls)
    served = next((call for call in reversed(calls) if call.status == "ok"), None)
    last, end = served or calls[-1], found[-1]
    return Receipt(
        turn_id,
        status,
        end["requested_model"],
        last.model if served else None,
        last.provider,
        tuple(calls),
        usage_over(calls),
        cost,
        _price_source(records, found) if cost is not None else None,
        last.ttft_s,
        _seconds(found) or last.total_s,
        speed_of(last),
        end["finish_reason"],
        end["cache_state"],
        queue_s=found[0]["queue_s"],
    )


def _price_source(records: Records, found: Sequence[Mapping[str, Any]]) -> str | None:
    if found[-1]["cache_state"] in ("exact", "semantic"):
        return FROM_CACHE
    lines = [call["price_version"] for call in found if call["price_version"]]
    return records.price_source(lines[-1]) if lines else None


def _attempt(call: Mapping[str, Any]) -> AttemptReceipt:
    columns = [name for name in _COLUMNS if name.endswith("_tokens")]
    buckets = {bucket: call[column] for bucket, column in zip(BUCKETS, columns, strict=True)}
    return AttemptReceipt(
        call["call_id"],
        call["served_model"],
        call["provider"],
        call["status"],
        call["hop"],
        call["retry"],
        call["error_kind"],
        call["error_text"],
        call["http_status"],
        call["ttft_s"],
        call["total_s"] or 0.0,
        Usage(**buckets, source=call["usage_source"]),
        call["cost_total"],
    )


def _seconds(found: Sequence[Mapping[str, Any]]) -> float | None:
    """As a receipt counts: of one call what its row says, of several from the first's leaving to the last's end."""
    if len(found) == 1:
        return cast("float | None", found[0]["total_s"])
    start, end = found[0]["started_at"], found[-1]["ended_at"]
    return float((end - start).total_seconds()) if start and end else None
