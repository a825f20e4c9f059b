"""One line of the journal: a checksum, its place in the order, and one fact as JSON.

`crc32 seq span synced kind id json\\n`. `seq` is the last sequence number the line takes and `span` how many it takes
(1, except for generated sample data). `synced` is the last number known to be on disk when the line was written: a
hole before a number that was synced is damage, a hole after it is only a batch that a power cut tore.
"""

from enum import StrEnum
from typing import NamedTuple
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


class Line(NamedTuple):
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
    head = b"%d %d %d %s %s " % (seq, span, synced, kind.encode(), identity.encode() or b"-")
    return b"%08x %s%s\n" % (crc32(body, crc32(head)), head, body)


def decode(raw: bytes) -> Line | None:
    """The line, or None when it is torn or damaged. `raw` without its newline."""
    try:
        check, seq, span, synced, kind, identity, body = raw.split(b" ", 6)
        if len(check) != 8 or int(check, 16) != crc32(memoryview(raw)[9:]):
            return None
        return Line(int(seq), int(span), int(synced), kind.decode(), identity.decode(), body)
    except ValueError:
        return None
