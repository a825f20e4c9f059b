"""The parts of a ledger, started in their order: repair, survey the journal, load, write, keep in shape."""

from dataclasses import dataclass
from pathlib import Path

from core.ledger.database import Database
from core.ledger.files import Files
from core.ledger.interrupted import interrupted, last_sign
from core.ledger.journal import Journal
from core.ledger.loader import Loader
from core.ledger.progress import watermark
from core.ledger.recovery import Recovery
from core.ledger.survey import survey
from core.ledger.upkeep import Upkeep
from core.ledger.writer import Writer


@dataclass(slots=True)
class Parts:
    database: Database
    journal: Journal
    writer: Writer
    loader: Loader
    upkeep: Upkeep
    recovery: Recovery
    lost: int


def open_parts(folder: Path, files: Files, memory: int) -> Parts:
    files.make_folder(folder)
    recovery = Recovery(folder, files)
    database, journal = recovery.open()
    try:
        sign = last_sign(journal.parts[-1].path) if journal.parts else None
        loaded, open_from = watermark(database)
        found = survey(journal, min(loaded + 1, open_from), loaded)
        last = max(loaded, found.last)
        loader = Loader(database, journal, loaded, {name: line.seq for name, line in found.open.items()})
        writer = Writer(journal, last, loader.wake, memory)
        upkeep = Upkeep(database, journal, loader, recovery.backups, files)
        if found.lost:
            recovery.tell(f"{found.lost:,} records are missing from the journal and from the backups.")
        if found.torn:
            recovery.tell(
                f"The journal's last batch was torn; {found.torn:,} records in it, never confirmed, are left out."
            )
        loader.wake(last)
        for part in (loader, writer, upkeep):
            part.start()
        for entry in interrupted(found.open, sign):
            writer.submit(entry)
    except BaseException:  # whatever stopped the opening, Ctrl-C too, must not leave the file locked
        database.close()
        raise
    return Parts(database, journal, writer, loader, upkeep, recovery, found.lost)
