"""What there is to choose from: values seen in the log, per filter, and which origins hold calls at all."""

import threading
import time

from core.analytics.clause import clause
from core.analytics.dimensions import DIMENSIONS, FILTERED, Dimension
from core.analytics.filters import Filters
from core.analytics.reader import Reader

FRESH_S = 2.0
MOST = 500


class Choices:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.lock = threading.Lock()
        self.known: tuple[float, dict[str, int]] = (-FRESH_S, {})

    def origins(self) -> dict[str, int]:
        """Calls per origin; at most FRESH_S old, because every page asks at every run."""
        with self.lock:
            at, found = self.known
            if time.monotonic() - at > FRESH_S:
                rows = self.reader.log.rows("SELECT origin, sum(calls)::BIGINT FROM traffic_hourly GROUP BY origin")
                found = {str(origin): int(calls) for origin, calls in rows}
                self.known = (time.monotonic(), found)
            return found

    def forget(self) -> None:
        """After the log was changed on purpose (sample data loaded or removed)."""
        with self.lock:
            self.known = (-FRESH_S, {})

    def of(self, filters: Filters) -> dict[str, list[str]]:
        """For each Filters field its values in this period and origin, most frequent first; "" stands for none.

        Assistants and prompts are followed by their versions, as "id@version".
        """
        whole = self.reader.bounded(Filters(since=filters.since, until=filters.until, origin=filters.origin))
        counts = facet_counts(self.reader, whole, MOST)
        found = {
            field: [value for value, _ in counts[facet.name]] if counts else self._counted(whole, facet)
            for field, facet in FILTERED.items()
        }
        for name in ("assistant version", "prompt version"):
            known = found[DIMENSIONS[name].field]
            known += [value for value in self._counted(whole, DIMENSIONS[name]) if value not in known]
        return found

    def _counted(self, filters: Filters, facet: Dimension) -> list[str]:
        tail = f"ORDER BY calls DESC, key LIMIT {MOST}"
        frame = self.reader.grouped(filters, {"key": facet.sql}, ("calls",), group=facet, tail=tail)
        return list(frame["key"].astype(str))


def facet_counts(reader: Reader, filters: Filters, most: int) -> dict[str, list[tuple[str, int]]]:
    """Facet -> its most frequent values with counts, in one go; empty when more than period and origin is filtered."""
    rolled, picked = reader.rolled("facets_hourly", filters), clause(filters)
    if not rolled:
        return {}
    rows = reader.log.rows(
        f"""SELECT facet, value, sum(calls)::BIGINT AS n FROM {rolled} WHERE {picked.sql}
        GROUP BY facet, value QUALIFY row_number() OVER (PARTITION BY facet ORDER BY n DESC, value) <= {int(most)}
        ORDER BY n DESC, value""",
        picked.parameters,
    )
    found: dict[str, list[tuple[str, int]]] = {facet.name: [] for facet in FILTERED.values()}
    for facet, value, calls in rows:
        found[facet].append((value, int(calls)))
    return found
