"""Date and time: what it is now somewhere, how long between two dates, which date some time from another."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.errors import InvalidError


def date_and_time(time_zone: str = "UTC") -> dict[str, str]:
    """Tell the present date, time and day of the week.

    time_zone: an IANA name such as Europe/Berlin, or UTC
    """
    try:
        zone = UTC if time_zone == "UTC" else ZoneInfo(time_zone[:60])
    except (KeyError, ValueError, OSError):
        raise InvalidError("This is not a time zone; use an IANA name such as Europe/Berlin.") from None
    here = datetime.now(zone)
    return {
        "date": here.date().isoformat(),
        "time": here.strftime("%H:%M:%S"),
        "weekday": here.strftime("%A"),
        "time_zone": time_zone,
        "utc_offset": here.strftime("%z"),
    }


def days_between(start: date, end: date) -> dict[str, int | str]:
    """Count the days from one date to another, and name their weekdays.

    start: as 2026-11-22
    end: as 2026-12-24; before `start` gives a negative number
    """
    days = (end - start).days
    return {"days": days, "weeks": days // 7, "start": f"{start:%A}", "end": f"{end:%A}"}


def add_to_date(start: date, days: int = 0, weeks: int = 0, months: int = 0, years: int = 0) -> dict[str, str]:
    """Find the date some days, weeks, months or years after (or, with negative numbers, before) another.

    start: as 2026-11-22
    """
    months_on = start.year * 12 + start.month - 1 + months + 12 * years
    year, month = divmod(months_on, 12)
    try:
        last = monthrange(year, month + 1)[1] if 1 <= year <= 9999 else 0
        found = date(year, month + 1, min(start.day, last)) + timedelta(days=days, weeks=weeks)
    except (ValueError, OverflowError):
        raise InvalidError("That date lies outside the years 1 to 9999.") from None
    return {"date": found.isoformat(), "weekday": f"{found:%A}"}
