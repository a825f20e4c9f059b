"""What the ledger holds: facts, immutable once written; each field's note is its line in docs/ledger.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to one provider, however it ended. Times are naive UTC; seconds are from a monotonic clock."""

    call_id: Annotated[str, "UUIDv7 of this call"]
    turn_id: Annotated[str, "UUIDv7 of the question it belongs to"]
    started_at: Annotated[datetime, "UTC, when the request left"]
    ended_at: Annotated[datetime | None, "UTC, when it ended"] = None
    operation: Annotated[str, "OpenTelemetry gen_ai.operation.name: chat or embeddings"] = "chat"
    origin: Annotated[str, "live, sample or import"] = "live"

    # who and where
    door: Annotated[str, "chat, playground, experiment, judge, test or api"] = "api"
    user_id: Annotated[str | None, "who asked"] = None
    team_id: Annotated[str | None, "their team"] = None
    assistant_id: Annotated[str | None, "assistant, from the workspace"] = None
    assistant_version: Annotated[int | None, "its version at that time"] = None
    prompt_id: Annotated[str | None, "prompt template, from the workspace"] = None
    prompt_version: Annotated[int | None, "its version at that time"] = None
    conversation_id: Annotated[str | None, "gen_ai.conversation.id"] = None
    match_id: Annotated[str | None, "side-by-side comparison it was a pane of"] = None
    experiment_id: Annotated[str | None, "experiment it was a cell of"] = None
    tags: Annotated[tuple[str, ...], "free labels"] = ()

    # which try
    attempt: Annotated[int, "1 for the first call of the turn, counting every call"] = 1
    hop: Annotated[int, "0 for the model asked for, 1 for the first fallback, and so on"] = 0
    retry: Annotated[int, "0 for the first try on this hop and round"] = 0
    round: Annotated[int, "0 for the first question, 1 after the first tool results, and so on"] = 0

    # which model
    requested_model: Annotated[str, "catalogue id the turn asked for"] = ""
    served_model: Annotated[str, "catalogue id this call was sent to"] = ""
    response_model: Annotated[str | None, "gen_ai.response.model: the name the provider answered with"] = None
    provider: Annotated[str, "gen_ai.provider.name"] = ""
    deployment: Annotated[str | None, "host and port that was asked, without path or key"] = None
    wire: Annotated[str, "direct, general, or cache"] = "general"
    stream: Annotated[bool, "whether a stream was asked for"] = True

    # how it ended
    status: Annotated[str, "ok, error, cancelled, interrupted or refused"] = "ok"
    error_kind: Annotated[str | None, "the error tree's word, NULL when ok"] = None
    error_text: Annotated[str | None, "one sentence, redacted"] = None
    http_status: Annotated[int | None, "the provider's status code"] = None
    finish_reason: Annotated[str | None, "gen_ai.response.finish_reasons, as the provider said it"] = None
    response_id: Annotated[str | None, "gen_ai.response.id"] = None

    # tokens, disjoint buckets; NULL is unknown
    input_tokens: Annotated[int | None, "all input, the sum of the input buckets"] = None
    uncached_input_tokens: Annotated[int | None, "input that was neither read from nor written to a cache"] = None
    cache_read_tokens: Annotated[int | None, "input read from the provider's cache"] = None
    cache_write_5m_tokens: Annotated[int | None, "input written to the provider's 5-minute cache"] = None
    cache_write_1h_tokens: Annotated[int | None, "input written to the provider's 1-hour cache"] = None
    image_input_tokens: Annotated[int | None, "image input, where reported apart"] = None
    audio_input_tokens: Annotated[int | None, "audio input, where reported apart"] = None
    output_tokens: Annotated[int | None, "all output, the sum of the output buckets"] = None
    visible_output_tokens: Annotated[int | None, "output that a person sees"] = None
    reasoning_tokens: Annotated[int | None, "output spent on reasoning"] = None
    audio_output_tokens: Annotated[int | None, "audio output"] = None
    usage_source: Annotated[str, "provider, estimated or none"] = "none"

    # money, US dollars; NULL is unpriced, never free
    cost_input: Annotated[Decimal | None, "uncached, image and audio input"] = None
    cost_cache_read: Annotated[Decimal | None, "cache reads"] = None
    cost_cache_write: Annotated[Decimal | None, "cache writes"] = None
    cost_output: Annotated[Decimal | None, "visible and audio output"] = None
    cost_reasoning: Annotated[Decimal | None, "reasoning output"] = None
    cost_total: Annotated[Decimal | None, "the sum of the parts"] = None
    price_version: Annotated[str | None, "line of the price book that priced it"] = None
    saved: Annotated[Decimal | None, "what a cache hit would have cost"] = None

    # what was foretold
    estimate_cost_p50: Annotated[Decimal | None, "estimated cost, median"] = None
    estimate_cost_p90: Annotated[Decimal | None, "estimated cost, 90th percentile"] = None
    estimate_seconds_p50: Annotated[float | None, "estimated seconds, median"] = None
    estimate_seconds_p90: Annotated[float | None, "estimated seconds, 90th percentile"] = None

    # this platform's own cache
    cache_state: Annotated[str, "off, miss, exact or semantic"] = "off"
    cache_similarity: Annotated[float | None, "cosine similarity of a semantic hit"] = None

    # seconds; NULL is not measured
    queue_s: Annotated[float | None, "waited for a place before sending"] = None
    overhead_s: Annotated[float | None, "this platform's own time"] = None
    connect_s: Annotated[float | None, "to response headers"] = None
    ttft_s: Annotated[float | None, "time to first token, from sending"] = None
    gap_p50_s: Annotated[float | None, "between tokens, median"] = None
    gap_p95_s: Annotated[float | None, "between tokens, 95th percentile"] = None
    gap_max_s: Annotated[float | None, "between tokens, largest"] = None
    total_s: Annotated[float | None, "from sending to the end"] = None

    # shape of the request
    tools_offered: Annotated[int, "how many tools the model could call"] = 0
    tool_calls: Annotated[int, "how many it called"] = 0
    temperature: Annotated[float | None, "gen_ai.request.temperature"] = None
    max_tokens: Annotated[int | None, "gen_ai.request.max_tokens"] = None
    parameters: Annotated[str | None, "all parameters sent, JSON"] = None
    context_window: Annotated[int | None, "the model's context, tokens, when known"] = None
    truncated_input: Annotated[bool | None, "true when the server silently cut the prompt"] = None


@dataclass(frozen=True, slots=True)
class Payload:
    """What was said in one call: the request's messages, each stored once by content, and the response.

    `request`: JSON-ready messages in order; a shared history costs one row. `response`: text, reasoning, tool calls,
    raw usage and whatever else explains the call, JSON-ready.
    """

    request: tuple[Mapping[str, Any], ...] = ()
    response: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Written before the request leaves; a call with no CallEnded becomes `interrupted` at the next start."""

    call: Call
    payload: Payload = Payload()


@dataclass(frozen=True, slots=True)
class CallEnded:
    call: Call
    payload: Payload = Payload()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One judgement in a comparison. `winner`: pane key, "tie" or "bad"."""

    vote_id: str
    match_id: str
    at: datetime
    user_id: str | None
    winner: str
    panes: tuple[str, ...]
    """What stood in each pane, left to right: catalogue id, or assistant@version."""
    call_ids: tuple[str, ...] = ()
    blind: bool = True
    fair: bool = True
    reason: str | None = None
    tags: tuple[str, ...] = ()
    judge: str | None = None
    """Catalogue id when a model judged, None for a person."""
    origin: str = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Thumbs on an answer: value 1 or -1, 0 takes it back. The newest by turn and user counts."""

    feedback_id: str
    turn_id: str
    at: datetime
    user_id: str | None
    value: int
    note: str | None = None
    origin: str = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One line of the price book: unit prices in US dollars per token, per bucket, from a moment on."""

    price_id: str
    model: str
    """Catalogue id or a pattern with * at its end."""
    effective_from: datetime
    source: str
    """litellm 1.105.3, own price, or local."""
    prices: Mapping[str, str]
    """Bucket -> decimal text; keys as in Usage, and `bucket_above_N` for a tier."""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetDecision:
    """A budget's word on a call: allowed, warned, degraded or refused."""

    decision_id: str
    at: datetime
    budget_id: str
    turn_id: str | None
    decision: str
    reserved: Decimal | None
    spent: Decimal | None
    limit_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Who changed what: assistants, prices, budgets, keys (never the key itself), sample data, alarms."""

    audit_id: str
    at: datetime
    user_id: str | None
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepricedCall:
    """What one call costs by the price line `price_version`; the parts as in Call."""

    call_id: str
    cost_input: Decimal | None
    cost_cache_read: Decimal | None
    cost_cache_write: Decimal | None
    cost_output: Decimal | None
    cost_reasoning: Decimal | None
    cost_total: Decimal | None
    price_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repricing:
    """Calls that were priced anew. Saying the same twice changes nothing."""

    repricing_id: str
    at: datetime
    user_id: str | None
    calls: tuple[RepricedCall, ...]


Fact = CallStarted | CallEnded | Vote | Feedback | PriceLine | BudgetDecision | Audit | Repricing
