"""Names and moments of the workspace's objects: time-ordered ids (UUIDv7) and naive UTC times."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


def new_id() -> str:
    """A UUIDv7 as text: sorts by the millisecond it was made."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
