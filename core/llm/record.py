"""The one place where a call becomes a fact: before it leaves, and once it has ended, however it ended."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from operator import sub
from typing import Any, Protocol

from core.errors import LedgerError
from core.ledger.facts import Audit, Call, CallEnded, CallStarted, Fact, Payload
from core.ledger.ids import uuid7
from core.llm.answer import Answer
from core.messages import DocumentPart, ImagePart, Message, Parameters, Part, TextPart

_NONE_SET = Parameters()
Said = tuple[Mapping[str, Any], ...]
"""Messages as the ledger keeps them."""


class Ledger(Protocol):
    """What the service needs of core.ledger."""

    def submit(self, fact: Fact) -> "Future[int]":
        """Never blocks; the future resolves once the fact is on disk. Raises LedgerFull when it takes no more."""
        ...

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Raises QueryError."""
        ...


class Recorder:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def started(self, call: Call, request: Said) -> "Future[int]":
        """Raises LedgerFull: then the call must not be made."""
        return self._ledger.submit(CallStarted(call, Payload(request)))

    def ended(self, call: Call, request: Said, response: Mapping[str, Any] | None) -> "Future[int]":
        """Never raises: a refusal is the future's exception, since the call has already been made."""
        try:
            return self._ledger.submit(CallEnded(call, Payload(request, response)))
        except LedgerError as refusal:
            refused: Future[int] = Future()
            refused.set_exception(refusal)
            return refused

    def rested(self, deployment: str, seconds: float) -> None:
        """A deployment begins to rest after repeated failures; without a log, that is not remembered."""
        detail = {"seconds": seconds}
        with suppress(LedgerError):
            self._ledger.submit(
                Audit(audit_id=uuid7(), at=now(), user_id=None, action="cooldown", subject=deployment, detail=detail)
            )


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def said(messages: Sequence[Message]) -> Said:
    """Messages as the ledger keeps them: text and names, never the bytes of an image."""
    return tuple(_message(message) for message in messages)


def _message(message: Message) -> dict[str, Any]:
    plain: dict[str, Any] = {"role": message.role, "content": [_part(part) for part in message.parts]}
    if message.tool_calls:
        plain["tool_calls"] = [
            {"id": call.id, "name": call.name, "arguments": call.arguments} for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        plain["tool_call_id"] = message.tool_call_id
    return plain


def _part(part: Part) -> dict[str, Any]:
    match part:
        case TextPart(text):
            return {"type": "text", "text": text}
        case ImagePart():
            return {"type": "image", "sha256": part.sha256, "media_type": part.media_type, "name": part.name}
        case DocumentPart():
            return {
                "type": "document",
                "name": part.name,
                "sha256": part.sha256,
                "media_type": part.media_type,
                "text": part.text,
            }


def answered(answer: Answer) -> dict[str, Any]:
    """The response half of a call's payload."""
    return {
        "text": answer.text,
        "reasoning": answer.reasoning,
        "tool_calls": [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in answer.tool_calls],
        "usage_raw": dict(answer.raw_usage) if answer.raw_usage is not None else None,
        "finish_reason": answer.finish,
    }


def timings(answer: Answer, ended: float) -> dict[str, Any]:
    """What the answer and the clock tell of a call, by column. `ended` is a perf_counter moment."""
    gaps = sorted(map(sub, answer.stamps[1:], answer.stamps))
    return {
        "ended_at": now(),
        "http_status": answer.http_status,
        "finish_reason": answer.finish,
        "response_id": answer.response_id,
        "response_model": answer.response_model,
        "tool_calls": len(answer.tools),
        "connect_s": _since(answer.sent, answer.opened),
        "ttft_s": _since(answer.sent, answer.first),
        "gap_p50_s": _quantile(gaps, 0.5),
        "gap_p95_s": _quantile(gaps, 0.95),
        "gap_max_s": gaps[-1] if gaps else None,
        "total_s": ended - answer.sent,
    }


def _since(start: float, moment: float | None) -> float | None:
    return None if moment is None else moment - start


def _quantile(ordered: list[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def sent_parameters(parameters: Parameters) -> str | None:
    """Those that were set, as JSON; None when none was."""
    if parameters == _NONE_SET:
        return None
    found = {field.name: getattr(parameters, field.name) for field in fields(parameters)}
    found = {name: value for name, value in found.items() if value is not None and value != ()}
    return json.dumps(found, default=str) if found else None
