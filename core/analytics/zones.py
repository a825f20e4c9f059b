"""Time zones without ICU: a zone's UTC offsets over a span, the local bucket of a moment, and a bucket's span."""

import itertools
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from core.errors import InvalidError

Grain = Literal["hour", "day", "week", "month"]
STEP = timedelta(days=1)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """Raises InvalidError for a name that the time zone database does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidError(f"“{name[:60]}” is not a time zone; choose one such as Europe/Berlin.") from None


def zones() -> list[str]:
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")


def offset(moment: datetime, name: str) -> timedelta:
    """What to add to this naive UTC moment to read a wall clock in the zone."""
    return moment.replace(tzinfo=UTC).astimezone(zone(name)).utcoffset() or timedelta()


def to_local(moment: datetime, name: str) -> datetime:
    return moment + offset(moment, name)


def to_utc(wall: datetime, name: str) -> datetime:
    """The first moment at which the clock shows `wall`; inside a spring gap, the moment of the jump or after."""
    return wall.replace(tzinfo=zone(name), fold=0).astimezone(UTC).replace(tzinfo=None)


@lru_cache(maxsize=512)
def offsets(name: str, since: datetime, until: datetime) -> tuple[tuple[datetime, timedelta], ...]:
    """The zone's offsets within [since, until]: each with the UTC moment from which it holds, the first at `since`."""
    found = [(since, offset(since, name))]
    moment = since
    while moment < until:
        later = min(moment + STEP, until)
        if offset(later, name) != found[-1][1]:
            low, high = moment, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if offset(middle, name) == found[-1][1] else (low, middle)
            jump = high.replace(microsecond=0)
            found.append((jump, offset(jump, name)))
        moment = later
    return tuple(found)


def local_sql(column: str, name: str, since: datetime, until: datetime) -> str:
    """SQL for `column` (naive UTC) as the zone's wall clock; holds for moments within [since, until]."""
    steps = offsets(name, since, until)
    if len(steps) == 1:
        seconds = int(steps[0][1].total_seconds())
        return f"({column} + INTERVAL '{seconds} seconds')" if seconds else column
    cases = " ".join(
        f"WHEN {column} < TIMESTAMP '{later.isoformat(sep=' ')}' THEN INTERVAL '{int(now.total_seconds())} seconds'"
        for (_, now), (later, _) in itertools.pairwise(steps)
    )
    return f"({column} + CASE {cases} ELSE INTERVAL '{int(steps[-1][1].total_seconds())} seconds' END)"


def bucket_sql(column: str, grain: Grain, name: str, since: datetime, until: datetime) -> str:
    return f"date_trunc('{grain}', {local_sql(column, name, since, until)})::TIMESTAMP"


def bucket(moment: datetime, grain: Grain, name: str) -> datetime:
    """The wall-clock start of the bucket that holds this UTC moment; weeks begin on Monday."""
    wall = to_local(moment, name)
    return floor(wall, grain)


def floor(wall: datetime, grain: Grain) -> datetime:
    if grain == "hour":
        return wall.replace(minute=0, second=0, microsecond=0)
    day = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def following(start: datetime, grain: Grain) -> datetime:
    if grain == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}[grain]


def span(start: datetime, grain: Grain, name: str) -> tuple[datetime, datetime]:
    """The UTC half-open span of the bucket whose wall-clock start is given."""
    return to_utc(start, name), to_utc(following(start, grain), name)
