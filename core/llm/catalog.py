"""Which models can be asked here: those of configured providers, with what is known about each."""

from dataclasses import replace

from core.errors import SettingsError, UnknownModelError
from core.llm.demo.cast import CAST
from core.llm.models import ModelInfo
from core.llm.providers import Providers
from core.settings import Settings


class Catalog:
    def __init__(self, settings: Settings, providers: Providers) -> None:
        self._settings, self._providers = settings, providers

    def models(self, refresh: bool = False) -> tuple[ModelInfo, ...]:
        found: list[ModelInfo] = []
        if self._providers.get("demo") is not None:
            found += [actor.info for actor in CAST]
        return tuple(found)

    def model(self, model_id: str) -> ModelInfo:
        """Raises UnknownModelError. A model the catalogue has not listed may still exist: its provider will say."""
        for info in self.models():
            if info.id == model_id:
                return info
        provider, _, name = model_id.partition("/")
        if not name or provider == "demo":
            raise UnknownModelError(f"There is no model {model_id!r} here; choose one from the Models page.")
        known = self._providers.get(provider)
        info = ModelInfo(model_id, provider, name, supports=frozenset({"tools", "images", "documents"}))
        return replace(info, local=True) if known and known.local else info

    def default_model(self) -> str:
        wished = self._settings.default_ai_model
        if wished:
            provider = self._settings.default_ai_provider
            return wished if "/" in wished or not provider else f"{provider}/{wished}"
        for info in self.models():
            if info.available:
                return info.id
        raise SettingsError(
            "No model is configured; set OPENAI_API_KEY, OLLAMA_BASE_URL or another provider's variable."
        )
