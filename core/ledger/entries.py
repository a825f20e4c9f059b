"""A fact made ready for the journal on the thread that submits it: JSON once, messages named by their content."""

import hashlib
import re
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import orjson

from core.ledger.facts import (
    Audit,
    BudgetDecision,
    Call,
    CallEnded,
    CallStarted,
    Fact,
    Feedback,
    PriceLine,
    Repricing,
    Vote,
)
from core.ledger.lines import Kind
from core.ledger.masking import mask

Policy = Literal["full", "masked", "off"]
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
_SIMPLE = re.compile(r"[!-~]{1,64}").fullmatch
_CALL_FIELDS = tuple(item.name for item in fields(Call))
_call_values = attrgetter(*_CALL_FIELDS)
_LARGEST = 2**63 - 1


class Piece(NamedTuple):
    """One message or response as JSON, named by its content."""

    sha: str
    body: bytes


@dataclass(slots=True)
class Entry:
    """`head` is the fact's JSON without its payload; `request` the line that holds its messages."""

    kind: Kind
    id: str
    head: bytes
    origin: str = "live"
    at: datetime | None = None
    messages: tuple[Piece, ...] = ()
    response: Piece | None = None
    request: int | None = None
    span: int = 1
    size: int = 0
    future: "Future[int] | None" = field(default=None, repr=False)


def entry_of(fact: Fact, policy: Policy) -> Entry:
    """Never raises for a value inside a fact: what JSON cannot hold is written as the text nearest to it."""
    match fact:
        case CallStarted(call=call, payload=payload):
            entry = Entry(Kind.STARTED, name_of(call.call_id), _json(_known(call)), call.origin, call.started_at)
            entry.messages = _pieces(payload.request, policy)
        case CallEnded(call=call, payload=payload):
            entry = Entry(Kind.ENDED, name_of(call.call_id), _json(_known(call)), call.origin, call.started_at)
            entry.messages = _pieces(payload.request, policy)
            if payload.response is not None and policy != "off":
                entry.response = _piece(payload.response, policy)
        case Vote():
            entry = Entry(Kind.VOTE, name_of(fact.vote_id), _json(fact), fact.origin)
        case Feedback():
            entry = Entry(Kind.FEEDBACK, name_of(fact.feedback_id), _json(fact), fact.origin)
        case PriceLine():
            entry = Entry(Kind.PRICE, name_of(fact.price_id), _json(fact))
        case BudgetDecision():
            entry = Entry(Kind.BUDGET, name_of(fact.decision_id), _json(fact))
        case Audit():
            entry = Entry(Kind.AUDIT, name_of(fact.audit_id), _json(fact))
        case Repricing():
            entry = Entry(Kind.REPRICING, name_of(fact.repricing_id), _json(fact))
    entry.size = (
        len(entry.head)
        + sum(len(piece.body) for piece in entry.messages)
        + (len(entry.response.body) if entry.response else 0)
        + 200
    )
    return entry


def _known(call: Call) -> dict[str, object]:
    """What is known of a call: nearly half of its fields are NULL in most calls, and need no room in the journal."""
    return {name: value for name, value in zip(_CALL_FIELDS, _call_values(call), strict=True) if value is not None}


def name_of(identity: str) -> str:
    """An id as it stands in a line's head: itself when it is plain, else a hash of it."""
    return identity if _SIMPLE(identity) else digest(identity.encode("utf-8", "replace"))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _pieces(messages: tuple[Mapping[str, Any], ...], policy: Policy) -> tuple[Piece, ...]:
    return () if policy == "off" else tuple(_piece(message, policy) for message in messages)


def _piece(value: Mapping[str, Any], policy: Policy) -> Piece:
    body = _json(mask(dict(value)) if policy == "masked" else value)
    return Piece(digest(body), body)


def _json(value: object) -> bytes:
    try:
        return orjson.dumps(value, default=_plain, option=_OPTIONS)
    except (TypeError, ValueError, RecursionError):  # lone surrogates, integers beyond 64 bits, strange keys, cycles
        return orjson.dumps(_mended(value), default=str)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _mended(value: object, depth: int = 0) -> object:
    """`value` as something JSON can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return max(-_LARGEST, min(_LARGEST, value))
    if depth > 100:
        return "…"
    if isinstance(value, Mapping):
        return {str(_mended(str(key))): _mended(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(item, depth + 1) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: _mended(getattr(value, item.name), depth + 1) for item in fields(value)}  # type: ignore[arg-type]
    return value if hasattr(value, "isoformat") else _mended(str(value))


def money(text: str | None) -> Decimal | None:
    """A Decimal that fits DECIMAL(18,9), or None: an absurd figure from outside is unknown, not a reason to stop."""
    if text is None:
        return None
    try:
        value = Decimal(text)
        return value.quantize(_NANO) if value.is_finite() and abs(value) < _TOO_MUCH else None
    except InvalidOperation:
        return None


_NANO = Decimal("0.000000001")
_TOO_MUCH = Decimal("1e9")
