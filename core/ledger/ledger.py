"""The ledger as the rest of the platform sees it: submit facts, read tables, and know that nothing is lost."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from core.errors import InvalidError, LedgerError, QueryError
from core.ledger.database import in_words
from core.ledger.entries import Entry, Policy, entry_of
from core.ledger.facts import Fact
from core.ledger.files import Files
from core.ledger.health import Health, State
from core.ledger.ids import uuid7
from core.ledger.lines import Kind
from core.ledger.opening import Parts, open_parts
from core.ledger.reading import ConsoleResult, Parameters, Reading
from core.ledger.rebuilding import Rebuilt, rebuild
from core.ledger.removals import ROLLED, TIMES, Removal, oldest_kept
from core.ledger.verification import Verification, verify
from core.ledger.words import CallPayload, Words
from core.ledger.writer import MEMORY_BYTES

_PATIENCE_S = 600.0
_COMPACTED_ROWS = 1_000_000
"""Above this many rows that stay, a removal leaves its space for rows to come instead of copying the rest at once."""

_WORTH_BYTES = 4 * 2**20


class Ledger:
    """Made by `Ledger.open`, once per process and folder; every method may be called from any thread."""

    def __init__(self, parts: Parts, policy: Policy) -> None:
        self._database = parts.database
        self._writer = parts.writer
        self._loader = parts.loader
        self._upkeep = parts.upkeep
        self._recovery = parts.recovery
        self._journal = parts.journal
        self._lost = parts.lost
        self._policy = policy
        self._reading = Reading(parts.database)
        self._words = Words(self._reading)
        self._closed = False

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        payloads: Policy = "full",
        files: Files | None = None,
        memory: int = MEMORY_BYTES,
        retention_days: int | None = None,
    ) -> "Ledger":
        """Open the log in `folder`, repair what a crash left, and replay the journal.

        `retention_days`: what is older goes soon after the start, and once a day from then on; the sample stays.

        Raises LedgerInUse when another process holds it, LedgerDamaged when it cannot be repaired.
        """
        ledger = cls(open_parts(folder, files or Files(), memory), payloads)
        if retention_days is not None:
            ledger._upkeep.daily = partial(ledger._forget, retention_days)
        return ledger

    def submit(self, fact: Fact) -> "Future[int]":
        """Accept a fact. The future gives its number once it is on disk.

        OSError as its exception: the disk fails, the fact is kept in memory and written as soon as it can be.
        Raises LedgerFull when that memory is full, too; then the fact is not logged.
        """
        return self._writer.submit(entry_of(fact, self._policy))

    def frame(
        self, sql: str, parameters: Parameters = (), *, timeout_s: float = 10.0, max_rows: int = 100_000
    ) -> pd.DataFrame:
        """The answer to a SELECT. Raises QueryError: not valid, too slow, or more than `max_rows` rows."""
        return self._reading.frame(sql, parameters, timeout_s, max_rows)

    def rows(
        self, sql: str, parameters: Parameters = (), *, timeout_s: float = 10.0, max_rows: int = 100_000
    ) -> list[tuple[Any, ...]]:
        return self._reading.rows(sql, parameters, timeout_s, max_rows)

    def console(self, sql: str, *, timeout_s: float = 10.0, max_rows: int = 10_000) -> ConsoleResult:
        """One SELECT by an analyst; a longer answer is cut at `max_rows` and says so."""
        return self._reading.console(sql, timeout_s, max_rows)

    def payload(self, call_id: str) -> CallPayload | None:
        """What was said in a call; None when there is no such call or nothing of it was kept."""
        return self._words.of_call(call_id)

    def payloads_of(self, turn_id: str) -> list[CallPayload]:
        """What was said in every call of a turn, in their order."""
        return self._words.of_turn(turn_id)

    def load_sample(self, calls: int = 50_000, days: int = 90, seed: int = 1) -> int:
        """Add a history of `calls` invented calls that ends now, marked origin `sample`. Returns how many."""
        until = _now()
        head = orjson.dumps({"days": days, "seed": seed, "until": until})
        self._perform(Entry(Kind.SAMPLE, uuid7(), head, "sample", span=calls, size=len(head)))
        return calls

    def has_sample(self) -> bool:
        return bool(self.rows("select 1 from calls where origin = 'sample' limit 1"))

    def remove(self, origin: str = "sample") -> int:
        """Take everything of that origin out of every table and rollup. Returns how many calls went."""
        self.settle()
        count: int = self.rows("select count(*) from calls where origin = ?", [origin])[0][0]
        self._perform(*(Removal(table, origin, None).entry(_now()) for table in (*TIMES, *ROLLED)))
        if count and self._count("calls") <= _COMPACTED_ROWS:
            self.compact()
        return count

    def compact(self) -> None:
        """Give the space of removed rows back to the disk; readers wait meanwhile, writers do not."""
        with in_words("The log could not be made smaller"):
            self._upkeep.compact()

    def retain(self, table: str, *, days: int, origin: str | None = "live") -> None:
        """Keep only the last `days` days (UTC) of `table`: those of `origin`, or of any origin when it is None.

        A payload is kept a day longer than asked, since a call may refer to a message up to a day older than itself.
        """
        if self._retain(table, days, origin):
            self._give_back()

    def _retain(self, table: str, days: int, origin: str | None) -> bool:
        """Whether so much went that its space is worth giving back."""
        removal = Removal(table, origin, oldest_kept(table, days, _now()))
        if not removal.known:
            raise InvalidError(f"Rows of {table!r} cannot be removed by age and origin.")
        before = self._count(table)
        self._perform(removal.entry(_now()))
        return (before - self._count(table)) * 3 > before

    def _count(self, table: str) -> int:
        return int(self.rows(f"select count(*) from {table}")[0][0])

    def _forget(self, days: int) -> None:
        """Whatever people said more than `days` days ago goes, where there is any."""
        much = False
        for table, time_column in TIMES.items():
            for origin in ("live", "import"):
                old = f"select 1 from {table} where origin = ? and {time_column} < ? limit 1"
                if self.rows(old, [origin, oldest_kept(table, days, _now())]):
                    much |= self._retain(table, days, origin)
        if much:
            self._give_back()

    def _give_back(self) -> None:
        """A little, or that of a very large log, is left to rows to come instead."""
        if self._count("calls") <= _COMPACTED_ROWS and self._database.path.stat().st_size > _WORTH_BYTES:
            self.compact()

    def _perform(self, *entries: Entry) -> None:
        """Write these lines and wait until the loader has carried them out."""
        futures = [self._writer.submit(entry) for entry in entries]
        for future in futures:
            seq = future.result(_PATIENCE_S)
            if not self._loader.wait(seq, _PATIENCE_S) or seq in self._loader.rejected:
                reason = self._loader.rejected.get(seq) or self._loader.failure or "it takes too long"
                raise LedgerError(f"The log could not carry this out: {reason}.")

    def settle(self, timeout_s: float = 5.0) -> None:
        """Wait until everything accepted so far is visible to readers, at most `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while self._writer.waiting and self._writer.failure is None and time.monotonic() < deadline:
            time.sleep(0.001)
        self._loader.wait(self._writer.synced, max(0.0, deadline - time.monotonic()))

    def trouble(self) -> tuple[State, tuple[str, ...]]:
        """What is not as it should be right now, in sentences; it asks no table, so any page may ask."""
        messages: list[str] = []
        state: State = "ok"
        if self._writer.failure is not None:
            state = "refusing" if self._writer.refusing else "degraded"
            why = self._writer.failure.strerror or str(self._writer.failure)
            messages.append(
                f"The log cannot be written ({why}): {self._writer.in_memory:,} records are kept in memory until there"
                f" is room, {self._writer.memory / 2**20:,.0f} MB at most; beyond that new calls are refused."
            )
        if self._loader.failure is not None:
            state = "degraded" if state == "ok" else state
            messages.append("The log's tables cannot be written at present; the journal keeps every record meanwhile.")
        if self._upkeep.failure is not None:
            messages.append(f"The log's upkeep is put off: {self._upkeep.failure}")
        return state, tuple(messages)

    @property
    def repairs(self) -> tuple[str, ...]:
        """What was found and mended when this process opened the log, and what could not be loaded since."""
        rejected = len(self._loader.rejected)
        aside = f"{rejected:,} records could not be loaded; see the table `rejected`."
        return (*self._recovery.messages, *([aside] if rejected else []))

    def health(self) -> Health:
        state, messages = self.trouble()
        rows: int | None = None
        try:
            rows = self.rows("select count(*) from calls")[0][0]
        except QueryError:
            state = "degraded" if state == "ok" else state
            messages = (*messages, "The log's tables cannot be read at present; they are opened again in a moment.")
        return Health(
            self._database.path,
            rows,
            self._writer.waiting,
            self._lost,
            self._writer.in_memory,
            state,
            (*messages, *self.repairs),
        )

    def backup(self, *, full: bool = False) -> bool:
        """Back up what came since the last time, or everything; False when there is nothing new."""
        with in_words("The log could not be backed up"):
            return self._upkeep.backup(full=full)

    def back_up_along(self, act: Callable[[], object]) -> None:
        """Call `act` whenever the log backs itself up, once an hour, so that what lies beside it is backed up too."""
        self._upkeep.along = act

    def checkpoint(self) -> bool:
        """Fold the write-ahead file into the main file; False when the disk has too little room for that."""
        with in_words("The log's write-ahead file could not be folded into it"):
            return self._upkeep.checkpoint()

    def verify(self) -> Verification:
        """Read everything and compare: tables, checksums, journal, backups."""
        with in_words("The log could not be read to its end"):
            return verify(self._database, self._journal, self._recovery.backups, self._loader.loaded)

    def rebuild_rollups(self) -> Rebuilt:
        """Make every rollup again from the rows; says whether the old ones agreed with them."""
        with in_words("The rollups could not be made again"), self._database.transaction() as cursor:
            return rebuild(cursor, self._loader.loaded)

    def roll(self) -> None:
        """Bring the rollups up to date; the views are complete in any case."""
        self._upkeep.roll()

    def close(self) -> None:
        """Write and load what is left, then let the file go. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        self._loader.close()
        self._upkeep.close()
        self._database.close()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
