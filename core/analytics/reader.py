"""The one way analytics reads the ledger: an aggregate over filtered calls, from rollups when they suffice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import pandas as pd

from core.analytics.clause import clause
from core.analytics.dimensions import Dimension
from core.analytics.filters import Filters
from core.analytics.sources import CALLS, HOUR, Source, hour, source, view
from core.analytics.zones import Grain, bucket_sql, local_sql
from core.ledger.ledger import Ledger

EPOCH = datetime(1970, 1, 1)
Row = tuple[Any, ...]
Answer = TypeVar("Answer")


class Reader:
    def __init__(self, log: Ledger) -> None:
        self.log = log

    def together(self, *asks: Callable[[], Answer]) -> list[Answer]:
        """Answers to questions that do not depend on each other, asked at once: each is planned on one core only."""
        with ThreadPoolExecutor(len(asks)) as threads:
            return list(threads.map(lambda ask: ask(), asks))

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
        by_time = any("started_at" in sql for sql in keys.values())
        known = self.source(filters, measures, group.columns if group else (), by_time=by_time)
        columns = [f'{sql} AS "{name}"' for name, sql in keys.items()]
        columns += [f'{known.measures[name]} AS "{name}"' for name in measures]
        table = group.table if group and known is CALLS else known.table
        grouping = " GROUP BY ALL" if keys else ""
        sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {picked.sql}{grouping} {tail}"
        return self.log.frame(sql, picked.parameters)

    def rolled(self, name: str, filters: Filters, columns: Iterable[str] = ()) -> str | None:
        """The rollup `name` for FROM, when the filters read whole hours, the origin and `columns` only; else None."""
        wanted = clause(filters).columns
        ends = (filters.since, filters.until)
        whole = all(end is None or end == hour(end) for end in ends)
        return view(name) if whole and wanted <= {"started_at", "origin", *columns} else None

    def source(
        self, filters: Filters, measures: Sequence[str], columns: Iterable[str] = (), *, by_time: bool = False
    ) -> Source:
        """`by_time`: its rows are told apart by their wall clock, so the time zone matters."""
        wanted = clause(filters).columns.union(columns)
        return source(wanted, measures, filters.since, filters.until, filters.time_zone if by_time else "UTC")
