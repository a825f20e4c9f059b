"""Which models a provider has right now, asked of the provider itself within two seconds and remembered for a while."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from core.llm.probing import LIMIT_S, Reply, probe
from core.llm.providers import Provider

BUSY = (429, 500, 502, 503, 504, 529)
PAUSE_S = 0.5
LEAST_S = 0.5
"""What a second try must have left of the limit."""
ASKED_ABOUT = 40
"""At most so many models of a local server are asked about one by one."""


@dataclass(frozen=True, slots=True)
class Listed:
    """`supports` None: the server does not say."""

    name: str
    context_window: int | None = None
    supports: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`reply` is what the listing itself answered; `at` a monotonic moment."""

    models: tuple[Listed, ...]
    reply: Reply
    at: float

    @property
    def ok(self) -> bool:
        return self.reply.ok


def headers(provider: Provider) -> dict[str, str]:
    if not provider.api_key:
        return {}
    if provider.dialect == "anthropic":
        return {"x-api-key": provider.api_key, "anthropic-version": "2023-06-01"}
    return {"authorization": f"Bearer {provider.api_key}"}


def root(base_url: str) -> str:
    """The server itself, for what it answers outside the OpenAI-compatible part."""
    return base_url.removesuffix("/v1")


async def discover(provider: Provider, limit_s: float = LIMIT_S) -> Found:
    base = provider.base_url or ""
    url = f"{root(base)}/v1/models?limit=1000" if provider.dialect == "anthropic" else f"{base}/models"
    reply = await _listing(url, provider, limit_s)
    models = tuple(_listed(reply.data)) if reply.ok else ()
    if reply.ok and not isinstance(reply.data, Mapping):
        reply = Reply(reply.status, None, "not_json")
    if models and provider.name == "ollama":
        models = await _ollama(provider, models, limit_s)
    if models and provider.name == "lm_studio":
        models = await _lm_studio(provider, models, limit_s)
    return Found(models, reply, monotonic())


async def _listing(url: str, provider: Provider, limit_s: float) -> Reply:
    """Asked once more where the server was busy and the pause it asks for fits: until the next look, half a minute
    later, the provider would have no models."""
    ends = monotonic() + limit_s
    reply = await probe(url, headers(provider), limit_s=limit_s)
    pause = max(PAUSE_S, reply.retry_after_s or 0.0)
    if reply.status not in BUSY or monotonic() + pause > ends - LEAST_S:
        return reply
    await asyncio.sleep(pause)
    return await probe(url, headers(provider), limit_s=ends - monotonic())


def _listed(data: Any) -> Iterable[Listed]:
    rows = data.get("data") if isinstance(data, Mapping) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("id"), str) and 0 < len(row["id"]) <= 300:
            meta = row.get("meta")  # llama.cpp's own
            context = row.get("max_model_len") or row.get("context_length")
            context = context or (meta.get("n_ctx") if isinstance(meta, Mapping) else None)
            yield Listed(row["id"], _tokens(context))


def _tokens(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000_000 else None


async def _ollama(provider: Provider, models: tuple[Listed, ...], limit_s: float) -> tuple[Listed, ...]:
    """What Ollama itself says of each model: abilities, and the context it runs with."""
    url = f"{root(provider.base_url or '')}/api/show"
    asked = models[:ASKED_ABOUT]
    replies = await asyncio.gather(
        *(probe(url, headers(provider), body={"model": model.name}, limit_s=limit_s) for model in asked)
    )
    told = [_shown(model, reply.data) if reply.ok else model for model, reply in zip(asked, replies, strict=True)]
    return (*told, *models[ASKED_ABOUT:])


OLLAMA_WORDS = {"tools": "tools", "vision": "images", "thinking": "reasoning", "embedding": "embeddings"}


def _shown(model: Listed, data: Any) -> Listed:
    if not isinstance(data, Mapping):
        return model
    words = data.get("capabilities")
    supports = None
    if isinstance(words, list):
        supports = frozenset(OLLAMA_WORDS[word] for word in words if word in OLLAMA_WORDS)
        supports |= {"documents", "json_schema"} if "completion" in words else frozenset()
    for line in str(data.get("parameters") or "").splitlines():
        name, _, value = line.partition(" ")
        if name == "num_ctx" and value.strip().isdigit():
            return Listed(model.name, int(value), supports)
    return Listed(model.name, model.context_window, supports)


async def _lm_studio(provider: Provider, models: tuple[Listed, ...], limit_s: float) -> tuple[Listed, ...]:
    """LM Studio's own list knows kinds and contexts; servers that only imitate it have none."""
    reply = await probe(f"{root(provider.base_url or '')}/api/v0/models", headers(provider), limit_s=limit_s)
    rows = reply.data.get("data") if reply.ok and isinstance(reply.data, Mapping) else None
    known = {row["id"]: row for row in rows or () if isinstance(row, Mapping) and isinstance(row.get("id"), str)}
    return tuple(_described(model, known.get(model.name)) for model in models)


def _described(model: Listed, row: Mapping[str, Any] | None) -> Listed:
    if row is None:
        return model
    context = _tokens(row.get("loaded_context_length")) or _tokens(row.get("max_context_length"))
    if row.get("type") == "embeddings":
        return Listed(model.name, context, frozenset({"embeddings"}))
    supports = {"documents", "json_schema"} | ({"images"} if row.get("type") == "vlm" else set())
    words = row.get("capabilities")
    if not isinstance(words, list) or "tool_use" in words:
        supports.add("tools")
    return Listed(model.name, context, frozenset(supports))
