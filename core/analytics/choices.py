"""What there is to choose from: values seen in the log, per filter, and which origins hold calls at all."""

import threading
import time

from core.analytics.dimensions import DIMENSIONS, FILTERED
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
                rows = self.reader.log.rows("SELECT origin, count(*) FROM calls GROUP BY origin")
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
        found: dict[str, list[str]] = {}
        whole = self.reader.bounded(Filters(since=filters.since, until=filters.until, origin=filters.origin))
        versions = (DIMENSIONS[name] for name in ("assistant version", "prompt version"))
        for dimension in (*FILTERED.values(), *versions):
            tail = f"ORDER BY calls DESC, key LIMIT {MOST}"
            frame = self.reader.grouped(whole, {"key": dimension.sql}, ("calls",), group=dimension, tail=tail)
            values = frame["key"].astype(str).tolist()
            known = found.setdefault(dimension.field, [])
            known += [value for value in values if value not in known]
        return found
