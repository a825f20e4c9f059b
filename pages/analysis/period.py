"""Periods by name: what "last 30 days" means now, in a time zone, and the period before it to compare with."""

from datetime import date, datetime, timedelta

from core.analytics.zones import Grain, floor, following, to_local, to_utc

PERIODS = {
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "month": "This month",
    "last-month": "Last month",
    "all": "All time",
    "custom": "Custom dates",
}
DAYS = {"7d": 7, "30d": 30, "90d": 90}
Span = tuple[datetime | None, datetime | None]


def span(period: str, zone: str, now: datetime) -> Span:
    """The UTC half-open span. Days are whole wall-clock days and include today."""
    wall = to_local(now, zone)
    tomorrow = floor(wall, "day") + timedelta(days=1)
    if period == "24h":
        hour = following(floor(wall, "hour"), "hour")
        return to_utc(hour, zone) - timedelta(hours=24), to_utc(hour, zone)
    if period in DAYS:
        return to_utc(tomorrow - timedelta(days=DAYS[period]), zone), to_utc(tomorrow, zone)
    this = floor(wall, "month")
    if period == "month":
        return to_utc(this, zone), to_utc(following(this, "month"), zone)
    if period == "last-month":
        return to_utc(floor(this - timedelta(days=1), "month"), zone), to_utc(this, zone)
    return None, None


def dates(first: date, last: date, zone: str) -> Span:
    return (
        to_utc(datetime(first.year, first.month, first.day), zone),
        to_utc(datetime(last.year, last.month, last.day) + timedelta(days=1), zone),
    )


def before(since: datetime, until: datetime, period: str, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """The period to compare with: as much time, just before; a month is compared with the same days of the last one."""
    if period in ("month", "last-month"):
        start = floor(to_local(since, zone) - timedelta(days=1), "month")
        end = to_utc(start, zone) + (min(now, until) - since)
        return to_utc(start, zone), min(end, since)
    return since - (until - since), since


def grain_for(since: datetime | None, until: datetime | None) -> Grain:
    if since is None or until is None:
        return "day"
    days = (until - since).total_seconds() / 86400
    return "hour" if days <= 3 else "day" if days <= 120 else "week" if days <= 800 else "month"
