"""What a call used and cost: the provider's figures where it gave them, a flagged estimate where it could not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.events import Usage
from core.ledger.facts import Call
from core.llm.answer import Answer
from core.llm.models import ModelInfo
from core.llm.pricebook import PriceBook
from core.llm.prices import Cost, cost_of
from core.llm.tokens import count_messages, count_text
from core.llm.usage import read_usage
from core.messages import Message


@dataclass(frozen=True, slots=True)
class Bill:
    """`call` with its tokens and money filled in. `doubt`: a sentence when the provider's figures were refused."""

    call: Call
    usage: Usage
    price_source: str | None
    doubt: str


class Billing:
    def __init__(self, book: PriceBook) -> None:
        self._book = book

    def of(self, call: Call, model: ModelInfo, messages: Sequence[Message], answer: Answer) -> Bill:
        reading = read_usage(answer.raw_usage)
        usage = reading.usage
        if usage.source == "none" and _consumed(call, answer):
            usage = estimated(model.id, messages, answer)
        elif usage.source == "provider" and answer.finish is None:
            usage = _completed(usage, estimated(model.id, messages, answer))
        price = self._book.price(model.id)
        cost = cost_of(usage, price, call.total_s)
        if price is not None and cost.total is not None:
            self._book.used(model.id, price)
        return Bill(
            _priced(_counted(call, usage), cost, price.version if price and cost.total is not None else None),
            usage,
            price.source if price and cost.total is not None else None,
            reading.doubt,
        )


def _consumed(call: Call, answer: Answer) -> bool:
    """Whether the provider has probably worked: it answered, or it was stopped while it did."""
    return call.status in ("ok", "cancelled") or answer.begun


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


def _counted(call: Call, usage: Usage) -> Call:
    return replace(
        call,
        input_tokens=usage.input_tokens,
        uncached_input_tokens=usage.uncached_input,
        cache_read_tokens=usage.cache_read,
        cache_write_5m_tokens=usage.cache_write_5m,
        cache_write_1h_tokens=usage.cache_write_1h,
        image_input_tokens=usage.image_input,
        audio_input_tokens=usage.audio_input,
        output_tokens=usage.output_tokens,
        visible_output_tokens=usage.visible_output,
        reasoning_tokens=usage.reasoning_output,
        audio_output_tokens=usage.audio_output,
        usage_source=usage.source,
    )


def _priced(call: Call, cost: Cost, version: str | None) -> Call:
    return replace(
        call,
        cost_input=cost.input,
        cost_cache_read=cost.cache_read,
        cost_cache_write=cost.cache_write,
        cost_output=cost.output,
        cost_reasoning=cost.reasoning,
        cost_total=cost.total,
        price_version=version,
    )
