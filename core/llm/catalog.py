"""Which models can be asked here: those of configured providers, with what is known about each."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future, wait
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from time import monotonic

from core.errors import SettingsError, UnknownModelError
from core.llm import modelmap
from core.llm.demo.cast import CAST, actor
from core.llm.discovery import Found, Listed, discover
from core.llm.engine import Engine
from core.llm.models import ModelInfo
from core.llm.pricebook import PriceBook
from core.llm.probing import LIMIT_S
from core.llm.providers import Provider, Providers
from core.settings import Settings

FRESH_S, STALE_S = 30.0, 300.0
"""A failed listing is asked for again after the first, a good one after the second."""
PERMISSIVE = frozenset({"tools", "images", "documents", "json_schema"})
"""For a model nobody describes: its server will say what it cannot do."""


class Catalog:
    def __init__(self, settings: Settings, providers: Providers, prices: PriceBook, engine: Engine) -> None:
        self._settings, self._providers, self._prices, self._engine = settings, providers, prices, engine
        self._found: dict[str, Found] = {}
        self._asking: dict[str, Future[None]] = {}
        self._lock = threading.Lock()

    # finding out

    def look(self) -> None:
        """Ask every configured provider whose list is missing or old; returns at once."""
        for provider in self._providers.all():
            known = self._found.get(provider.name)
            age = monotonic() - known.at if known else None
            old = age is None or age > (STALE_S if known and known.ok else FRESH_S)
            if provider.name != "demo" and provider.configured and old:
                self._ask(provider)

    def _ask(self, provider: Provider) -> "Future[None]":
        with self._lock:
            running = self._asking.get(provider.name)
            if running is None or running.done():
                running = self._asking[provider.name] = self._engine.submit(self._discover(provider))
            return running

    async def _discover(self, provider: Provider) -> None:
        self.remember(provider, await discover(provider))

    def forget(self, provider: str) -> None:
        with self._lock:
            self._found.pop(provider, None)
            self._asking.pop(provider, None)

    def remember(self, provider: Provider, found: Found) -> None:
        if self._providers.get(provider.name) == provider:  # its key or address may have changed meanwhile
            self._found[provider.name] = found

    # telling

    def models(self, refresh: bool = False) -> tuple[ModelInfo, ...]:
        """Real ones first, simulated ones last. Waits for first listings, at most two seconds in all."""
        if self._engine.running:
            if refresh:
                for provider in self._providers.all():
                    self.forget(provider.name)
            self.look()
            if threading.current_thread() is not self._engine.thread:
                wait([asked for name, asked in list(self._asking.items()) if name not in self._found], LIMIT_S + 0.3)
        listed = [info for provider in self._providers.all() for info in self._of(provider)]
        mentioned = [*self._settings.fallback_models, *([self.wished] if self.wished else [])]
        known = {info.id for info in listed}
        others = [self._described(name) for name in dict.fromkeys(mentioned) if name not in known and "/" in name]
        return tuple(sorted([*listed, *others], key=lambda info: (info.simulated, not info.available)))

    def _of(self, provider: Provider) -> Iterable[ModelInfo]:
        if provider.name == "demo":
            return [actor.info for actor in CAST]
        if not provider.configured:
            return []
        found = self._found.get(provider.name)
        if provider.local:
            return [self._local(provider, listed) for listed in (found.models if found else ())]
        names = modelmap.of_provider(provider.name)
        if found is not None and found.models:
            has = {listed.name for listed in found.models}
            names = [name for name in names if name in has] or sorted(has)
        refused = found is not None and found.reply.status in (401, 403)
        infos = [self._described(f"{provider.name}/{name}") for name in names]
        if refused:
            reason = f"{provider.label} refused the key; check {provider.variable}."
            infos = [replace(info, available=False, reason=reason) for info in infos]
        return infos

    def _local(self, provider: Provider, listed: Listed) -> ModelInfo:
        supports = listed.supports if listed.supports is not None else PERMISSIVE
        id_ = f"{provider.name}/{listed.name}"
        return ModelInfo(
            id_, provider.name, listed.name, listed.context_window, None, supports, *self._prices_of(id_), local=True,
            available="embeddings" not in supports, reason="It makes embeddings." if "embeddings" in supports else "",
        )  # fmt: skip

    def _described(self, model_id: str) -> ModelInfo:
        known, why_not = self._providers.get(model_id.partition("/")[0]), ""
        if known is not None and not known.configured:
            why_not = f"{known.label} is not configured; set {known.variable}."
        return _info(model_id, known is not None and known.local, why_not, *self._prices_of(model_id))

    def _prices_of(self, model_id: str) -> tuple[Decimal | None, Decimal | None]:
        price = self._prices.price(model_id)
        per = price.per_token if price is not None else {}
        return per.get("uncached_input"), per.get("visible_output")

    def model(self, model_id: str) -> ModelInfo:
        """Never waits. A model that is not listed may still exist: its provider will say. Raises UnknownModelError."""
        provider, _, name = model_id.partition("/")
        known = self._providers.get(provider)
        if not name or (provider == "demo" and known is None):
            raise UnknownModelError(f"There is no model {model_id!r} here; choose one from the Models page.")
        if provider == "demo":
            played = actor(name)
            if played is None:
                raise UnknownModelError(f"There is no simulated model {name!r}; choose one from the Models page.")
            return played.info
        found = self._found.get(provider)
        if found is not None and known is not None and known.local and known.configured:
            for listed in found.models:
                if listed.name == name:
                    return self._local(known, listed)
        return self._described(model_id)

    @property
    def wished(self) -> str | None:
        """The configured default, as a catalogue id."""
        wished, provider = self._settings.default_ai_model, self._settings.default_ai_provider
        if not wished or not provider:
            return wished
        return wished if wished.startswith(f"{provider}/") else f"{provider}/{wished}"

    def default_model(self) -> str:
        """The configured one, else the first that is available, of the configured provider when there is one."""
        if self.wished:
            return self.wished
        models, provider = self.models(), self._settings.default_ai_provider
        able = [info for info in models if info.available and (not provider or info.provider == provider)]
        if not able:
            where = f"{provider} has no model that can be asked" if provider else "No model is configured"
            raise SettingsError(f"{where}; set OPENAI_API_KEY, OLLAMA_BASE_URL or another provider's variable.")
        return able[0].id


@lru_cache(maxsize=2048)
def _info(model_id: str, local: bool, why_not: str, price_in: Decimal | None, price_out: Decimal | None) -> ModelInfo:
    """What the map knows of a model: every call asks for it, some twice."""
    provider, _, name = model_id.partition("/")
    found = None if local else modelmap.find(provider, name)
    supports, context, longest = PERMISSIVE, None, None
    if found is not None:
        supports, (context, longest) = modelmap.abilities(found[1]), modelmap.window(found[1])
    return ModelInfo(
        model_id, provider, name, context, longest, supports, price_in, price_out, local, not why_not, why_not
    )
