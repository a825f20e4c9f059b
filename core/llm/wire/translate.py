"""LiteLLM's own provider configuration asked for URL, headers and body of one request: it translates, we send."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from core import errors
from core.llm.wire import faults, library
from core.llm.wire.anthropic_dialect import JSON_TOOL, AnthropicStream
from core.llm.wire.litellm_faults import from_litellm
from core.llm.wire.openai_dialect import OpenAIStream
from core.llm.wire.places import address
from core.llm.wire.seam import Deployment, WireRequest
from core.llm.wire.spelling import spelled_messages, spelled_options

_USUAL_BASE = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
_NO_KEY = "none"
_KEY_HEADERS = ("authorization", "x-api-key")


class MovedError(Exception):
    """LiteLLM's provider configuration is not where it was; the general wire still works."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One request ready to post. The key is in `headers`, so it has no repr."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    json_tool: bool = False

    def __repr__(self) -> str:
        return f"Letter({self.url})"

    def parser(self, deployment: Deployment) -> OpenAIStream | AnthropicStream:
        if deployment.dialect == "anthropic":
            return AnthropicStream(deployment, self.json_tool)
        return OpenAIStream(deployment)


def translate(request: WireRequest) -> Letter:
    """Raises MovedError when LiteLLM changed underneath, ModelError when the request cannot be made at all."""
    deployment = request.deployment
    base = address(deployment) or _USUAL_BASE.get(deployment.provider)
    if base is None:
        raise MovedError("only LiteLLM knows its address")
    key = usable_key(deployment)
    failure: Exception
    try:
        return _letter(request, base, key)
    except Exception as error:  # noqa: BLE001  whatever a changed LiteLLM raises: the general wire takes over
        told = isinstance(getattr(error, "status_code", None), int)  # LiteLLM's own refusal of the request
        failure = from_litellm(error, deployment) if told else MovedError(type(error).__name__)
    raise failure


def usable_key(deployment: Deployment) -> str | None:
    """The key, trimmed. Raises AuthenticationError for one that cannot travel in a header."""
    key = (deployment.api_key or "").strip()
    if key and not (key.isascii() and key.isprintable()):
        raise faults.error(
            errors.AuthenticationError,
            deployment,
            sentence=f"{faults.variable(deployment, 'API_KEY')} holds characters no key has; paste the key again.",
        )
    return key or None


def authorised(deployment: Deployment, key: str | None) -> dict[str, str]:
    """Headers of a plain request in the OpenAI dialect."""
    headers = {"Content-Type": "application/json"}
    return {**headers, "Authorization": f"Bearer {key}"} if key else headers


def encoded(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # lone surrogates in what was typed
        return json.dumps(body).encode()


def _letter(request: WireRequest, base: str, key: str | None) -> Letter:
    deployment = request.deployment
    prefix, _, model = deployment.litellm_model.partition("/")
    config = _config(prefix, model)
    messages = spelled_messages(request.messages, deployment)
    options = orjson.loads(_mapped(prefix, model, orjson.dumps(spelled_options(request))))
    where = {"api_base": base, "api_key": key or _NO_KEY}
    headers = config.validate_environment(
        headers={}, model=model, messages=messages, optional_params=options, litellm_params=where, **where
    )
    url = config.get_complete_url(
        **where, model=model, optional_params=options, litellm_params=where, stream=request.stream
    )
    body = config.transform_request(
        model=model, messages=messages, optional_params=options, litellm_params=where, headers=headers
    )
    if deployment.dialect == "anthropic" and not url.endswith("/v1/messages"):
        url = f"{url.rstrip('/')}/v1/messages"
    if deployment.dialect == "anthropic":
        body["messages"] = [{**message, "content": _plain(message["content"])} for message in body["messages"]]
        if "system" in body:
            body["system"] = _plain(body["system"])
    body.pop("json_mode", None)
    body |= body.pop("extra_body", None) or {}
    body["stream"] = request.stream
    forced = any(tool.get("name") == JSON_TOOL for tool in body.get("tools") or ())
    return Letter(url, _headers(headers, key), encoded(body), json_tool=forced)


def _plain(content: Any) -> Any:
    """A single piece of text as the string that it is: Anthropic takes both, servers that imitate it often but this."""
    match content:
        case [{"type": "text", "text": str(text), **more}] if not more:
            return text
    return content


@lru_cache(maxsize=512)
def _config(prefix: str, model: str) -> Any:
    litellm = library.load()
    provider = litellm.types.utils.LlmProviders(prefix)
    return litellm.utils.ProviderConfigManager.get_provider_chat_config(model, provider)


@lru_cache(maxsize=512)
def _mapped(prefix: str, model: str, options: bytes) -> bytes:
    """The options as this provider and model want them; the same few are asked again and again."""
    mapped = library.load().utils.get_optional_params(
        model=model, custom_llm_provider=prefix, drop_params=True, **orjson.loads(options)
    )
    return orjson.dumps(mapped)


def _headers(headers: Mapping[str, Any], key: str | None) -> dict[str, str]:
    kept = {str(name): str(value) for name, value in headers.items() if value is not None}
    if key is None:
        kept = {name: value for name, value in kept.items() if name.lower() not in _KEY_HEADERS}
    return {**kept, "Accept-Encoding": "identity", "User-Agent": "Plainsight"}
