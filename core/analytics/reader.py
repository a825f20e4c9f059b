"""The one way analytics reads the ledger: an aggregate over filtered calls, from rollups when they suffice."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import Dimension
from core.analytics.filters import Filters
from core.analytics.sources import CALLS, HOUR, Source, hour, source
from core.analytics.zones import Grain, bucket_sql, local_sql
from core.ledger.ledger import Ledger

EPOCH = datetime(1970, 1, 1)
Row = tuple[Any, ...]


class Reader:
    def __init__(self, log: Ledger) -> None:
        self.log = log

    def span(self, filters: Filters) -> tuple[datetime, datetime]:
        """Both ends of the period: those asked for, else the whole hours around the first and the last call."""
        if filters.since is not None and filters.until is not None:
            return filters.since, max(filters.since, filters.until)
        picked = clause(filters.but(since=None, until=None))
        known = source(picked.columns, ("calls",), None, None, "UTC")
        ((first, last),) = self.log.rows(
            f"SELECT min(started_at), max(started_at) FROM {known.table} WHERE {picked.sql}", picked.parameters
        )
        since = filters.since or (hour(first) if first else EPOCH)
        until = filters.until or (hour(last) + HOUR if last else since)
        return since, max(since, until)

    def bounded(self, filters: Filters) -> Filters:
        since, until = self.span(filters)
        return filters.but(since=since, until=until)

    def bucketed(self, filters: Filters, grain: Grain | None = None) -> tuple[Filters, str]:
        """Bounded filters, and SQL for a call's bucket (or, without a grain, its wall clock) in their time zone."""
        since, until = self.span(filters)
        filters = filters.but(since=since, until=until)
        if grain is None:
            return filters, local_sql("started_at", filters.time_zone, since, until)
        return filters, bucket_sql("started_at", grain, filters.time_zone, since, until)

    def grouped(
        self,
        filters: Filters,
        keys: Mapping[str, str],
        measures: Sequence[str],
        *,
        group: Dimension | None = None,
        tail: str = "",
    ) -> pd.DataFrame:
        """One row per combination of `keys` (name -> SQL), with the named measures; `tail` is ORDER BY and LIMIT."""
        picked = clause(filters)
        known = self.source(filters, measures, group.columns if group else ())
        columns = [f'{sql} AS "{name}"' for name, sql in keys.items()]
        columns += [f'{known.measures[name]} AS "{name}"' for name in measures]
        table = group.table if group and known is CALLS else known.table
        grouping = " GROUP BY ALL" if keys else ""
        sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {picked.sql}{grouping} {tail}"
        return self.log.frame(sql, picked.parameters)

    def source(self, filters: Filters, measures: Sequence[str], columns: Iterable[str] = ()) -> Source:
        wanted = clause(filters).columns.union(columns)
        return source(wanted, measures, filters.since, filters.until, filters.time_zone)
