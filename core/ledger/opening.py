"""The parts of a ledger, started in their order: repair, survey the journal, load, write, keep in shape."""

from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path

from core.ledger.database import Database
from core.ledger.files import Files
from core.ledger.interrupted import begun, interrupted, last_sign, unknown
from core.ledger.journal import Journal
from core.ledger.loader import Loader
from core.ledger.progress import watermark
from core.ledger.recovery import Recovery
from core.ledger.survey import survey
from core.ledger.under_way import UnderWay
from core.ledger.upkeep import Upkeep
from core.ledger.writer import Writer

_PATIENCE_S = 5.0


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
    running: list[Writer | Loader | Upkeep] = []
    try:
        sign = last_sign(journal.parts[-1].path) if journal.parts else None
        loaded, open_from = watermark(database)
        start = min(loaded + 1, open_from)
        found = survey(journal, start, loaded)
        last = max(loaded, found.last)
        loader = Loader(database, journal, loaded, {name: line.seq for name, line in found.open.items()})
        under_way = UnderWay.open(folder / "under-way", files)
        writer = Writer(journal, under_way, last, loader.wake, memory)
        upkeep = Upkeep(database, journal, loader, recovery.backups, files)
        if found.lost:
            recovery.tell(f"{found.lost:,} records are missing from the journal and from the backups.")
        if found.torn:
            recovery.tell(
                f"The journal's last batch was torn; {found.torn:,} records in it, never confirmed, are left out."
            )
        opened = [begun(line) for line in found.open.values()]
        opened += unknown(under_way.left, journal, start, database)
        ends = [writer.submit(entry) for entry in interrupted(opened, sign)]
        loader.wake(last)
        for part in (writer, loader, upkeep):
            part.start()
            running.append(part)
        wait(ends, _PATIENCE_S)  # a call that begins now finds room among those under way
    except BaseException:  # whatever stopped the opening, Ctrl-C too, must not leave the file locked
        for part in running:
            part.close()
        database.close()
        raise
    return Parts(database, journal, writer, loader, upkeep, recovery, found.lost)
