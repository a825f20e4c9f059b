"""Whether the log is whole: every block readable, nothing doubled, journal and tables agreed, backups as written."""

from dataclasses import dataclass

from core.ledger.backups import NUMBERED, Backups
from core.ledger.database import Database
from core.ledger.entries import digest
from core.ledger.journal import Journal
from core.ledger.lines import Kind

_PAYLOADS = 20_000


@dataclass(frozen=True, slots=True)
class Verification:
    """`faults` is empty when all is well; `notes` say what was looked at."""

    notes: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


def verify(database: Database, journal: Journal, backups: Backups, loaded: int) -> Verification:
    notes: list[str] = []
    faults: list[str] = []
    with database.cursor() as cursor:
        for table in NUMBERED:
            count, whole = cursor.execute(f"select count(*), count(hash(t)) from {table} t").fetchall()[0]
            notes.append(f"{table}: {count:,} rows read")
            if count != whole:
                faults.append(f"{table}: {count - whole:,} rows cannot be read")
        for column in ("call_id", "seq"):
            doubled = cursor.execute(f"select count(*) - count(distinct {column}) from calls").fetchall()[0][0]
            if doubled:
                faults.append(f"calls: {doubled:,} rows share a {column} with another")
        rejected = cursor.execute("select count(*) from rejected").fetchall()[0][0]
        if rejected:
            notes.append(f"rejected: {rejected:,} records could not be made into rows")
        rows = cursor.execute(
            "select sha, body from payloads where origin <> 'sample' order by seq desc limit ?", [_PAYLOADS]
        ).fetchall()
        wrong = sum(digest(body.encode()) != sha for sha, body in rows)
        notes.append(f"payloads: {len(rows):,} checksums compared")
        if wrong:
            faults.append(f"payloads: {wrong:,} do not have the content they are named by")
    faults += _against_journal(database, journal, loaded, notes)
    for backup in backups.all():
        fault = backups.fault(backup)
        notes.append(f"backup {backup.folder.name}: records {backup.first:,} to {backup.last:,}")
        if fault:
            faults.append(f"backup {backup.folder.name}: {fault}")
    return Verification(tuple(notes), tuple(faults))


def _against_journal(database: Database, journal: Journal, loaded: int, notes: list[str]) -> list[str]:
    """Every call that ended in the journal is a row, unless its rows were removed since."""
    ended = {line.seq for line in journal.walk() if line.kind == Kind.ENDED and line.seq <= loaded}
    notes.append(f"journal: {len(ended):,} ended calls compared with the table")
    if not ended:
        return []
    with database.cursor() as cursor:
        low, high = min(ended), max(ended)
        found = {row[0] for row in cursor.execute("select seq from calls where seq between ? and ?", [low, high])
                 .fetchall()}  # fmt: skip
        aside = {row[0] for row in cursor.execute("select seq from rejected").fetchall()}
        upto = cursor.execute("select coalesce(max(seq), 0) from removals where table_name = 'calls'").fetchall()[0][0]
    missing = {seq for seq in ended - found - aside if seq > upto}
    return [f"calls: {len(missing):,} ended calls of the journal are not in the table"] if missing else []
