"""Calls that began and never ended: found in the journal at the next start, and ended as `interrupted`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from core.ledger.entries import Entry
from core.ledger.journal import Journal
from core.ledger.lines import Kind, Line


@dataclass(slots=True)
class OpenCalls:
    """Start lines without an end, oldest first; `last` is the highest number in the journal."""

    lines: dict[str, Line] = field(default_factory=dict)
    last: int = 0


def open_calls(journal: Journal, start: int) -> OpenCalls:
    """Walk the journal from number `start` to its end."""
    found = OpenCalls()
    for line in journal.lines(start):
        found.last = max(found.last, line.seq)
        if line.kind == Kind.STARTED:
            found.lines[line.id] = line
        elif line.kind == Kind.ENDED:
            found.lines.pop(line.id, None)
    return found


def interrupted(found: OpenCalls, last_sign: datetime | None = None) -> Iterator[Entry]:
    """The end lines of calls whose process died.

    The end time is the last sign of life in the journal, for lack of a better one; the cost is the estimate made
    before the call, marked by `usage_source` estimated, and NULL when there was none.
    """
    for name, line in found.lines.items():
        content = orjson.loads(line.body)
        call = content["fact"]
        entry = Entry(Kind.ENDED, name, orjson.dumps(_ended(call, last_sign)), call.get("origin", "live"))
        entry.request = content.get("request")
        entry.size = len(entry.head)
        yield entry


def _ended(call: dict[str, Any], last_sign: datetime | None) -> dict[str, Any]:
    started = datetime.fromisoformat(call["started_at"]).replace(tzinfo=None)
    ended = max(started, last_sign) if last_sign is not None else None
    cost = call.get("cost_total") or call.get("estimate_cost_p50")
    return {
        **call,
        "status": "interrupted",
        "error_kind": "interrupted",
        "error_text": "The platform stopped while this call was running.",
        "ended_at": None if ended is None else ended.isoformat(),
        "total_s": None if ended is None else (ended - started).total_seconds(),
        "cost_total": cost,
        "usage_source": "estimated" if cost is not None else call.get("usage_source", "none"),
    }


def last_sign(path: Path) -> datetime:
    """When a segment was last written, UTC."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
