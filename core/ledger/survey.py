"""A walk over the journal at start-up: which calls are still open, where it ends, and whether anything is missing."""

from core.ledger.journal import Journal
from core.ledger.lines import Kind, Line


class Survey:
    """`open`: start lines without an end, oldest first. `last`: the highest number. `lost`: acknowledged, but gone.
    `torn`: how many records of a batch that nobody was told was safe are passed over.

    Numbers up to `loaded` are in the tables already, so nothing is lost when their lines are. A hole may be where a
    power cut tore the last batch, which nobody was told was safe; a later line that was written when the numbers in
    the hole were on disk proves that they were. What follows a hole without such proof belongs to the torn batch:
    it may refer to words in the hole, and nobody was told that it was safe, so the journal ends there.
    """

    def __init__(self, start: int, loaded: int) -> None:
        self.open: dict[str, Line] = {}
        self.last = start - 1
        self.lost = 0
        self.torn = 0
        self._loaded = loaded
        self._holes: list[tuple[int, int]] = []

    def visit(self, line: Line) -> None:
        if line.seq <= self.last:
            return
        missing = max(self.last, self._loaded) + 1
        if line.first > missing:
            self._holes.append((missing, line.first - 1))
        unproven = []
        for first, last in self._holes:
            self.lost += max(0, min(line.synced, last) - first + 1)
            if line.synced < last:
                unproven.append((max(first, line.synced + 1), last))
        self._holes = unproven
        self.last = line.seq
        if line.kind == Kind.STARTED:
            self.open[line.id] = line
        elif line.kind == Kind.ENDED:
            self.open.pop(line.id, None)

    @property
    def tear(self) -> int | None:
        """The number of the first line that a power cut tore, where whole ones follow it."""
        return self._holes[0][0] if self._holes else None


def survey(journal: Journal, start: int, loaded: int) -> Survey:
    """Walk from number `start` to the end, and let the journal end where its last batch is torn."""
    found = _walk(journal, start, loaded)
    if found.tear is None:
        return found
    journal.end_before(found.tear)
    before = _walk(journal, start, loaded)
    before.lost, before.torn = found.lost, found.last - before.last
    return before


def _walk(journal: Journal, start: int, loaded: int) -> Survey:
    found = Survey(start, loaded)
    for line in journal.walk(start):
        found.visit(line)
    return found
