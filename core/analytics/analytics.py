"""The analytics of one ledger: every question that pages, reports and alarms may ask of the log."""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from core.analytics import zones
from core.analytics.calls import Calls
from core.analytics.choices import Choices
from core.analytics.drivers import Drivers, drivers
from core.analytics.exports import Exports
from core.analytics.filters import Filters, Origin
from core.analytics.forecast import Forecast, month_forecast
from core.analytics.latency import Latency
from core.analytics.models import Models
from core.analytics.reader import Reader
from core.analytics.reliability import Reliability
from core.analytics.same_questions import same_questions
from core.analytics.schema import schema
from core.analytics.scorecards import Scorecards
from core.analytics.spend import Spend
from core.analytics.unusual import Note, unusual
from core.analytics.usage import UsageReport, usage_report
from core.analytics.what_if import Price, what_if
from core.ledger.ledger import Ledger
from core.ledger.reading import ConsoleResult


class Analytics:
    """Read-only. Every method takes Filters and returns frames or frozen values; frames hold money as float dollars."""

    def __init__(self, ledger: Ledger, exports: Path | None = None, *, reader: Reader | None = None) -> None:
        self.reader = reader or Reader(ledger)
        self.exports = Exports(self.reader, exports or Path(tempfile.gettempdir()) / "plainsight-exports")
        self.spend = Spend(self.reader)
        self.latency = Latency(self.reader)
        self.reliability = Reliability(self.reader)
        self.calls = Calls(self.reader)
        self.models = Models(self.reader)
        self.scorecards = Scorecards(self.reader)
        self._choices = Choices(self.reader)

    def origins(self) -> dict[str, int]:
        """How many calls there are of each origin."""
        return self._choices.origins()

    def choices(self, filters: Filters) -> dict[str, list[str]]:
        """What each filter could be set to, most frequent first; "" stands for none."""
        return self._choices.of(filters)

    def values(self, field: str, origin: Origin = "live") -> list[str]:
        """Every value of one filter in all calls of an origin, most frequent first."""
        return self._choices.of(Filters(origin=origin)).get(field, [])

    def budget_decisions(self, limit: int = 50) -> pd.DataFrame:
        """The newest words of budgets on calls: `at, budget_id, turn_id, decision, reserved, spent, limit_usd`."""
        return self.reader.log.frame(
            """SELECT "at", budget_id, turn_id, decision, reserved, spent, limit_usd FROM budget_decisions
            ORDER BY seq DESC LIMIT ?""",
            [limit],
        )

    def console(self, sql: str, *, timeout_s: float = 10.0, max_rows: int = 10_000) -> ConsoleResult:
        """One SELECT by an analyst, read-only and locked down. Raises QueryError."""
        return self.reader.log.console(sql, timeout_s=timeout_s, max_rows=max_rows)

    def schema(self) -> dict[str, pd.DataFrame]:
        """Tables and views that the console may read, each with `column, type` and what the column means."""
        return schema(self.reader.log)

    def rang(self, limit: int = 50) -> pd.DataFrame:
        """The newest alarms that were told: `at, sentence, webhook`, and `query`, JSON of the filters of its calls."""
        return self.reader.log.frame(
            """SELECT "at", detail ->> 'sentence' AS sentence, detail ->> 'webhook' AS webhook,
                detail ->> 'query' AS query
            FROM audit WHERE action = 'alarm' ORDER BY seq DESC LIMIT ?""",
            [limit],
        )

    def forget(self) -> None:
        """Look afresh at once; for after sample data was loaded or removed."""
        self._choices.forget()

    def drivers(self, before: Filters, after: Filters) -> Drivers:
        """What drove the change of spend from one period to the other."""
        return drivers(self.reader, before, after)

    def forecast(self, filters: Filters, now: datetime) -> Forecast:
        """This month's money to its end, in the filters' time zone."""
        return month_forecast(self.spend, filters, now)

    def same_questions(self, filters: Filters, *, by: str = "model", of: str = "ttft") -> pd.DataFrame:
        """Models or providers on the same questions: those of comparisons in which several answered."""
        return same_questions(self.reader, filters, by=by, of=of)

    def what_if(self, filters: Filters, prices: Sequence[Price]) -> pd.DataFrame:
        """The same traffic at other models' prices, in dollars a month."""
        return what_if(self.reader, filters, prices)

    def unusual(self, filters: Filters, now: datetime, *, days: int = 7) -> list[Note]:
        """What was out of the ordinary on the last whole days."""
        return unusual(self.reader, filters, now, days=days)

    def get_usage_report(
        self,
        filters: Filters | None = None,
        *,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        user_id: str | None = None,
        time_zone: str = "UTC",
        origin: Origin = "live",
    ) -> UsageReport:
        """Totals, by model, by provider, by user and by day.

        `start` and `end` are dates (the end day is included) or naive moments in `time_zone`; or pass Filters.
        """
        if filters is None:
            filters = Filters(
                since=_moment(start, time_zone, last=False),
                until=_moment(end, time_zone, last=True),
                users=(user_id,) if user_id is not None else (),
                time_zone=time_zone,
                origin=origin,
            )
        return usage_report(self.reader, filters)


def _moment(when: date | datetime | None, time_zone: str, *, last: bool) -> datetime | None:
    if when is None:
        return None
    if isinstance(when, datetime):
        return zones.to_utc(when, time_zone)
    day = datetime(when.year, when.month, when.day) + timedelta(days=1 if last else 0)
    return zones.to_utc(day, time_zone)
