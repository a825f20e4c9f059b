"""What part of the log is looked at: one frozen value, shared by every page, that reads from and writes to a URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Self, get_args

Origin = Literal["live", "sample", "import", "all"]
NONE = ""
"""Stands for "no value" in a list of values: `users=("",)` means calls that name no user."""

LISTS = (
    "models", "providers", "users", "teams", "assistants", "prompts", "tags", "doors",
    "statuses", "errors", "caches", "turns", "conversations", "experiments", "calls", "paired", "behind",
)  # fmt: skip
MONEY = ("min_cost", "max_cost")
SECONDS = ("min_ttft_s", "max_ttft_s", "min_total_s", "max_total_s")
COUNTS = ("min_tokens", "max_tokens")
FLAGS = ("unpriced", "fallback", "retried", "truncated", "wasted")
LONGEST = 200
LONGEST_WORD = 400


@dataclass(frozen=True, slots=True)
class Filters:
    """`since` and `until` are naive UTC, `until` exclusive; None is unbounded. Empty tuples filter nothing.

    `assistants` and `prompts` hold "id" or "id@version". `text` searches requests and answers. `paired` is written
    by `Pairing.within`, `behind` by core.analytics.behind: all its words hold at once.
    """

    since: datetime | None = None
    until: datetime | None = None
    time_zone: str = "UTC"
    origin: Origin = "live"
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    paired: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    min_cost: Decimal | None = None
    max_cost: Decimal | None = None
    min_ttft_s: float | None = None
    max_ttft_s: float | None = None
    min_total_s: float | None = None
    max_total_s: float | None = None
    min_tokens: int | None = None
    max_tokens: int | None = None
    unpriced: bool = False
    fallback: bool = False
    retried: bool = False
    truncated: bool = False
    wasted: bool = False
    text: str = ""

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def query(self) -> dict[str, str | list[str]]:
        """As URL parameters: only what differs from the defaults."""
        found: dict[str, str | list[str]] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value == each.default:
                continue
            if isinstance(value, tuple):
                found[each.name] = list(value)
            elif isinstance(value, datetime):
                found[each.name] = value.isoformat()
            elif isinstance(value, bool):
                found[each.name] = "1"
            else:
                found[each.name] = str(value)
        return found

    @classmethod
    def of(cls, query: Mapping[str, Sequence[str]]) -> Self:
        """From URL parameters, each a list of texts. What cannot be read is left at its default: a URL is untrusted."""
        found: dict[str, Any] = {}
        for name in LISTS:
            if values := tuple(dict.fromkeys(value[:LONGEST_WORD] for value in query.get(name, ()))):
                found[name] = values[:LONGEST]
        for name, read in (
            *((name, _moment) for name in ("since", "until")),
            *((name, _money) for name in MONEY),
            *((name, _number) for name in SECONDS),
            *((name, _count) for name in COUNTS),
            *((name, _flag) for name in FLAGS),
            ("origin", _origin),
            ("time_zone", _text),
            ("text", _text),
        ):
            values = tuple(query.get(name, ()))
            if values and (value := read(values[-1])) is not None:
                found[name] = value
        return cls(**found)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is None and 1970 <= moment.year <= 2200 else None


def _money(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < 10**9 else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e12 else None


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _flag(text: str) -> bool | None:
    return True if text == "1" else None


def _origin(text: str) -> Origin | None:
    return next((origin for origin in get_args(Origin) if origin == text), None)


def _text(text: str) -> str | None:
    return text[:LONGEST] or None
