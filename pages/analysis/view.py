"""What an analysis page looks at: filters, period and time zone, kept over page changes and in the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from core.analytics.filters import Filters
from core.analytics.zones import zone
from core.errors import InvalidError
from pages.analysis import period as periods

PERIOD = "30d"


@dataclass(frozen=True, slots=True)
class View:
    """`filters` holds everything but the span, unless the span is custom. `said` is False until somebody chose."""

    period: str = PERIOD
    filters: Filters = field(default_factory=Filters)
    said_origin: bool = False

    def resolved(self, now: datetime) -> Filters:
        if self.period == "custom":
            return self.filters
        since, until = periods.span(self.period, self.filters.time_zone, now)
        return self.filters.but(since=since, until=until)

    def but(self, **changes: Any) -> "View":
        return replace(self, **changes)

    def filtered(self, **changes: Any) -> "View":
        return replace(self, filters=self.filters.but(**changes))

    def custom(self, first: date, last: date) -> "View":
        since, until = periods.dates(first, last, self.filters.time_zone)
        return self.but(period="custom", filters=self.filters.but(since=since, until=until))

    def query(self) -> dict[str, str | list[str]]:
        found = self.filters.query() if self.period == "custom" else self.filters.but(since=None, until=None).query()
        if self.period != PERIOD:
            found["period"] = self.period
        if self.said_origin:
            found["origin"] = self.filters.origin
        return found

    @classmethod
    def of(cls, query: Mapping[str, Sequence[str]], *, time_zone: str) -> "View":
        filters = Filters.of(query)
        if "time_zone" not in query or not known(filters.time_zone):
            filters = filters.but(time_zone=time_zone)
        name = (list(query.get("period", ())) or [PERIOD])[-1]
        if filters.since is not None or filters.until is not None:
            name = "custom"
        elif name not in periods.PERIODS or name == "custom":
            name = PERIOD
        return cls(period=name, filters=filters, said_origin="origin" in query)


def known(name: str) -> bool:
    try:
        zone(name)
    except InvalidError:
        return False
    return True


def link(filters: Filters, **changes: Any) -> dict[str, str | list[str]]:
    """URL parameters that open exactly these calls on the Calls page."""
    picked = filters.but(**changes)
    span = {"period": "all"} if picked.since is None and picked.until is None else {}
    return {**picked.query(), **span, "origin": picked.origin, "time_zone": picked.time_zone}
