"""The tree of errors that a person may see: one sentence each, saying what to do next.

PlatformError
├── SettingsError                 a setting is missing or wrong; names the variable
├── LedgerError
│   ├── LedgerInUse               another process holds the file; names its PID
│   ├── LedgerFull                no room to log a call, so no call is made
│   └── LedgerDamaged             the file could not be opened or repaired
├── QueryError                    a read was refused, too large, too slow or not valid SQL
├── NotFoundError                 no such object, or not yours
├── InvalidError                  what was typed or uploaded cannot be used
├── ConflictError                 somebody else changed it first
├── RefusedError                  the platform declined to make the call
│   ├── BudgetError               kind "budget"
│   └── LimitError                kind "rate_limit_own"; carries wait_s
└── ModelError                    a call to a model did not succeed; carries kind, http_status
    ├── RateLimitedError          rate_limit
    ├── QuotaError                quota
    ├── AuthenticationError       authentication
    ├── PermissionDeniedError     permission
    ├── UnknownModelError         model_not_found
    ├── ContextLengthError        context_length
    ├── ContentPolicyError        content_policy
    ├── BadRequestError           bad_request
    ├── UnsupportedError          unsupported
    ├── TimedOutError             timeout
    ├── ConnectionFailedError     connection
    ├── ProviderError             provider_error
    ├── TruncatedError            truncated
    ├── ProtocolError             protocol
    └── CancelledError            cancelled
"""

from typing import ClassVar


class PlatformError(Exception):
    """Anything a person may be shown. `str(error)` is plain text, never markup, and holds no secret."""


class SettingsError(PlatformError):
    def __init__(self, message: str, *, variable: str = "") -> None:
        super().__init__(message)
        self.variable = variable


class LedgerError(PlatformError):
    pass


class LedgerInUse(LedgerError):
    def __init__(self, message: str, *, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class LedgerFull(LedgerError):
    pass


class LedgerDamaged(LedgerError):
    pass


class QueryError(PlatformError):
    pass


class NotFoundError(PlatformError):
    pass


class InvalidError(PlatformError):
    pass


class ConflictError(PlatformError):
    pass


class RefusedError(PlatformError):
    kind: ClassVar[str] = "refused"


class BudgetError(RefusedError):
    kind = "budget"


class LimitError(RefusedError):
    """`wait_s`: seconds until the same request would be let through."""

    kind = "rate_limit_own"

    def __init__(self, message: str, *, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class ModelError(PlatformError):
    """A call to a model failed.

    `kind` is the word stored in the ledger's `error_kind`. `provider_text` is what the provider said,
    already redacted and capped; show it as plain text only. `retry_after_s` is the provider's own wish.
    """

    kind: ClassVar[str] = "provider_error"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        provider_text: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.provider_text = provider_text
        self.retry_after_s = retry_after_s


class RateLimitedError(ModelError):
    kind = "rate_limit"
    retryable = True


class QuotaError(ModelError):
    kind = "quota"


class AuthenticationError(ModelError):
    kind = "authentication"


class PermissionDeniedError(ModelError):
    kind = "permission"


class UnknownModelError(ModelError):
    kind = "model_not_found"


class ContextLengthError(ModelError):
    kind = "context_length"


class ContentPolicyError(ModelError):
    kind = "content_policy"


class BadRequestError(ModelError):
    kind = "bad_request"


class UnsupportedError(ModelError):
    kind = "unsupported"


class TimedOutError(ModelError):
    kind = "timeout"
    retryable = True


class ConnectionFailedError(ModelError):
    kind = "connection"
    retryable = True


class ProviderError(ModelError):
    kind = "provider_error"
    retryable = True


class TruncatedError(ModelError):
    kind = "truncated"
    retryable = True


class ProtocolError(ModelError):
    kind = "protocol"
    retryable = True


class CancelledError(ModelError):
    kind = "cancelled"
