"""What a call used and cost: the provider's figures where it gave them, a flagged estimate where it could not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import CancelledError, ModelError
from core.events import Usage
from core.llm.answer import Answer
from core.llm.models import ModelInfo
from core.llm.pricebook import PriceBook
from core.llm.prices import Cost, cost_of, special_tier
from core.llm.tokens import count_messages, count_text
from core.llm.usage import read_usage
from core.messages import Message

CUT = 0.8
"""A server that reads less than this share of what was sent has probably cut it; counts differ by less."""
NOTICEABLE = 1_000
"""Tokens below which a difference says nothing, because counts are approximate."""


@dataclass(frozen=True, slots=True)
class Bill:
    """`columns`: tokens and money of the row. `doubts`: sentences about figures that were refused or look wrong.
    `cut`: a sentence when the server left out a part of the prompt."""

    columns: Mapping[str, Any]
    usage: Usage
    price_source: str | None
    doubts: tuple[str, ...]
    cut: str = ""


class Billing:
    def __init__(self, book: PriceBook) -> None:
        self._book = book

    def of(
        self,
        error: ModelError | None,
        seconds: float,
        model: ModelInfo,
        messages: Sequence[Message],
        answer: Answer,
    ) -> Bill:
        """The bill of a call that ended; `error` None when it ended well."""
        reading = read_usage(answer.raw_usage)
        usage, doubts = reading.usage, [reading.doubt] if reading.doubt else []
        if usage.source == "none" and _consumed(error, answer):
            usage = estimated(model.id, messages, answer)
        elif usage.source == "provider" and answer.finish is None:
            usage = _completed(usage, estimated(model.id, messages, answer))
        cut = _cut(model, usage, messages)
        tier = special_tier(answer.tier)
        price = self._book.price(model.id, tier=tier)
        if price is None and tier and self._book.price(model.id) is not None:
            doubts.append(f"{model.id} was served in the tier {tier!r}, whose price is not known; it stays unpriced.")
        cost = cost_of(usage, price, seconds)
        priced = price is not None and cost.total is not None
        if price is not None and priced:
            self._book.used(model.id, price)
        columns = _tokens(usage) | _money(cost) | {"truncated_input": cut}
        unpriced = f"none, tier {tier}" if tier else None
        columns["price_version"] = price.version if price is not None and priced else unpriced
        source = price.source if price is not None and priced else None
        return Bill(columns, usage, source, tuple(doubts), _told(model, usage, messages) if cut else "")


def _consumed(error: ModelError | None, answer: Answer) -> bool:
    """Whether the provider has probably worked: it answered, or it was stopped while it did."""
    return error is None or isinstance(error, CancelledError) or answer.begun


def _cut(model: ModelInfo, usage: Usage, messages: Sequence[Message]) -> bool | None:
    """True when a local server silently cut the prompt; None where that cannot be told."""
    if not model.local or model.simulated or usage.source != "provider" or usage.input_tokens is None:
        return None
    sent = count_messages(model.id, messages).tokens
    return usage.input_tokens < CUT * sent and sent - usage.input_tokens > NOTICEABLE


def _told(model: ModelInfo, usage: Usage, messages: Sequence[Message]) -> str:
    sent = count_messages(model.id, messages).tokens
    return (
        f"{model.id} read only {usage.input_tokens:,} tokens of about {sent:,} that were sent: its server cut "
        "the prompt. Raise its context length or shorten the conversation."
    )


def estimated(model: str, messages: Sequence[Message], answer: Answer) -> Usage:
    visible = count_text(model, answer.text).tokens
    visible += sum(count_text(model, call.name + call.arguments).tokens for call in answer.tool_calls)
    return Usage(
        uncached_input=count_messages(model, messages).tokens,
        visible_output=visible,
        reasoning_output=count_text(model, answer.reasoning).tokens if answer.reasonings else None,
        source="estimated",
    )


def _completed(reported: Usage, guessed: Usage) -> Usage:
    """A stream that was cut told its input, and of its output only what it had counted when it began."""
    if (reported.output_tokens or 0) >= (guessed.output_tokens or 0):
        return replace(reported, source="estimated")
    return replace(
        reported,
        visible_output=guessed.visible_output,
        reasoning_output=guessed.reasoning_output,
        source="estimated",
    )


def _tokens(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "uncached_input_tokens": usage.uncached_input,
        "cache_read_tokens": usage.cache_read,
        "cache_write_5m_tokens": usage.cache_write_5m,
        "cache_write_1h_tokens": usage.cache_write_1h,
        "image_input_tokens": usage.image_input,
        "audio_input_tokens": usage.audio_input,
        "output_tokens": usage.output_tokens,
        "visible_output_tokens": usage.visible_output,
        "reasoning_tokens": usage.reasoning_output,
        "audio_output_tokens": usage.audio_output,
        "usage_source": usage.source,
    }


def _money(cost: Cost) -> dict[str, Any]:
    return {
        "cost_input": cost.input,
        "cost_cache_read": cost.cache_read,
        "cost_cache_write": cost.cache_write,
        "cost_output": cost.output,
        "cost_reasoning": cost.reasoning,
        "cost_total": cost.total,
    }
