"""What a turn emits while it runs, and the receipt that ends it; both doors consume these and know no provider."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Status = Literal["running", "ok", "error", "cancelled", "refused"]
"""A turn's state. A ledger row has the same words, and "interrupted" for a call whose process died."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    id: str
    name: str
    arguments: str
    needs_approval: bool = False


@dataclass(frozen=True, slots=True)
class ToolEnded:
    id: str
    name: str
    result: str
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know: kind is retry, fallback, cache, estimate, truncated, schema,
    limit, or choice: why a model was chosen for it."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Disjoint buckets in tokens. None is unknown, never zero. `source`: provider, estimated or none.

    input_tokens = uncached_input + cache_read + cache_write_5m + cache_write_1h + image_input + audio_input
    output_tokens = visible_output + reasoning_output + audio_output
    """

    uncached_input: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    image_input: int | None = None
    audio_input: int | None = None
    visible_output: int | None = None
    reasoning_output: int | None = None
    audio_output: int | None = None
    source: Literal["provider", "estimated", "none"] = "none"

    @property
    def input_tokens(self) -> int | None:
        return _total(
            self.uncached_input,
            self.cache_read,
            self.cache_write_5m,
            self.cache_write_1h,
            self.image_input,
            self.audio_input,
        )

    @property
    def output_tokens(self) -> int | None:
        return _total(self.visible_output, self.reasoning_output, self.audio_output)


def _total(*buckets: int | None) -> int | None:
    known = [bucket for bucket in buckets if bucket is not None]
    return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class AttemptReceipt:
    """One call as its ledger row tells it."""

    call_id: str
    model: str
    provider: str
    status: str
    hop: int
    retry: int
    error_kind: str | None
    error_text: str | None
    http_status: int | None
    ttft_s: float | None
    total_s: float
    usage: Usage
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a turn was and cost, over all its calls; emitted once those rows are on disk.

    `cost` is the sum over the attempts, None when any of them with usage has no price. `total_s` is from the first
    call's leaving to the last one's end, pauses and tools between them included; of one call, what its row says.
    """

    turn_id: str
    status: Status
    requested_model: str
    served_model: str | None
    provider: str | None
    attempts: tuple[AttemptReceipt, ...]
    usage: Usage
    cost: Decimal | None
    price_source: str | None
    """Which price book line priced it, in words: "price book 2026-11-01", "own price", "local, free", or None."""
    ttft_s: float | None
    total_s: float
    tokens_per_s: float | None
    finish_reason: str | None
    cache_state: str = "off"
    cache_similarity: float | None = None
    saved: Decimal | None = None
    queue_s: float | None = None
    """Seconds it waited here before its first call left, in no other figure; None when none did."""
    logged: bool = True
    """False when the journal could not be written: the row is kept in memory, and the page says so."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event. `error` is one sentence for a person; `error_kind` the ledger's word."""

    status: Status
    receipt: Receipt | None
    error: str | None = None
    error_kind: str | None = None


Event = TextDelta | ReasoningDelta | ToolStarted | ToolEnded | Notice | Ended


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call with its result, as a page shows it; `result` None while it runs."""

    id: str
    name: str
    arguments: str
    result: str | None = None
    seconds: float | None = None
    error: str | None = None
    needs_approval: bool = False


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn at one moment: all that a page needs to draw it."""

    turn_id: str
    status: Status
    model: str
    text: str = ""
    reasoning: str = ""
    steps: tuple[Step, ...] = ()
    notices: tuple[Notice, ...] = ()
    receipt: Receipt | None = None
    error: str | None = None
    error_kind: str | None = None
    seconds: float = 0.0
    first_s: float | None = None
    """From the start of the turn to its first text or reasoning."""
    sent_s: float | None = None
    """From the start of the turn to its first call's leaving: until then the platform itself makes it wait."""
