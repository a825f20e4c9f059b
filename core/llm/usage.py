"""The provider's own usage figures, normalised into disjoint buckets; what cannot be true is refused and marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.events import Usage

LARGEST = 100_000_000
"""No call known to the field comes near; a figure above it is a lie or a fault, and would poison every sum."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`doubt` says what was wrong with the figures, or is empty. With a doubt about a total there is no usage."""

    usage: Usage
    doubt: str = ""


def read_usage(raw: Mapping[str, Any] | None) -> Reading:
    """OpenAI-style totals include cached tokens, Anthropic's exclude them; the field names tell which is which."""
    reading = _read(raw) if raw else Reading(Usage())
    nothing = reading.usage.input_tokens is None and reading.usage.output_tokens is None
    return Reading(Usage(), reading.doubt) if nothing else reading


def _read(raw: Mapping[str, Any]) -> Reading:
    try:
        if "prompt_tokens" in raw or "completion_tokens" in raw:
            return _inclusive(raw, "prompt_tokens", "completion_tokens", "prompt", "completion")
        if "input_tokens_details" in raw or "output_tokens_details" in raw:
            return _inclusive(raw, "input_tokens", "output_tokens", "input", "output")
        if "input_tokens" in raw or "output_tokens" in raw:
            return _exclusive(raw)
        if "prompt_eval_count" in raw or "eval_count" in raw:
            figures = Usage(
                _count(raw, "prompt_eval_count"), visible_output=_count(raw, "eval_count"), source="provider"
            )
            return Reading(figures)
    except ImpossibleFigure as figure:
        return Reading(Usage(), f"The provider reported an impossible usage figure ({figure}); it was not used.")
    return Reading(Usage())


class ImpossibleFigure(ValueError):
    pass


def _count(raw: Mapping[str, Any], *names: str) -> int | None:
    """The first of `names` that is there. Raises ImpossibleFigure for what no token count can be."""
    for name in names:
        value = raw.get(name)
        if value is None:
            continue
        if value.__class__ is int and 0 <= value <= LARGEST:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value % 1:
            raise ImpossibleFigure(f"{name} = {str(value)[:40]}")
        if not 0 <= value <= LARGEST:
            raise ImpossibleFigure(f"{name} = {value:g}")
        return int(value)
    return None


def _details(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _inclusive(raw: Mapping[str, Any], total_in: str, total_out: str, input_: str, output: str) -> Reading:
    into, out = _details(raw, f"{input_}_tokens_details"), _details(raw, f"{output}_tokens_details")
    prompt, completion = _count(raw, total_in), _count(raw, total_out)
    read = _first(_count(into, "cached_tokens"), _count(raw, "cache_read_input_tokens", "prompt_cache_hit_tokens"))
    write_5m, write_1h = _writes(raw, into)
    image, audio = _count(into, "image_tokens"), _count(into, "audio_tokens")
    reasoning, spoken = _count(out, "reasoning_tokens"), _count(out, "audio_tokens")
    uncached, doubt_in = _rest(prompt, read, write_5m, write_1h, image, audio, name=total_in)
    visible, doubt_out = _rest(completion, reasoning, spoken, name=total_out)
    if doubt_in:
        uncached, read, write_5m, write_1h, image, audio = prompt, None, None, None, None, None
    if doubt_out:
        visible, reasoning, spoken = completion, None, None
    usage = Usage(uncached, read, write_5m, write_1h, image, audio, visible, reasoning, spoken, "provider")
    return Reading(usage, doubt_in or doubt_out)


def _exclusive(raw: Mapping[str, Any]) -> Reading:
    write_5m, write_1h = _writes(raw, {})
    out = _details(raw, "output_tokens_details")
    completion, reasoning = _count(raw, "output_tokens"), _count(out, "reasoning_tokens", "thinking_tokens")
    visible, doubt = _rest(completion, reasoning, name="output_tokens")
    if doubt:
        visible, reasoning = completion, None
    usage = Usage(
        _count(raw, "input_tokens"),
        _count(raw, "cache_read_input_tokens"),
        write_5m,
        write_1h,
        visible_output=visible,
        reasoning_output=reasoning,
        source="provider",
    )
    return Reading(usage, doubt)


def _writes(raw: Mapping[str, Any], into: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Cache writes for five minutes and for an hour; without a breakdown they are five-minute ones."""
    split = _details(raw, "cache_creation") or _details(into, "cache_creation_token_details")
    if split:
        return _count(split, "ephemeral_5m_input_tokens"), _count(split, "ephemeral_1h_input_tokens")
    found = _count(raw, "cache_creation_input_tokens")
    return (found if found is not None else _count(into, "cache_write_tokens", "cache_creation_tokens")), None


def _rest(total: int | None, *parts: int | None, name: str) -> tuple[int | None, str]:
    """What of `total` is none of the `parts`."""
    known = sum(part for part in parts if part is not None)
    if total is None:
        return None, ""
    if known > total:
        return None, f"The provider's {name} ({total}) is less than the sum of its parts ({known}); the total was used."
    return total - known, ""


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
