"""Who can be asked, where, and with which key. Keys live in memory only and are never shown whole."""

import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from core.errors import InvalidError, SettingsError, UnknownModelError
from core.llm.models import ProviderInfo
from core.llm.wire.seam import Deployment
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Provider:
    """`route` is the prefix LiteLLM knows it by. `variable` is the setting without which it is not configured."""

    name: str
    label: str
    dialect: str
    route: str
    variable: str
    local: bool = False
    base_url: str | None = None
    api_key: str | None = None
    key_needed: bool = False

    def __repr__(self) -> str:
        return f"Provider({self.name} at {self.base_url})"

    @property
    def configured(self) -> bool:
        if self.name == "demo":
            return True
        return bool(self.api_key) if self.key_needed else bool(self.base_url)


class Providers:
    def __init__(self, settings: Settings) -> None:
        self._lock = threading.Lock()
        self._known = {provider.name: provider for provider in _named(settings)}

    def all(self) -> tuple[Provider, ...]:
        return tuple(self._known.values())

    def get(self, name: str) -> Provider | None:
        return self._known.get(name)

    @property
    def local(self) -> frozenset[str]:
        return frozenset(provider.name for provider in self.all() if provider.local)

    def infos(self) -> tuple[ProviderInfo, ...]:
        return tuple(
            ProviderInfo(p.name, p.label, p.configured, masked(p.api_key), p.base_url, p.local, p.variable)
            for p in self.all()
        )

    def set_key(self, name: str, key: str | None, base_url: str | None = None) -> None:
        """Replace a key while running. A base URL that changes drops the key that went with the old one."""
        with self._lock:
            provider = self._known.get(name)
            if provider is None or name == "demo":
                raise SettingsError(f"There is no provider {name!r} whose key could be set.")
            key = (key or "").strip() or None
            if base_url is not None and (base := checked_base(provider, base_url)) != provider.base_url:
                provider = replace(provider, base_url=base, api_key=None)
            self._known[name] = replace(provider, api_key=key or provider.api_key)

    def deployment(self, model_id: str) -> Deployment:
        """Raises SettingsError or UnknownModelError, naming what to set."""
        name, _, model = model_id.partition("/")
        provider = self._known.get(name)
        if not model:
            raise UnknownModelError(f"{model_id!r} is not a model; name it as provider/model, such as openai/gpt-4o.")
        if provider is None:
            return Deployment(name, model, "litellm", model_id)
        if not provider.configured:
            raise SettingsError(
                f"{provider.label} is not configured; set {provider.variable}.", variable=provider.variable
            )
        return Deployment(
            name, model, provider.dialect, f"{provider.route}/{model}", provider.base_url, provider.api_key
        )


def checked_base(provider: Provider, url: str) -> str:
    """The address as calls need it. Raises InvalidError for what is none, or carries a name and password."""
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.username and not parts.password
        good = good and not parts.query and not parts.fragment and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or len(url) > 500 or not url.isprintable():
        raise InvalidError("An address looks like http://localhost:11434, without user name, password or query.")
    return v1(url) if provider.local else url


def v1(base: str) -> str:
    """Local servers speak OpenAI's dialect under /v1."""
    return base if base.endswith("/v1") else f"{base}/v1"


def address(deployment: Deployment) -> str | None:
    """Host and port, without path or key."""
    return _host_and_port(deployment.base_url) if deployment.base_url else None


@lru_cache(maxsize=64)
def _host_and_port(url: str) -> str | None:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname


def place(deployment: Deployment) -> str:
    """A deployment's name among others: provider, model and address."""
    return f"{deployment.provider}/{deployment.model}@{address(deployment) or ''}"


def masked(key: str | None) -> str:
    if not key:
        return ""
    return f"…{key[-4:]}" if len(key) >= 12 else "…"


def _named(settings: Settings) -> list[Provider]:
    def secret(value: object) -> str | None:
        return value.get_secret_value() if hasattr(value, "get_secret_value") else None

    found = [
        Provider(
            "openai",
            "OpenAI",
            "openai",
            "openai",
            "OPENAI_API_KEY",
            base_url=settings.openai_base_url,
            api_key=secret(settings.openai_api_key),
            key_needed=True,
        ),
        Provider(
            "anthropic",
            "Anthropic",
            "anthropic",
            "anthropic",
            "ANTHROPIC_API_KEY",
            base_url=settings.anthropic_base_url,
            api_key=secret(settings.anthropic_api_key),
            key_needed=True,
        ),
        Provider(
            "ollama",
            "Ollama",
            "openai",
            "hosted_vllm",
            "OLLAMA_BASE_URL",
            True,
            settings.ollama_base_url and v1(settings.ollama_base_url),
        ),
        Provider(
            "lm_studio",
            "LM Studio",
            "openai",
            "hosted_vllm",
            "LM_STUDIO_BASE_URL",
            True,
            settings.lm_studio_base_url and v1(settings.lm_studio_base_url),
            secret(settings.lm_studio_api_key),
        ),
        Provider(
            "vllm",
            "vLLM",
            "openai",
            "hosted_vllm",
            "VLLM_BASE_URL",
            True,
            settings.vllm_base_url and v1(settings.vllm_base_url),
            secret(settings.vllm_api_key),
        ),
    ]
    if settings.demo_models:
        found.append(Provider("demo", "Demo (simulated)", "litellm", "demo", "DEMO_MODELS", True))
    return found
