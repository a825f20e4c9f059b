"""Identifiers that sort by time: UUID version 7, so that a look-up by id touches one stretch of the file."""

import os
import struct
import threading
import time
from collections.abc import Iterator

_lock = threading.Lock()
_last_ms = 0
_sequence = 0
_noise: Iterator[int] = iter(())
"""Random numbers drawn from the system many at a time: asking for each costs more than the rest of an identifier."""


def uuid7() -> str:
    """A UUIDv7 in its text form; strictly increasing within this process, also when the clock stands or jumps back."""
    global _last_ms, _sequence
    now = time.time_ns() // 1_000_000
    with _lock:
        if now > _last_ms:
            _last_ms, _sequence = now, _draw() & 0x7FF
        else:
            _sequence += 1
            if _sequence > 0xFFF:
                _last_ms, _sequence = _last_ms + 1, 0
        return text7(_last_ms, _sequence, _draw())


def _draw() -> int:
    """64 random bits; under the lock."""
    global _noise
    drawn = next(_noise, None)
    if drawn is None:
        _noise = iter(struct.unpack("64Q", os.urandom(512)))
        drawn = next(_noise)
    return drawn


def text7(milliseconds: int, sequence: int, noise: int) -> str:
    """The UUIDv7 made of these parts: Unix milliseconds, 12 bits of sequence, 62 bits of noise."""
    high = (milliseconds & 0xFFFFFFFFFFFF) << 16 | 0x7000 | (sequence & 0xFFF)
    low = 0x8000000000000000 | (noise & 0x3FFFFFFFFFFFFFFF)
    digits = f"{high:016x}{low:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
