"""What went wrong, told once: a provider's status, headers and error body become one error of the tree."""

from collections.abc import Mapping
from typing import Any

import orjson

from core import errors
from core.errors import ModelError
from core.llm.wire.redaction import redact
from core.llm.wire.retry_after import retry_after_s
from core.llm.wire.seam import Deployment, Identity

_PARSE_CAP = 65_536
_LABELS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "ollama": "Ollama",
    "lm_studio": "LM Studio",
    "vllm": "vLLM",
}
_LOCAL = ("ollama", "lm_studio", "vllm")

_BY_STATUS: Mapping[int, type[ModelError]] = {
    401: errors.AuthenticationError,
    402: errors.QuotaError,
    403: errors.PermissionDeniedError,
    404: errors.UnknownModelError,
    408: errors.TimedOutError,
    409: errors.ProviderError,
    425: errors.RateLimitedError,
    429: errors.RateLimitedError,
    501: errors.UnsupportedError,
}
_BY_CODE: Mapping[str, type[ModelError]] = {
    "insufficient_quota": errors.QuotaError,
    "billing_hard_limit_reached": errors.QuotaError,
    "billing_error": errors.QuotaError,
    "invalid_api_key": errors.AuthenticationError,
    "authentication_error": errors.AuthenticationError,
    "permission_error": errors.PermissionDeniedError,
    "model_not_found": errors.UnknownModelError,
    "not_found_error": errors.UnknownModelError,
    "context_length_exceeded": errors.ContextLengthError,
    "string_above_max_length": errors.ContextLengthError,
    "exceed_context_size_error": errors.ContextLengthError,
    "content_policy_violation": errors.ContentPolicyError,
    "content_filter": errors.ContentPolicyError,
    "moderation_blocked": errors.ContentPolicyError,
    "unsupported_parameter": errors.UnsupportedError,
    "unsupported_value": errors.UnsupportedError,
    "rate_limit_exceeded": errors.RateLimitedError,
    "rate_limit_error": errors.RateLimitedError,
    "overloaded_error": errors.ProviderError,
    "api_error": errors.ProviderError,
    "server_error": errors.ProviderError,
    "timeout_error": errors.TimedOutError,
    "invalid_request_error": errors.BadRequestError,
}
_BY_WORDS: tuple[tuple[str, type[ModelError]], ...] = (
    ("credit balance is too low", errors.QuotaError),
    ("exceeded your current quota", errors.QuotaError),
    ("maximum context length", errors.ContextLengthError),
    ("prompt is too long", errors.ContextLengthError),
    ("context window", errors.ContextLengthError),
    ("context size", errors.ContextLengthError),
    ("exceeds the available context", errors.ContextLengthError),
    ("content management policy", errors.ContentPolicyError),
    ("content filtering policy", errors.ContentPolicyError),
    ("safety system", errors.ContentPolicyError),
    ("usage policies", errors.ContentPolicyError),
    ("incorrect api key", errors.AuthenticationError),
    ("invalid x-api-key", errors.AuthenticationError),
    ("does not support tools", errors.UnsupportedError),
    ("does not support image", errors.UnsupportedError),
)


def label(deployment: Deployment) -> str:
    return _LABELS.get(deployment.provider, deployment.provider)


def variable(deployment: Deployment, what: str) -> str:
    """The environment variable that holds `what` ("API_KEY" or "BASE_URL") for this provider."""
    return f"{deployment.provider.upper()}_{what}"


def from_status(deployment: Deployment, status: int, body: str, headers: Mapping[str, str]) -> ModelError:
    """The error for an answer with a failure status. `body` is capped by the caller; header names in lower case."""
    code, words = _said(body)
    made = _kind(status, code, words)
    return error(made, deployment, http_status=status, said=words, retry_after=retry_after_s(headers))


def from_event(deployment: Deployment, problem: object, http_status: int | None) -> ModelError:
    """The error for an error object inside a stream or body that began with success."""
    code, words = _named(problem)
    status = _status_in(problem) or 500
    made = _kind(status, code, words)
    return error(made, deployment, http_status=status if status != 500 else http_status, said=words)


def identity(deployment: Deployment, response_id: object, model: object) -> Identity:
    """What the provider calls its answer: bounded, and without the key that a hostile one may echo."""
    return Identity(_name(response_id, deployment.api_key), _name(model, deployment.api_key))


def _name(said: object, key: str | None) -> str | None:
    if not isinstance(said, str) or not said:
        return None
    if len(said) <= 200 and said.isprintable() and not (key and key in said):
        return said
    return redact(said, key, cap=200)


def tier(said: object) -> str | None:
    """A provider's word for its class of service, bounded; None when it is none."""
    return said if isinstance(said, str) and 0 < len(said) <= 40 and said.isidentifier() else None


def error(
    made: type[ModelError],
    deployment: Deployment,
    *,
    http_status: int | None = None,
    said: str = "",
    retry_after: float | None = None,
    sentence: str = "",
) -> ModelError:
    """One error with its sentence; `said` is what the provider said, redacted and capped here."""
    return made(
        sentence or _sentence(made, deployment, http_status),
        http_status=http_status,
        provider_text=redact(said, deployment.api_key),
        retry_after_s=retry_after,
    )


def _kind(status: int, code: str, words: str) -> type[ModelError]:
    lower = words[:4_000].lower()
    found = next((made for phrase, made in _BY_WORDS if phrase in lower), None)
    named = _BY_CODE.get(code)
    if status == 501:
        return _BY_STATUS[status]
    if status >= 500 and named is None:
        return errors.ProviderError
    if status == 429:
        return errors.QuotaError if errors.QuotaError in (named, found) else errors.RateLimitedError
    if status in (401, 402, 404, 408, 409):
        return _BY_STATUS[status]
    if named not in (None, errors.BadRequestError) and not (status < 500 and named is errors.ProviderError):
        return named
    if found is not None:
        return found
    if 300 <= status < 500:
        return _BY_STATUS.get(status, errors.BadRequestError)
    return named or errors.ProviderError


def spelled_body(code: str, message: str) -> str:
    """An error body in the common shape, for a caller that holds only its parts."""
    return orjson.dumps({"error": {"code": code, "message": message}}).decode()


def _said(body: str) -> tuple[str, str]:
    """(machine's code, human's words) of an error body, whatever its shape."""
    start = body.find("{")
    if start >= 0 and len(body) <= _PARSE_CAP:  # LiteLLM puts words of its own in front
        try:
            parsed = orjson.loads(body if body.lstrip()[:1] == "[" else body[start:])
        except orjson.JSONDecodeError:
            return "", body
        if isinstance(parsed, list) and parsed:
            parsed = parsed[0]
        if isinstance(parsed, dict):
            code, words = _named(parsed.get("error", parsed))
            return code, words or body
    return "", body


def _named(problem: object) -> tuple[str, str]:
    if isinstance(problem, str):
        return "", problem
    if not isinstance(problem, dict):
        return "", ""
    codes = [str(problem[name]) for name in ("code", "type") if isinstance(problem.get(name), str)]
    known = [code for code in codes if code in _BY_CODE]
    specific = [code for code in known if _BY_CODE[code] is not errors.BadRequestError]
    words = next((problem[name] for name in ("message", "detail", "msg") if isinstance(problem.get(name), str)), "")
    return (specific or known or codes or [""])[0], words


def _status_in(problem: object) -> int | None:
    if not isinstance(problem, dict):
        return None
    for name in ("status", "code", "status_code"):
        value: Any = problem.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return 400 if problem.get("type") == "invalid_request_error" else None


def _sentence(made: type[ModelError], deployment: Deployment, status: int | None) -> str:
    who = label(deployment)
    model = redact(deployment.model, deployment.api_key, cap=200)
    code = f" (HTTP {status})" if status else ""
    address = "" if deployment.provider not in _LOCAL else f" at {deployment.base_url}"
    sentences: dict[type[ModelError], str] = {
        errors.RateLimitedError: f"{who} is limiting requests{code}; wait a moment or ask another model.",
        errors.QuotaError: f"The {who} account has no quota or credit left{code}; top it up or ask another model.",
        errors.AuthenticationError: (
            f"{who} refused the key{code}; replace it on the Models page or in {variable(deployment, 'API_KEY')}."
        ),
        errors.PermissionDeniedError: (
            f"{who} does not let this key use {model}{code}; ask for access or choose another model."
        ),
        errors.UnknownModelError: f"{who}{address} does not know the model {model}{code}; choose one from the list.",
        errors.ContextLengthError: (
            f"The conversation is too long for {model}{code}; start a new one or choose a larger context."
        ),
        errors.ContentPolicyError: f"{who} declined for reasons of content policy{code}; rephrase the request.",
        errors.BadRequestError: f"{who} could not accept the request{code}; see the details and change the settings.",
        errors.UnsupportedError: f"{model} does not support part of this request{code}; choose a model that does.",
        errors.TimedOutError: f"{who} did not answer in time{code}; try again or raise TIMEOUT.",
        errors.ConnectionFailedError: (
            f"{who} could not be reached at {deployment.base_url or 'its usual address'}; "
            f"check that it runs and that {variable(deployment, 'BASE_URL')} is right."
        ),
        errors.TruncatedError: f"{who} broke off before the answer was complete; continue or ask again.",
        errors.ProtocolError: f"{who} sent something that is not an answer{code}; check the base URL, then try again.",
    }
    return sentences.get(made, f"{who} had a problem of its own{code}; try again or ask another model.")
