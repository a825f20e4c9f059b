"""Which models can be asked here: those of configured providers, with what is known about each."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future, wait
from dataclasses import replace
from time import monotonic

from core.errors import SettingsError, UnknownModelError
from core.llm import modelmap
from core.llm.demo.cast import CAST
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
        info = ModelInfo(
            id_, provider.name, listed.name, listed.context_window, None, supports, local=True,
            available="embeddings" not in supports, reason="It makes embeddings." if "embeddings" in supports else "",
        )  # fmt: skip
        return self._priced(info)

    def _described(self, model_id: str) -> ModelInfo:
        provider, _, name = model_id.partition("/")
        known, found = self._providers.get(provider), modelmap.find(provider, name)
        supports, context, longest = PERMISSIVE, None, None
        if found is not None and not (known and known.local):
            supports, (context, longest) = modelmap.abilities(found[1]), modelmap.window(found[1])
        info = ModelInfo(model_id, provider, name, context, longest, supports, local=bool(known and known.local))
        if known is not None and not known.configured:
            info = replace(info, available=False, reason=f"{known.label} is not configured; set {known.variable}.")
        return self._priced(info)

    def _priced(self, info: ModelInfo) -> ModelInfo:
        price = self._prices.price(info.id)
        if price is None:
            return info
        per = price.per_token
        return replace(info, price_in=per.get("uncached_input"), price_out=per.get("visible_output"))

    def model(self, model_id: str) -> ModelInfo:
        """Never waits. A model that is not listed may still exist: its provider will say. Raises UnknownModelError."""
        provider, _, name = model_id.partition("/")
        known = self._providers.get(provider)
        if not name or (provider == "demo" and known is None):
            raise UnknownModelError(f"There is no model {model_id!r} here; choose one from the Models page.")
        if known is not None and (provider == "demo" or known.local):
            for info in self._of(known):
                if info.id == model_id:
                    return info
            if provider == "demo":
                raise UnknownModelError(f"There is no simulated model {name!r}; choose one from the Models page.")
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
