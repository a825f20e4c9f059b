"""One line of the journal: a checksum, its place in the order, and one fact as JSON.

`crc32 seq span synced kind id json\\n`. `seq` is the last sequence number the line takes and `span` how many it takes
(1, except for generated sample data). `synced` is the last number known to be on disk when the line was written: a
hole before a number that was synced is damage, a hole after it is only a batch that a power cut tore.
"""

from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32


class Kind(StrEnum):
    STARTED = "S"
    ENDED = "E"
    VOTE = "V"
    FEEDBACK = "F"
    PRICE = "P"
    BUDGET = "B"
    AUDIT = "A"
    REMOVAL = "R"
    SAMPLE = "G"
    REPRICING = "C"


@dataclass(frozen=True, slots=True)
class Line:
    seq: int
    span: int
    synced: int
    kind: str
    id: str
    body: bytes
    """JSON text; decoded only when it is loaded."""

    @property
    def first(self) -> int:
        return self.seq - self.span + 1


def encode(seq: int, span: int, synced: int, kind: str, identity: str, body: bytes) -> bytes:
    rest = b"%d %d %d %s %s %s" % (seq, span, synced, kind.encode(), identity.encode() or b"-", body)
    return b"%08x %s\n" % (crc32(rest), rest)


def decode(raw: bytes) -> Line | None:
    """The line, or None when it is torn or damaged. `raw` without its newline."""
    if len(raw) < 20 or raw[8:9] != b" ":
        return None
    rest = raw[9:]
    try:
        if int(raw[:8], 16) != crc32(rest):
            return None
        seq, span, synced, kind, identity, body = rest.split(b" ", 5)
        return Line(int(seq), int(span), int(synced), kind.decode(), identity.decode(), body)
    except ValueError:
        return None
