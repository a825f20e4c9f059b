"""The windows that budgets count in: calendar days, weeks and months (UTC), everything, or the last hours and days."""

from datetime import datetime, timedelta

ROLLING = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
WORDS = {
    "day": "today",
    "week": "this week",
    "month": "this month",
    "total": "in total",
    "24h": "in the last 24 hours",
    "7d": "in the last 7 days",
    "30d": "in the last 30 days",
}


def start(period: str, now: datetime) -> datetime | None:
    """When the window that holds `now` began, naive UTC; None when it has no beginning."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    return now - ROLLING[period] if period in ROLLING else None


def end(period: str, now: datetime) -> datetime | None:
    """When a calendar window closes and its money starts again from zero; None for the others."""
    began = start(period, now)
    if began is None or period in ROLLING:
        return None
    if period == "month":
        return (began + timedelta(days=32)).replace(day=1)
    return began + timedelta(days=1 if period == "day" else 7)
