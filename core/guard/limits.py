"""Rate limits: requests and tokens per minute, exact over any sixty seconds, with the wait that would be enough."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import InvalidError
from core.messages import Context

MINUTE = 60.0
SCOPES = ("user", "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """For one user or model, or for each of them by itself when `subject` is "". None does not limit."""

    scope: str
    subject: str = ""
    requests: int | None = None
    tokens: int | None = None

    def applies(self, model: str, context: Context) -> str | None:
        """The key that it counts this request under; None when it does not concern it."""
        key = model if self.scope == "model" else context.user_id or ""
        return key if self.subject in ("", key) else None

    @property
    def body(self) -> dict[str, Any]:
        return {"scope": self.scope, "subject": self.subject, "requests": self.requests, "tokens": self.tokens}

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "RateLimit":
        """Raises InvalidError: what is stored came through a form once."""
        scope, subject = str(body.get("scope")), str(body.get("subject") or "")
        counts = {name: body.get(name) for name in ("requests", "tokens")}
        if scope not in SCOPES or not any(counts.values()):
            raise InvalidError("A rate limit is for a user or a model, and limits requests or tokens per minute.")
        for count in counts.values():
            if count is not None and (not isinstance(count, int) or not 1 <= count <= 10**9):
                raise InvalidError("A rate limit is a whole number per minute, from 1 up.")
        return cls(scope=scope, subject=subject, **counts)


@dataclass(slots=True)
class Window:
    """What went through in the last minute. Entries are mutable, so that an estimate can become the true figure."""

    entries: deque[list[float]] = field(default_factory=deque)
    total: float = 0.0

    def wait(self, amount: float, limit: float, now: float) -> float:
        """Seconds until `amount` more fits; 0 when it does. More than the limit itself waits for an empty minute."""
        self.clear(now)
        over = self.total + amount - limit
        if over <= 0 or not self.entries:
            return 0.0
        for at, counted in self.entries:
            over -= counted
            if over <= 0:
                return at + MINUTE - now
        return self.entries[-1][0] + MINUTE - now

    def add(self, amount: float, now: float) -> list[float]:
        entry = [now, amount]
        self.entries.append(entry)
        self.total += amount
        return entry

    def correct(self, entry: list[float], amount: float, now: float) -> None:
        self.clear(now)
        if entry[0] > now - MINUTE:
            self.total += amount - entry[1]
        entry[1] = amount

    def clear(self, now: float) -> None:
        while self.entries and self.entries[0][0] <= now - MINUTE:
            self.total -= self.entries.popleft()[1]
