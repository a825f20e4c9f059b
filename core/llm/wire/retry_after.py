"""Retry-After as servers really send it: seconds, an HTTP date, milliseconds, or nonsense."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 86_400.0
"""Wishes beyond a day are read as a day: what to do with so long a wait is the caller's to decide."""


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait, never negative, at most a day; None when nothing usable was said. Header names in lower case."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    said = headers.get("retry-after")
    seconds = _number(said)
    if seconds is not None:
        return _bounded(seconds)
    return _until(said, now or datetime.now(UTC))


def _number(said: str | None) -> float | None:
    if said is None or len(said) > 40 or not said.strip().isascii() or "_" in said:
        return None
    try:
        number = float(said.strip())
    except ValueError:
        return None
    return None if math.isnan(number) or number < 0 else number


def _bounded(seconds: float) -> float:
    return min(seconds, LONGEST_S)


def _until(said: str | None, now: datetime) -> float | None:
    if said is None or len(said) > 80:
        return None
    try:
        moment = parsedate_to_datetime(said.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _bounded(max(0.0, (moment - now).total_seconds()))
