"""LiteLLM's exceptions translated into the tree: by the provider's own status and body where they survived."""

from typing import Any

from core import errors
from core.errors import ModelError
from core.llm.wire import faults
from core.llm.wire.seam import Deployment

_CAP = 20_000
_BY_CLASS: tuple[tuple[str, type[ModelError]], ...] = (
    ("Timeout", errors.TimedOutError),
    ("APITimeoutError", errors.TimedOutError),
    ("ContextWindowExceededError", errors.ContextLengthError),
    ("ContentPolicyViolationError", errors.ContentPolicyError),
    ("UnsupportedParamsError", errors.UnsupportedError),
    ("AuthenticationError", errors.AuthenticationError),
    ("PermissionDeniedError", errors.PermissionDeniedError),
    ("NotFoundError", errors.UnknownModelError),
    ("LiteLLMUnknownProvider", errors.UnknownModelError),
    ("APIConnectionError", errors.ConnectionFailedError),
    ("APIResponseValidationError", errors.ProtocolError),
    ("JSONDecodeError", errors.ProtocolError),
)
_CONNECTION_WORDS = (
    "connection error",
    "cannot connect",
    "connect call failed",
    "connection refused",
    "name or service",
)
_TORN_WORDS = ("payload is not completed", "incomplete chunked read")
_CUT_WORDS = ("peer closed", "connection reset", "disconnected")
_NONSENSE_WORDS = (
    "expecting value",
    "expecting ',' delimiter",
    "expecting property name",
    "unterminated string",
    "unable to get json",
    "is not a list",
    "invalid response from llm endpoint",
    "codec can't decode",
)
_TIMEOUT_WORDS = ("timed out", "timeout")


def from_litellm(error: BaseException, deployment: Deployment) -> ModelError:
    """A ModelError that quotes nothing of `error` but redacted, capped words. Custom providers may raise ours."""
    cause = _innermost(error)
    if isinstance(cause, ModelError):
        return _fresh(cause)
    middle = type(error).__name__ == "MidStreamFallbackError"
    status = _status(cause)
    said = _text(cause)
    lower = said[:4_000].lower()
    headers = {str(name).lower(): str(value) for name, value in (_headers(cause) or {}).items()}
    made = _class_of(cause, lower, middle)
    if made in (errors.TimedOutError, errors.ConnectionFailedError, errors.TruncatedError, errors.ProtocolError):
        return faults.error(made, deployment, said=said)
    told = faults.from_status(deployment, status or 500, _body(cause) or said, headers)
    if made is None or type(told) not in (errors.ProviderError, errors.BadRequestError):
        return told
    return faults.error(made, deployment, http_status=status, said=said, retry_after=told.retry_after_s)


def _innermost(error: BaseException) -> BaseException:
    for _ in range(5):
        inner = getattr(error, "original_exception", None)
        if isinstance(inner, BaseException):
            error = inner
            continue
        held = error.__cause__ or error.__context__
        if isinstance(held, ModelError):
            return held
        break
    return error


def _fresh(error: ModelError) -> ModelError:
    return type(error)(
        str(error),
        http_status=error.http_status,
        provider_text=error.provider_text,
        retry_after_s=error.retry_after_s,
    )


def _class_of(error: BaseException, lower: str, middle: bool) -> type[ModelError] | None:
    names = {parent.__name__ for parent in type(error).__mro__}
    if any(word in lower for word in _TORN_WORDS):
        return errors.TruncatedError
    if any(word in lower for word in _CUT_WORDS):
        return errors.TruncatedError if middle else errors.ConnectionFailedError
    own = names & {"InternalServerError", "APIConnectionError"}  # LiteLLM's names for what it did not foresee
    if own and any(word in lower for word in _NONSENSE_WORDS):
        return errors.ProtocolError
    if any(word in lower for word in _CONNECTION_WORDS):
        return errors.ConnectionFailedError
    for name, made in _BY_CLASS:
        if name in names:
            if made is errors.ConnectionFailedError:
                return errors.TimedOutError if any(word in lower for word in _TIMEOUT_WORDS) else None
            return made
    return None


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) and 300 <= status <= 599 else None


def _text(error: BaseException) -> str:
    return str(getattr(error, "message", None) or error)[:_CAP]


def _body(error: BaseException) -> str:
    body: Any = getattr(error, "body", None)
    if isinstance(body, dict):
        code, message = body.get("code") or body.get("type"), body.get("message")
        return faults.spelled_body(str(code or ""), str(message or ""))
    return ""


def _headers(error: BaseException) -> Any:
    found = getattr(error, "litellm_response_headers", None)
    return found if hasattr(found, "items") else None
