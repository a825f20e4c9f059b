"""What this installation's own calls tell about a model: how long, how fast, how often it fails, how it is judged."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from core.errors import QueryError
from core.llm.record import Ledger

log = logging.getLogger(__name__)
FRESH_S = 60.0
ENOUGH = 5
"""Fewer calls than this say nothing about the next one."""

CALLS = """
select served_model, case when grouping(assistant_id) = 1 then '' else coalesce(assistant_id, '-') end,
       count(*) filter (status = 'ok'), count(*) filter (status = 'error'),
       quantile_cont(output_tokens, [0.5, 0.9]) filter (status = 'ok'),
       quantile_cont(total_s, [0.5, 0.9, 0.95]) filter (status = 'ok'),
       quantile_cont(ttft_s, [0.5, 0.95]) filter (status = 'ok')
from calls
where origin = 'live' and operation = 'chat' and cache_state in ('off', 'miss')
  and started_at > now()::timestamp - interval 30 day
group by grouping sets ((served_model), (served_model, assistant_id))
"""
VOTES = """
select model, sum(won), count(*) from (
    select split_part(panes[pos], ';', 1) as model, case when winner = substr('ABCDEFGH', pos, 1) then 1
           when winner = 'tie' then 0.5 else 0 end as won
    from (select panes, winner, unnest(range(1, len(panes) + 1)) as pos from votes
          where origin = 'live' and judge is null)
) group by model
"""


@dataclass(frozen=True, slots=True)
class Record:
    """Seconds and tokens; None where nothing was measured."""

    answered: int = 0
    failed: int = 0
    output_p50: float | None = None
    output_p90: float | None = None
    seconds_p50: float | None = None
    seconds_p90: float | None = None
    seconds_p95: float | None = None
    ttft_p50: float | None = None
    ttft_p95: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """`won` counts a tie as half."""

    won: float
    votes: int


class History:
    """Read in the background at most once a minute; asking it never waits for a query."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._records: Mapping[tuple[str, str], Record] = {}
        self._judged: Mapping[str, Judged] = {}
        self._lock = threading.Lock()
        self._read_at: float | None = None

    @property
    def known(self) -> bool:
        return self._read_at is not None

    def of(self, model: str, assistant: str | None = None) -> Record:
        """This assistant's with this model when there is enough of it, else the model's."""
        own = self._records.get((model, assistant or "-"))
        if own is not None and own.answered >= ENOUGH:
            return own
        return self._records.get((model, ""), Record())

    def judged(self, model: str) -> Judged | None:
        return self._judged.get(model)

    def refresh(self, submit: Callable[[Callable[[], None]], Any]) -> None:
        """Have `read` run by `submit` when what is known is old; returns at once."""
        with self._lock:
            if self._read_at is not None and monotonic() - self._read_at < FRESH_S:
                return
            self._read_at = monotonic()
        submit(self.read)

    def read(self) -> None:
        try:
            calls, votes = self._ledger.rows(CALLS), self._ledger.rows(VOTES)
        except QueryError as error:
            log.warning("past calls could not be read: %s", error)
            return
        self._records = {(row[0], row[1]): _record(row) for row in calls}
        self._judged = {model: Judged(float(won), int(count)) for model, won, count in votes}
        self._read_at = monotonic()


def _record(row: tuple[Any, ...]) -> Record:
    _, _, answered, failed, output, seconds, first = row
    return Record(answered, failed, *(output or (None,) * 2), *(seconds or (None,) * 3), *(first or (None,) * 2))
