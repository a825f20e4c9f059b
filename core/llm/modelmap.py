"""LiteLLM's pinned map of models, read as data: prices, contexts and abilities, without importing LiteLLM."""

import importlib.metadata
import importlib.util
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from core.llm.prices import Price

FILE = "model_prices_and_context_window_backup.json"
KEPT = re.compile(r"cost|^max_|^supports_|^litellm_provider$|^mode$|^tiered_pricing$|^deprecation_date$")
TIER = re.compile(r"^(\w+_cost(?:_per_token|_per_reasoning_token|_above_1hr)?)_above_(\d+)k_tokens$")
BUCKETS: Mapping[str, str] = {
    "input_cost_per_token": "uncached_input",
    "cache_read_input_token_cost": "cache_read",
    "input_cost_per_token_cache_hit": "cache_read",
    "cache_creation_input_token_cost": "cache_write_5m",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_image_token": "image_input",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_token": "visible_output",
    "output_cost_per_reasoning_token": "reasoning_output",
    "output_cost_per_audio_token": "audio_output",
}
SAME_AS = {"image_input": "uncached_input", "reasoning_output": "visible_output"}
"""Buckets that cost what another costs, unless the map says otherwise."""
ABILITIES = {
    "supports_function_calling": "tools",
    "supports_vision": "images",
    "supports_response_schema": "json_schema",
    "supports_reasoning": "reasoning",
}
Entry = Mapping[str, Any]


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Every model of the map by LiteLLM's name for it; empty when the package does not carry one."""
    package = importlib.util.find_spec("litellm")
    file = Path(package.origin).with_name(FILE) if package is not None and package.origin else None
    if file is None or not file.is_file():
        return {}
    raw = orjson.loads(file.read_bytes())
    raw.pop("sample_spec", None)
    wanted = {key: bool(KEPT.search(key)) for entry in raw.values() for key in entry}
    return {name: {key: value for key, value in entry.items() if wanted[key]} for name, entry in raw.items()}


@lru_cache(maxsize=1)
def source() -> str:
    return f"litellm {importlib.metadata.version('litellm')}"


def find(provider: str, model: str) -> tuple[str, Entry] | None:
    """The map's name and entry for a provider's model; a fine-tuned model counts as its base, as LiteLLM has it."""
    known = entries()
    names = [f"{provider}/{model}", model]
    if model.startswith("ft:"):
        names = [":".join(model.split(":")[:2])]
    for name in names:
        entry = known.get(name)
        if entry is not None and (name != model or str(entry.get("litellm_provider", "")).startswith(provider)):
            return name, entry
    return None


def of_provider(provider: str) -> list[str]:
    """Names of the provider's chat models that are worth listing, without those for sound, search and research."""
    odd = re.compile(
        r"audio|realtime|search|research|transcribe|tts|container|computer-use|^ft:|/|preview-20|moderation"
    )
    return sorted(
        name
        for name, entry in entries().items()
        if entry.get("litellm_provider") == provider and entry.get("mode") == "chat" and not odd.search(name)
    )


def price(provider: str, model: str, tier: str = "") -> Price | None:
    """Unit prices, or None when the map has none for this model, or none of its own for this class of service."""
    found = find(provider, model)
    if found is None:
        return None
    name, entry = found
    if tier:
        entry = _of_tier(entry, tier)
        name = f"{name}, tier {tier}"
    base, tiers = _buckets(entry), _tiers(entry)
    if "uncached_input" not in base and not tiers:
        return None
    return Price(f"{source()}: {name}", f"price book of {source()}", base, tiers)


def _of_tier(entry: Entry, tier: str) -> Entry:
    """Only what the map says of this class of service: a usual price in its place would be a wrong one."""
    ending = f"_{'batches' if tier == 'batch' else tier}"
    return {key.removesuffix(ending): value for key, value in entry.items() if key.endswith(ending)}


def _buckets(entry: Entry) -> dict[str, Decimal]:
    found = {bucket: decimal(entry[key]) for key, bucket in BUCKETS.items() if _is_price(entry.get(key))}
    for bucket, other in SAME_AS.items():
        if bucket not in found and other in found:
            found[bucket] = found[other]
    return found


def _tiers(entry: Entry) -> tuple[tuple[int, Mapping[str, Decimal]], ...]:
    tiers: dict[int, dict[str, Any]] = {}
    for key, value in entry.items():
        match = TIER.match(key)
        if match and match.group(1) in BUCKETS and _is_price(value):
            tiers.setdefault(int(match.group(2)) * 1000, {})[match.group(1)] = value
    for step in entry.get("tiered_pricing") or ():
        if isinstance(step, Mapping) and isinstance(step.get("range"), list):
            tiers[int(step["range"][0])] = dict(step)
    return tuple((threshold, _buckets(tier)) for threshold, tier in sorted(tiers.items()))


def _is_price(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def decimal(value: float) -> Decimal:
    """The decimal that was written, not the binary fraction nearest to it."""
    return Decimal(repr(value))


def abilities(entry: Entry) -> frozenset[str]:
    found = {ability for key, ability in ABILITIES.items() if entry.get(key)}
    if entry.get("mode") == "embedding":
        return frozenset({"embeddings"})
    return frozenset(found | {"documents"})


def window(entry: Entry) -> tuple[int | None, int | None]:
    """Context and longest output in tokens, None where unknown."""
    return _tokens(entry.get("max_input_tokens")), _tokens(entry.get("max_output_tokens"))


def _tokens(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value > 0 else None
